/* CPNS as a model to study. */
#ifndef CPNS_DEPLOYMENT_MODEL_H
#define CPNS_DEPLOYMENT_MODEL_H

#include "sim/study/model.h"

extern const struct sim_model cpns_model;

#endif
