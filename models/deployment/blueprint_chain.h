/* What a scenario says of EUKey sets and their use (chain.*), for blueprint.c. Both return false with *error (file,
 * line, key, reason, remedy) when the values contradict each other or are not available. */
#ifndef CPNS_DEPLOYMENT_BLUEPRINT_CHAIN_H
#define CPNS_DEPLOYMENT_BLUEPRINT_CHAIN_H

#include "models/deployment/blueprint.h"

/* How sets are made, held and carried. */
bool blueprint_read_chain(struct cpns_chain_rules *chain, const struct sim_values *v, GError **error);

/* chain.advance: whether and how often entities wake up and use their keys. */
bool blueprint_read_advance(struct blueprint *b, const struct sim_values *v, GError **error);

#endif
