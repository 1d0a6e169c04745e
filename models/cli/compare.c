#include "models/cli/compare.h"

#include <string.h>

#include "models/cli/conduct.h"

static void warn_all(const struct conduct *c, GPtrArray *warnings)
{
	for (guint i = 0; i < warnings->len; i++)
		sim_recorder_warn(c->recorder, g_strdup(g_ptr_array_index(warnings, i)));
}

static bool put(const struct conduct *c, const char *name, GString *text, GError **error)
{
	g_autofree char *path = g_build_filename(c->folder, name, NULL);
	bool done = g_file_set_contents(path, text->str, (gssize)text->len, error);

	g_string_free(text, TRUE);
	return done;
}

static bool write_tables(const struct conduct *c, const struct sim_claims *claims, GError **error)
{
	g_autoptr(GArray) rows = sim_comparison_rows(c->campaign);

	return put(c, "compare.csv", sim_comparison_csv(rows), error) &&
	       put(c, "claims.csv", sim_claims_csv(claims), error);
}

static int report(struct conduct *c, const struct comparison_report *r, guint missed)
{
	g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) error = NULL;

	sim_comparison_left_out(c->campaign, warnings);
	comparison_report_warn(r, warnings);
	warn_all(c, warnings);
	if (!write_tables(c, r->claims, &error) || !sim_recorder_close(c->recorder, r->summary, &error))
		return cli_fail(error);
	if (!c->options->quiet) {
		comparison_report_print(r, c->folder);
		run_report_costs(c->campaign, sim_recorder_wall_ns(c->recorder), (guint)c->options->at_once);
	}
	return conduct_exit_code(c, missed > 0 ? CLI_PRECISION : CLI_DONE);
}

static int conclude(struct conduct *c, const struct sim_stopping *stopping)
{
	guint missed;
	g_autoptr(GArray) summary = conduct_summary(c, stopping, &missed);
	struct sim_claims *claims = sim_claims_new(c->campaign, summary);
	const struct comparison_report r = {c->campaign, summary, claims};
	int code = report(c, &r, missed);

	sim_claims_free(claims);
	return code;
}

static int work(struct conduct *c, void *warnings)
{
	struct sim_stopping *stopping = sim_stopping_new(c->campaign, true);
	g_autoptr(GError) error = NULL;

	warn_all(c, warnings);
	int code = conduct_rounds(c, stopping, &error) ? conclude(c, stopping) : cli_fail(error);

	sim_stopping_free(stopping);
	return code;
}

/* The configs' names with `-` between. */
static char *name_folder(const GPtrArray *scenarios)
{
	GString *name = g_string_new(sim_scenario_stem(g_ptr_array_index(scenarios, 0)));

	for (guint i = 0; i < scenarios->len; i++)
		g_string_append_printf(name, "-%s", sim_scenario_config(g_ptr_array_index(scenarios, i)));
	return g_string_free(name, FALSE);
}

static bool load(GPtrArray *scenarios, struct sim_campaign *campaign, const struct run_options *o,
		 const struct sim_model *model, GError **error)
{
	for (guint i = 0; o->configs[i] != NULL; i++) {
		struct sim_scenario *scenario = conduct_load(o, model, o->configs[i], NULL, error);

		if (scenario == NULL)
			return false;
		g_ptr_array_add(scenarios, scenario);
		if (!sim_campaign_add(campaign, scenario, o->filter, 0, error))
			return false;
	}
	return true;
}

static int compare(const struct run_options *o, const struct sim_model *model, GPtrArray *scenarios,
		   struct sim_campaign *campaign)
{
	g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) error = NULL;

	if (!load(scenarios, campaign, o, model, &error) || !sim_comparison_check(scenarios, warnings, &error))
		return cli_refuse("%s", error->message);
	if (conduct_shard(o, campaign) != CLI_DONE)
		return CLI_USAGE;
	g_autofree char *name = name_folder(scenarios);

	if (o->query == NULL)
		return conduct_campaign(o, campaign, name, o->line, NULL, work, warnings);
	conduct_tell_warnings(campaign);
	conduct_list_runs(campaign);
	return CLI_DONE;
}

static int check(const struct run_options *o)
{
	guint n = o->configs != NULL ? g_strv_length(o->configs) : 0;

	if (n < 2)
		return cli_refuse("compare: two configs are compared: write -c A -c B");
	for (guint i = 0; i < n; i++)
		for (guint k = 0; k < i; k++)
			if (strcmp(o->configs[i], o->configs[k]) == 0)
				return cli_refuse("compare: -c %s stands twice", o->configs[i]);
	if (o->query != NULL && strcmp(o->query, "runs") != 0)
		return cli_refuse("compare: -q %s is about one config: write run -q %s -c %s", o->query, o->query,
				  o->configs[0]);
	return CLI_DONE;
}

static void scenario_free(gpointer scenario)
{
	sim_scenario_free(scenario);
}

int cli_compare(int argc, char **argv, const struct sim_model *model)
{
	struct run_options options;
	int code = run_options_parse(&options, NULL, argc, argv);

	code = code == CLI_DONE ? check(&options) : code;
	code = code == CLI_DONE ? run_options_keep_input(&options) : code;
	if (code == CLI_DONE) {
		g_autoptr(GPtrArray) scenarios = g_ptr_array_new_with_free_func(scenario_free);
		struct sim_campaign *campaign = sim_campaign_new(model);

		code = compare(&options, model, scenarios, campaign);
		sim_campaign_free(campaign);
	}
	run_options_clear(&options);
	return code;
}
