/* Which keys can be read: law 8 of the design, "nothing is dropped silently". */
#ifndef SIM_STUDY_JUDGE_H
#define SIM_STUDY_JUDGE_H

#include "sim/study/plan.h"

/* Are the names of all keys of the file known, in all of its groups? */
bool judge_names(const struct sim_table *table, const struct ini_file *file, GError **error);

/* Is each required value there? `config` is for the remedy. */
bool judge_required(const struct sim_table *table, const struct sim_values *values, const char *label,
		    const char *config, GError **error);

/* `values` are the iterations of `plan`, the chosen config with --set over it. False if nothing reads a --set, or if
 * nothing in the file as written reads one of its keys. Adds to `warnings` (of char *) the keys that were readable
 * before --set came. */
bool judge_readable(const struct plan *plan, const char *config, const GPtrArray *values, GPtrArray *warnings,
		    GError **error);

#endif
