/* What was varied: the variables of a folder's iterations, as axes and as names of lines. */
#ifndef SIM_STUDY_FACTOR_H
#define SIM_STUDY_FACTOR_H

#include "sim/study/archive.h"

struct factor {
	char *name;            /* of the variable */
	GPtrArray *values;     /* of char *, in order of appearance */
	double *numbers;       /* of each value, or NULL: it is no axis */
	const char *unit;      /* of the numbers: "1", "s", "1/s", "%", "B", "bit/s" */
	const char *parameter; /* whose value the variable is; NULL: of none alone */
};

/* The variables of the iterations that have runs, in order; of struct factor, g_ptr_array_unref. Empty if there is
 * one such iteration, or if some have other variables. */
GPtrArray *factors_find(const struct sim_archive *archive);

/* Which of them capacity.csv is about, if it is a number; or -1. */
int factors_sought(const struct sim_archive *archive, const GPtrArray *factors);

/* The number of a factor's value in an iteration, by its name "a=1;b=2". */
guint factor_value(const GPtrArray *factors, guint factor, const char *iteration);

/* The iteration's name without one variable: "a=1, c=3"; the caller's to g_free. G_MAXUINT: with all. */
char *factors_others(const GPtrArray *factors, guint without, const char *iteration);

/* The numbers that texts stand for, if they are all numbers of one kind (plain, durations, frequencies, shares,
 * sizes, bit rates), and the unit of these; NULL otherwise. The caller's to g_free. */
double *factor_numbers(const GPtrArray *texts, const char **unit);

#endif
