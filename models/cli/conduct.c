#include "models/cli/conduct.h"

#include <stdio.h>
#include <string.h>

#include "models/cli/stop.h"
#include "sim/study/summary.h"

struct sim_scenario *conduct_load(const struct run_options *o, const struct sim_model *model, const char *config,
				  const char *const *more, GError **error)
{
	g_autoptr(GPtrArray) sets = g_ptr_array_new();

	for (guint i = 0; o->sets != NULL && o->sets[i] != NULL; i++)
		g_ptr_array_add(sets, o->sets[i]);
	for (guint i = 0; more != NULL && more[i] != NULL; i++)
		g_ptr_array_add(sets, (gpointer)(uintptr_t)more[i]);
	g_ptr_array_add(sets, NULL);
	struct sim_request request = {
	    .path = o->arguments[0],
	    .config = config,
	    .sets = (const char *const *)(const void *)sets->pdata,
	    .seed = o->seed,
	    .text = o->text,
	};

	return sim_scenario_load(model, &request, error);
}

int conduct_shard(const struct run_options *o, struct sim_campaign *campaign)
{
	if (o->shard == NULL)
		return CLI_DONE;
	if (strcmp(sim_value(sim_cell_values(g_ptr_array_index(campaign->cells, 0)), "precision")->text, "none") != 0)
		return cli_refuse("%s: --shard: with precision, how many runs there are shows as they end: set "
				  "precision to none",
				  o->command);
	sim_campaign_keep_shard(campaign, o->shard_k, o->shard_n);
	if (campaign->jobs->len > 0)
		return CLI_DONE;
	return cli_refuse("%s: --shard=%u/%u: there are fewer runs than shards", o->command, o->shard_k, o->shard_n);
}

/* The folder where none was chosen. */
static char *default_folder(const struct run_options *o, const char *name)
{
	g_autofree char *part =
	    o->shard != NULL ? g_strdup_printf("%s-%u-of-%u", name, o->shard_k, o->shard_n) : NULL;

	return g_build_filename("results", part != NULL ? part : name, NULL);
}

/* What the campaign's scenarios say, each once. g_ptr_array_unref. */
static GPtrArray *collect_warnings(const struct sim_campaign *c)
{
	GPtrArray *all = g_ptr_array_new();

	for (guint i = 0; i < c->cells->len; i++) {
		const GPtrArray *of =
		    sim_scenario_warnings(((const struct sim_cell *)g_ptr_array_index(c->cells, i))->scenario);

		for (guint k = 0; k < of->len; k++)
			if (!g_ptr_array_find_with_equal_func(all, of->pdata[k], g_str_equal, NULL))
				g_ptr_array_add(all, of->pdata[k]);
	}
	return all;
}

void conduct_tell_warnings(const struct sim_campaign *c)
{
	g_autoptr(GPtrArray) warnings = collect_warnings(c);

	for (guint i = 0; i < warnings->len; i++)
		fprintf(stderr, CLI_NAME ": warning: %s\n", (const char *)g_ptr_array_index(warnings, i));
}

static int begin(struct conduct *c, conduct_work *work, void *context)
{
	g_autoptr(GPtrArray) warnings = collect_warnings(c->campaign);

	for (guint i = 0; i < warnings->len; i++)
		sim_recorder_warn(c->recorder, g_strdup(g_ptr_array_index(warnings, i)));
	return work(c, context);
}

int conduct_campaign(const struct run_options *o, struct sim_campaign *campaign, const char *name,
		     const char *command, const struct sim_sought *sought, conduct_work *work, void *context)
{
	g_autofree char *folder = o->folder != NULL ? g_strdup(o->folder) : default_folder(o, name);
	const struct sim_recorder_options options = {
	    .program = CLI_NAME,
	    .folder = folder,
	    .force = o->force,
	    .resume = o->resume,
	    .at_once = (guint)o->at_once,
	    .progress = o->progress,
	    .reuse = (const char *const *)o->reuse,
	    .gather = o->gather,
	    .sought = sought,
	    .command = command,
	    .sets = (const char *const *)o->sets,
	    .seed = o->seed,
	    .stop = &cli_stop_signal,
	};
	g_autoptr(GError) error = NULL;

	if (!sim_campaign_prepare(campaign, &error))
		return cli_refuse("%s", error->message);
	cli_catch_signals();
	struct conduct c = {o, campaign, folder, sim_recorder_open(&options, campaign, &error)};

	if (c.recorder == NULL)
		return cli_fail(error);
	int code = begin(&c, work, context);

	sim_recorder_free(c.recorder);
	return code;
}

bool conduct_rounds(const struct conduct *c, struct sim_stopping *stopping, GError **error)
{
	GError *wrong = NULL;

	do {
		if (!sim_recorder_run(c->recorder, error))
			return false;
	} while (stopping != NULL && !sim_recorder_interrupted(c->recorder) && sim_stopping_extend(stopping, &wrong));
	if (wrong != NULL)
		g_propagate_error(error, wrong);
	return wrong == NULL;
}

GArray *conduct_summary(const struct conduct *c, const struct sim_stopping *stopping, guint *missed)
{
	GArray *summary = sim_summarise(c->campaign);

	*missed = stopping != NULL ? sim_stopping_mark(stopping, summary) : 0;
	if (*missed > 0)
		sim_recorder_warn(c->recorder,
				  g_strdup_printf("the precision was not reached in %u of %u iterations: see "
						  "the verdicts in summary.csv",
						  *missed, c->campaign->cells->len));
	return summary;
}

int conduct_exit_code(const struct conduct *c, int good)
{
	bool missing = sim_recorder_interrupted(c->recorder);

	/* a signal that came too late to stop anything changes nothing */
	if (missing && (!c->options->gather || cli_stop_signal != 0))
		return 128 + cli_stop_signal;
	if (sim_campaign_count(c->campaign, SIM_JOB_FINISHED) == 0)
		return CLI_FAILED;
	return missing || sim_campaign_count(c->campaign, SIM_JOB_FAILED) > 0 ? CLI_SOME_FAILED : good;
}

void conduct_list_runs(const struct sim_campaign *c)
{
	for (guint i = 0; i < c->jobs->len; i++) {
		const struct sim_job *job = g_ptr_array_index(c->jobs, i);

		printf("%u\t%s\t%s\t%u\t%" G_GINT64_FORMAT "\n", job->run, sim_cell_config(job->cell),
		       sim_cell_iteration(job->cell), job->replication, job->seed);
	}
}
