/* One end's view of a leg: the secret that step 0 starts from, and the session that it made. */
#ifndef CPNS_PROTOCOL_LEG_H
#define CPNS_PROTOCOL_LEG_H

#include <stdint.h>

#include "models/protocol/env.h"
#include "models/protocol/rules.h"

struct cpns_leg_session;

struct cpns_leg {
	const uint8_t *secret; /* 32 octets, lent: the subscriber's key on the WAN leg, what pairing needs on the PAN
				* leg; NULL: none. Where step 0 was done long ago, this is the session key itself. */
	struct cpns_leg_session *session; /* made by step 0; NULL: none */
};

/* The key that protects the leg now, 32 octets; NULL: there is no session, or it has expired. */
const uint8_t *cpns_leg_key(const struct cpns_leg *leg, const struct cpns_rules *rules, int64_t now);

/* Step 0 has made a session: valid before `expires`, in place of the one before. */
void cpns_leg_up(struct cpns_leg *leg, const uint8_t key[CPNS_HASH], int64_t expires);

/* The session is gone. */
void cpns_leg_down(struct cpns_leg *leg);

#endif
