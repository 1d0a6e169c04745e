/* What an operation costs: as the simulator does it, and as the library's own calls do. All take turns, so that what
 * else goes on in the machine meets all of them; medians, and the ratio of the library's to ours.
 *
 * usage: bench_crypto [-r ROUNDS]
 *        bench_crypto [-r ROUNDS] SHA256 HMAC KEYWRAP PBKDF2
 *
 * With numbers of operations: performs as many of each in plain loops, each by the fastest pattern that OpenSSL's
 * headers offer, and prints the median CPU time of all of them, s. The lengths are those of 6.3.2.1: of seven HMACs
 * five are of one block, two of two blocks; each has a key of its own, each PBKDF2 is one iteration. */
#define OPENSSL_SUPPRESS_DEPRECATED /* to compare with: see models/crypto/sha256_block.c */
#include <glib.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "models/crypto/crypto.h"

#define ROUNDS_MAX 101

static struct cpns_crypto *ours, *stand_in;
static EVP_MD *md;
static EVP_MD_CTX *digest;
static EVP_MAC_CTX *mac;
static EVP_KDF_CTX *kdf;
static EVP_CIPHER_CTX *wrap, *unwrap, *ecb, *ecb_back;

/* What is hashed is as long as the median of what the protocol hashes: two names, two nonces. */
static uint8_t text[88] = {1}, key[CPNS_HASH] = {2}, info[40] = {3}, wrapped[CPNS_WRAPPED], out[256];

static void must(bool done, const char *what)
{
	if (!done)
		g_error("%s", what);
}

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void next_key(void)
{
	uint64_t count;

	memcpy(&count, key, sizeof count);
	count++;
	memcpy(key, &count, sizeof count);
}

/* Patterns, one operation each */

static const struct cpns_octets whole = {text, sizeof text};

static void sha_ours(void)
{
	ours->sha256(ours->self, &whole, 1, out);
}

static void sha_of(size_t n)
{
	SHA256_CTX c;

	SHA256_Init(&c);
	SHA256_Update(&c, text, n);
	SHA256_Final(out, &c);
}

static void sha_low(void)
{
	sha_of(sizeof text);
}

static void sha_low_short(void)
{
	sha_of(32);
}

static void sha_kept(void)
{
	EVP_DigestInit_ex2(digest, md, NULL);
	EVP_DigestUpdate(digest, text, sizeof text);
	EVP_DigestFinal_ex(digest, out, NULL);
}

static void sha_one_shot(void)
{
	SHA256(text, sizeof text, out);
}

static void hmac_ours(void)
{
	ours->hmac(ours->self, key, sizeof key, &whole, 1, out);
}

static void hmac_ours_new(void)
{
	next_key();
	hmac_ours();
}

static void hmac_stand_in(void)
{
	stand_in->hmac(stand_in->self, key, sizeof key, &whole, 1, out);
}

/* RFC 2104 over the low-level calls: the fastest that the headers offer. */
static void hmac_of(size_t n)
{
	SHA256_CTX c;
	uint8_t pad[64], inner[CPNS_HASH];

	next_key();
	memset(pad, 0x36, sizeof pad);
	for (size_t i = 0; i < sizeof key; i++)
		pad[i] ^= key[i];
	SHA256_Init(&c);
	SHA256_Update(&c, pad, sizeof pad);
	SHA256_Update(&c, text, n);
	SHA256_Final(inner, &c);
	for (size_t i = 0; i < sizeof pad; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	SHA256_Init(&c);
	SHA256_Update(&c, pad, sizeof pad);
	SHA256_Update(&c, inner, sizeof inner);
	SHA256_Final(out, &c);
}

static void hmac_low(void)
{
	hmac_of(sizeof text);
}

static void hmac_low_short(void)
{
	hmac_of(32);
}

static void hmac_kept(void)
{
	next_key();
	EVP_MAC_init(mac, key, sizeof key, NULL);
	EVP_MAC_update(mac, text, sizeof text);
	EVP_MAC_final(mac, out, NULL, CPNS_HASH);
}

static void hmac_one_shot(void)
{
	next_key();
	HMAC(md, key, sizeof key, text, sizeof text, out, NULL);
}

static void hkdf_ours(void)
{
	uint8_t prk[CPNS_HASH];

	next_key();
	ours->hmac(ours->self, text, 32, &(struct cpns_octets){key, sizeof key}, 1, prk);
	ours->hmac(ours->self, prk, sizeof prk,
		   (const struct cpns_octets[]){{info, sizeof info}, {(const uint8_t[]){1}, 1}}, 2, out);
}

static void hkdf_kept(void)
{
	OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key, sizeof key),
			       OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, text, 32),
			       OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, sizeof info),
			       OSSL_PARAM_construct_end()};

	next_key();
	EVP_KDF_derive(kdf, out, CPNS_HASH, params);
}

/* New inputs, so that nothing is an answer that was kept. */
static void pbkdf2_ours(void)
{
	next_key();
	ours->pbkdf2(ours->self, key, sizeof key, text, 16, 1, out);
}

static void pbkdf2_ours_1000(void)
{
	next_key();
	ours->pbkdf2(ours->self, key, sizeof key, text, 16, 1000, out);
}

static void pbkdf2_low(void)
{
	static const uint8_t one[] = {0, 0, 0, 1};

	memcpy(text + 16, one, sizeof one);
	hmac_of(16 + sizeof one);
}

static void pbkdf2_library(void)
{
	next_key();
	PKCS5_PBKDF2_HMAC((const char *)key, sizeof key, text, 16, 1, md, CPNS_HASH, out);
}

static void pbkdf2_library_1000(void)
{
	next_key();
	PKCS5_PBKDF2_HMAC((const char *)key, sizeof key, text, 16, 1000, md, CPNS_HASH, out);
}

static void wrap_ours(void)
{
	next_key();
	ours->wrap(ours->self, key, text, out);
}

/* Of what nobody wrapped under that key: refused, after the same work. */
static void unwrap_ours(void)
{
	next_key();
	ours->unwrap(ours->self, key, wrapped, out);
}

/* RFC 3394 without what a caller has to check and to keep. */
static void steps(EVP_CIPHER_CTX *context, bool back)
{
	uint8_t block[16], r[CPNS_HASH];
	int n;

	EVP_CipherInit_ex2(context, NULL, key, NULL, !back, NULL);
	memset(block, 0xa6, 8);
	memcpy(r, text, sizeof r);
	for (int i = 0; i < 24; i++) {
		uint8_t *at = r + (size_t)(back ? 23 - i : i) % 4 * 8;

		if (back)
			block[7] ^= (uint8_t)(24 - i);
		memcpy(block + 8, at, 8);
		EVP_CipherUpdate(context, block, &n, block, 16);
		if (!back)
			block[7] ^= (uint8_t)(i + 1);
		memcpy(at, block + 8, 8);
	}
	memcpy(out, block, 8);
	memcpy(out + 8, r, sizeof r);
}

static void wrap_ecb(void)
{
	next_key();
	steps(ecb, false);
}

static void unwrap_ecb(void)
{
	next_key();
	steps(ecb_back, true);
}

static void wrap_library(void)
{
	int n;

	next_key();
	EVP_CipherInit_ex2(wrap, NULL, key, NULL, 1, NULL);
	EVP_CipherUpdate(wrap, out, &n, text, CPNS_HASH);
}

static void unwrap_library(void)
{
	int n;

	next_key();
	EVP_CipherInit_ex2(unwrap, NULL, key, NULL, 0, NULL);
	EVP_CipherUpdate(unwrap, out, &n, wrapped, CPNS_WRAPPED);
}

static void gcm_ours(void)
{
	next_key();
	ours->seal(ours->self, key, text, text, 32, out, out + 32);
}

/* All of them; a ratio is to the first of its group */
static const struct pattern {
	const char *group, *name;
	void (*once)(void);
	unsigned times;
} patterns[] = {
    {"SHA-256 of 88 octets", "ours", sha_ours, 20000},
    {NULL, "SHA256_Init, _Update, _Final", sha_low, 20000},
    {NULL, "kept EVP_MD_CTX", sha_kept, 20000},
    {NULL, "SHA256()", sha_one_shot, 5000},
    {"HMAC of 88 octets", "ours, a new key each time", hmac_ours_new, 20000},
    {NULL, "ours, a key used before", hmac_ours, 20000},
    {NULL, "SHA256_Init, _Update, _Final", hmac_low, 20000},
    {NULL, "kept EVP_MAC_CTX", hmac_kept, 10000},
    {NULL, "HMAC()", hmac_one_shot, 5000},
    {NULL, "the stand-in", hmac_stand_in, 20000},
    {"HKDF to 32 octets", "ours", hkdf_ours, 10000},
    {NULL, "kept EVP_KDF_CTX", hkdf_kept, 2000},
    {"PBKDF2, 1 iteration", "ours", pbkdf2_ours, 2000},
    {NULL, "SHA256_Init, _Update, _Final", pbkdf2_low, 5000},
    {NULL, "PKCS5_PBKDF2_HMAC", pbkdf2_library, 2000},
    {"PBKDF2, 1000 iterations", "ours", pbkdf2_ours_1000, 20},
    {NULL, "PKCS5_PBKDF2_HMAC", pbkdf2_library_1000, 10},
    {"key wrap", "ours", wrap_ours, 5000},
    {NULL, "kept AES-256-ECB", wrap_ecb, 5000},
    {NULL, "kept AES-256-WRAP", wrap_library, 2000},
    {"key unwrap", "ours", unwrap_ours, 5000},
    {NULL, "kept AES-256-ECB", unwrap_ecb, 5000},
    {NULL, "kept AES-256-WRAP", unwrap_library, 2000},
    {"sealing 32 octets", "ours, kept AES-256-GCM", gcm_ours, 5000},
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof *values, compare);
	return values[n / 2];
}

static double time_of(void (*once)(void), unsigned long times)
{
	double since = cpu_seconds();

	for (unsigned long i = 0; i < times; i++) {
		once();
		__asm__ volatile("" ::: "memory");
	}
	return cpu_seconds() - since;
}

static void compare_patterns(size_t rounds)
{
	static double ns[G_N_ELEMENTS(patterns)][ROUNDS_MAX];
	double first = 0;

	for (size_t r = 0; r < rounds; r++)
		for (size_t p = 0; p < G_N_ELEMENTS(patterns); p++)
			ns[p][r] = time_of(patterns[p].once, patterns[p].times) * 1e9 / patterns[p].times;
	for (size_t p = 0; p < G_N_ELEMENTS(patterns); p++) {
		double m = median(ns[p], rounds);

		if (patterns[p].group != NULL) {
			printf("%s\n", patterns[p].group);
			first = m;
		}
		printf("  %-30s %9.0f ns   x %.2f\n", patterns[p].name, m, m / first);
	}
}

/* Half of the key wraps are unwraps. */
static void repeat(size_t rounds, char **counts)
{
	unsigned long n[4];
	double seconds[ROUNDS_MAX];

	for (int i = 0; i < 4; i++)
		n[i] = strtoul(counts[i], NULL, 10);
	for (size_t r = 0; r < rounds; r++)
		seconds[r] = time_of(sha_low_short, n[0]) + time_of(hmac_low_short, n[1] - n[1] / 7 * 2) +
			     time_of(hmac_low, n[1] / 7 * 2) + time_of(wrap_ecb, n[2] - n[2] / 2) +
			     time_of(unwrap_ecb, n[2] / 2) + time_of(pbkdf2_low, n[3]);
	printf("%.4f\n", median(seconds, rounds));
}

static EVP_CIPHER_CTX *cipher_new(const char *name, int encrypts)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

	EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	must(EVP_CipherInit_ex2(context, cipher, key, NULL, encrypts, NULL) == 1, name);
	EVP_CIPHER_CTX_set_padding(context, 0);
	EVP_CIPHER_free(cipher);
	return context;
}

static void set_up(void)
{
	char name[] = "SHA256";
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
			       OSSL_PARAM_construct_end()};
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_KDF *hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);

	ours = cpns_crypto_openssl_new();
	stand_in = cpns_crypto_counted_new();
	md = EVP_MD_fetch(NULL, name, NULL);
	digest = EVP_MD_CTX_new();
	mac = EVP_MAC_CTX_new(hmac);
	kdf = EVP_KDF_CTX_new(hkdf);
	must(EVP_MAC_CTX_set_params(mac, params) && EVP_KDF_CTX_set_params(kdf, params), "SHA256");
	EVP_MAC_free(hmac);
	EVP_KDF_free(hkdf);
	wrap = cipher_new("AES-256-WRAP", 1);
	unwrap = cipher_new("AES-256-WRAP", 0);
	ecb = cipher_new("AES-256-ECB", 1);
	ecb_back = cipher_new("AES-256-ECB", 0);
	ours->wrap(ours->self, key, text, wrapped);
}

static void tear_down(void)
{
	EVP_CIPHER_CTX_free(ecb_back);
	EVP_CIPHER_CTX_free(ecb);
	EVP_CIPHER_CTX_free(unwrap);
	EVP_CIPHER_CTX_free(wrap);
	EVP_KDF_CTX_free(kdf);
	EVP_MAC_CTX_free(mac);
	EVP_MD_CTX_free(digest);
	EVP_MD_free(md);
	cpns_crypto_free(stand_in);
	cpns_crypto_free(ours);
}

/* What is compared must be the same work. */
static void check(void)
{
	static void (*const pairs[][2])(void) = {
	    {sha_ours, sha_low}, {hmac_ours_new, hmac_low}, {hkdf_ours, hkdf_kept}, {wrap_ours, wrap_ecb}};
	uint8_t before[CPNS_HASH], first[CPNS_HASH];

	for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
		memcpy(before, key, sizeof key);
		pairs[i][0]();
		memcpy(first, out, sizeof first);
		memcpy(key, before, sizeof key);
		pairs[i][1]();
		must(memcmp(first, out, sizeof first) == 0, "two patterns do not agree");
	}
}

int main(int argc, char **argv)
{
	size_t rounds = 11;
	int option;

	while ((option = getopt(argc, argv, "r:")) != -1) {
		if (option != 'r')
			return 2;
		rounds = CLAMP(strtoul(optarg, NULL, 10), 1, ROUNDS_MAX);
	}
	if (argc - optind != 0 && argc - optind != 4) {
		fputs("usage: bench_crypto [-r ROUNDS] [SHA256 HMAC KEYWRAP PBKDF2]\n", stderr);
		return 2;
	}
	set_up();
	check();
	if (argc == optind)
		compare_patterns(rounds);
	else
		repeat(rounds, argv + optind);
	tear_down();
	return 0;
}
