/* The course of a run: what its series say, and that looking changes nothing. */
#include <glib.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "models/deployment/model.h"
#include "tests/deployment/run_of.h"
#include "tests/lib/suite.h"

static bool same_rows(const struct sim_record *a, const struct sim_record *b)
{
	bool same = a->rows->len == b->rows->len &&
		    memcmp(&a->fingerprint, &b->fingerprint, sizeof(a->fingerprint)) == 0 &&
		    strcmp(a->ended, b->ended) == 0;

	for (guint i = 0; same && i < a->rows->len; i++) {
		const struct sim_row *x = &g_array_index(a->rows, struct sim_row, i);
		const struct sim_row *y = &g_array_index(b->rows, struct sim_row, i);

		same = strcmp(x->metric, y->metric) == 0 && strcmp(x->statistic, y->statistic) == 0 &&
		       strcmp(x->module, y->module) == 0 && strcmp(x->flow, y->flow) == 0 && x->value == y->value;
	}
	return same;
}

static double row_of(const struct sim_record *record, const char *metric, const char *statistic)
{
	for (guint i = 0; i < record->rows->len; i++) {
		const struct sim_row *row = &g_array_index(record->rows, struct sim_row, i);

		if (strcmp(row->module, "all") == 0 && strcmp(row->flow, "all") == 0 &&
		    strcmp(row->metric, metric) == 0 && strcmp(row->statistic, statistic) == 0)
			return row->value;
	}
	return NAN;
}

/* The sum of rate x period, or of mean x period; and how many points there are. */
static double sum_of(const struct sim_record *record, const char *metric, guint *points)
{
	double sum = 0, before = 0;

	*points = 0;
	for (guint i = 0; i < record->series->len; i++) {
		const struct sim_point *p = &g_array_index(record->series, struct sim_point, i);

		if (strcmp(p->metric, metric) != 0)
			continue;
		CU_ASSERT(p->x > before);
		sum += p->value * (p->x - before);
		before = p->x;
		(*points)++;
	}
	return sum;
}

/* Whatever the period: the same fingerprint, end and rows, and sums that are the totals. */
static void test_looking_changes_nothing(void)
{
	static const struct {
		const char *config, *more, *and;
	} cases[] = {{"Storm", "pan.loss=5%", NULL},
		     {"Storm", "sim-time-limit=10s", NULL},
		     {"Storm", "store.model=lock", "store.write=20ms"},
		     {"Rekeying", "server.workers=2", NULL}};
	static const char *const periods[] = {"1h", "10s", "777ms", "170ms"};
	static const struct {
		const char *series, *total;
	} sums[] = {{"assignment.started", "assignment.started"},
		    {"assignment.completed", "assignment.completed"},
		    {"assignment.failed", "assignment.failed"},
		    {"pan.messages", "pan.messages"},
		    {"wan.messages", "wan.messages"},
		    {"server.shed", "server.shed"},
		    {"server.rejected", "server.rejected"},
		    {"store.busy", "store.busy"}};

	for (size_t c = 0; c < G_N_ELEMENTS(cases); c++) {
		struct sim_record plain;
		const char *none[] = {"crypto.mode=counted", cases[c].more, cases[c].and, NULL};

		CU_ASSERT_PTR_NULL(run_of(cases[c].config, NULL, none, &plain));
		CU_ASSERT_EQUAL(plain.series->len, 0);
		for (size_t k = 0; k < G_N_ELEMENTS(periods); k++) {
			g_autofree char *period = g_strconcat("series.period=", periods[k], NULL);
			const char *sets[] = {period, none[0], none[1], none[2], NULL};
			struct sim_record sampled;

			CU_ASSERT_PTR_NULL(run_of(cases[c].config, NULL, sets, &sampled));
			CU_ASSERT(same_rows(&plain, &sampled));
			for (size_t i = 0; i < G_N_ELEMENTS(sums); i++) {
				guint points;
				double sum = sum_of(&sampled, sums[i].series, &points);
				double total = row_of(&sampled, sums[i].total, "total");

				if (isnan(total))
					continue;
				CU_ASSERT(points > 0);
				CU_ASSERT_DOUBLE_EQUAL(sum, total, 1e-6 * MAX(1, total));
			}
			sim_record_clear(&sampled);
		}
		sim_record_clear(&plain);
	}
}

#define ONE_WORKER                                                                                       \
	"[General]\ntopology = generated\ngateways = 40\nflow = gateway\nwan.profile = ideal\n"          \
	"protocol.mutual-authentication = done\nprotocol.digest = single-round\nprotocol.timeout = 1h\n" \
	"protocol.retries = 0\ncrypto.gateway = free\ncrypto.server = free\n"

static void check_points(const struct sim_record *record, const char *metric, const double *expected, guint n)
{
	guint k = 0;

	for (guint i = 0; i < record->series->len; i++) {
		const struct sim_point *p = &g_array_index(record->series, struct sim_point, i);

		if (strcmp(p->metric, metric) != 0)
			continue;
		for (; k < n && isnan(expected[k]); k++)
			;
		CU_ASSERT_FATAL(k < n);
		CU_ASSERT_EQUAL(p->x, k + 1);
		CU_ASSERT_DOUBLE_EQUAL(p->value, expected[k], 1e-9);
		k++;
	}
	for (; k < n && isnan(expected[k]); k++)
		;
	CU_ASSERT_EQUAL(k, n);
}

/* Two come at 0.5 s, one at 2.25 s and one at 4 s, to one worker who takes a second for each. What happens at the end
 * of a period belongs to it. */
static void test_by_hand(void)
{
	g_autofree char *folder = g_dir_make_tmp("series.XXXXXX", NULL);
	g_autofree char *trace = g_build_filename(folder, "trace.csv", NULL);
	g_autofree char *arrivals = g_strdup_printf("workload.arrivals=trace(%s)", trace);
	const char *const sets[] = {arrivals, NULL};
	struct sim_record record;

	CU_ASSERT_FATAL(g_file_set_contents(
	    trace, "time,device\n500ms,gw:00000\n500ms,gw:00001\n2.25s,gw:00002\n4s,gw:00003\n", -1, NULL));
	CU_ASSERT_PTR_NULL(
	    run_of(NULL, ONE_WORKER "study = terminating\nserver.service = 1s\nseries.period = 1s\n", sets, &record));
	check_points(&record, "assignment.started", (double[]){2, 0, 1, 1, 0}, 5);
	check_points(&record, "assignment.completed", (double[]){0, 1, 1, 1, 1}, 5);
	check_points(&record, "assignment.failed", (double[]){0, 0, 0, 0, 0}, 5);
	check_points(&record, "assignment.latency", (double[]){1.5, NAN, 1.25, 1, NAN}, 5);
	check_points(&record, "server.queue", (double[]){0.5, 0.5, 0.25, 0, 0}, 5);
	check_points(&record, "server.utilisation", (double[]){0.5, 1, 1, 0.5, 1}, 5);
	check_points(&record, "wan.messages", (double[]){2, 1, 2, 2, 1}, 5);
	sim_record_clear(&record);
	g_remove(trace);
	g_rmdir(folder);
}

static void test_too_many_points(void)
{
	const char *const sets[] = {"series.period=1ms", "workload.arrivals=storm(1min)", NULL};
	struct sim_record record;
	g_autofree char *reason = run_of("Storm", NULL, sets, &record);

	CU_ASSERT_PTR_NOT_NULL_FATAL(reason);
	CU_ASSERT_PTR_NOT_NULL(strstr(reason, "more than 10001"));
	sim_record_clear(&record);
}

#define QUEUE \
	ONE_WORKER "study = steady-state\nserver.service = exponential(1s)\nworkload.arrivals = poisson(0.7/s)\n"

/* Many workers who all have nothing to do at first: it takes some service times until as many are busy as will be.
 * What MSER-5 cuts off is the same in both crypto modes, and the same as if somebody had written that time. */
static void test_warmup(void)
{
#define CROWD                                                                                                        \
	"workload.arrivals=poisson(1/s)", "server.service=exponential(180s)", "server.workers=200", "gateways=4000", \
	    "sim-time-limit=4000s"
	const char *real[] = {"warmup=auto", "crypto.mode=real", CROWD, NULL};
	const char *counted[] = {"warmup=auto", "crypto.mode=counted", CROWD, NULL};
	const char *none[] = {"warmup=none", "crypto.mode=counted", CROWD, NULL};
	struct sim_record a, b, c, d;
	sim_time warmup = 0;

	CU_ASSERT_PTR_NULL(run_of(NULL, QUEUE, real, &a));
	CU_ASSERT_PTR_NULL(run_of(NULL, QUEUE, counted, &b));
	CU_ASSERT(same_rows(&a, &b));
	CU_ASSERT_EQUAL_FATAL(a.cuts->len, b.cuts->len);
	CU_ASSERT_EQUAL(a.cuts->len, 5); /* latency, throughput, wait, queue, utilisation */
	for (guint i = 0; i < a.cuts->len; i++) {
		const struct sim_cut *x = &g_array_index(a.cuts, struct sim_cut, i);
		const struct sim_cut *y = &g_array_index(b.cuts, struct sim_cut, i);

		CU_ASSERT(strcmp(x->metric, y->metric) == 0 && x->cut == y->cut && x->time == y->time);
		CU_ASSERT(x->values > 1900 && x->cut < x->values / 2);
		CU_ASSERT_EQUAL(x->cut > 0, x->time > 0);
		warmup = MAX(warmup, x->time);
	}
	CU_ASSERT(warmup > 200 * SIM_S && warmup < 2000 * SIM_S);
	g_autofree char *written = g_strdup_printf("warmup=%.9fs", (double)warmup / 1e9);

	counted[0] = written;
	CU_ASSERT_PTR_NULL(run_of(NULL, QUEUE, counted, &c));
	CU_ASSERT(same_rows(&b, &c));
	CU_ASSERT_PTR_NULL(run_of(NULL, QUEUE, none, &d));
	double with = row_of(&b, "server.utilisation", "mean"), without = row_of(&d, "server.utilisation", "mean");

	CU_ASSERT_DOUBLE_EQUAL(with, 0.9, 0.03);
	CU_ASSERT_DOUBLE_EQUAL(without, 0.9 * (1 - 180 / 4000.0), 0.03);
	CU_ASSERT(with > without + 0.02);
	sim_record_clear(&a);
	sim_record_clear(&b);
	sim_record_clear(&c);
	sim_record_clear(&d);
}

static void test_too_short(void)
{
	static const struct {
		const char *limit, *rate, *reason;
	} rows[] = {
	    {"sim-time-limit=20s", "workload.rate=0.5/s", "too few"},
	    {"sim-time-limit=2000s", "workload.rate=2/s", "No steady state exists"}, /* it never settles */
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *const sets[] = {"warmup=auto", rows[i].limit,   "workload.arrivals=poisson",
					    rows[i].rate,  "gateways=4000", NULL};
		struct sim_record record;
		g_autofree char *reason = run_of(NULL, QUEUE, sets, &record);

		CU_ASSERT_PTR_NOT_NULL_FATAL(reason);
		CU_ASSERT_PTR_NOT_NULL(strstr(reason, rows[i].reason));
		sim_record_clear(&record);
	}
}

static bool has_note(const struct sim_record *record, const char *part)
{
	for (guint i = 0; i < record->notes->len; i++)
		if (strstr(g_ptr_array_index(record->notes, i), part) != NULL)
			return true;
	return false;
}

/* Loads beyond what a server can do are told from those near to it, and from queues that have a bound; where few
 * devices are the bound, what they have not come to is told. */
static void test_unsteady(void)
{
	static const struct {
		const char *rate, *told, *more, *other, *timeout;
	} rows[] = {
	    {"workload.rate=0.5/s", NULL, "server.workers=1"},
	    {"workload.rate=0.95/s", NULL, "server.workers=1"},
	    {"workload.rate=1.2/s", "workers are always busy", "server.workers=1"},
	    {"workload.rate=2/s", "workers are always busy", "server.workers=1"},
	    {"workload.rate=2/s", NULL, "server.workers=2"},
	    {"workload.rate=4/s", "workers are always busy", "server.workers=2"},
	    {"workload.rate=2/s", NULL, "server.queue-limit=10"},
	    {"workload.rate=2/s", NULL, "server.queue=codel"},
	    {"workload.rate=0.9/s", NULL, "server.workers=1", "gateways=50"},
	    {"workload.rate=2/s", "more and more assignments are open", "server.workers=1", "gateways=50"},
	    {"workload.rate=2/s", NULL, "server.workers=10000", "server.service=3000s", "protocol.timeout=1h"},
	    {"workload.rate=2/s", NULL, "server.workers=10000", "wan.loss=60%", "protocol.timeout=1h"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *const sets[] = {"workload.arrivals=poisson",
					    "sim-time-limit=2000s",
					    "gateways=8000",
					    "protocol.timeout=100s", /* who is dropped gives up */
					    "warmup=100s",
					    "crypto.mode=counted",
					    rows[i].rate,
					    rows[i].more,
					    rows[i].other,
					    rows[i].timeout,
					    NULL};
		struct sim_record record;

		CU_ASSERT_PTR_NULL(run_of(NULL, QUEUE, sets, &record));
		if ((record.unsteady != NULL) != (rows[i].told != NULL))
			printf("\n    %s %s %s: %s", rows[i].rate, rows[i].more,
			       rows[i].other != NULL ? rows[i].other : "",
			       record.unsteady != NULL ? record.unsteady : "nothing is told");
		CU_ASSERT_EQUAL(record.unsteady != NULL, rows[i].told != NULL);
		CU_ASSERT_EQUAL(has_note(&record, "No steady state exists"), rows[i].told != NULL);
		CU_ASSERT(rows[i].told == NULL || has_note(&record, rows[i].told));
		sim_record_clear(&record);
	}
}

static void test_censored(void)
{
	static const char *const limits[] = {"sim-time-limit=500ms", "sim-time-limit=1h"};

	for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
		const char *const sets[] = {limits[i], "crypto.mode=counted", NULL};
		struct sim_record record;

		CU_ASSERT_PTR_NULL(run_of("Storm", NULL, sets, &record));
		CU_ASSERT_EQUAL(has_note(&record, "More than 5 %"), i == 0);
		sim_record_clear(&record);
	}
}

/* As many shares as the completed assignments carry, and values that grow. */
static void test_quantiles(void)
{
	const char *const sets[] = {"workload.arrivals=storm(1s)", "crypto.mode=counted", NULL};
	struct sim_record record;
	double before = 0;
	guint n = 0;

	CU_ASSERT_PTR_NULL(run_of("Storm", NULL, sets, &record));
	double completed = row_of(&record, "assignment.completed", "total");

	for (guint i = 0; i < record.quantiles->len; i++) {
		const struct sim_point *p = &g_array_index(record.quantiles, struct sim_point, i);

		CU_ASSERT_STRING_EQUAL(p->metric, "assignment.latency");
		if (strcmp(p->flow, "all") != 0)
			continue;
		CU_ASSERT(p->value >= before);
		CU_ASSERT(completed * MIN(p->x, 1 - p->x) >= 1 - 1e-9);
		if (p->x == 0.5)
			CU_ASSERT_EQUAL(p->value, row_of(&record, "assignment.latency", "p50"));
		if (p->x == 0.9)
			CU_ASSERT_EQUAL(p->value, row_of(&record, "assignment.latency", "p90"));
		before = p->value;
		n++;
	}
	CU_ASSERT_EQUAL(n, completed >= 1000 ? 23 : completed >= 200 ? 22 : completed >= 100 ? 21 : 19);
	sim_record_clear(&record);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"looking changes nothing, and nothing is missing", test_looking_changes_nothing},
	    {"series by hand", test_by_hand},
	    {"too many points", test_too_many_points},
	    {"a warm-up that is found", test_warmup},
	    {"runs that are too short", test_too_short},
	    {"loads that have no steady state", test_unsteady},
	    {"runs that end too early", test_censored},
	    {"quantiles", test_quantiles},
	    {NULL, NULL},
	};

	return suite_run("series", cases);
}
