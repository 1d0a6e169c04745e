/* When devices wake up to use their EUKeys: at intervals, from the end of a device's first assignment on. */
#ifndef CPNS_NODES_WAKING_H
#define CPNS_NODES_WAKING_H

#include "models/nodes/world.h"

/* What a run remembers of a device's waking and uses. */
struct waking {
	uint32_t wakes; /* wake-ups planned so far; 0: it has not begun */
	uint32_t uses;  /* begun so far */
	uint32_t use;   /* number in the ledger of the last one, NO_ASSIGNMENT before */
	bool busy;      /* with what it woke up for, and not with what its user wants */
};

/* Plans the next wake-up of a device: EVENT_WAKE for its entity, after an interval that is addressed by the device
 * and how many it has had. `sender`: the entity that calls. */
void waking_plan(struct world *world, uint32_t device, uint32_t sender);

/* What a device was busy with has ended: plans its first wake-up if that is still to come. False if it was what the
 * device had woken up for. */
bool waking_ended(struct world *world, uint32_t device, uint32_t sender);

/* The device of a node has woken up and wants to use its key, or, where there is none to use, an assignment; the user
 * sees to it that it does one thing at a time. */
void waking_want(struct world *world, uint32_t device, bool needs_key);

#endif
