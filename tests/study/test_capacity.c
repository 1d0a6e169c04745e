/* The search for a capacity, with a judge whose limit is known; SLOs as they are written; knees. */
#include <glib.h>
#include <math.h>

#include "sim/kernel/stream.h"
#include "sim/study/slo.h"
#include "sim/study/stats.h"
#include "tests/lib/suite.h"

/* What a judge has to go by: means of `replications` values around log(value / limit), spread as told. */
struct bench {
	double limit, again; /* passes up to `limit`, and from `again` on (INFINITY: never) */
	double spread;
	guint64 seed;
	guint calls, stop_after;
};

static double luck(const struct bench *b, double value, unsigned replication)
{
	struct sim_random random = sim_random_of(b->seed, replication);
	struct sim_address address = {.entity = (uint32_t)llrint(value * 1000)};
	struct sim_stream stream = sim_stream_at(&random, &address);

	return sqrt(12) * b->spread * (sim_stream_unit(&stream) - 0.5);
}

static bool judge(void *context, double value, unsigned replications, double error, struct sim_capacity_look *look)
{
	struct bench *b = context;
	double truth = value >= b->again ? -1 : log(value / b->limit), sum = 0, squares = 0, n = replications;

	for (unsigned r = 0; r < replications; r++) {
		double x = truth + luck(b, value, r);

		sum += x;
		squares += x * x;
	}
	double mean = sum / n, half = sim_student_factor_at(replications, 1 - 2 * error) *
				      sqrt(MAX(0, (squares - n * mean * mean) / (n - 1) / n));

	look->score = mean;
	look->judgement = mean + half <= 0  ? SIM_CAPACITY_PASSES
			  : mean - half > 0 ? SIM_CAPACITY_FAILS
					    : SIM_CAPACITY_UNSURE;
	return ++b->calls != b->stop_after;
}

static struct sim_capacity find(struct bench *b, double start, double from, double to, double width, bool whole)
{
	const struct sim_capacity_search search = {start, from, to, width, whole, 5, 100, judge, b};
	struct sim_capacity c = sim_capacity_find(&search);

	CU_ASSERT(c.trials->len <= SIM_CAPACITY_TRIALS);
	g_array_unref(c.trials);
	return c;
}

static void test_exact(void)
{
	static const double starts[] = {0.001, 1, 37, 59, 60, 61, 4000, 1e6};

	for (size_t i = 0; i < G_N_ELEMENTS(starts); i++) {
		struct bench b = {60, INFINITY, 0, 1, 0, 0};
		struct sim_capacity c = find(&b, starts[i], 1e-9, 1e9, 0.02, false);

		CU_ASSERT_EQUAL(c.verdict, SIM_CAPACITY_FOUND);
		CU_ASSERT(c.lower <= 60 && 60 < c.upper && c.upper <= c.lower * 1.02);
	}
}

static void test_whole(void)
{
	for (int limit = 1; limit < 40; limit++) {
		struct bench b = {limit, INFINITY, 0, 1, 0, 0};
		struct sim_capacity c = find(&b, 7, 1, 1000, 0.01, true);

		CU_ASSERT_EQUAL(c.verdict, SIM_CAPACITY_FOUND);
		CU_ASSERT(c.lower == limit && c.upper == limit + 1);
	}
}

static void test_ends(void)
{
	struct bench b = {60, INFINITY, 0, 1, 0, 0}, stopped = {60, INFINITY, 0, 1, 0, 3};
	struct bench twice = {60, 115, 0, 1, 0, 0};

	CU_ASSERT_EQUAL(find(&b, 100, 70, 200, 0.05, false).verdict, SIM_CAPACITY_NONE);
	CU_ASSERT_EQUAL(find(&b, 10, 5, 50, 0.05, false).verdict, SIM_CAPACITY_ALL);
	CU_ASSERT_EQUAL(find(&b, 50, 50, 50, 0.05, false).verdict, SIM_CAPACITY_ALL);
	CU_ASSERT_EQUAL(find(&b, 70, 70, 70, 0.05, false).verdict, SIM_CAPACITY_NONE);
	CU_ASSERT_EQUAL(find(&stopped, 10, 1, 1000, 0.05, false).verdict, SIM_CAPACITY_INTERRUPTED);
	CU_ASSERT_EQUAL(find(&twice, 50, 1, 200, 0.05, false).verdict, SIM_CAPACITY_NOT_MONOTONE);
}

/* Of 300 searches with noise, at most 5 % may be wrong; those that cannot be as narrow as asked say so. */
static void test_noise(void)
{
	guint wrong = 0, wide = 0, found = 0;

	for (guint64 seed = 1; seed <= 300; seed++) {
		struct bench b = {60, INFINITY, 0.03, seed, 0, 0}, vague = {60, INFINITY, 1, seed, 0, 0};
		struct sim_capacity c = find(&b, 11, 1e-9, 1e9, 0.05, false);
		struct sim_capacity v = find(&vague, 11, 1e-9, 1e9, 0.05, false);

		found += c.verdict == SIM_CAPACITY_FOUND && c.upper <= c.lower * 1.05 ? 1 : 0;
		wrong += !(c.lower <= 60 && 60 <= c.upper) ? 1 : 0;
		wrong += v.lower > 60 || v.upper < 60 ? 1 : 0;
		wide += v.verdict == SIM_CAPACITY_TOO_WIDE ? 1 : 0;
	}
	CU_ASSERT(wrong <= 15);
	CU_ASSERT(wide >= 295 && found >= 295);
}

static void test_looks(void)
{
	CU_ASSERT_EQUAL(sim_capacity_next(0, 5, 100), 5);
	CU_ASSERT_EQUAL(sim_capacity_next(5, 5, 100), 8);
	CU_ASSERT_EQUAL(sim_capacity_next(93, 5, 100), 100);
	CU_ASSERT_EQUAL(sim_capacity_looks(5, 100), 9); /* 5 8 12 18 27 41 62 93 100 */
}

/* Figure 2 of the paper: y = -1 / x + 5 at 10 points has its knee at x = 0.22; here with the axes turned. */
static void test_knee(void)
{
	double x[10], y[10], line[10];

	for (int i = 0; i < 10; i++) {
		double at = 0.1 + 0.1 * i;

		x[9 - i] = -at;
		y[9 - i] = 1 / at;
		line[i] = 3 * i;
	}
	int knee = sim_kneedle(x, y, 10);

	CU_ASSERT(knee >= 0);
	CU_ASSERT_DOUBLE_EQUAL(x[knee], -0.3, 0.11);
	CU_ASSERT_EQUAL(sim_kneedle(x, line, 10), -1);
	CU_ASSERT_EQUAL(sim_kneedle(x, y, 4), -1);
}

static void test_slos(void)
{
	static const struct {
		const char *text, *metric, *statistic, *unit;
		double limit;
		bool at_most;
	} rows[] = {
	    {"assignment.latency.p99<=2s", "assignment.latency", "p99", "s", 2, true},
	    {" a.b <= 250ms ", "a.b", NULL, "s", 0.25, true},
	    {"assignment.failure-share<=0.1%", "assignment.failure-share", NULL, "1", 0.001, true},
	    {"assignment.throughput>=120/min", "assignment.throughput", NULL, "1/s", 2, false},
	    {"pan.bytes<=4KiB", "pan.bytes", NULL, "B", 4096, true},
	    {"server.queue.max<=17", "server.queue", "max", "1", 17, true},
	};
	static const char *const wrong[] = {"a.b.mean", "a.b<2s", "a.b=2s", "<=2s", "a b<=2s", "a.b<=", "a.b<=2sec"};
	char *reason = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct sim_slo *slo = sim_slo_parse(rows[i].text, &reason);

		CU_ASSERT_PTR_NOT_NULL_FATAL(slo);
		CU_ASSERT_STRING_EQUAL(slo->metric, rows[i].metric);
		CU_ASSERT_EQUAL(g_strcmp0(slo->statistic, rows[i].statistic), 0);
		CU_ASSERT_STRING_EQUAL(slo->unit, rows[i].unit);
		CU_ASSERT_DOUBLE_EQUAL(slo->limit, rows[i].limit, 1e-12);
		CU_ASSERT_EQUAL(slo->at_most, rows[i].at_most);
		sim_slo_free(slo);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		CU_ASSERT_PTR_NULL(sim_slo_parse(wrong[i], &reason));
		CU_ASSERT_PTR_NOT_NULL(reason);
		g_clear_pointer(&reason, g_free);
	}
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"a limit without noise, from anywhere", test_exact},
	    {"whole numbers", test_whole},
	    {"no limit, and more than one", test_ends},
	    {"noise", test_noise},
	    {"looks", test_looks},
	    {"knees", test_knee},
	    {"SLOs", test_slos},
	    {NULL, NULL},
	};

	return suite_run("capacity", cases);
}
