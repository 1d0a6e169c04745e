/* The EUKey set of a PNE in the hands of its PN GW, which delivers it key by key (6.3.2.2 steps 5 and 6): K_1 when
 * the set has come, and each time that the PNE has used one the next, as the server's UseResult says. The
 * notification of K_i has the i-th of the Counters that the server has set aside for this set. */
#ifndef CPNS_PROTOCOL_DELIVERY_H
#define CPNS_PROTOCOL_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/chain.h"
#include "models/protocol/keys.h"
#include "models/protocol/msg.h"
#include "models/protocol/rules.h"

struct cpns_delivery {
	struct cpns_chain *chain;
	uint8_t tk[64]; /* Temporary Key of the PNE */
	size_t tk_n;
	uint64_t counter;   /* of K_1's notification */
	uint32_t delivered; /* number of the key that was put on the PAN last */
	uint32_t cells_max; /* most keys held at once, for this PNE, so far */
};

/* Does a successful response hold keys of the kind and number that the PN GW asks for? */
bool cpns_delivery_complete(const struct cpns_rules *rules, const struct cpns_msg *response);

/* Takes over the set in a complete response, in place of an older one; *at is made where there is none yet. */
void cpns_delivery_take(struct cpns_delivery **at, struct cpns_work w, const struct cpns_rules *rules,
			struct cpns_octets entity, const struct cpns_msg *response);
void cpns_delivery_free(struct cpns_delivery *delivery);

/* Which key does this UseResult ask for? 0: none, or one that has been delivered, or one so far ahead that the result
 * cannot be about this set, of which the PNE holds no key later than the one delivered last. NULL: 0. */
uint32_t cpns_delivery_asked(const struct cpns_delivery *delivery, const struct cpns_rules *rules,
			     const struct cpns_msg *result);

#endif
