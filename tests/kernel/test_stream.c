#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

#include "sim/kernel/stream.h"
#include "tests/lib/suite.h"

static struct sim_stream stream_of(uint64_t entity)
{
	static struct sim_random random;

	random = sim_random_of(3, 4);
	return sim_stream_at(&random, &(struct sim_address){.entity = entity});
}

/* philox4x64-10 of the known-answer vectors that come with Random123. */
static void test_known_answers(void)
{
	static const struct {
		uint64_t counter[4], key[2], block[4];
	} vectors[] = {
	    {{0, 0, 0, 0}, {0, 0}, {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b}},
	    {{~UINT64_C(0), ~UINT64_C(0), ~UINT64_C(0), ~UINT64_C(0)},
	     {~UINT64_C(0), ~UINT64_C(0)},
	     {0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0}},
	    {{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89},
	     {0x452821e638d01377, 0xbe5466cf34e90c6c},
	     {0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6}},
	};

	for (unsigned i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		struct sim_random random = sim_random_of(vectors[i].key[0], vectors[i].key[1]);
		struct sim_stream stream = {.random = &random, .used = SIM_STREAM_WORDS};

		memcpy(stream.counter, vectors[i].counter, sizeof stream.counter);
		for (unsigned k = 0; k < 4; k++)
			CU_ASSERT_EQUAL(sim_stream_bits(&stream), vectors[i].block[k]);
	}
}

/* Each bit of each field of an address has a bit of the counter for itself, apart from those that number the blocks.
 */
static void test_fields_apart(void)
{
	struct sim_random random = sim_random_of(0x1122334455667788, 0x99aabbccddeeff00);
	uint64_t seen[4] = {0, 0, 0, (UINT64_C(1) << 48) - 1};
	struct sim_stream base = sim_stream_at(&random, &(struct sim_address){0});
	static const unsigned widths[] = {64, 64, 32, 16, 16, 8, 8};

	CU_ASSERT(random.key[0][0] == 0x1122334455667788 && random.key[0][1] == 0x99aabbccddeeff00);
	for (unsigned field = 0; field < 7; field++)
		for (unsigned bit = 0; bit < widths[field]; bit++) {
			uint64_t x = UINT64_C(1) << bit, value[7] = {0};

			value[field] = x;
			struct sim_address address = {value[0],           value[1],           (uint32_t)value[2],
						      (uint16_t)value[3], (uint16_t)value[4], (uint8_t)value[5],
						      (uint8_t)value[6]};
			struct sim_stream stream = sim_stream_at(&random, &address);
			unsigned changed = 0;

			for (unsigned k = 0; k < 4; k++) {
				uint64_t difference = stream.counter[k] ^ base.counter[k];

				changed += (unsigned)__builtin_popcountll(difference);
				CU_ASSERT_EQUAL(difference & seen[k], 0);
				seen[k] |= difference;
			}
			CU_ASSERT_EQUAL(changed, 1);
			CU_ASSERT_NOT_EQUAL(sim_stream_bits(&stream), base.word[0]);
		}
	for (unsigned k = 0; k < 4; k++)
		CU_ASSERT_EQUAL(seen[k], ~UINT64_C(0));
}

/* Blocks follow each other, and seed and replication make other streams. */
static void test_sequence(void)
{
	struct sim_stream a = stream_of(1), b = stream_of(1), c = stream_of(2);
	struct sim_address address = {.entity = 1};
	struct sim_random other_seed = sim_random_of(4, 4), other_replication = sim_random_of(3, 5);
	struct sim_stream d = sim_stream_at(&other_seed, &address), e = sim_stream_at(&other_replication, &address);
	uint64_t words[1000];

	for (unsigned i = 0; i < 1000; i++) {
		words[i] = sim_stream_bits(&a);
		CU_ASSERT_EQUAL(words[i], sim_stream_bits(&b));
		for (unsigned k = 0; k < i; k++)
			if (words[k] == words[i])
				CU_FAIL("a word came twice");
	}
	CU_ASSERT(words[0] != sim_stream_bits(&c) && words[0] != sim_stream_bits(&d) &&
		  words[0] != sim_stream_bits(&e));
}

/* The first words without a stream are those of the stream, and each block that is made is counted. */
static void test_first(void)
{
	struct sim_random random = sim_random_of(3, 4);
	struct sim_address address = {
	    .entity = 1, .item = 2, .ordinal = 3, .part = 4, .attempt = 5, .purpose = 6, .type = 7};
	uint64_t first[SIM_STREAM_WORDS], blocks = 0;

	random.blocks = &blocks;
	sim_stream_first(&random, &address, first);
	CU_ASSERT_EQUAL(blocks, 1);
	struct sim_stream stream = sim_stream_at(&random, &address);

	CU_ASSERT_EQUAL(blocks, 2);
	for (unsigned i = 0; i < SIM_STREAM_WORDS; i++)
		CU_ASSERT_EQUAL(sim_stream_bits(&stream), first[i]);
	CU_ASSERT_EQUAL(blocks, 2);
	CU_ASSERT_NOT_EQUAL(sim_stream_bits(&stream), first[0]);
	CU_ASSERT_EQUAL(blocks, 3);
}

static void test_bytes(void)
{
	struct sim_stream a = stream_of(1), b = stream_of(1);
	uint8_t bytes[19];

	memset(bytes, 0xee, sizeof bytes);
	sim_stream_bytes(&a, bytes, 18);
	for (unsigned i = 0; i < 18; i += 8) {
		uint64_t word = sim_stream_bits(&b);

		for (unsigned k = 0; k < 8 && i + k < 18; k++)
			CU_ASSERT_EQUAL(bytes[i + k], (uint8_t)(word >> (8 * k)));
	}
	CU_ASSERT_EQUAL(bytes[18], 0xee);
}

/* The ends of the open interval, from words that are all zeros and all ones. */
static void test_unit_ends(void)
{
	struct sim_stream stream = {.word = {0, ~UINT64_C(0), UINT64_C(1) << 63, 1}};

	CU_ASSERT_EQUAL(sim_stream_unit(&stream), 0x1p-53);
	CU_ASSERT_EQUAL(sim_stream_unit(&stream), 1.0 - 0x1p-53);
	CU_ASSERT_EQUAL(sim_stream_unit(&stream), 0.5 + 0x1p-53);
	CU_ASSERT_EQUAL(sim_stream_unit(&stream), 0x1p-53);
}

/* Probability of a chi-square at least as large; far from both ends if the counts are as they should be. */
static double chi_square(const unsigned *counts, unsigned cells, double expected)
{
	double sum = 0;

	for (unsigned i = 0; i < cells; i++)
		sum += ((double)counts[i] - expected) * ((double)counts[i] - expected) / expected;
	return gsl_cdf_chisq_Q(sum, cells - 1);
}

static void test_bits_uniform(void)
{
	enum { N = 1 << 20 };
	static unsigned ones[64], octets[8][256];
	struct sim_stream stream = stream_of(5);

	for (unsigned i = 0; i < N; i++) {
		uint64_t word = sim_stream_bits(&stream);

		for (unsigned k = 0; k < 64; k++)
			ones[k] += (unsigned)(word >> k & 1);
		for (unsigned k = 0; k < 8; k++)
			octets[k][word >> (8 * k) & 255]++;
	}
	for (unsigned k = 0; k < 64; k++)
		CU_ASSERT(fabs((double)ones[k] - N / 2.0) < 4.5 * sqrt(N / 4.0));
	for (unsigned k = 0; k < 8; k++) {
		double p = chi_square(octets[k], 256, N / 256.0);

		CU_ASSERT(p > 1e-3 && p < 1 - 1e-3);
	}
}

/* First words of neighbouring addresses, as models draw them, are as good as those of one stream. */
static void test_addresses_uniform(void)
{
	enum { N = 1 << 18 };
	static unsigned octets[256];
	struct sim_random random = sim_random_of(1, 0);

	for (unsigned i = 0; i < N; i++) {
		struct sim_stream stream =
		    sim_stream_at(&random, &(struct sim_address){.entity = i / 64, .ordinal = i % 64, .purpose = 2});

		octets[sim_stream_bits(&stream) >> 56]++;
	}
	double p = chi_square(octets, 256, N / 256.0);

	CU_ASSERT(p > 1e-3 && p < 1 - 1e-3);
}

static void test_below(void)
{
	static const unsigned sizes[] = {1, 2, 3, 7, 100, 1000};
	struct sim_stream stream = stream_of(6);

	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		unsigned n = sizes[i], counts[1000] = {0};

		for (unsigned k = 0; k < 1000 * n; k++) {
			uint64_t x = sim_stream_below(&stream, n);

			if (x >= n)
				CU_FAIL_FATAL("out of range");
			counts[x]++;
		}
		if (n > 1) {
			double p = chi_square(counts, n, 1000);

			CU_ASSERT(p > 1e-3 && p < 1 - 1e-3);
		}
	}
}

/* Of 3 * 2^62 values, each third must come as often: without the rejection the shares were 1/2, 1/4, 1/4 or the like.
 */
static void test_below_without_bias(void)
{
	enum { N = 300000 };
	struct sim_stream stream = stream_of(7);
	unsigned counts[3] = {0}, rests[3] = {0};
	uint64_t n = UINT64_C(3) << 62;

	for (unsigned i = 0; i < N; i++) {
		uint64_t x = sim_stream_below(&stream, n);

		counts[x >> 62]++;
		rests[x % 3]++;
	}
	double p = chi_square(counts, 3, N / 3.0), q = chi_square(rests, 3, N / 3.0);

	CU_ASSERT(p > 1e-3 && p < 1 - 1e-3);
	CU_ASSERT(q > 1e-3 && q < 1 - 1e-3);
	/* A product whose lower half is below 2^64 mod n is drawn anew: with n = 3 * 2^62 that half is 0 for word 0.
	 */
	struct sim_stream fixed = {.word = {0, 1, 0, 0}};

	CU_ASSERT_EQUAL(sim_stream_below(&fixed, n), 0);
	CU_ASSERT_EQUAL(fixed.used, 2);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"known answers", test_known_answers},
	    {"fields of an address", test_fields_apart},
	    {"sequence", test_sequence},
	    {"the first words", test_first},
	    {"octets", test_bytes},
	    {"ends of the unit interval", test_unit_ends},
	    {"bits are uniform", test_bits_uniform},
	    {"addresses are uniform", test_addresses_uniform},
	    {"below n", test_below},
	    {"below n without bias", test_below_without_bias},
	    {NULL, NULL},
	};

	return suite_run("stream", cases);
}
