/* The timer of a node. */
#ifndef CPNS_NODES_NODE_TIMER_H
#define CPNS_NODES_NODE_TIMER_H

#include "models/nodes/world.h"

struct node_timer {
	uint32_t set; /* the engine's; 0: it is not set */
};

/* Lets `entity` get EVENT_TIMER with `payload` at the deadline, and not at the one before; SIM_NEVER: not at all. */
void node_timer_set(struct world *world, struct node_timer *timer, uint32_t entity, uint32_t payload,
		    sim_time deadline);

/* To be called first when EVENT_TIMER has come. */
void node_timer_came(struct node_timer *timer);

#endif
