#include "models/protocol/chain.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "models/protocol/chain_holder.h"
#include "models/protocol/use_keys.h"

/* `steps` times F. */
static void hash_on(struct cpns_work w, struct cpns_octets entity, uint32_t steps, uint8_t key[CPNS_HASH])
{
	while (steps-- > 0)
		cpns_chain_hash(w, entity, key, key);
}

const uint8_t *cpns_chain_walk(struct cpns_chain_walk *walk, uint32_t i)
{
	if (walk->keys != NULL)
		return walk->keys + (size_t)(i - 1) * CPNS_HASH;
	hash_on(walk->w, walk->entity, i > walk->at ? i - walk->at : walk->at - i, walk->key);
	walk->at = i;
	return walk->key;
}

static const struct cpns_holder *holder_of(const struct cpns_chain_rules *rules)
{
	if (rules->independent || rules->strategy == CPNS_STORE_ALL)
		return &cpns_holder_store_all[rules->unsafe];
	if (rules->strategy == CPNS_SEED_ONLY)
		return &cpns_holder_seed[rules->unsafe];
	if (rules->unsafe)
		return &cpns_holder_cursor;
	return rules->strategy == CPNS_PEBBLE ? &cpns_holder_pebble : &cpns_holder_checkpoint;
}

static struct cpns_chain *chain_new(const struct cpns_chain_rules *rules, uint32_t n)
{
	assert(n > 1);
	const struct cpns_holder *holder = holder_of(rules);
	uint32_t spacing = rules->spacing < n ? rules->spacing : n;
	struct cpns_chain *chain = malloc(sizeof(*chain) + (size_t)holder->cells(n, spacing) * CPNS_HASH);

	if (chain == NULL)
		abort();
	*chain = (struct cpns_chain){.holder = holder, .n = n, .detail = spacing};
	return chain;
}

struct cpns_chain *cpns_chain_from_seed(struct cpns_work w, const struct cpns_chain_rules *rules,
					struct cpns_octets entity, uint32_t n, const uint8_t seed[CPNS_HASH])
{
	assert(!rules->independent);
	struct cpns_chain *chain = chain_new(rules, n);
	struct cpns_chain_walk walk = {.w = w, .entity = entity, .at = rules->unsafe ? 1 : n};
	uint32_t before = w.ops->chain_hashes;

	memcpy(walk.key, seed, CPNS_HASH);
	chain->holder->fill(chain, &walk);
	w.ops->chain_made += w.ops->chain_hashes - before;
	return chain;
}

struct cpns_chain *cpns_chain_from_keys(const struct cpns_chain_rules *rules, uint32_t n, const uint8_t *keys)
{
	struct cpns_chain *chain = chain_new(rules, n);

	chain->holder->fill(chain, &(struct cpns_chain_walk){.keys = keys});
	return chain;
}

void cpns_chain_free(struct cpns_chain *chain)
{
	free(chain);
}

void cpns_chain_look(const struct cpns_chain *chain, struct cpns_work w, struct cpns_octets entity, uint32_t i,
		     uint8_t key[CPNS_HASH])
{
	assert(i >= 1 && i <= chain->n);
	uint32_t hashes, cell = chain->holder->nearest(chain, i, &hashes);

	memcpy(key, chain->cell[cell], CPNS_HASH);
	hash_on(w, entity, hashes, key);
}

/* Is it time to move: on, or back since not doing so has become as expensive? */
static bool is_turn(struct cpns_chain *chain, uint32_t i)
{
	uint32_t hashes;

	if (chain->holder->turn == NULL)
		return false;
	if (i > chain->at)
		return true;
	chain->holder->nearest(chain, i, &hashes);
	chain->behind += hashes;
	return hashes > 0 && chain->behind > chain->holder->turning(chain, i);
}

void cpns_chain_key(struct cpns_chain *chain, struct cpns_work w, struct cpns_octets entity, uint32_t i,
		    uint8_t key[CPNS_HASH])
{
	assert(i >= 1 && i <= chain->n);
	if (is_turn(chain, i)) {
		chain->holder->turn(chain, w, entity, i);
		chain->behind = 0;
	}
	cpns_chain_look(chain, w, entity, i, key);
	w.ops->chain_keys++;
}

void cpns_chain_keys(const struct cpns_chain *chain, struct cpns_work w, struct cpns_octets entity, uint8_t *keys)
{
	bool unsafe = chain->holder->unsafe;
	uint32_t before = w.ops->chain_hashes;

	for (uint32_t i = 1; i <= chain->n; i++) {
		uint32_t k = unsafe ? i : chain->n + 1 - i, hashes, cell = chain->holder->nearest(chain, k, &hashes);
		uint8_t *key = keys + (size_t)(k - 1) * CPNS_HASH;

		if (hashes == 0)
			memcpy(key, chain->cell[cell], CPNS_HASH);
		else
			cpns_chain_hash(w, entity, unsafe ? key - CPNS_HASH : key + CPNS_HASH, key);
	}
	w.ops->chain_made += w.ops->chain_hashes - before;
}

uint32_t cpns_chain_length(const struct cpns_chain *chain)
{
	return chain->n;
}

uint32_t cpns_chain_cells(const struct cpns_chain *chain)
{
	return chain->holder->cells(chain->n, chain->detail);
}

bool cpns_chain_follows(struct cpns_work w, const struct cpns_chain_rules *rules, struct cpns_octets entity,
			const uint8_t held[CPNS_HASH], uint32_t i, const uint8_t next[CPNS_HASH], uint32_t j)
{
	uint8_t key[CPNS_HASH];

	if (j <= i || j - i > rules->window)
		return false;
	w.ops->chain_keys++;
	if (rules->independent)
		return true;
	memcpy(key, rules->unsafe ? held : next, CPNS_HASH);
	hash_on(w, entity, j - i, key);
	return cpns_same(key, rules->unsafe ? next : held, CPNS_HASH);
}
