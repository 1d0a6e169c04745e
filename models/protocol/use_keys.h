/* Key material of EUKey sets and of EUKey use, as keys.h has that of assignment. */
#ifndef CPNS_PROTOCOL_USE_KEYS_H
#define CPNS_PROTOCOL_USE_KEYS_H

#include "models/protocol/keys.h"

/* F(x) = HMAC(x, "CPNS-CHAIN-1" || LP(EntityID)): from one key of a hash chain to its neighbour. Counted as a chain
 * hash, not as an HMAC. `from` and `to` may be the same. */
void cpns_chain_hash(struct cpns_work w, struct cpns_octets entity, const uint8_t from[CPNS_HASH],
		     uint8_t to[CPNS_HASH]);

/* One use of a key: the server's nonce, the entity's, and which key of a set it is. */
struct cpns_use_context {
	struct cpns_octets entity;
	const uint8_t *nonce, *rand; /* 16 each */
	uint32_t index;              /* 0: a single key, or one whose number the entity does not know */
};

/* T_use = HMAC(EUKey, "CPNS-USE-P" || LP(EntityID) || Nonce || RAND || KeyIndex)[0..15]; no KeyIndex where it is 0.
 */
void cpns_use_proof(struct cpns_work w, const uint8_t eukey[CPNS_HASH], const struct cpns_use_context *use,
		    uint8_t tag[CPNS_TAG]);

/* T_res = HMAC(key, "CPNS-USE-R" || LP(EntityID) || Nonce || RAND || Status || KeyIndex || KeyCount)[0..15]: the
 * server's. The key is the EUKey, or K_rsp after a digest; the last two, of the result, are there for a set alone. */
void cpns_use_result_proof(struct cpns_work w, const uint8_t key[CPNS_HASH], const struct cpns_use_context *use,
			   uint8_t status, struct cpns_octets key_index, struct cpns_octets key_count,
			   uint8_t tag[CPNS_TAG]);

#endif
