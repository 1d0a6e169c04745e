#include "sim/study/manifest.h"

#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include "sim/study/build_info.h"
#include "sim/study/put.h"
#include "sim/study/sweep.h"

static void put_value(JsonBuilder *b, GHashTable *seen, const char *value)
{
	if (value != NULL && g_hash_table_add(seen, (gpointer)(uintptr_t)value))
		json_builder_add_string_value(b, value);
}

/* The values of the first scenario, then those that cells of others have beside. */
static void put_values(JsonBuilder *b, const struct sim_campaign *campaign, const struct sweep_variable *variable)
{
	const struct sim_scenario *first = sim_campaign_scenario(campaign);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	json_builder_begin_array(b);
	for (guint k = 0; k < variable->values->len; k++)
		put_value(b, seen, g_ptr_array_index(variable->values, k));
	for (guint i = 0; i < campaign->cells->len; i++) {
		const struct sim_cell *cell = g_ptr_array_index(campaign->cells, i);

		if (cell->scenario != first)
			put_value(b, seen, sim_scenario_variable(cell->scenario, cell->iteration, variable->name));
	}
	json_builder_end_array(b);
}

static void put_variables(JsonBuilder *b, const struct sim_campaign *campaign)
{
	const GPtrArray *variables = sim_scenario_variables(sim_campaign_scenario(campaign));

	json_builder_set_member_name(b, "variables");
	json_builder_begin_array(b);
	for (guint i = 0; i < variables->len; i++) {
		const struct sweep_variable *variable = g_ptr_array_index(variables, i);

		json_builder_begin_object(b);
		put_text(b, "name", variable->name);
		json_builder_set_member_name(b, "values");
		put_values(b, campaign, variable);
		json_builder_end_object(b);
	}
	json_builder_end_array(b);
}

/* Where a value comes from, without the file's name: that stands in provenance. */
static void put_origin(JsonBuilder *b, const struct sim_value *value)
{
	g_autofree char *line = g_strdup_printf("line %u", value->line);

	put_text(b, "from", value->line > 0 ? line : value->file != NULL ? value->file : "default");
}

static void put_parameters(JsonBuilder *b, const struct sim_scenario *scenario, guint iteration)
{
	const struct sim_table *table = sim_scenario_table(scenario);
	const struct sim_values *values = sim_scenario_values(scenario, iteration);

	json_builder_set_member_name(b, "parameters");
	json_builder_begin_object(b);
	for (guint row = 0; row < table->n; row++) {
		const struct sim_value *value = sim_values_at(values, row);

		if (*value->text == '\0' || !sim_values_readable(values, row))
			continue;
		json_builder_set_member_name(b, table->names[row]);
		json_builder_begin_object(b);
		put_text(b, "value", value->text);
		put_origin(b, value);
		json_builder_end_object(b);
	}
	json_builder_end_object(b);
}

/* The files that the values name, as they are written there: with the same octets in them a run is the same. */
static void put_files(JsonBuilder *b, const struct sim_values *values)
{
	const char *written, *sha256;

	if (sim_values_file(values, 0, &sha256) == NULL)
		return;
	json_builder_set_member_name(b, "files");
	json_builder_begin_array(b);
	for (guint i = 0; (written = sim_values_file(values, i, &sha256)) != NULL; i++) {
		json_builder_begin_object(b);
		put_text(b, "path", written);
		put_text(b, "sha256", sha256);
		json_builder_end_object(b);
	}
	json_builder_end_array(b);
}

static void put_lines(JsonBuilder *b, const char *name, const char *const *lines, guint n)
{
	json_builder_set_member_name(b, name);
	json_builder_begin_array(b);
	for (guint i = 0; i < n; i++)
		json_builder_add_string_value(b, lines[i]);
	json_builder_end_array(b);
}

static void put_notes(JsonBuilder *b, const struct sim_model *model, const struct sim_values *values)
{
	g_auto(GStrv) notes = model->notes != NULL ? model->notes(values) : NULL;

	if (notes != NULL)
		put_lines(b, "notes", (const char *const *)notes, g_strv_length(notes));
}

static void put_cells(JsonBuilder *b, const struct sim_campaign *campaign)
{
	json_builder_set_member_name(b, "iterations");
	json_builder_begin_array(b);
	for (guint i = 0; i < campaign->cells->len; i++) {
		const struct sim_cell *cell = g_ptr_array_index(campaign->cells, i);

		json_builder_begin_object(b);
		put_text(b, "config", sim_cell_config(cell));
		put_text(b, "iteration", sim_cell_iteration(cell));
		put_parameters(b, cell->scenario, cell->iteration);
		put_files(b, sim_cell_values(cell));
		put_notes(b, campaign->model, sim_cell_values(cell));
		json_builder_end_object(b);
	}
	json_builder_end_array(b);
}

/* The configs' names, each once. */
static void put_configs(JsonBuilder *b, const struct sim_campaign *campaign)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (guint i = 0; i < campaign->cells->len; i++) {
		const char *name = sim_cell_config(g_ptr_array_index(campaign->cells, i));

		if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
			g_ptr_array_add(names, (gpointer)(uintptr_t)name);
	}
	put_lines(b, "configs", (const char *const *)names->pdata, names->len);
}

static const char *ended(const struct sim_job *job)
{
	switch (job->state) {
	case SIM_JOB_FINISHED:
		return job->record.ended;
	case SIM_JOB_FAILED:
		return "failed";
	case SIM_JOB_INTERRUPTED:
		return "interrupted";
	case SIM_JOB_WAITING:
		break;
	}
	return "not started";
}

/* What MSER-5 took off: values, how many of them, and the time in seconds at which the rest begins. */
static void put_cuts(JsonBuilder *b, const GArray *cuts)
{
	json_builder_set_member_name(b, "warmup");
	json_builder_begin_array(b);
	for (guint i = 0; i < cuts->len; i++) {
		const struct sim_cut *cut = &g_array_index(cuts, struct sim_cut, i);

		json_builder_begin_object(b);
		put_text(b, "module", cut->module);
		put_text(b, "flow", cut->flow);
		put_text(b, "metric", cut->metric);
		put_count(b, "values", (int64_t)cut->values);
		put_count(b, "cut", (int64_t)cut->cut);
		put_count(b, "time-ns", cut->time);
		json_builder_end_object(b);
	}
	json_builder_end_array(b);
}

static void put_run(JsonBuilder *b, const struct sim_job *job)
{
	char fingerprint[SIM_FINGERPRINT_DIGITS + 1];

	json_builder_begin_object(b);
	put_text(b, "config", sim_cell_config(job->cell));
	put_text(b, "iteration", sim_cell_iteration(job->cell));
	put_count(b, "replication", job->replication);
	put_count(b, "run", job->run);
	put_count(b, "seed", job->seed);
	if (job->state == SIM_JOB_FINISHED) {
		sim_fingerprint_print(&job->record.fingerprint, fingerprint);
		put_text(b, "fingerprint", fingerprint);
	}
	put_text(b, "ended", ended(job));
	if (job->state == SIM_JOB_FINISHED && job->record.cuts->len > 0)
		put_cuts(b, job->record.cuts);
	if (job->state == SIM_JOB_FINISHED && job->record.notes->len > 0)
		put_lines(b, "notes", (const char *const *)job->record.notes->pdata, job->record.notes->len);
	if (job->error != NULL)
		put_text(b, "reason", job->error);
	json_builder_end_object(b);
}

static void put_runs(JsonBuilder *b, const struct sim_campaign *campaign)
{
	json_builder_set_member_name(b, "runs");
	json_builder_begin_array(b);
	for (guint i = 0; i < campaign->jobs->len; i++) {
		const struct sim_job *job = g_ptr_array_index(campaign->jobs, i);

		if (job->state != SIM_JOB_WAITING)
			put_run(b, job);
	}
	json_builder_end_array(b);
}

static void put_warnings(JsonBuilder *b, const GPtrArray *warnings)
{
	put_lines(b, "warnings", (const char *const *)warnings->pdata, warnings->len);
}

static void put_libraries(JsonBuilder *b, const struct sim_model *model)
{
	g_auto(GStrv) own = sim_build_libraries();
	const char *const *more = model->libraries != NULL ? model->libraries() : NULL;

	json_builder_set_member_name(b, "libraries");
	json_builder_begin_array(b);
	for (guint i = 0; own[i] != NULL; i++)
		json_builder_add_string_value(b, own[i]);
	for (guint i = 0; more != NULL && more[i] != NULL; i++)
		json_builder_add_string_value(b, more[i]);
	json_builder_end_array(b);
}

static void put_build(JsonBuilder *b)
{
	struct sim_build_info build = sim_build_info();

	put_text(b, "version", build.version);
	put_text(b, "commit", build.commit);
	put_flag(b, "dirty", build.dirty);
	put_text(b, "build-type", build.build_type);
	put_text(b, "compiler", build.compiler);
	put_text(b, "event-queue", build.event_queue);
}

static void put_machine(JsonBuilder *b)
{
	struct rusage usage = {0};
	struct utsname machine;

	if (uname(&machine) == 0) {
		g_autofree char *host =
		    g_strdup_printf("%s %s %s", machine.sysname, machine.release, machine.machine);

		put_text(b, "host", machine.nodename);
		put_text(b, "system", host);
	}
	put_count(b, "processors", g_get_num_processors());
	getrusage(RUSAGE_SELF, &usage);
	put_count(b, "peak-memory-bytes", (int64_t)usage.ru_maxrss * 1024);
}

static void put_costs(JsonBuilder *b, const struct sim_campaign *campaign)
{
	uint64_t pending_max = 0, events = 0, draws = 0;
	int64_t crypto_ns = 0, run_ns = 0;

	for (guint i = 0; i < campaign->jobs->len; i++) {
		const struct sim_job *job = g_ptr_array_index(campaign->jobs, i);

		if (job->state == SIM_JOB_WAITING)
			continue; /* perhaps on its way: not ours to look at */
		pending_max = MAX(pending_max, job->record.pending_max);
		events += job->record.events;
		draws += job->record.draws;
		crypto_ns += job->record.crypto_wall_ns;
		run_ns += job->wall_ns;
	}
	put_count(b, "events", (int64_t)events);
	put_count(b, "draws", (int64_t)draws);
	put_count(b, "kernel.pending-max", (int64_t)pending_max);
	put_number(b, "run-seconds", (double)run_ns / 1e9);
	put_number(b, "crypto-wall-share", run_ns > 0 ? (double)crypto_ns / (double)run_ns : 0);
}

/* What a merge needs to load the scenario again. */
static void put_origin_of_values(JsonBuilder *b, const struct sim_account *account)
{
	g_autofree char *folder = g_get_current_dir();
	guint n = account->sets != NULL ? g_strv_length((char **)(uintptr_t)account->sets) : 0;

	put_text(b, "working-directory", folder);
	put_lines(b, "sets", account->sets, n);
	if (account->seed != NULL)
		put_text(b, "seed", account->seed);
}

static void put_provenance(JsonBuilder *b, const struct sim_campaign *campaign, const struct sim_account *account)
{
	json_builder_set_member_name(b, "provenance");
	json_builder_begin_object(b);
	put_build(b);
	put_libraries(b, campaign->model);
	put_text(b, "scenario", sim_scenario_path(sim_campaign_scenario(campaign)));
	put_text(b, "command", account->command);
	put_origin_of_values(b, account);
	put_text(b, "started", account->started);
	put_number(b, "wall-seconds", (double)account->wall_ns / 1e9);
	put_count(b, "jobs", account->at_once);
	put_machine(b);
	put_costs(b, campaign);
	json_builder_end_object(b);
}

char *sim_manifest_print(const struct sim_campaign *campaign, const struct sim_account *account)
{
	const struct sim_scenario *scenario = sim_campaign_scenario(campaign);
	g_autoptr(JsonBuilder) b = json_builder_new();

	json_builder_begin_object(b);
	put_text(b, "format", SIM_MANIFEST_FORMAT);
	put_count(b, "format-version", 1);
	put_text(b, "model", campaign->model->name);
	put_text(b, "state", account->state);
	put_text(b, "config", sim_scenario_config(scenario));
	put_count(b, "repeat", sim_scenario_repeat(scenario));
	put_count(b, "runs-planned", campaign->jobs->len);
	put_text(b, "generator", "Philox4x64-10 (Random123)");
	put_number(b, "confidence", SIM_CONFIDENCE);
	put_configs(b, campaign);
	put_variables(b, campaign);
	if (account->targets != NULL)
		put_lines(b, "targets", account->targets, g_strv_length((char **)(uintptr_t)account->targets));
	put_cells(b, campaign);
	put_runs(b, campaign);
	put_warnings(b, account->warnings);
	put_provenance(b, campaign, account);
	json_builder_end_object(b);
	g_autoptr(JsonNode) root = json_builder_get_root(b);
	g_autofree char *text = json_to_string(root, TRUE);

	return g_strconcat(text, "\n", NULL);
}

bool sim_manifest_is_ours(const char *path)
{
	g_autoptr(JsonParser) parser = json_parser_new();

	if (!json_parser_load_from_file(parser, path, NULL))
		return false;
	JsonNode *root = json_parser_get_root(parser);

	if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
		return false;
	const char *format = json_object_get_string_member_with_default(json_node_get_object(root), "format", "");

	return g_strcmp0(format, SIM_MANIFEST_FORMAT) == 0;
}
