/* The PAN of a PN GW: one medium that the PN GW and its PNEs share in both directions. */
#ifndef CPNS_NODES_PAN_MEDIUM_H
#define CPNS_NODES_PAN_MEDIUM_H

#include "models/network/hop.h"
#include "models/nodes/world.h"

struct pan_medium {
	struct world *world;
	const struct hop_figures *figures; /* lent */
	bool shared;                       /* false: messages never wait for each other */
	struct hop hop;
	uint64_t number;      /* stable number of the PN GW */
	uint32_t entity;      /* of the medium */
	uint32_t gateway;     /* entity of the PN GW */
	const uint32_t *pnes; /* entities of the PNEs, by number at the PN GW; lent */
};

/* sim_handler; state: struct pan_medium. */
bool pan_medium_handle(void *state, struct sim_engine *engine, const struct sim_event *event);

#endif
