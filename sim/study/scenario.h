/* A scenario: one config of a file, with what the command line sets over it, as iterations that are ready to run.
 *
 *   [General]                         what every config reads
 *   study = terminating
 *   [Config sweep]                    a config reads its own keys, then its parents', then General's
 *   extends = other, another
 *   gateways = ${n=1,2,4..32 step 4}  declares an iteration variable; ${n} refers to it
 *
 * The first variable is the slowest; variables are ordered by their lines, those of --set come last. */
#ifndef SIM_STUDY_SCENARIO_H
#define SIM_STUDY_SCENARIO_H

#include "sim/study/model.h"
#include "sim/study/values.h"

struct sim_scenario;

/* What to load. All borrowed, and only during the call. */
struct sim_request {
	const char *path;        /* "-": standard input */
	const char *config;      /* NULL: General */
	const char *const *sets; /* `name=value`, NULL-terminated; NULL: none */
	const char *seed;        /* of --seed; NULL: not given */
	const char *text;        /* not NULL: what stands in the file, which then need not exist; relative paths start
				  * at the working directory */
};

/* Loads and judges a scenario for the model; NULL with SIM_SCENARIO_ERROR otherwise. The model is borrowed.
 *
 * Names are judged in the whole file, values in the chosen config alone. Refused are: unknown names anywhere, a key
 * of the file that no config and no iteration of the file as written can read, a --set that no iteration of the
 * chosen config can read, wrong values, required keys that are missing. A key that --set made unreadable is a
 * warning. */
struct sim_scenario *sim_scenario_load(const struct sim_model *model, const struct sim_request *request,
				       GError **error);
void sim_scenario_free(struct sim_scenario *scenario);

const char *sim_scenario_path(const struct sim_scenario *scenario);   /* as requested */
const char *sim_scenario_stem(const struct sim_scenario *scenario);   /* of the file's name; "stdin" */
const char *sim_scenario_config(const struct sim_scenario *scenario); /* "General" if none was chosen */
guint sim_scenario_repeat(const struct sim_scenario *scenario);
guint sim_scenario_stride(const struct sim_scenario *scenario); /* from an iteration's run numbers to the next's: the
								 * most replications that it can have */
guint sim_scenario_iterations(const struct sim_scenario *scenario);           /* at least 1 */
const GPtrArray *sim_scenario_variables(const struct sim_scenario *scenario); /* of struct sweep_variable */
const struct sim_table *sim_scenario_table(const struct sim_scenario *scenario);
const GPtrArray *sim_scenario_warnings(const struct sim_scenario *scenario); /* of char * */

/* One iteration: its values, and its name "a=1;b=2" (empty without variables). */
const struct sim_values *sim_scenario_values(const struct sim_scenario *scenario, guint iteration);
const char *sim_scenario_iteration(const struct sim_scenario *scenario, guint iteration);

/* The value of a variable in an iteration, or NULL if there is no such variable. */
const char *sim_scenario_variable(const struct sim_scenario *scenario, guint iteration, const char *name);

/* The effective scenario as a file that reproduces it, with -c and without; the caller's to g_free. */
char *sim_scenario_print(const struct sim_scenario *scenario);

#endif
