/* What every study has, whatever its model: the rows for it, and what no single row can check. */
#ifndef SIM_STUDY_STUDY_H
#define SIM_STUDY_STUDY_H

#include "sim/study/param.h"

extern const struct sim_param sim_study_params[];
extern const size_t sim_study_n_params;

/* Refuses a warm-up in a terminating study, a precision that says nothing or cannot be reached, and a period without
 * length. */
bool sim_study_check(const struct sim_values *values, GError **error);

#endif
