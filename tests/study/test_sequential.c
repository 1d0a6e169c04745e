/* When replications may stop, and what is asked of them. */
#include <glib.h>
#include <string.h>

#include "sim/study/precision.h"
#include "sim/study/sequential.h"
#include "tests/lib/suite.h"

static void test_looks(void)
{
	static const unsigned expected[] = {10, 13, 17, 22, 28, 35, 44, 55, 69, 87, 100};
	struct sim_sequential s = sim_sequential_start(10, 100);
	unsigned n = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
		n = sim_sequential_next(&s, n);
		CU_ASSERT_EQUAL(n, expected[i]);
	}
	s = sim_sequential_start(1, 100); /* two values make an interval, but none to stop by */
	CU_ASSERT_EQUAL(sim_sequential_next(&s, 0), 5);
	CU_ASSERT_EQUAL(sim_sequential_next(&s, 5), 7);
	s = sim_sequential_start(50, 20);
	CU_ASSERT_EQUAL(sim_sequential_next(&s, 0), 20);
	s = sim_sequential_start(10, 4000000000u);
	CU_ASSERT_EQUAL(sim_sequential_next(&s, 3999999999u), 4000000000u);
}

static void test_judge(void)
{
	struct sim_sequential s = sim_sequential_start(10, 22);

	CU_ASSERT_EQUAL(sim_sequential_judge(&s, 10, true), SIM_SEQUENTIAL_MORE); /* once is luck */
	CU_ASSERT_EQUAL(sim_sequential_judge(&s, 13, false), SIM_SEQUENTIAL_MORE);
	CU_ASSERT_EQUAL(sim_sequential_judge(&s, 17, true), SIM_SEQUENTIAL_MORE);
	CU_ASSERT_EQUAL(sim_sequential_judge(&s, 22, true),
			SIM_SEQUENTIAL_REACHED); /* the last one is not too late */
	s = sim_sequential_start(10, 13);
	CU_ASSERT_EQUAL(sim_sequential_judge(&s, 10, false), SIM_SEQUENTIAL_MORE);
	CU_ASSERT_EQUAL(sim_sequential_judge(&s, 13, true), SIM_SEQUENTIAL_GIVEN_UP);
	s = sim_sequential_start(10, 100);
	CU_ASSERT_EQUAL(sim_sequential_judge(&s, 10, true), SIM_SEQUENTIAL_MORE);
	CU_ASSERT_EQUAL(sim_sequential_judge(&s, 13, true), SIM_SEQUENTIAL_REACHED);
}

static void test_holds(void)
{
	struct sim_estimate e = {.mean = -100, .low = -105, .high = -95, .interval = true};

	CU_ASSERT(!sim_sequential_holds(&e, 0.05)); /* 5 / 1.05 = 4.76 of 100 */
	e.low = -104.7;
	e.high = -95.3;
	CU_ASSERT(sim_sequential_holds(&e, 0.05));
	e.interval = false;
	CU_ASSERT(!sim_sequential_holds(&e, 0.05));
	CU_ASSERT(!sim_sequential_holds(NULL, 0.05));
	e = (struct sim_estimate){.mean = 0, .low = -1, .high = 1, .interval = true};
	CU_ASSERT(!sim_sequential_holds(&e, 1));
	e.low = e.high = 0;
	CU_ASSERT(sim_sequential_holds(&e, 0.05));
}

static void test_parse(void)
{
	g_autofree char *reason = NULL;
	g_autoptr(GPtrArray) targets =
	    sim_precision_parse(" assignment.latency.p99 5%,assignment.throughput\t0.02 ", &reason);

	CU_ASSERT_PTR_NOT_NULL_FATAL(targets);
	CU_ASSERT_EQUAL_FATAL(targets->len, 2);
	const struct sim_target *t = g_ptr_array_index(targets, 0);

	CU_ASSERT_STRING_EQUAL(t->metric, "assignment.latency");
	CU_ASSERT_STRING_EQUAL(t->statistic, "p99");
	CU_ASSERT_EQUAL(t->share, 0.05);
	t = g_ptr_array_index(targets, 1);
	CU_ASSERT_STRING_EQUAL(t->metric, "assignment.throughput");
	CU_ASSERT_PTR_NULL(t->statistic);
	CU_ASSERT_EQUAL(t->share, 0.02);
}

static void test_refusals(void)
{
	static const struct {
		const char *text, *reason;
	} rows[] = {
	    {"5%", "is not a metric and a share"},
	    {"", "is not a metric and a share"},
	    {"a.b 5%,", "\"\" is not a metric and a share"},
	    {"a.b 5% 6%", "is not a metric and a share"},
	    {".mean 5%", "\".mean\" is not the name of a metric"},
	    {"a. 5%", "\"a.\" is not the name of a metric"},
	    {"a.b 5", "of \"a.b\": "},
	    {"a.b 0%", "a half-width of 0 is never reached"},
	    {"a.b -5%", "of \"a.b\": "},
	    {"a.b 101%", "of \"a.b\": "},
	    {"a.b.mean 5%, a.b.mean 6%", "\"a.b.mean 6%\" is about what another part is about"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *reason = NULL;

		CU_ASSERT_PTR_NULL(sim_precision_parse(rows[i].text, &reason));
		CU_ASSERT_PTR_NOT_NULL_FATAL(reason);
		CU_ASSERT_PTR_NOT_NULL(strstr(reason, rows[i].reason));
	}
}

/* In the order of summary.csv. */
static void test_find(void)
{
	static const struct {
		const char *metric, *statistic;
	} rows[] = {{"a.count", "total"}, {"a.latency", "max"}, {"a.latency", "mean"}, {"a.rate", "mean"}};
	static const struct {
		const char *metric, *statistic;
		int row;
	} wanted[] = {{"a.count", NULL, 0},     {"a.count", "total", 0}, {"a.latency", "mean", 2},
		      {"a.latency", "p99", -1}, {"a.rate", NULL, 3},     {"a.rate", "p99", -1},
		      {"a.none", NULL, -1}};
	g_autoptr(GArray) summary = g_array_new(FALSE, FALSE, sizeof(struct sim_summary_row));

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct sim_summary_row row = {0, "all", "all", rows[i].metric, rows[i].statistic, "1", {0}};

		g_array_append_val(summary, row);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
		char *names[] = {g_strdup(wanted[i].metric), g_strdup(wanted[i].statistic)};
		const struct sim_target target = {names[0], names[1], 0.05};
		g_autofree char *reason = NULL;
		const struct sim_summary_row *row = sim_precision_find(summary, 0, &target, &reason);

		if (wanted[i].row < 0)
			CU_ASSERT(row == NULL && reason != NULL)
		else
			CU_ASSERT(row == &g_array_index(summary, struct sim_summary_row, (guint)wanted[i].row) &&
				  reason == NULL);
		g_free(names[0]);
		g_free(names[1]);
	}
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"how many replications there are at each look", test_looks},
	    {"two looks in a row", test_judge},
	    {"precise enough", test_holds},
	    {"`precision`", test_parse},
	    {"`precision`: what is refused", test_refusals},
	    {"which row a target is about", test_find},
	    {NULL, NULL},
	};

	return suite_run("sequential", cases);
}
