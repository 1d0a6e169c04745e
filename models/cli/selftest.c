/* selftest: what this program computes and measures against answers known from outside of it. */
#include <stdio.h>
#include <string.h>

#include "models/cli/cli.h"
#include "models/crypto/crypto.h"
#include "models/oracle/coverage.h"
#include "models/oracle/known_answers.h"
#include "models/oracle/oracle.h"
#include "sim/study/campaign.h"
#include "sim/study/human.h"
#include "sim/study/progress.h"
#include "sim/study/summary.h"
#include "sim/study/wall.h"

#define COLUMNS 5
#define DIGITS 12 /* of a known answer, in the table */

/* Rows of the same number of different systems. */
struct set {
	const char *what;
	guint n, n_missed;
};

struct selftest {
	gboolean quick;
	int at_once;
	gint64 seed;
	struct oracle_extent extent;
	GPtrArray *cases;     /* of struct oracle_case */
	GPtrArray *scenarios; /* of struct sim_scenario, by case */
	GPtrArray *campaigns; /* of struct sim_campaign, by case */
	struct sim_progress progress;
	GPtrArray *cells;       /* of char *, COLUMNS a row */
	GArray *sets;           /* of struct set */
	guint exact, intervals; /* rows of either kind */
	guint wrong;            /* rows that decide by themselves, and are not ok */
};

/* ---- rows ---- */

static void add_row(struct selftest *t, const char *name, char *expected, char *measured, char *interval,
		    const char *verdict)
{
	g_ptr_array_add(t->cells, g_strdup(name));
	g_ptr_array_add(t->cells, expected);
	g_ptr_array_add(t->cells, measured);
	g_ptr_array_add(t->cells, interval);
	g_ptr_array_add(t->cells, g_strdup(verdict));
}

/* A row that has no luck in it. */
static void add_exact_row(struct selftest *t, const char *name, char *expected, char *measured, char *interval,
			  bool fine)
{
	t->exact++;
	t->wrong += !fine;
	add_row(t, name, expected, measured, interval, fine ? "ok" : "wrong");
}

static char *number(double value, const char *unit)
{
	const struct sim_estimate plain = {.mean = value};

	return human_estimate(&plain, unit);
}

static char *range(double low, double high, const char *unit)
{
	g_autofree char *from = number(low, unit), *to = number(high, unit);

	return g_strdup_printf("%s to %s", from, to);
}

/* ---- what has no queue ---- */

static void add_known_answers(struct selftest *t)
{
	struct cpns_crypto *crypto = cpns_crypto_openssl_new();
	g_autoptr(GArray) answers = oracle_known_answers(crypto);

	for (guint i = 0; i < answers->len; i++) {
		const struct oracle_answer *a = &g_array_index(answers, struct oracle_answer, i);

		add_exact_row(t, a->name, g_strdup_printf("%.*s...", DIGITS, a->expected),
			      g_strdup_printf("%.*s...", DIGITS, a->found),
			      g_strdup_printf("all %zu octets", strlen(a->expected) / 2),
			      strcmp(a->expected, a->found) == 0);
	}
	cpns_crypto_free(crypto);
}

static void add_coverage(struct selftest *t)
{
	g_autoptr(GArray) rows =
	    oracle_coverages((uint64_t)t->seed, t->quick ? &oracle_coverage_quick : &oracle_coverage_full);

	for (guint i = 0; i < rows->len; i++) {
		const struct oracle_coverage *c = &g_array_index(rows, struct oracle_coverage, i);
		double n = (double)c->intervals;
		g_autofree char *name = g_strdup_printf("%s: coverage", c->name);

		add_exact_row(t, name, number(c->expected, "%"), number((double)c->covered / n, "%"),
			      range((double)c->least / n, (double)c->most / n, "%"),
			      c->covered >= c->least && c->covered <= c->most);
	}
}

/* ---- queues ---- */

static bool load(struct selftest *t, const struct sim_model *model, const struct oracle_case *c, GError **error)
{
	struct sim_request request = {.path = c->name, .text = c->scenario->str};
	struct sim_scenario *scenario = sim_scenario_load(model, &request, error);

	if (scenario == NULL)
		return false;
	g_ptr_array_add(t->scenarios, scenario);
	struct sim_campaign *campaign = sim_campaign_new(model);

	g_ptr_array_add(t->campaigns, campaign);
	return sim_campaign_add(campaign, scenario, NULL, 0, error) && sim_campaign_prepare(campaign, error);
}

static bool on_tick(void *context, const struct sim_job *job)
{
	struct selftest *t = context;

	if (job != NULL)
		sim_progress_add(&t->progress, job->record.events, job->state == SIM_JOB_FAILED);
	sim_progress_say(&t->progress);
	return true;
}

static bool run_campaigns(struct selftest *t)
{
	static const volatile int stop; /* a signal ends the program: there is nothing to keep */
	guint runs = 0, failed = 0;

	for (guint i = 0; i < t->campaigns->len; i++)
		runs += ((const struct sim_campaign *)g_ptr_array_index(t->campaigns, i))->jobs->len;
	t->progress = sim_progress_start(t->progress.form, stderr, runs);
	for (guint i = 0; i < t->campaigns->len; i++)
		sim_campaign_run(g_ptr_array_index(t->campaigns, i), (guint)t->at_once, &stop, on_tick, t);
	sim_progress_end(&t->progress);
	for (guint i = 0; i < t->campaigns->len; i++) {
		const struct sim_campaign *c = g_ptr_array_index(t->campaigns, i);

		for (guint k = 0; k < c->jobs->len; k++) {
			const struct sim_job *job = g_ptr_array_index(c->jobs, k);

			if (job->state != SIM_JOB_FAILED)
				continue;
			fprintf(stderr, CLI_NAME ": selftest: %s, replication %u failed: %s\n",
				sim_scenario_path(job->cell->scenario), job->replication, job->error);
			failed++;
		}
	}
	return failed == 0;
}

/* The set that the check belongs to. */
static struct set *set_of(struct selftest *t, const struct oracle_check *check)
{
	for (guint i = 0; i < t->sets->len; i++)
		if (strcmp(g_array_index(t->sets, struct set, i).what, check->what) == 0)
			return &g_array_index(t->sets, struct set, i);
	const struct set fresh = {.what = check->what};

	g_array_append_val(t->sets, fresh);
	return &g_array_index(t->sets, struct set, t->sets->len - 1);
}

static void add_check(struct selftest *t, const struct oracle_case *c, const struct oracle_check *check,
		      const GArray *summary)
{
	static const char *const verdicts[] = {
	    [ORACLE_OK] = "ok", [ORACLE_MISSED] = "missed", [ORACLE_WRONG] = "wrong"};
	const struct sim_metric metric = {"all", "all", check->metric};
	const struct sim_summary_row *row = sim_summary_find(summary, 0, &metric, check->statistic);
	g_autofree char *name = g_strdup_printf("%s: %s", c->name, check->what);
	char *expected = number(check->expected, check->unit);

	if (row == NULL) {
		t->wrong++;
		add_row(t, name, expected, g_strdup("nothing"), g_strdup(""), "wrong");
		return;
	}
	const struct sim_estimate e = oracle_measured(check, &row->estimate);
	struct set *set = set_of(t, check);
	enum oracle_verdict verdict = oracle_judge(&e, check->expected, t->intervals);

	set->n++;
	set->n_missed += verdict != ORACLE_OK;
	t->wrong += verdict == ORACLE_WRONG;
	add_row(t, name, expected, number(e.mean, check->unit), range(e.low, e.high, check->unit), verdicts[verdict]);
}

static void add_queues(struct selftest *t)
{
	for (guint i = 0; i < t->cases->len; i++)
		t->intervals += ((const struct oracle_case *)g_ptr_array_index(t->cases, i))->checks->len;
	for (guint i = 0; i < t->cases->len; i++) {
		const struct oracle_case *c = g_ptr_array_index(t->cases, i);
		g_autoptr(GArray) summary = sim_summarise(g_ptr_array_index(t->campaigns, i));

		for (guint k = 0; k < c->checks->len; k++)
			add_check(t, c, &g_array_index(c->checks, struct oracle_check, k), summary);
	}
}

/* ---- the table ---- */

static void print_row(char *const *cells, const int *widths)
{
	fputs("  ", stdout);
	for (int k = 0; k < COLUMNS - 1; k++)
		printf("%s%*s  ", cells[k], widths[k] - (int)g_utf8_strlen(cells[k], -1), "");
	puts(cells[COLUMNS - 1]);
}

static void print_table(const struct selftest *t)
{
	static const char *const titles[COLUMNS] = {"oracle", "expected", "measured", "interval", "verdict"};
	char *heads[COLUMNS];
	int widths[COLUMNS];

	for (int k = 0; k < COLUMNS; k++) {
		heads[k] = (char *)(uintptr_t)titles[k];
		widths[k] = (int)strlen(titles[k]);
		for (guint i = (guint)k; i < t->cells->len; i += COLUMNS)
			widths[k] = MAX(widths[k], (int)g_utf8_strlen(g_ptr_array_index(t->cells, i), -1));
	}
	print_row(heads, widths);
	for (guint i = 0; i < t->cells->len; i += COLUMNS)
		print_row((char *const *)&t->cells->pdata[i], widths);
}

/* Says how many intervals have missed; true if no more than may, neither of a number nor, where there are enough
 * replications to go by, of all. */
static bool print_sets(const struct selftest *t)
{
	size_t missed = 0, most = oracle_misses_allowed(t->intervals, 1);
	bool fine = true;

	puts("\nIntervals at 95 % that missed what was expected:");
	for (guint i = 0; i < t->sets->len; i++) {
		const struct set *set = &g_array_index(t->sets, struct set, i);
		size_t allowed = oracle_misses_allowed(set->n, t->sets->len);

		printf("  %s: %u of %u; up to %zu may%s\n", set->what, set->n_missed, set->n, allowed,
		       set->n_missed > allowed ? ": TOO MANY" : "");
		fine = fine && set->n_missed <= allowed;
		missed += set->n_missed;
	}
	if (t->quick)
		return fine;
	printf("  all: %zu of %u; up to %zu may%s\n", missed, t->intervals, most, missed > most ? ": TOO MANY" : "");
	return fine && missed <= most;
}

static int conclude(const struct selftest *t, bool finished, int64_t wall_ns)
{
	print_table(t);
	bool fine = print_sets(t) && finished && t->wrong == 0;

	if (t->wrong > 0)
		printf("%u of %u rows are wrong, beyond any luck.\n", t->wrong, t->intervals + t->exact);
	printf("%s: %u rows in %.3g s, %d runs at once.\n", fine ? "Passed" : "FAILED", t->intervals + t->exact,
	       (double)wall_ns / 1e9, t->at_once);
	return fine ? CLI_DONE : CLI_FAILED;
}

static int execute(struct selftest *t, const struct sim_model *model)
{
	int64_t started = sim_wall_ns();
	g_autoptr(GError) error = NULL;

	t->cases = oracle_cases(&t->extent);
	for (guint i = 0; i < t->cases->len; i++) {
		if (load(t, model, g_ptr_array_index(t->cases, i), &error))
			continue;
		cli_refuse("selftest: %s", error->message);
		return CLI_FAILED;
	}
	bool finished = run_campaigns(t);

	add_known_answers(t);
	add_coverage(t);
	add_queues(t);
	return conclude(t, finished, sim_wall_ns() - started);
}

/* ---- options ---- */

static int parse(struct selftest *t, int argc, char **argv)
{
	const GOptionEntry entries[] = {
	    {"quick", 0, 0, G_OPTION_ARG_NONE, &t->quick, NULL, NULL},
	    {"jobs", 'j', 0, G_OPTION_ARG_INT, &t->at_once, NULL, NULL},
	    {"seed", 0, 0, G_OPTION_ARG_INT64, &t->seed, NULL, NULL},
	    {NULL},
	};
	int code = cli_options(entries, argc, argv, 0, NULL);

	if (code != CLI_DONE)
		return code;
	if (t->at_once < 1 || t->at_once > 4096)
		return cli_refuse("selftest: -j %d: write a number of runs at once, 1 or more", t->at_once);
	if (t->seed < 0 || t->seed > G_MAXINT32)
		return cli_refuse("selftest: --seed %" G_GINT64_FORMAT ": write a number from 0 to %d", t->seed,
				  G_MAXINT32);
	t->extent = t->quick ? oracle_quick : oracle_full;
	t->extent.seed = (long)t->seed;
	sim_progress_choose(NULL, false, stderr, &t->progress.form);
	return CLI_DONE;
}

static void scenario_free(gpointer scenario)
{
	sim_scenario_free(scenario);
}

static void campaign_free(gpointer campaign)
{
	sim_campaign_free(campaign);
}

int cli_selftest(int argc, char **argv, const struct sim_model *model)
{
	struct selftest t = {.at_once = (int)g_get_num_processors(), .seed = 1};
	int code = parse(&t, argc, argv);

	if (code != CLI_DONE)
		return code;
	t.scenarios = g_ptr_array_new_with_free_func(scenario_free);
	t.campaigns = g_ptr_array_new_with_free_func(campaign_free);
	t.cells = g_ptr_array_new_with_free_func(g_free);
	t.sets = g_array_new(FALSE, FALSE, sizeof(struct set));
	code = execute(&t, model);
	g_ptr_array_unref(t.campaigns);
	g_ptr_array_unref(t.scenarios);
	g_ptr_array_unref(t.cells);
	g_array_unref(t.sets);
	g_ptr_array_unref(t.cases);
	return code;
}
