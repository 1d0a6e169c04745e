/* The table of all parameters of a program, and the values of one iteration: what param.h shows to readers, with the
 * side that fills it. */
#ifndef SIM_STUDY_VALUES_H
#define SIM_STUDY_VALUES_H

#include "sim/study/param.h"

/* The rows that every study has, then the model's. Rows are not copied. */
struct sim_table {
	const struct sim_param **rows;
	const char **names; /* the same order, NULL-terminated: for sim_nearest */
	size_t n;
	GHashTable *index; /* name -> position + 1 */
};

/* Joins two lists of rows; a name that stands in both is asserted against. The caller's to free. */
struct sim_table *sim_table_new(const struct sim_param *first, size_t n_first, const struct sim_param *second,
				size_t n_second);
void sim_table_free(struct sim_table *table);

/* The row's position, or -1. */
int sim_table_find(const struct sim_table *table, const char *name);

/* All values unset, not even defaults. `label` names the scenario in complaints; `folder` resolves its relative paths
 * (NULL: the working directory). */
struct sim_values *sim_values_new(const struct sim_table *table, const char *label, const char *folder);
void sim_values_free(struct sim_values *values);

/* Parses `text` as the row's type into its value. `file` (NULL: a default) and `line` say where it stands. On false,
 * the value stays unset, and *reason is the rest of a sentence ("\"5\" has no unit: ..."), the caller's to g_free. */
bool sim_values_set(struct sim_values *values, size_t row, const char *text, const char *file, unsigned line,
		    char **reason);

const struct sim_value *sim_values_at(const struct sim_values *values, size_t row);

/* Can the row be read, given the others? Must it be given? */
bool sim_values_readable(const struct sim_values *values, size_t row);
bool sim_values_required(const struct sim_values *values, size_t row);

/* Of the files that were read for these values; see files.h. */
const char *sim_values_file(const struct sim_values *values, guint i, const char **sha256);

/* "file:line: name", "--set name" or "label: name" into a new string. */
char *sim_values_place(const struct sim_values *values, size_t row);

#endif
