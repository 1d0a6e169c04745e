/* What a scenario says of the key store (store.*), for blueprint.c. */
#ifndef CPNS_DEPLOYMENT_BLUEPRINT_STORE_H
#define CPNS_DEPLOYMENT_BLUEPRINT_STORE_H

#include "models/store/contention.h"
#include "sim/study/param.h"

/* False with *error (file, line, key, reason, remedy) when the values cannot be built from; the figures can be
 * cleared in either case. */
bool blueprint_read_store(struct store_figures *figures, const struct sim_values *values, GError **error);
void blueprint_clear_store(struct store_figures *figures);

#endif
