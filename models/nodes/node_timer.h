/* The timer of a node. */
#ifndef CPNS_NODES_NODE_TIMER_H
#define CPNS_NODES_NODE_TIMER_H

#include "models/nodes/world.h"

/* A timer that moves without being cancelled: at most one wake-up event is useful, and an early one finds the
 * deadline moved and sleeps again. */
struct node_timer {
	sim_time armed; /* when the wake-up event is due; SIM_NEVER: none */
};

/* Makes sure that `entity` gets EVENT_TIMER with `payload` not later than `deadline`. */
void node_timer_arm(struct world *world, struct node_timer *timer, uint32_t entity, uint32_t payload,
		    sim_time deadline);

/* The wake-up event has come: has the deadline? If not, arms the timer for it. */
bool node_timer_due(struct world *world, struct node_timer *timer, uint32_t entity, uint32_t payload,
		    sim_time deadline);

#endif
