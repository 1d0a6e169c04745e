#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "sim/kernel/portable_math.h"
#include "sim/kernel/stream.h"
#include "tests/lib/suite.h"

enum { POINTS = 1000000 };

static struct sim_stream luck(uint64_t entity)
{
	static struct sim_random random;

	random = sim_random_of(11, 0);
	return sim_stream_at(&random, &(struct sim_address){.entity = entity});
}

/* How far y is from the exact value, in units of the last place of the exact value rounded. */
static double ulps(double y, long double exact)
{
	double size = fabs((double)exact);

	return (double)(fabsl((long double)y - exact) / ((long double)nextafter(size, HUGE_VAL) - (long double)size));
}

/* The greatest error of sim_log over arguments that `next` draws. */
static double log_error(double (*next)(struct sim_stream *), uint64_t entity)
{
	struct sim_stream stream = luck(entity);
	double worst = 0;

	for (unsigned i = 0; i < POINTS; i++) {
		double x = next(&stream), error = x == 1.0 ? 0 : ulps(sim_log(x), logl((long double)x));

		worst = error > worst ? error : worst;
	}
	return worst;
}

static double any_positive(struct sim_stream *stream)
{
	uint64_t bits = (UINT64_C(1) << 52) + sim_stream_below(stream, UINT64_C(0x7fe) << 52);
	double x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

static double around_one(struct sim_stream *stream)
{
	return 0.9 + 0.2 * sim_stream_unit(stream);
}

static double next_to_one(struct sim_stream *stream)
{
	return 1.0 + (sim_stream_unit(stream) - 0.5) * sim_exp(-20.0 * sim_stream_unit(stream));
}

static void test_log(void)
{
	CU_ASSERT(log_error(any_positive, 1) < 0.75);
	CU_ASSERT(log_error(sim_stream_unit, 2) < 0.75);
	CU_ASSERT(log_error(around_one, 3) < 0.75);
	CU_ASSERT(log_error(next_to_one, 4) < 0.75);
	CU_ASSERT_EQUAL(sim_log(1.0), 0.0);
	CU_ASSERT(ulps(sim_log(DBL_MIN), logl((long double)DBL_MIN)) < 0.75);
	CU_ASSERT(ulps(sim_log(DBL_MAX), logl((long double)DBL_MAX)) < 0.75);
}

/* Inversion asks for it: a greater argument never has a smaller logarithm, across the table's pieces too. */
static void test_log_monotone(void)
{
	for (unsigned i = 0; i < 4096; i++) {
		double x = 0.5 + i / 4096.0, before = sim_log(x);

		for (unsigned k = 0; k < 200; k++) {
			x = nextafter(x, HUGE_VAL);
			double after = sim_log(x);

			CU_ASSERT(after >= before);
			before = after;
		}
	}
}

static void test_exp(void)
{
	struct sim_stream stream = luck(5);
	double worst = 0;

	for (unsigned i = 0; i < 2 * POINTS; i++) {
		double u = 2.0 * sim_stream_unit(&stream) - 1.0, x = i % 2 ? 700.0 * u : u;
		double error = ulps(sim_exp(x), expl((long double)x));

		worst = error > worst ? error : worst;
	}
	CU_ASSERT(worst < 1.0);
	CU_ASSERT_EQUAL(sim_exp(0.0), 1.0);
	CU_ASSERT(ulps(sim_exp(700.0), expl(700.0L)) < 1.0);
	CU_ASSERT(ulps(sim_exp(-700.0), expl(-700.0L)) < 1.0);
}

static void test_sqrt(void)
{
	struct sim_stream stream = luck(6);

	for (unsigned i = 0; i < POINTS; i++) {
		double x = any_positive(&stream);

		if (sim_sqrt(x) != sqrt(x))
			CU_FAIL_FATAL("not correctly rounded");
	}
	CU_ASSERT_EQUAL(sim_sqrt(0.0), 0.0);
	CU_ASSERT_EQUAL(sim_sqrt(2.25), 1.5);
}

/* The quantile by Newton's method from the one under test: relative error of p is what the tail's area says. */
static double quantile_error(double p)
{
	double x = sim_normal_quantile(p);
	long double exact = (long double)x;

	for (int i = 0; i < 3; i++) {
		long double tail = erfcl(fabsl(exact) / sqrtl(2.0L)) / 2.0L;
		long double wanted = exact < 0 ? (long double)p : 1.0L - (long double)p;
		long double density =
		    expl(-exact * exact / 2.0L) / sqrtl(2.0L * 3.14159265358979323846264338327950288L);

		exact += (exact < 0 ? wanted - tail : tail - wanted) / density;
	}
	return (double)(fabsl((long double)x - exact) / fabsl(exact));
}

static void test_normal_quantile(void)
{
	struct sim_stream stream = luck(7);
	double worst = 0, worst_gsl = 0;

	for (unsigned i = 0; i < POINTS; i++) {
		double u = sim_stream_unit(&stream);
		double p = i % 2 ? u : sim_exp(-1.0 - 600.0 * u), error;

		/* Near the middle the long double tail has lost what the quantile still has. */
		if (fabs(p - 0.5) < 1e-3)
			continue;
		error = quantile_error(p);
		worst = error > worst ? error : worst;
		error = fabs(sim_normal_quantile(p) / gsl_cdf_ugaussian_Pinv(p) - 1.0);
		worst_gsl = error > worst_gsl ? error : worst_gsl;
	}
	CU_ASSERT(worst < 1e-15);
	CU_ASSERT(worst_gsl < 1e-13);
	CU_ASSERT_EQUAL(sim_normal_quantile(0.5), 0.0);
	for (double d = 1e-3; d > 1e-12;
	     d /= 2) /* the middle: x = d sqrt(2 pi) (1 + pi d^2 / 3 + 7 pi^2 d^4 / 30 ...) */
		CU_ASSERT(fabs(sim_normal_quantile(0.5 + d) /
				   ((0.5 + d - 0.5) * 2.5066282746310005024 *
				    (1 + 1.0471975511965976 * d * d + 2.3029074700854 * d * d * d * d)) -
			       1) < 1e-15);
	for (unsigned i = 1; i < 500; i++)
		CU_ASSERT_EQUAL(sim_normal_quantile(i / 1024.0), -sim_normal_quantile(1.0 - i / 1024.0));
}

/* The very bits, on every machine and in every build. */
static void test_vectors(void)
{
	static const struct {
		double (*function)(double);
		double x, y;
	} vectors[] = {
	    {sim_log, 0x1p-53, -0x1.25e4f7b2737fap+5},
	    {sim_log, 0x1.999999999999ap-4, -0x1.26bb1bbb55515p+1},
	    {sim_log, 0x1p-1, -0x1.62e42fefa39efp-1},
	    {sim_log, 0x1.6p-1, -0x1.7fafa3bd8151cp-2},
	    {sim_log, 0x1.fffffffffffffp-1, -0x1p-53},
	    {sim_log, 0x1.0000000000001p+0, 0x1.fffffffffffffp-53},
	    {sim_log, 0x1.8p+0, 0x1.9f323ecbf984cp-2},
	    {sim_log, 0x1.8p+1, 0x1.193ea7aad030bp+0},
	    {sim_log, 0x1.4p+3, 0x1.26bb1bbb55516p+1},
	    {sim_log, 0x1.dcd65p+29, 0x1.4b927f32bffb8p+4},
	    {sim_log, 0x1p-1022, -0x1.6232bdd7abcd2p+9},
	    {sim_log, 0x1.fffffffffffffp+1023, 0x1.62e42fefa39efp+9},
	    {sim_exp, -0x1.5ep+9, 0x1.14f2b0fb9307fp-1010},
	    {sim_exp, -0x1.92p+6, 0x1.01a0e5643644fp-145},
	    {sim_exp, -0x1p+0, 0x1.78b56362cef38p-2},
	    {sim_exp, -0x1.b7cdfd9d7bdbbp-34, 0x1.ffffffff2419p-1},
	    {sim_exp, 0x1.0624dd2f1a9fcp-10, 0x1.0041919b7ee34p+0},
	    {sim_exp, 0x1.3333333333333p-2, 0x1.599058c8c1a96p+0},
	    {sim_exp, 0x1p+0, 0x1.5bf0a8b14576ap+1},
	    {sim_exp, 0x1.4p+3, 0x1.5829dcf95056p+14},
	    {sim_exp, 0x1.62ccccccccccdp+6, 0x1.f4705bbffae5cp+127},
	    {sim_exp, 0x1.5ep+9, 0x1.d945df4f8ec8ep+1009},
	    {sim_sqrt, 0x1p+1, 0x1.6a09e667f3bcdp+0},
	    {sim_sqrt, 0x1.8p+1, 0x1.bb67ae8584caap+0},
	    {sim_sqrt, 0x1.999999999999ap-4, 0x1.43d136248490fp-2},
	    {sim_sqrt, 0x1.56e1fc2f8f359p-997, 0x1.a2fe76a3f9475p-499},
	    {sim_sqrt, 0x1.7e43c8800759cp+996, 0x1.38d352e5096afp+498},
	    {sim_normal_quantile, 0x1p-53, -0x1.06b48528cea51p+3},
	    {sim_normal_quantile, 0x1.56e1fc2f8f359p-997, -0x1.286074064c26ep+5},
	    {sim_normal_quantile, 0x1.4f8b588e368f1p-17, -0x1.10f3f8843a3dap+2},
	    {sim_normal_quantile, 0x1.47ae147ae147bp-7, -0x1.29c5c4630ff0ep+1},
	    {sim_normal_quantile, 0x1.3333185b40987p-4, -0x1.70852e475e818p+0},
	    {sim_normal_quantile, 0x1.33334e0b25cdfp-4, -0x1.708516931eed3p+0},
	    {sim_normal_quantile, 0x1p-2, -0x1.5956b87528a49p-1},
	    {sim_normal_quantile, 0x1.ffe5c91d14e3cp-2, -0x1.06d6ca8553fc1p-12},
	    {sim_normal_quantile, 0x1.8p-1, 0x1.5956b87528a49p-1},
	    {sim_normal_quantile, 0x1.fae147ae147aep-1, 0x1.29c5c4630ff0ep+1},
	    {sim_normal_quantile, 0x1.fffffffffffffp-1, 0x1.06b48528cea51p+3},
	};

	for (unsigned i = 0; i < sizeof vectors / sizeof *vectors; i++)
		CU_ASSERT_EQUAL(vectors[i].function(vectors[i].x), vectors[i].y);
}

/* The same for many arguments at once: the sum of all bits. */
static void test_sum_of_bits(void)
{
	struct sim_stream stream = luck(8);
	uint64_t sum[4] = {0};

	for (unsigned i = 0; i < 100000; i++) {
		double u = sim_stream_unit(&stream),
		       y[4] = {sim_log(u), sim_exp(100.0 * (u - 0.5)), sim_sqrt(u), sim_normal_quantile(u)};

		for (unsigned k = 0; k < 4; k++) {
			uint64_t bits;

			memcpy(&bits, &y[k], sizeof bits);
			sum[k] = sum[k] * 3 + bits;
		}
	}
	CU_ASSERT_EQUAL(sum[0], UINT64_C(0xfc34dc3d7ef7df4f));
	CU_ASSERT_EQUAL(sum[1], UINT64_C(0x7e5ab11f98e087e8));
	CU_ASSERT_EQUAL(sum[2], UINT64_C(0x903c11aebc13666f));
	CU_ASSERT_EQUAL(sum[3], UINT64_C(0xf559355b44b24f40));
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"logarithm", test_log},
	    {"logarithm is monotone", test_log_monotone},
	    {"exponential", test_exp},
	    {"square root", test_sqrt},
	    {"normal quantile", test_normal_quantile},
	    {"vectors", test_vectors},
	    {"sums of bits", test_sum_of_bits},
	    {NULL, NULL},
	};

	return suite_run("portable math", cases);
}
