/* EUKey sets: the known answers of the protocol description, what holding them costs, what can be said of a key by
 * who holds another, and what the server's keyring makes of them. A chain hash is an HMAC of one short message: two
 * blocks of pads, the message, the inner hash. */
#include <string.h>

#include "models/crypto/crypto.h"
#include "models/protocol/chain.h"
#include "models/protocol/keyring.h"
#include "models/protocol/use_keys.h"
#include "tests/lib/suite.h"

static struct cpns_crypto *crypto;
static struct cpns_ops ops;

static const struct cpns_octets pne = {(const uint8_t *)"pne:0001", 8}, other = {(const uint8_t *)"pne:0002", 8};

static struct cpns_work work(void)
{
	memset(&ops, 0, sizeof ops);
	return (struct cpns_work){crypto, &ops};
}

/* Was the work this number of chain hashes, and nothing else? */
static bool took(uint32_t hashes)
{
	ops.chain_made = ops.chain_keys = 0;
	return memcmp(&ops, &(struct cpns_ops){.chain_hashes = hashes, .compressions = 4 * hashes}, sizeof ops) == 0;
}

static bool is(const uint8_t *at, const char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < 32; i++)
		if (at[i] != (strchr(digits, hex[2 * i]) - digits) * 16 + (strchr(digits, hex[2 * i + 1]) - digits))
			return false;
	return true;
}

static const uint8_t *seed(void)
{
	static uint8_t octets[CPNS_HASH];

	for (int i = 0; i < CPNS_HASH; i++)
		octets[i] = (uint8_t)(0x80 + i);
	return octets;
}

static struct cpns_chain *chain(enum cpns_chain_strategy strategy, bool unsafe, uint32_t n)
{
	const struct cpns_chain_rules rules = {.unsafe = unsafe, .strategy = strategy, .spacing = 3};

	return cpns_chain_from_seed(work(), &rules, pne, n, seed());
}

static const enum cpns_chain_strategy strategies[] = {CPNS_STORE_ALL, CPNS_SEED_ONLY, CPNS_CHECKPOINT, CPNS_PEBBLE};

static void test_vectors(void)
{
	for (int s = 0; s < 4; s++) {
		struct cpns_chain *c = chain(strategies[s], false, 8);
		uint8_t key[CPNS_HASH];

		cpns_chain_key(c, work(), pne, 8, key);
		CU_ASSERT_EQUAL(memcmp(key, seed(), sizeof key), 0);
		cpns_chain_key(c, work(), pne, 7, key);
		CU_ASSERT_TRUE(is(key, "faf868bd7af434ccb6a7683cee9b6f59a2f95984e03a0bc5eb4d461ad5cc6fdf"));
		cpns_chain_key(c, work(), pne, 4, key);
		CU_ASSERT_TRUE(is(key, "d2d9ae5d2cc9465d52f7fd68565416bd1eb1ede95404dff769ad44491ac817a3"));
		cpns_chain_key(c, work(), pne, 1, key);
		CU_ASSERT_TRUE(is(key, "657a5b592b9bd7aa93f178fc26422972b933f8942812278a1199a0f021df828f"));
		cpns_chain_free(c);
	}
}

/* Section 8: store every value, n - 1 to build and nothing later; store the seed alone, n - 1 at worst and n(n - 1)/2
 * over the chain. In either order, and with whatever travelled. Of the other strategies: test_chain_strategies.c. */
static void test_costs(void)
{
	static const uint32_t lengths[] = {2, 3, 16, 64, 256, 1024};
	static uint8_t all[1024][CPNS_HASH], key[CPNS_HASH];

	for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
		for (int unsafe = 0; unsafe < 2; unsafe++) {
			uint32_t n = lengths[i], total = 0, worst = 0;
			struct cpns_chain *whole = chain(CPNS_STORE_ALL, unsafe, n);

			CU_ASSERT_TRUE(took(n - 1));
			CU_ASSERT_EQUAL(cpns_chain_cells(whole), n);
			cpns_chain_keys(whole, work(), pne, all[0]);
			CU_ASSERT_TRUE(took(0));
			struct cpns_chain *single = chain(CPNS_SEED_ONLY, unsafe, n);

			CU_ASSERT_TRUE(took(0));
			CU_ASSERT_EQUAL(cpns_chain_cells(single), 1);
			CU_ASSERT_EQUAL(cpns_chain_length(single), n);
			for (uint32_t k = 1; k <= n; k++) {
				cpns_chain_key(whole, work(), pne, k, key);
				CU_ASSERT_TRUE(took(0));
				CU_ASSERT_EQUAL(memcmp(key, all[k - 1], CPNS_HASH), 0);
				cpns_chain_key(single, work(), pne, k, key);
				CU_ASSERT_TRUE(took(unsafe ? k - 1 : n - k));
				CU_ASSERT_EQUAL(memcmp(key, all[k - 1], CPNS_HASH), 0);
				total += ops.chain_hashes;
				worst = ops.chain_hashes > worst ? ops.chain_hashes : worst;
			}
			CU_ASSERT_EQUAL(total, n * (n - 1) / 2);
			CU_ASSERT_EQUAL(worst, n - 1);
			cpns_chain_free(whole);
			cpns_chain_free(single);
		}
}

/* The whole set has travelled: who stores the seed alone picks it out. */
static void test_from_keys(void)
{
	for (int unsafe = 0; unsafe < 2; unsafe++)
		for (int s = 0; s < 2; s++) {
			const struct cpns_chain_rules rules = {.unsafe = unsafe, .strategy = strategies[s]};
			struct cpns_chain *source = chain(CPNS_SEED_ONLY, unsafe, 5);
			uint8_t all[5][CPNS_HASH], key[CPNS_HASH];

			cpns_chain_keys(source, work(), pne, all[0]);
			CU_ASSERT_TRUE(took(4));
			struct cpns_chain *c = cpns_chain_from_keys(&rules, 5, all[0]);

			CU_ASSERT_EQUAL(cpns_chain_cells(c), s == 0 ? 5 : 1);
			for (uint32_t k = 1; k <= 5; k++) {
				cpns_chain_key(c, work(), pne, k, key);
				CU_ASSERT_EQUAL(memcmp(key, all[k - 1], CPNS_HASH), 0);
			}
			cpns_chain_free(c);
			cpns_chain_free(source);
		}
}

/* Who holds K_2 takes a later key within the window, for as many hashes as they lie apart, and nothing else. */
static void test_follows(void)
{
	for (int unsafe = 0; unsafe < 2; unsafe++) {
		const struct cpns_chain_rules rules = {.unsafe = unsafe, .window = 3};
		struct cpns_chain *c = chain(CPNS_STORE_ALL, unsafe, 8);
		uint8_t k[9][CPNS_HASH];

		cpns_chain_keys(c, work(), pne, k[1]);
		for (uint32_t j = 1; j <= 8; j++) {
			bool follows = j > 2 && j <= 5;

			CU_ASSERT_EQUAL(cpns_chain_follows(work(), &rules, pne, k[2], 2, k[j], j), follows);
			CU_ASSERT_TRUE(took(follows ? j - 2 : 0));
		}
		/* another key of the chain under that number, another chain's, a changed one, another entity's */
		CU_ASSERT_FALSE(cpns_chain_follows(work(), &rules, pne, k[2], 2, k[3], 4));
		CU_ASSERT_TRUE(took(2));
		CU_ASSERT_FALSE(cpns_chain_follows(work(), &rules, pne, k[2], 2, seed(), 3));
		CU_ASSERT_FALSE(cpns_chain_follows(work(), &rules, other, k[2], 2, k[3], 3));
		k[3][31] ^= 1;
		CU_ASSERT_FALSE(cpns_chain_follows(work(), &rules, pne, k[2], 2, k[3], 3));
		CU_ASSERT_FALSE(cpns_chain_follows(work(), &rules, pne, k[2], 2, k[8], UINT32_MAX));
		cpns_chain_free(c);
	}
	const struct cpns_chain_rules independent = {.independent = true, .window = 3};

	CU_ASSERT_TRUE(cpns_chain_follows(work(), &independent, pne, seed(), 2, seed(), 5));
	CU_ASSERT_FALSE(cpns_chain_follows(work(), &independent, pne, seed(), 2, seed(), 6));
	CU_ASSERT_TRUE(took(0));
}

/* ---- the server's keyring ---- */

static const struct cpns_chain_rules in_order = {.length = 4, .strategy = CPNS_STORE_ALL, .window = 2};

static uint8_t *single(uint8_t first)
{
	static uint8_t key[CPNS_HASH];

	memset(key, 0, sizeof key);
	key[0] = first;
	return key;
}

/* Asks for all candidates; the numbers of the keys that come, as decimal digits, one after another. */
static unsigned long candidates(const struct cpns_entity *e, uint32_t named, bool spent)
{
	struct cpns_candidate c = {.named = named, .spent = spent};
	unsigned long digits = 0;

	while (cpns_keyring_next(e, work(), &in_order, pne, &c))
		digits = 10 * digits + c.index;
	return digits;
}

/* Finds the key with that number and uses it. */
static const struct cpns_key_set *use(struct cpns_entity *e, uint32_t named)
{
	struct cpns_candidate c = {.named = named};

	CU_ASSERT_TRUE_FATAL(cpns_keyring_next(e, work(), &in_order, pne, &c));
	return cpns_keyring_used(e, &c);
}

static void test_set_in_use(void)
{
	struct cpns_entity e = {0};

	CU_ASSERT_EQUAL(candidates(&e, 0, true), 0);
	cpns_keyring_add(&e, true, seed(), cpns_chain_from_seed(work(), &in_order, pne, 4, seed()));
	CU_ASSERT_EQUAL(e.keyring->cells, 4);
	CU_ASSERT_EQUAL(candidates(&e, 0, false), 1);
	for (uint32_t i = 1; i <= 4; i++) /* two ahead of the first */
		CU_ASSERT_EQUAL(candidates(&e, i, false), i <= 3 ? i : 0);
	CU_ASSERT_EQUAL(use(&e, 1)->next, 2);
	CU_ASSERT_TRUE(e.keyed && e.n_pending == 0);
	CU_ASSERT_EQUAL(candidates(&e, 0, false), 21);
	CU_ASSERT_EQUAL(use(&e, 1)->next, 3); /* a notification was lost: the first again */
	CU_ASSERT_EQUAL(candidates(&e, 0, false), 321);
	CU_ASSERT_EQUAL(use(&e, 1)->next, 4);
	CU_ASSERT_EQUAL(candidates(&e, 1, false), 0); /* too far behind */
	CU_ASSERT_EQUAL(candidates(&e, 0, false), 432);
	CU_ASSERT_EQUAL(use(&e, 2)->next, 5);
	CU_ASSERT_EQUAL(candidates(&e, 0, false), 0); /* used up */
	CU_ASSERT_EQUAL(candidates(&e, 4, false), 0);
	CU_ASSERT_EQUAL(candidates(&e, 0, true), 43);
	CU_ASSERT_EQUAL(candidates(&e, 4, true), 4);
	cpns_keyring_clear(&e);
	CU_ASSERT_PTR_NULL(e.keyring);
}

/* Sets and single keys side by side; a use confirms, and drops what is older. */
static void test_confirmation(void)
{
	struct cpns_entity e = {0};

	cpns_keyring_add(&e, false, single(1), NULL);
	CU_ASSERT_PTR_NULL(e.keyring); /* single keys need none */
	cpns_keyring_add(&e, true, single(2), NULL);
	cpns_keyring_add(&e, true, seed(), cpns_chain_from_seed(work(), &in_order, pne, 4, seed()));
	cpns_keyring_add(&e, true, single(3), NULL);
	cpns_keyring_add(&e, true, seed(), cpns_chain_from_seed(work(), &in_order, other, 4, seed()));
	CU_ASSERT_EQUAL(candidates(&e, 2, false), 22);    /* both sets */
	CU_ASSERT_EQUAL(candidates(&e, 1, false), 11111); /* and three single keys */
	CU_ASSERT_EQUAL(e.keyring->cells, 8);
	CU_ASSERT_TRUE(cpns_entity_has(&e, single(1)) && cpns_entity_has(&e, single(3)));

	struct cpns_candidate c = {.named = 0};

	for (int i = 0; i < 2; i++)
		CU_ASSERT_TRUE(cpns_keyring_next(&e, work(), &in_order, pne, &c));
	CU_ASSERT_EQUAL(memcmp(c.key, single(3), CPNS_HASH), 0);
	CU_ASSERT_PTR_NULL(cpns_keyring_used(&e, &c));
	CU_ASSERT_EQUAL(memcmp(cpns_entity_key(&e, 0), single(3), CPNS_HASH), 0);
	CU_ASSERT_EQUAL(e.n_pending, 1);
	CU_ASSERT_EQUAL(e.keyring->cells, 4);
	CU_ASSERT_EQUAL(e.keyring->cells_max, 8);
	CU_ASSERT_FALSE(cpns_entity_has(&e, single(1)) || cpns_entity_has(&e, single(2)));
	CU_ASSERT_EQUAL(use(&e, 2)->next, 3);
	CU_ASSERT_EQUAL(e.n_pending, 0);
	CU_ASSERT_EQUAL(candidates(&e, 1, false), 1);
	cpns_keyring_add(&e, false, single(4), NULL); /* in its place */
	CU_ASSERT_EQUAL(e.keyring->cells, 0);
	CU_ASSERT_EQUAL(candidates(&e, 2, true), 0);
	cpns_keyring_clear(&e);
}

/* Who judges whether entity and server agree only looks: no set moves on, so what uses cost stays the same. */
static void test_looking(void)
{
	static const struct cpns_chain_rules pebbles = {.length = 64, .strategy = CPNS_PEBBLE, .window = 8};
	struct cpns_entity seen = {0}, alone = {0};
	struct cpns_chain *all = chain(CPNS_STORE_ALL, false, 64);
	uint8_t k[64][CPNS_HASH];

	cpns_chain_keys(all, work(), pne, k[0]);
	cpns_keyring_add(&seen, false, seed(), chain(CPNS_PEBBLE, false, 64));
	cpns_keyring_add(&alone, false, seed(), chain(CPNS_PEBBLE, false, 64));
	for (uint32_t i = 1; i <= 64; i++) {
		for (uint32_t held = i; held < i + 8 && held <= 64; held++)
			CU_ASSERT_TRUE(
			    cpns_keyring_agrees(&seen, work(), &pebbles,
						&(struct cpns_held){.id = pne, .eukey = k[held - 1], .index = held}));
		struct cpns_candidate a = {.named = i}, b = {.named = i};

		CU_ASSERT_TRUE(cpns_keyring_next(&alone, work(), &pebbles, pne, &a));
		uint32_t hashes = ops.chain_hashes;

		CU_ASSERT_TRUE(cpns_keyring_next(&seen, work(), &pebbles, pne, &b));
		CU_ASSERT_EQUAL(ops.chain_hashes, hashes);
		CU_ASSERT_EQUAL(memcmp(a.key, k[i - 1], CPNS_HASH), 0);
		CU_ASSERT_EQUAL(memcmp(b.key, k[i - 1], CPNS_HASH), 0);
		cpns_keyring_used(&alone, &a);
		cpns_keyring_used(&seen, &b);
	}
	cpns_chain_free(all);
	cpns_keyring_clear(&seen);
	cpns_keyring_clear(&alone);
}

/* A ninth pending one pushes out the oldest, set or not. */
static void test_ninth(void)
{
	struct cpns_entity e = {0};

	for (unsigned i = 0; i < 20; i++) {
		bool set = i % 3 == 0;
		unsigned dropped = cpns_keyring_add(
		    &e, true, single((uint8_t)i),
		    set ? cpns_chain_from_seed(work(), &in_order, pne, 4, single((uint8_t)i)) : NULL);

		CU_ASSERT_EQUAL(dropped, i >= 8);
	}
	CU_ASSERT_EQUAL(e.n_pending, 8);
	CU_ASSERT_EQUAL(e.keyring->cells, 3 * 4); /* of 12 .. 19: 12, 15, 18 */
	cpns_keyring_clear(&e);
}

static void test_agreement(void)
{
	struct cpns_entity e = {0};
	struct cpns_chain *c = cpns_chain_from_seed(work(), &in_order, pne, 4, seed());
	uint8_t k[4][CPNS_HASH];
	struct cpns_held held = {.id = pne};

	CU_ASSERT_TRUE(cpns_keyring_agrees(&e, work(), &in_order, &held));
	held.eukey = single(1);
	CU_ASSERT_FALSE(cpns_keyring_agrees(&e, work(), &in_order, &held));
	cpns_chain_keys(c, work(), pne, k[0]);
	cpns_keyring_add(&e, true, seed(), c);
	for (held.index = 0; held.index <= 2; held.index += 2) { /* its number known or not */
		held.eukey = k[1];
		CU_ASSERT_EQUAL(cpns_keyring_agrees(&e, work(), &in_order, &held), held.index == 2);
	}
	held = (struct cpns_held){.id = pne};
	CU_ASSERT_TRUE(cpns_keyring_agrees(&e, work(), &in_order, &held)); /* a pending key alone is none */
	use(&e, 1);
	CU_ASSERT_FALSE(cpns_keyring_agrees(&e, work(), &in_order, &held));
	held.eukey = k[0];
	CU_ASSERT_TRUE(cpns_keyring_agrees(&e, work(), &in_order, &held));
	cpns_keyring_add(&e, true, single(2), NULL);
	held.eukey = single(2); /* pending, while an older one is current */
	CU_ASSERT_TRUE(cpns_keyring_agrees(&e, work(), &in_order, &held));
	cpns_keyring_clear(&e);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"known answers", test_vectors},
	    {"costs", test_costs},
	    {"a set that travelled whole", test_from_keys},
	    {"what follows a key", test_follows},
	    {"a set in use", test_set_in_use},
	    {"confirmation", test_confirmation},
	    {"a look at a set", test_looking},
	    {"a ninth pending key", test_ninth},
	    {"agreement", test_agreement},
	    {0},
	};

	crypto = cpns_crypto_openssl_new();
	int status = suite_run("chain", cases);

	cpns_crypto_free(crypto);
	return status;
}
