/* `pebble`: the optimal binary pebbling of B. Schoenmakers (FC 2016, ePrint 2014/329).
 *
 * A pebbler of size 2^k has the last of 2^k keys, and 2^k rounds. It hashes its way to the first of its keys, 2^k - 1
 * hashes in all rounds but the last, and leaves behind the keys at a distance of 2^k - 2^i from its own for i = k,
 * ..., 0. In its last round its first key is issued, and each of the k others becomes the key of a pebbler of its
 * own, of size 2^(i-1); they work at the same time. How many of its hashes a pebbler does in which round is the
 * schedule: with the paper's all pebblers together do ceil(k / 2) in a round at most, and no other needs fewer.
 *
 * All there is to know of a round follows from c, how many keys are still to be issued: there is a pebbler of size
 * 2^j for each bit j of c, its key has those of the smaller ones before it, and c mod 2^j rounds to go before its
 * last. So a chain of any length begins in the middle of a larger one's: with c = n. To hold K_1 would take a cell
 * more, where n = 2^k, than all that follows; the pebbles begin with K_2, and K_1 is one hash away.
 *
 *   cells   pebblers, the largest first; of each its keys, its own first. The very first is K_n and stays, the last
 *           one is the key `at`. `detail` is how many are in use. */
#include <assert.h>
#include <string.h>

#include "models/protocol/chain_holder.h"
#include "models/protocol/use_keys.h"

/* Bits of x, 0 of 0. */
static uint32_t bits(uint32_t x)
{
	return x == 0 ? 0 : 32 - (uint32_t)__builtin_clz(x);
}

/* How many hashes a pebbler of size 2^k, k > 0, has to do in the last m rounds, m < 2^k, before its very last: the
 * sum of the paper's schedule, which with l = bits(m) has
 *
 *   0                                                   in the m-th round before the last where m > 2^(k-1)
 *   floor(((k + m) mod 2 + k + 1) / 2)                  where m = 2^(l-1)
 *   floor(((k + m) mod 2 + k - bits(2^l - m)) / 2)      else
 *
 * Rounds with l bits make 2^(l-2) (k - l + 2) together. Taken off are those with l bits before the m-th: there are
 * `beyond`, and those t of them with e bits in t = 2^l - m' make 2^(e-2) (k - e) where all of them are there. */
static uint32_t hashes_to_go(uint32_t k, uint32_t m)
{
	if (m == 0)
		return 0;
	if (m >> (k - 1) != 0)
		return (UINT32_C(1) << k) - 1;
	uint32_t half = (k + 1) / 2, l = bits(m), beyond = (UINT32_C(1) << l) - 1 - m, e = bits(beyond);
	uint32_t sum = ((k - l + 3) << (l - 1)) - half - 1;

	if (e == 0)
		return sum;
	if (e == 1)
		return sum - k / 2;
	uint32_t some = beyond - (UINT32_C(1) << (e - 1)) + 1;

	return sum - (((k - e + 2) << (e - 2)) - half) - (some * (k - e) + k % 2) / 2;
}

/* With c keys to be issued, the hashes that the pebbler of size 2^j has to do. */
static uint32_t to_go(uint32_t c, uint32_t j)
{
	return hashes_to_go(j, c & ((UINT32_C(1) << j) - 1));
}

/* Is a key where a pebbler leaves one, with that many hashes to go? */
static bool stays(uint32_t hashes)
{
	return ((hashes + 1) & hashes) == 0;
}

/* The numbers of the keys in the cells when K_i is at hand; returns how many. */
static uint32_t places(uint32_t n, uint32_t i, uint32_t place[CPNS_CHAIN_BITS])
{
	uint32_t c = n - i + 1, own = n, cells = 0;

	for (uint32_t j = bits(c); j-- > 0;) {
		uint32_t size = UINT32_C(1) << j, left = to_go(c, j);

		if ((c & size) == 0)
			continue;
		for (uint32_t to_first = size; to_first > left + 1; to_first /= 2)
			place[cells++] = own - (size - to_first);
		place[cells++] = own - (size - (left + 1));
		own -= size;
	}
	return cells;
}

static uint32_t cells(uint32_t n, uint32_t spacing)
{
	(void)spacing;
	return bits(n - 1);
}

static void begin_at(struct cpns_chain *chain, struct cpns_chain_walk *walk, uint32_t i)
{
	uint32_t place[CPNS_CHAIN_BITS];

	chain->at = i;
	chain->detail = places(chain->n, i, place);
	for (uint32_t cell = 0; cell < chain->detail; cell++)
		memcpy(chain->cell[cell], cpns_chain_walk(walk, place[cell]), CPNS_HASH);
}

static void fill(struct cpns_chain *chain, struct cpns_chain_walk *walk)
{
	begin_at(chain, walk, 2);
}

static uint32_t nearest(const struct cpns_chain *chain, uint32_t i, uint32_t *hashes)
{
	uint32_t place[CPNS_CHAIN_BITS], cell = chain->detail - 1;

	if (i <= chain->at) {
		*hashes = chain->at - i;
		return cell;
	}
	places(chain->n, chain->at, place);
	while (place[cell] < i)
		cell--;
	*hashes = place[cell] - i;
	return cell;
}

/* The pebbler whose newest key is in `cell` does one of its `left` hashes; returns the cell of what comes of it. */
static uint32_t hash_once(struct cpns_chain *chain, struct cpns_work w, struct cpns_octets entity, uint32_t cell,
			  uint32_t left)
{
	uint32_t to = cell;

	if (stays(left)) {
		to = cell + 1;
		memmove(chain->cell[to + 1], chain->cell[to], (chain->detail++ - to) * sizeof(chain->cell[0]));
	}
	cpns_chain_hash(w, entity, chain->cell[cell], chain->cell[to]);
	return to;
}

/* A round: the key `at` is gone, which was the first of the smallest pebbler's. */
static void step(struct cpns_chain *chain, struct cpns_work w, struct cpns_octets entity)
{
	uint32_t c = chain->n - chain->at + 1, cell = 0;

	chain->detail--;
	for (uint32_t j = bits(c) - 1; (c & ((UINT32_C(1) << j) - 1)) != 0; j--) {
		if ((c >> j & 1) == 0)
			continue;
		uint32_t left = to_go(c, j), then = to_go(c - 1, j);

		cell += j + 1 - bits(left + 1); /* past the keys that it has left behind */
		for (; left > then; left--)
			cell = hash_once(chain, w, entity, cell, left);
		cell++;
	}
	chain->at++;
}

static void turn(struct cpns_chain *chain, struct cpns_work w, struct cpns_octets entity, uint32_t i)
{
	struct cpns_chain_walk walk = {.w = w, .entity = entity, .at = chain->n};

	if (i > chain->at && i - chain->at <= chain->n - i) {
		while (chain->at < i)
			step(chain, w, entity);
		return;
	}
	memcpy(walk.key, chain->cell[0], CPNS_HASH);
	begin_at(chain, &walk, i > 1 ? i : 2);
}

static uint32_t turning(const struct cpns_chain *chain, uint32_t i)
{
	return chain->n - i;
}

const struct cpns_holder cpns_holder_pebble = {
    .cells = cells,
    .fill = fill,
    .nearest = nearest,
    .turn = turn,
    .turning = turning,
};
