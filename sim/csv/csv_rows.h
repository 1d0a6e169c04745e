/* A CSV text as rows of cells with the lines that they began on; libcsv does the parsing, strictly. */
#ifndef SIM_CSV_CSV_ROWS_H
#define SIM_CSV_CSV_ROWS_H

#include <glib.h>
#include <stdbool.h>

struct csv_row {
	unsigned line; /* from 1 */
	guint n;       /* at least 1 */
	char **cells;  /* NULL-terminated, spaces around an unquoted cell removed */
};

struct csv_rows {
	struct csv_row *at;
	guint n;
	char **cells; /* of all rows, one behind the other */
	char *text;   /* of all cells: no more octets than the file has, and one */
};

/* The rows of text[0..n), without empty lines; a byte order mark is skipped. NULL with *error ("name:line: reason")
 * when the text is not CSV, not UTF-8, or holds a NUL. */
struct csv_rows *csv_rows_parse(const char *name, const char *text, gsize n, GError **error);
void csv_rows_free(struct csv_rows *rows); /* NULL: nothing */

/* The same row by row, for texts that are too long to be held as rows: calls `take` for each, in order; it returns
 * false with *error set to end the walk. The row is gone afterwards. False with *error as above, or as `take` set it.
 */
bool csv_rows_walk(const char *name, const char *text, gsize n,
		   bool (*take)(const struct csv_row *row, void *data, GError **error), void *data, GError **error);

/* A table that is read row by row: where the reader stands, and its first complaint. */
struct csv_table {
	const char *name;
	unsigned line;
	GError *error;
};

/* Reads `text`, whose header line is `header` ("a,b,c") and whose rows all have its columns: calls `take` for each
 * row but the header, then `finish`. False with *error when the text is no such table, or the first thing that one of
 * them complained of. */
bool csv_table_read(const char *name, const char *text, const char *header,
		    void (*take)(struct csv_table *table, char *const *cells, void *data),
		    void (*finish)(struct csv_table *table, void *data), void *data, GError **error);

/* Complains about the current row; the first complaint counts. */
void csv_table_complain(struct csv_table *table, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The cell under column `column` of a row, or "" when the row is shorter. */
static inline const char *csv_cell(const struct csv_row *row, guint column)
{
	return column < row->n ? row->cells[column] : "";
}

#define CSV_ROWS_ERROR csv_rows_error_quark()
GQuark csv_rows_error_quark(void);

#endif
