/* A scenario's values, resolved into what a deployment is built from: rules, link figures, cost profiles, workload.
 * Made once per iteration, shared by its replications, never changed. */
#ifndef CPNS_DEPLOYMENT_BLUEPRINT_H
#define CPNS_DEPLOYMENT_BLUEPRINT_H

#include <glib.h>
#include <stdbool.h>

#include "models/crypto/cost.h"
#include "models/deployment/topology.h"
#include "models/energy/energy.h"
#include "models/network/preset.h"
#include "models/nodes/ledger.h"
#include "models/nodes/server_node.h"
#include "models/nodes/typing.h"
#include "models/nodes/workload_node.h"
#include "models/protocol/rules.h"
#include "models/store/contention.h"
#include "sim/kernel/variate.h"
#include "sim/study/param.h"

/* The links of one leg: every preset with the scenario's overrides, and the mix that a PN GW draws from. */
struct blueprint_links {
	struct link_preset *effective; /* one per preset of the leg, in the order of link_preset_names */
	guint n;
	struct sim_mix mix; /* n == 0: each PN GW names its own */
};

enum registration {
	REGISTRATION_NONE,
	REGISTRATION_GATEWAY,
	REGISTRATION_EXTERNAL,
};

struct blueprint {
	bool steady;
	sim_time limit;  /* SIM_NEVER: none */
	sim_time warmup; /* 0: none, or to be found by a pilot */
	sim_time period; /* of time series; 0: none */
	bool counted;    /* crypto.mode */

	struct topology *fixed; /* of a CSV file; NULL: generated */
	struct topology_shape shape;
	int flow; /* enum flow; -1: auto */
	enum registration registration;
	struct cpns_rules rules;
	bool ids_are_typed; /* pne.entity-id */
	struct typing typing;

	struct blueprint_links links[LEGS];
	struct sim_mix pne_class, gateway_class, server_class;

	bool uses; /* chain.advance: entities wake up and use their keys */
	struct sim_variate wake_interval;

	enum arrivals arrivals;
	sim_time storm_window;
	bool surges; /* beside poisson arrivals, a storm at the start */
	sim_time surge_window;
	double rate;
	struct sim_variate think; /* of ARRIVALS_CLOSED */
	GArray *trace;            /* of struct trace_arrival, in order of time; NULL: arrivals are no trace */

	struct energy_table *energy;
	bool restarts[KINDS]; /* fault.pne.restart-interval, fault.gateway.restart-interval,
				 fault.server.restart-interval */
	struct sim_variate restart_interval[KINDS];

	uint32_t workers;
	bool has_service; /* server.service is a distribution */
	struct sim_variate service;
	struct store_figures store;
	struct server_policies policies;
	bool cold_start; /* of the verifiers that are in place */
};

/* Does a PN GW of this kind get an EUKey of its own; do PNEs? */
bool blueprint_gateways_take_part(const struct blueprint *blueprint, bool smartcard);
bool blueprint_pnes_take_part(const struct blueprint *blueprint);

/* NULL with *error (file, line, key, reason, remedy) when the values cannot be built from. The caller's to free. */
struct blueprint *blueprint_new(const struct sim_values *values, GError **error);
void blueprint_free(struct blueprint *blueprint);

/* The preset with the scenario's overrides: of that name, or drawn from the mix by u in (0, 1). */
const struct link_preset *blueprint_link(const struct blueprint *blueprint, enum leg leg, const char *name, double u);

/* The cost profile of that class, or drawn from `mix`. */
const struct cost_profile *blueprint_class(const struct sim_mix *mix, const char *name, double u);

#endif
