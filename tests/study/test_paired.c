/* Comparisons of pairs, and several of them at once. */
#include <glib.h>
#include <math.h>

#include "sim/kernel/stream.h"
#include "sim/kernel/variate.h"
#include "sim/study/holm.h"
#include "sim/study/paired.h"
#include "sim/study/stats.h"
#include "tests/lib/suite.h"

/* Differences 1 2 3 4 5: mean 3, variance 2.5. */
static void test_by_hand(void)
{
	const double a[] = {10, 12, 11, 13, 14}, b[] = {11, 14, 14, 17, 19};
	struct sim_paired p = sim_pair(a, b, 5, false);

	CU_ASSERT_EQUAL(p.difference, 3);
	CU_ASSERT_DOUBLE_EQUAL(p.high - 3, 2.77644510 * sqrt(0.5), 1e-7);
	CU_ASSERT_DOUBLE_EQUAL(3 - p.low, p.high - 3, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(p.ratio, 1.25, 1e-15);
	CU_ASSERT_DOUBLE_EQUAL(p.variance_ratio, 2.5 / (2.5 + 9.5), 1e-12); /* var a = 2.5, var b = 9.5 */
	CU_ASSERT_DOUBLE_EQUAL(p.correlation, 4.75 / sqrt(2.5 * 9.5), 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(p.p, 0.013235, 1e-6); /* t = 3 / sqrt(0.5) = 4.2426, 4 degrees of freedom */
	CU_ASSERT(!p.unsynchronised);
	CU_ASSERT_STRING_EQUAL(p.method, "paired-t");
	CU_ASSERT_STRING_EQUAL(p.verdict, "ok");
}

/* At either bound of the ratio, b - r a has a mean that is just as far from 0 as the t test allows. */
static void test_fieller(void)
{
	const double a[] = {10, 12, 11, 13, 14, 9}, b[] = {11, 14, 14, 17, 15, 12};
	struct sim_paired p = sim_pair(a, b, 6, false);
	const double bounds[] = {p.ratio_low, p.ratio_high};

	CU_ASSERT(p.ratio_low < p.ratio && p.ratio < p.ratio_high);
	for (size_t i = 0; i < 2; i++) {
		double left[6];

		for (size_t k = 0; k < 6; k++)
			left[k] = b[k] - bounds[i] * a[k];
		struct sim_estimate e = sim_estimate_mean(left, 6, false);

		CU_ASSERT_DOUBLE_EQUAL(i == 0 ? e.low : e.high, 0, 1e-9);
	}
}

static void test_guards(void)
{
	const double zero[] = {0, 0, 0, 0, 0}, same[] = {0.1, 0.1, 0.1, 0.1, 0.1}, one[] = {7};
	const double near[] = {-1, 1, -1, 1, 0.1}, b[] = {3, 1, 2, 5, 4}, c[] = {1, 3, 2, -1, 0};
	struct sim_paired p = sim_pair(zero, b, 5, false);

	CU_ASSERT(p.difference == 3 && isnan(p.ratio) && isnan(p.ratio_low) && isnan(p.correlation));
	CU_ASSERT_EQUAL(p.variance_ratio, 1);
	CU_ASSERT(!p.unsynchronised);
	p = sim_pair(same, same, 5, false);
	CU_ASSERT(p.difference == 0 && p.low == 0 && p.high == 0 && p.p == 1);
	CU_ASSERT(p.ratio == 1 && p.ratio_low == 1 && p.ratio_high == 1 && isnan(p.variance_ratio));
	p = sim_pair(zero, same, 5, false);
	CU_ASSERT(p.p == 0 && p.low == 0.1 && p.high == 0.1);
	p = sim_pair(one, one, 1, false);
	CU_ASSERT(p.difference == 0 && p.ratio == 1 && isnan(p.low) && isnan(p.high) && isnan(p.p));
	CU_ASSERT_STRING_EQUAL(p.method, "none");
	CU_ASSERT_STRING_EQUAL(p.verdict, "n too small");
	p = sim_pair(near, b, 5, false); /* its mean may be 0: no bounds of a ratio */
	CU_ASSERT(!isnan(p.ratio) && isnan(p.ratio_low) && isnan(p.ratio_high));
	p = sim_pair(c, b, 5, false);
	CU_ASSERT(p.correlation < 0 && p.unsynchronised && p.variance_ratio > 1);
	p = sim_pair(c, b, 4, false);
	CU_ASSERT(p.correlation < 0 && !p.unsynchronised);
	CU_ASSERT_STRING_EQUAL(p.verdict, "n too small");
	p = sim_pair(c, b, 5, true);
	CU_ASSERT(p.low == p.difference && p.high == p.difference && p.ratio_low == p.ratio);
	CU_ASSERT_STRING_EQUAL(p.verdict, "deterministic");
}

/* Shared luck: intervals of the difference and of the ratio cover what they are about. */
static void test_covers(void)
{
	static const struct sim_variate normal = {.kind = SIM_NORMAL, .a = 100, .b = 10};
	const struct sim_random random = sim_random_of(1, 0);
	unsigned differences = 0, ratios = 0;
	const unsigned n = 1000;

	for (unsigned i = 0; i < n; i++) {
		double a[10], b[10];

		for (unsigned k = 0; k < 10; k++) {
			const struct sim_address address = {.entity = i, .item = k};
			struct sim_stream stream = sim_stream_at(&random, &address);
			double shared = sim_variate_draw(&normal, &stream);

			a[k] = shared + sim_variate_draw(&normal, &stream) / 5;
			b[k] = 2 * shared + sim_variate_draw(&normal, &stream) / 5;
		}
		struct sim_paired p = sim_pair(a, b, 10, false);

		differences += p.low <= 100 && 100 <= p.high;
		ratios += p.ratio_low <= 220 / 120.0 && 220 / 120.0 <= p.ratio_high;
		CU_ASSERT(p.correlation > 0.5);
	}
	size_t least = sim_binomial_quantile(n, SIM_CONFIDENCE, 0.0005);
	size_t most = sim_binomial_quantile(n, SIM_CONFIDENCE, 0.9995);

	CU_ASSERT(differences >= least && differences <= most);
	CU_ASSERT(ratios >= least && ratios <= most);
}

/* The example of Holm's paper's procedure by hand: 0.01 x 4, 0.013 x 3, 0.03 x 2, 0.04. */
static void test_holm(void)
{
	const double p[] = {0.03, 0.01, NAN, 0.04, 0.013}, expected[] = {0.06, 0.04, NAN, 0.06, 0.04};
	double adjusted[5], high[] = {0.9, 0.8};

	sim_holm(p, adjusted, 5);
	for (size_t i = 0; i < 5; i++)
		if (isnan(expected[i]))
			CU_ASSERT(isnan(adjusted[i]))
		else
			CU_ASSERT_DOUBLE_EQUAL(adjusted[i], expected[i], 1e-12);
	sim_holm(high, high, 2);
	CU_ASSERT(high[0] == 1 && high[1] == 1);
	sim_holm(NULL, NULL, 0);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"a comparison by hand", test_by_hand},
	    {"the ratio's bounds", test_fieller},
	    {"nothing varies, nothing to divide by, too few", test_guards},
	    {"intervals cover", test_covers},
	    {"several comparisons", test_holm},
	    {NULL, NULL},
	};

	return suite_run("paired", cases);
}
