#include "models/cli/run.h"

#include <string.h>

#include "models/cli/stop.h"
#include "sim/study/recorder.h"
#include "sim/study/stopping.h"
#include "sim/study/summary.h"

/* `missed`: cells without the precision that was asked. */
static int exit_code(const struct sim_campaign *c, const struct sim_recorder *recorder, guint missed)
{
	if (sim_recorder_interrupted(recorder)) /* a signal that came too late to stop anything changes nothing */
		return 128 + cli_stop_signal;
	if (sim_campaign_count(c, SIM_JOB_FINISHED) == 0)
		return CLI_FAILED;
	if (sim_campaign_count(c, SIM_JOB_FAILED) > 0)
		return CLI_SOME_FAILED;
	return missed > 0 ? CLI_PRECISION : CLI_DONE;
}

static int conclude(const struct run_options *o, const struct sim_campaign *c, struct sim_recorder *recorder,
		    const struct sim_stopping *stopping, const char *folder)
{
	g_autoptr(GArray) summary = sim_summarise(c);
	g_autoptr(GError) error = NULL;
	guint missed = stopping != NULL ? sim_stopping_mark(stopping, summary) : 0;

	if (missed > 0)
		sim_recorder_warn(recorder,
				  g_strdup_printf("the precision was not reached in %u of %u iterations: see "
						  "the verdicts in summary.csv",
						  missed, c->cells->len));
	if (!sim_recorder_close(recorder, summary, &error))
		return cli_fail(error);
	if (!o->quiet)
		run_report(c, summary, folder, sim_recorder_wall_ns(recorder), (guint)o->at_once);
	return exit_code(c, recorder, missed);
}

/* One without a precision, with one as many as it takes. */
static bool run_rounds(struct sim_recorder *recorder, struct sim_stopping *stopping, GError **error)
{
	GError *wrong = NULL;

	do {
		if (!sim_recorder_run(recorder, error))
			return false;
	} while (stopping != NULL && !sim_recorder_interrupted(recorder) && sim_stopping_extend(stopping, &wrong));
	if (wrong != NULL)
		g_propagate_error(error, wrong);
	return wrong == NULL;
}

static int record(const struct run_options *o, struct sim_campaign *campaign, struct sim_recorder *recorder,
		  const char *folder)
{
	const GPtrArray *warnings = sim_scenario_warnings(sim_campaign_scenario(campaign));
	struct sim_stopping *stopping = sim_stopping_new(campaign);
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < warnings->len; i++)
		sim_recorder_warn(recorder, g_strdup(g_ptr_array_index(warnings, i)));
	int code = sim_recorder_recall(recorder, &error) && run_rounds(recorder, stopping, &error)
		       ? conclude(o, campaign, recorder, stopping, folder)
		       : cli_fail(error);

	sim_stopping_free(stopping);
	return code;
}

static char *default_folder(const struct sim_scenario *scenario)
{
	g_autofree char *name = g_strdup_printf("%s-%s", sim_scenario_stem(scenario), sim_scenario_config(scenario));

	return g_build_filename("results", name, NULL);
}

static int run_campaign(const struct run_options *o, struct sim_campaign *campaign, const char *command)
{
	g_autofree char *folder =
	    o->folder != NULL ? g_strdup(o->folder) : default_folder(sim_campaign_scenario(campaign));
	const struct sim_recorder_options options = {
	    .program = CLI_NAME,
	    .folder = folder,
	    .force = o->force,
	    .resume = o->resume,
	    .at_once = (guint)o->at_once,
	    .progress = o->progress,
	    .command = command,
	    .stop = &cli_stop_signal,
	};
	g_autoptr(GError) error = NULL;

	if (!sim_campaign_prepare(campaign, &error))
		return cli_refuse("%s", error->message);
	cli_catch_signals();
	struct sim_recorder *recorder = sim_recorder_open(&options, campaign, &error);

	if (recorder == NULL)
		return cli_fail(error);
	int code = record(o, campaign, recorder, folder);

	sim_recorder_free(recorder);
	return code;
}

/* -q runs: number, config, iteration, replication, seed, with tabs between. */
static void list_runs(const struct sim_campaign *c)
{
	for (guint i = 0; i < c->jobs->len; i++) {
		const struct sim_job *job = g_ptr_array_index(c->jobs, i);

		printf("%u\t%s\t%s\t%u\t%" G_GINT64_FORMAT "\n", job->run, sim_cell_config(job->cell),
		       sim_cell_iteration(job->cell), job->replication, job->seed);
	}
}

static int answer_query(const struct run_options *o, const struct sim_campaign *campaign)
{
	g_autofree char *text = sim_scenario_print(sim_campaign_scenario(campaign));
	const GPtrArray *warnings = sim_scenario_warnings(sim_campaign_scenario(campaign));

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
	struct sim_campaign *campaign = sim_campaign_new(model);
	int code = !sim_campaign_add(campaign, scenario, o->filter, 0, &error) ? cli_refuse("%s", error->message)
		   : o->query != NULL                                          ? answer_query(o, campaign)
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
