/* How the draws of a hop are addressed: by the message, never consumed in sequence. An address holds how many
 * messages of its type a hop has been given for a device's assignment. Assignments of a device follow each other;
 * what comes late of an earlier one is numbered apart. */
#ifndef CPNS_NODES_HOP_COUNTS_H
#define CPNS_NODES_HOP_COUNTS_H

#include <stdint.h>

#include "sim/kernel/pool.h"
#include "sim/kernel/stream.h"

struct world;
struct packet;

/* The counts of a run. A device has some while anybody works on an assignment of it or a packet of it is on its way:
 * afterwards only a newer assignment can follow, which begins at zero. */
struct hop_counts {
	struct sim_pool *pool;
	void *late; /* GHashTable: device and hop -> messages that came late */
};

void hop_counts_init(struct hop_counts *counts);
void hop_counts_clear(struct hop_counts *counts);

/* One more, or one less, that needs the counts of a device: an assignment that is worked on, or a packet. */
void hop_counts_hold(struct world *world, uint32_t device);
void hop_counts_let_go(struct world *world, uint32_t device);

/* Makes the address of the draws for `packet` at a hop of PN GW `gateway` (a stable number), and counts it. `purpose`
 * is that of the hop: PURPOSE_PAN_UP to PURPOSE_WAN_DOWN. */
struct sim_address hop_address(struct world *world, uint8_t purpose, uint64_t gateway, struct packet *packet);

#endif
