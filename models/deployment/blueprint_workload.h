/* What a scenario says of the arrivals (workload.*), for blueprint.c. */
#ifndef CPNS_DEPLOYMENT_BLUEPRINT_WORKLOAD_H
#define CPNS_DEPLOYMENT_BLUEPRINT_WORKLOAD_H

#include "models/deployment/blueprint.h"

/* False with *error (file, line, key, reason, remedy) when the values cannot be built from. */
bool blueprint_read_workload(struct blueprint *b, const struct sim_values *values, GError **error);

/* Once the topology is there, for its devices are what the rows of a trace name. */
bool blueprint_read_trace(struct blueprint *b, const struct sim_values *values, GError **error);

#endif
