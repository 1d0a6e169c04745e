#include "sim/study/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "sim/study/put.h"
#include "sim/study/wall.h"

#define HEAD "{\"format\":\"cpns-sim journal\",\"format-version\":1}\n"
#define SYNC_NS INT64_C(2000000000) /* a crash of the machine loses no more than this */

struct sim_journal {
	char *path;
	int file;
	int64_t synced;
};

static void memory_clear(gpointer memory)
{
	sim_memory_clear(memory);
}

void sim_memory_clear(struct sim_memory *memory)
{
	sim_record_clear(&memory->record);
}

/* ---- writing ---- */

static void put_rows(JsonBuilder *b, const GArray *rows)
{
	json_builder_begin_array(b);
	for (guint i = 0; i < rows->len; i++) {
		const struct sim_row *row = &g_array_index(rows, struct sim_row, i);

		json_builder_begin_array(b);
		json_builder_add_string_value(b, row->module);
		json_builder_add_string_value(b, row->flow);
		json_builder_add_string_value(b, row->metric);
		json_builder_add_string_value(b, row->statistic);
		json_builder_add_string_value(b, row->unit);
		json_builder_add_double_value(b, row->value);
		json_builder_end_array(b);
	}
	json_builder_end_array(b);
}

static bool same_curve(const struct sim_point *a, const struct sim_point *b)
{
	return a->module == b->module && a->flow == b->flow && a->metric == b->metric &&
	       a->statistic == b->statistic && a->unit == b->unit;
}

/* A curve is its names, then x, value, x, value ... */
static void put_points(JsonBuilder *b, const GArray *points)
{
	const struct sim_point *before = NULL;

	json_builder_begin_array(b);
	for (guint i = 0; i < points->len; i++) {
		const struct sim_point *point = &g_array_index(points, struct sim_point, i);

		if (before == NULL || !same_curve(before, point)) {
			if (before != NULL)
				json_builder_end_array(b);
			json_builder_begin_array(b);
			json_builder_add_string_value(b, point->module);
			json_builder_add_string_value(b, point->flow);
			json_builder_add_string_value(b, point->metric);
			json_builder_add_string_value(b, point->statistic);
			json_builder_add_string_value(b, point->unit);
		}
		json_builder_add_double_value(b, point->x);
		json_builder_add_double_value(b, point->value);
		before = point;
	}
	if (before != NULL)
		json_builder_end_array(b);
	json_builder_end_array(b);
}

static void put_notes(JsonBuilder *b, const GPtrArray *notes)
{
	json_builder_begin_array(b);
	for (guint i = 0; i < notes->len; i++)
		json_builder_add_string_value(b, g_ptr_array_index(notes, i));
	json_builder_end_array(b);
}

static void put_cuts(JsonBuilder *b, const GArray *cuts)
{
	json_builder_begin_array(b);
	for (guint i = 0; i < cuts->len; i++) {
		const struct sim_cut *cut = &g_array_index(cuts, struct sim_cut, i);

		json_builder_begin_array(b);
		json_builder_add_string_value(b, cut->module);
		json_builder_add_string_value(b, cut->flow);
		json_builder_add_string_value(b, cut->metric);
		json_builder_add_int_value(b, (gint64)cut->values);
		json_builder_add_int_value(b, (gint64)cut->cut);
		json_builder_add_int_value(b, cut->time);
		json_builder_end_array(b);
	}
	json_builder_end_array(b);
}

static char *print_run(const struct sim_memory *run)
{
	const struct sim_record *r = &run->record;
	g_autoptr(JsonBuilder) b = json_builder_new();
	char fingerprint[SIM_FINGERPRINT_DIGITS + 1];

	sim_fingerprint_print(&r->fingerprint, fingerprint);
	json_builder_begin_object(b);
	put_text(b, "config", run->config);
	put_text(b, "iteration", run->iteration);
	put_count(b, "replication", run->replication);
	put_count(b, "seed", run->seed);
	put_text(b, "fingerprint", fingerprint);
	put_text(b, "ended", r->ended);
	put_count(b, "events", (int64_t)r->events);
	put_count(b, "draws", (int64_t)r->draws);
	put_count(b, "entities", (int64_t)r->entities);
	put_count(b, "pending-max", (int64_t)r->pending_max);
	json_builder_set_member_name(b, "notes");
	put_notes(b, r->notes);
	json_builder_set_member_name(b, "cuts");
	put_cuts(b, r->cuts);
	json_builder_set_member_name(b, "rows");
	put_rows(b, r->rows);
	json_builder_set_member_name(b, "quantiles");
	put_points(b, r->quantiles);
	json_builder_set_member_name(b, "series");
	put_points(b, r->series);
	json_builder_end_object(b);
	g_autoptr(JsonNode) root = json_builder_get_root(b);
	g_autofree char *text = json_to_string(root, FALSE);

	return g_strconcat(text, "\n", NULL);
}

static bool write_all(struct sim_journal *j, const char *text, GError **error)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t n = write(j->file, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(errno),
				    "%s: cannot be written: %s", j->path, g_strerror(errno));
			return false;
		}
		text += n;
		left -= (size_t)n;
	}
	if (sim_wall_ns() - j->synced > SYNC_NS) {
		fdatasync(j->file);
		j->synced = sim_wall_ns();
	}
	return true;
}

static bool write_run(struct sim_journal *j, const struct sim_memory *run, GError **error)
{
	g_autofree char *line = print_run(run);

	return write_all(j, line, error);
}

bool sim_journal_add(struct sim_journal *j, const struct sim_job *job, GError **error)
{
	const struct sim_memory run = {sim_cell_config(job->cell), sim_cell_iteration(job->cell), job->replication,
				       job->seed, job->record};

	return write_run(j, &run, error);
}

static bool write_known(struct sim_journal *j, const struct sim_campaign *campaign, const GArray *memories,
			GError **error)
{
	if (!write_all(j, HEAD, error))
		return false;
	for (guint i = 0; i < campaign->jobs->len; i++) {
		const struct sim_job *job = g_ptr_array_index(campaign->jobs, i);

		if (job->state == SIM_JOB_FINISHED && !sim_journal_add(j, job, error))
			return false;
	}
	for (guint i = 0; memories != NULL && i < memories->len; i++) {
		const struct sim_memory *memory = &g_array_index(memories, struct sim_memory, i);

		if (memory->record.rows != NULL && !write_run(j, memory, error))
			return false;
	}
	return true;
}

/* Under another name first, so that the old journal stands until the new one is whole. */
struct sim_journal *sim_journal_start(const char *folder, const struct sim_campaign *campaign, const GArray *memories,
				      GError **error)
{
	struct sim_journal *j = g_new0(struct sim_journal, 1);
	g_autofree char *fresh = g_build_filename(folder, SIM_JOURNAL_FILE ".new", NULL);

	j->path = g_build_filename(folder, SIM_JOURNAL_FILE, NULL);
	j->file = g_open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (j->file >= 0 && write_known(j, campaign, memories, error) && g_rename(fresh, j->path) == 0)
		return j;
	if (error != NULL && *error == NULL)
		g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(errno), "%s: cannot be written: %s",
			    j->path, g_strerror(errno));
	sim_journal_close(j);
	return NULL;
}

void sim_journal_close(struct sim_journal *j)
{
	if (j == NULL)
		return;
	if (j->file >= 0)
		close(j->file);
	g_free(j->path);
	g_free(j);
}

/* ---- reading ---- */

/* One line on its way into a memory; `bad` names what is wrong. */
struct reader {
	JsonObject *line;
	const char *bad;
};

static const char *get_text(struct reader *r, const char *name)
{
	JsonNode *node = json_object_get_member(r->line, name);

	if (node != NULL && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING)
		return g_intern_string(json_node_get_string(node));
	r->bad = name;
	return "";
}

static gint64 get_count(struct reader *r, const char *name)
{
	JsonNode *node = json_object_get_member(r->line, name);

	if (node != NULL && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_INT64 &&
	    json_node_get_int(node) >= 0)
		return json_node_get_int(node);
	r->bad = name;
	return 0;
}

static JsonArray *get_array(struct reader *r, const char *name)
{
	JsonNode *node = json_object_get_member(r->line, name);

	if (node != NULL && JSON_NODE_HOLDS_ARRAY(node))
		return json_node_get_array(node);
	r->bad = name;
	return NULL;
}

/* Element i of a list of names and numbers. */
static const char *name_at(struct reader *r, JsonArray *list, guint i)
{
	JsonNode *node = json_array_get_element(list, i);

	if (JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING)
		return g_intern_string(json_node_get_string(node));
	r->bad = "a name";
	return "";
}

static double number_at(struct reader *r, JsonArray *list, guint i)
{
	JsonNode *node = json_array_get_element(list, i);

	if (JSON_NODE_HOLDS_VALUE(node) &&
	    (json_node_get_value_type(node) == G_TYPE_DOUBLE || json_node_get_value_type(node) == G_TYPE_INT64) &&
	    isfinite(json_node_get_double(node)))
		return json_node_get_double(node);
	r->bad = "a number";
	return 0;
}

/* List i of a list of lists, of `least` elements or more. */
static JsonArray *list_at(struct reader *r, JsonArray *lists, guint i, guint least)
{
	JsonNode *node = json_array_get_element(lists, i);
	JsonArray *list = JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

	if (list != NULL && json_array_get_length(list) >= least)
		return list;
	r->bad = "a row";
	return NULL;
}

static void read_rows(struct reader *r, GArray *rows)
{
	JsonArray *lists = get_array(r, "rows");

	for (guint i = 0; r->bad == NULL && i < json_array_get_length(lists); i++) {
		JsonArray *list = list_at(r, lists, i, 6);

		if (list == NULL)
			return;
		struct sim_row row = {name_at(r, list, 0), name_at(r, list, 1), name_at(r, list, 2),
				      name_at(r, list, 3), name_at(r, list, 4), number_at(r, list, 5)};

		g_array_append_val(rows, row);
	}
}

static gint64 count_at(struct reader *r, JsonArray *list, guint i)
{
	JsonNode *node = json_array_get_element(list, i);

	if (JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_INT64 &&
	    json_node_get_int(node) >= 0)
		return json_node_get_int(node);
	r->bad = "a count";
	return 0;
}

static void read_cuts(struct reader *r, GArray *cuts)
{
	JsonArray *lists = get_array(r, "cuts");

	for (guint i = 0; r->bad == NULL && i < json_array_get_length(lists); i++) {
		JsonArray *list = list_at(r, lists, i, 6);

		if (list == NULL)
			return;
		struct sim_cut cut = {name_at(r, list, 0),          name_at(r, list, 1),
				      name_at(r, list, 2),          (size_t)count_at(r, list, 3),
				      (size_t)count_at(r, list, 4), count_at(r, list, 5)};

		g_array_append_val(cuts, cut);
	}
}

static void read_points(struct reader *r, const char *name, GArray *points)
{
	JsonArray *lists = get_array(r, name);

	for (guint i = 0; r->bad == NULL && i < json_array_get_length(lists); i++) {
		JsonArray *list = list_at(r, lists, i, 7);

		if (list == NULL)
			return;
		struct sim_point point = {.module = name_at(r, list, 0),
					  .flow = name_at(r, list, 1),
					  .metric = name_at(r, list, 2),
					  .statistic = name_at(r, list, 3),
					  .unit = name_at(r, list, 4)};

		for (guint k = 5; k + 1 < json_array_get_length(list); k += 2) {
			point.x = number_at(r, list, k);
			point.value = number_at(r, list, k + 1);
			g_array_append_val(points, point);
		}
	}
}

static void read_notes(struct reader *r, struct sim_record *record)
{
	JsonArray *lines = get_array(r, "notes");

	for (guint i = 0; r->bad == NULL && i < json_array_get_length(lines); i++)
		sim_record_note(record, name_at(r, lines, i));
}

static void read_memory(struct reader *r, struct sim_memory *m)
{
	struct sim_record *record = &m->record;

	sim_record_init(record);
	m->config = get_text(r, "config");
	m->iteration = get_text(r, "iteration");
	m->replication = (guint)get_count(r, "replication");
	m->seed = get_count(r, "seed");
	record->ended = get_text(r, "ended");
	record->events = (uint64_t)get_count(r, "events");
	/* Journals of builds that did not count draws have none. */
	record->draws = json_object_has_member(r->line, "draws") ? (uint64_t)get_count(r, "draws") : 0;
	record->entities = (uint64_t)get_count(r, "entities");
	record->pending_max = (uint64_t)get_count(r, "pending-max");
	if (!sim_fingerprint_parse(get_text(r, "fingerprint"), &record->fingerprint))
		r->bad = "fingerprint";
	if (r->bad == NULL)
		read_notes(r, record);
	if (r->bad == NULL)
		read_cuts(r, record->cuts);
	if (r->bad == NULL)
		read_rows(r, record->rows);
	if (r->bad == NULL)
		read_points(r, "quantiles", record->quantiles);
	if (r->bad == NULL)
		read_points(r, "series", record->series);
}

/* False with *reason, a static text or the parser's. */
static bool read_line(const char *line, GArray *memories, char **reason)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autoptr(GError) wrong = NULL;

	if (!json_parser_load_from_data(parser, line, -1, &wrong)) {
		*reason = g_strdup("is no JSON");
		return false;
	}
	JsonNode *root = json_parser_get_root(parser);

	if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root)) {
		*reason = g_strdup("is no JSON object");
		return false;
	}
	struct reader r = {.line = json_node_get_object(root)};
	struct sim_memory memory = {0};

	read_memory(&r, &memory);
	g_array_append_val(memories, memory);
	if (r.bad != NULL)
		*reason = g_strdup_printf("%s is missing or wrong", r.bad);
	return r.bad == NULL;
}

GArray *sim_journal_read(const char *folder, GError **error)
{
	g_autofree char *path = g_build_filename(folder, SIM_JOURNAL_FILE, NULL), *text = NULL, *reason = NULL;
	g_autoptr(GArray) memories = g_array_new(FALSE, FALSE, sizeof(struct sim_memory));
	unsigned number = 1;

	g_array_set_clear_func(memories, memory_clear);
	if (!g_file_get_contents(path, &text, NULL, error))
		return NULL;
	if (!g_str_has_prefix(text, HEAD))
		reason = g_strdup("is not how a journal of this version begins");
	for (char *line = text, *end; reason == NULL && (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		if (number > 1 && !read_line(line, memories, &reason))
			break;
		number++;
	}
	if (reason == NULL)
		return g_steal_pointer(&memories);
	g_set_error(
	    error, SIM_SCENARIO_ERROR, 0,
	    "%s:%u: %s: the line was changed after it was written; remove it to run that replication again, or "
	    "begin anew with --force",
	    path, number, reason);
	return NULL;
}

bool sim_journal_exists(const char *folder)
{
	g_autofree char *path = g_build_filename(folder, SIM_JOURNAL_FILE, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

void sim_journal_remove(const char *folder)
{
	g_autofree char *path = g_build_filename(folder, SIM_JOURNAL_FILE, NULL);

	g_remove(path);
}
