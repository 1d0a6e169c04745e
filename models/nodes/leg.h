/* Sending over a leg: the one place where packets go into hops, whoever sends. What a hop makes of a packet is
 * settled here: it is counted, arrives, arrives twice, or is released. */
#ifndef CPNS_NODES_LEG_H
#define CPNS_NODES_LEG_H

#include "models/network/hop.h"
#include "models/nodes/world.h"

/* One direction of a leg of a PN GW, from an entity to another. */
struct leg_way {
	enum leg leg;
	enum node_kind from, to; /* kinds of the two ends, for accounts */
	enum node_event event;   /* that the receiver gets */
	enum purpose purpose;    /* of the draws for messages this way */
	enum purpose own;        /* of those about the hop itself */
	enum purpose link;       /* of those about the link, both ways of it: when it is out */
	uint64_t gateway;        /* stable number of the PN GW */
	struct hop *hop;
	const struct hop_figures *figures;
	uint32_t sender, receiver; /* entities */
};

/* Sends the packet now; its handle is given away. Returns what it put on the air, among other things. */
struct hop_fate leg_send(struct world *world, const struct leg_way *way, uint32_t packet);

#endif
