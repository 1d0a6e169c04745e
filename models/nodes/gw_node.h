/* A PN GW as an entity: its protocol machine, its CPU, a timer for each task, and the hop towards the CPNS Server. */
#ifndef CPNS_NODES_GW_NODE_H
#define CPNS_NODES_GW_NODE_H

#include "models/network/hop.h"
#include "models/nodes/node_cpu.h"
#include "models/nodes/node_timer.h"
#include "models/nodes/world.h"
#include "models/protocol/gw.h"

/* What the node keeps for one PNE, or for the PN GW itself. */
struct gw_slot {
	struct node_timer timer;
	uint32_t assignment; /* of the task under way, or of the last one; a task begins with the user, or with the
				use that asks for the next key */
	bool active;         /* there is one */
	bool mistyped;       /* it is about a mistyped Entity ID, and the user sees to its end */
	uint8_t tries;       /* at typing, for that assignment */
};

/* What most events look at comes first, in one cache line. */
struct gw_node {
	struct world *world;
	struct gw_slot *slots;           /* by PNE number; lent */
	uint64_t number;                 /* stable number */
	uint32_t gateway;                /* its index */
	uint32_t device, first_pne;      /* devices: its own, if it takes part, and that of its first PNE */
	uint32_t entity, medium, server; /* in the engine: itself, its PAN, the CPNS Server */
	struct node_cpu cpu;
	struct cpns_gw machine;
	const struct hop_figures *figures; /* of the WAN hop; lent */
	struct hop hop;
	struct gw_slot self;
};

/* sim_handler; state: struct gw_node. */
bool gw_node_handle(void *state, struct sim_engine *engine, const struct sim_event *event);

#endif
