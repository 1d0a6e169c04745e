#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdlib.h>

#include "sim/kernel/variate.h"
#include "tests/lib/suite.h"

enum { N = 100000 };

static struct sim_stream luck(uint64_t entity)
{
	static struct sim_random random;

	random = sim_random_of(21, 0);
	return sim_stream_at(&random, &(struct sim_address){.entity = entity});
}

/* The distribution that the header promises. */
static double cumulative(const struct sim_variate *v, double x)
{
	switch (v->kind) {
	case SIM_CONSTANT:
		return x >= v->a;
	case SIM_UNIFORM:
		return gsl_cdf_flat_P(x, v->a, v->b);
	case SIM_EXPONENTIAL:
		return gsl_cdf_exponential_P(x, v->a);
	case SIM_NORMAL:
		return 1.0 - gsl_cdf_gaussian_Q(x - v->a, v->b) / gsl_cdf_gaussian_Q(-v->a, v->b);
	case SIM_LOGNORMAL: {
		double s2 = log1p(v->b * v->b / (v->a * v->a));

		return gsl_cdf_lognormal_P(x, log(v->a) - s2 / 2, sqrt(s2));
	}
	case SIM_PARETO:
		return gsl_cdf_pareto_P(x, v->b, v->a) / gsl_cdf_pareto_P(v->c, v->b, v->a);
	case SIM_WEIBULL:
		return gsl_cdf_weibull_P(x, v->a, v->b);
	case SIM_EMPIRICAL: /* no density: test_empirical */
		break;
	}
	return -1.0;
}

static const struct sim_variate continuous[] = {
    {SIM_UNIFORM, 5e6, 30e6, 0},    {SIM_UNIFORM, 0, 1, 0},       {SIM_EXPONENTIAL, 1e9, 0, 0},
    {SIM_NORMAL, 40e6, 5e6, 0},     {SIM_NORMAL, 10e6, 20e6, 0},  {SIM_NORMAL, 0, 1e6, 0},
    {SIM_LOGNORMAL, 50e6, 20e6, 0}, {SIM_LOGNORMAL, 1e6, 5e6, 0}, {SIM_LOGNORMAL, 1e6, 1e3, 0},
    {SIM_PARETO, 1e6, 1.5, 1e9},    {SIM_PARETO, 1e6, 1.0, 1e8},  {SIM_PARETO, 1e6, 0.3, 2e6},
    {SIM_PARETO, 1e6, 2.5, 1e12},   {SIM_WEIBULL, 40e6, 2, 0},    {SIM_WEIBULL, 1e6, 0.5, 0},
    {SIM_WEIBULL, 1e9, 1, 0},       {SIM_WEIBULL, 3, 12.5, 0},
};

enum { CONTINUOUS = sizeof continuous / sizeof *continuous };

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Kolmogorov-Smirnov: the distance times sqrt(n) is above 1.95 in one of a thousand cases, below 0.44 in one of a
 * hundred. */
static double distance(double *sample, const struct sim_variate *v)
{
	double most = 0;

	qsort(sample, N, sizeof *sample, compare);
	for (unsigned i = 0; i < N; i++) {
		double p = cumulative(v, sample[i]);

		most = fmax(most, fmax(fabs(p - (double)i / N), fabs(p - (i + 1.0) / N)));
	}
	return most * sqrt(N);
}

static void test_distributions(void)
{
	static double sample[N];

	for (unsigned k = 0; k < CONTINUOUS; k++) {
		struct sim_stream stream = luck(k);

		for (unsigned i = 0; i < N; i++)
			sample[i] = sim_variate_draw(&continuous[k], &stream);
		CU_ASSERT(distance(sample, &continuous[k]) < 1.95);
	}
}

/* Means of draws agree with the stated mean within five standard errors, where there is a variance. */
static void test_means(void)
{
	for (unsigned k = 0; k < CONTINUOUS; k++) {
		struct sim_stream stream = luck(100 + k);
		double sum = 0, squares = 0;

		for (unsigned i = 0; i < N; i++) {
			double x = sim_variate_draw(&continuous[k], &stream);

			sum += x;
			squares += x * x;
		}
		double mean = sum / N, deviation = sqrt(squares / N - mean * mean);

		CU_ASSERT(fabs(mean - sim_variate_mean(&continuous[k])) < 5 * deviation / sqrt(N));
	}
}

struct survival_of {
	const struct sim_variate *variate;
};

static double survival(double log_x, void *context)
{
	double x = exp(log_x);

	return (1.0 - cumulative(((struct survival_of *)context)->variate, x)) * x;
}

/* The same exactly, for those whose mean is no parameter: the integral of 1 - F. */
static void test_exact_means(void)
{
	static const struct sim_variate pareto[] = {
	    {SIM_PARETO, 1e6, 1.5, 1e9},        {SIM_PARETO, 1e6, 1.0, 1e8},    {SIM_PARETO, 1e6, 1.0 + 1e-9, 1e8},
	    {SIM_PARETO, 1e6, 1.0 - 1e-5, 1e8}, {SIM_PARETO, 1e6, 1.0001, 1e8}, {SIM_PARETO, 1e6, 0.3, 2e6},
	};
	gsl_integration_workspace *space = gsl_integration_workspace_alloc(1000);

	for (unsigned k = 0; k < sizeof pareto / sizeof *pareto; k++) {
		struct survival_of context = {&pareto[k]};
		gsl_function f = {survival, &context};
		double integral, error;

		gsl_integration_qag(&f, log(pareto[k].a), log(pareto[k].c), 0, 1e-12, 1000, GSL_INTEG_GAUSS61, space,
				    &integral, &error);
		CU_ASSERT_DOUBLE_EQUAL(sim_variate_mean(&pareto[k]) / (pareto[k].a + integral), 1.0, 1e-10);
	}
	gsl_integration_workspace_free(space);
	for (double x = 0; x < 40; x += 0.25) {
		double expected = x + gsl_ran_ugaussian_pdf(x) / gsl_cdf_ugaussian_P(x);

		CU_ASSERT_DOUBLE_EQUAL(sim_variate_mean(&(struct sim_variate){SIM_NORMAL, x, 1, 0}) / expected, 1.0,
				       1e-13);
	}
}

/* The mean of a Weibull variate is scale times gamma(1 + 1 / shape). */
static void test_weibull_means(void)
{
	for (double shape = 0.02; shape < 60; shape *= 1.07) {
		double expected = 5.0 * gsl_sf_gamma(1.0 + 1.0 / shape);

		CU_ASSERT_DOUBLE_EQUAL(sim_variate_mean(&(struct sim_variate){SIM_WEIBULL, 5, shape, 0}) / expected,
				       1.0, 2e-13);
	}
}

/* A shape so small that almost all draws are 0 or beyond all times: still in order. */
static void test_wild_weibull(void)
{
	static const struct sim_variate wild = {SIM_WEIBULL, 1e9, 1e-3, 0};
	sim_time before = 0;

	for (unsigned i = 1; i < 64; i++) {
		struct sim_stream stream = {.word = {(uint64_t)i << 58}};
		sim_time now = sim_variate_duration(&wild, &stream);

		CU_ASSERT(now >= before && now <= SIM_HORIZON);
		before = now;
	}
	CU_ASSERT_EQUAL(before, SIM_HORIZON);
	CU_ASSERT_EQUAL(sim_variate_lower_bound(&wild), 0.0);
}

/* Values in any order, one of them twice, one that never comes. */
static const double values[] = {7e6, 1e6, 30e6, 2e6, 7e6, 5e6}, weights[] = {1, 4, 0.5, 2, 1.5, 0};
static const struct {
	double value, share;
} shares[] = {{1e6, 4 / 9.0}, {2e6, 2 / 9.0}, {7e6, 2.5 / 9}, {30e6, 0.5 / 9}};

enum { VALUES = sizeof values / sizeof *values, SHARES = sizeof shares / sizeof *shares };

/* Chi-square of how often each value comes. */
static void test_empirical(void)
{
	struct sim_empirical *table = sim_empirical_new(values, weights, VALUES);
	const struct sim_variate v = {SIM_EMPIRICAL, .table = table};
	struct sim_stream stream = luck(50);
	unsigned came[SHARES] = {0}, others = 0;
	double statistic = 0, mean = 0;

	for (unsigned i = 0; i < N; i++) {
		double x = sim_variate_draw(&v, &stream);
		unsigned k = 0;

		while (k < SHARES && shares[k].value != x)
			k++;
		if (k < SHARES)
			came[k]++;
		else
			others++;
	}
	for (unsigned k = 0; k < SHARES; k++) {
		double expected = N * shares[k].share;

		statistic += (came[k] - expected) * (came[k] - expected) / expected;
		mean += shares[k].value * shares[k].share;
	}
	CU_ASSERT_EQUAL(others, 0);
	CU_ASSERT(gsl_cdf_chisq_Q(statistic, SHARES - 1) > 0.001);
	CU_ASSERT_DOUBLE_EQUAL(sim_variate_mean(&v) / mean, 1.0, 1e-15);
	CU_ASSERT_EQUAL(sim_variate_lower_bound(&v), 1e6);
	sim_empirical_free(table);
}

/* One uniform number each, in whose order the values come; each value just where the shares before it end. */
static void test_empirical_steps(void)
{
	struct sim_empirical *table = sim_empirical_new(values, weights, VALUES);
	const struct sim_variate v = {SIM_EMPIRICAL, .table = table};
	double upto = 0;

	for (unsigned k = 0; k < SHARES; k++) {
		uint64_t low = (uint64_t)((upto + 1e-12) * 0x1p64),
			 high = (uint64_t)((upto + shares[k].share - 1e-12) * 0x1p64);
		struct sim_stream first = {.word = {low}}, last = {.word = {high}};

		CU_ASSERT_EQUAL(sim_variate_draw(&v, &first), shares[k].value);
		CU_ASSERT_EQUAL(sim_variate_draw(&v, &last), shares[k].value);
		CU_ASSERT_EQUAL(first.used, 1);
		upto += shares[k].share;
	}
	struct sim_stream least = {.word = {0}}, most = {.word = {UINT64_MAX}};

	CU_ASSERT_EQUAL(sim_variate_draw(&v, &least), 1e6);
	CU_ASSERT_EQUAL(sim_variate_draw(&v, &most), 30e6);
	sim_empirical_free(table);
}

/* The rows of a table in another order, or equal values taken together, are the same distribution to the last bit. */
static void test_empirical_order(void)
{
	enum { ROWS = 1000 };
	double value[2][ROWS], weight[2][ROWS];
	struct sim_stream stream = luck(51);

	for (unsigned i = 0; i < ROWS; i++) {
		value[0][i] = value[1][ROWS - 1 - i] = (double)sim_stream_below(&stream, 300);
		weight[0][i] = weight[1][ROWS - 1 - i] = sim_stream_unit(&stream);
	}
	struct sim_empirical *table[2] = {sim_empirical_new(value[0], weight[0], ROWS),
					  sim_empirical_new(value[1], weight[1], ROWS)};
	const struct sim_variate v[2] = {{SIM_EMPIRICAL, .table = table[0]}, {SIM_EMPIRICAL, .table = table[1]}};

	CU_ASSERT_EQUAL(sim_variate_mean(&v[0]), sim_variate_mean(&v[1]));
	for (unsigned i = 0; i < N; i++) {
		struct sim_stream a = stream, b = stream;

		CU_ASSERT_EQUAL(sim_variate_draw(&v[0], &a), sim_variate_draw(&v[1], &b));
		sim_stream_bits(&stream);
	}
	sim_empirical_free(table[0]);
	sim_empirical_free(table[1]);
}

/* What is certain stays certain. */
static void test_degenerate(void)
{
	static const struct sim_variate certain[] = {
	    {SIM_CONSTANT, 7, 0, 0},  {SIM_UNIFORM, 7, 7, 0},  {SIM_NORMAL, 7, 0, 0},
	    {SIM_LOGNORMAL, 7, 0, 0}, {SIM_PARETO, 7, 1.5, 7},
	};
	struct sim_stream stream = luck(1);

	for (unsigned i = 0; i < sizeof certain / sizeof *certain; i++) {
		CU_ASSERT_EQUAL(sim_variate_draw(&certain[i], &stream), 7.0);
		CU_ASSERT_EQUAL(sim_variate_duration(&certain[i], &stream), 7);
		CU_ASSERT_EQUAL(sim_variate_lower_bound(&certain[i]), 7.0);
		CU_ASSERT_EQUAL(sim_variate_mean(&certain[i]), 7.0);
	}
	CU_ASSERT_EQUAL(sim_variate_draw(&(struct sim_variate){SIM_EXPONENTIAL, 0, 0, 0}, &stream), 0.0);

	static const double seven = 7, weight = 0.1;
	struct sim_empirical *table = sim_empirical_new(&seven, &weight, 1);
	const struct sim_variate alone = {SIM_EMPIRICAL, .table = table};

	CU_ASSERT_EQUAL(sim_variate_duration(&alone, &stream), 7);
	CU_ASSERT_EQUAL(sim_variate_lower_bound(&alone), 7.0);
	CU_ASSERT_EQUAL(sim_variate_mean(&alone), 7.0);
	sim_empirical_free(table);
}

/* A steep Pareto distribution, so far from its cap that nothing is left there. */
static void test_steep_pareto(void)
{
	static const struct sim_variate steep = {SIM_PARETO, 1e6, 100, 1e15};
	struct sim_stream stream = {.word = {UINT64_C(1) << 63}};

	CU_ASSERT_DOUBLE_EQUAL(sim_variate_draw(&steep, &stream) / (1e6 * pow(2, 0.01)), 1.0, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(sim_variate_mean(&steep) / (1e6 * 100 / 99.0), 1.0, 1e-12);
}

/* One uniform number each; and the variate moves one way with it. */
static void test_one_number_each(void)
{
	for (unsigned k = 0; k < CONTINUOUS; k++) {
		double before = 0;

		for (unsigned i = 0; i < 4096; i++) {
			struct sim_stream stream = {.word = {(UINT64_C(4096) + i) << 51, (UINT64_C(4096) + i) << 51},
						    .used = 1};
			double x = sim_variate_draw(&continuous[k], &stream);

			CU_ASSERT_EQUAL(stream.used, 2);
			if (i > 0)
				CU_ASSERT(continuous[k].kind == SIM_EXPONENTIAL ? x < before : x > before);
			before = x;
		}
	}
}

/* A negative normal outcome is drawn anew, with the next number. */
static void test_normal_again(void)
{
	static const struct sim_variate normal = {SIM_NORMAL, 1, 1, 0};
	struct sim_stream stream = {.word = {0, UINT64_C(1) << 40, UINT64_C(1) << 63, 0}};

	CU_ASSERT_DOUBLE_EQUAL(sim_variate_draw(&normal, &stream), 1.0, 1e-9);
	CU_ASSERT_EQUAL(stream.used, 3);
}

/* Even the luckiest number falls on or above the bound, and the bound is reached. */
static void test_lower_bound(void)
{
	for (unsigned k = 0; k < CONTINUOUS; k++) {
		double least = HUGE_VAL, bound = sim_variate_lower_bound(&continuous[k]);

		for (unsigned i = 0; i < 4000; i++) {
			uint64_t low = (uint64_t)(i % 2000) << 12, word = i < 2000 ? low : ~low;
			struct sim_stream stream = {.word = {word, UINT64_C(1) << 63, UINT64_C(1) << 63}};

			least = fmin(least, sim_variate_draw(&continuous[k], &stream));
		}
		CU_ASSERT(least >= bound && bound >= 0);
		CU_ASSERT(bound == 0.0 || least == bound);
	}
	CU_ASSERT(sim_variate_lower_bound(&(struct sim_variate){SIM_NORMAL, 40e6, 2e6, 0}) > 20e6);
}

/* Halves are rounded to even; very long ones are cut. */
static void test_rounding(void)
{
	static const struct {
		double x;
		sim_time duration;
	} rows[] = {
	    {0, 0},
	    {0.49999999999999994, 0},
	    {0.5, 0},
	    {0.75, 1},
	    {1.5, 2},
	    {2.5, 2},
	    {1e9 + 0.25, SIM_S},
	    {0x1p52 - 0.5, INT64_C(1) << 52},
	    {0x1p52 + 1, (INT64_C(1) << 52) + 1},
	    {0x1p61, INT64_C(1) << 61},
	    {1e300, SIM_HORIZON},
	};
	struct sim_stream stream = luck(1);

	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
		CU_ASSERT_EQUAL(sim_variate_duration(&(struct sim_variate){SIM_CONSTANT, rows[i].x, 0, 0}, &stream),
				rows[i].duration);
}

/* The very bits, on every machine and in every build. */
static void test_vectors(void)
{
	static const sim_time expected[CONTINUOUS][2] = {
	    {19860946, 175115157375},
	    {1, 5005},
	    {362768512, 10047354619982},
	    {37961945, 399929945776},
	    {10822132, 202267383199},
	    {2342773, 8007645957},
	    {83975467, 496321151055},
	    {133992, 11992084862},
	    {1000816, 10000098815},
	    {1327477, 28237497707},
	    {1157401, 46621793599},
	    {1083650, 14275517592},
	    {1125213, 16701034943},
	    {30761161, 353600778264},
	    {312848, 19944198863},
	    {437682212, 9869033711732},
	    {3, 29046},
	};

	for (unsigned k = 0; k < CONTINUOUS; k++) {
		struct sim_stream stream = luck(1000 + k);
		sim_time first = sim_variate_duration(&continuous[k], &stream), sum = first;

		for (unsigned i = 1; i < 10000; i++)
			sum += sim_variate_duration(&continuous[k], &stream);
		CU_ASSERT_EQUAL(first, expected[k][0]);
		CU_ASSERT_EQUAL(sum, expected[k][1]);
	}
}

/* The first of a stream, in as many blocks of words. */
static void test_at_an_address(void)
{
	static const struct sim_variate seven = {SIM_CONSTANT, 7, 0, 0};
	uint64_t blocks = 0, stream_blocks = 0;
	struct sim_random random = sim_random_of(22, 0), counting = random;

	random.blocks = &stream_blocks;
	counting.blocks = &blocks;
	CU_ASSERT_EQUAL(sim_variate_duration_at(&seven, &counting, &(struct sim_address){0}), 7);
	CU_ASSERT_EQUAL(blocks, 0);
	for (unsigned k = 0; k < CONTINUOUS; k++)
		for (uint32_t i = 0; i < 100; i++) {
			struct sim_address address = {.entity = k, .ordinal = i, .purpose = 3};
			struct sim_stream stream = sim_stream_at(&random, &address);

			CU_ASSERT_EQUAL(sim_variate_duration_at(&continuous[k], &counting, &address),
					sim_variate_duration(&continuous[k], &stream));
			CU_ASSERT_EQUAL(blocks, stream_blocks);
		}
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"distributions", test_distributions},
	    {"means", test_means},
	    {"exact means", test_exact_means},
	    {"Weibull means", test_weibull_means},
	    {"wild Weibull", test_wild_weibull},
	    {"empirical", test_empirical},
	    {"empirical steps", test_empirical_steps},
	    {"empirical in any order", test_empirical_order},
	    {"degenerate", test_degenerate},
	    {"steep Pareto", test_steep_pareto},
	    {"one number each", test_one_number_each},
	    {"normal drawn anew", test_normal_again},
	    {"lower bound", test_lower_bound},
	    {"rounding", test_rounding},
	    {"vectors", test_vectors},
	    {"at an address", test_at_an_address},
	    {NULL, NULL},
	};

	return suite_run("variate", cases);
}
