/* What is composed by hand gives what the library's own calls give: on random inputs of all lengths around the edges
 * of a block, cut anywhere, under keys that come and go; with the processor's instructions and without them. */
#define OPENSSL_SUPPRESS_DEPRECATED /* to compare with: see models/crypto/sha256_block.c */
#include <endian.h>
#include <glib.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include <string.h>

#include "models/crypto/aes_wrap.h"
#include "models/crypto/crypto.h"
#include "models/crypto/sha256_block.h"
#include "tests/crypto/inputs.h"
#include "tests/lib/suite.h"

#define LONGEST 300 /* more than four blocks */
#define ROUNDS 20000

static struct cpns_crypto *crypto;

/* `text` in up to four parts, cut anywhere; an empty one may be at NULL. */
static size_t cut(const uint8_t *text, size_t n, struct cpns_octets parts[4])
{
	size_t count = 1 + below(4), from = 0;

	for (size_t i = 0; i < count; i++) {
		size_t to = i + 1 == count ? n : from + below(n - from + 1);

		parts[i] = (struct cpns_octets){to > from ? text + from : NULL, to - from};
		from = to;
	}
	return count;
}

static void library_sha256(const uint8_t *text, size_t n, uint8_t out[CPNS_HASH])
{
	CU_ASSERT_EQUAL_FATAL(EVP_Digest(text, n, out, NULL, EVP_sha256(), NULL), 1);
}

static void library_hmac(const uint8_t *key, size_t key_n, const uint8_t *text, size_t n, uint8_t out[CPNS_HASH])
{
	size_t length = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(
	    EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key, key_n, text, n, out, CPNS_HASH, &length));
	CU_ASSERT_EQUAL(length, CPNS_HASH);
}

/* Every length, whole. */
static void test_lengths(void)
{
	uint8_t text[LONGEST], key[LONGEST], expected[CPNS_HASH], out[CPNS_HASH];

	for (size_t n = 0; n < LONGEST; n++) {
		struct cpns_octets part = {text, n};

		fill(text, n);
		fill(key, n);
		library_sha256(text, n, expected);
		crypto->sha256(crypto->self, &part, 1, out);
		CU_ASSERT_EQUAL(memcmp(out, expected, CPNS_HASH), 0);
		library_hmac(key, n, text, LONGEST - n, expected);
		part.n = LONGEST - n;
		crypto->hmac(crypto->self, key, n, &part, 1, out);
		CU_ASSERT_EQUAL(memcmp(out, expected, CPNS_HASH), 0);
	}
	library_sha256(text, 0, expected);
	crypto->sha256(crypto->self, NULL, 0, out);
	CU_ASSERT_EQUAL(memcmp(out, expected, CPNS_HASH), 0);
}

static void test_hash(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		uint8_t text[LONGEST], expected[CPNS_HASH], out[CPNS_HASH];
		size_t n = below(LONGEST);
		struct cpns_octets parts[4];

		fill(text, n);
		library_sha256(text, n, expected);
		crypto->sha256(crypto->self, parts, cut(text, n, parts), out);
		CU_ASSERT_EQUAL(memcmp(out, expected, CPNS_HASH), 0);
	}
}

/* Keys return, some alike but for one bit at an end: what is kept about one must not serve another. */
static void test_hmac(void)
{
	enum { OLD = 40 };
	uint8_t keys[OLD][LONGEST];
	size_t key_n[OLD] = {0};

	for (int i = 0; i < OLD; i++) {
		key_n[i] = i < 2 ? 0 : below(i % 2 == 0 ? 65 : LONGEST);
		fill(keys[i], LONGEST);
	}
	for (int round = 0; round < ROUNDS; round++) {
		uint8_t text[LONGEST], expected[CPNS_HASH], out[CPNS_HASH];
		size_t n = below(LONGEST), k = below(OLD), other = below(OLD);
		struct cpns_octets parts[4];

		fill(text, n);
		library_hmac(keys[k], key_n[k], text, n, expected);
		crypto->hmac(crypto->self, keys[k], key_n[k], parts, cut(text, n, parts), out);
		CU_ASSERT_EQUAL(memcmp(out, expected, CPNS_HASH), 0);
		if (key_n[k] == 0 || below(4) > 0)
			continue;
		key_n[other] = key_n[k];
		memmove(keys[other], keys[k], key_n[k]);
		keys[other][below(2) ? key_n[k] - 1 : 0] ^= (uint8_t)(1 << below(8));
	}
}

/* HKDF of RFC 5869 as models/protocol composes it, to one block of output. */
static void test_hkdf(void)
{
	char digest[] = "SHA256";
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);

	for (int round = 0; round < ROUNDS / 4; round++) {
		uint8_t salt[LONGEST], key[LONGEST], info[LONGEST], prk[CPNS_HASH], expected[CPNS_HASH],
		    out[CPNS_HASH];
		size_t salt_n = below(LONGEST), key_n = 1 + below(LONGEST - 1), info_n = below(LONGEST);
		struct cpns_octets part = {key, key_n}, parts[2] = {{info, info_n}, {(const uint8_t[]){1}, 1}};
		OSSL_PARAM params[] = {
		    OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key, key_n),
		    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt, salt_n),
		    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, info_n),
		    OSSL_PARAM_construct_end(),
		};

		fill(salt, salt_n);
		fill(key, key_n);
		fill(info, info_n);
		EVP_KDF_CTX_reset(context);
		CU_ASSERT_EQUAL_FATAL(EVP_KDF_derive(context, expected, CPNS_HASH, params), 1);
		crypto->hmac(crypto->self, salt, salt_n, &part, 1, prk);
		crypto->hmac(crypto->self, prk, CPNS_HASH, parts, 2, out);
		CU_ASSERT_EQUAL(memcmp(out, expected, CPNS_HASH), 0);
	}
	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
}

static void test_pbkdf2(void)
{
	for (int round = 0; round < ROUNDS / 4; round++) {
		uint8_t password[LONGEST], salt[LONGEST], expected[CPNS_HASH], out[CPNS_HASH];
		size_t password_n = below(LONGEST), salt_n = below(LONGEST);
		uint32_t iterations = 1 + (uint32_t)below(round % 100 == 0 ? 2000 : 5);

		fill(password, sizeof password);
		fill(salt, sizeof salt);
		CU_ASSERT_EQUAL_FATAL(PKCS5_PBKDF2_HMAC((const char *)password, (int)password_n, salt, (int)salt_n,
							(int)iterations, EVP_sha256(), CPNS_HASH, expected),
				      1);
		crypto->pbkdf2(crypto->self, password, password_n, salt, salt_n, iterations, out);
		CU_ASSERT_EQUAL(memcmp(out, expected, CPNS_HASH), 0);
	}
}

/* One call of the library's cipher; returns the octets that it gave, or -1. */
static int library_wrap(bool wrap, const uint8_t kek[CPNS_HASH], const uint8_t *in, int n, uint8_t *out)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int length = -1;

	EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	CU_ASSERT_EQUAL_FATAL(EVP_CipherInit_ex(context, EVP_aes_256_wrap(), NULL, kek, NULL, wrap), 1);
	if (EVP_CipherUpdate(context, out, &length, in, n) != 1)
		length = -1;
	EVP_CIPHER_CTX_free(context);
	return length;
}

static void test_wrap(void)
{
	for (int round = 0; round < ROUNDS / 4; round++) {
		uint8_t kek[CPNS_HASH], key[CPNS_HASH], expected[CPNS_WRAPPED + 16], wrapped[CPNS_WRAPPED],
		    found[CPNS_HASH], library[CPNS_WRAPPED + 16];

		fill(kek, sizeof kek);
		fill(key, sizeof key);
		CU_ASSERT_EQUAL(library_wrap(true, kek, key, CPNS_HASH, expected), CPNS_WRAPPED);
		crypto->wrap(crypto->self, kek, key, wrapped);
		CU_ASSERT_EQUAL(memcmp(wrapped, expected, CPNS_WRAPPED), 0);
		if (round % 2 == 1) /* damaged: both refuse */
			(below(2) ? kek : wrapped)[below(CPNS_HASH)] ^= (uint8_t)(1 << below(8));
		bool right = library_wrap(false, kek, wrapped, CPNS_WRAPPED, library) == CPNS_HASH;

		CU_ASSERT_EQUAL(right, round % 2 == 0);
		CU_ASSERT_EQUAL(crypto->unwrap(crypto->self, kek, wrapped, found), right);
		if (right)
			CU_ASSERT_EQUAL(memcmp(found, key, CPNS_HASH), 0);
	}
}

/* Wrapping in place and unwrapping in place: all of the input is read before anything is written. */
static void test_wrap_in_place(void)
{
	uint8_t kek[CPNS_HASH], key[CPNS_HASH], expected[CPNS_WRAPPED], both[CPNS_WRAPPED];

	fill(kek, sizeof kek);
	fill(key, sizeof key);
	crypto->wrap(crypto->self, kek, key, expected);
	memcpy(both, key, CPNS_HASH);
	crypto->wrap(crypto->self, kek, both, both);
	CU_ASSERT_EQUAL(memcmp(both, expected, CPNS_WRAPPED), 0);
	CU_ASSERT_TRUE(crypto->unwrap(crypto->self, kek, both, both));
	CU_ASSERT_EQUAL(memcmp(both, key, CPNS_HASH), 0);
}

static void library_block(uint32_t state[8], const uint8_t block[SHA256_BLOCK])
{
	SHA256_CTX c;

	memcpy(c.h, state, sizeof c.h);
	SHA256_Transform(&c, block);
	memcpy(state, c.h, sizeof c.h);
}

/* Any states, blocks at any address. */
static void test_blocks(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		uint32_t expected[2][8], state[2][8];
		uint8_t octets[2 * SHA256_BLOCK + 32], *first = octets + below(16),
						       *second = first + SHA256_BLOCK + below(16);

		fill((uint8_t *)state, sizeof state);
		fill(octets, sizeof octets);
		memcpy(expected, state, sizeof state);
		library_block(expected[0], first);
		library_block(expected[1], second);
		sha256_two_blocks(state[0], first, state[1], second);
		CU_ASSERT_EQUAL(memcmp(state, expected, sizeof state), 0);
		library_block(expected[0], second);
		sha256_block(state[0], second);
		CU_ASSERT_EQUAL(memcmp(state, expected, sizeof state), 0);
	}
}

/* The same as the padding written out. */
static void test_hash_blocks(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		uint32_t hash[8], expected[8], state[8];
		uint8_t block[SHA256_BLOCK] = {[32] = 0x80, [62] = (64 + 32) * 8 / 256, [63] = (64 + 32) * 8 % 256};

		fill((uint8_t *)state, sizeof state);
		fill((uint8_t *)hash, sizeof hash);
		memcpy(expected, state, sizeof state);
		for (size_t i = 0; i < 8; i++)
			memcpy(block + 4 * i, &(uint32_t){htobe32(hash[i])}, 4);
		library_block(expected, block);
		sha256_hash_block(state, hash);
		CU_ASSERT_EQUAL(memcmp(state, expected, sizeof state), 0);
	}
}

/* Whether the processor's first line of flags in /proc/cpuinfo has this one. */
static bool flagged(const char *flag)
{
	char *text = NULL, *line = NULL;
	bool found = false;

	if (g_file_get_contents("/proc/cpuinfo", &text, NULL, NULL) && (line = strstr(text, "flags")) != NULL) {
		char **words = g_strsplit(strtok(line, "\n"), " ", 0);

		found = g_strv_contains((const char *const *)words, flag);
		g_strfreev(words);
	}
	g_free(text);
	return found;
}

static bool wanted;

/* Those that the system knows of are used, unless they are not wanted. */
static void test_instructions(void)
{
	CU_ASSERT_EQUAL(sha256_block_use_instructions(wanted), wanted && flagged("sha_ni"));
	CU_ASSERT_EQUAL(aes_wrap_use_instructions(wanted), wanted && flagged("aes"));
	CU_ASSERT_EQUAL(aes_wrap_instructions() != NULL, wanted && flagged("aes"));
}

static int run(bool instructions, const struct suite_case *cases)
{
	wanted = instructions;
	sha256_block_use_instructions(wanted);
	aes_wrap_use_instructions(wanted);
	crypto = cpns_crypto_openssl_new();
	int status = suite_run(wanted ? "library" : "library, without instructions", cases);

	cpns_crypto_free(crypto);
	return status;
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"instructions", test_instructions},
	    {"SHA-256's compression: SHA256_Transform", test_blocks},
	    {"the block that ends an HMAC: SHA256_Transform", test_hash_blocks},
	    {"SHA-256 and HMAC of every length", test_lengths},
	    {"SHA-256: EVP_Digest", test_hash},
	    {"HMAC: EVP_MAC", test_hmac},
	    {"HKDF: EVP_KDF", test_hkdf},
	    {"PBKDF2: PKCS5_PBKDF2_HMAC", test_pbkdf2},
	    {"key wrap: EVP_aes_256_wrap", test_wrap},
	    {"key wrap in place", test_wrap_in_place},
	    {0},
	};
	int with = run(true, cases), without = run(false, cases);

	return with != 0 ? with : without;
}
