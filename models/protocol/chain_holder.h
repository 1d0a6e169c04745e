/* What the strategies of chain.h are made of: each says which keys of a set it holds in its cells, and how they move
 * on. Inside chain*.c alone.
 *
 * Hashing leads from key to key: downwards in the safe order, upwards in the other. */
#ifndef CPNS_PROTOCOL_CHAIN_HOLDER_H
#define CPNS_PROTOCOL_CHAIN_HOLDER_H

#include "models/protocol/chain.h"

/* Bits of the greatest number of keys in a set: the cells of the pebbles at most. */
#define CPNS_CHAIN_BITS 32

/* A way along all keys of a set, in the direction of hashing: over keys that lie side by side, or hashing. */
struct cpns_chain_walk {
	struct cpns_work w;
	struct cpns_octets entity;
	const uint8_t *keys;    /* all of them, K_1 first; NULL: they are hashed */
	uint32_t at;            /* number of `key` */
	uint8_t key[CPNS_HASH]; /* where the walk has come, if it hashes */
};

/* Goes on to K_i, which lies ahead or is where the walk stands; lent until the next step. */
const uint8_t *cpns_chain_walk(struct cpns_chain_walk *walk, uint32_t i);

struct cpns_holder {
	bool unsafe;

	/* Cells of a set of n keys. */
	uint32_t (*cells)(uint32_t n, uint32_t spacing);

	/* Fills the cells for K_1 to come first. The walk stands at the seed. */
	void (*fill)(struct cpns_chain *chain, struct cpns_chain_walk *walk);

	/* The cell of the key that K_i follows from by the fewest hashes, and how many: 0 where it is K_i. */
	uint32_t (*nearest)(const struct cpns_chain *chain, uint32_t i, uint32_t *hashes);

	/* Moves on or back to K_i, so that it and those after it come cheap, and how many hashes moving back there
	 * takes. Both NULL: nothing ever moves. */
	void (*turn)(struct cpns_chain *chain, struct cpns_work w, struct cpns_octets entity, uint32_t i);
	uint32_t (*turning)(const struct cpns_chain *chain, uint32_t i);
};

struct cpns_chain {
	const struct cpns_holder *holder;
	uint32_t n;
	uint32_t at;     /* the key that it was turned to last; from there on keys come cheap */
	uint32_t behind; /* hashes spent since then on keys before that one */
	uint32_t detail; /* the holder's own */
	uint8_t cell[][CPNS_HASH];
};

/* By `unsafe`. */
extern const struct cpns_holder cpns_holder_store_all[2], cpns_holder_seed[2];

/* Of the safe order, and of the unsafe one in place of either. */
extern const struct cpns_holder cpns_holder_checkpoint, cpns_holder_pebble, cpns_holder_cursor;

#endif
