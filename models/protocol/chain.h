/* An EUKey set in the hands of one who can yield every key of it: the CPNS Server that made it, and the PN GW that it
 * travelled to (6.3.2.2 steps 3 and 5). Keys count from 1, and K_1 is issued first.
 *
 * A hash chain has F between neighbours (cpns_chain_hash): K_(i-1) = F(K_i) with K_n random in the safe order of
 * Lamport, K_(i+1) = F(K_i) with K_1 random in the other. The random one is the seed. Independent keys have none. */
#ifndef CPNS_PROTOCOL_CHAIN_H
#define CPNS_PROTOCOL_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/env.h"
#include "models/protocol/keys.h"
#include "models/protocol/rules.h"

struct cpns_chain;

/* The hash chain of `n` keys (n > 1) with that seed, as rules->strategy holds it: `store-all` hashes n - 1 times now
 * and never again, `seed` not now. The caller's to free. */
struct cpns_chain *cpns_chain_from_seed(struct cpns_work w, const struct cpns_chain_rules *rules,
					struct cpns_octets entity, uint32_t n, const uint8_t seed[CPNS_HASH]);

/* The set of the n keys (n > 1) that lie side by side, K_1 first; of a hash chain `seed` holds on to one of them. */
struct cpns_chain *cpns_chain_from_keys(const struct cpns_chain_rules *rules, uint32_t n, const uint8_t *keys);

void cpns_chain_free(struct cpns_chain *chain);

/* Key number i, 1 <= i <= n (asserted). With `seed` it takes n - i hashes (i - 1 in the unsafe order). */
void cpns_chain_key(const struct cpns_chain *chain, struct cpns_work w, struct cpns_octets entity, uint32_t i,
		    uint8_t key[CPNS_HASH]);

/* All keys, side by side, K_1 first: n times CPNS_HASH octets. With `seed` it takes n - 1 hashes. */
void cpns_chain_keys(const struct cpns_chain *chain, struct cpns_work w, struct cpns_octets entity, uint8_t *keys);

/* How many keys there are, and how many of them are held. */
uint32_t cpns_chain_length(const struct cpns_chain *chain);
uint32_t cpns_chain_cells(const struct cpns_chain *chain);

/* What a holder of K_i, and of nothing else, can say of an alleged K_j of the same hash chain: j > i, j - i <=
 * rules->window, and F^(j-i) leads from one to the other. Takes j - i hashes at most, none where that is beyond the
 * window. Of independent keys it can only say that j > i and j - i <= window. */
bool cpns_chain_follows(struct cpns_work w, const struct cpns_chain_rules *rules, struct cpns_octets entity,
			const uint8_t held[CPNS_HASH], uint32_t i, const uint8_t next[CPNS_HASH], uint32_t j);

#endif
