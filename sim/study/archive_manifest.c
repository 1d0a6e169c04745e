#include "sim/study/archive_parts.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "sim/study/manifest.h"
#include "sim/study/param.h"

#define MAX_DEPTH 32
#define FORMAT_VERSION 1
#define AGAIN "the file is damaged, or of another version; run the scenario again"

/* One object of the manifest: where it stands, and the first complaint of all that stand in this file. */
struct place {
	JsonObject *object;
	const char *path; /* of the file */
	const char *name; /* "runs[3].", or "" */
	GError **error;
};

static void complain(const struct place *p, const char *member, const char *reason)
{
	if (*p->error == NULL)
		g_set_error(p->error, SIM_SCENARIO_ERROR, 0, "%s: %s%s: %s: " AGAIN, p->path, p->name, member,
			    reason);
}

static JsonNode *member(const struct place *p, const char *name, bool needed)
{
	JsonNode *node = json_object_get_member(p->object, name);

	if (node == NULL && needed)
		complain(p, name, "is missing");
	return node;
}

static bool is_text(JsonNode *node)
{
	return JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING;
}

/* "" having complained; NULL when it is not there and need not be. */
static const char *get_text(const struct place *p, const char *name, bool needed)
{
	JsonNode *node = member(p, name, needed);

	if (node == NULL)
		return needed ? "" : NULL;
	if (is_text(node))
		return g_intern_string(json_node_get_string(node));
	complain(p, name, "is not a text");
	return "";
}

static int64_t get_count(const struct place *p, const char *name, int64_t min, int64_t max)
{
	JsonNode *node = member(p, name, true);

	if (node == NULL)
		return min;
	if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_INT64) {
		complain(p, name, "is not a whole number");
		return min;
	}
	int64_t count = json_node_get_int(node);

	if (count >= min && count <= max)
		return count;
	complain(p, name, "is out of its range");
	return min;
}

static guint get_guint(const struct place *p, const char *name)
{
	return (guint)get_count(p, name, 0, G_MAXUINT);
}

static double get_share(const struct place *p, const char *name)
{
	JsonNode *node = member(p, name, true);

	if (node == NULL)
		return 0;
	double share = JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_DOUBLE
			   ? json_node_get_double(node)
			   : -1;

	if (share > 0 && share < 1)
		return share;
	complain(p, name, "is not a number between 0 and 1");
	return 0;
}

/* NULL having complained, or when it is not there and need not be. */
static JsonArray *get_array(const struct place *p, const char *name, bool needed)
{
	JsonNode *node = member(p, name, needed);

	if (node == NULL)
		return NULL;
	if (JSON_NODE_HOLDS_ARRAY(node))
		return json_node_get_array(node);
	complain(p, name, "is not a list");
	return NULL;
}

static JsonObject *get_object(const struct place *p, const char *name)
{
	JsonNode *node = member(p, name, true);

	if (node == NULL)
		return NULL;
	if (JSON_NODE_HOLDS_OBJECT(node))
		return json_node_get_object(node);
	complain(p, name, "is not an object");
	return NULL;
}

static void get_texts(const struct place *p, const char *name, bool needed, GPtrArray *texts)
{
	JsonArray *array = get_array(p, name, needed);

	for (guint i = 0; array != NULL && i < json_array_get_length(array); i++) {
		JsonNode *node = json_array_get_element(array, i);

		if (is_text(node))
			g_ptr_array_add(texts, (gpointer)(guintptr)g_intern_string(json_node_get_string(node)));
		else
			complain(p, name, "holds something that is not a text");
	}
}

/* Calls `take` with each object of a list. */
static void each(const struct place *p, const char *name, bool needed,
		 void (*take)(const struct place *p, void *data), void *data)
{
	JsonArray *array = get_array(p, name, needed);

	for (guint i = 0; array != NULL && *p->error == NULL && i < json_array_get_length(array); i++) {
		g_autofree char *where = g_strdup_printf("%s%s[%u].", p->name, name, i);
		JsonNode *node = json_array_get_element(array, i);
		struct place inner = {NULL, p->path, where, p->error};

		if (!JSON_NODE_HOLDS_OBJECT(node)) {
			complain(&inner, "", "is not an object");
			return;
		}
		inner.object = json_node_get_object(node);
		take(&inner, data);
	}
}

static void take_variable(const struct place *p, void *data)
{
	struct sim_archive *a = data;
	struct sim_archive_variable variable = {get_text(p, "name", true), g_ptr_array_new()};

	g_array_append_val(a->variables, variable);
	get_texts(p, "values", true, variable.values);
}

static void take_file(const struct place *p, void *data)
{
	struct sim_archive_file file = {get_text(p, "path", true), get_text(p, "sha256", true)};

	g_array_append_val(((struct sim_archive_iteration *)data)->files, file);
}

static void take_parameters(const struct place *p, GArray *parameters)
{
	JsonObject *object = get_object(p, "parameters");
	g_autoptr(GList) names = object != NULL ? json_object_get_members(object) : NULL;

	for (GList *at = names; at != NULL && *p->error == NULL; at = at->next) {
		const char *name = at->data;
		g_autofree char *where = g_strdup_printf("%sparameters.%s.", p->name, name);
		JsonNode *node = json_object_get_member(object, name);
		struct place inner = {NULL, p->path, where, p->error};

		if (!JSON_NODE_HOLDS_OBJECT(node)) {
			complain(&inner, "", "is not an object");
			return;
		}
		inner.object = json_node_get_object(node);
		struct sim_archive_parameter parameter = {g_intern_string(name), get_text(&inner, "value", true),
							  get_text(&inner, "from", true)};

		g_array_append_val(parameters, parameter);
	}
}

static bool is_config(const struct sim_archive *a, const char *name)
{
	for (guint i = 0; i < a->configs->len; i++)
		if (strcmp(a->configs->pdata[i], name) == 0)
			return true;
	return false;
}

static void take_iteration(const struct place *p, void *data)
{
	struct sim_archive *a = data;
	struct sim_archive_iteration iteration = {
	    .name = get_text(p, "iteration", true),
	    .config = get_text(p, "config", false),
	    .parameters = g_array_new(FALSE, FALSE, sizeof(struct sim_archive_parameter)),
	    .files = g_array_new(FALSE, FALSE, sizeof(struct sim_archive_file)),
	    .notes = g_ptr_array_new(),
	};

	g_array_append_val(a->iterations, iteration);
	take_parameters(p, iteration.parameters);
	each(p, "files", false, take_file, &iteration);
	get_texts(p, "notes", false, iteration.notes);
	if (iteration.config != NULL && !is_config(a, iteration.config))
		complain(p, "config", "is none of the manifest's configs");
}

static bool find_iteration(const struct sim_archive *a, const char *config, const char *name, guint *at)
{
	for (guint i = 0; i < a->iterations->len; i++) {
		const struct sim_archive_iteration *iteration =
		    &g_array_index(a->iterations, struct sim_archive_iteration, i);

		if (strcmp(iteration->name, name) != 0 ||
		    (iteration->config != NULL && strcmp(iteration->config, config) != 0))
			continue;
		*at = i;
		return true;
	}
	return false;
}

static void take_fingerprint(const struct place *p, struct sim_fingerprint *fingerprint)
{
	const char *digits = get_text(p, "fingerprint", true);

	if (strlen(digits) != SIM_FINGERPRINT_DIGITS ||
	    strspn(digits, "0123456789abcdef") != SIM_FINGERPRINT_DIGITS) {
		complain(p, "fingerprint", "is not 32 hexadecimal digits");
		return;
	}
	for (int half = 0; half < 2; half++) {
		char part[SIM_FINGERPRINT_DIGITS / 2 + 1];

		g_strlcpy(part, digits + half * (SIM_FINGERPRINT_DIGITS / 2), sizeof(part));
		fingerprint->half[half] = g_ascii_strtoull(part, NULL, 16);
	}
}

static void check_run(const struct place *p, const struct sim_archive *a, struct sim_archive_run *run)
{
	if (!is_config(a, run->config))
		complain(p, "config", "is none of the manifest's configs");
	else if (!find_iteration(a, run->config, run->iteration, &run->at))
		complain(p, "iteration", "is none of the manifest's iterations");
	else if (sim_archive_find(a, run->config, run->iteration, run->replication) != NULL)
		complain(p, "replication", "is there twice");
}

/* What MSER-5 took off. */
static void take_cut(const struct place *p, void *data)
{
	const struct sim_cut cut = {
	    .module = get_text(p, "module", true),
	    .flow = get_text(p, "flow", true),
	    .metric = get_text(p, "metric", true),
	    .values = (size_t)get_count(p, "values", 0, G_MAXINT64),
	    .cut = (size_t)get_count(p, "cut", 0, G_MAXINT64),
	    .time = get_count(p, "time-ns", 0, G_MAXINT64),
	};

	g_array_append_val((GArray *)data, cut);
}

static void take_run(const struct place *p, void *data)
{
	struct sim_archive *a = data;
	struct sim_archive_run run = {
	    .config = get_text(p, "config", true),
	    .iteration = get_text(p, "iteration", true),
	    .replication = get_guint(p, "replication"),
	    .run = get_guint(p, "run"),
	    .seed = get_count(p, "seed", G_MININT64, G_MAXINT64),
	    .finished = json_object_has_member(p->object, "fingerprint"),
	    .ended = get_text(p, "ended", true),
	    .reason = get_text(p, "reason", false),
	};

	check_run(p, a, &run);
	sim_record_init(&run.record);
	run.record.ended = run.ended;
	if (run.finished)
		take_fingerprint(p, &run.record.fingerprint);
	get_texts(p, "notes", false, run.record.notes);
	each(p, "warmup", false, take_cut, run.record.cuts);
	g_array_append_val(a->runs, run);
	g_hash_table_insert(a->index, archive_run_key(run.config, run.iteration, run.replication),
			    GUINT_TO_POINTER(a->runs->len));
}

static void add_value(GString *out, JsonNode *node)
{
	GType type = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_INVALID;

	if (type == G_TYPE_STRING)
		g_string_append(out, json_node_get_string(node));
	else if (type == G_TYPE_INT64)
		g_string_append_printf(out, "%" G_GINT64_FORMAT, json_node_get_int(node));
	else if (type == G_TYPE_DOUBLE)
		g_string_append_printf(out, "%.6g", json_node_get_double(node));
	else if (type == G_TYPE_BOOLEAN)
		g_string_append(out, json_node_get_boolean(node) ? "yes" : "no");
}

/* What may differ between equal campaigns may also differ between versions: whatever is there is shown. */
static void take_provenance(const struct place *p, struct sim_archive *a)
{
	JsonObject *object = get_object(p, "provenance");
	g_autoptr(GList) names = object != NULL ? json_object_get_members(object) : NULL;

	for (GList *at = names; at != NULL; at = at->next) {
		g_autoptr(GString) text = g_string_new(NULL);
		JsonNode *node = json_object_get_member(object, at->data);
		JsonArray *array = JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

		if (array == NULL)
			add_value(text, node);
		for (guint i = 0; array != NULL && i < json_array_get_length(array); i++) {
			g_string_append(text, i > 0 ? ", " : "");
			add_value(text, json_array_get_element(array, i));
		}
		struct sim_archive_fact fact = {g_intern_string(at->data), g_intern_string(text->str)};

		g_array_append_val(a->provenance, fact);
	}
}

static void check_state(const struct place *p, const char *state)
{
	if (strcmp(state, "running") != 0 && strcmp(state, "finished") != 0 && strcmp(state, "interrupted") != 0)
		complain(p, "state", "is neither \"running\", \"finished\" nor \"interrupted\"");
}

static void take_all(const struct place *p, struct sim_archive *a)
{
	get_count(p, "format-version", FORMAT_VERSION, FORMAT_VERSION);
	a->model = get_text(p, "model", true);
	a->state = get_text(p, "state", true);
	check_state(p, a->state);
	a->config = get_text(p, "config", true);
	a->repeat = get_guint(p, "repeat");
	a->runs_planned = get_guint(p, "runs-planned");
	a->generator = get_text(p, "generator", true);
	a->confidence = get_share(p, "confidence");
	get_texts(p, "configs", false, a->configs);
	if (a->configs->len == 0)
		g_ptr_array_add(a->configs, (gpointer)(guintptr)a->config);
	each(p, "variables", true, take_variable, a);
	get_texts(p, "targets", false, a->targets);
	each(p, "iterations", true, take_iteration, a);
	each(p, "runs", true, take_run, a);
	get_texts(p, "warnings", true, a->warnings);
	take_provenance(p, a);
}

/* The parser goes as deep as the text does, and takes comments, which JSON does not have. */
static bool is_strange(const char *text, gsize n)
{
	bool quoted = false;
	unsigned depth = 0;

	for (gsize i = 0; i < n; i++) {
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && strchr("/#'", text[i]) != NULL)
			return true;
		else if (!quoted && (text[i] == '[' || text[i] == '{') && ++depth > MAX_DEPTH)
			return true;
		else if (!quoted && (text[i] == ']' || text[i] == '}') && depth > 0)
			depth--;
	}
	return false;
}

static bool parse(JsonParser *parser, const char *path, const char *text, gsize n, GError **error)
{
	g_autoptr(GError) reason = NULL;

	if (g_utf8_validate(text, (gssize)n, NULL) && !is_strange(text, n) && n <= G_MAXSSIZE &&
	    json_parser_load_from_data(parser, text, (gssize)n, &reason) && json_parser_get_root(parser) != NULL)
		return true;
	g_set_error(error, SIM_SCENARIO_ERROR, 0,
		    "%s: is not JSON%s%s: the file was cut short or changed; run the scenario again", path,
		    reason != NULL ? ": " : "", reason != NULL ? reason->message : "");
	return false;
}

static bool is_ours(JsonNode *root)
{
	JsonNode *format =
	    JSON_NODE_HOLDS_OBJECT(root) ? json_object_get_member(json_node_get_object(root), "format") : NULL;

	return format != NULL && is_text(format) && strcmp(json_node_get_string(format), SIM_MANIFEST_FORMAT) == 0;
}

bool archive_read_manifest(struct sim_archive *archive, const char *path, const char *text, gsize n, GError **error)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autoptr(GError) reason = NULL;

	if (!parse(parser, path, text, n, error))
		return false;
	JsonNode *root = json_parser_get_root(parser);

	if (!is_ours(root)) {
		g_set_error(error, SIM_SCENARIO_ERROR, 0,
			    "%s: is not a manifest of ours (format is not \"" SIM_MANIFEST_FORMAT
			    "\"): name a folder that `run` has written",
			    path);
		return false;
	}
	struct place top = {json_node_get_object(root), path, "", &reason};

	take_all(&top, archive);
	if (reason == NULL)
		return true;
	g_propagate_error(error, g_steal_pointer(&reason));
	return false;
}
