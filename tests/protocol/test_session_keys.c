/* Key material of step 0 and the nonce of a challenge against known answers, and what each derivation is charged.
 *
 * TS 33.220 gives no test data and the rest is the project's own, so none of these is published: all were computed
 * from the formulas in session_keys.h and keys.h by a second implementation, Python's hashlib and hmac. Counts are as
 * in test_keys.c: SHA-256 of n octets takes ceil((n + 9) / 64) compressions, HMAC over n ceil((n + 73) / 64) + 2. */
#include <string.h>

#include "models/crypto/crypto.h"
#include "models/protocol/session_keys.h"
#include "tests/lib/suite.h"

static struct cpns_crypto *crypto;
static struct cpns_ops ops;
static uint8_t up[256]; /* 0, 1, 2 ...; K is 00..1f, RAND and B-TID 30..3f, RAND_GW 50..5f, RAND_PNE 70..7f */

static const struct cpns_octets gateway = {(const uint8_t *)"gw:01", 5}, pne = {(const uint8_t *)"pne:0001", 8},
				realm = {(const uint8_t *)"cpns.example", 12};
static uint8_t long_gateway[255], long_pne[255]; /* the longest IDs: 'g' and 'p' 255 times */
static const struct cpns_octets longest_gateway = {long_gateway, sizeof long_gateway},
				longest_pne = {long_pne, sizeof long_pne};

static const char KS[] = "a256558ff3ca16ba1296d8a7455fc7e7bdc517d4eb900caf01084ff36328f061";
static const char KS_NAF[] = "a188ffed16376bedb005f7d8d5213f9d8eb8e689c23e5948e336817fe4b1bc40";
static const char PAN_KEY[] = "c095e73e297992c06469c1815507b0aefdf5e5201efbed1cf719ff042a8a97dc";

/* Fresh counters for each derivation. */
static struct cpns_work work(void)
{
	memset(&ops, 0, sizeof ops);
	return (struct cpns_work){crypto, &ops};
}

static void from_hex(const char *hex, uint8_t *out)
{
	static const char digits[] = "0123456789abcdef";

	for (; hex[0] != '\0'; hex += 2)
		*out++ = (uint8_t)((strchr(digits, hex[0]) - digits) << 4 | (strchr(digits, hex[1]) - digits));
}

static bool is(const uint8_t *at, const char *hex)
{
	uint8_t expected[CPNS_HASH];

	from_hex(hex, expected);
	return memcmp(at, expected, strlen(hex) / 2) == 0;
}

/* Exactly these operations and no others. */
static bool hashes(uint32_t sha256, uint32_t hmac, uint32_t compressions)
{
	const struct cpns_ops expected = {.sha256 = sha256, .hmac = hmac, .compressions = compressions};

	return memcmp(&ops, &expected, sizeof ops) == 0;
}

/* TS 33.220 B.2 */
static void test_kdf(void)
{
	static const uint8_t zeros[300];
	const struct cpns_octets p[4] = {
	    {(const uint8_t *)"a", 1}, {zeros, 0}, {zeros, sizeof zeros}, {up + 0x10, 16}};
	uint8_t key[CPNS_HASH];

	cpns_gba_kdf(work(), up, 0x42, NULL, 0, key);
	CU_ASSERT_TRUE(is(key, "ef2a09b50b6c62b2e5a46fe80ddb33c05843b297dc5251a22b6acb01a3d6e624"));
	CU_ASSERT_TRUE(hashes(0, 1, 4)); /* 1 octet */
	cpns_gba_kdf(work(), up, 0x10, p, 4, key);
	CU_ASSERT_TRUE(is(key, "4538320ef495e5f705ac57201e921625de7df18052df83574126a790b85c07ce"));
	CU_ASSERT_TRUE(hashes(0, 1, 9)); /* 1 + 3 + 2 + 302 + 18 octets */
}

/* One HMAC each, over the label, 2 + 5 octets of IMPI and 16 of RAND. */
static void test_aka(void)
{
	uint8_t tag[CPNS_TAG], ks[CPNS_HASH];

	cpns_aka_autn(work(), up, gateway, up + 0x30, tag);
	CU_ASSERT_TRUE(is(tag, "951f15b98e82bd50b7191f9d95414193"));
	CU_ASSERT_TRUE(hashes(0, 1, 4));
	cpns_aka_res(work(), up, gateway, up + 0x30, tag);
	CU_ASSERT_TRUE(is(tag, "1280815b86c89e45cdc2a8900ee5edd4"));
	CU_ASSERT_TRUE(hashes(0, 1, 4));
	cpns_aka_ks(work(), up, gateway, up + 0x30, ks);
	CU_ASSERT_TRUE(is(ks, KS));
	CU_ASSERT_TRUE(hashes(0, 1, 4));

	cpns_aka_autn(work(), up, longest_gateway, up + 0x30, tag);
	CU_ASSERT_TRUE(is(tag, "0698fe4e31e57a2821e810977d1dc6de"));
	CU_ASSERT_TRUE(hashes(0, 1, 8)); /* 11 + 257 + 16 octets */
}

/* TS 33.220 B.3 */
static void test_ks_naf(void)
{
	uint8_t ks[CPNS_HASH], key[CPNS_HASH];

	from_hex(KS, ks);
	cpns_ks_naf(work(), ks, up + 0x30, gateway, realm, key);
	CU_ASSERT_TRUE(is(key, KS_NAF));
	CU_ASSERT_TRUE(hashes(0, 1, 4)); /* 1 + 8 + 18 + 7 + 19 octets */
	cpns_ks_naf(work(), ks, up + 0x30, longest_gateway, longest_gateway, key);
	CU_ASSERT_TRUE(is(key, "72d66fec0d8940539264a0e01afa46ba0ba26523aaee721e032762b660410200"));
	CU_ASSERT_TRUE(hashes(0, 1, 12)); /* 1 + 8 + 18 + 257 + 262 octets */
}

static void test_session_proofs(void)
{
	static const uint8_t hour[8] = {0, 0, 0x03, 0x46, 0x30, 0xb8, 0xa0, 0}; /* 3600 s in ns */
	uint8_t key[CPNS_HASH], tag[CPNS_TAG];

	from_hex(KS_NAF, key);
	cpns_session_request_proof(work(), key, up + 0x30, up + 0x50, tag);
	CU_ASSERT_TRUE(is(tag, "7dbf321cb2c8ed136e3c2c3c048c778a"));
	CU_ASSERT_TRUE(hashes(0, 1, 4)); /* 13 + 16 + 16 octets */
	cpns_session_response_proof(work(), key, up + 0x30, up + 0x50, hour, tag);
	CU_ASSERT_TRUE(is(tag, "8c0238db46a29faad24e6e3fe54ef817"));
	CU_ASSERT_TRUE(hashes(0, 1, 4)); /* 13 + 16 + 16 + 8 octets */
}

static void test_pairing(void)
{
	uint8_t key[CPNS_HASH], tag[CPNS_TAG];

	cpns_pairing_commitment(work(), gateway, up + 0x50, key);
	CU_ASSERT_TRUE(is(key, "c1a965a5f4939e095765d9801b215c02ef79f50f4de025de2f8ea85da046f540"));
	CU_ASSERT_TRUE(hashes(1, 0, 1)); /* 11 + 7 + 16 octets */
	cpns_pairing_commitment(work(), longest_gateway, up + 0x50, key);
	CU_ASSERT_TRUE(is(key, "d9f2d21595b2d612c2db500785ff7bc917217ae8cb7dd5fcdcca83e311fba16a"));
	CU_ASSERT_TRUE(hashes(1, 0, 5)); /* 11 + 257 + 16 octets */

	cpns_pairing_key(work(), up, longest_gateway, longest_pne, up + 0x50, up + 0x70, key);
	CU_ASSERT_TRUE(is(key, "484a014cae6e7dcf2b889fc984a55494fc4ca4fa3a92c18210f67cf846c86373"));
	CU_ASSERT_TRUE(hashes(0, 2, 4 + 12)); /* 32, then 10 + 257 + 257 + 1 octets */
	cpns_pairing_key(work(), up, gateway, pne, up + 0x50, up + 0x70, key);
	CU_ASSERT_TRUE(is(key, PAN_KEY));
	CU_ASSERT_TRUE(hashes(0, 2, 4 + 4)); /* 32, then 10 + 7 + 10 + 1 octets */

	cpns_pairing_opening_proof(work(), key, tag);
	CU_ASSERT_TRUE(is(tag, "33a7d4b3d95ec095506ed679d69cbaba"));
	CU_ASSERT_TRUE(hashes(0, 1, 4)); /* 14 octets */
	cpns_pairing_confirmation_proof(work(), key, tag);
	CU_ASSERT_TRUE(is(tag, "5ddc2e092d27062d4d1a68c4a5608db5"));
	CU_ASSERT_TRUE(hashes(0, 1, 4)); /* 15 octets */
}

static void test_challenge_nonce(void)
{
	static const struct {
		uint64_t time;
		const char *nonce;
	} cases[] = {
	    {0, "80000000000000001b885e42cd52ffb8"},
	    {1, "8000000000000001ec981adb469167b5"},
	    {UINT64_C(123456789012345678), "81b69b4ba630f34e36bcc0e2a1dd53ea"},
	};
	uint8_t nonce[16];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cpns_challenge_nonce(work(), up, pne, cases[i].time, nonce);
		CU_ASSERT_TRUE(is(nonce, cases[i].nonce));
		CU_ASSERT_TRUE(hashes(0, 1, 4)); /* 12 + 8 + 10 octets */
	}
	cpns_challenge_nonce(work(), up, longest_pne, 7, nonce);
	CU_ASSERT_TRUE(is(nonce, "80000000000000074ef29b9c6cfe0225"));
	CU_ASSERT_TRUE(hashes(0, 1, 8)); /* 12 + 8 + 257 octets */
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"KDF of TS 33.220", test_kdf},
	    {"stand-ins for the AKA", test_aka},
	    {"Ks_NAF", test_ks_naf},
	    {"proofs of a session", test_session_proofs},
	    {"pairing", test_pairing},
	    {"nonce of a challenge", test_challenge_nonce},
	    {0},
	};

	for (size_t i = 0; i < sizeof up; i++)
		up[i] = (uint8_t)i;
	memset(long_gateway, 'g', sizeof long_gateway);
	memset(long_pne, 'p', sizeof long_pne);
	crypto = cpns_crypto_openssl_new();
	int status = suite_run("session_keys", cases);

	cpns_crypto_free(crypto);
	return status;
}
