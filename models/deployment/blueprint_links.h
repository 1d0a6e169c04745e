/* What a scenario says of the legs (pan.*, wan.*, fault.pan.*, fault.wan.*), and of mixes of names, for blueprint.c.
 */
#ifndef CPNS_DEPLOYMENT_BLUEPRINT_LINKS_H
#define CPNS_DEPLOYMENT_BLUEPRINT_LINKS_H

#include "models/deployment/blueprint.h"

/* Fills in b->links[leg]; b->flow is there. False with *error (file, line, key, reason, remedy) when the values
 * cannot be built from. */
bool blueprint_read_links(struct blueprint *b, enum leg leg, const struct sim_values *values, GError **error);

/* Copies the mix of that key, whose names must all be among `names`; leaves *mix alone if the key is not set. False
 * with *error. The copy is freed by blueprint_free_mix. */
bool blueprint_read_mix(struct sim_mix *mix, const struct sim_values *values, const char *key,
			const char *const *names, GError **error);
void blueprint_free_mix(struct sim_mix *mix);

#endif
