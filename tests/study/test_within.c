/* Statistics inside of one run: its warm-up, and batch means. */
#include <glib.h>
#include <math.h>

#include "sim/kernel/stream.h"
#include "sim/kernel/variate.h"
#include "sim/study/batch_means.h"
#include "sim/study/mser5.h"
#include "tests/lib/suite.h"

/* values[i] = memory x the one before + noise. */
static void fill(double *values, size_t n, double memory, uint64_t seed)
{
	static const struct sim_variate normal = {.kind = SIM_NORMAL, .a = 1000, .b = 1};
	const struct sim_random random = sim_random_of(seed, 0);
	const struct sim_address address = {0};
	struct sim_stream stream = sim_stream_at(&random, &address);

	for (size_t i = 0; i < n; i++)
		values[i] = (i > 0 ? memory * values[i - 1] : 0) + sim_variate_draw(&normal, &stream) - normal.a;
}

/* The definition, with a sum for each d. */
static enum sim_mser5_verdict plainly(const double *values, size_t n, size_t *cut)
{
	size_t k = n / 5, best = 0;
	double least = INFINITY;

	for (size_t d = 0; d <= k / 2; d++) {
		double mean = 0, squares = 0;

		for (size_t i = 5 * d; i < 5 * k; i++)
			mean += values[i] / (double)(5 * (k - d));
		for (size_t j = d; j < k; j++) {
			double z = 0;

			for (size_t i = 0; i < 5; i++)
				z += values[5 * j + i] / 5;
			squares += (z - mean) * (z - mean);
		}
		squares /= (double)((k - d) * (k - d));
		if (squares < least) {
			least = squares;
			best = d;
		}
	}
	*cut = best < k / 2 ? 5 * best : 0;
	return best < k / 2 ? SIM_MSER5_OK : SIM_MSER5_TOO_SHORT;
}

static void test_mser5_definition(void)
{
	for (uint64_t seed = 1; seed <= 40; seed++) {
		double values[517];
		size_t cut = 1, expected = 0, n = 50 + 11 * seed;

		fill(values, n, 0.8, seed);
		for (size_t i = 0; i < n; i++)
			values[i] += seed % 2 == 0 ? 0 : 8 * exp(-(double)i / 20);
		CU_ASSERT_EQUAL(sim_mser5(values, n, &cut), plainly(values, n, &expected));
		CU_ASSERT_EQUAL(cut, expected);
	}
}

static void test_mser5(void)
{
	double values[1003];
	size_t cut = 1;

	for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
		values[i] = i < 100 ? 0 : 10 + (double)(i % 3);
	CU_ASSERT_EQUAL(sim_mser5(values, 1003, &cut), SIM_MSER5_OK);
	CU_ASSERT_EQUAL(cut, 100);
	CU_ASSERT_EQUAL(sim_mser5(values, 185, &cut), SIM_MSER5_TOO_SHORT); /* settles after the half */
	CU_ASSERT_EQUAL(cut, 0);
	CU_ASSERT_EQUAL(sim_mser5(values, 49, &cut), SIM_MSER5_TOO_FEW);
	CU_ASSERT_EQUAL(sim_mser5(values, 50, &cut), SIM_MSER5_OK); /* nothing varies */
	CU_ASSERT_EQUAL(cut, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
		values[i] = (double)i; /* never settles */
	CU_ASSERT_EQUAL(sim_mser5(values, 1003, &cut), SIM_MSER5_TOO_SHORT);
	for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
		values[i] = 0.1; /* rounding must not look like a warm-up */
	CU_ASSERT_EQUAL(sim_mser5(values, 1003, &cut), SIM_MSER5_OK);
	CU_ASSERT_EQUAL(cut, 0);
}

static void test_von_neumann(void)
{
	unsigned passed = 0, chained = 0;

	for (uint64_t seed = 1; seed <= 500; seed++) {
		double values[64];

		fill(values, 64, 0, seed);
		passed += sim_von_neumann(values, 64);
		fill(values, 64, 0.5, seed);
		chained += sim_von_neumann(values, 64);
	}
	CU_ASSERT(passed >= 425 && passed <= 475); /* 90 %, four deviations around */
	CU_ASSERT(chained < 25);
}

static void test_batch_means(void)
{
	g_autofree double *values = g_new(double, 40000);
	unsigned covered = 0, intervals = 0, runs = 400;

	for (uint64_t seed = 1; seed <= runs; seed++) {
		fill(values, 20000, 0.9,
		     seed); /* the formula for independent values covers in a third of all cases */
		struct sim_estimate e = sim_batch_means(values, 20000);

		if (!e.interval)
			continue;
		CU_ASSERT(e.n >= SIM_BATCHES && e.n < 2 * SIM_BATCHES);
		CU_ASSERT_STRING_EQUAL(e.method, "batch-means");
		intervals++;
		covered += e.low <= 0 && 0 <= e.high;
	}
	CU_ASSERT(intervals > runs - runs / 10);
	CU_ASSERT(covered >=
		  sim_binomial_quantile(intervals, 0.93, 0.0005)); /* a bit below 95 %, as everybody finds */
	for (size_t i = 0; i < 40000; i++)
		values[i] = (double)i;
	struct sim_estimate e = sim_batch_means(values, 40000);

	CU_ASSERT(!e.interval && e.n == 40000 && e.mean == 19999.5);
	CU_ASSERT_STRING_EQUAL(e.method, "none");
	CU_ASSERT_STRING_EQUAL(e.verdict, "n too small");
	fill(values, 19, 0, 1);
	CU_ASSERT(!sim_batch_means(values, 19).interval);
	for (size_t i = 0; i < 100; i++)
		values[i] = 3;
	e = sim_batch_means(values, 100);
	CU_ASSERT(e.interval && e.low == 3 && e.high == 3);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"MSER-5 is its definition", test_mser5_definition},
	    {"MSER-5 by hand", test_mser5},
	    {"von Neumann's ratio", test_von_neumann},
	    {"batch means", test_batch_means},
	    {NULL, NULL},
	};

	return suite_run("within", cases);
}
