/* A result folder read back: what results.h has written comes back as it was, and whatever is wrong with a folder is
 * said, with its place. */
#include "sim/study/archive.h"

#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/study/results.h"
#include "tests/lib/suite.h"
#include "tests/study/toy.h"

#define SCENARIO                                                                                         \
	"[General]\nstudy = terminating\ncustomers = ${n=20,200}\narrivals = storm(1s)\nservice.time = " \
	"exponential(60ms)\nrepeat = 3\nfail = ,1,\n"

#define CDF                                                                                          \
	"config,iteration,replication,run,module,flow,metric,share,value,unit\n"                     \
	"General,n=20,0,0,all,all,wait,0.10000000000000001,0.25,s\nGeneral,n=20,0,0,all,all,wait,1," \
	"0.30000000000000004,s\n"
#define SERIES                                                                            \
	"config,iteration,replication,run,module,flow,metric,statistic,time,value,unit\n" \
	"General,n=20,2,2,all,all,queue,mean,1,0,1\nGeneral,n=20,2,2,all,all,queue,mean,2,7.5,1\n"
#define COMPARE                                                                                                  \
	"a,b,iteration,module,flow,metric,statistic,difference,low,high,ratio,ratio_low,ratio_high,correlation," \
	"variance_ratio,n,method,unit,verdict\n"                                                                 \
	"General,General,n=20,all,all,wait,mean,-0.5,-1,0,0.5,,,,,3,paired-t,s,n too small\n"
#define CLAIMS                                                                                                 \
	"a,b,iteration,module,flow,metric,statistic,per,difference,low,high,ratio,n,p,adjusted,unit,verdict\n" \
	"General,General,n=20,all,all,wait,mean,served,-0.5,-1,0,0.5,3,0.02,0.25,s,n too small\n"              \
	"General,General,n=200,all,all,wait,mean,,1,,,,1,,,s,n too small\n"
#define CAPACITY                                                           \
	"config,iteration,parameter,lower,upper,unit,confidence,verdict\n" \
	"General,n=20,rate,100,120.5,1/s,0.94999999999999996,ok\nGeneral,n=200,rate,,,1/s,,not reached\n"

static const volatile int never;

static bool ignore(void *context, const struct sim_job *job)
{
	(void)context;
	(void)job;
	return true;
}

/* A campaign that has run, and the folder that it was written to. */
struct story {
	struct sim_scenario *scenario;
	struct sim_campaign *campaign;
	GArray *summary;
	char *folder;
};

static struct story story_new(void)
{
	struct story s = {.folder = g_dir_make_tmp("cpns-test-XXXXXX", NULL)};
	struct sim_request request = {.path = "toy.ini", .text = SCENARIO};
	g_autoptr(GPtrArray) warnings = g_ptr_array_new();
	struct sim_account account = {"finished", warnings, NULL, "run toy.ini", "2020-01-01T00:00:00Z", 1500, 2};
	GError *error = NULL;

	g_ptr_array_add(warnings, (gpointer)(guintptr) "2 of 6 replications failed");
	s.scenario = sim_scenario_load(&toy_model, &request, &error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s.scenario);
	s.campaign = sim_campaign_new(&toy_model);
	CU_ASSERT_FATAL(sim_campaign_add(s.campaign, s.scenario, NULL, 0, &error));
	CU_ASSERT(sim_campaign_prepare(s.campaign, &error));
	sim_campaign_run(s.campaign, 2, &never, ignore, NULL);
	s.summary = sim_summarise(s.campaign);
	CU_ASSERT(sim_results_write(s.folder, s.campaign, s.summary, &account, &error));
	return s;
}

static struct sim_job *job_at(const struct story *s, guint i)
{
	return g_ptr_array_index(s->campaign->jobs, i);
}

static void put(const struct story *s, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(s->folder, name, NULL);

	CU_ASSERT(g_file_set_contents(path, text, -1, NULL));
}

static char *get(const struct story *s, const char *name)
{
	g_autofree char *path = g_build_filename(s->folder, name, NULL);
	char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return g_strdup("");
	return text;
}

static void drop(const struct story *s, const char *name)
{
	g_autofree char *path = g_build_filename(s->folder, name, NULL);

	g_unlink(path);
}

static void put_curves(const struct story *s)
{
	put(s, "cdf.csv", CDF);
	put(s, "series.csv", SERIES);
	put(s, "compare.csv", COMPARE);
	put(s, "claims.csv", CLAIMS);
	put(s, "capacity.csv", CAPACITY);
}

static void story_end(struct story *s)
{
	static const char *const names[] = {"manifest.json", "runs.csv",    "summary.csv", "cdf.csv",
					    "series.csv",    "compare.csv", "claims.csv",  "capacity.csv"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		drop(s, names[i]);
	CU_ASSERT_EQUAL(g_rmdir(s->folder), 0);
	g_array_unref(s->summary);
	sim_campaign_free(s->campaign);
	sim_scenario_free(s->scenario);
	g_free(s->folder);
}

static struct sim_archive *open_folder(const struct story *s)
{
	g_autoptr(GError) error = NULL;
	struct sim_archive *a = sim_archive_read(s->folder, &error);

	if (a == NULL)
		printf("\n    %s", error->message);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	return a;
}

static bool same_row(const struct sim_row *a, const struct sim_row *b)
{
	return strcmp(a->module, b->module) == 0 && strcmp(a->flow, b->flow) == 0 &&
	       strcmp(a->metric, b->metric) == 0 && strcmp(a->statistic, b->statistic) == 0 &&
	       strcmp(a->unit, b->unit) == 0 && memcmp(&a->value, &b->value, sizeof(a->value)) == 0;
}

static void check_job(const struct sim_archive *a, const struct sim_job *job)
{
	const struct sim_archive_run *run =
	    sim_archive_find(a, "General", sim_cell_iteration(job->cell), job->replication);

	CU_ASSERT_PTR_NOT_NULL_FATAL(run);
	CU_ASSERT_EQUAL(run->run, job->run);
	CU_ASSERT_EQUAL(run->seed, job->seed);
	CU_ASSERT_EQUAL(run->finished, job->state == SIM_JOB_FINISHED);
	CU_ASSERT_STRING_EQUAL(run->ended, run->finished ? job->record.ended : "failed");
	CU_ASSERT_STRING_EQUAL(run->record.ended, run->ended);
	CU_ASSERT_EQUAL(run->reason != NULL, job->state == SIM_JOB_FAILED);
	if (!run->finished)
		return;
	CU_ASSERT_EQUAL(memcmp(&run->record.fingerprint, &job->record.fingerprint, sizeof(struct sim_fingerprint)),
			0);
	CU_ASSERT_EQUAL_FATAL(run->record.rows->len, job->record.rows->len);
	for (guint i = 0; i < job->record.rows->len; i++)
		CU_ASSERT(same_row(&g_array_index(run->record.rows, struct sim_row, i),
				   &g_array_index(job->record.rows, struct sim_row, i)));
}

static void test_round_trip(void)
{
	struct story s = story_new();
	struct sim_archive *a = open_folder(&s);

	CU_ASSERT_STRING_EQUAL(a->model, "toy");
	CU_ASSERT_STRING_EQUAL(a->state, "finished");
	CU_ASSERT_EQUAL(a->repeat, 3);
	CU_ASSERT_EQUAL(a->runs->len, 6);
	CU_ASSERT_EQUAL(a->confidence, SIM_CONFIDENCE);
	CU_ASSERT_STRING_EQUAL(a->warnings->pdata[0], "2 of 6 replications failed");
	CU_ASSERT_STRING_EQUAL(sim_archive_fact(a, "command"), "run toy.ini");
	CU_ASSERT(g_strstr_len(sim_archive_fact(a, "libraries"), -1, ", GSL ") != NULL);
	for (guint i = 0; i < s.campaign->jobs->len; i++)
		check_job(a, job_at(&s, i));
	sim_archive_free(a);
	story_end(&s);
}

static void test_scenario(void)
{
	struct story s = story_new();
	struct sim_archive *a = open_folder(&s);
	const struct sim_archive_variable *n = &g_array_index(a->variables, struct sim_archive_variable, 0);
	const struct sim_archive_iteration *second = &g_array_index(a->iterations, struct sim_archive_iteration, 1);

	CU_ASSERT_EQUAL(a->variables->len, 1);
	CU_ASSERT_STRING_EQUAL(n->name, "n");
	CU_ASSERT_STRING_EQUAL(n->values->pdata[1], "200");
	CU_ASSERT_STRING_EQUAL(second->name, "n=200");
	CU_ASSERT_STRING_EQUAL(sim_archive_parameter(second, "customers"), "200");
	CU_ASSERT_PTR_NULL(sim_archive_parameter(second, "absent"));
	CU_ASSERT_EQUAL(g_array_index(a->runs, struct sim_archive_run, 5).at, 1);
	sim_archive_free(a);
	story_end(&s);
}

static void test_summary(void)
{
	struct story s = story_new();
	struct sim_archive *a = open_folder(&s);
	struct sim_metric wait = {"all", "north", "wait"};

	CU_ASSERT_EQUAL_FATAL(a->estimates->len, s.summary->len);
	for (guint i = 0; i < s.summary->len; i++) {
		const struct sim_summary_row *row = &g_array_index(s.summary, struct sim_summary_row, i);
		const struct sim_archive_estimate *e = &g_array_index(a->estimates, struct sim_archive_estimate, i);

		CU_ASSERT(memcmp(&e->estimate, &row->estimate.mean, sizeof(double)) == 0);
		CU_ASSERT(isnan(e->low) ? !row->estimate.interval : e->low == row->estimate.low);
		CU_ASSERT(isnan(e->high) ? !row->estimate.interval : e->high == row->estimate.high);
		CU_ASSERT_EQUAL(e->n, row->estimate.n);
		CU_ASSERT_STRING_EQUAL(e->verdict, row->estimate.verdict);
	}
	CU_ASSERT_STRING_EQUAL(sim_archive_estimate(a, "General", "n=200", &wait, "p90")->unit, "s");
	CU_ASSERT_PTR_NULL(sim_archive_estimate(a, "General", "n=20", &wait, "p99"));
	sim_archive_free(a);
	story_end(&s);
}

static void test_curves(void)
{
	struct story s = story_new();

	put_curves(&s);
	struct sim_archive *a = open_folder(&s);
	const struct sim_record *first = &sim_archive_find(a, "General", "n=20", 0)->record;
	const struct sim_record *third = &sim_archive_find(a, "General", "n=20", 2)->record;
	const struct sim_archive_difference *d = &g_array_index(a->differences, struct sim_archive_difference, 0);
	const struct sim_archive_claim *c = &g_array_index(a->claims, struct sim_archive_claim, 0);
	const struct sim_archive_bracket *b = &g_array_index(a->brackets, struct sim_archive_bracket, 0);

	CU_ASSERT(a->quantiles && a->series && a->compared && a->sought);
	CU_ASSERT_EQUAL_FATAL(first->quantiles->len, 2);
	CU_ASSERT_EQUAL(g_array_index(first->quantiles, struct sim_point, 0).x, 0.1);
	CU_ASSERT_EQUAL(g_array_index(first->quantiles, struct sim_point, 1).value, 0.1 + 0.2);
	CU_ASSERT_EQUAL_FATAL(third->series->len, 2);
	CU_ASSERT_EQUAL(g_array_index(third->series, struct sim_point, 1).value, 7.5);
	CU_ASSERT_STRING_EQUAL(g_array_index(third->series, struct sim_point, 1).statistic, "mean");
	CU_ASSERT(d->difference == -0.5 && d->ratio == 0.5 && isnan(d->ratio_low) && isnan(d->correlation));
	CU_ASSERT_STRING_EQUAL(d->verdict, "n too small");
	CU_ASSERT(c[0].difference == -0.5 && c[0].low == -1 && c[0].high == 0 && c[0].ratio == 0.5 && c[0].n == 3);
	CU_ASSERT(c[0].p == 0.02 && c[0].adjusted == 0.25 && isnan(c[1].adjusted) && isnan(c[1].low));
	CU_ASSERT_STRING_EQUAL(c[0].per, "served");
	CU_ASSERT_STRING_EQUAL(c[0].unit, "s");
	CU_ASSERT_STRING_EQUAL(c[1].per, "");
	CU_ASSERT(b[0].lower == 100 && b[0].upper == 120.5 && isnan(b[1].lower));
	sim_archive_free(a);
	story_end(&s);
}

/* An archive of a campaign that has only just begun has no tables yet. */
static void test_running(void)
{
	struct story s = story_new();
	g_autoptr(GPtrArray) warnings = g_ptr_array_new();
	struct sim_account account = {"running", warnings, NULL, "run", "", 0, 1};

	for (guint i = 2; i < s.campaign->jobs->len; i++)
		job_at(&s, i)->state = SIM_JOB_WAITING;
	g_autoptr(GArray) summary = sim_summarise(s.campaign);

	CU_ASSERT(sim_results_write(s.folder, s.campaign, summary, &account, NULL));
	struct sim_archive *a = open_folder(&s);

	CU_ASSERT_STRING_EQUAL(a->state, "running");
	CU_ASSERT(a->runs->len == 2 && a->runs_planned == 6);
	sim_archive_free(a);
	job_at(&s, 0)->state = job_at(&s, 1)->state = SIM_JOB_WAITING;
	drop(&s, "runs.csv");
	drop(&s, "summary.csv");
	drop(&s, "cdf.csv");
	CU_ASSERT(sim_results_write(s.folder, s.campaign, NULL, &account, NULL));
	a = open_folder(&s);
	CU_ASSERT(a->runs->len == 0 && a->estimates->len == 0);
	sim_archive_free(a);
	story_end(&s);
}

/* The first `from` of a text replaced; NULL from: all of it. */
static char *edit(const char *text, const char *from, const char *to)
{
	const char *at = from != NULL ? strstr(text, from) : text;

	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	return g_strdup_printf("%.*s%s%s", (int)(at - text), text, to, from != NULL ? at + strlen(from) : "");
}

static void check_damage(const struct story *s, const char *why, const char *complaint)
{
	g_autoptr(GError) error = NULL;
	struct sim_archive *a = sim_archive_read(s->folder, &error);
	bool right = a == NULL && error->domain == SIM_SCENARIO_ERROR && strstr(error->message, complaint) != NULL &&
		     g_str_has_prefix(error->message, s->folder);

	if (!right)
		printf("\n    %s: %s", why, error != NULL ? error->message : "was taken");
	CU_ASSERT(right);
	sim_archive_free(a);
}

#define ROW "General,n=20,0,0,all,all,"

static const struct damage {
	const char *why, *file, *from, *to, *complaint;
} damages[] = {
    {"no JSON", "manifest.json", "\"repeat\" :", "\"repeat\" ", "manifest.json: is not JSON: <data>:7"},
    {"too deep", "manifest.json", "\"repeat\" : 3", "\"repeat\" : [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[3]",
     "manifest.json: is not JSON"},
    {"a comment", "manifest.json", "\"repeat\"", "/* \" */ \"repeat\"", "manifest.json: is not JSON"},
    {"not UTF-8", "manifest.json", "toy", "\xff", "manifest.json: is not JSON"},
    {"empty", "manifest.json", NULL, "", "manifest.json: is not JSON"},
    {"a list", "manifest.json", NULL, "[]", "manifest.json: is not a manifest of ours"},
    {"another's", "manifest.json", "cpns-sim campaign", "cargo", "is not a manifest of ours"},
    {"another version", "manifest.json", "\"format-version\" : 1", "\"format-version\" : 2",
     "manifest.json: format-version: is out of its range"},
    {"no model", "manifest.json", "\"model\"", "\"mod\"", "manifest.json: model: is missing"},
    {"a text as number", "manifest.json", "\"repeat\" : 3", "\"repeat\" : \"3\"",
     "manifest.json: repeat: is not a whole number"},
    {"a number as text", "manifest.json", "\"model\" : \"toy\"", "\"model\" : 1",
     "manifest.json: model: is not a text"},
    {"a negative count", "manifest.json", "\"repeat\" : 3", "\"repeat\" : -3", "repeat: is out of its range"},
    {"a confidence", "manifest.json", "0.94999999999999996", "1.5", "confidence: is not a number between"},
    {"no known state", "manifest.json", "\"finished\"", "\"done\"", "manifest.json: state: is neither"},
    {"no list", "manifest.json", "\"variables\" : [", "\"variables\" : 1, \"x\" : [",
     "manifest.json: variables: is not a list"},
    {"no object", "manifest.json", "\"runs\" : [", "\"runs\" : [ 1, ", "manifest.json: runs[0].: is not"},
    {"values", "manifest.json", "\"200\"", "200", "variables[0].values: holds something"},
    {"no iteration of ours", "manifest.json", "\"iteration\" : \"n=20\"", "\"iteration\" : \"n=3\"",
     "runs[0].iteration: is none of the manifest's iterations"},
    {"a parameter", "manifest.json", "\"customers\" : {", "\"customers\" : 1, \"x\" : {",
     "iterations[0].parameters.customers.: is not an object"},
    {"a run twice", "manifest.json", "\"replication\" : 1", "\"replication\" : 0",
     "runs[1].replication: is there twice"},
    {"a fingerprint", "manifest.json", "\"fingerprint\" : \"", "\"fingerprint\" : \"x", "runs[0].fingerprint"},
    {"no provenance", "manifest.json", "\"provenance\"", "\"prov\"", "provenance: is missing"},
    {"another header", "runs.csv", "replication", "repetition", "runs.csv:1: the header line is not"},
    {"empty", "runs.csv", NULL, "", "runs.csv: is empty"},
    {"a header alone", "runs.csv", ROW, "\"", "runs.csv:2: is not CSV"},
    {"one field less", "runs.csv", ROW, "General,n=20,0,0,all,", "runs.csv:2: has 9 fields instead of 10"},
    {"one field more", "runs.csv", ROW, ROW "all,", "runs.csv:2: has 11 fields instead of 10"},
    {"no number", "runs.csv", "served,total,20", "served,total,x", "runs.csv:2: column `value`: \"x\" is not"},
    {"NaN", "runs.csv", "served,total,20", "served,total,nan", "runs.csv:2: column `value`"},
    {"beyond numbers", "runs.csv", "served,total,20", "served,total,1e999", "runs.csv:2: column `value`"},
    {"hexadecimal", "runs.csv", "served,total,20", "served,total,0x14", "runs.csv:2: column `value`"},
    {"no value", "runs.csv", "served,total,20", "served,total,", "runs.csv:2: column `value`"},
    {"a replication", "runs.csv", ROW, "General,n=20,-1,0,all,all,", "runs.csv:2: column `replication`"},
    {"an unknown run", "runs.csv", ROW, "General,n=20,7,7,all,all,", "runs.csv:2: column `run`: run 7"},
    {"an unknown config", "runs.csv", ROW, "Gen,n=20,0,0,all,all,", "runs.csv:2: column `run`: run 0"},
    {"a failed run", "runs.csv", ROW, "General,n=20,1,1,all,all,", "runs.csv:2: column `run`: run 1"},
    {"another number", "runs.csv", ROW, "General,n=20,0,4,all,all,", "runs.csv:2: column `run`: run 4"},
    {"a row twice", "runs.csv", "throughput", "served", "runs.csv:3: column `metric`: the row stands twice"},
    {"cut in a line", "runs.csv", ",1\n" ROW "throughput", "", "runs.csv:2:"},
    {"an end of lines", "summary.csv", "n too small\nGeneral,n=200,desk", "", "summary.csv"},
    {"not UTF-8", "runs.csv", "General", "\xff", "runs.csv: is not UTF-8"},
    {"half an interval", "summary.csv", ",20,20,20,", ",20,,20,", "summary.csv:2: column `low`: one end"},
    {"no number", "summary.csv", ",20,20,20,", ",20,?,20,", "summary.csv:2: column `low`: \"?\""},
    {"no estimate", "summary.csv", ",20,20,20,", ",,20,20,", "summary.csv:2: column `estimate`"},
    {"another n", "summary.csv", "0.94999999999999996,2", "0.94999999999999996,3",
     "summary.csv:2: says n = 3, but runs.csv has 2"},
    {"no n", "summary.csv", "0.94999999999999996,2", "0.94999999999999996,2.5", "summary.csv:2: column `n`"},
    {"no iteration", "summary.csv", "General,n=20,", "General,n=2,", "summary.csv:2: column `iteration`"},
    {"a row twice", "summary.csv", "throughput", "served", "summary.csv:3: column `metric`: the row stands"},
    {"a share", "cdf.csv", "wait,1,", "wait,1.5,", "cdf.csv:3: column `share`: 1.5 is not a share"},
    {"out of order", "cdf.csv", "wait,1,", "wait,0.05,", "cdf.csv:3: column `metric`: the row stands"},
    {"a run", "cdf.csv", "n=20,0,0", "n=20,1,1", "cdf.csv:2: column `run`"},
    {"a value", "cdf.csv", "0.25", "", "cdf.csv:2: column `value`"},
    {"out of order", "series.csv", "mean,2,", "mean,1,", "series.csv:3: column `metric`: the row stands"},
    {"a time", "series.csv", "mean,2,", "mean,soon,", "series.csv:3: column `time`"},
    {"a config", "compare.csv", "General,General", "General,Other", "compare.csv:2: column `b`: the manifest"},
    {"a difference", "compare.csv", "-0.5", "", "compare.csv:2: column `difference`"},
    {"half an interval", "compare.csv", "-0.5,-1,0", "-0.5,,0", "compare.csv:2: column `low`: one end"},
    {"half a ratio's", "compare.csv", "0.5,,", "0.5,1,", "compare.csv:2: column `ratio_low`: one end"},
    {"a config", "claims.csv", "General,General", "General,Other", "claims.csv:2: column `b`: the manifest"},
    {"a chance", "claims.csv", "0.25", "likely", "claims.csv:2: column `adjusted`: \"likely\""},
    {"half an interval", "claims.csv", "-0.5,-1,0", "-0.5,,0", "claims.csv:2: column `low`: one end"},
    {"targets", "manifest.json", "\"iterations\" : [", "\"targets\" : [1], \"iterations\" : [",
     "manifest.json: targets: holds something"},
    {"a bound", "capacity.csv", "120.5", "many", "capacity.csv:2: column `upper`: \"many\""},
    {"a config", "capacity.csv", "General", "Other", "capacity.csv:2: column `config`"},
};

static void test_damage(void)
{
	struct story s = story_new();

	put_curves(&s);
	for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
		g_autofree char *before = get(&s, damages[i].file),
				*after = edit(before, damages[i].from, damages[i].to);

		put(&s, damages[i].file, after);
		check_damage(&s, damages[i].why, damages[i].complaint);
		put(&s, damages[i].file, before);
	}
	sim_archive_free(open_folder(&s));
	story_end(&s);
}

/* Cut at any place, a file is refused. */
static void test_cut_short(void)
{
	static const char *const names[] = {"manifest.json", "runs.csv", "summary.csv"};
	struct story s = story_new();

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *whole = get(&s, names[i]);
		size_t n = strlen(whole);

		for (size_t at = 0; at + 1 < n; at += 1 + n / 97) {
			g_autofree char *part = g_strndup(whole, at);

			if (at > 0 && part[at - 1] == '\n' && i > 0)
				continue; /* the end of a row: see below */
			put(&s, names[i], part);
			check_damage(&s, "cut short", names[i]);
		}
		put(&s, names[i], whole);
	}
	g_autofree char *whole = get(&s, "runs.csv");

	*strstr(whole, "General,n=200,2,5,desk") = '\0';
	put(&s, "runs.csv", whole);
	check_damage(&s, "rows of a run are missing", "summary.csv:");
	*strstr(whole, "General,n=200,2,5,") = '\0';
	put(&s, "runs.csv", whole);
	check_damage(&s, "a run is missing", "runs.csv: has no row of run 5 (config General, iteration `n=200`");
	story_end(&s);
}

static void test_missing(void)
{
	static const char *const names[] = {"summary.csv", "runs.csv", "manifest.json"};
	g_autoptr(GError) error = NULL;
	struct story s = story_new();

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		drop(&s, names[i]);
		g_autofree char *complaint = g_strdup_printf("%s: is missing", names[i]);

		check_damage(&s, "missing", complaint);
	}
	CU_ASSERT_PTR_NULL(sim_archive_read("/dev/null", &error));
	CU_ASSERT_STRING_EQUAL(error->message, "/dev/null: is not a folder: name one that `run` has written, such as "
					       "results/quickstart-General");
	story_end(&s);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"runs come back as they were", test_round_trip},
	    {"the scenario", test_scenario},
	    {"the summary", test_summary},
	    {"curves, differences, capacity", test_curves},
	    {"a campaign that is running", test_running},
	    {"damage is named", test_damage},
	    {"files that were cut short", test_cut_short},
	    {"files that are missing", test_missing},
	    {NULL, NULL},
	};

	return suite_run("archive", cases);
}
