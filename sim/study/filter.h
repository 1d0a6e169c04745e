/* Which runs `-r` takes. */
#ifndef SIM_STUDY_FILTER_H
#define SIM_STUDY_FILTER_H

#include "sim/study/scenario.h"

struct sim_filter;

/* NULL with SIM_SCENARIO_ERROR for a filter of no known form, a run that does not exist, or an unknown name. */
struct sim_filter *sim_filter_new(const struct sim_scenario *scenario, const char *text, GError **error);
void sim_filter_free(struct sim_filter *filter);

bool sim_filter_takes(const struct sim_filter *filter, guint iteration, guint replication);

#endif
