/* A PNE as an entity: its protocol machine, its CPU and its timer. It decides nothing. */
#ifndef CPNS_NODES_PNE_NODE_H
#define CPNS_NODES_PNE_NODE_H

#include "models/nodes/node_cpu.h"
#include "models/nodes/node_timer.h"
#include "models/nodes/world.h"
#include "models/protocol/pne.h"

struct pne_node {
	struct world *world;
	struct node_timer timer;
	uint32_t assignment; /* that the request under way, or the last one, belongs to */
	uint32_t device;     /* its own index */
	uint32_t medium;     /* entity of its PAN */
	struct node_cpu cpu;
	struct cpns_pne machine;
};

/* A PNE without a key; devices[device] is filled in, its `entity` set by the caller to what the engine returned. */
void pne_node_init(struct pne_node *node, struct world *world, uint32_t device, struct cpns_octets id,
		   const struct cost_profile *profile);
void pne_node_clear(struct pne_node *node);

/* No timer of it is running, and its CPU has nothing to do. */
bool pne_node_idle(const struct pne_node *node);

/* sim_handler; state: struct pne_node. */
bool pne_node_handle(void *state, struct sim_engine *engine, const struct sim_event *event);

#endif
