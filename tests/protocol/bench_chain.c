/* What pebbles cost beside their hashes: the traversal of a chain of 16 384 keys, made and asked for in order,
 * against as many evaluations of F in a plain loop. Both take turns, in real mode; medians of CPU time and their
 * ratio, which must not be above 1.3. */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "models/crypto/crypto.h"
#include "models/protocol/chain.h"
#include "models/protocol/use_keys.h"

enum { N = 16384, ROUNDS = 15 };

static const struct cpns_octets pne = {(const uint8_t *)"pne:0001", 8};
static const uint8_t seed[CPNS_HASH] = {1};

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double traversal(struct cpns_work w)
{
	static const struct cpns_chain_rules rules = {.length = N, .strategy = CPNS_PEBBLE};
	double begun = cpu_seconds();
	struct cpns_chain *chain = cpns_chain_from_seed(w, &rules, pne, N, seed);
	uint8_t key[CPNS_HASH];

	for (uint32_t i = 1; i <= N; i++)
		cpns_chain_key(chain, w, pne, i, key);
	cpns_chain_free(chain);
	if (memcmp(key, seed, sizeof key) != 0)
		g_error("the last key is not the seed");
	return cpu_seconds() - begun;
}

static double bare(struct cpns_work w, uint32_t hashes)
{
	double begun = cpu_seconds();
	uint8_t key[CPNS_HASH] = {1};

	for (uint32_t i = 0; i < hashes; i++)
		cpns_chain_hash(w, pne, key, key);
	return cpu_seconds() - begun;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double values[ROUNDS])
{
	qsort(values, ROUNDS, sizeof(values[0]), by_size);
	return values[ROUNDS / 2];
}

int main(void)
{
	struct cpns_crypto *crypto = cpns_crypto_openssl_new();
	double pebbles[ROUNDS], loop[ROUNDS];
	uint32_t hashes = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct cpns_ops ops = {0};

		pebbles[i] = traversal((struct cpns_work){crypto, &ops});
		hashes = ops.chain_hashes;
		loop[i] = bare((struct cpns_work){crypto, &ops}, hashes);
	}
	double ratio = median(pebbles) / median(loop);

	printf("%d keys, %u hashes: %.1f ms by pebbles, %.1f ms bare: %.3f times\n", N, hashes, 1e3 * median(pebbles),
	       1e3 * median(loop), ratio);
	cpns_crypto_free(crypto);
	return ratio > 1.3;
}
