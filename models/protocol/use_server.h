/* The CPNS Server's side of EUKey use (use.h): challenges an entity, and judges its proof by the keys that it holds
 * of it, or by its owner's password (C281). A proof by a pending key is that key's confirmation. Part of server.h: no
 * host calls it. */
#ifndef CPNS_PROTOCOL_USE_SERVER_H
#define CPNS_PROTOCOL_USE_SERVER_H

#include <stdint.h>

#include "models/protocol/msg.h"
#include "models/protocol/out.h"
#include "models/protocol/server.h"
#include "models/protocol/store.h"
#include "models/protocol/verdict.h"

/* Takes a UseRequest or UseProof that has not been answered yet; `entity` is its sender's record, NULL: unknown. */
enum cpns_verdict cpns_use_server_take(struct cpns_server *server, int64_t now, struct cpns_entity *entity,
				       const struct cpns_msg *msg, struct cpns_out *out);

#endif
