/* Restarts of nodes: at random times each PNE, PN GW or CPNS Server loses what it does not keep in non-volatile
 * memory, and is there again at once. The times are addressed by (node, number of the restart), so they depend on
 * nothing else.
 *
 * A restart is noticed when the node next handles an event; while it is at work, an event of its own makes sure that
 * this is at the very time. */
#ifndef CPNS_NODES_NODE_RESTART_H
#define CPNS_NODES_NODE_RESTART_H

#include "models/nodes/world.h"

/* Of one node. */
struct node_restart {
	sim_time next;  /* when it restarts */
	sim_time armed; /* when its event is due; SIM_NEVER: none */
	uint32_t k;     /* restarts so far */
};

/* The nodes of that kind begin to restart after times drawn from `interval`; numbers[0..n) are their stable numbers.
 * The caller's to free: world->restarts[kind].of. */
void node_restart_begin(struct world *world, enum node_kind kind, const struct sim_variate *interval, uint32_t n,
			const uint64_t *numbers);

/* Has the node restarted since this was last asked? Nodes of that kind must do so at all (`of` is not NULL). */
bool node_restart_due(struct world *world, enum node_kind kind, uint32_t index, uint64_t number);

/* The node is at work: it gets EVENT_RESTART when it next restarts. */
void node_restart_arm(struct world *world, enum node_kind kind, uint32_t index, uint32_t entity);

#endif
