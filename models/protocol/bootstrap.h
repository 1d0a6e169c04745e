/* Step 0 on the WAN leg: three round trips, begun by the PN GW. Two bootstrap (TS 33.220, interface Ub; the CPNS
 * Server plays the bootstrapping function too), one opens a session with the server (Ua):
 *
 *   Bootstrapping Request  (GWID, RAND_GW)          ->
 *                          <-  Bootstrapping Challenge (RAND, AUTN)
 *   Bootstrapping Answer   (GWID, RES)              ->
 *                          <-  Bootstrapping Result (B-TID = RAND, Lifetime)
 *   Session Request        (B-TID, RAND_GW, proof)  ->
 *                          <-  Session Response (Lifetime, proof)
 *
 * The session key is Ks_NAF. The PN GW counts the session's lifetime from its Session Request, the server from when
 * it handles that one, so that as a rule the PN GW sees it expire first. */
#ifndef CPNS_PROTOCOL_BOOTSTRAP_H
#define CPNS_PROTOCOL_BOOTSTRAP_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/answers.h"
#include "models/protocol/env.h"
#include "models/protocol/leg.h"
#include "models/protocol/msg.h"
#include "models/protocol/out.h"
#include "models/protocol/rules.h"
#include "models/protocol/verdict.h"

/* ---- the PN GW's side ---- */

struct cpns_bootstrap; /* under way */

/* The PN GW that bootstraps. */
struct cpns_bootstrapper {
	const struct cpns_rules *rules;
	const struct cpns_env *env;
	struct cpns_octets id;  /* its Entity ID: the IMPI */
	const uint8_t *secret;  /* K */
	uint32_t *exchanges;    /* for addressing draws: how many have been begun about the same device */
	uint32_t *transactions; /* of the PN GW about itself, so far; see cpns_gw */
};

/* Begins: the request is in *out. The caller's to free. */
struct cpns_bootstrap *cpns_bootstrap_begin(const struct cpns_bootstrapper *who, struct cpns_out *out);
void cpns_bootstrap_free(struct cpns_bootstrap *b);

/* Takes an answer. *over: it has ended; ACCEPTED then: `leg` has a session. */
enum cpns_verdict cpns_bootstrap_on_message(struct cpns_bootstrap *b, const struct cpns_bootstrapper *who,
					    int64_t now, const struct cpns_msg *msg, struct cpns_leg *leg, bool *over,
					    struct cpns_out *out);

/* The deadline has come: sends again, or returns false when it is given up. */
bool cpns_bootstrap_on_time(struct cpns_bootstrap *b, const struct cpns_bootstrapper *who, struct cpns_out *out);
int64_t cpns_bootstrap_deadline(const struct cpns_bootstrap *b);

/* ---- the server's side ---- */

struct cpns_bootstrapped; /* RAND and Ks of the bootstrapping last begun */

/* A PN GW as the server sees it: where its messages come from, and the session of its WAN leg. The host keeps one for
 * each PN GW; the server machine changes it. */
struct cpns_session {
	uint32_t gateway;      /* the host's number of it */
	struct cpns_octets id; /* its Entity ID, lent */
	struct cpns_leg leg;
	struct cpns_bootstrapped *bootstrapped;
	cpns_answers answers; /* to its messages of step 0, and its registrations */
};

/* Frees what the server machine keeps in it. */
void cpns_session_clear(struct cpns_session *session);

/* A message of step 0 that has not been answered yet: *reply, which has only a transaction so far, is the answer, its
 * values in `values`. Its type stays 0 where there is none: the PN GW is not the one it says, or no subscriber. */
struct cpns_bootstrap_values {
	uint8_t status, rand[16], tag[CPNS_TAG], lifetime[8];
};
enum cpns_verdict cpns_bootstrap_serve(const struct cpns_rules *rules, const struct cpns_env *env,
				       struct cpns_session *from, int64_t now, const struct cpns_msg *msg,
				       struct cpns_msg *reply, struct cpns_bootstrap_values *values,
				       struct cpns_ops *ops);

#endif
