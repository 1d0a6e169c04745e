/* The stand-in: a 64-bit hash of all inputs, expanded. The hash takes 16 octets at a step, which is one
 * multiplication whose 128 bits are folded to 64, as in wyhash (Wang Yi, https://github.com/wangyi-fudan/wyhash).
 * Inputs that differ, be it in one bit, have the same hash with a chance of about 2^-64. */
#include "models/crypto/crypto.h"

#include <endian.h>
#include <glib.h>
#include <string.h>

#include "models/crypto/body.h"

/* One starting point per operation: equal inputs of different operations give unrelated outputs. */
enum operation { SHA256 = 1, HMAC, PBKDF2, WRAP, SEAL };

#define STEP 16 /* octets */

static inline uint64_t begin(enum operation operation)
{
	return operation * UINT64_C(0xd1342543de82ef95);
}

/* A factor of 0 would swallow the other one. That takes a word equal to the constant or to the state, which is as
 * rare as two equal hashes unless somebody looks for it, and here nobody does: the price of excluding it is not paid.
 */
static inline uint64_t step(uint64_t state, uint64_t first, uint64_t second)
{
	unsigned __int128 product = (unsigned __int128)(first ^ UINT64_C(0x9fb21c651e98df25)) * (second ^ state);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t word(const uint8_t *at)
{
	uint64_t octets;

	memcpy(&octets, at, sizeof octets);
	return le64toh(octets);
}

static inline uint64_t half_word(const uint8_t *at)
{
	uint32_t octets;

	memcpy(&octets, at, sizeof octets);
	return le32toh(octets);
}

/* Goes on with a string, its length first: what follows cannot be taken for a part of it. So the words of its last
 * step may overlap those before, and still tell every octet. Inlined wherever it stands: calls made an HMAC a
 * third more expensive. */
static inline __attribute__((always_inline)) uint64_t absorb(uint64_t state, const uint8_t *at, size_t n)
{
	state += n * UINT64_C(0x9e3779b97f4a7c15);
	if (n > STEP) {
		const uint8_t *last = at + n - STEP;

		do
			state = step(state, word(at), word(at + 8));
		while ((at += STEP) < last);
		return step(state, word(last), word(last + 8));
	}
	if (n >= 8)
		return step(state, word(at), word(at + n - 8));
	if (n >= 4)
		return step(state, half_word(at), half_word(at + n - 4));
	if (n > 0)
		return step(state, at[0], (uint64_t)at[n / 2] << 8 | at[n - 1]);
	return step(state, 0, 0);
}

/* Step `i` of the expansion. The multiplication is a bijection of the state in the first word: two states never give
 * the same. */
static inline void expand(uint64_t state, uint64_t i, uint8_t out[STEP])
{
	unsigned __int128 product =
	    (unsigned __int128)(state + i * UINT64_C(0xbf58476d1ce4e5b9)) * UINT64_C(0x94d049bb133111eb);
	uint64_t first = htole64((uint64_t)product), second = htole64((uint64_t)(product >> 64));

	memcpy(out, &first, sizeof first);
	memcpy(out + sizeof first, &second, sizeof second);
}

static inline void expand_hash(uint64_t state, uint8_t out[CPNS_HASH])
{
	expand(state, 0, out);
	expand(state, 1, out + STEP);
}

/* out = in XOR the expansion; `in` may be `out`. */
static inline void expand_xor(uint64_t state, const uint8_t *in, size_t n, uint8_t *out)
{
	for (size_t at = 0; at < n; at += STEP) {
		uint8_t key[STEP];

		expand(state, at / STEP, key);
		for (size_t i = at; i < MIN(n, at + STEP); i++)
			out[i] = in[i] ^ key[i - at];
	}
}

/* How an input is cut into parts must not matter. The simulator's own machines give one part, others may pay for
 * putting theirs together. The caller's to free. */
static uint8_t *join(const struct cpns_octets *parts, size_t n, size_t *octets)
{
	uint8_t *whole, *end;

	*octets = 0;
	for (size_t i = 0; i < n; i++)
		*octets += parts[i].n;
	end = whole = g_malloc(*octets + 1);
	for (size_t i = 0; i < n; end += parts[i++].n)
		if (parts[i].n > 0)
			memcpy(end, parts[i].at, parts[i].n);
	return whole;
}

static void hash(const uint8_t *at, size_t n, uint8_t out[CPNS_HASH])
{
	expand_hash(absorb(begin(SHA256), at, n), out);
}

static void counted_sha256(void *self, const struct cpns_octets *parts, size_t n, uint8_t out[CPNS_HASH])
{
	size_t octets;
	uint8_t *whole;

	(void)self;
	if (n == 1) {
		hash(parts->at, parts->n, out);
		return;
	}
	whole = join(parts, n, &octets);
	hash(whole, octets, out);
	g_free(whole);
}

/* The key of an HMAC as RFC 2104 sees it: one longer than a block is hashed, then zeros are appended; so zeros at its
 * end do not tell two keys apart. */
#define LONG_KEY 64

static struct cpns_octets short_key(const uint8_t *key, size_t n, uint8_t space[CPNS_HASH])
{
	if (n <= LONG_KEY)
		return (struct cpns_octets){key, n};
	hash(key, n, space);
	return (struct cpns_octets){space, CPNS_HASH};
}

static inline uint64_t absorb_short_key(uint64_t state, const uint8_t *key, size_t n)
{
	if (G_LIKELY(n == CPNS_HASH && key[CPNS_HASH - 1] != 0)) /* most keys: no loops */
		return absorb(state, key, CPNS_HASH);
	while (n > 0 && key[n - 1] == 0)
		n--;
	return absorb(state, key, n);
}

static void counted_hmac(void *self, const uint8_t *key, size_t key_n, const struct cpns_octets *parts, size_t n,
			 uint8_t out[CPNS_HASH]);

/* Apart, so that the common case need not make room for it. */
static __attribute__((noinline)) void hmac_rare(void *self, const uint8_t *key, size_t key_n,
						const struct cpns_octets *parts, size_t n, uint8_t out[CPNS_HASH])
{
	uint8_t space[CPNS_HASH];
	size_t octets;
	uint8_t *whole = join(parts, n, &octets);
	struct cpns_octets k = short_key(key, key_n, space);

	counted_hmac(self, k.at, k.n, &(struct cpns_octets){whole, octets}, 1, out);
	g_free(whole);
}

static void counted_hmac(void *self, const uint8_t *key, size_t key_n, const struct cpns_octets *parts, size_t n,
			 uint8_t out[CPNS_HASH])
{
	if (n != 1 || key_n > LONG_KEY)
		hmac_rare(self, key, key_n, parts, n, out);
	else
		expand_hash(absorb(absorb_short_key(begin(HMAC), key, key_n), parts->at, parts->n), out);
}

static void counted_pbkdf2(void *self, const uint8_t *password, size_t password_n, const uint8_t *salt, size_t salt_n,
			   uint32_t iterations, uint8_t out[CPNS_HASH])
{
	uint8_t space[CPNS_HASH];
	struct cpns_octets key = short_key(password, password_n, space);
	uint64_t state = absorb(absorb_short_key(begin(PBKDF2), key.at, key.n), salt, salt_n);

	(void)self;
	expand_hash(step(state, iterations, 0), out);
}

/* Of a KEK, which a stream begins with, and the key under it. */
static inline void wrap_check(uint64_t kek, const uint8_t key[CPNS_HASH], uint8_t check[STEP])
{
	expand(absorb(kek, key, CPNS_HASH), 0, check);
}

/* 8 octets that check key and KEK, then the key under a stream of the KEK. */
static void counted_wrap(void *self, const uint8_t kek[CPNS_HASH], const uint8_t key[CPNS_HASH],
			 uint8_t out[CPNS_WRAPPED])
{
	uint64_t state = absorb(begin(WRAP), kek, CPNS_HASH);
	uint8_t wrapped[CPNS_HASH], check[STEP];

	(void)self;
	wrap_check(state, key, check);
	expand_xor(state, key, CPNS_HASH, wrapped);
	memcpy(out, check, 8);
	memcpy(out + 8, wrapped, sizeof wrapped);
}

static bool counted_unwrap(void *self, const uint8_t kek[CPNS_HASH], const uint8_t in[CPNS_WRAPPED],
			   uint8_t key[CPNS_HASH])
{
	uint64_t state = absorb(begin(WRAP), kek, CPNS_HASH);
	uint8_t found[CPNS_HASH], check[STEP];

	(void)self;
	expand_xor(state, in + 8, CPNS_HASH, found);
	wrap_check(state, found, check);
	if (memcmp(check, in, 8) != 0)
		return false;
	memcpy(key, found, sizeof found);
	return true;
}

static uint64_t seal_begin(const uint8_t key[CPNS_HASH], const uint8_t nonce[12])
{
	return absorb(absorb(begin(SEAL), key, CPNS_HASH), nonce, 12);
}

/* Over the sealed octets, so that `open` can decide before it writes. */
static void seal_check(uint64_t state, const uint8_t *sealed, size_t n, uint8_t tag[CPNS_TAG])
{
	expand(absorb(state, sealed, n), 0, tag);
}

static void counted_seal(void *self, const uint8_t key[CPNS_HASH], const uint8_t nonce[12], const uint8_t *in,
			 size_t n, uint8_t *out, uint8_t tag[CPNS_TAG])
{
	uint64_t state = seal_begin(key, nonce);

	(void)self;
	expand_xor(state, in, n, out);
	seal_check(state, out, n, tag);
}

static bool counted_open(void *self, const uint8_t key[CPNS_HASH], const uint8_t nonce[12], const uint8_t *in,
			 size_t n, const uint8_t tag[CPNS_TAG], uint8_t *out)
{
	uint64_t state = seal_begin(key, nonce);
	uint8_t check[CPNS_TAG];

	(void)self;
	seal_check(state, in, n, check);
	if (memcmp(check, tag, sizeof check) != 0) {
		if (n > 0)
			memset(out, 0, n);
		return false;
	}
	expand_xor(state, in, n, out);
	return true;
}

static void counted_free(struct crypto_body *body)
{
	g_free(body);
}

struct cpns_crypto *cpns_crypto_counted_new(void)
{
	struct crypto_body *body = g_new0(struct crypto_body, 1);

	body->free = counted_free;
	body->functions = (struct cpns_crypto){.self = body,
					       .sha256 = counted_sha256,
					       .hmac = counted_hmac,
					       .pbkdf2 = counted_pbkdf2,
					       .wrap = counted_wrap,
					       .unwrap = counted_unwrap,
					       .seal = counted_seal,
					       .open = counted_open};
	return &body->functions;
}
