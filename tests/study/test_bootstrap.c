/* The bootstrap interval of a ratio of paired times. */
#include "sim/study/bootstrap.h"

#include <math.h>

#include "sim/kernel/stream.h"
#include "sim/kernel/variate.h"
#include "tests/lib/suite.h"

#define PAIRS 31

/* Ratios around e^shift, and times that wander by a factor of up to 2 for both. */
static void measure(double *a, double *b, double shift, double spread, uint64_t seed)
{
	static const struct sim_variate normal = {.kind = SIM_NORMAL, .a = 1000, .b = 1},
					uniform = {.kind = SIM_UNIFORM, .a = 1, .b = 2};
	const struct sim_random random = sim_random_of(seed, 0);
	const struct sim_address address = {0};
	struct sim_stream stream = sim_stream_at(&random, &address);

	for (size_t i = 0; i < PAIRS; i++) {
		b[i] = sim_variate_draw(&uniform, &stream);
		a[i] = b[i] * exp(shift + spread * (sim_variate_draw(&normal, &stream) - normal.a));
	}
}

static void test_ratio(void)
{
	double a[PAIRS], b[PAIRS];

	measure(a, b, 0.05, 0.01, 1);
	struct sim_ratio r = sim_bootstrap_ratio(a, b, PAIRS, 0.95), same = sim_bootstrap_ratio(a, b, PAIRS, 0.95);
	struct sim_ratio wide = sim_bootstrap_ratio(a, b, PAIRS, 0.999),
			 back = sim_bootstrap_ratio(b, a, PAIRS, 0.95);

	CU_ASSERT_DOUBLE_EQUAL(r.ratio, exp(0.05), 0.01);
	CU_ASSERT(r.low < r.ratio && r.ratio < r.high);
	CU_ASSERT(0.004 < r.high - r.low && r.high - r.low < 0.012); /* by normal theory 0.008 */
	CU_ASSERT(r.low == same.low && r.high == same.high);
	CU_ASSERT(wide.low < r.low && r.high < wide.high);
	CU_ASSERT_DOUBLE_EQUAL(back.ratio * r.ratio, 1, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(back.low * r.high, 1, 1e-12);
}

/* A machine that stops for a while now and then changes nothing. */
static void test_outliers(void)
{
	double a[PAIRS], b[PAIRS];

	measure(a, b, 0, 0.01, 2);
	for (size_t i = 0; i < 2; i++)
		a[3 * i] *= 10;
	struct sim_ratio r = sim_bootstrap_ratio(a, b, PAIRS, 0.95);

	CU_ASSERT(r.low < 1.01 && r.high < 1.03);
}

static void test_equal(void)
{
	static const double a[] = {1, 2, 3}, b[] = {2, 4, 6};
	struct sim_ratio r = sim_bootstrap_ratio(a, b, 3, 0.95);

	CU_ASSERT_DOUBLE_EQUAL(r.ratio, 0.5, 1e-15);
	CU_ASSERT_DOUBLE_EQUAL(r.low, 0.5, 1e-15);
	CU_ASSERT_DOUBLE_EQUAL(r.high, 0.5, 1e-15);
}

/* What its header says of 31 pairs, within four standard deviations of 200 tries. */
static void test_coverage(void)
{
	double a[PAIRS], b[PAIRS];
	int held = 0;

	for (uint64_t seed = 1; seed <= 200; seed++) {
		measure(a, b, 0.05, 0.03, seed);
		struct sim_ratio r = sim_bootstrap_ratio(a, b, PAIRS, 0.95);

		held += r.low <= exp(0.05) && exp(0.05) <= r.high ? 1 : 0;
	}
	if (held < 174)
		printf("\n    %d of 200", held);
	CU_ASSERT(held >= 174);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"a ratio and its interval", test_ratio},
	    {"outliers", test_outliers},
	    {"equal ratios", test_equal},
	    {"coverage", test_coverage},
	    {NULL, NULL},
	};

	return suite_run("bootstrap", cases);
}
