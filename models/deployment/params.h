/* The parameters of a CPNS deployment: one row each. */
#ifndef CPNS_DEPLOYMENT_PARAMS_H
#define CPNS_DEPLOYMENT_PARAMS_H

#include "sim/study/param.h"

#define CPNS_N_PARAMS 99

extern const struct sim_param cpns_params[CPNS_N_PARAMS];

#endif
