/* How the draws of a hop are addressed: by the message, never consumed in sequence. */
#ifndef CPNS_NODES_HOP_COUNTS_H
#define CPNS_NODES_HOP_COUNTS_H

#include "models/nodes/world.h"

/* How many messages of each type of one device's assignment a hop has been given. Assignments of a device follow each
 * other; what comes late of an earlier one is numbered apart. */
struct hop_counts {
	uint32_t assignment;
	uint16_t late;
	uint16_t count[CPNS_TYPE_SLOTS];
};

/* Makes the address of the draws for `packet` at a hop of PN GW `gateway` (a stable number), and counts it. */
struct sim_address hop_address(struct world *world, struct hop_counts *counts, enum purpose purpose, uint64_t gateway,
			       struct packet *packet);

#endif
