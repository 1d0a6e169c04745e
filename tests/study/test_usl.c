/* The Universal Scalability Law: a published curve, curves that obey the law, and the bounds of its parameters. */
#include <glib.h>
#include <math.h>

#include "sim/study/usl.h"
#include "tests/lib/suite.h"

/* PostgreSQL 9.1, transactions per second by clients: data of R. Haas, republished by N. Gunther. */
static const struct sim_usl_point published[] = {
    {1, 4373.30}, {4, 15582.91}, {8, 27353.51}, {12, 37502.23}, {16, 45365.16}, {20, 46926.75}, {24, 42854.19},
};

/* A fit rounded as it is printed. */
static void check(size_t n, double gamma, double alpha, double beta, double peak, double residual)
{
	struct sim_usl fit;

	CU_ASSERT_TRUE_FATAL(sim_usl_fit(published, n, gamma, &fit));
	CU_ASSERT_DOUBLE_EQUAL(fit.alpha, alpha, 0.5e-4);
	CU_ASSERT_DOUBLE_EQUAL(fit.beta, beta, 0.5e-4);
	CU_ASSERT_EQUAL(round(fit.peak), peak);
	CU_ASSERT_EQUAL(round(fit.residual), residual);
}

static void test_published(void)
{
	check(7, published[0].x, 0.0096, 0.0020, 22, 1738);
	check(7, 0, 0, 0.0021, 22, 1533);
	check(6, 0, 0, 0.0016, 25, 712);
}

/* No fit near the one found has less left over. */
static void test_least(void)
{
	for (int free = 0; free < 2; free++) {
		struct sim_usl fit, near;

		CU_ASSERT_TRUE_FATAL(sim_usl_fit(published, 7, free ? 0 : published[0].x, &fit));
		for (int i = 0; i < 27; i++) {
			double sum = 0;

			near = fit;
			near.alpha = fmax(0, near.alpha + (i % 3 - 1) * 1e-5);
			near.beta = fmax(0, near.beta + (i / 3 % 3 - 1) * 1e-6);
			near.gamma += free * (i / 9 - 1);
			for (size_t k = 0; k < 7; k++)
				sum += pow(sim_usl_throughput(&near, published[k].n) - published[k].x, 2);
			CU_ASSERT(sqrt(sum / 7) >= fit.residual - 1e-9);
		}
	}
}

static void check_exact(double gamma, double alpha, double beta)
{
	const struct sim_usl law = {.gamma = gamma, .alpha = alpha, .beta = beta};
	struct sim_usl_point points[8];
	struct sim_usl fit;

	for (size_t i = 0; i < 8; i++)
		points[i] = (struct sim_usl_point){(double)(1 << i), sim_usl_throughput(&law, 1 << i)};
	for (int free = 0; free < 2; free++) {
		CU_ASSERT_TRUE_FATAL(sim_usl_fit(points, 8, free ? 0 : gamma, &fit));
		CU_ASSERT_DOUBLE_EQUAL(fit.gamma, gamma, 1e-7 * gamma);
		CU_ASSERT_DOUBLE_EQUAL(fit.alpha, alpha, 1e-7);
		CU_ASSERT_DOUBLE_EQUAL(fit.beta, beta, 1e-7);
		CU_ASSERT(fit.residual < 1e-6 * gamma);
	}
	CU_ASSERT(beta > 0 ? fabs(fit.peak - sqrt((1 - alpha) / beta)) < 1e-3 : isinf(fit.peak) != 0);
}

static void test_exact(void)
{
	check_exact(1000, 0.05, 0.001);
	check_exact(0.25, 0.8, 0.02);
	check_exact(1e6, 0, 0.003);
	check_exact(7, 0.3, 0);
	check_exact(7, 0, 0);
}

/* Better than linear: the law cannot say it, and says linear. */
static void test_bounds(void)
{
	static const struct sim_usl_point points[] = {{1, 10}, {2, 25}, {4, 60}, {8, 150}};
	struct sim_usl fit;

	CU_ASSERT_TRUE(sim_usl_fit(points, 4, 10, &fit));
	CU_ASSERT(fit.gamma == 10 && fit.alpha == 0 && fit.beta == 0);
	CU_ASSERT_TRUE(sim_usl_fit(points, 4, 0, &fit));
	CU_ASSERT(fit.gamma > 10 && fit.alpha == 0 && fit.beta == 0);
}

static void test_too_few(void)
{
	static const struct sim_usl_point same[] = {{4, 10}, {4, 11}, {4, 12}};
	struct sim_usl fit;

	CU_ASSERT_FALSE(sim_usl_fit(published, 2, 0, &fit));
	CU_ASSERT_FALSE(sim_usl_fit(published, 1, 4373.3, &fit));
	CU_ASSERT_TRUE(sim_usl_fit(published, 2, 4373.3, &fit));
	if (sim_usl_fit(same, 3, 0, &fit)) /* many laws fit */
		CU_ASSERT_DOUBLE_EQUAL(sim_usl_throughput(&fit, 4), 11, 1e-6);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"a published curve", test_published},    {"least squares", test_least},
	    {"curves that obey the law", test_exact}, {"bounds", test_bounds},
	    {"too few points", test_too_few},         {0},
	};

	return suite_run("usl", cases);
}
