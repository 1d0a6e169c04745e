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
	uint64_t number; /* stable number of the PN GW */
	uint32_t entity; /* of the medium: just before it stands the PN GW, just behind it stand its PNEs */
	uint32_t inside; /* number of the PNE that is one device with the PN GW, or NOBODY_INSIDE */
};

#define NOBODY_INSIDE UINT32_MAX

/* sim_handler; state: struct pan_medium. */
bool pan_medium_handle(void *state, struct sim_engine *engine, const struct sim_event *event);

#endif
