/* Arrivals from a CSV file: columns `time` (a duration since the start of the run; a plain number is in seconds) and
 * `device` (the Entity ID of a PNE or a PN GW), rows in any order. */
#ifndef CPNS_DEPLOYMENT_TRACE_H
#define CPNS_DEPLOYMENT_TRACE_H

#include "models/deployment/blueprint.h"

struct trace_arrival {
	sim_time time;
	uint32_t gateway; /* index in the topology */
	uint32_t pne;     /* index at that PN GW; CPNS_GW_SELF: the PN GW itself */
};

/* An array of struct trace_arrival in order of time, equal times in the order of their rows. Every device is one of
 * the blueprint's topology, which must be read before, and takes part in its flow; where the topology is drawn, in
 * every replication. NULL with SIM_SCENARIO_ERROR, which names file, line and column. */
GArray *trace_parse(const struct blueprint *blueprint, const char *path, const char *text, gsize n, GError **error);

#endif
