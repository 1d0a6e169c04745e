/* `checkpoint`: the last key of each segment of `spacing` keys, and once one of its keys has been asked for, all the
 * others of one segment. `detail` is the spacing; the cached segment is that of the key `at`, 0: none.
 *
 *   cells   checkpoints, the first segment's first | keys of the cached segment, from the checkpoint's neighbour on
 *           that is: for n = 8 and a spacing of 3, at = 4:   K_3 K_6 K_8 | K_5 K_4 */
#include <string.h>

#include "models/protocol/chain_holder.h"

static uint32_t checkpoints(uint32_t n, uint32_t spacing)
{
	return (n - 1) / spacing + 1;
}

static uint32_t cells(uint32_t n, uint32_t spacing)
{
	return checkpoints(n, spacing) + spacing - 1;
}

static uint32_t segment_of(const struct cpns_chain *chain, uint32_t i)
{
	return (i - 1) / chain->detail;
}

/* The number of a segment's checkpoint: its last key. */
static uint32_t last_of(const struct cpns_chain *chain, uint32_t segment)
{
	uint32_t before = segment * chain->detail;

	return chain->n - before < chain->detail ? chain->n : before + chain->detail;
}

static void fill(struct cpns_chain *chain, struct cpns_chain_walk *walk)
{
	for (uint32_t s = checkpoints(chain->n, chain->detail); s-- > 0;)
		memcpy(chain->cell[s], cpns_chain_walk(walk, last_of(chain, s)), CPNS_HASH);
}

static uint32_t nearest(const struct cpns_chain *chain, uint32_t i, uint32_t *hashes)
{
	uint32_t segment = segment_of(chain, i), apart = last_of(chain, segment) - i;
	bool cached = chain->at != 0 && segment_of(chain, chain->at) == segment;

	*hashes = cached ? 0 : apart;
	return cached && apart > 0 ? checkpoints(chain->n, chain->detail) + apart - 1 : segment;
}

/* A checkpoint is at hand without its segment. */
static void turn(struct cpns_chain *chain, struct cpns_work w, struct cpns_octets entity, uint32_t i)
{
	uint32_t segment = segment_of(chain, i), last = last_of(chain, segment), hashes;
	uint8_t(*cache)[CPNS_HASH] = &chain->cell[checkpoints(chain->n, chain->detail)];
	struct cpns_chain_walk walk = {.w = w, .entity = entity, .at = last};

	nearest(chain, i, &hashes);
	if (hashes == 0)
		return;
	memcpy(walk.key, chain->cell[segment], CPNS_HASH);
	for (uint32_t k = last - 1; k > segment * chain->detail; k--)
		memcpy(cache[last - 1 - k], cpns_chain_walk(&walk, k), CPNS_HASH);
	chain->at = i;
}

static uint32_t turning(const struct cpns_chain *chain, uint32_t i)
{
	uint32_t segment = segment_of(chain, i);

	return last_of(chain, segment) - segment * chain->detail - 1;
}

const struct cpns_holder cpns_holder_checkpoint = {
    .cells = cells,
    .fill = fill,
    .nearest = nearest,
    .turn = turn,
    .turning = turning,
};
