#include "models/protocol/chain.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "models/protocol/use_keys.h"

struct cpns_chain {
	bool unsafe;
	uint32_t n;
	uint32_t cells; /* n: all keys, K_1 first; 1: the seed */
	uint8_t cell[][CPNS_HASH];
};

static struct cpns_chain *chain_new(const struct cpns_chain_rules *rules, uint32_t n)
{
	assert(n > 1);
	uint32_t cells = rules->strategy == CPNS_STORE_ALL || rules->independent ? n : 1;
	struct cpns_chain *chain = malloc(sizeof(*chain) + (size_t)cells * CPNS_HASH);

	if (chain == NULL)
		abort();
	chain->unsafe = rules->unsafe;
	chain->n = n;
	chain->cells = cells;
	return chain;
}

/* `steps` times F. */
static void hash_on(struct cpns_work w, struct cpns_octets entity, uint32_t steps, uint8_t key[CPNS_HASH])
{
	while (steps-- > 0)
		cpns_chain_hash(w, entity, key, key);
}

/* All keys from the seed: from one end of the chain to the other. */
static void unroll(struct cpns_work w, struct cpns_octets entity, bool unsafe, uint32_t n,
		   const uint8_t seed[CPNS_HASH], uint8_t (*keys)[CPNS_HASH])
{
	memcpy(keys[unsafe ? 0 : n - 1], seed, CPNS_HASH);
	for (uint32_t i = 1; i < n; i++) {
		uint32_t to = unsafe ? i : n - 1 - i;

		cpns_chain_hash(w, entity, keys[unsafe ? to - 1 : to + 1], keys[to]);
	}
}

struct cpns_chain *cpns_chain_from_seed(struct cpns_work w, const struct cpns_chain_rules *rules,
					struct cpns_octets entity, uint32_t n, const uint8_t seed[CPNS_HASH])
{
	assert(!rules->independent);
	struct cpns_chain *chain = chain_new(rules, n);

	if (chain->cells == 1)
		memcpy(chain->cell[0], seed, CPNS_HASH);
	else
		unroll(w, entity, rules->unsafe, n, seed, chain->cell);
	return chain;
}

struct cpns_chain *cpns_chain_from_keys(const struct cpns_chain_rules *rules, uint32_t n, const uint8_t *keys)
{
	struct cpns_chain *chain = chain_new(rules, n);
	size_t first = chain->cells == 1 && !chain->unsafe ? n - 1 : 0;

	memcpy(chain->cell, keys + first * CPNS_HASH, (size_t)chain->cells * CPNS_HASH);
	return chain;
}

void cpns_chain_free(struct cpns_chain *chain)
{
	free(chain);
}

void cpns_chain_key(const struct cpns_chain *chain, struct cpns_work w, struct cpns_octets entity, uint32_t i,
		    uint8_t key[CPNS_HASH])
{
	assert(i >= 1 && i <= chain->n);
	memcpy(key, chain->cell[chain->cells == 1 ? 0 : i - 1], CPNS_HASH);
	if (chain->cells == 1)
		hash_on(w, entity, chain->unsafe ? i - 1 : chain->n - i, key);
}

void cpns_chain_keys(const struct cpns_chain *chain, struct cpns_work w, struct cpns_octets entity, uint8_t *keys)
{
	if (chain->cells == 1)
		unroll(w, entity, chain->unsafe, chain->n, chain->cell[0], (uint8_t(*)[CPNS_HASH])keys);
	else
		memcpy(keys, chain->cell, (size_t)chain->n * CPNS_HASH);
}

uint32_t cpns_chain_length(const struct cpns_chain *chain)
{
	return chain->n;
}

uint32_t cpns_chain_cells(const struct cpns_chain *chain)
{
	return chain->cells;
}

bool cpns_chain_follows(struct cpns_work w, const struct cpns_chain_rules *rules, struct cpns_octets entity,
			const uint8_t held[CPNS_HASH], uint32_t i, const uint8_t next[CPNS_HASH], uint32_t j)
{
	uint8_t key[CPNS_HASH];

	if (j <= i || j - i > rules->window)
		return false;
	if (rules->independent)
		return true;
	memcpy(key, rules->unsafe ? held : next, CPNS_HASH);
	hash_on(w, entity, j - i, key);
	return cpns_same(key, rules->unsafe ? next : held, CPNS_HASH);
}
