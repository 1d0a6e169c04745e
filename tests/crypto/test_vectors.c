/* Published vectors, and those that the protocol's own constructions were checked with by two implementations. */
#include <glib.h>
#include <string.h>

#include "models/crypto/crypto.h"
#include "tests/lib/suite.h"

static struct cpns_crypto *crypto;

static GByteArray *octets(const char *hex)
{
	GByteArray *a = g_byte_array_new();

	for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
		uint8_t octet = (uint8_t)(g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1]));

		g_byte_array_append(a, &octet, 1);
	}
	return a;
}

static bool equals(const uint8_t *at, size_t n, const char *hex)
{
	g_autoptr(GByteArray) expected = octets(hex);

	return expected->len == n && (n == 0 || memcmp(expected->data, at, n) == 0);
}

static void test_sha256(void)
{
	static const struct {
		const char *text;
		size_t times;
		const char *hash;
	} cases[] = {
	    /* FIPS 180-4 examples */
	    {"", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	    {"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	    {"aaaaaaaaaa", 100000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree struct cpns_octets *parts = g_new(struct cpns_octets, cases[i].times);
		uint8_t out[CPNS_HASH];

		for (size_t k = 0; k < cases[i].times; k++)
			parts[k] = (struct cpns_octets){(const uint8_t *)cases[i].text, strlen(cases[i].text)};
		crypto->sha256(crypto->self, parts, cases[i].times, out);
		CU_ASSERT_TRUE(equals(out, sizeof out, cases[i].hash));
	}
	uint8_t out[CPNS_HASH];

	crypto->sha256(crypto->self, NULL, 0, out);
	CU_ASSERT_TRUE(equals(out, sizeof out, cases[0].hash));
}

static void test_hmac(void)
{
	static const struct {
		const char *key, *data, *mac;
	} cases[] = {
	    /* RFC 4231, test cases 1 to 4 and 6 */
	    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
	     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
	    {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	     "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
	     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
	    {"0102030405060708090a0b0c0d0e0f10111213141516171819",
	     "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
	     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
	    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	     "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b65792046697"
	     "2"
	     "7374",
	     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
	    /* no key at all: not that of the computation before */
	    {"", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GByteArray) key = octets(cases[i].key), data = octets(cases[i].data);
		struct cpns_octets parts[2] = {{data->data, data->len / 3}, {NULL, 0}};
		uint8_t out[CPNS_HASH];

		parts[1].n = data->len - parts[0].n;
		parts[1].at = data->data ? data->data + parts[0].n : NULL;
		crypto->hmac(crypto->self, key->data, key->len, parts, 2, out);
		CU_ASSERT_TRUE(equals(out, sizeof out, cases[i].mac));
	}
}

static void test_pbkdf2(void)
{
	static const struct {
		const char *password, *salt;
		uint32_t iterations;
		const char *hash;
	} cases[] = {
	    /* RFC 7914 section 11, the first 32 of 64 octets */
	    {"passwd", "salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"},
	    {"Password", "NaCl", 80000, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"},
	    {"", "", 1, "f7ce0b653d2d72a4108cf5abe912ffdd777616dbbb27a70e8204f3ae2d0f6fad"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		uint8_t out[CPNS_HASH];

		crypto->pbkdf2(crypto->self, (const uint8_t *)cases[i].password, strlen(cases[i].password),
			       (const uint8_t *)cases[i].salt, strlen(cases[i].salt), cases[i].iterations, out);
		CU_ASSERT_TRUE(equals(out, sizeof out, cases[i].hash));
	}
}

/* RFC 3394, 4.6: 256 bits of key data with a 256-bit KEK. */
static void test_wrap(void)
{
	g_autoptr(GByteArray) kek = octets("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
	g_autoptr(GByteArray) key = octets("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
	uint8_t wrapped[CPNS_WRAPPED], found[CPNS_HASH];

	for (int twice = 0; twice < 2; twice++) {
		crypto->wrap(crypto->self, kek->data, key->data, wrapped);
		CU_ASSERT_TRUE(equals(wrapped, sizeof wrapped,
				      "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd"
				      "21"));
		CU_ASSERT_TRUE(crypto->unwrap(crypto->self, kek->data, wrapped, found));
		CU_ASSERT_EQUAL(memcmp(found, key->data, sizeof found), 0);
	}
}

static void test_gcm(void)
{
	static const struct {
		const char *key, *nonce, *in, *out, *tag;
	} cases[] = {
	    /* The GCM specification's test cases 13 to 15 */
	    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "",
	     "530f8afbc74536b9a963b4f1c4cb738b"},
	    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
	     "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18",
	     "d0d1c8a799996bf0265b98b5d48ab919"},
	    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
	     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
	     "b16aedf5aa0de657ba637b391aafd255",
	     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
	     "c5f61e6393ba7a0abcc9f662898015ad",
	     "b094dac5d93471bdec1a502270e3cc6c"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GByteArray) key = octets(cases[i].key), nonce = octets(cases[i].nonce);
		g_autoptr(GByteArray) in = octets(cases[i].in);
		uint8_t sealed[64], opened[64], tag[CPNS_TAG];

		crypto->seal(crypto->self, key->data, nonce->data, in->data, in->len, sealed, tag);
		CU_ASSERT_TRUE(equals(sealed, in->len, cases[i].out));
		CU_ASSERT_TRUE(equals(tag, sizeof tag, cases[i].tag));
		CU_ASSERT_TRUE(crypto->open(crypto->self, key->data, nonce->data, sealed, in->len, tag, opened));
		CU_ASSERT_TRUE(equals(opened, in->len, cases[i].in));
	}
}

/* The protocol's own vectors, composed here from the primitives alone. */

static void append(GByteArray *a, const void *at, size_t n)
{
	g_byte_array_append(a, at, (guint)n);
}

static void append_lp(GByteArray *a, const char *text)
{
	const uint8_t length[2] = {(uint8_t)(strlen(text) >> 8), (uint8_t)strlen(text)};

	append(a, length, sizeof length);
	append(a, text, strlen(text));
}

static void mac(const uint8_t *key, size_t key_n, const GByteArray *data, uint8_t out[CPNS_HASH])
{
	const struct cpns_octets part = {data->data, data->len};

	crypto->hmac(crypto->self, key, key_n, &part, 1, out);
}

/* HKDF-Expand to 32 octets. */
static void expand(const uint8_t prk[CPNS_HASH], const GByteArray *info, uint8_t out[CPNS_HASH])
{
	const struct cpns_octets parts[] = {{info->data, info->len}, {(const uint8_t[]){1}, 1}};

	crypto->hmac(crypto->self, prk, CPNS_HASH, parts, 2, out);
}

static void hkdf(const uint8_t *salt, size_t salt_n, const uint8_t *ikm, size_t ikm_n, const GByteArray *info,
		 uint8_t out[CPNS_HASH])
{
	const struct cpns_octets part = {ikm, ikm_n};
	uint8_t prk[CPNS_HASH];

	crypto->hmac(crypto->self, salt, salt_n, &part, 1, prk);
	expand(prk, info, out);
}

static const char user[] = "alice@cpns.example", entity[] = "pne:0001", gateway[] = "gw:01";

/* count, count + 1, ... */
static void count_up(uint8_t *at, size_t n, uint8_t count)
{
	while (n-- > 0)
		*at++ = count++;
}

static void password_hash(uint8_t out[CPNS_HASH])
{
	static const char password[] = "correct horse battery";
	g_autoptr(GByteArray) text = g_byte_array_new();
	uint8_t salt[CPNS_HASH];

	append(text, "CPNS-PW-1", 9);
	append_lp(text, "cpns.example");
	append_lp(text, user);
	crypto->sha256(crypto->self, &(struct cpns_octets){text->data, text->len}, 1, salt);
	CU_ASSERT_TRUE(equals(salt, 16, "67124fc34bb18c61c199d813674b716e"));
	crypto->pbkdf2(crypto->self, (const uint8_t *)password, strlen(password), salt, 16, 1000, out);
	CU_ASSERT_TRUE(equals(out, CPNS_HASH, "afb251af37ee492d998fb384875d3197c5c5b29ccf20eba211feafa22de3046c"));
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
	uint8_t hash[CPNS_HASH], prk[CPNS_HASH], key[CPNS_HASH];
	g_autoptr(GByteArray) info = g_byte_array_new();

	password_hash(hash);
	crypto->hmac(crypto->self, (const uint8_t *)"CPNS-EUKEY-1", 12, &(struct cpns_octets){hash, 32}, 1, prk);
	CU_ASSERT_TRUE(equals(prk, 32, "39a1248383c55d58187310b2f910e3efd0573f562ef6956d02b3b458bcdb78a7"));
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_byte_array_set_size(info, 0);
		append(info, cases[i].label, strlen(cases[i].label));
		expand(prk, info, key);
		CU_ASSERT_TRUE(equals(key, 32, cases[i].key));
	}
	g_byte_array_set_size(info, 0);
	append(info, "wrap", 4);
	append_lp(info, user);
	append_lp(info, entity);
	expand(prk, info, key);
	CU_ASSERT_TRUE(equals(key, 32, "c1e0fa4b1a653659de1251df646982d477c3d25bbf047b5efa03c8bd78d336e2"));

	uint8_t eukey[CPNS_HASH], wrapped[CPNS_WRAPPED];

	count_up(eukey, sizeof eukey, 0x20);
	crypto->wrap(crypto->self, key, eukey, wrapped);
	CU_ASSERT_TRUE(equals(wrapped, sizeof wrapped,
			      "ffbf933969665ad2e38aac06aa0a8e4476a12b1cb603cc504bba628c5ac3bca12e025b1e40eb34e8"));
}

static void test_delivery(void)
{
	uint8_t hash[CPNS_HASH], rands[2 * CPNS_TAG], kek[CPNS_HASH], eukey[CPNS_HASH], wrapped[CPNS_WRAPPED];
	g_autoptr(GByteArray) info = g_byte_array_new();

	password_hash(hash);
	count_up(rands, sizeof rands, 0);
	count_up(eukey, sizeof eukey, 0x20);
	append(info, "CPNS-KEK-1", 10);
	append_lp(info, user);
	append_lp(info, entity);
	hkdf(rands, sizeof rands, hash, sizeof hash, info, kek);
	CU_ASSERT_TRUE(equals(kek, 32, "c1444a50efcdf5b395e42860f853a01958435d9b05824f7e72bf01aafb9b8686"));
	crypto->wrap(crypto->self, kek, eukey, wrapped);
	CU_ASSERT_TRUE(equals(wrapped, sizeof wrapped,
			      "c352d58726c7ce79033be03c23b68f1c0d981dc64360c0c97345d9f2fb4bd5c33fd1da2750892943"));
}

static void test_proofs(void)
{
	g_autoptr(GByteArray) k_trg = octets("45aa9d036be957a4b7de4f695e06b3b37a27235b94c7335963ad3ef6f03a7a6a");
	g_autoptr(GByteArray) k_req = octets("55b6e0b9b110aee10f638120051c4db650eb67fc364c667597f540f22a0506a1");
	g_autoptr(GByteArray) k_rsp = octets("808c57b40c51e7edb61f72d0a9e49fca8700cd6d97ecf43e6497866ac6f33f23");
	g_autoptr(GByteArray) wrapped =
	    octets("c352d58726c7ce79033be03c23b68f1c0d981dc64360c0c97345d9f2fb4bd5c33fd1da2750892943");
	g_autoptr(GByteArray) text = g_byte_array_new();
	uint8_t rands[2 * CPNS_TAG], rand_t[CPNS_TAG], out[CPNS_HASH];

	count_up(rands, sizeof rands, 0);
	count_up(rand_t, sizeof rand_t, 0x40);
	append_lp(text, user);
	append_lp(text, entity);
	guint names = text->len;

	append_lp(text, gateway);
	append(text, rand_t, sizeof rand_t);
	mac(k_trg->data, k_trg->len, text, out);
	CU_ASSERT_TRUE(equals(out, CPNS_TAG, "a069f1e27f15e37456d6c658961c2e80"));

	g_byte_array_set_size(text, names);
	append(text, rands, CPNS_TAG);
	append(text, rand_t, sizeof rand_t);
	mac(k_req->data, k_req->len, text, out);
	CU_ASSERT_TRUE(equals(out, CPNS_TAG, "e8e1b58eaaac6e2bdddb41f8f93acd36"));

	g_byte_array_set_size(text, names);
	append(text, rands, sizeof rands);
	append(text, "\0", 1);
	append(text, wrapped->data, wrapped->len);
	mac(k_rsp->data, k_rsp->len, text, out);
	CU_ASSERT_TRUE(equals(out, CPNS_TAG, "f3fcded8ce4692be012e833a75390c61"));
}

static void test_notification(void)
{
	static const uint8_t index_counter[12] = {[3] = 1, [11] = 7};
	uint8_t temporary[CPNS_TAG], rand_n[CPNS_TAG], key[CPNS_HASH], eukey[CPNS_HASH], wrapped[CPNS_WRAPPED];
	g_autoptr(GByteArray) info = g_byte_array_new();

	count_up(temporary, sizeof temporary, 0xa0);
	count_up(rand_n, sizeof rand_n, 0x60);
	count_up(eukey, sizeof eukey, 0x20);
	append(info, "CPNS-TKN-1", 10);
	append_lp(info, entity);
	append(info, index_counter, sizeof index_counter);
	hkdf(rand_n, sizeof rand_n, temporary, sizeof temporary, info, key);
	CU_ASSERT_TRUE(equals(key, 32, "913a9dbaab2df0a302f387142515a37c4d376a4e361623ce9298cce30fdd9c20"));
	crypto->wrap(crypto->self, key, eukey, wrapped);
	CU_ASSERT_TRUE(equals(wrapped, sizeof wrapped,
			      "d8f0aaed809ba0abcc5fcecc0a1e3a4fee4a06691433879a43ad830e336b578a35c59bdd50a89d04"));
}

static void test_chain(void)
{
	static const char *const known[9] = {
	    [7] = "faf868bd7af434ccb6a7683cee9b6f59a2f95984e03a0bc5eb4d461ad5cc6fdf",
	    [4] = "d2d9ae5d2cc9465d52f7fd68565416bd1eb1ede95404dff769ad44491ac817a3",
	    [1] = "657a5b592b9bd7aa93f178fc26422972b933f8942812278a1199a0f021df828f",
	};
	g_autoptr(GByteArray) text = g_byte_array_new();
	uint8_t key[CPNS_HASH];

	append(text, "CPNS-CHAIN-1", 12);
	append_lp(text, entity);
	count_up(key, sizeof key, 0x80);
	for (int i = 7; i > 0; i--) {
		uint8_t next[CPNS_HASH];

		mac(key, sizeof key, text, next);
		memcpy(key, next, sizeof key);
		if (known[i] != NULL)
			CU_ASSERT_TRUE(equals(key, sizeof key, known[i]));
	}
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"SHA-256: FIPS 180-4", test_sha256},
	    {"HMAC-SHA-256: RFC 4231", test_hmac},
	    {"PBKDF2-HMAC-SHA-256: RFC 7914", test_pbkdf2},
	    {"AES key wrap: RFC 3394", test_wrap},
	    {"AES-256-GCM: test cases 13 to 15", test_gcm},
	    {"password hash, sub-keys, wrapping key", test_sub_keys},
	    {"KEK and wrapped EUKey", test_delivery},
	    {"proofs of trigger, request and response", test_proofs},
	    {"notification key", test_notification},
	    {"hash chain", test_chain},
	    {0},
	};

	crypto = cpns_crypto_openssl_new();
	int status = suite_run("vectors", cases);

	if (cpns_crypto_wall_ns(crypto) <= 0)
		status = 1;
	cpns_crypto_free(crypto);
	cpns_crypto_free(NULL);
	return status;
}
