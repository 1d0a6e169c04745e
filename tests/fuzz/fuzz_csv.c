/* CSV text as rows, and as a table. */
#include <string.h>

#include "sim/csv/csv_rows.h"
#include "tests/fuzz/target.h"

static void rows(const char *text, size_t n)
{
	g_autoptr(GError) error = NULL;
	struct csv_rows *found = csv_rows_parse("name", text, n, &error);
	unsigned line = 0;

	FUZZ_HOLDS((found == NULL) == (error != NULL), "rows or a reason");
	FUZZ_HOLDS(found != NULL || g_str_has_prefix(error->message, "name:"), "a reason begins with the name");
	for (guint i = 0; found != NULL && i < found->n; i++) {
		const struct csv_row *row = &found->at[i];

		FUZZ_HOLDS(row->line > line, "rows stand in the order of their lines");
		FUZZ_HOLDS(g_strv_length(row->cells) == row->n && row->n > 0, "as many cells as are counted");
		for (guint c = 0; c < row->n; c++)
			FUZZ_HOLDS(g_utf8_validate(row->cells[c], -1, NULL), "cells are UTF-8");
		FUZZ_HOLDS(*csv_cell(row, row->n) == '\0', "beyond a row all is empty");
		line = row->line;
	}
	csv_rows_free(found);
}

struct seen {
	unsigned rows, columns;
	bool finished;
};

static void take(struct csv_table *table, char *const *cells, void *data)
{
	struct seen *seen = data;

	seen->rows++;
	FUZZ_HOLDS(g_strv_length((char **)(uintptr_t)cells) == seen->columns, "every row has all columns");
	if (strcmp(cells[0], "complain") == 0)
		csv_table_complain(table, "of row %u", seen->rows);
}

static void finish(struct csv_table *table, void *data)
{
	(void)table;
	((struct seen *)data)->finished = true;
}

/* As a table whose header is whatever the first line says. */
static void table(const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *header = g_strndup(text, strcspn(text, "\r\n"));
	struct seen seen = {.columns = 1};

	for (const char *c = header; *c != '\0'; c++)
		seen.columns += *c == ',';
	bool fine = csv_table_read("name", text, header, take, finish, &seen, &error);

	FUZZ_HOLDS(fine == (error == NULL), "a table or a reason");
	FUZZ_HOLDS(fine || g_str_has_prefix(error->message, "name:"), "a reason begins with the name");
	FUZZ_HOLDS(!fine || seen.finished, "what is whole is finished");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	g_autofree char *text = g_strndup(n > 0 ? (const char *)data : "", n);

	rows(n > 0 ? (const char *)data : "", n);
	table(text);
	return 0;
}
