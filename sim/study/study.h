/* What every study has, whatever its model: the rows for it, and what no single row can check. */
#ifndef SIM_STUDY_STUDY_H
#define SIM_STUDY_STUDY_H

#include "sim/study/metric.h"
#include "sim/study/param.h"

extern const struct sim_param sim_study_params[];
extern const size_t sim_study_n_params;

/* Refuses a warm-up in a terminating study, a precision that says nothing, is of no metric or cannot be reached, and
 * a period without length. `metrics`: the model's. */
bool sim_study_check(const struct sim_values *values, const struct sim_known_metric *metrics, GError **error);

#endif
