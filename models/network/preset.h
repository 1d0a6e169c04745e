/* Link presets: named sets of hop figures, as data with a source per figure (topologies/profiles/links.csv). */
#ifndef CPNS_NETWORK_PRESET_H
#define CPNS_NETWORK_PRESET_H

#include <stdbool.h>

#include "models/network/hop.h"

enum link_leg {
	LINK_PAN,
	LINK_WAN,
};

struct link_preset {
	const char *name;
	struct hop_figures
	    up; /* towards the CPNS Server; the only one of a PAN, whose medium both directions share */
	struct hop_figures down; /* equal to `up` for a PAN */
	bool shared; /* a medium that all devices of a PN GW share; false: messages never wait for each other */
};

/* The preset of that leg by its name, or NULL. `ideal` is one of either. Never freed; read by several threads. */
const struct link_preset *link_preset_find(enum link_leg leg, const char *name);

/* The names of a leg's presets, NULL-terminated: in the order of their numbers (hop_figures.preset). */
const char *const *link_preset_names(enum link_leg leg);

#endif
