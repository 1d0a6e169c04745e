#include "sim/study/archive.h"

#include <string.h>

#include "sim/study/archive_parts.h"
#include "sim/study/param.h"

#define MANIFEST "manifest.json"

static void iteration_clear(gpointer data)
{
	struct sim_archive_iteration *iteration = data;

	g_array_unref(iteration->parameters);
	g_array_unref(iteration->files);
	g_ptr_array_unref(iteration->notes);
}

static void variable_clear(gpointer data)
{
	g_ptr_array_unref(((struct sim_archive_variable *)data)->values);
}

static void run_clear(gpointer data)
{
	sim_record_clear(&((struct sim_archive_run *)data)->record);
}

static GArray *array_of(guint size, GDestroyNotify clear)
{
	GArray *array = g_array_new(FALSE, TRUE, size);

	if (clear != NULL)
		g_array_set_clear_func(array, clear);
	return array;
}

static struct sim_archive *archive_new(const char *folder)
{
	struct sim_archive *a = g_new0(struct sim_archive, 1);

	a->folder = g_intern_string(folder);
	a->configs = g_ptr_array_new();
	a->variables = array_of(sizeof(struct sim_archive_variable), variable_clear);
	a->iterations = array_of(sizeof(struct sim_archive_iteration), iteration_clear);
	a->runs = array_of(sizeof(struct sim_archive_run), run_clear);
	a->targets = g_ptr_array_new();
	a->warnings = g_ptr_array_new();
	a->provenance = array_of(sizeof(struct sim_archive_fact), NULL);
	a->estimates = array_of(sizeof(struct sim_archive_estimate), NULL);
	a->differences = array_of(sizeof(struct sim_archive_difference), NULL);
	a->claims = array_of(sizeof(struct sim_archive_claim), NULL);
	a->brackets = array_of(sizeof(struct sim_archive_bracket), NULL);
	a->index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return a;
}

void sim_archive_free(struct sim_archive *a)
{
	if (a == NULL)
		return;
	g_ptr_array_unref(a->configs);
	g_array_unref(a->variables);
	g_array_unref(a->iterations);
	g_array_unref(a->runs);
	g_ptr_array_unref(a->targets);
	g_ptr_array_unref(a->warnings);
	g_array_unref(a->provenance);
	g_array_unref(a->estimates);
	g_array_unref(a->differences);
	g_array_unref(a->claims);
	g_array_unref(a->brackets);
	g_hash_table_unref(a->index);
	g_free(a);
}

/* The file's text; or NULL, with *error unless it is not there and need not be. */
static char *read_file(const char *path, bool needed, gsize *n, GError **error)
{
	g_autoptr(GError) reason = NULL;
	char *text = NULL;

	if (!needed && !g_file_test(path, G_FILE_TEST_EXISTS))
		return NULL;
	if (g_file_get_contents(path, &text, n, &reason))
		return text;
	if (g_error_matches(reason, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		g_set_error(error, SIM_SCENARIO_ERROR, 0,
			    "%s: is missing: name a folder that `run` has written, or run the scenario again", path);
	else
		g_set_error(error, SIM_SCENARIO_ERROR, 0, "%s: cannot be read: %s", path, reason->message);
	return NULL;
}

static bool read_manifest(struct sim_archive *a, GError **error)
{
	g_autofree char *path = g_build_filename(a->folder, MANIFEST, NULL);
	gsize n;

	if (!g_file_test(a->folder, G_FILE_TEST_IS_DIR)) {
		g_set_error(
		    error, SIM_SCENARIO_ERROR, 0,
		    "%s: is not a folder: name one that `run` has written, such as results/quickstart-General",
		    a->folder);
		return false;
	}
	g_autofree char *text = read_file(path, true, &n, error);

	return text != NULL && archive_read_manifest(a, path, text, n, error);
}

static guint finished(const struct sim_archive *a)
{
	guint n = 0;

	for (guint i = 0; i < a->runs->len; i++)
		n += g_array_index(a->runs, struct sim_archive_run, i).finished;
	return n;
}

static bool read_table(struct sim_archive *a, enum archive_table table, GError **error)
{
	bool needed = finished(a) > 0 && (table == ARCHIVE_RUNS || table == ARCHIVE_SUMMARY);
	g_autofree char *path = g_build_filename(a->folder, archive_table_file(table), NULL);
	g_autoptr(GError) reason = NULL;
	gsize n;
	g_autofree char *text = read_file(path, needed, &n, &reason);

	if (reason == NULL && text == NULL)
		return true;
	a->compared |= table == ARCHIVE_COMPARE;
	a->sought |= table == ARCHIVE_CAPACITY;
	a->quantiles |= table == ARCHIVE_CDF;
	a->series |= table == ARCHIVE_SERIES;
	if (reason == NULL && archive_read_table(a, table, path, text, n, &reason))
		return true;
	/* whatever the reader of CSV says, too, is about what a user gave us */
	g_set_error_literal(error, SIM_SCENARIO_ERROR, 0, reason->message);
	return false;
}

/* A file may end too early between two lines. */
static bool every_run_has_rows(const struct sim_archive *a, GError **error)
{
	for (guint i = 0; i < a->runs->len; i++) {
		const struct sim_archive_run *run = &g_array_index(a->runs, struct sim_archive_run, i);

		if (!run->finished || run->record.rows->len > 0)
			continue;
		g_set_error(
		    error, SIM_SCENARIO_ERROR, 0,
		    "%s" G_DIR_SEPARATOR_S
		    "%s: has no row of run %u (config %s, iteration `%s`, replication %u), which the manifest "
		    "says is finished: the file was cut short, or is not this campaign's; run the scenario again",
		    a->folder, archive_table_file(ARCHIVE_RUNS), run->run, run->config, run->iteration,
		    run->replication);
		return false;
	}
	return true;
}

/* How many runs of each statistic there are. The keys are the chunk's. */
static GHashTable *count_rows(const struct sim_archive *a, GStringChunk *chunk)
{
	GHashTable *counts = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < a->runs->len; i++) {
		const struct sim_archive_run *run = &g_array_index(a->runs, struct sim_archive_run, i);

		for (guint k = 0; k < run->record.rows->len; k++) {
			const struct sim_row *row = &g_array_index(run->record.rows, struct sim_row, k);
			g_autofree char *key = g_strjoin("\n", run->config, run->iteration, row->module, row->flow,
							 row->metric, row->statistic, NULL);
			guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, key));

			g_hash_table_insert(counts, g_string_chunk_insert_const(chunk, key), GUINT_TO_POINTER(n + 1));
		}
	}
	return counts;
}

/* An estimate over replications is of as many values as runs.csv has. */
static bool estimates_fit_runs(const struct sim_archive *a, GError **error)
{
	g_autoptr(GStringChunk) chunk = g_string_chunk_new(4096);
	g_autoptr(GHashTable) counts = count_rows(a, chunk);

	for (guint i = 0; i < a->estimates->len; i++) {
		const struct sim_archive_estimate *e = &g_array_index(a->estimates, struct sim_archive_estimate, i);
		g_autofree char *key =
		    g_strjoin("\n", e->config, e->iteration, e->module, e->flow, e->metric, e->statistic, NULL);
		guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, key));

		if (strcmp(e->method, "student-t") != 0 || e->n == n)
			continue;
		g_set_error(
		    error, SIM_SCENARIO_ERROR, 0,
		    "%s" G_DIR_SEPARATOR_S "%s:%u: says n = %" G_GUINT64_FORMAT
		    ", but %s has %u such values: the files are not of one campaign, or one was cut short; run "
		    "the scenario again",
		    a->folder, archive_table_file(ARCHIVE_SUMMARY), e->line, e->n, archive_table_file(ARCHIVE_RUNS),
		    n);
		return false;
	}
	return true;
}

struct sim_archive *sim_archive_read(const char *folder, GError **error)
{
	struct sim_archive *a = archive_new(folder);
	bool fine = read_manifest(a, error);

	for (int table = 0; fine && table < ARCHIVE_TABLES; table++)
		fine = read_table(a, (enum archive_table)table, error);
	if (fine && every_run_has_rows(a, error) && estimates_fit_runs(a, error))
		return a;
	sim_archive_free(a);
	return NULL;
}

char *archive_run_key(const char *config, const char *iteration, guint replication)
{
	return g_strdup_printf("%s\n%s\n%u", config, iteration, replication);
}

struct sim_archive_run *sim_archive_find(const struct sim_archive *a, const char *config, const char *iteration,
					 guint replication)
{
	g_autofree char *key = archive_run_key(config, iteration, replication);
	guint at = GPOINTER_TO_UINT(g_hash_table_lookup(a->index, key));

	return at > 0 ? &g_array_index(a->runs, struct sim_archive_run, at - 1) : NULL;
}

const char *sim_archive_parameter(const struct sim_archive_iteration *iteration, const char *name)
{
	for (guint i = 0; i < iteration->parameters->len; i++) {
		const struct sim_archive_parameter *p =
		    &g_array_index(iteration->parameters, struct sim_archive_parameter, i);

		if (strcmp(p->name, name) == 0)
			return p->value;
	}
	return NULL;
}

const char *sim_archive_fact(const struct sim_archive *a, const char *name)
{
	for (guint i = 0; i < a->provenance->len; i++) {
		const struct sim_archive_fact *fact = &g_array_index(a->provenance, struct sim_archive_fact, i);

		if (strcmp(fact->name, name) == 0)
			return fact->text;
	}
	return "";
}

const struct sim_archive_estimate *sim_archive_estimate(const struct sim_archive *a, const char *config,
							const char *iteration, const struct sim_metric *metric,
							const char *statistic)
{
	for (guint i = 0; i < a->estimates->len; i++) {
		const struct sim_archive_estimate *e = &g_array_index(a->estimates, struct sim_archive_estimate, i);

		if (strcmp(e->metric, metric->name) == 0 && strcmp(e->statistic, statistic) == 0 &&
		    strcmp(e->flow, metric->flow) == 0 && strcmp(e->module, metric->module) == 0 &&
		    strcmp(e->iteration, iteration) == 0 && strcmp(e->config, config) == 0)
			return e;
	}
	return NULL;
}
