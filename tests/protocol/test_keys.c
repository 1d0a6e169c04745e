/* Key material against the known answers of the protocol description, and what each derivation is charged.
 *
 * The counts follow from the standards: SHA-256 of n octets takes ceil((n + 9) / 64) compressions (FIPS 180-4), an
 * HMAC with a key of at most 64 octets over n of them ceil((n + 73) / 64) and 2 more (RFC 2104), HKDF with 32 octets
 * of output two HMACs (RFC 5869), AES-KW of 32 octets 24 blocks (RFC 3394), AES-GCM of 32 octets 2 blocks and those
 * of H and J0, with 2 + 1 GHASH multiplications (SP 800-38D). */
#include <stdio.h>
#include <string.h>

#include "models/crypto/crypto.h"
#include "models/protocol/keys.h"
#include "models/protocol/msg.h"
#include "tests/lib/suite.h"

static struct cpns_crypto *crypto;
static struct cpns_ops ops;

static const struct cpns_octets realm = {(const uint8_t *)"cpns.example", 12};
static const struct cpns_octets password = {(const uint8_t *)"correct horse battery", 21};
static const struct cpns_octets gateway = {(const uint8_t *)"gw:01", 5};
static const struct cpns_names names = {{(const uint8_t *)"alice@cpns.example", 18},
					{(const uint8_t *)"pne:0001", 8}};

static const char PWH[] = "afb251af37ee492d998fb384875d3197c5c5b29ccf20eba211feafa22de3046c";
static const char PRK[] = "39a1248383c55d58187310b2f910e3efd0573f562ef6956d02b3b458bcdb78a7";
static const char K_WRAP[] = "c1e0fa4b1a653659de1251df646982d477c3d25bbf047b5efa03c8bd78d336e2";
static const char KEK[] = "c1444a50efcdf5b395e42860f853a01958435d9b05824f7e72bf01aafb9b8686";
static const char K_N[] = "913a9dbaab2df0a302f387142515a37c4d376a4e361623ce9298cce30fdd9c20";
static const char KEK_EUKEY[] = "c352d58726c7ce79033be03c23b68f1c0d981dc64360c0c97345d9f2fb4bd5c33fd1da2750892943";

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
	uint8_t expected[64];

	from_hex(hex, expected);
	return memcmp(at, expected, strlen(hex) / 2) == 0;
}

/* n octets from `first` upwards, as the vectors have them */
static const uint8_t *count_up(uint8_t first)
{
	static uint8_t all[256];

	for (size_t i = 0; i < sizeof all; i++)
		all[i] = (uint8_t)i;
	return all + first;
}

static bool hashes(uint32_t sha256, uint32_t hmac, uint32_t compressions)
{
	const struct cpns_ops expected = {.sha256 = sha256, .hmac = hmac, .compressions = compressions};

	return memcmp(&ops, &expected, sizeof ops) == 0;
}

static void test_password(void)
{
	uint8_t salt[16], pwh[CPNS_HASH];
	struct cpns_rules rules = {.stretched_password = true, .realm = realm, .iterations = 1000};

	cpns_password_salt(work(), realm, names.user, salt);
	CU_ASSERT_TRUE(is(salt, "67124fc34bb18c61c199d813674b716e"));
	CU_ASSERT_TRUE(hashes(1, 0, 1)); /* 43 octets */
	cpns_password_stretch(work(), password, salt, 1000, pwh);
	CU_ASSERT_TRUE(is(pwh, PWH));
	CU_ASSERT_EQUAL(ops.pbkdf2_iterations, 1000);
	CU_ASSERT_EQUAL(ops.compressions, 0); /* those inside PBKDF2 are apart */

	memset(pwh, 0, sizeof pwh);
	cpns_password_hash(work(), &rules, names.user, password, pwh);
	CU_ASSERT_TRUE(is(pwh, PWH));
	CU_ASSERT_EQUAL(ops.pbkdf2_iterations, 1000);

	/* HA1 of RFC 7616: 53 octets, and the iterations are ignored */
	cpns_password_ha1(work(), names.user, realm, password, pwh);
	CU_ASSERT_TRUE(is(pwh, "acf08f94c315101aa90c15c1d8e328d879a3f8af9d4c2ca3819e9ed1771f2301"));
	CU_ASSERT_TRUE(hashes(1, 0, 1));
	memset(pwh, 0, sizeof pwh);
	rules.stretched_password = false;
	cpns_password_hash(work(), &rules, names.user, password, pwh);
	CU_ASSERT_TRUE(is(pwh, "acf08f94c315101aa90c15c1d8e328d879a3f8af9d4c2ca3819e9ed1771f2301"));
	CU_ASSERT_EQUAL(ops.pbkdf2_iterations, 0);
}

static void test_sub_keys(void)
{
	static const struct {
		const char *label, *key;
	} cases[] = {
	    {"trg", "45aa9d036be957a4b7de4f695e06b3b37a27235b94c7335963ad3ef6f03a7a6a"},
	    {"req", "55b6e0b9b110aee10f638120051c4db650eb67fc364c667597f540f22a0506a1"},
	    {"rsp", "808c57b40c51e7edb61f72d0a9e49fca8700cd6d97ecf43e6497866ac6f33f23"},
	};
	uint8_t pwh[CPNS_HASH], prk[CPNS_HASH], key[CPNS_HASH];

	from_hex(PWH, pwh);
	cpns_prk(work(), pwh, prk);
	CU_ASSERT_TRUE(is(prk, PRK));
	CU_ASSERT_TRUE(hashes(0, 1, 4)); /* 32 octets */
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cpns_subkey(work(), prk, cases[i].label, key);
		CU_ASSERT_TRUE(is(key, cases[i].key));
		CU_ASSERT_TRUE(hashes(0, 1, 4)); /* 3 + 1 octets */
	}
	cpns_wrap_key(work(), prk, &names, key);
	CU_ASSERT_TRUE(is(key, K_WRAP));
	CU_ASSERT_TRUE(hashes(0, 1, 4)); /* 4 + 20 + 10 + 1 octets */
}

/* Every proof is one HMAC of a sub-key, which is one HMAC itself. */
static void test_proofs(void)
{
	uint8_t prk[CPNS_HASH], wrapped[CPNS_WRAPPED], tag[CPNS_TAG];
	const struct cpns_octets none = {NULL, 0}, rand_t = {count_up(0x40), 16}, nonce = {count_up(0x10), 16};

	from_hex(PRK, prk);
	from_hex(KEK_EUKEY, wrapped);
	cpns_trigger_proof(work(), prk, &names, gateway, rand_t.at, tag);
	CU_ASSERT_TRUE(is(tag, "a069f1e27f15e37456d6c658961c2e80"));
	CU_ASSERT_TRUE(hashes(0, 2, 4 + 4)); /* 53 octets */
	cpns_request_proof(work(), prk, &names, count_up(0), rand_t, tag);
	CU_ASSERT_TRUE(is(tag, "e8e1b58eaaac6e2bdddb41f8f93acd36"));
	CU_ASSERT_TRUE(hashes(0, 2, 4 + 5)); /* 62 octets */
	cpns_response_proof(work(), prk, &names, count_up(0), nonce, 0, (struct cpns_octets){wrapped, sizeof wrapped},
			    tag);
	CU_ASSERT_TRUE(is(tag, "f3fcded8ce4692be012e833a75390c61"));
	CU_ASSERT_TRUE(hashes(0, 2, 4 + 5)); /* 103 octets */

	/* Not published: computed with a second implementation of HMAC. */
	cpns_request_proof(work(), prk, &names, count_up(0), none, tag);
	CU_ASSERT_TRUE(is(tag, "3dcaf1bac25964c8c40c503de4863dea"));
	CU_ASSERT_TRUE(hashes(0, 2, 4 + 4)); /* 46 octets */
	cpns_request_proof(work(), prk, &names, count_up(0), nonce, tag);
	CU_ASSERT_TRUE(is(tag, "7be1a829c1d62bc9c5f90e466c3e2f27"));
	cpns_response_proof(work(), prk, &names, count_up(0), none, 3, none, tag);
	CU_ASSERT_TRUE(is(tag, "b20279e933eb6ef40a5591ca4dc35e84"));
	CU_ASSERT_TRUE(hashes(0, 2, 4 + 4)); /* 47 octets */
}

static void test_delivery(void)
{
	static const struct cpns_ops one_wrap = {.keywrap = 1, .aes_keys = 1, .aes_blocks = 24};
	uint8_t pwh[CPNS_HASH], kek[CPNS_HASH], wrapped[CPNS_WRAPPED], eukey[CPNS_HASH] = {0}, untouched[CPNS_HASH];

	from_hex(PWH, pwh);
	cpns_kek(work(), pwh, &names, count_up(0), count_up(0x10), kek);
	CU_ASSERT_TRUE(is(kek, KEK));
	CU_ASSERT_TRUE(hashes(0, 2, 4 + 4)); /* 32, then 10 + 20 + 10 + 1 octets */
	cpns_key_wrap(work(), kek, count_up(0x20), wrapped);
	CU_ASSERT_TRUE(is(wrapped, KEK_EUKEY));
	CU_ASSERT_EQUAL(memcmp(&ops, &one_wrap, sizeof ops), 0);
	CU_ASSERT_TRUE(cpns_key_unwrap(work(), kek, (struct cpns_octets){wrapped, sizeof wrapped}, eukey));
	CU_ASSERT_EQUAL(memcmp(eukey, count_up(0x20), sizeof eukey), 0);
	CU_ASSERT_EQUAL(memcmp(&ops, &one_wrap, sizeof ops), 0);

	kek[31] ^= 1;
	memcpy(untouched, eukey, sizeof untouched);
	CU_ASSERT_FALSE(cpns_key_unwrap(work(), kek, (struct cpns_octets){wrapped, sizeof wrapped}, eukey));
	CU_ASSERT_EQUAL(memcmp(eukey, untouched, sizeof eukey), 0);
	CU_ASSERT_EQUAL(memcmp(&ops, &one_wrap, sizeof ops), 0); /* a failure costs as much */

	from_hex(K_WRAP, kek);
	cpns_key_wrap(work(), kek, count_up(0x20), wrapped);
	CU_ASSERT_TRUE(
	    is(wrapped, "ffbf933969665ad2e38aac06aa0a8e4476a12b1cb603cc504bba628c5ac3bca12e025b1e40eb34e8"));
}

static void test_notification(void)
{
	const struct cpns_octets tk = {count_up(0xa0), 16};
	const struct cpns_notice fresh = {count_up(0x60), 1, 7}, literal = {NULL, 1, 7}, other = {NULL, 2, 8};
	uint8_t key[CPNS_HASH], same[CPNS_HASH], wrapped[CPNS_WRAPPED], tag[CPNS_TAG];

	cpns_notification_key(work(), tk, names.entity, &fresh, key);
	CU_ASSERT_TRUE(is(key, K_N));
	CU_ASSERT_TRUE(hashes(0, 2, 4 + 4)); /* 16, then 10 + 10 + 4 + 8 + 1 octets */
	cpns_key_wrap(work(), key, count_up(0x20), wrapped);
	CU_ASSERT_TRUE(
	    is(wrapped, "d8f0aaed809ba0abcc5fcecc0a1e3a4fee4a06691433879a43ad830e336b578a35c59bdd50a89d04"));

	/* Not published: computed with a second implementation of HMAC and AES-KW. */
	cpns_notification_key(work(), tk, names.entity, &literal, key);
	CU_ASSERT_TRUE(is(key, "4ad1b566143dbe65d416c7ea3a68a217a73f19acc4077dad976e660bf55ce2c9"));
	cpns_notification_key(work(), tk, names.entity, &other, same);
	CU_ASSERT_EQUAL(memcmp(key, same, sizeof key), 0); /* it depends on the Temporary Key alone */
	cpns_ack_proof(work(), tk, names.entity, &fresh, tag);
	CU_ASSERT_TRUE(is(tag, "9c34a7bf1a0a776f81e2aa92d5ddbfc8"));
	CU_ASSERT_TRUE(hashes(0, 3, 4 + 4 + 4)); /* the last over 10 + 8 octets */
	cpns_ack_proof(work(), tk, names.entity, &literal, tag);
	CU_ASSERT_TRUE(is(tag, "7f0b2b01451433fb54ad45a059af0fd3"));
}

/* RFC 7616 computed by a second implementation, method "EUKeyAssignmentRequest", URI the Entity ID. */
static void test_digest(void)
{
	static const struct {
		const char *what;
		bool stretched, challenge;
		uint32_t sha256, compressions;
		const char *response;
	} cases[] = {
	    /* HA2 31 octets, response 209; a stretched password adds an HA1 of 96; no nonce: 177 */
	    {"literal, challenge", false, true, 2, 1 + 4,
	     "ce8c8887b1d71fa14efdbf459f4de2c2681659cf5cb6d1e2a6a88512b0a7dd25"},
	    {"literal, single round", false, false, 2, 1 + 3,
	     "72adea6258d6e1ab96ae2bad17e555a658903869a713805255d17a84ba82a54f"},
	    {"stretched, challenge", true, true, 3, 2 + 1 + 4,
	     "4ebafa6ec18da6b99b8ff7055dc71c9ab9518400b810773c4fbce0378c071603"},
	    {"stretched, single round", true, false, 3, 2 + 1 + 3,
	     "2e4487207deffbf2a7258da217f49b196b940a65774f6a17f4ed374278ddf19f"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct cpns_rules rules = {
		    .stretched_password = cases[i].stretched, .realm = realm, .iterations = 1000};
		const struct cpns_octets nonce = {count_up(0x10), cases[i].challenge ? 16 : 0};
		uint8_t pwh[CPNS_HASH], response[CPNS_HASH];

		cpns_password_hash(work(), &rules, names.user, password, pwh);
		cpns_digest(work(), &rules, pwh, &names, nonce, count_up(0), response);
		CU_ASSERT_TRUE(is(response, cases[i].response));
		if (!hashes(cases[i].sha256, 0, cases[i].compressions)) {
			printf("\n    %s: %u hashes, %u compressions\n", cases[i].what, ops.sha256, ops.compressions);
			CU_FAIL("operations of a digest");
		}
	}
}

static void test_sealed_password(void)
{
	static const struct cpns_ops one_seal = {.gcm = 1, .aes_keys = 1, .aes_blocks = 4, .ghash_blocks = 3};
	static const char longest[] = "0123456789012345678901234567890";
	uint8_t sealed[CPNS_SEALED], found[32];
	size_t n = 99;

	cpns_password_seal(work(), count_up(0xc0), count_up(0xe0), password, sealed);
	CU_ASSERT_TRUE(is(sealed,
			  "e0e1e2e3e4e5e6e7e8e9eaebbb16f1413acf4412686a7dfeb19b6f047380dae1dc8f265d07dbe9bf6cc"
			  "33d844391088235b62ec84bdd10982c22479d"));
	CU_ASSERT_EQUAL(memcmp(&ops, &one_seal, sizeof ops), 0);
	CU_ASSERT_TRUE(cpns_password_open(work(), count_up(0xc0), (struct cpns_octets){sealed, 60}, found, &n));
	CU_ASSERT_EQUAL(memcmp(&ops, &one_seal, sizeof ops), 0);
	CU_ASSERT_EQUAL(n, password.n);
	CU_ASSERT_EQUAL(memcmp(found, password.at, password.n), 0);
	for (size_t i = 0; i < sizeof sealed; i++) { /* damage anywhere shows */
		sealed[i] ^= 0x10;
		CU_ASSERT_FALSE(
		    cpns_password_open(work(), count_up(0xc0), (struct cpns_octets){sealed, 60}, found, &n));
		sealed[i] ^= 0x10;
	}
	CU_ASSERT_FALSE(cpns_password_open(work(), count_up(0xbf), (struct cpns_octets){sealed, 60}, found, &n));

	/* the empty and the longest one */
	cpns_password_seal(work(), count_up(0xc0), count_up(0xe0), (struct cpns_octets){(const uint8_t *)"", 0},
			   sealed);
	CU_ASSERT_TRUE(cpns_password_open(work(), count_up(0xc0), (struct cpns_octets){sealed, 60}, found, &n));
	CU_ASSERT_EQUAL(n, 0);
	cpns_password_seal(work(), count_up(0xc0), count_up(0xe0),
			   (struct cpns_octets){(const uint8_t *)longest, CPNS_PASSWORD_MAX}, sealed);
	CU_ASSERT_TRUE(cpns_password_open(work(), count_up(0xc0), (struct cpns_octets){sealed, 60}, found, &n));
	CU_ASSERT_EQUAL(n, CPNS_PASSWORD_MAX);
	CU_ASSERT_EQUAL(memcmp(found, longest, n), 0);

	/* sealed as it should be, by somebody who says that more octets are inside than there are */
	for (unsigned length = CPNS_PASSWORD_MAX; length < 256; length++) {
		uint8_t padded[32] = {(uint8_t)length}, kept[32] = {5};

		memcpy(found, kept, sizeof found);
		n = 99;
		crypto->seal(crypto->self, count_up(0xc0), count_up(0xe0), padded, sizeof padded, sealed + 12,
			     sealed + 44);
		CU_ASSERT_EQUAL(
		    cpns_password_open(work(), count_up(0xc0), (struct cpns_octets){sealed, 60}, found, &n),
		    length == CPNS_PASSWORD_MAX);
		CU_ASSERT_TRUE(n == (length == CPNS_PASSWORD_MAX ? length : 99));
		CU_ASSERT_TRUE(n != 99 || memcmp(found, kept, sizeof found) == 0);
	}
}

static void test_comparison(void)
{
	CU_ASSERT_TRUE(cpns_same(count_up(1), count_up(1), 32));
	CU_ASSERT_TRUE(cpns_same(count_up(1), count_up(9), 0));
	for (size_t i = 0; i < 32; i++) {
		uint8_t other[32];

		memcpy(other, count_up(1), sizeof other);
		other[i] ^= 0x80;
		CU_ASSERT_FALSE(cpns_same(other, count_up(1), sizeof other));
	}
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"password: salt, stretched, HA1", test_password},
	    {"sub-keys and wrapping key", test_sub_keys},
	    {"proofs of trigger, request, response", test_proofs},
	    {"KEK and delivery", test_delivery},
	    {"notification and acknowledgement", test_notification},
	    {"digest of RFC 7616", test_digest},
	    {"sealed password", test_sealed_password},
	    {"comparison of octets", test_comparison},
	    {0},
	};

	crypto = cpns_crypto_openssl_new();
	int status = suite_run("keys", cases);

	cpns_crypto_free(crypto);
	return status;
}
