/* Step 0 on the PAN leg, before 6.3.2.1: pairing in two round trips, begun by the PN GW.
 *
 *   Pairing Request   (GWID, commitment to RAND_GW)  ->
 *                     <-  Pairing Response (EntityID, RAND_PNE)
 *   Pairing Opening   (RAND_GW, proof)               ->
 *                     <-  Pairing Confirmation (EntityID, proof)
 *
 * The commitment binds the PN GW to its nonce before it sees the PNE's; both proofs are under the key that results.
 * The PN GW counts the session's lifetime from its Opening, the PNE from when it handles that one. */
#ifndef CPNS_PROTOCOL_PAIRING_H
#define CPNS_PROTOCOL_PAIRING_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/env.h"
#include "models/protocol/leg.h"
#include "models/protocol/msg.h"
#include "models/protocol/out.h"
#include "models/protocol/rules.h"
#include "models/protocol/verdict.h"

/* Either end, and the PAN between them. */
struct cpns_pairer {
	const struct cpns_rules *rules;
	const struct cpns_env *env;
	struct cpns_octets gateway; /* PN GW's Entity ID; the PNE learns it from the request: n == 0 */
	struct cpns_octets pne;     /* PNE's Entity ID */
	uint32_t *exchanges;        /* for addressing draws: begun so far */
};

/* ---- the PN GW's side ---- */

struct cpns_pairing; /* under way */

/* Begins, with transactions of `bit` and the exchange's number: the request is in *out, to be sent to the PNE. The
 * caller's to free. */
struct cpns_pairing *cpns_pairing_begin(const struct cpns_pairer *who, uint32_t bit, struct cpns_out *out);
void cpns_pairing_free(struct cpns_pairing *p);

/* Takes an answer. *over: it has ended and `leg` has a session. */
enum cpns_verdict cpns_pairing_on_message(struct cpns_pairing *p, const struct cpns_pairer *who, int64_t now,
					  const struct cpns_msg *msg, struct cpns_leg *leg, bool *over,
					  struct cpns_out *out);

/* Has the Opening been repeated in vain? The PNE may hold another Request by now, a damaged one, or none: only a new
 * pairing helps then. */
bool cpns_pairing_in_vain(const struct cpns_pairing *p);

/* The deadline has come: sends again, or returns false when it is given up. */
bool cpns_pairing_on_time(struct cpns_pairing *p, const struct cpns_pairer *who, struct cpns_out *out);
int64_t cpns_pairing_deadline(const struct cpns_pairing *p);

/* ---- the PNE's side ---- */

struct cpns_paired; /* the pairing begun last, and what answers its duplicates; NULL: none */

/* A Pairing Request or Opening. The session that there is stays until a new one is proved. *paired is the PNE's, to
 * be freed by free(). */
enum cpns_verdict cpns_pairing_answer(struct cpns_paired **paired, const struct cpns_pairer *who, int64_t now,
				      const struct cpns_msg *msg, struct cpns_leg *leg, struct cpns_out *out);

#endif
