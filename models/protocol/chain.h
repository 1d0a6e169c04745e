/* An EUKey set in the hands of one who can yield every key of it: the CPNS Server that made it, and the PN GW that it
 * travelled to (6.3.2.2 steps 3 and 5). Keys count from 1, and K_1 is issued first.
 *
 * A hash chain has F between neighbours (cpns_chain_hash): K_(i-1) = F(K_i) with K_n random in the safe order of
 * Lamport, K_(i+1) = F(K_i) with K_1 random in the other. The random one is the seed. Independent keys have none.
 *
 * What holding a chain of n keys takes in the safe order, in cells of a key each and in hashes F: to make it, for K_1
 * on top of that, for each key from then on at most, and for all keys K_2 ... K_n that are asked for in order.
 * k = ceil(log2 n); m = ceil(n / s) checkpoints in a spacing of s (s <= n; above, as if it were n).
 *
 *   strategy    cells       to make it  for K_1  for one, at most  for K_2 ... K_n together
 *   store-all   n           n - 1       0        0                 0
 *   seed        1           0           n - 1    n - 2             (n - 1)(n - 2) / 2
 *   checkpoint  m + s - 1   n - s       s - 1    s - 1             n - m - (s - 1)
 *   pebble      k           n - 2       1        ceil(k / 2)       (k - 2) 2^(k-1) + 1 where n = 2^k, else less
 *
 * The pebbles are Schoenmakers' (Explicit Optimal Binary Pebbling for One-Way Hash Chain Reversal, FC 2016, ePrint
 * 2014/329). Keys out of order are right too, and cost this:
 *
 *   again, the last one   nothing; `seed` what it cost, `pebble` 1 for K_1
 *   ahead                 `checkpoint` as in order; `pebble` as if those between had been asked for, but at most the
 *                         way down from K_n if that is shorter than the gap
 *   back                  the way from the nearest key held: with `pebble` at most as many as it lies back, with
 *                         `checkpoint` at most s - 1. When such ways have cost what it would take to begin anew
 *                         there (n - i; s - 1), the holder does that, and goes on in order.
 *
 * In the unsafe order `store-all` and `seed` (i - 1 for K_i) are as above, and the other two are the same: two cells,
 * the seed and the key that came last, no hash to make it, 1 for the next key, and i - 1 for K_i further back. */
#ifndef CPNS_PROTOCOL_CHAIN_H
#define CPNS_PROTOCOL_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/env.h"
#include "models/protocol/keys.h"
#include "models/protocol/rules.h"

struct cpns_chain;

/* The hash chain of `n` keys (n > 1) with that seed, as rules->strategy holds it. The caller's to free. */
struct cpns_chain *cpns_chain_from_seed(struct cpns_work w, const struct cpns_chain_rules *rules,
					struct cpns_octets entity, uint32_t n, const uint8_t seed[CPNS_HASH]);

/* The set of the n keys (n > 1) that lie side by side, K_1 first; of a hash chain the strategy picks out what it
 * holds, and hashes nothing. Independent keys are all stored. */
struct cpns_chain *cpns_chain_from_keys(const struct cpns_chain_rules *rules, uint32_t n, const uint8_t *keys);

void cpns_chain_free(struct cpns_chain *chain);

/* Key number i, 1 <= i <= n (asserted), to be issued or taken: what the chain holds moves on. */
void cpns_chain_key(struct cpns_chain *chain, struct cpns_work w, struct cpns_octets entity, uint32_t i,
		    uint8_t key[CPNS_HASH]);

/* The same key for one who only looks: nothing moves, so later keys cost what they would have cost. */
void cpns_chain_look(const struct cpns_chain *chain, struct cpns_work w, struct cpns_octets entity, uint32_t i,
		     uint8_t key[CPNS_HASH]);

/* All keys, side by side, K_1 first: n times CPNS_HASH octets. A hash for each that is not held; nothing moves. */
void cpns_chain_keys(const struct cpns_chain *chain, struct cpns_work w, struct cpns_octets entity, uint8_t *keys);

/* How many keys there are, and in how many cells they are held: as many all the time. */
uint32_t cpns_chain_length(const struct cpns_chain *chain);
uint32_t cpns_chain_cells(const struct cpns_chain *chain);

/* What a holder of K_i, and of nothing else, can say of an alleged K_j of the same hash chain: j > i, j - i <=
 * rules->window, and F^(j-i) leads from one to the other. Takes j - i hashes at most, none where that is beyond the
 * window. Of independent keys it can only say that j > i and j - i <= window. */
bool cpns_chain_follows(struct cpns_work w, const struct cpns_chain_rules *rules, struct cpns_octets entity,
			const uint8_t held[CPNS_HASH], uint32_t i, const uint8_t next[CPNS_HASH], uint32_t j);

#endif
