/* What one config amounts to: for each parameter the text that is nearest, the iteration variables in those texts,
 * and from both the values of each iteration. */
#ifndef SIM_STUDY_PLAN_H
#define SIM_STUDY_PLAN_H

#include "sim/study/ini.h"
#include "sim/study/values.h"

/* Where a parameter's text comes from; all NULL: the default. */
struct plan_source {
	const char *text, *file;
	unsigned line;                 /* 0: --set */
	unsigned order;                /* among the --set, from 0 */
	const struct ini_entry *entry; /* NULL: --set */
};

/* One `--set name=value`. */
struct plan_override {
	char *name, *value;
};

struct plan {
	const struct sim_table *table;
	const struct ini_file *file;
	const char *folder;         /* of the scenario's file, NULL: the working directory */
	struct plan_source *source; /* one per row */
	guint *order;               /* the rows that have a source, in the order of their lines, then of --set */
	guint n_order;
	GPtrArray *variables; /* in that order */
	guint64 iterations;   /* that the constraint leaves */
	GArray *taken;        /* which combinations those are; NULL: all */
};

/* Borrows table, file, folder and the overrides (an array of n; names must be in the table, later ones win). NULL
 * with *error set if the iteration variables are wrong. `config` must exist (asserted). */
struct plan *plan_new(const struct sim_table *table, const struct ini_file *file, const char *folder,
		      const char *config, const struct plan_override *overrides, guint n, GError **error);
void plan_free(struct plan *plan);

/* The values of one iteration, defaults included. NULL with *error set at the first one that is wrong. */
struct sim_values *plan_values(const struct plan *plan, guint iteration, GError **error);

/* The same, but what is wrong stays unset, and sets *broken unless it only refers to an unknown variable. */
struct sim_values *plan_values_leniently(const struct plan *plan, guint iteration, bool *broken);

/* Which value each variable has in an iteration. */
void plan_choose(const struct plan *plan, guint iteration, guint *chosen);

/* "a=1;b=2", the caller's to g_free. */
char *plan_iteration(const struct plan *plan, guint iteration);

#endif
