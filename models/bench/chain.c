/* What it costs to hold an EUKey set: a hash chain is made from its seed, and all its keys are asked for in order. */
#include <string.h>

#include "models/bench/bench.h"
#include "models/crypto/crypto.h"
#include "models/protocol/chain.h"

static const struct cpns_octets entity = {(const uint8_t *)"00001.00", 8};

struct chain_kind {
	const char *name, *what;
	struct cpns_chain_rules rules; /* but for the length */
	uint64_t length;
};

static const struct chain_kind kinds[] = {
    {"store-all.1024", "all keys of a chain are held", {.strategy = CPNS_STORE_ALL}, 1024},
    {"seed.1024", "the seed alone is held", {.strategy = CPNS_SEED_ONLY}, 1024},
    {"checkpoint.1024", "every 32nd key is held", {.strategy = CPNS_CHECKPOINT, .spacing = 32}, 1024},
    {"pebble.1024", "log2 n keys are held", {.strategy = CPNS_PEBBLE}, 1024},
    {"pebble.16384", "log2 n keys are held", {.strategy = CPNS_PEBBLE}, 16384},
};

struct chain {
	struct cpns_crypto *crypto;
	struct cpns_chain_rules rules;
	struct cpns_ops ops;
	uint32_t n, cells;
	uint8_t seed[CPNS_HASH], key[CPNS_HASH];
};

static void *set_up(const struct bench *bench, uint64_t size, uint64_t seed)
{
	const struct chain_kind *kind = bench->variant;
	struct chain *c = g_new0(struct chain, 1);

	c->crypto = cpns_crypto_openssl_new();
	c->rules = kind->rules;
	c->rules.length = c->n = (uint32_t)size;
	memcpy(c->seed, &(const uint64_t){GUINT64_TO_LE(seed)}, sizeof seed);
	return c;
}

static void work(void *task)
{
	struct chain *c = task;
	const struct cpns_work w = {c->crypto, &c->ops};
	struct cpns_chain *chain = cpns_chain_from_seed(w, &c->rules, entity, c->n, c->seed);

	for (uint32_t i = 1; i <= c->n; i++) {
		cpns_chain_key(chain, w, entity, i, c->key);
		if (i == 1)
			memcpy(c->seed, c->key, sizeof c->seed); /* the first key, which depends on all others */
	}
	c->cells = cpns_chain_cells(chain);
	cpns_chain_free(chain);
}

static void finish(void *task, struct bench_outcome *outcome)
{
	struct chain *c = task;

	outcome->work = c->n;
	outcome->hash = bench_hash(bench_hash_octets(0, c->seed, sizeof c->seed), c->ops.chain_hashes);
	bench_tell(outcome, "hashes", "hashes/key", (double)c->ops.chain_hashes / c->n);
	bench_tell(outcome, "cells", "keys", c->cells);
	cpns_crypto_free(c->crypto);
	g_free(c);
}

void bench_add_chain(GArray *suite)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		const struct bench bench = {
		    .name = bench_name("protocol.chain", kinds[i].name),
		    .unit = "ns",
		    .what = kinds[i].what,
		    .size = kinds[i].length,
		    .tiny = kinds[i].length / 16,
		    .variant = &kinds[i],
		    .set_up = set_up,
		    .work = work,
		    .finish = finish,
		};

		g_array_append_val(suite, bench);
	}
}
