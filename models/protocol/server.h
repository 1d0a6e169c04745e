/* The CPNS Server: registers users, authenticates them, creates EUKeys and hands them out (6.3.1 steps 3, 9 to
 * 11; 6.3.2.1 steps 2, 10 to 12; 6.3.2.2 steps 2 to 5; 6.3.3 steps 4 to 6). It answers and never asks, so it has no
 * timers. Its state lies in the store that it is lent. */
#ifndef CPNS_PROTOCOL_SERVER_H
#define CPNS_PROTOCOL_SERVER_H

#include <stdint.h>

#include "models/protocol/bootstrap.h"
#include "models/protocol/env.h"
#include "models/protocol/keyring.h"
#include "models/protocol/out.h"
#include "models/protocol/rules.h"
#include "models/protocol/store.h"
#include "models/protocol/verdict.h"

struct cpns_server {
	const struct cpns_rules *rules; /* lent */
	const struct cpns_env *env;     /* lent */
	const struct cpns_store *store; /* lent */
	uint8_t secret[CPNS_HASH];      /* its own, for the nonces of challenges: set by the host */
	struct cpns_answer_log answers;
	uint64_t keys_issued;
	uint64_t pending_dropped; /* pending EUKeys that a ninth one pushed out */
};

void cpns_server_init(struct cpns_server *server, const struct cpns_rules *rules, const struct cpns_env *env,
		      const struct cpns_store *store);

/* The server starts again: the answers that it has given are forgotten. The store survives; the sessions are the
 * host's to clear. */
void cpns_server_restart(struct cpns_server *server);

/* Forgets the answers: the records of the store and the sessions that have some cannot be used any more. */
void cpns_server_clear(struct cpns_server *server);

/* A message from a PN GW. The answer, if any, goes back to it. */
enum cpns_verdict cpns_server_on_message(struct cpns_server *server, int64_t now, struct cpns_session *from,
					 const uint8_t *buf, size_t n, struct cpns_out *out);

#endif
