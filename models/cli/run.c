#include "models/cli/run.h"

#include <string.h>

#include "models/cli/stop.h"
#include "sim/study/results.h"
#include "sim/study/wall.h"

#define CHECKPOINT_NS INT64_C(20000000000)
#define MANY 20 /* failures or warnings that are told one by one */

/* One campaign on its way. */
struct running {
	const struct run_options *options;
	struct sim_campaign *campaign;
	struct sim_progress progress;
	GPtrArray *warnings; /* of char *, those already said */
	char *folder, *command, *date;
	int64_t started, saved;
};

static void warn(struct running *r, char *warning)
{
	g_ptr_array_add(r->warnings, warning);
	if (r->warnings->len <= MANY)
		fprintf(stderr, CLI_NAME ": warning: %s\n", warning);
}

static bool save(struct running *r, const char *state, const GArray *summary, GError **error)
{
	struct sim_account account = {
	    .state = state,
	    .warnings = r->warnings,
	    .command = r->command,
	    .started = r->date,
	    .wall_ns = sim_wall_ns() - r->started,
	    .at_once = (guint)r->options->at_once,
	};

	r->saved = sim_wall_ns();
	return sim_results_write(r->folder, r->campaign, summary, &account, error);
}

/* What stands in the folder is never much older than this; a failure to write shows at the end. */
static void save_now_and_then(struct running *r)
{
	if (sim_wall_ns() - r->saved < CHECKPOINT_NS)
		return;
	g_autoptr(GArray) summary = sim_summarise(r->campaign);

	save(r, "running", summary, NULL);
}

static void on_tick(void *context, const struct sim_job *job)
{
	struct running *r = context;

	if (job != NULL && job->state != SIM_JOB_WAITING) {
		sim_progress_add(&r->progress, job->record.events, job->state == SIM_JOB_FAILED);
		save_now_and_then(r);
	}
	sim_progress_say(&r->progress);
}

static void tell_failures(const struct sim_campaign *c)
{
	guint told = 0, failed = sim_campaign_count(c, SIM_JOB_FAILED);

	for (guint i = 0; i < c->n_jobs && told < MANY; i++) {
		const struct sim_job *job = &c->jobs[i];
		const char *iteration = sim_scenario_iteration(c->scenario, job->iteration);

		if (job->state != SIM_JOB_FAILED)
			continue;
		fprintf(stderr, CLI_NAME ": run %u (%s%sreplication %u) failed: %s\n", job->run, iteration,
			*iteration != '\0' ? ", " : "", job->replication, job->error);
		told++;
	}
	if (failed > told)
		fprintf(stderr, CLI_NAME ": %u more failed; manifest.json lists them\n", failed - told);
}

static void collect_warnings(struct running *r, guint unfinished)
{
	const struct sim_campaign *c = r->campaign;
	g_autoptr(GPtrArray) twins = g_ptr_array_new();
	guint failed = sim_campaign_count(c, SIM_JOB_FAILED);

	if (unfinished > 0)
		warn(r, g_strdup_printf("interrupted: %u of %u runs are missing", unfinished, c->n_jobs));
	if (failed > 0)
		warn(r, g_strdup_printf("%u of %u replications failed: the statistics are about the others", failed,
					c->n_jobs));
	sim_campaign_find_twins(c, twins);
	for (guint i = 0; i < twins->len; i++)
		warn(r, g_ptr_array_index(twins, i));
}

static int exit_code(const struct sim_campaign *c, bool interrupted)
{
	if (interrupted)
		return 128 + cli_stop_signal;
	if (sim_campaign_count(c, SIM_JOB_FINISHED) == 0)
		return CLI_FAILED;
	return sim_campaign_count(c, SIM_JOB_FAILED) > 0 ? CLI_SOME_FAILED : CLI_DONE;
}

static int conclude(struct running *r)
{
	const struct sim_campaign *c = r->campaign;
	guint unfinished = sim_campaign_count(c, SIM_JOB_WAITING) + sim_campaign_count(c, SIM_JOB_INTERRUPTED);
	bool interrupted = unfinished > 0; /* a signal that came too late to stop anything changes nothing */
	g_autoptr(GArray) summary = sim_summarise(c);
	g_autoptr(GError) error = NULL;

	tell_failures(c);
	collect_warnings(r, unfinished);
	if (!save(r, interrupted ? "interrupted" : "finished", summary, &error)) {
		cli_refuse("%s", error->message);
		return CLI_FAILED;
	}
	if (r->warnings->len > MANY)
		fprintf(stderr, CLI_NAME ": %u more warnings; manifest.json lists them\n", r->warnings->len - MANY);
	if (!r->options->quiet)
		run_report(c, summary, r->folder, sim_wall_ns() - r->started, (guint)r->options->at_once);
	return exit_code(c, interrupted);
}

static int execute(struct running *r)
{
	g_autoptr(GError) error = NULL;
	const struct run_options *o = r->options;

	if (!sim_campaign_prepare(r->campaign, &error))
		return cli_refuse("%s", error->message);
	if (!sim_results_claim(r->folder, o->force, &error) || !save(r, "running", NULL, &error)) {
		cli_refuse("%s", error->message);
		return error->domain == SIM_SCENARIO_ERROR ? CLI_USAGE : CLI_FAILED;
	}
	cli_catch_signals();
	r->progress = sim_progress_start(o->progress, stderr, r->campaign->n_jobs);
	sim_campaign_run(r->campaign, (guint)o->at_once, &cli_stop_signal, on_tick, r);
	sim_progress_end(&r->progress);
	return conclude(r);
}

static char *default_folder(const struct sim_scenario *scenario)
{
	g_autofree char *name = g_strdup_printf("%s-%s", sim_scenario_stem(scenario), sim_scenario_config(scenario));

	return g_build_filename("results", name, NULL);
}

static int run_campaign(const struct run_options *o, struct sim_campaign *campaign, const char *command)
{
	const GPtrArray *warnings = sim_scenario_warnings(campaign->scenario);
	struct running r = {.options = o, .campaign = campaign};

	r.warnings = g_ptr_array_new_with_free_func(g_free);
	r.folder = o->folder != NULL ? g_strdup(o->folder) : default_folder(campaign->scenario);
	r.command = g_strdup(command);
	r.date = sim_wall_date();
	r.started = sim_wall_ns();
	for (guint i = 0; i < warnings->len; i++)
		warn(&r, g_strdup(g_ptr_array_index(warnings, i)));
	int code = execute(&r);

	g_ptr_array_unref(r.warnings);
	g_free(r.folder);
	g_free(r.command);
	g_free(r.date);
	return code;
}

/* -q runs: number, config, iteration, replication, seed, with tabs between. */
static void list_runs(const struct sim_campaign *c)
{
	for (guint i = 0; i < c->n_jobs; i++) {
		const struct sim_job *job = &c->jobs[i];

		printf("%u\t%s\t%s\t%u\t%" G_GINT64_FORMAT "\n", job->run, sim_scenario_config(c->scenario),
		       sim_scenario_iteration(c->scenario, job->iteration), job->replication, job->seed);
	}
}

static int answer_query(const struct run_options *o, const struct sim_campaign *campaign)
{
	g_autofree char *text = sim_scenario_print(campaign->scenario);
	const GPtrArray *warnings = sim_scenario_warnings(campaign->scenario);

	for (guint i = 0; i < warnings->len; i++)
		fprintf(stderr, CLI_NAME ": warning: %s\n", (const char *)g_ptr_array_index(warnings, i));
	if (strcmp(o->query, "runs") == 0)
		list_runs(campaign);
	else
		fputs(text, stdout);
	return CLI_DONE;
}

static int run_scenario(const struct run_options *o, const struct sim_model *model, const char *command)
{
	struct sim_request request = {
	    .path = o->arguments[0],
	    .config = o->configs != NULL ? o->configs[0] : NULL,
	    .sets = (const char *const *)o->sets,
	    .seed = o->seed,
	};
	g_autoptr(GError) error = NULL;
	struct sim_scenario *scenario = sim_scenario_load(model, &request, &error);

	if (scenario == NULL)
		return cli_refuse("%s", error->message);
	struct sim_campaign *campaign = sim_campaign_new(model, scenario, o->filter, &error);
	int code = campaign == NULL   ? cli_refuse("%s", error->message)
		   : o->query != NULL ? answer_query(o, campaign)
				      : run_campaign(o, campaign, command);

	sim_campaign_free(campaign);
	sim_scenario_free(scenario);
	return code;
}

int cli_run(int argc, char **argv, const struct sim_model *model)
{
	struct run_options options;
	g_autofree char *command = g_strjoinv(" ", argv);
	g_autofree char *valid = g_utf8_make_valid(command, -1);
	int code = run_options_parse(&options, argc, argv);

	if (code == CLI_DONE)
		code = run_scenario(&options, model, valid);
	run_options_clear(&options);
	return code;
}
