#include "sim/study/values.h"

#include <math.h>
#include <string.h>

#include "sim/study/files.h"
#include "sim/study/parse.h"
#include "sim/study/text.h"

struct sim_values {
	const struct sim_table *table;
	struct sim_value *value;
	GStringChunk *strings;
	const char *label, *folder; /* in strings; folder may be NULL */
	struct sim_files *files;
};

G_DEFINE_QUARK(sim_scenario_error_quark, sim_scenario_error)

struct sim_table *sim_table_new(const struct sim_param *first, size_t n_first, const struct sim_param *second,
				size_t n_second)
{
	struct sim_table *table = g_new0(struct sim_table, 1);

	table->n = n_first + n_second;
	table->rows = g_new0(const struct sim_param *, table->n);
	table->names = g_new0(const char *, table->n + 1);
	table->index = g_hash_table_new(g_str_hash, g_str_equal);
	for (size_t i = 0; i < table->n; i++) {
		table->rows[i] = i < n_first ? &first[i] : &second[i - n_first];
		table->names[i] = table->rows[i]->name;
		gboolean fresh =
		    g_hash_table_insert(table->index, (gpointer)(uintptr_t)table->names[i], GSIZE_TO_POINTER(i + 1));

		g_assert(fresh);
	}
	return table;
}

void sim_table_free(struct sim_table *table)
{
	if (table == NULL)
		return;
	g_hash_table_destroy(table->index);
	g_free(table->rows);
	g_free(table->names);
	g_free(table);
}

int sim_table_find(const struct sim_table *table, const char *name)
{
	return (int)GPOINTER_TO_SIZE(g_hash_table_lookup(table->index, name)) - 1;
}

struct sim_values *sim_values_new(const struct sim_table *table, const char *label, const char *folder)
{
	struct sim_values *values = g_new0(struct sim_values, 1);

	values->table = table;
	values->value = g_new0(struct sim_value, table->n);
	for (size_t i = 0; i < table->n; i++)
		values->value[i].text = values->value[i].argument = "";
	values->strings = g_string_chunk_new(1024);
	values->files = sim_files_new();
	values->label = g_string_chunk_insert(values->strings, label);
	values->folder = folder != NULL ? g_string_chunk_insert(values->strings, folder) : NULL;
	return values;
}

void sim_values_free(struct sim_values *values)
{
	if (values == NULL)
		return;
	for (size_t i = 0; i < values->table->n; i++)
		sim_mix_clear(&values->value[i].mix);
	g_string_chunk_free(values->strings);
	sim_files_free(values->files);
	g_free(values->value);
	g_free(values);
}

const struct sim_value *sim_values_at(const struct sim_values *values, size_t row)
{
	return &values->value[row];
}

const struct sim_value *sim_value(const struct sim_values *values, const char *name)
{
	int row = sim_table_find(values->table, name);

	if (row < 0)
		g_error("no parameter is called %s", name);
	return &values->value[row];
}

bool sim_value_is(const struct sim_values *values, const char *name, const char *word)
{
	const struct sim_value *value = sim_value(values, name);
	const struct sim_param *row = values->table->rows[sim_table_find(values->table, name)];

	if (row->words == NULL || !g_strv_contains(row->words, word))
		g_error("parameter %s cannot be %s", name, word);
	return value->set && value->word >= 0 && strcmp(row->words[value->word], word) == 0;
}

static char *resolve(const struct sim_values *values, const struct sim_value *value, const char *path)
{
	if (g_path_is_absolute(path) || values->folder == NULL || value->line == 0)
		return g_strdup(path);
	return g_build_filename(values->folder, path, NULL);
}

char *sim_value_path(const struct sim_values *values, const char *name)
{
	const struct sim_value *value = sim_value(values, name);

	return resolve(values, value, value->text);
}

bool sim_value_read(const struct sim_values *values, const char *name, const char *written, struct sim_file *file,
		    GError **error)
{
	*file = (struct sim_file){.path = resolve(values, sim_value(values, name), written)};
	return sim_files_read(values->files, written, file, error);
}

void sim_file_clear(struct sim_file *file)
{
	g_free(file->path);
	g_free(file->text);
	*file = (struct sim_file){0};
}

const char *sim_values_file(const struct sim_values *values, guint i, const char **sha256)
{
	return sim_files_at(values->files, i, sha256);
}

static bool parse_dist(const struct sim_values *values, const struct sim_value *value, const char *text,
		       enum sim_dist dist, struct sim_variate *variate, char **reason)
{
	g_autofree char *written = NULL;

	if (!sim_parse_dist(text, dist, variate, &written, reason))
		return false;
	if (written == NULL)
		return true;
	g_autofree char *path = resolve(values, value, written);

	variate->table = sim_files_table(values->files, written, path, dist, reason);
	return variate->table != NULL;
}

bool sim_value_duration_dist(const struct sim_values *values, const char *name, const char *text,
			     struct sim_variate *variate, char **reason)
{
	return parse_dist(values, sim_value(values, name), text, SIM_DIST_DURATION, variate, reason);
}

char *sim_values_place(const struct sim_values *values, size_t row)
{
	const struct sim_value *value = &values->value[row];
	const char *name = values->table->rows[row]->name;

	if (value->line > 0)
		return g_strdup_printf("%s:%u: %s", value->file, value->line, name);
	if (value->file != NULL)
		return g_strdup_printf("%s %s", value->file, name);
	return g_strdup_printf("%s: %s", values->label, name);
}

void sim_value_complain(const struct sim_values *values, const char *name, GError **error, const char *format, ...)
{
	int row = sim_table_find(values->table, name);
	va_list arguments;

	if (row < 0)
		g_error("no parameter is called %s", name);
	g_autofree char *place = sim_values_place(values, (size_t)row);

	va_start(arguments, format);
	g_autofree char *reason = g_strdup_vprintf(format, arguments);

	va_end(arguments);
	g_set_error(error, SIM_SCENARIO_ERROR, 0, "%s: %s", place, reason);
}

static bool parse_word(const struct sim_param *row, const char *text, int *word, char **reason)
{
	for (int i = 0; row->words[i] != NULL; i++) {
		if (strcmp(row->words[i], text) == 0) {
			*word = i;
			return true;
		}
	}
	const char *near = sim_nearest(text, row->words);
	g_autofree char *known = g_strjoinv(", ", (char **)(uintptr_t)row->words);

	*reason = near != NULL ? g_strdup_printf("is unknown: did you mean %s? Known are: %s", near, known)
			       : g_strdup_printf("is unknown: known are: %s", known);
	return false;
}

static bool parse_call(struct sim_values *values, const struct sim_param *row, const char *text, struct sim_value *v,
		       char **reason)
{
	g_autofree char *name = NULL, *argument = NULL;

	if (!sim_parse_call(text, &name, &argument)) {
		*reason = g_strdup("is not of the form name or name(argument)");
		return false;
	}
	v->argument = argument != NULL ? g_string_chunk_insert(values->strings, argument) : "";
	return parse_word(row, name, &v->word, reason);
}

/* Is a value of the row's own type within the row's range? */
static bool check_range(const struct sim_param *row, const struct sim_value *v, char **reason)
{
	bool counted = row->type == SIM_COUNT || row->type == SIM_SIZE;
	double number = counted ? (double)v->count : v->number;
	bool bounded = row->max > row->min;

	if (row->type == SIM_FACTOR && row->min == 0 && row->max == 0 && number < 0) {
		*reason = g_strdup("is out of range: it must be 0 or more");
		return false;
	}
	if (number >= row->min && (!bounded || number <= row->max))
		return true;
	if (bounded && isfinite(row->max))
		*reason = g_strdup_printf("is out of range: it must lie between %.15g and %.15g", row->min, row->max);
	else
		*reason = g_strdup_printf("is out of range: it must be %.15g or more", row->min);
	return false;
}

static bool parse_typed(struct sim_values *values, const struct sim_param *row, const char *text, struct sim_value *v,
			char **reason)
{
	switch (row->type) {
	case SIM_WORD:
		return parse_word(row, text, &v->word, reason);
	case SIM_TEXT:
		return true;
	case SIM_COUNT:
		return sim_parse_count(text, &v->count, reason) && check_range(row, v, reason);
	case SIM_FACTOR:
		return sim_parse_factor(text, &v->number, reason) && check_range(row, v, reason);
	case SIM_SHARE:
		return sim_parse_share(text, &v->number, reason) && check_range(row, v, reason);
	case SIM_DURATION:
		return sim_parse_duration(text, &v->duration, reason);
	case SIM_BITRATE:
		return sim_parse_bitrate(text, &v->number, reason) && check_range(row, v, reason);
	case SIM_FREQUENCY:
		return sim_parse_frequency(text, &v->number, reason) && check_range(row, v, reason);
	case SIM_SIZE:
		return sim_parse_size(text, &v->count, reason) && check_range(row, v, reason);
	case SIM_DURATION_DIST:
		return parse_dist(values, v, text, SIM_DIST_DURATION, &v->variate, reason);
	case SIM_COUNT_DIST:
		return parse_dist(values, v, text, SIM_DIST_COUNT, &v->variate, reason);
	case SIM_MIX:
		return sim_parse_mix(text, &v->mix, reason);
	case SIM_CALL:
		return parse_call(values, row, text, v, reason);
	}
	g_assert_not_reached();
}

/* Of rows of the other types: a word that stands in place of a value. */
static bool is_word(const struct sim_param *row, const char *text, struct sim_value *v)
{
	if (row->type == SIM_WORD || row->type == SIM_CALL || row->words == NULL)
		return false;
	for (int i = 0; row->words[i] != NULL; i++)
		if (strcmp(row->words[i], text) == 0)
			v->word = i;
	v->set = v->word >= 0;
	return v->set;
}

static bool same_value(const struct sim_value *a, const struct sim_value *b)
{
	return a->set == b->set && a->word == b->word && a->count == b->count && a->number == b->number &&
	       a->duration == b->duration && a->variate.kind == b->variate.kind && a->variate.a == b->variate.a &&
	       a->variate.b == b->variate.b && a->variate.c == b->variate.c && a->variate.table == b->variate.table &&
	       strcmp(a->argument, b->argument) == 0;
}

/* Of a row that is still to come, the default alone is accepted, however it is written. */
static bool check_later(struct sim_values *values, const struct sim_param *row, const char *text,
			const struct sim_value *v, char **reason)
{
	struct sim_value fallback = {.word = -1, .argument = ""};
	g_autofree char *ignored = NULL;

	if (row->later == NULL || strcmp(text, row->fallback) == 0)
		return true;
	if (row->type != SIM_TEXT && row->type != SIM_MIX && strcmp(row->fallback, "none") != 0) {
		fallback.set = parse_typed(values, row, row->fallback, &fallback, &ignored);
		if (same_value(&fallback, v))
			return true;
	}
	*reason = g_strdup_printf("is not available yet (%s): write %s or leave it out", row->later, row->fallback);
	return false;
}

static bool parse_value(struct sim_values *values, const struct sim_param *row, const char *text, struct sim_value *v,
			char **reason)
{
	if (*text == '\0') {
		*reason = g_strdup("is empty: write a value or remove the line");
		return false;
	}
	if (is_word(row, text, v))
		return true;
	if (strcmp(text, "none") == 0 && strcmp(row->fallback, "none") == 0 && row->type != SIM_WORD &&
	    row->type != SIM_CALL && row->type != SIM_TEXT)
		return true;
	v->set = parse_typed(values, row, text, v, reason);
	if (v->set && !check_later(values, row, text, v, reason))
		v->set = false;
	return v->set;
}

bool sim_values_set(struct sim_values *values, size_t index, const char *text, const char *file, unsigned line,
		    char **reason)
{
	const struct sim_param *row = values->table->rows[index];
	struct sim_value *v = &values->value[index];
	g_autofree char *trimmed = g_strstrip(g_strdup(text));
	g_autofree char *inner = NULL;

	sim_mix_clear(&v->mix);
	*v = (struct sim_value){.given = file != NULL, .line = line, .word = -1, .argument = ""};
	v->text = g_string_chunk_insert_const(values->strings, trimmed);
	v->file = file != NULL ? g_string_chunk_insert_const(values->strings, file) : NULL;
	if (parse_value(values, row, v->text, v, &inner))
		return true;
	bool comment = strstr(trimmed, " #") != NULL || strstr(trimmed, " ;") != NULL;

	*reason = g_strdup_printf("\"%s\" %s%s", trimmed, inner, comment ? "; comments stand on their own line" : "");
	return false;
}

bool sim_values_readable(const struct sim_values *values, size_t row)
{
	const struct sim_param *r = values->table->rows[row];

	return r->readable == NULL || r->readable(values);
}

bool sim_values_required(const struct sim_values *values, size_t row)
{
	const struct sim_param *r = values->table->rows[row];

	return r->required != NULL && (r->must == NULL || r->must(values)) && sim_values_readable(values, row);
}
