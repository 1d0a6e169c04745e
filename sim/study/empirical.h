/* The table of an empirical distribution as CSV: a column `value`, and perhaps `weight` (without: 1 each). */
#ifndef SIM_STUDY_EMPIRICAL_H
#define SIM_STUDY_EMPIRICAL_H

#include <glib.h>

#include "sim/study/parse.h"

/* A duration's values have units, a count's are plain numbers; weights are plain numbers from 0. Rows in any order,
 * values more than once. NULL with SIM_SCENARIO_ERROR, which names file, line and column. The caller's to
 * sim_empirical_free. */
struct sim_empirical *empirical_parse(const char *path, const char *text, gsize n, enum sim_dist dist,
				      GError **error);

#endif
