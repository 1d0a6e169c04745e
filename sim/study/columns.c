#include "sim/study/columns.h"

#include <string.h>

#include "sim/study/param.h"

static guint find(const char *const *names, const char *name)
{
	guint i = 0;

	while (names[i] != NULL && strcmp(names[i], name) != 0)
		i++;
	return i;
}

/* The first `n` of the names, or with G_MAXUINT all: "a, b, c". */
static char *list(const char *const *names, guint n, const char *comma)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < n && names[i] != NULL; i++)
		g_string_append_printf(text, "%s%s", i > 0 ? comma : "", names[i]);
	return g_string_free(text, FALSE);
}

static bool refuse_column(const struct sim_columns *c, guint place, bool twice, GError **error)
{
	const struct csv_row *head = c->rows->at;
	const char *near = twice ? NULL : sim_nearest(head->cells[place], c->names);
	g_autofree char *all = list(c->names, G_MAXUINT, ", ");

	g_set_error(error, SIM_SCENARIO_ERROR, 0, "%s:%u: column %u: `%s` %s%s%s%s; the columns are %s", c->path,
		    head->line, place + 1, head->cells[place], twice ? "stands twice" : "is not a column's name",
		    near != NULL ? ": did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "", all);
	return false;
}

static bool read_header(struct sim_columns *c, guint required, GError **error)
{
	const struct csv_row *head = c->rows->n > 0 ? c->rows->at : NULL;
	bool others = c->names[find(c->names, SIM_COLUMNS_OTHERS)] != NULL;

	if (head == NULL) {
		g_autofree char *line = list(c->names, required, ",");

		g_set_error(error, SIM_SCENARIO_ERROR, 0, "%s:1: is empty: begin with the line `%s`", c->path, line);
		return false;
	}
	for (guint i = 0; i < head->n; i++) {
		guint column = find(c->names, head->cells[i]);

		if (c->names[column] == NULL && others)
			continue;
		if (c->names[column] == NULL || c->at[column] != G_MAXUINT)
			return refuse_column(c, i, c->names[column] != NULL, error);
		c->at[column] = i;
	}
	for (guint column = 0; column < required; column++)
		if (c->at[column] == G_MAXUINT)
			return sim_columns_complain(c, head, column, error, "is missing in the header line: add it");
	return true;
}

static bool check_widths(const struct sim_columns *c, GError **error)
{
	const struct csv_row *head = c->rows->at;

	for (guint i = 1; i < c->rows->n; i++) {
		const struct csv_row *row = &c->rows->at[i];

		if (row->n <= head->n)
			continue;
		g_set_error(error, SIM_SCENARIO_ERROR, 0,
			    "%s:%u: has %u cells, the header line %u: remove what is too much", c->path, row->line,
			    row->n, head->n);
		return false;
	}
	return true;
}

bool sim_columns_read(struct sim_columns *c, const char *path, const char *text, gsize n, const char *const *names,
		      guint required, GError **error)
{
	g_autoptr(GError) reason = NULL;

	*c = (struct sim_columns){.path = path, .names = names, .rows = csv_rows_parse(path, text, n, &reason)};
	if (c->rows == NULL) {
		g_set_error_literal(error, SIM_SCENARIO_ERROR, 0, reason->message);
		return false;
	}
	g_assert(find(names, "") <= SIM_COLUMNS_MAX);
	for (guint i = 0; i < SIM_COLUMNS_MAX; i++)
		c->at[i] = G_MAXUINT;
	if (read_header(c, required, error) && check_widths(c, error))
		return true;
	sim_columns_clear(c);
	return false;
}

void sim_columns_clear(struct sim_columns *c)
{
	csv_rows_free(c->rows);
	c->rows = NULL;
}

bool sim_columns_complain(const struct sim_columns *c, const struct csv_row *row, guint column, GError **error,
			  const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *reason = g_strdup_vprintf(format, args);

	va_end(args);
	g_set_error(error, SIM_SCENARIO_ERROR, 0, "%s:%u: column `%s`: %s", c->path, row->line, c->names[column],
		    reason);
	return false;
}
