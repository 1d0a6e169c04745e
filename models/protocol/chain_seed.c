/* `seed`: the one cell holds the seed, K_n or in the unsafe order K_1. There it takes one more cell, with the key
 * that came last, to find the next with one hash: `cursor`, in place of checkpoints and pebbles. */
#include <string.h>

#include "models/protocol/chain_holder.h"

enum { SEED, LAST, CURSOR_CELLS };

static uint32_t seed_cells(uint32_t n, uint32_t spacing)
{
	(void)n;
	(void)spacing;
	return 1;
}

static void fill_seed(struct cpns_chain *chain, struct cpns_chain_walk *walk)
{
	memcpy(chain->cell[SEED], cpns_chain_walk(walk, chain->holder->unsafe ? 1 : chain->n), CPNS_HASH);
}

static uint32_t nearest_seed(const struct cpns_chain *chain, uint32_t i, uint32_t *hashes)
{
	*hashes = chain->holder->unsafe ? i - 1 : chain->n - i;
	return SEED;
}

static uint32_t cursor_cells(uint32_t n, uint32_t spacing)
{
	(void)n;
	(void)spacing;
	return CURSOR_CELLS;
}

static void fill_cursor(struct cpns_chain *chain, struct cpns_chain_walk *walk)
{
	fill_seed(chain, walk);
	memcpy(chain->cell[LAST], chain->cell[SEED], CPNS_HASH);
	chain->at = 1;
}

static uint32_t nearest_to_cursor(const struct cpns_chain *chain, uint32_t i, uint32_t *hashes)
{
	*hashes = i >= chain->at ? i - chain->at : i - 1;
	return i >= chain->at ? LAST : SEED;
}

static void turn_cursor(struct cpns_chain *chain, struct cpns_work w, struct cpns_octets entity, uint32_t i)
{
	cpns_chain_look(chain, w, entity, i, chain->cell[LAST]);
	chain->at = i;
}

static uint32_t turning_cursor(const struct cpns_chain *chain, uint32_t i)
{
	(void)chain;
	return i - 1;
}

const struct cpns_holder cpns_holder_seed[2] = {
    {.cells = seed_cells, .fill = fill_seed, .nearest = nearest_seed},
    {.unsafe = true, .cells = seed_cells, .fill = fill_seed, .nearest = nearest_seed},
};

const struct cpns_holder cpns_holder_cursor = {
    .unsafe = true,
    .cells = cursor_cells,
    .fill = fill_cursor,
    .nearest = nearest_to_cursor,
    .turn = turn_cursor,
    .turning = turning_cursor,
};
