#include "sim/study/recall.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "sim/study/archive.h"
#include "sim/study/build_info.h"
#include "sim/study/manifest.h"

static char *key_of(const char *config, const char *iteration)
{
	return g_strconcat(config, "\n", iteration, NULL);
}

static char *name_build(const char *version, const char *commit, const char *build_type)
{
	return g_strdup_printf("%s, commit %s, %s", version, commit, build_type);
}

/* ---- the manifest of then ---- */

static bool refuse(GError **error, const char *path, const char *what)
{
	g_set_error(
	    error, SIM_SCENARIO_ERROR, 0,
	    "%s: %s, so the campaign cannot be resumed: begin anew with --force, or choose another folder with "
	    "-o",
	    path, what);
	return false;
}

static void add_parameters(GHashTable *table, JsonObject *parameters)
{
	g_autoptr(GList) names = json_object_get_members(parameters);

	for (const GList *n = names; n != NULL; n = n->next) {
		JsonNode *node = json_object_get_member(parameters, n->data);
		const char *value =
		    JSON_NODE_HOLDS_OBJECT(node)
			? json_object_get_string_member_with_default(json_node_get_object(node), "value", "")
			: "";

		g_hash_table_insert(table, g_strdup(n->data), g_strdup(value));
	}
}

static void add_files(GHashTable *table, JsonArray *files)
{
	for (guint i = 0; i < json_array_get_length(files); i++) {
		JsonNode *node = json_array_get_element(files, i);

		if (!JSON_NODE_HOLDS_OBJECT(node))
			continue;
		JsonObject *file = json_node_get_object(node);

		g_hash_table_insert(
		    table,
		    g_strconcat("the octets of ", json_object_get_string_member_with_default(file, "path", ""), NULL),
		    g_strdup(json_object_get_string_member_with_default(file, "sha256", "")));
	}
}

/* One of the manifest's `iterations`. */
static bool add_cell(struct sim_recall *recall, JsonNode *node)
{
	if (!JSON_NODE_HOLDS_OBJECT(node))
		return false;
	JsonObject *cell = json_node_get_object(node);
	const char *config = json_object_get_string_member_with_default(cell, "config", NULL);
	const char *iteration = json_object_get_string_member_with_default(cell, "iteration", NULL);
	JsonNode *parameters = json_object_get_member(cell, "parameters"),
		 *files = json_object_get_member(cell, "files");

	if (config == NULL || iteration == NULL || parameters == NULL || !JSON_NODE_HOLDS_OBJECT(parameters))
		return false;
	GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

	add_parameters(table, json_node_get_object(parameters));
	if (files != NULL && JSON_NODE_HOLDS_ARRAY(files))
		add_files(table, json_node_get_array(files));
	g_hash_table_insert(recall->cells, key_of(config, iteration), table);
	return true;
}

static bool read_manifest(struct sim_recall *recall, const char *path, GError **error)
{
	g_autoptr(JsonParser) parser = json_parser_new();

	if (!sim_manifest_is_ours(path))
		return refuse(error, path, "is no manifest of a campaign");
	if (!json_parser_load_from_file(parser, path, error))
		return false;
	JsonObject *root = json_node_get_object(json_parser_get_root(parser));
	JsonNode *cells = json_object_get_member(root, "iterations"),
		 *built = json_object_get_member(root, "provenance");

	if (cells == NULL || !JSON_NODE_HOLDS_ARRAY(cells) || built == NULL || !JSON_NODE_HOLDS_OBJECT(built))
		return refuse(error, path, "lacks `iterations` or `provenance`");
	JsonObject *by = json_node_get_object(built);

	recall->build = name_build(json_object_get_string_member_with_default(by, "version", "?"),
				   json_object_get_string_member_with_default(by, "commit", "?"),
				   json_object_get_string_member_with_default(by, "build-type", "?"));
	recall->clean = !json_object_get_boolean_member_with_default(by, "dirty", TRUE);
	for (guint i = 0; i < json_array_get_length(json_node_get_array(cells)); i++)
		if (!add_cell(recall, json_array_get_element(json_node_get_array(cells), i)))
			return refuse(error, path, "has an iteration without config, name or parameters");
	return true;
}

/* ---- as a whole ---- */

static char *run_key(const char *config, const char *iteration, guint replication)
{
	return g_strdup_printf("%s\n%s\n%u", config, iteration, replication);
}

static void memory_clear(gpointer memory)
{
	sim_memory_clear(memory);
}

/* Of a campaign that had come to its end. */
static GArray *read_tables(const char *folder, GError **error)
{
	struct sim_archive *archive = sim_archive_read(folder, error);

	if (archive == NULL)
		return NULL;
	GArray *memories = g_array_new(FALSE, FALSE, sizeof(struct sim_memory));

	g_array_set_clear_func(memories, memory_clear);
	for (guint i = 0; i < archive->runs->len; i++) {
		struct sim_archive_run *run = &g_array_index(archive->runs, struct sim_archive_run, i);
		struct sim_memory memory = {run->config, run->iteration, run->replication, run->seed, run->record};

		if (!run->finished)
			continue;
		sim_record_init(&run->record);
		g_array_append_val(memories, memory);
	}
	sim_archive_free(archive);
	return memories;
}

static void index_runs(struct sim_recall *recall)
{
	for (guint i = 0; i < recall->memories->len; i++) {
		const struct sim_memory *m = &g_array_index(recall->memories, struct sim_memory, i);

		g_hash_table_insert(recall->runs, run_key(m->config, m->iteration, m->replication),
				    GUINT_TO_POINTER(i + 1));
	}
}

struct sim_recall *sim_recall_load(const char *folder, GError **error)
{
	struct sim_recall *recall = g_new0(struct sim_recall, 1);
	g_autofree char *path = g_build_filename(folder, "manifest.json", NULL);

	recall->folder = g_strdup(folder);
	recall->cells = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref);
	recall->runs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (read_manifest(recall, path, error))
		recall->memories =
		    sim_journal_exists(folder) ? sim_journal_read(folder, error) : read_tables(folder, error);
	if (recall->memories != NULL) {
		index_runs(recall);
		return recall;
	}
	sim_recall_free(recall);
	return NULL;
}

void sim_recall_free(struct sim_recall *recall)
{
	if (recall == NULL)
		return;
	g_clear_pointer(&recall->memories, g_array_unref);
	g_hash_table_unref(recall->cells);
	g_hash_table_unref(recall->runs);
	g_free(recall->build);
	g_free(recall->folder);
	g_free(recall);
}

bool sim_recall_same_build(const struct sim_recall *recall)
{
	struct sim_build_info build = sim_build_info();
	g_autofree char *name = name_build(build.version, build.commit, build.build_type);

	return recall->clean && !build.dirty && strcmp(name, recall->build) == 0;
}

/* ---- is it the same cell? ---- */

/* A longer campaign of the same kind of runs. */
static bool may_differ(const char *name)
{
	static const char *const names[] = {"repeat", "precision", "precision.max-replications", NULL};

	return g_strv_contains(names, name);
}

static GHashTable *parameters_of(const struct sim_cell *cell)
{
	GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	const struct sim_values *values = sim_cell_values(cell);
	const struct sim_table *rows = sim_scenario_table(cell->scenario);
	const char *written, *sha256;

	for (guint row = 0; row < rows->n; row++) {
		const char *text = sim_values_at(values, row)->text;

		if (*text != '\0' && sim_values_readable(values, row))
			g_hash_table_insert(table, g_strdup(rows->names[row]), g_strdup(text));
	}
	for (guint i = 0; (written = sim_values_file(values, i, &sha256)) != NULL; i++)
		g_hash_table_insert(table, g_strconcat("the octets of ", written, NULL), g_strdup(sha256));
	return table;
}

/* The first name, in order of the alphabet, that is not in both with the same value; NULL without one. */
static const char *find_difference(GHashTable *a, GHashTable *b)
{
	const char *first = NULL;
	GHashTable *tables[] = {a, b};

	for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
		GHashTableIter iter;
		gpointer name, value;

		g_hash_table_iter_init(&iter, tables[i]);
		while (g_hash_table_iter_next(&iter, &name, &value))
			if (!may_differ(name) && g_strcmp0(value, g_hash_table_lookup(tables[1 - i], name)) != 0 &&
			    (first == NULL || strcmp(name, first) < 0))
				first = name;
	}
	return first;
}

bool sim_recall_fits(const struct sim_recall *recall, const struct sim_cell *cell, GError **error)
{
	g_autofree char *key = key_of(sim_cell_config(cell), sim_cell_iteration(cell));
	GHashTable *then = g_hash_table_lookup(recall->cells, key);

	if (then == NULL)
		return true; /* new since then */
	g_autoptr(GHashTable) now = parameters_of(cell);
	const char *name = find_difference(then, now);

	if (name == NULL)
		return true;
	const char *was = g_hash_table_lookup(then, name), *is = g_hash_table_lookup(now, name);

	g_set_error(
	    error, SIM_SCENARIO_ERROR, 0,
	    "%s%s%s: %s is %s%s%s now, and was %s%s%s when the folder's runs were made: --resume continues the "
	    "same campaign only; begin anew with --force, or choose another folder with -o",
	    sim_cell_config(cell), *sim_cell_iteration(cell) != '\0' ? ", iteration " : "", sim_cell_iteration(cell),
	    name, is != NULL ? "\"" : "", is != NULL ? is : "unset", is != NULL ? "\"" : "", was != NULL ? "\"" : "",
	    was != NULL ? was : "unset", was != NULL ? "\"" : "");
	return false;
}

bool sim_recall_take(struct sim_recall *recall, struct sim_job *job)
{
	g_autofree char *key = run_key(sim_cell_config(job->cell), sim_cell_iteration(job->cell), job->replication);
	gpointer at = g_hash_table_lookup(recall->runs, key);

	if (at == NULL)
		return false;
	struct sim_memory *m = &g_array_index(recall->memories, struct sim_memory, GPOINTER_TO_UINT(at) - 1);

	if (m->record.rows == NULL)
		return false; /* taken already */
	sim_campaign_restore(job, &m->record);
	return true;
}

bool sim_recall_holds(const struct sim_recall *recall, const struct sim_job *job)
{
	g_autofree char *key = run_key(sim_cell_config(job->cell), sim_cell_iteration(job->cell), job->replication);

	return g_hash_table_contains(recall->runs, key);
}
