/* An EUKeyAssignmentRequest that an entity makes for itself, from the first octets to the EUKey: what the PNE
 * of 6.3.1, the PNE of 6.3.2.1 and the PN GW of 6.3.3 have in common. Digest challenge round or single round, literal
 * or with MACs. */
#ifndef CPNS_PROTOCOL_ASKING_H
#define CPNS_PROTOCOL_ASKING_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/env.h"
#include "models/protocol/msg.h"
#include "models/protocol/out.h"
#include "models/protocol/rules.h"
#include "models/protocol/verdict.h"

struct cpns_asking;

/* The entity that asks. */
struct cpns_asker {
	const struct cpns_rules *rules;
	const struct cpns_env *env;
	struct cpns_octets id;
	uint32_t *exchanges; /* how many it has begun so far */
};

/* Begins for a user who has just typed ID and password (6.3.1 step 7, 6.3.3 step 3). The caller's to free. */
struct cpns_asking *cpns_asking_by_user(const struct cpns_asker *asker, struct cpns_octets user,
					struct cpns_octets password, struct cpns_out *out);

/* Begins for a verified trigger, in its transaction (6.3.2.1 step 8). The caller's to free. */
struct cpns_asking *cpns_asking_by_trigger(const struct cpns_asker *asker, struct cpns_octets user,
					   const uint8_t pwh[CPNS_HASH], uint32_t transaction,
					   const uint8_t rand_t[16], struct cpns_out *out);

void cpns_asking_free(struct cpns_asking *asking);

/* Takes a response. ACCEPTED with *over set: `eukey` now holds the key. *over is also set by a final refusal;
 * otherwise the request goes on. */
enum cpns_verdict cpns_asking_on_response(struct cpns_asking *asking, const struct cpns_asker *asker,
					  const struct cpns_msg *msg, uint8_t eukey[CPNS_HASH], bool *over,
					  struct cpns_out *out);

/* *msg, a response, says that the server is busy. */
enum cpns_verdict cpns_asking_hold_off(struct cpns_asking *asking, const struct cpns_asker *asker, int64_t now,
				       const struct cpns_msg *msg);

/* The deadline has come: sends again, or returns false when it is given up. */
bool cpns_asking_on_time(struct cpns_asking *asking, const struct cpns_asker *asker, struct cpns_out *out);

/* Sends the same octets once more without touching the timer. */
void cpns_asking_resend(struct cpns_asking *asking, struct cpns_out *out);

/* Is it in the transaction of this message? When does what it sent last leave the CPU? When does it want to run next?
 */
bool cpns_asking_matches(const struct cpns_asking *asking, const struct cpns_msg *msg);
int64_t cpns_asking_leaves(const struct cpns_asking *asking);
int64_t cpns_asking_deadline(const struct cpns_asking *asking);

#endif
