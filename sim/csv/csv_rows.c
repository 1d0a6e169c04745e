#include "sim/csv/csv_rows.h"

#include <csv.h>
#include <string.h>

G_DEFINE_QUARK(csv_rows_error_quark, csv_rows_error)

struct reader {
	bool (*take)(const struct csv_row *row, void *data, GError **error);
	void *data;
	GError *error;    /* of `take`: no row is given to it any more */
	GString *text;    /* the cells of the row under way, each with a NUL behind it */
	GArray *starts;   /* of gsize: where they begin */
	GPtrArray *cells; /* the same as texts, once the row is whole */
	unsigned line;    /* being read */
	unsigned began;   /* line of the row under way */
};

static void on_cell(void *cell, size_t n, void *data)
{
	struct reader *r = data;
	gsize start = r->text->len;

	g_array_append_val(r->starts, start);
	g_string_append_len(r->text, cell != NULL ? cell : "", (gssize)n);
	g_string_append_c(r->text, '\0');
}

static void on_row(int terminator, void *data)
{
	(void)terminator;
	struct reader *r = data;
	struct csv_row row = {.line = r->began, .n = r->starts->len};

	g_ptr_array_set_size(r->cells, (gint)row.n + 1);
	for (guint i = 0; i < row.n; i++)
		r->cells->pdata[i] = r->text->str + g_array_index(r->starts, gsize, i);
	r->cells->pdata[row.n] = NULL;
	row.cells = (char **)r->cells->pdata;
	r->began = 0;
	if (r->error == NULL)
		r->take(&row, r->data, &r->error);
	g_array_set_size(r->starts, 0);
	g_string_truncate(r->text, 0);
}

/* What libcsv makes no row of. A form feed is no such thing to it. */
static bool is_blank(const char *text, gsize n)
{
	for (gsize i = 0; i < n; i++)
		if (strchr(" \t\r\n", text[i]) == NULL)
			return false;
	return true;
}

/* The octets up to the next end of a line, with it: LF, CR LF, or CR alone, after which libcsv ends a row too. */
static gsize line_length(const char *text, gsize n)
{
	gsize i = 0;

	while (i < n && text[i] != '\n' && text[i] != '\r')
		i++;
	if (i + 1 < n && text[i] == '\r' && text[i + 1] == '\n')
		i++;
	return i < n ? i + 1 : n;
}

/* Feeds line by line, so that rows know where they began; a quoted cell may hold line breaks. */
static bool feed(struct csv_parser *parser, struct reader *r, const char *text, gsize n)
{
	while (n > 0) {
		gsize step = line_length(text, n);

		if (r->began == 0 && !is_blank(text, step))
			r->began = r->line;
		if (csv_parse(parser, text, step, on_cell, on_row, r) != step)
			return false;
		if (r->error != NULL)
			return true;
		r->line++;
		text += step;
		n -= step;
	}
	return csv_fini(parser, on_cell, on_row, r) == 0;
}

bool csv_rows_walk(const char *name, const char *text, gsize n,
		   bool (*take)(const struct csv_row *row, void *data, GError **error), void *data, GError **error)
{
	struct reader r = {.take = take,
			   .data = data,
			   .text = g_string_new(NULL),
			   .starts = g_array_new(FALSE, FALSE, sizeof(gsize)),
			   .cells = g_ptr_array_new(),
			   .line = 1};
	struct csv_parser parser;
	bool fine = false;

	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		n -= 3;
	}
	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0)
		g_error("libcsv cannot be initialised");
	if (!g_utf8_validate(text, (gssize)n, NULL)) /* also false for a NUL */
		g_set_error(error, CSV_ROWS_ERROR, 0, "%s: is not UTF-8 text: save it as UTF-8", name);
	else if (!(fine = feed(&parser, &r, text, n)))
		g_set_error(error, CSV_ROWS_ERROR, 0,
			    "%s:%u: is not CSV: %s; write a cell that holds a quote or a "
			    "comma as \"...\", with each quote in it doubled",
			    name, MAX(r.began, 1), csv_strerror(csv_error(&parser)));
	csv_free(&parser);
	g_string_free(r.text, TRUE);
	g_array_unref(r.starts);
	g_ptr_array_unref(r.cells);
	if (fine && r.error == NULL)
		return true;
	if (fine)
		g_propagate_error(error, r.error);
	else
		g_clear_error(&r.error);
	return false;
}

/* A row that was kept, in one piece: its cells' places and their texts stand behind it. */
struct kept_row {
	struct csv_row row;
	char *cells[];
};

static bool keep(const struct csv_row *row, void *data, GError **error)
{
	(void)error;
	const char *last = row->n > 0 ? row->cells[row->n - 1] : "";
	const char *from = row->n > 0 ? row->cells[0] : "";
	gsize places = (row->n + 1) * sizeof(char *), octets = (gsize)(last + strlen(last) + 1 - from);
	struct kept_row *kept = g_malloc(sizeof(struct kept_row) + places + octets);
	char *text = (char *)kept->cells + places;

	memcpy(text, from, octets); /* the reader has them one behind the other */
	for (guint i = 0; i < row->n; i++)
		kept->cells[i] = text + (row->cells[i] - from);
	kept->cells[row->n] = NULL;
	kept->row = (struct csv_row){row->line, kept->cells, row->n};
	g_ptr_array_add(data, kept);
	return true;
}

GPtrArray *csv_rows_parse(const char *name, const char *text, gsize n, GError **error)
{
	GPtrArray *rows = g_ptr_array_new_with_free_func(g_free);

	if (csv_rows_walk(name, text, n, keep, rows, error))
		return rows;
	g_ptr_array_unref(rows);
	return NULL;
}

static bool is_table(const char *name, const GPtrArray *rows, const char *header, GError **error)
{
	const struct csv_row *head = rows->len > 0 ? rows->pdata[0] : NULL;
	g_autofree char *found = head != NULL ? g_strjoinv(",", head->cells) : g_strdup("");

	if (strcmp(found, header) != 0) {
		g_set_error(error, CSV_ROWS_ERROR, 0, "%s:1: the header is not '%s'", name, header);
		return false;
	}
	for (guint i = 1; i < rows->len; i++) {
		const struct csv_row *row = rows->pdata[i];

		if (row->n == head->n)
			continue;
		g_set_error(error, CSV_ROWS_ERROR, 0, "%s:%u: %u columns instead of %u", name, row->line, row->n,
			    head->n);
		return false;
	}
	return true;
}

void csv_table_complain(struct csv_table *table, const char *format, ...)
{
	va_list args;

	if (table->error != NULL)
		return;
	va_start(args, format);
	g_autofree char *reason = g_strdup_vprintf(format, args);

	va_end(args);
	g_set_error(&table->error, CSV_ROWS_ERROR, 0, "%s:%u: %s", table->name, table->line, reason);
}

bool csv_table_read(const char *name, const char *text, const char *header,
		    void (*take)(struct csv_table *table, char *const *cells, void *data),
		    void (*finish)(struct csv_table *table, void *data), void *data, GError **error)
{
	struct csv_table table = {.name = name, .line = 1};
	g_autoptr(GPtrArray) rows = csv_rows_parse(name, text, strlen(text), error);

	if (rows == NULL || !is_table(name, rows, header, error))
		return false;
	for (guint i = 1; i < rows->len; i++) {
		const struct csv_row *row = rows->pdata[i];

		table.line = row->line;
		take(&table, row->cells, data);
	}
	finish(&table, data);
	if (table.error == NULL)
		return true;
	g_propagate_error(error, table.error);
	return false;
}

const char *csv_cell(const struct csv_row *row, guint column)
{
	return column < row->n ? row->cells[column] : "";
}
