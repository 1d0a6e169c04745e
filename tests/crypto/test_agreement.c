/* The stand-in decides as OpenSSL does: over many random pairs of inputs, related in the ways that protocols relate
 * them, what is equal in one body is equal in the other, and what verifies in one verifies in the other. */
#include <glib.h>
#include <string.h>

#include "models/crypto/crypto.h"
#include "tests/crypto/inputs.h"
#include "tests/lib/suite.h"

#define ROUNDS 20000
#define LONGEST 150

enum { OPENSSL, COUNTED, BODIES };

static struct cpns_crypto *body[BODIES];

static void flip(uint8_t *at, size_t n)
{
	at[below(n)] ^= (uint8_t)(1 << below(8));
}

/* `text` in up to four parts, cut anywhere. */
static size_t cut(const uint8_t *text, size_t n, struct cpns_octets parts[4])
{
	size_t count = 1 + below(4), from = 0;

	for (size_t i = 0; i < count; i++) {
		size_t to = i + 1 == count ? n : from + below(n - from + 1);

		parts[i] = (struct cpns_octets){text + from, to - from};
		from = to;
	}
	return count;
}

/* A text, and another that is the same, or differs in one bit, by an octet at its end, or entirely. */
struct pair {
	uint8_t text[2][LONGEST + 1];
	size_t n[2];
};

static void pair_draw(struct pair *p)
{
	p->n[0] = p->n[1] = below(LONGEST);
	fill(p->text[0], sizeof p->text[0]);
	memcpy(p->text[1], p->text[0], sizeof p->text[1]);
	switch (below(4)) {
	case 0:
		break;
	case 1:
		flip(p->text[1], sizeof p->text[1]); /* sometimes beyond the end, where it must not matter */
		break;
	case 2:
		p->n[1]++;
		if (below(2))
			p->text[1][p->n[1] - 1] = 0;
		break;
	default:
		fill(p->text[1], p->n[1]);
	}
}

static void test_hash(void)
{
	unsigned equal = 0;

	for (int round = 0; round < ROUNDS; round++) {
		struct pair p;
		bool same[BODIES];

		pair_draw(&p);
		for (int b = 0; b < BODIES; b++) {
			uint8_t out[2][CPNS_HASH];

			for (int i = 0; i < 2; i++) {
				struct cpns_octets parts[4];
				size_t n = cut(p.text[i], p.n[i], parts);

				body[b]->sha256(body[b]->self, parts, n, out[i]);
			}
			same[b] = memcmp(out[0], out[1], CPNS_HASH) == 0;
		}
		CU_ASSERT_EQUAL(same[OPENSSL], same[COUNTED]);
		equal += same[OPENSSL];
	}
	CU_ASSERT(equal > ROUNDS / 5 && equal < ROUNDS / 2);
}

/* Key and data; sometimes what ends the one begins the other. */
static void test_hmac(void)
{
	unsigned equal = 0;

	for (int round = 0; round < ROUNDS; round++) {
		struct pair p;
		size_t key_n[2];
		bool same[BODIES];

		pair_draw(&p);
		key_n[0] = below(p.n[0] + 1);
		key_n[1] = below(8) == 0 ? below(p.n[1] + 1) : MIN(key_n[0], p.n[1]);
		for (int b = 0; b < BODIES; b++) {
			uint8_t out[2][CPNS_HASH];

			for (int i = 0; i < 2; i++) {
				struct cpns_octets parts[4];
				size_t n = cut(p.text[i] + key_n[i], p.n[i] - key_n[i], parts);

				body[b]->hmac(body[b]->self, p.text[i], key_n[i], parts, n, out[i]);
			}
			same[b] = memcmp(out[0], out[1], CPNS_HASH) == 0;
		}
		CU_ASSERT_EQUAL(same[OPENSSL], same[COUNTED]);
		equal += same[OPENSSL];
	}
	CU_ASSERT(equal > ROUNDS / 5 && equal < ROUNDS / 2);
}

static void test_pbkdf2(void)
{
	unsigned equal = 0;

	for (int round = 0; round < ROUNDS / 4; round++) {
		struct pair p;
		size_t password_n[2];
		uint32_t iterations[2] = {1 + (uint32_t)below(2 * CPNS_PBKDF2_KEPT), 0};
		bool same[BODIES];

		pair_draw(&p);
		password_n[0] = below(p.n[0] + 1);
		password_n[1] = below(8) == 0 ? below(p.n[1] + 1) : MIN(password_n[0], p.n[1]);
		iterations[1] = iterations[0] + (below(8) == 0);
		for (int b = 0; b < BODIES; b++) {
			uint8_t out[2][CPNS_HASH];

			for (int i = 0; i < 2; i++)
				body[b]->pbkdf2(body[b]->self, p.text[i], password_n[i], p.text[i] + password_n[i],
						p.n[i] - password_n[i], iterations[i], out[i]);
			same[b] = memcmp(out[0], out[1], CPNS_HASH) == 0;
		}
		CU_ASSERT_EQUAL(same[OPENSSL], same[COUNTED]);
		equal += same[OPENSSL];
	}
	CU_ASSERT(equal > ROUNDS / 4 / 5 && equal < ROUNDS / 4 / 2);
}

static void test_wrap(void)
{
	unsigned right = 0;

	for (int round = 0; round < ROUNDS; round++) {
		uint8_t kek[CPNS_HASH], other[CPNS_HASH], key[CPNS_HASH], noise[CPNS_WRAPPED] = {0};
		size_t damage = below(4);
		bool accepted[BODIES];

		fill(kek, sizeof kek);
		fill(key, sizeof key);
		memcpy(other, kek, sizeof other);
		if (damage == 1)
			flip(other, sizeof other);
		if (damage == 2)
			flip(noise, sizeof noise);
		if (damage == 3)
			fill(noise, sizeof noise);
		for (int b = 0; b < BODIES; b++) {
			uint8_t wrapped[CPNS_WRAPPED], found[CPNS_HASH] = {0};
			static const uint8_t untouched[CPNS_HASH];

			body[b]->wrap(body[b]->self, kek, key, wrapped);
			CU_ASSERT_NOT_EQUAL(memcmp(wrapped + 8, key, CPNS_HASH), 0);
			for (int i = 0; i < CPNS_WRAPPED; i++)
				wrapped[i] ^= noise[i];
			accepted[b] = body[b]->unwrap(body[b]->self, other, wrapped, found);
			CU_ASSERT_EQUAL(memcmp(found, accepted[b] ? key : untouched, CPNS_HASH), 0);
		}
		CU_ASSERT_EQUAL(accepted[OPENSSL], accepted[COUNTED]);
		CU_ASSERT_EQUAL(accepted[OPENSSL], damage == 0);
		right += accepted[OPENSSL];
	}
	CU_ASSERT(right > ROUNDS / 5);
}

static void test_seal(void)
{
	unsigned right = 0;

	for (int round = 0; round < ROUNDS; round++) {
		uint8_t key[2][CPNS_HASH], nonce[2][12], text[LONGEST], noise[LONGEST + CPNS_TAG] = {0};
		size_t n = below(LONGEST), damage = below(5);
		bool accepted[BODIES];

		fill(key[0], CPNS_HASH);
		fill(nonce[0], 12);
		fill(text, n);
		memcpy(key[1], key[0], CPNS_HASH);
		memcpy(nonce[1], nonce[0], 12);
		if (damage == 1)
			flip(key[1], CPNS_HASH);
		if (damage == 2)
			flip(nonce[1], 12);
		if (damage == 3)
			flip(noise, n + CPNS_TAG);
		for (int b = 0; b < BODIES; b++) {
			static const uint8_t zero[LONGEST];
			uint8_t sealed[LONGEST + CPNS_TAG], *tag = sealed + n;

			memcpy(sealed, text, n); /* in place, both ways */
			body[b]->seal(body[b]->self, key[0], nonce[0], sealed, n, sealed, tag);
			CU_ASSERT(n < 8 || memcmp(sealed, text, n) != 0);
			for (size_t i = 0; i < n + CPNS_TAG; i++)
				sealed[i] ^= noise[i];
			accepted[b] = body[b]->open(body[b]->self, key[1], nonce[1], sealed, n, tag, sealed);
			CU_ASSERT_EQUAL(memcmp(sealed, accepted[b] ? text : zero, n), 0);
		}
		CU_ASSERT_EQUAL(accepted[OPENSSL], accepted[COUNTED]);
		CU_ASSERT_EQUAL(accepted[OPENSSL], damage == 0 || damage == 4);
		right += accepted[OPENSSL];
	}
	CU_ASSERT(right > ROUNDS / 5);
}

/* HMAC's own collisions are the stand-in's too: zeros at the end of a key, and a long key beside its hash. */
static void test_equal_keys(void)
{
	for (int b = 0; b < BODIES; b++) {
		uint8_t key[100] = {7, 7, 7}, hash[CPNS_HASH], out[4][CPNS_HASH];
		static const size_t n[] = {3, 64};

		for (int i = 0; i < 2; i++) {
			body[b]->hmac(body[b]->self, key, n[i], NULL, 0, out[i]);
			body[b]->pbkdf2(body[b]->self, key, n[i], key, 3, 1, out[2 + i]);
		}
		CU_ASSERT_EQUAL(memcmp(out[0], out[1], CPNS_HASH), 0);
		CU_ASSERT_EQUAL(memcmp(out[2], out[3], CPNS_HASH), 0);
		body[b]->sha256(body[b]->self, &(struct cpns_octets){key, 100}, 1, hash);
		body[b]->hmac(body[b]->self, key, 100, NULL, 0, out[0]);
		body[b]->hmac(body[b]->self, hash, CPNS_HASH, NULL, 0, out[1]);
		CU_ASSERT_EQUAL(memcmp(out[0], out[1], CPNS_HASH), 0);
		body[b]->hmac(body[b]->self, key, 65, NULL, 0, out[1]);
		CU_ASSERT_NOT_EQUAL(memcmp(out[0], out[1], CPNS_HASH), 0);
	}
}

/* The stand-in's operations must not be mistaken for each other, nor spend any time in OpenSSL. */
static void test_operations_apart(void)
{
	const uint8_t text[CPNS_HASH] = {0};
	const struct cpns_octets part = {text, sizeof text};
	struct cpns_crypto *c = body[COUNTED];
	uint8_t hash[CPNS_HASH], mac[CPNS_HASH], derived[CPNS_HASH];

	c->sha256(c->self, &part, 1, hash);
	c->hmac(c->self, text, 0, &part, 1, mac);
	c->pbkdf2(c->self, text, 0, text, sizeof text, 1, derived);
	CU_ASSERT_NOT_EQUAL(memcmp(hash, mac, CPNS_TAG), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(hash, derived, CPNS_TAG), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(mac, derived, CPNS_TAG), 0);
	CU_ASSERT_EQUAL(cpns_crypto_wall_ns(c), 0);
	CU_ASSERT(cpns_crypto_wall_ns(body[OPENSSL]) > 0);
	CU_ASSERT_TRUE(g_str_has_prefix(cpns_crypto_library(), "OpenSSL 3"));
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"hashes", test_hash},
	    {"HMACs", test_hmac},
	    {"password hashes", test_pbkdf2},
	    {"key wrap", test_wrap},
	    {"sealing", test_seal},
	    {"keys that HMAC cannot tell apart", test_equal_keys},
	    {"operations apart", test_operations_apart},
	    {0},
	};

	body[OPENSSL] = cpns_crypto_openssl_new();
	body[COUNTED] = cpns_crypto_counted_new();
	int status = suite_run("agreement", cases);

	for (int b = 0; b < BODIES; b++)
		cpns_crypto_free(body[b]);
	return status;
}
