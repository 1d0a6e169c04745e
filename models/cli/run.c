#include "models/cli/run.h"

#include <string.h>

#include "models/cli/conduct.h"

static int conclude(struct conduct *c, const struct sim_stopping *stopping)
{
	g_autoptr(GError) error = NULL;
	guint missed;
	g_autoptr(GArray) summary = conduct_summary(c, stopping, &missed);

	if (!sim_recorder_close(c->recorder, summary, &error))
		return cli_fail(error);
	if (!c->options->quiet)
		run_report(c->campaign, summary, c->folder, sim_recorder_wall_ns(c->recorder),
			   (guint)c->options->at_once);
	return conduct_exit_code(c, missed > 0 ? CLI_PRECISION : CLI_DONE);
}

static int work(struct conduct *c, void *context)
{
	struct sim_stopping *stopping = sim_stopping_new(c->campaign, false);
	g_autoptr(GError) error = NULL;

	(void)context;
	int code = conduct_rounds(c, stopping, &error) ? conclude(c, stopping) : cli_fail(error);

	sim_stopping_free(stopping);
	return code;
}

static int answer_query(const struct run_options *o, const struct sim_campaign *campaign)
{
	g_autofree char *text = sim_scenario_print(sim_campaign_scenario(campaign));

	conduct_tell_warnings(campaign);
	if (strcmp(o->query, "runs") == 0)
		conduct_list_runs(campaign);
	else
		fputs(text, stdout);
	return CLI_DONE;
}

static int run_scenario(const struct run_options *o, const struct sim_model *model, const char *command)
{
	g_autoptr(GError) error = NULL;
	struct sim_scenario *scenario =
	    conduct_load(o, model, o->configs != NULL ? o->configs[0] : NULL, NULL, &error);

	if (scenario == NULL)
		return cli_refuse("%s", error->message);
	g_autofree char *name = g_strdup_printf("%s-%s", sim_scenario_stem(scenario), sim_scenario_config(scenario));
	struct sim_campaign *campaign = sim_campaign_new(model);
	int code = !sim_campaign_add(campaign, scenario, o->filter, 0, &error) ? cli_refuse("%s", error->message)
		   : conduct_shard(o, campaign) != CLI_DONE                    ? CLI_USAGE
		   : o->query != NULL                                          ? answer_query(o, campaign)
				      : conduct_campaign(o, campaign, name, command, NULL, work, NULL);

	sim_campaign_free(campaign);
	sim_scenario_free(scenario);
	return code;
}

int cli_run(int argc, char **argv, const struct sim_model *model)
{
	struct run_options options;
	int code = run_options_parse(&options, NULL, argc, argv);

	if (code == CLI_DONE && options.configs != NULL && options.configs[1] != NULL)
		code = cli_refuse("run: -c %s: one config at a time; %s is chosen already", options.configs[1],
				  options.configs[0]);
	if (code == CLI_DONE)
		code = run_scenario(&options, model, options.line);
	run_options_clear(&options);
	return code;
}
