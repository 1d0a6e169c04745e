/* The stand-in notices every bit of its inputs, whatever their length, and none of how they are cut. */
#include <glib.h>
#include <string.h>

#include "models/crypto/crypto.h"
#include "tests/crypto/inputs.h"
#include "tests/lib/suite.h"

#define LONGEST 200

static struct cpns_crypto *crypto;

/* Of `text`, one way or another. */
typedef void digest_function(const uint8_t *text, size_t n, uint8_t out[CPNS_HASH]);

static void digest_sha256(const uint8_t *text, size_t n, uint8_t out[CPNS_HASH])
{
	crypto->sha256(crypto->self, &(struct cpns_octets){text, n}, 1, out);
}

static void digest_hmac_text(const uint8_t *text, size_t n, uint8_t out[CPNS_HASH])
{
	static const uint8_t key[CPNS_HASH] = {1};

	crypto->hmac(crypto->self, key, sizeof key, &(struct cpns_octets){text, n}, 1, out);
}

/* Ends in 1: zeros at the end of a key are none of it. */
static void digest_hmac_key(const uint8_t *text, size_t n, uint8_t out[CPNS_HASH])
{
	uint8_t key[LONGEST + 1];

	memcpy(key, text, n);
	key[n] = 1;
	crypto->hmac(crypto->self, key, n + 1, &(struct cpns_octets){key, 0}, 1, out);
}

static void digest_pbkdf2_password(const uint8_t *text, size_t n, uint8_t out[CPNS_HASH])
{
	uint8_t password[LONGEST + 1];

	memcpy(password, text, n);
	password[n] = 1;
	crypto->pbkdf2(crypto->self, password, n + 1, password, 16, 1000, out);
}

static void digest_pbkdf2_salt(const uint8_t *text, size_t n, uint8_t out[CPNS_HASH])
{
	crypto->pbkdf2(crypto->self, (const uint8_t *)"password", 8, text, n, 1000, out);
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(uint64_t));
}

/* A text of each length, and each of them with any one bit flipped: no two agree in the first 8 octets. */
static void expect_apart(digest_function *digest)
{
	enum { ALL = (LONGEST + 1) * (1 + 4 * LONGEST) };
	uint8_t text[LONGEST], out[CPNS_HASH];
	uint64_t *seen = g_new(uint64_t, ALL);
	size_t count = 0, equal = 0;

	fill(text, sizeof text);
	for (size_t n = 0; n <= LONGEST; n++) {
		digest(text, n, out);
		memcpy(&seen[count++], out, sizeof *seen);
		for (size_t bit = 0; bit < 8 * n; bit++) {
			text[bit / 8] ^= (uint8_t)(1 << bit % 8);
			digest(text, n, out);
			memcpy(&seen[count++], out, sizeof *seen);
			text[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
	CU_ASSERT_EQUAL(count, ALL);
	qsort(seen, count, sizeof *seen, compare);
	for (size_t i = 1; i < count; i++)
		equal += seen[i - 1] == seen[i];
	CU_ASSERT_EQUAL(equal, 0);
	g_free(seen);
}

static void test_bits(void)
{
	static digest_function *const digests[] = {digest_sha256, digest_hmac_text, digest_hmac_key,
						   digest_pbkdf2_password, digest_pbkdf2_salt};

	for (size_t i = 0; i < G_N_ELEMENTS(digests); i++)
		expect_apart(digests[i]);
}

/* Zeros, ones and a word that repeats are as good as any. */
static void test_regular_texts(void)
{
	static const uint8_t octets[] = {0, 1, 0x55, 0x80, 0xff};
	uint8_t text[LONGEST], out[CPNS_HASH];
	uint64_t seen[G_N_ELEMENTS(octets) * LONGEST];
	size_t count = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(octets); i++) {
		memset(text, octets[i], sizeof text);
		for (size_t n = 1; n <= LONGEST; n++) {
			digest_hmac_text(text, n, out);
			memcpy(&seen[count++], out, sizeof *seen);
		}
	}
	qsort(seen, count, sizeof *seen, compare);
	for (size_t i = 1; i < count; i++)
		CU_ASSERT_NOT_EQUAL(seen[i - 1], seen[i]);
}

/* In two parts cut at every point, in three with nothing between them, and octet by octet. */
static void test_cuts(void)
{
	uint8_t text[LONGEST], key[100], whole[2][CPNS_HASH], out[CPNS_HASH];
	struct cpns_octets parts[LONGEST];

	fill(text, sizeof text);
	fill(key, sizeof key);
	for (size_t n = 0; n <= LONGEST; n++) {
		struct cpns_octets all = {text, n};

		crypto->sha256(crypto->self, &all, 1, whole[0]);
		crypto->hmac(crypto->self, key, n / 2, &all, 1, whole[1]);
		for (size_t cut = 0; cut <= n; cut++) {
			parts[0] = (struct cpns_octets){cut > 0 ? text : NULL, cut};
			parts[1] = (struct cpns_octets){text + cut, n - cut};
			crypto->sha256(crypto->self, parts, 2, out);
			CU_ASSERT_EQUAL(memcmp(out, whole[0], CPNS_HASH), 0);
			parts[2] = parts[1];
			parts[1] = (struct cpns_octets){NULL, 0};
			crypto->hmac(crypto->self, key, n / 2, parts, 3, out);
			CU_ASSERT_EQUAL(memcmp(out, whole[1], CPNS_HASH), 0);
		}
		for (size_t i = 0; i < n; i++)
			parts[i] = (struct cpns_octets){text + i, 1};
		crypto->sha256(crypto->self, parts, n, out);
		CU_ASSERT_EQUAL(memcmp(out, whole[0], CPNS_HASH), 0);
		crypto->hmac(crypto->self, key, n / 2, parts, n, out);
		CU_ASSERT_EQUAL(memcmp(out, whole[1], CPNS_HASH), 0);
	}
}

/* A key longer than a block is its hash, also where that ends in zeros. */
static void test_long_keys(void)
{
	uint8_t key[LONGEST], hash[CPNS_HASH], out[2][CPNS_HASH];
	unsigned zeros = 0;

	for (int round = 0; round < 2000; round++) {
		size_t n = 65 + below(LONGEST - 65);

		fill(key, n);
		digest_sha256(key, n, hash);
		zeros += hash[CPNS_HASH - 1] == 0;
		crypto->hmac(crypto->self, key, n, NULL, 0, out[0]);
		crypto->hmac(crypto->self, hash, CPNS_HASH, NULL, 0, out[1]);
		CU_ASSERT_EQUAL(memcmp(out[0], out[1], CPNS_HASH), 0);
		crypto->pbkdf2(crypto->self, key, n, key, 16, 1, out[0]);
		crypto->pbkdf2(crypto->self, hash, CPNS_HASH, key, 16, 1, out[1]);
		CU_ASSERT_EQUAL(memcmp(out[0], out[1], CPNS_HASH), 0);
	}
	CU_ASSERT(zeros > 0);
}

/* Key, nonce, sealed octets and tag, one after the other: any bit of them counts. */
static void test_sealed_bits(void)
{
	uint8_t all[CPNS_HASH + 12 + LONGEST + CPNS_TAG], text[LONGEST], out[LONGEST];
	uint8_t *key = all, *nonce = key + CPNS_HASH, *sealed = nonce + 12;

	fill(all, sizeof all);
	fill(text, sizeof text);
	for (size_t n = 0; n <= LONGEST; n++) {
		crypto->seal(crypto->self, key, nonce, text, n, sealed, sealed + n);
		CU_ASSERT_TRUE(crypto->open(crypto->self, key, nonce, sealed, n, sealed + n, out));
		CU_ASSERT_EQUAL(memcmp(out, text, n), 0);
		for (size_t bit = 0; bit < 8 * (CPNS_HASH + 12 + n + CPNS_TAG); bit++) {
			all[bit / 8] ^= (uint8_t)(1 << bit % 8);
			CU_ASSERT_FALSE(crypto->open(crypto->self, key, nonce, sealed, n, sealed + n, out));
			all[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

static void test_wrapped_bits(void)
{
	uint8_t all[CPNS_HASH + CPNS_WRAPPED], key[CPNS_HASH], out[CPNS_HASH];

	for (int round = 0; round < 100; round++) {
		fill(all, sizeof all);
		fill(key, sizeof key);
		crypto->wrap(crypto->self, all, key, all + CPNS_HASH);
		CU_ASSERT_TRUE(crypto->unwrap(crypto->self, all, all + CPNS_HASH, out));
		CU_ASSERT_EQUAL(memcmp(out, key, CPNS_HASH), 0);
		for (size_t bit = 0; bit < 8 * sizeof all; bit++) {
			all[bit / 8] ^= (uint8_t)(1 << bit % 8);
			CU_ASSERT_FALSE(crypto->unwrap(crypto->self, all, all + CPNS_HASH, out));
			all[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"each bit, at all lengths", test_bits},
	    {"regular texts", test_regular_texts},
	    {"cut at every point", test_cuts},
	    {"long keys and their hashes", test_long_keys},
	    {"each bit of what is sealed", test_sealed_bits},
	    {"each bit of what is wrapped", test_wrapped_bits},
	    {0},
	};

	crypto = cpns_crypto_counted_new();
	int status = suite_run("counted", cases);

	cpns_crypto_free(crypto);
	return status;
}
