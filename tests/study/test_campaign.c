/* Campaigns in one process: the bytes of the tables, and that they do not depend on how many run at once. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "sim/study/results.h"
#include "sim/study/twins.h"
#include "tests/lib/suite.h"
#include "tests/study/toy.h"

static const volatile int never;

static bool ignore(void *context, const struct sim_job *job)
{
	(void)context;
	(void)job;
	return true;
}

/* What a look at the tables in between costs, and must not disturb. */
static bool look(void *context, const struct sim_job *job)
{
	const struct sim_campaign *campaign = context;
	g_autoptr(GArray) summary = sim_summarise(campaign);
	g_autoptr(GString) csv = sim_results_runs_csv(campaign);

	(void)job;
	CU_ASSERT(summary->len == 0 || csv->len > 100);
	return true;
}

struct outcome {
	struct sim_scenario *scenario;
	struct sim_campaign *campaign;
	GArray *summary;
};

static struct outcome run(const char *text, const char *filter, guint at_once, const volatile int *stop)
{
	g_autofree char *path = g_build_filename(g_get_tmp_dir(), "cpns-test-XXXXXX", NULL);
	g_autoptr(GError) error = NULL;
	struct outcome o;

	g_close(g_mkstemp(path), NULL);
	g_file_set_contents(path, text, -1, NULL);
	struct sim_request request = {path, NULL, NULL, NULL};

	o.scenario = sim_scenario_load(&toy_model, &request, &error);
	g_unlink(path);
	if (o.scenario == NULL)
		printf("\n    %s", error->message);
	CU_ASSERT_PTR_NOT_NULL_FATAL(o.scenario);
	o.campaign = sim_campaign_new(&toy_model);
	CU_ASSERT_FATAL(sim_campaign_add(o.campaign, o.scenario, filter, 0, &error));
	CU_ASSERT(sim_campaign_prepare(o.campaign, &error));
	sim_campaign_run(o.campaign, at_once, stop, ignore, NULL);
	o.summary = sim_summarise(o.campaign);
	return o;
}

static const struct sim_job *job_at(const struct outcome *o, guint i)
{
	return g_ptr_array_index(o->campaign->jobs, i);
}

static void clear(struct outcome *o)
{
	g_array_unref(o->summary);
	sim_campaign_free(o->campaign);
	sim_scenario_free(o->scenario);
}

#define SMALL "[General]\nstudy = terminating\ncustomers = 4\narrivals = storm(1s)\nluck = none\nrepeat = 1\n"

static void test_runs_csv(void)
{
	static const char expected[] = "config,iteration,replication,run,module,flow,metric,statistic,value,unit\n"
				       "General,,0,0,all,all,served,total,4,1\n"
				       "General,,0,0,all,all,throughput,mean,20,1/s\n"
				       "General,,0,0,all,all,wait,count,4,1\n"
				       "General,,0,0,all,all,wait,max,0.029999999999999999,s\n"
				       "General,,0,0,all,all,wait,mean,0.014999999999999999,s\n"
				       "General,,0,0,all,all,wait,min,0,s\n"
				       "General,,0,0,all,all,wait,p50,0.01,s\n"
				       "General,,0,0,all,all,wait,sd,0.012909944487358056,s\n";
	struct outcome o = run(SMALL "service.time = 60ms\n", NULL, 1, &never);
	g_autoptr(GString) csv = sim_results_runs_csv(o.campaign);

	if (!g_str_has_prefix(csv->str, expected))
		printf("\n%s", csv->str);
	CU_ASSERT(g_str_has_prefix(csv->str, expected));
	clear(&o);
}

/* A name with a comma goes through libcsv's writer; without replications there is no interval. */
static void test_summary_csv(void)
{
	static const char expected[] =
	    "config,iteration,module,flow,metric,statistic,estimate,low,high,confidence,n,method,unit,verdict\n"
	    "General,\"s=uniform(60ms,61ms)\",all,all,served,total,4,,,0.94999999999999996,1,none,1,n too small\n";
	struct outcome o = run(SMALL "service.time = ${s=uniform(60ms,61ms)}\n", NULL, 1, &never);
	g_autoptr(GString) csv = sim_results_summary_csv(o.campaign, o.summary);

	if (!g_str_has_prefix(csv->str, expected))
		printf("\n%s", csv->str);
	CU_ASSERT(g_str_has_prefix(csv->str, expected));
	clear(&o);
}

/* Iterations by index, not by name: 9 comes before 10. */
static void test_sorting(void)
{
	struct outcome o =
	    run("[General]\nstudy = terminating\ncustomers = ${c=9,10}\narrivals = storm(1s)\nrepeat = 11\n", NULL, 2,
		&never);
	guint before = 0;
	const char *last = "";

	for (guint i = 0; i < o.summary->len; i++) {
		const struct sim_summary_row *row = &g_array_index(o.summary, struct sim_summary_row, i);
		g_autofree char *key =
		    g_strdup_printf("%s\001%s\001%s\001%s", row->module, row->flow, row->metric, row->statistic);

		CU_ASSERT(row->cell >= before);
		CU_ASSERT(row->cell > before || strcmp(key, last) > 0);
		before = row->cell;
		last = g_intern_string(key);
	}
	CU_ASSERT_EQUAL(before, 1);
	for (guint i = 0; i < o.campaign->jobs->len; i++)
		CU_ASSERT_EQUAL(job_at(&o, i)->run, i);
	clear(&o);
}

#define MANY "[General]\nstudy = terminating\ncustomers = 300\narrivals = storm(1s)\nservice.time = ${s=40ms,45ms}\n"

static void test_at_once(void)
{
	struct outcome one = run(MANY, NULL, 1, &never), many = run(MANY, NULL, 7, &never);
	struct outcome other = run(MANY "seed = 2\n", NULL, 1, &never);
	g_autoptr(GString) a = sim_results_runs_csv(one.campaign), b = sim_results_runs_csv(many.campaign);
	g_autoptr(GString) x = sim_results_summary_csv(one.campaign, one.summary);
	g_autoptr(GString) y = sim_results_summary_csv(many.campaign, many.summary);
	g_autoptr(GString) z = sim_results_runs_csv(other.campaign);

	CU_ASSERT(g_string_equal(a, b));
	CU_ASSERT(g_string_equal(x, y));
	CU_ASSERT_FALSE(g_string_equal(a, z)); /* that the comparison can fail */
	clear(&one);
	clear(&many);
	clear(&other);
}

/* A part of the runs gives the same rows as all of them do. */
static void test_part(void)
{
	struct outcome all = run(MANY, NULL, 2, &never), part = run(MANY, "13", 2, &never);

	CU_ASSERT_EQUAL_FATAL(part.campaign->jobs->len, 1);
	CU_ASSERT_EQUAL(memcmp(&job_at(&part, 0)->record.fingerprint, &job_at(&all, 13)->record.fingerprint,
			       sizeof(struct sim_fingerprint)),
			0);
	clear(&all);
	clear(&part);
}

static void test_looks(void)
{
	struct outcome plain = run(MANY, NULL, 2, &never), o = run(MANY, "replication=0", 1, &never);
	struct sim_campaign *again = sim_campaign_new(&toy_model);

	CU_ASSERT(sim_campaign_add(again, o.scenario, NULL, 0, NULL));
	sim_campaign_run(again, 3, &never, look, again);
	g_autoptr(GString) a = sim_results_runs_csv(plain.campaign), b = sim_results_runs_csv(again);

	CU_ASSERT(g_string_equal(a, b));
	sim_campaign_free(again);
	clear(&plain);
	clear(&o);
}

static void test_failures(void)
{
	struct outcome o = run(MANY "fail = ,1,3,\n", NULL, 2, &never);
	struct sim_metric served = {"all", "all", "served"};
	const struct sim_summary_row *row = sim_summary_find(o.summary, 1, &served, "total");

	CU_ASSERT_EQUAL(sim_campaign_count(o.campaign, SIM_JOB_FAILED), 4);
	CU_ASSERT_EQUAL(sim_campaign_count(o.campaign, SIM_JOB_FINISHED), 16);
	CU_ASSERT_STRING_EQUAL(job_at(&o, 11)->error, "the accounts of ,1, do not balance");
	CU_ASSERT(row != NULL && row->estimate.n == 8);
	clear(&o);
}

/* The first is enough. */
static bool look_once(void *context, const struct sim_job *job)
{
	(void)context;
	return job == NULL;
}

static void test_enough(void)
{
	struct outcome o = run(MANY "pause = 20ms\n", "1", 1, &never);
	struct sim_campaign *again = sim_campaign_new(&toy_model);

	CU_ASSERT(sim_campaign_add(again, o.scenario, NULL, 0, NULL));
	sim_campaign_run(again, 1, &never, look_once, NULL);
	guint finished = sim_campaign_count(again, SIM_JOB_FINISHED);

	CU_ASSERT(finished >= 1 && finished < 20);
	CU_ASSERT_EQUAL(sim_campaign_count(again, SIM_JOB_WAITING), 20 - finished);
	sim_campaign_free(again);
	clear(&o);
}

static void test_stopped(void)
{
	static const volatile int stop = 2;
	struct outcome o = run(MANY, NULL, 2, &stop);

	CU_ASSERT_EQUAL(sim_campaign_count(o.campaign, SIM_JOB_WAITING), 20);
	CU_ASSERT_EQUAL(o.summary->len, 0);
	clear(&o);
}

static void test_twins(void)
{
	static const struct {
		const char *text;
		guint warnings;
		const char *first, *verdict;
	} rows[] = {
	    {SMALL, 0, NULL, "n too small"},
	    {MANY, 0, NULL, "ok"},
	    {MANY "luck = none\n", 2, "s=40ms: all 10 replications", "deterministic"},
	    {MANY "luck = twins\n", 10, "s=40ms: replications 0, 1 are", "ok"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct outcome o = run(rows[i].text, NULL, 2, &never);
		g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
		const struct sim_summary_row *row = &g_array_index(o.summary, struct sim_summary_row, 0);

		sim_twins_find(o.campaign, warnings);
		CU_ASSERT_EQUAL_FATAL(warnings->len, rows[i].warnings);
		CU_ASSERT_STRING_EQUAL(row->estimate.verdict, rows[i].verdict);
		if (warnings->len > 0)
			CU_ASSERT_PTR_NOT_NULL(strstr(g_ptr_array_index(warnings, 0), rows[i].first));
		clear(&o);
	}
}

static void test_ratio(void)
{
	struct outcome o = run(MANY, NULL, 2, &never);
	struct sim_metric bytes = {"desk", "north", "bytes"}, served = {"all", "north", "served"};
	struct sim_metric absent = {"all", "north", "absent"};
	struct sim_estimate e = {0};

	CU_ASSERT(sim_summary_ratio(o.campaign->cells->pdata[0], &bytes, &served, &e));
	CU_ASSERT(e.mean == 100 && e.low == 100 && e.n == 10);
	CU_ASSERT_FALSE(sim_summary_ratio(o.campaign->cells->pdata[0], &bytes, &absent, &e));
	clear(&o);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"runs.csv, byte by byte", test_runs_csv},
	    {"summary.csv, byte by byte", test_summary_csv},
	    {"sorting", test_sorting},
	    {"the same bytes with 1 and 7 at once", test_at_once},
	    {"a part is a part of the whole", test_part},
	    {"looked at on its way", test_looks},
	    {"failed replications", test_failures},
	    {"stopped before it began", test_stopped},
	    {"ended when it was enough", test_enough},
	    {"replications that are the same run", test_twins},
	    {"one total by another", test_ratio},
	    {NULL, NULL},
	};

	return suite_run("campaign", cases);
}
