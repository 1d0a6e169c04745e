/* A CSV table whose header line names its columns, in any order. What is wrong with it is said as "file:line: column
 * `name`: reason". */
#ifndef SIM_STUDY_COLUMNS_H
#define SIM_STUDY_COLUMNS_H

#include <glib.h>
#include <stdbool.h>

#include "sim/csv/csv_rows.h"

#define SIM_COLUMNS_MAX 16

/* As the last of the names: other columns may be there, and are not read. */
#define SIM_COLUMNS_OTHERS "*"

struct sim_columns {
	const char *path;          /* of the file, for complaints; borrowed */
	const char *const *names;  /* of the columns, NULL-terminated; borrowed */
	struct csv_rows *rows;     /* the first is the header line */
	guint at[SIM_COLUMNS_MAX]; /* where the file has each column; G_MAXUINT: nowhere */
};

/* Reads text[0..n), which must have the first `required` of the columns, may have the others, and has no more. False
 * with SIM_SCENARIO_ERROR otherwise; then there is nothing to clear. */
bool sim_columns_read(struct sim_columns *columns, const char *path, const char *text, gsize n,
		      const char *const *names, guint required, GError **error);
void sim_columns_clear(struct sim_columns *columns);

/* The cell of a row, or "" where the file does not have the column or the row is shorter. */
static inline const char *sim_columns_cell(const struct sim_columns *columns, const struct csv_row *row, guint column)
{
	return csv_cell(row, columns->at[column]); /* no row is so long as G_MAXUINT */
}

/* Sets *error, about a cell; false. */
bool sim_columns_complain(const struct sim_columns *columns, const struct csv_row *row, guint column, GError **error,
			  const char *format, ...) G_GNUC_PRINTF(5, 6);

#endif
