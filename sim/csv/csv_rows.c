#include "sim/csv/csv_rows.h"

#include <csv.h>
#include <string.h>

G_DEFINE_QUARK(csv_rows_error_quark, csv_rows_error)

struct reader {
	bool (*take)(const struct csv_row *row, void *data, GError **error); /* NULL: rows are kept */
	void *data;
	GError *error;        /* of `take`: no row is given to it any more */
	struct csv_rows rows; /* those kept; else there is the row under way alone */
	gsize rows_room;
	gsize n_cells, cells_room; /* a NULL behind the cells of each row counts too */
	gsize first;               /* cell of the row under way */
	char *end;                 /* of rows.text: each cell with a NUL behind it */
	unsigned line;             /* being read */
	unsigned began;            /* line of the row under way */
};

/* The text has room for all cells, and so never moves: behind each but the last of a file stands at least one octet
 * that is none of a cell, and its NUL comes in the place of that. */
static void start(struct reader *r, gsize n)
{
	r->rows_room = 64;
	r->cells_room = 512;
	r->rows.at = g_new(struct csv_row, r->rows_room);
	r->rows.cells = g_new(char *, r->cells_room);
	r->rows.text = r->end = g_malloc(n + 1);
	r->line = 1;
}

static void add_cell(struct reader *r, char *cell)
{
	if (r->n_cells == r->cells_room)
		r->rows.cells = g_renew(char *, r->rows.cells, r->cells_room *= 2);
	r->rows.cells[r->n_cells++] = cell;
}

static void add_row(struct reader *r, struct csv_row row)
{
	if (r->rows.n == r->rows_room)
		r->rows.at = g_renew(struct csv_row, r->rows.at, r->rows_room *= 2);
	r->rows.at[r->rows.n++] = row;
	r->first = r->n_cells;
}

static void on_cell(void *cell, size_t n, void *data)
{
	struct reader *r = data;

	add_cell(r, r->end);
	if (n > 0)
		memcpy(r->end, cell, n);
	r->end[n] = '\0';
	r->end += n + 1;
}

static void on_row(int terminator, void *data)
{
	(void)terminator;
	struct reader *r = data;
	struct csv_row row = {.line = r->began, .n = (guint)(r->n_cells - r->first)};

	add_cell(r, NULL);
	r->began = 0;
	if (r->take == NULL) {
		add_row(r, row);
		return;
	}
	row.cells = r->rows.cells;
	if (r->error == NULL)
		r->take(&row, r->data, &r->error);
	r->n_cells = 0;
	r->end = r->rows.text;
}

/* What libcsv makes no row of. A form feed is no such thing to it. */
static bool is_blank(const char *text, gsize n)
{
	for (gsize i = 0; i < n; i++)
		if (strchr(" \t\r\n", text[i]) == NULL)
			return false;
	return true;
}

static const char *find(const char *text, const char *end, char c)
{
	const char *found = memchr(text, c, (gsize)(end - text));

	return found != NULL ? found : end;
}

/* Feeds line by line, so that rows know where they began; a quoted cell may hold line breaks. A line ends with LF,
 * CR LF, or CR alone, after which libcsv ends a row too. */
static bool feed(struct csv_parser *parser, struct reader *r, const char *text, gsize n)
{
	const char *end = text + n, *lf = find(text, end, '\n'), *cr = find(text, end, '\r');

	while (text < end) {
		const char *next = cr + 1 == lf ? lf : MIN(lf, cr);
		gsize step = (gsize)(next - text) + (next < end);

		if (r->began == 0 && !is_blank(text, step))
			r->began = r->line;
		if (csv_parse(parser, text, step, on_cell, on_row, r) != step)
			return false;
		if (r->error != NULL)
			return true;
		r->line++;
		text += step;
		if (lf < text)
			lf = find(text, end, '\n');
		if (cr < text)
			cr = find(text, end, '\r');
	}
	return csv_fini(parser, on_cell, on_row, r) == 0;
}

/* Whether it is UTF-8, and holds no NUL. Most files are ASCII, at least for long: eight octets in a step. */
static bool is_utf8(const char *text, gsize n)
{
	const guint64 ones = G_GUINT64_CONSTANT(0x0101010101010101), tops = ones << 7;
	guint64 eight;

	for (; n >= sizeof(eight); text += sizeof(eight), n -= sizeof(eight)) {
		memcpy(&eight, text, sizeof(eight));
		if (((eight | (eight - ones)) & tops) != 0) /* one is beyond ASCII, or a NUL */
			break;
	}
	return g_utf8_validate(text, (gssize)n, NULL);
}

static bool read_text(struct reader *r, const char *name, const char *text, gsize n, GError **error)
{
	struct csv_parser parser;
	bool fine = false;

	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		n -= 3;
	}
	if (!is_utf8(text, n)) {
		g_set_error(error, CSV_ROWS_ERROR, 0, "%s: is not UTF-8 text: save it as UTF-8", name);
		return false;
	}
	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0)
		g_error("libcsv cannot be initialised");
	start(r, n);
	fine = feed(&parser, r, text, n);
	if (!fine)
		g_set_error(error, CSV_ROWS_ERROR, 0,
			    "%s:%u: is not CSV: %s; write a cell that holds a quote or a "
			    "comma as \"...\", with each quote in it doubled",
			    name, MAX(r->began, 1), csv_strerror(csv_error(&parser)));
	csv_free(&parser);
	return fine;
}

static void clear(struct csv_rows *rows)
{
	g_free(rows->at);
	g_free(rows->cells);
	g_free(rows->text);
}

bool csv_rows_walk(const char *name, const char *text, gsize n,
		   bool (*take)(const struct csv_row *row, void *data, GError **error), void *data, GError **error)
{
	struct reader r = {.take = take, .data = data};
	bool fine = read_text(&r, name, text, n, error);

	clear(&r.rows);
	if (fine && r.error == NULL)
		return true;
	if (fine)
		g_propagate_error(error, r.error);
	else
		g_clear_error(&r.error);
	return false;
}

struct csv_rows *csv_rows_parse(const char *name, const char *text, gsize n, GError **error)
{
	struct reader r = {0};

	if (!read_text(&r, name, text, n, error)) {
		clear(&r.rows);
		return NULL;
	}
	char **cells = r.rows.cells; /* they move no more */

	for (guint i = 0; i < r.rows.n; i++) {
		r.rows.at[i].cells = cells;
		cells += r.rows.at[i].n + 1;
	}
	return g_memdup2(&r.rows, sizeof(r.rows));
}

void csv_rows_free(struct csv_rows *rows)
{
	if (rows == NULL)
		return;
	clear(rows);
	g_free(rows);
}

static bool is_table(const char *name, const struct csv_rows *rows, const char *header, GError **error)
{
	const struct csv_row *head = rows->n > 0 ? rows->at : NULL;
	g_autofree char *found = head != NULL ? g_strjoinv(",", head->cells) : g_strdup("");

	if (strcmp(found, header) != 0) {
		g_set_error(error, CSV_ROWS_ERROR, 0, "%s:1: the header is not '%s'", name, header);
		return false;
	}
	for (guint i = 1; i < rows->n; i++) {
		if (rows->at[i].n == head->n)
			continue;
		g_set_error(error, CSV_ROWS_ERROR, 0, "%s:%u: %u columns instead of %u", name, rows->at[i].line,
			    rows->at[i].n, head->n);
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
	struct csv_rows *rows = csv_rows_parse(name, text, strlen(text), error);
	bool right = rows != NULL && is_table(name, rows, header, error);

	for (guint i = 1; right && i < rows->n; i++) {
		table.line = rows->at[i].line;
		take(&table, rows->at[i].cells, data);
	}
	if (right)
		finish(&table, data);
	csv_rows_free(rows);
	if (table.error != NULL)
		g_propagate_error(error, table.error);
	return right && table.error == NULL;
}
