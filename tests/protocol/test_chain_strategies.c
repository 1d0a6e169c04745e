/* How holders yield the keys of an EUKey set (chain.h): each key against the chain worked out one hash after another,
 * and each cost against the table of section 8 of the protocol's description, and against a simulation of the paper's
 * pebblers that knows nothing of the code's arithmetic. */
#include <stdlib.h>
#include <string.h>

#include "models/crypto/crypto.h"
#include "models/protocol/chain.h"
#include "models/protocol/use_keys.h"
#include "tests/lib/suite.h"

enum { LONGEST = 20000 };

static struct cpns_crypto *crypto;
static struct cpns_ops ops;

static const struct cpns_octets pne = {(const uint8_t *)"pne:0001", 8};
static const uint8_t seed[CPNS_HASH] = "a seed, of thirty-two octets....";

static struct cpns_work work(void)
{
	memset(&ops, 0, sizeof ops);
	return (struct cpns_work){crypto, &ops};
}

/* Reproducible, and good enough to draw from. */
static uint32_t draw(uint32_t below)
{
	static uint64_t state = 1;

	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33) % below;
}

/* The keys of a chain of n, in all[1] ... all[n]. */
static const uint8_t (*all_keys(bool unsafe, uint32_t n))[CPNS_HASH]
{
	static uint8_t all[LONGEST + 1][CPNS_HASH];

	memcpy(all[unsafe ? 1 : n], seed, CPNS_HASH);
	for (uint32_t i = 1; i < n; i++)
		cpns_chain_hash(work(), pne, all[unsafe ? i : n + 1 - i], all[unsafe ? i + 1 : n - i]);
	return (const uint8_t(*)[CPNS_HASH])all;
}

static struct cpns_chain *make(enum cpns_chain_strategy strategy, bool unsafe, uint32_t n, uint32_t spacing)
{
	const struct cpns_chain_rules rules = {.strategy = strategy, .unsafe = unsafe, .spacing = spacing};

	return cpns_chain_from_seed(work(), &rules, pne, n, seed);
}

/* Asks for K_i. False: it is wrong. The hashes are in ops. */
static bool ask(struct cpns_chain *chain, const uint8_t (*all)[CPNS_HASH], uint32_t i)
{
	uint8_t key[CPNS_HASH];

	cpns_chain_key(chain, work(), pne, i, key);
	return memcmp(key, all[i], CPNS_HASH) == 0 && ops.chain_keys == 1 && ops.chain_made == 0 &&
	       ops.compressions == 4 * ops.chain_hashes;
}

/* What a traversal in order takes. */
struct cost {
	uint32_t make, first, worst, total; /* the last two of K_2 ... K_n */
	uint32_t cells;
};

static struct cost traverse(enum cpns_chain_strategy strategy, bool unsafe, uint32_t n, uint32_t spacing)
{
	const uint8_t(*all)[CPNS_HASH] = all_keys(unsafe, n);
	struct cpns_chain *chain = make(strategy, unsafe, n, spacing);
	struct cost cost = {.make = ops.chain_hashes, .cells = cpns_chain_cells(chain)};
	bool right = ops.chain_made == ops.chain_hashes && ops.chain_keys == 0;

	right = right && ask(chain, all, 1);
	cost.first = ops.chain_hashes;
	for (uint32_t i = 2; i <= n; i++) {
		right = right && ask(chain, all, i);
		cost.total += ops.chain_hashes;
		cost.worst = ops.chain_hashes > cost.worst ? ops.chain_hashes : cost.worst;
	}
	CU_ASSERT_TRUE(right);
	CU_ASSERT_EQUAL(cpns_chain_cells(chain), cost.cells);
	cpns_chain_free(chain);
	return cost;
}

static void check(struct cost cost, struct cost wanted)
{
	CU_ASSERT_EQUAL(cost.make, wanted.make);
	CU_ASSERT_EQUAL(cost.first, wanted.first);
	CU_ASSERT_EQUAL(cost.worst, wanted.worst);
	CU_ASSERT_EQUAL(cost.total, wanted.total);
	CU_ASSERT_EQUAL(cost.cells, wanted.cells);
}

/* The seed alone: n - i for K_i, so n - 1 at worst and n(n - 1) / 2 in all. Asked for every `stride`-th key. */
static void check_seed(uint32_t n, uint32_t stride)
{
	const uint8_t(*all)[CPNS_HASH] = all_keys(false, n);
	struct cpns_chain *chain = make(CPNS_SEED_ONLY, false, n, 0);

	CU_ASSERT_EQUAL(ops.chain_hashes, 0);
	CU_ASSERT_EQUAL(cpns_chain_cells(chain), 1);
	for (uint32_t i = 1; i <= n; i += stride) {
		CU_ASSERT_TRUE(ask(chain, all, i));
		CU_ASSERT_EQUAL(ops.chain_hashes, n - i);
	}
	cpns_chain_free(chain);
}

static uint32_t ceil_log2(uint32_t n)
{
	uint32_t k = 0;

	while (UINT32_C(1) << k < n)
		k++;
	return k;
}

/* Section 8, figure for figure. */
static void test_table(void)
{
	static const struct {
		uint32_t n, worst, cells, total, root;
	} rows[] = {
	    {16, 2, 4, 17, 4},       {64, 3, 6, 129, 8},       {256, 4, 8, 769, 16},
	    {1024, 5, 10, 4097, 32}, {4096, 6, 12, 20481, 64}, {16384, 7, 14, 98305, 128},
	};

	for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
		uint32_t n = rows[r].n, root = rows[r].root;
		check(traverse(CPNS_PEBBLE, false, n, 0),
		      (struct cost){n - 2, 1, rows[r].worst, rows[r].total, rows[r].cells});
		check(traverse(CPNS_STORE_ALL, false, n, 0), (struct cost){n - 1, 0, 0, 0, n});
		check_seed(n, n > 1024 ? 19 : 1);
		struct cost squares = traverse(CPNS_CHECKPOINT, false, n, root);

		check(squares, (struct cost){n - root, root - 1, root - 1, n - root - (root - 1), 2 * root - 1});
		CU_ASSERT_EQUAL(squares.first + squares.total, n - root);
	}
}

/* ---- the paper's pebblers ---- */

static uint32_t bit_length(uint32_t x)
{
	return x == 0 ? 0 : 1 + bit_length(x / 2);
}

/* Hashes that a pebbler of size 2^k does in round r, as the author's own program has it. */
static uint32_t schedule(uint32_t k, uint32_t r)
{
	uint32_t size = UINT32_C(1) << k;

	if (r == size || r < size / 2)
		return 0;
	return ((k + r) % 2 + k + 1 - bit_length(2 * r % (UINT32_C(1) << bit_length(size - r)))) / 2;
}

/* In round 2^k a pebbler gives way to those of sizes 1 ... 2^(k-1). Returns what all of them hash; those that are at
 * work are bits of `sizes`, and round[k] is the next one of each. */
static uint32_t paper_round(uint32_t *sizes, uint32_t round[32])
{
	uint32_t hashes = 0, begun = 0;

	for (uint32_t k = 0; k < 32; k++) {
		if ((*sizes >> k & 1) == 0)
			continue;
		hashes += schedule(k, round[k]);
		if (round[k]++ != UINT32_C(1) << k)
			continue;
		*sizes ^= UINT32_C(1) << k;
		begun = (UINT32_C(1) << k) - 1;
	}
	for (uint32_t k = 0; k < 32; k++)
		if (begun >> k & 1)
			round[k] = 1;
	*sizes |= begun;
	return hashes;
}

/* What K_(i+1) takes is what the paper does in the round of K_i, where a chain is the last n keys of 2^k. */
static void test_schedule(void)
{
	for (uint32_t n = 2; n <= 1100; n += n < 140 ? 1 : 37) {
		const uint8_t(*all)[CPNS_HASH] = all_keys(false, n);
		struct cpns_chain *chain = make(CPNS_PEBBLE, false, n, 0);
		uint32_t k = ceil_log2(n), sizes = UINT32_C(1) << k, round[32] = {0};

		round[k] = UINT32_C(1) << k;
		for (uint32_t i = 0; i < (UINT32_C(1) << k) - n; i++)
			paper_round(&sizes, round);
		CU_ASSERT_TRUE(ask(chain, all, 1));
		paper_round(&sizes, round); /* in the making */
		for (uint32_t i = 2; i <= n; i++) {
			CU_ASSERT_TRUE(ask(chain, all, i));
			CU_ASSERT_EQUAL(ops.chain_hashes, i == 2 ? 0 : paper_round(&sizes, round));
		}
		cpns_chain_free(chain);
	}
}

/* ---- any length ---- */

static void check_length(uint32_t n, uint32_t spacing)
{
	uint32_t k = ceil_log2(n), s = spacing < n ? spacing : n, m = (n + s - 1) / s;
	struct cost pebble = traverse(CPNS_PEBBLE, false, n, 0), cost;

	check(pebble, (struct cost){n - 2, 1, pebble.worst, pebble.total, k});
	CU_ASSERT_TRUE(pebble.worst <= (k + 1) / 2);
	CU_ASSERT_TRUE(pebble.total <= (k - 2) * (UINT32_C(1) << (k - 1)) + 1);
	cost = traverse(CPNS_CHECKPOINT, false, n, spacing);
	check(cost, (struct cost){n - s, s - 1, cost.worst, n - m - (s - 1), m + s - 1});
	CU_ASSERT_TRUE(cost.worst <= s - 1);
	check(traverse(CPNS_STORE_ALL, false, n, spacing), (struct cost){n - 1, 0, 0, 0, n});
	check(traverse(CPNS_STORE_ALL, true, n, spacing), (struct cost){n - 1, 0, 0, 0, n});
	check(traverse(CPNS_PEBBLE, true, n, 0), (struct cost){0, 0, 1, n - 1, 2});
	check(traverse(CPNS_CHECKPOINT, true, n, spacing), (struct cost){0, 0, 1, n - 1, 2});
	if (n > 1000)
		return;
	check(traverse(CPNS_SEED_ONLY, false, n, 0), (struct cost){0, n - 1, n - 2, (n - 1) * (n - 2) / 2, 1});
	check(traverse(CPNS_SEED_ONLY, true, n, 0), (struct cost){0, 0, n - 1, n * (n - 1) / 2, 1});
}

static void test_lengths(void)
{
	for (uint32_t n = 2; n <= 300; n++)
		check_length(n, 1 + draw(n + 3));
	for (int i = 0; i < 12; i++)
		check_length(301 + draw(LONGEST - 300), 1 + draw(400));
	check_length(LONGEST, 32);
}

/* ---- out of order ---- */

/* How a holder is asked for keys: mostly for the next. */
static uint32_t wander(uint32_t last, uint32_t n)
{
	uint32_t luck = draw(100), to = last + 1;

	if (luck < 6)
		to = last;
	else if (luck < 12)
		to = last - draw(9);
	else if (luck < 18)
		to = last + 1 + draw(9);
	else if (luck < 20)
		to = 1 + draw(n);
	else if (luck < 21)
		to = 1;
	return to >= 1 && to <= n ? to : 1 + draw(n);
}

/* The same keys from a chain that somebody looks at all the time: the same cost, for nothing moves. */
static void wander_about(enum cpns_chain_strategy strategy, bool unsafe, uint32_t n, uint32_t spacing)
{
	static uint8_t keys[LONGEST][CPNS_HASH];
	const uint8_t(*all)[CPNS_HASH] = all_keys(unsafe, n);
	struct cpns_chain *chain = make(strategy, unsafe, n, spacing), *seen = make(strategy, unsafe, n, spacing);
	bool right = true;

	for (uint32_t step = 0, i = 0; step < 600; step++) {
		uint32_t look = 1 + draw(n);
		uint8_t key[CPNS_HASH];

		i = wander(i, n);
		right = right && ask(chain, all, i);
		struct cpns_ops alone = ops;

		right = right && ask(seen, all, i) && memcmp(&ops, &alone, sizeof ops) == 0;
		cpns_chain_look(seen, work(), pne, look, key);
		right = right && memcmp(key, all[look], CPNS_HASH) == 0 && ops.chain_keys == 0;
		if (draw(60) != 0)
			continue;
		cpns_chain_keys(seen, work(), pne, keys[0]);
		right = right && memcmp(keys, all[1], n * sizeof keys[0]) == 0 && ops.chain_made < n &&
			ops.chain_hashes == ops.chain_made && ops.chain_made >= n - cpns_chain_cells(seen);
	}
	CU_ASSERT_TRUE(right);
	cpns_chain_free(chain);
	cpns_chain_free(seen);
}

static const enum cpns_chain_strategy strategies[] = {CPNS_STORE_ALL, CPNS_SEED_ONLY, CPNS_CHECKPOINT, CPNS_PEBBLE};

static void test_wandering(void)
{
	for (int round = 0; round < 80; round++)
		for (size_t s = 0; s < 4; s++)
			wander_about(strategies[s], round % 2, 2 + draw(round < 40 ? 20 : 500), 1 + draw(40));
}

/* What chain.h says that keys out of order cost. */
static void test_detours(void)
{
	enum { N = 1000, S = 30 };
	const uint8_t(*all)[CPNS_HASH] = all_keys(false, N);

	for (int round = 0; round < 200; round++) {
		uint32_t at = 10 + draw(N - 60), gap = 1 + draw(40), between = 0;
		struct cpns_chain *p = make(CPNS_PEBBLE, false, N, 0), *c = make(CPNS_CHECKPOINT, false, N, S),
				  *in_order = make(CPNS_PEBBLE, false, N, 0);

		CU_ASSERT_TRUE(ask(p, all, 1) && ask(p, all, 1));
		CU_ASSERT_EQUAL(ops.chain_hashes, 1); /* again, the first */
		for (uint32_t i = 1; i <= at; i++)
			CU_ASSERT_TRUE(ask(p, all, i) && ask(c, all, i) && ask(in_order, all, i));
		CU_ASSERT_TRUE(ask(p, all, at));
		CU_ASSERT_EQUAL(ops.chain_hashes, 0); /* again */
		CU_ASSERT_TRUE(ask(c, all, at));
		CU_ASSERT_EQUAL(ops.chain_hashes, 0);
		for (uint32_t back = 1; back <= 8; back++) {
			CU_ASSERT_TRUE(ask(p, all, at - back));
			CU_ASSERT_EQUAL(ops.chain_hashes, back);
			CU_ASSERT_TRUE(ask(c, all, at - back));
			CU_ASSERT_TRUE(ops.chain_hashes < S);
		}
		for (uint32_t i = at + 1; i <= at + gap; i++) {
			CU_ASSERT_TRUE(ask(in_order, all, i));
			between += ops.chain_hashes;
		}
		CU_ASSERT_TRUE(ask(p, all, at + gap)); /* ahead */
		CU_ASSERT_EQUAL(ops.chain_hashes, gap <= N - at - gap ? between : N - at - gap);
		CU_ASSERT_TRUE(ask(c, all, at + gap));
		CU_ASSERT_TRUE(ops.chain_hashes < S);
		cpns_chain_free(p);
		cpns_chain_free(c);
		cpns_chain_free(in_order);
	}
}

/* Beginning anew takes no more than twice what it takes from the start, whatever has been issued before. */
static void test_anew(void)
{
	enum { N = 777, S = 20 };

	for (int unsafe = 0; unsafe < 2; unsafe++)
		for (size_t s = 2; s < 4; s++)
			for (uint32_t at = 2; at <= N; at += 31) {
				const uint8_t(*all)[CPNS_HASH] = all_keys(unsafe, N);
				struct cpns_chain *chain = make(strategies[s], unsafe, N, S);
				struct cost fresh = traverse(strategies[s], unsafe, N, S);
				uint32_t sum = 0;

				for (uint32_t i = 1; i <= at; i++)
					CU_ASSERT_TRUE(ask(chain, all, i));
				for (uint32_t i = 1; i <= N; i++) {
					CU_ASSERT_TRUE(ask(chain, all, i));
					sum += ops.chain_hashes;
				}
				CU_ASSERT_TRUE(sum <= fresh.first + fresh.total + 2 * N);
				cpns_chain_free(chain);
			}
}

/* The whole set has travelled: nothing is hashed, and from there on it is as if it had been. */
static void test_from_keys(void)
{
	for (uint32_t n = 2; n <= 70; n++)
		for (int unsafe = 0; unsafe < 2; unsafe++)
			for (size_t s = 0; s < 4; s++) {
				const struct cpns_chain_rules rules = {
				    .strategy = strategies[s], .unsafe = unsafe, .spacing = 1 + n % 9};
				const uint8_t(*all)[CPNS_HASH] = all_keys(unsafe, n);
				struct cpns_chain *made = cpns_chain_from_seed(work(), &rules, pne, n, seed),
						  *came = cpns_chain_from_keys(&rules, n, all[1]);

				CU_ASSERT_EQUAL(cpns_chain_cells(came), cpns_chain_cells(made));
				CU_ASSERT_EQUAL(cpns_chain_length(came), n);
				for (uint32_t i = 1; i <= n; i++) {
					CU_ASSERT_TRUE(ask(made, all, i));
					uint32_t hashes = ops.chain_hashes;

					CU_ASSERT_TRUE(ask(came, all, i));
					CU_ASSERT_EQUAL(ops.chain_hashes, hashes);
				}
				cpns_chain_free(made);
				cpns_chain_free(came);
			}
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"the table of section 8", test_table},
	    {"the paper's schedule", test_schedule},
	    {"any length, in order", test_lengths},
	    {"out of order", test_wandering},
	    {"what detours cost", test_detours},
	    {"anew", test_anew},
	    {"a set that travelled whole", test_from_keys},
	    {0},
	};

	crypto = cpns_crypto_counted_new();
	int status = suite_run("chain strategies", cases);

	cpns_crypto_free(crypto);
	return status;
}
