/* Records of a run, and statistics over runs. */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "sim/study/record.h"
#include "sim/study/stats.h"
#include "tests/lib/suite.h"

static const struct sim_metric metric = {"all", "all", "latency"};

/* The value of a statistic, or NAN without a row. */
static double value_of(const struct sim_record *record, const char *statistic)
{
	for (guint i = 0; i < record->rows->len; i++) {
		const struct sim_row *row = &g_array_index(record->rows, struct sim_row, i);

		if (strcmp(row->statistic, statistic) == 0)
			return row->value;
	}
	return NAN;
}

/* Two-sided 95 % quantiles of Student's t, as printed in tables. */
static void test_student(void)
{
	static const struct {
		size_t n;
		double t;
	} rows[] = {{2, 12.7062}, {3, 4.30265}, {5, 2.77645}, {10, 2.26216}, {30, 2.04523}, {121, 1.97993}};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		CU_ASSERT_DOUBLE_EQUAL(sim_student_factor(rows[i].n), rows[i].t, 1e-4);
}

/* Two-sided 99.9 %, and how many of n misses are one too many. */
static void test_factors(void)
{
	static const struct {
		size_t n;
		double p, q;
		size_t k;
	} rows[] = {
	    {36, 0.05, 0.999, 7}, {1, 0.05, 0.9, 0},  {1, 0.05, 0.999, 1},     {10, 0.5, 0.5, 5},
	    {20, 0.05, 0.95, 3},  {0, 0.05, 0.99, 0}, {100, 0.95, 0.0005, 87},
	};

	CU_ASSERT_DOUBLE_EQUAL(sim_student_factor_at(2, 0.999), 636.619, 1e-3);
	CU_ASSERT_DOUBLE_EQUAL(sim_student_factor_at(10, 0.999), 4.781, 1e-3);
	for (size_t n = 2; n < 40; n++)
		CU_ASSERT_DOUBLE_EQUAL(sim_student_factor_at(n, SIM_CONFIDENCE), sim_student_factor(n), 1e-9);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		CU_ASSERT_EQUAL(sim_binomial_quantile(rows[i].n, rows[i].p, rows[i].q), rows[i].k);
}

static void test_interval(void)
{
	double values[] = {3, 1, 5, 2, 4}; /* mean 3, sd sqrt(2.5) */
	struct sim_estimate e = sim_estimate_mean(values, 5, false);

	CU_ASSERT_EQUAL(e.mean, 3);
	CU_ASSERT_DOUBLE_EQUAL(e.high - 3, 2.77644510 * sqrt(0.5), 1e-7);
	CU_ASSERT_DOUBLE_EQUAL(3 - e.low, e.high - 3, 1e-15);
	CU_ASSERT_STRING_EQUAL(e.method, "student-t");
	CU_ASSERT_STRING_EQUAL(e.verdict, "ok");
}

static void test_verdicts(void)
{
	double few[] = {1, 2, 3, 4}, one[] = {7}, same[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
	struct sim_estimate e = sim_estimate_mean(few, 4, false);

	CU_ASSERT(e.interval && e.low < 2.5 && e.high > 2.5);
	CU_ASSERT_STRING_EQUAL(e.verdict, "n too small");
	e = sim_estimate_mean(one, 1, false);
	CU_ASSERT(!e.interval && e.mean == 7);
	CU_ASSERT_STRING_EQUAL(e.method, "none");
	CU_ASSERT_STRING_EQUAL(e.verdict, "n too small");
	e = sim_estimate_mean(one, 1, true);
	CU_ASSERT_STRING_EQUAL(e.verdict, "n too small");
	e = sim_estimate_mean(same, 6, true);
	CU_ASSERT(e.interval && e.mean == 0.1 && e.low == 0.1 && e.high == 0.1);
	CU_ASSERT_STRING_EQUAL(e.verdict, "deterministic");
	e = sim_estimate_mean(same, 6, false);
	CU_ASSERT(e.low == 0.1 && e.high == 0.1);
	CU_ASSERT_STRING_EQUAL(e.verdict, "ok");
}

/* The same bits in whatever order the values come, also where plain sums would differ. */
static void test_order(void)
{
	double a[] = {1e16, 1, -1e16, 0.1, 3, 1e-3}, b[] = {0.1, -1e16, 1e-3, 3, 1e16, 1};
	struct sim_estimate x = sim_estimate_mean(a, 6, false), y = sim_estimate_mean(b, 6, false);

	CU_ASSERT(x.mean == y.mean && x.low == y.low && x.high == y.high);
	CU_ASSERT_DOUBLE_EQUAL(x.mean, 4.101 / 6, 1e-12);
}

/* Quantile q is the ceil(q n)-th smallest. */
static void test_quantiles(void)
{
	static const struct {
		size_t n;
		const char *statistic;
		double value; /* of 1 ns .. n ns; NAN: no row */
	} rows[] = {
	    {1, "p50", 1},
	    {2, "p50", 1},
	    {3, "p50", 2},
	    {4, "p50", 2},
	    {1, "sd", NAN},
	    {9, "p90", NAN},
	    {10, "p90", 9},
	    {11, "p90", 10},
	    {99, "p99", NAN},
	    {100, "p99", 99},
	    {101, "p99", 100},
	    {999, "p999", NAN},
	    {1000, "p999", 999},
	    {1001, "p999", 1000},
	    {5, "count", 5e9},
	    {5, "mean", 3},
	    {5, "min", 1},
	    {5, "max", 5},
	    {2, "sd", 0.70710678118654757},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree sim_time *values = g_new(sim_time, rows[i].n);
		struct sim_record record;

		for (size_t k = 0; k < rows[i].n; k++)
			values[k] = (sim_time)(rows[i].n - k); /* unsorted on purpose */
		sim_record_init(&record);
		sim_record_tally(&record, metric, values, rows[i].n);
		double value = value_of(&record, rows[i].statistic);

		if (isnan(rows[i].value))
			CU_ASSERT(isnan(value))
		else
			CU_ASSERT_DOUBLE_EQUAL(value, rows[i].value / 1e9, 1e-18);
		sim_record_clear(&record);
	}
}

static void test_empty_tally(void)
{
	struct sim_record record;

	sim_record_init(&record);
	sim_record_tally(&record, metric, NULL, 0);
	CU_ASSERT_EQUAL(record.rows->len, 0);
	sim_record_clear(&record);
}

static void test_records(void)
{
	struct sim_record record;

	sim_record_init(&record);
	sim_record_share(&record, metric, 3, 0, "1");
	sim_record_weighted(&record, metric, 3, 0, 1, 3, "1");
	CU_ASSERT_EQUAL(record.rows->len, 0); /* a divisor of 0: no row */
	sim_record_counter(&record, metric, 0, "1");
	CU_ASSERT_EQUAL(record.rows->len, 1); /* a counter of 0: its row */
	sim_record_weighted(&record, metric, (unsigned __int128)6 * SIM_S, 4 * SIM_S, 0.5, 4, "1");
	CU_ASSERT_EQUAL(value_of(&record, "mean"), 0.75);
	CU_ASSERT_EQUAL(value_of(&record, "max"), 2);
	sim_record_clear(&record);
	sim_record_init(&record);
	sim_record_total_time(&record, metric, 1500000000);
	CU_ASSERT_EQUAL(value_of(&record, "total"), 1.5);
	sim_record_clear(&record);
}

/* Ranks against tables (David and Nagaraja, Order Statistics, 7.1), and the least n that carries an interval. */
static void test_ranks(void)
{
	static const struct {
		size_t n;
		double q;
		size_t low, high; /* 0: refused */
		double coverage;
	} rows[] = {
	    {5, 0.5, 0, 0, 0},          {6, 0.5, 1, 6, 1 - 2 / 64.0},   {10, 0.5, 2, 9, 1 - 22 / 1024.0},
	    {20, 0.5, 6, 15, 0.958611}, {367, 0.99, 0, 0, 0},           {368, 0.99, 360, 368, NAN},
	    {3687, 0.999, 0, 0, 0},     {3688, 0.999, 3680, 3688, NAN}, {368, 0.01, 1, 9, NAN},
	    {1, 0.5, 0, 0, 0},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct sim_ranks r = {0};

		CU_ASSERT_EQUAL(sim_quantile_ranks(rows[i].n, rows[i].q, SIM_CONFIDENCE, &r), rows[i].low > 0);
		CU_ASSERT_EQUAL(r.low, rows[i].low);
		CU_ASSERT_EQUAL(r.high, rows[i].high);
		if (rows[i].low > 0)
			CU_ASSERT(r.coverage >= SIM_CONFIDENCE && r.coverage < 1);
		if (rows[i].low > 0 && !isnan(rows[i].coverage))
			CU_ASSERT_DOUBLE_EQUAL(r.coverage, rows[i].coverage, 1e-6);
	}
}

/* Of n trials, k succeed. */
static double chance(size_t n, size_t k, double q)
{
	double a = (double)k + 1, b = (double)(n - k) + 1;

	return exp(lgamma((double)n + 1) - lgamma(a) - lgamma(b) + (a - 1) * log(q) + (b - 1) * log(1 - q));
}

/* Neither side misses more often than allowed, and one further inside it would. */
static void test_ranks_are_tight(void)
{
	for (size_t n = 6; n < 400; n += 7) {
		for (double q = 0.05; q < 0.96; q += 0.05) {
			double below = 0, low = -1, high = -1;
			struct sim_ranks r;

			if (!sim_quantile_ranks(n, q, SIM_CONFIDENCE, &r))
				continue;
			for (size_t k = 0; k <= n; k++) { /* below: P(B < k) */
				if (k == r.low)
					low = below;
				if (k == r.low + 1)
					CU_ASSERT(below > 0.025 - 1e-9);
				if (k == r.high - 1)
					CU_ASSERT(1 - below > 0.025 - 1e-9);
				if (k == r.high)
					high = 1 - below;
				below += chance(n, k, q);
			}
			CU_ASSERT(low >= 0 && low <= 0.025 + 1e-9 && high >= 0 && high <= 0.025 + 1e-9);
			CU_ASSERT_DOUBLE_EQUAL(r.coverage, 1 - low - high, 1e-9);
		}
	}
}

static void test_quantile_estimate(void)
{
	double ten[] = {10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, many[500];
	struct sim_estimate e = sim_estimate_quantile(ten, 10, 0.5);

	CU_ASSERT(e.mean == 5 && e.low == 2 && e.high == 9 && e.n == 10 && e.interval);
	CU_ASSERT_STRING_EQUAL(e.method, "order-statistic");
	CU_ASSERT_STRING_EQUAL(e.verdict, "ok");
	e = sim_estimate_quantile(ten, 10, 0.99); /* never the maximum in disguise */
	CU_ASSERT(e.mean == 10 && !e.interval);
	CU_ASSERT_STRING_EQUAL(e.method, "none");
	CU_ASSERT_STRING_EQUAL(e.verdict, "n too small");
	for (size_t i = 0; i < G_N_ELEMENTS(many); i++)
		many[i] = (double)(i + 1);
	e = sim_estimate_quantile(many, 500, 0.99);
	CU_ASSERT(e.mean == 495 && e.interval && e.low < 495 && e.high == 500);
	CU_ASSERT_EQUAL(sim_quantile_rank(100, 0.07), 7);
	CU_ASSERT_EQUAL(sim_quantile_rank(1000, 0.999), 999);
	CU_ASSERT_EQUAL(sim_quantile_rank(1001, 0.999), 1000);
	CU_ASSERT_EQUAL(sim_quantile_rank(1, 0.01), 1);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"Student's t against tables", test_student},
	    {"at other confidences, and of the binomial distribution", test_factors},
	    {"an interval by hand", test_interval},
	    {"verdicts", test_verdicts},
	    {"independent of order", test_order},
	    {"ranks of a quantile's interval", test_ranks},
	    {"which are as near as can be", test_ranks_are_tight},
	    {"a quantile and its interval", test_quantile_estimate},
	    {"quantiles and when they have rows", test_quantiles},
	    {"a tally without values", test_empty_tally},
	    {"counters, shares, time-weighted values", test_records},
	    {NULL, NULL},
	};

	return suite_run("stats", cases);
}
