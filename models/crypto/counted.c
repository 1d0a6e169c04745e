/* The stand-in: a 64-bit hash of all inputs, expanded. Every step of the hash is a bijection of its state and of the
 * word that goes in, so that inputs of equal length that differ in one word never collide; others do with a chance
 * of 2^-64. */
#include "models/crypto/crypto.h"

#include <endian.h>
#include <glib.h>
#include <string.h>

#include "models/crypto/body.h"

/* One starting point per operation: equal inputs of different operations give unrelated outputs. */
enum operation { SHA256 = 1, HMAC, PBKDF2, WRAP_STREAM, WRAP_CHECK, SEAL_STREAM, SEAL_CHECK };

/* A hash in the making. Octets gather in `pending` until they fill a word, so that it does not matter how the input
 * is cut into parts. */
struct mix {
	uint64_t state, pending, octets;
	unsigned filled; /* octets in `pending`, 0 to 7 */
};

static struct mix mix_new(enum operation operation)
{
	return (struct mix){.state = operation * UINT64_C(0xd1342543de82ef95)};
}

static inline uint64_t step(uint64_t state, uint64_t word)
{
	state = (state ^ word) * UINT64_C(0x9fb21c651e98df25);
	return state ^ state >> 32;
}

/* The first n octets, 1 to 7, as a number. */
static inline uint64_t word_of(const uint8_t *at, size_t n)
{
	uint32_t low, high;

	if (n < sizeof low)
		return at[0] | (uint64_t)at[n / 2] << 8 * (n / 2) | (uint64_t)at[n - 1] << 8 * (n - 1);
	memcpy(&low, at, sizeof low);
	memcpy(&high, at + n - sizeof high, sizeof high);
	return le32toh(low) | (uint64_t)le32toh(high) << 8 * (n - sizeof high);
}

/* Takes n octets, 1 to 8, whose number is `word`. */
static inline void take(struct mix *mix, uint64_t word, unsigned n)
{
	unsigned before = mix->filled;

	mix->filled = (before + n) % sizeof word;
	if (before + n < sizeof word) {
		mix->pending |= word << 8 * before;
		return;
	}
	mix->state = step(mix->state, mix->pending | word << 8 * before);
	mix->pending = mix->filled > 0 ? word >> 8 * (sizeof word - before) : 0;
}

static inline uint64_t whole_word(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return le64toh(word);
}

static void mix_add(struct mix *mix, const uint8_t *at, size_t n)
{
	uint64_t state = mix->state;

	mix->octets += n;
	if (mix->filled == 0)
		for (; n >= sizeof state; at += sizeof state, n -= sizeof state)
			state = step(state, whole_word(at));
	mix->state = state;
	for (; n >= sizeof state; at += sizeof state, n -= sizeof state)
		take(mix, whole_word(at), sizeof state);
	if (n > 0)
		take(mix, word_of(at, n), (unsigned)n);
}

/* Ends an input: what follows cannot be taken for a part of it. */
static void mix_close(struct mix *mix)
{
	if (mix->filled > 0)
		mix->state = step(mix->state, mix->pending);
	mix->state = step(mix->state, mix->octets);
	mix->pending = mix->octets = 0;
	mix->filled = 0;
}

static void mix_input(struct mix *mix, const uint8_t *at, size_t n)
{
	mix_add(mix, at, n);
	mix_close(mix);
}

static void mix_parts(struct mix *mix, const struct cpns_octets *parts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		mix_add(mix, parts[i].at, parts[i].n);
	mix_close(mix);
}

/* Word `i` of the expansion: SplitMix64 from the state. */
static inline uint64_t expand(const struct mix *mix, uint64_t i)
{
	uint64_t z = mix->state + (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return htole64(z ^ z >> 31);
}

static void mix_out(const struct mix *mix, uint8_t *out, size_t words)
{
	for (size_t i = 0; i < words; i++) {
		uint64_t word = expand(mix, i);

		memcpy(out + i * sizeof word, &word, sizeof word);
	}
}

/* The key of an HMAC as RFC 2104 sees it: a long one is hashed, then zeros are appended; so zeros at its end do not
 * tell two keys apart. */
static void mix_key(struct mix *mix, const uint8_t *key, size_t n)
{
	uint8_t hash[CPNS_HASH];

	if (n > 64) {
		struct mix inner = mix_new(SHA256);

		mix_input(&inner, key, n);
		mix_out(&inner, hash, CPNS_HASH / 8);
		key = hash;
		n = sizeof hash;
	}
	while (n > 0 && key[n - 1] == 0)
		n--;
	mix_input(mix, key, n);
}

/* out = in XOR the expansion; `in` may be `out`. */
static void mix_xor(const struct mix *mix, const uint8_t *in, size_t n, uint8_t *out)
{
	for (size_t at = 0; at < n; at += sizeof(uint64_t)) {
		size_t m = MIN(n - at, sizeof(uint64_t));
		uint64_t word = 0, key = expand(mix, at / sizeof word);

		memcpy(&word, in + at, m);
		word ^= key;
		memcpy(out + at, &word, m);
	}
}

static void counted_sha256(void *self, const struct cpns_octets *parts, size_t n, uint8_t out[CPNS_HASH])
{
	struct mix mix = mix_new(SHA256);

	(void)self;
	mix_parts(&mix, parts, n);
	mix_out(&mix, out, CPNS_HASH / 8);
}

static void counted_hmac(void *self, const uint8_t *key, size_t key_n, const struct cpns_octets *parts, size_t n,
			 uint8_t out[CPNS_HASH])
{
	struct mix mix = mix_new(HMAC);

	(void)self;
	mix_key(&mix, key, key_n);
	mix_parts(&mix, parts, n);
	mix_out(&mix, out, CPNS_HASH / 8);
}

static void counted_pbkdf2(void *self, const uint8_t *password, size_t password_n, const uint8_t *salt, size_t salt_n,
			   uint32_t iterations, uint8_t out[CPNS_HASH])
{
	struct mix mix = mix_new(PBKDF2);

	(void)self;
	mix_key(&mix, password, password_n);
	mix_input(&mix, salt, salt_n);
	mix.state = step(mix.state, iterations);
	mix_out(&mix, out, CPNS_HASH / 8);
}

/* 8 octets that check key and KEK, then the key under a stream of the KEK. */
static void wrap_check(const uint8_t kek[CPNS_HASH], const uint8_t key[CPNS_HASH], uint8_t out[8])
{
	struct mix mix = mix_new(WRAP_CHECK);

	mix_input(&mix, kek, CPNS_HASH);
	mix_input(&mix, key, CPNS_HASH);
	mix_out(&mix, out, 1);
}

static void wrap_stream(const uint8_t kek[CPNS_HASH], const uint8_t in[CPNS_HASH], uint8_t out[CPNS_HASH])
{
	struct mix mix = mix_new(WRAP_STREAM);

	mix_input(&mix, kek, CPNS_HASH);
	mix_xor(&mix, in, CPNS_HASH, out);
}

static void counted_wrap(void *self, const uint8_t kek[CPNS_HASH], const uint8_t key[CPNS_HASH],
			 uint8_t out[CPNS_WRAPPED])
{
	uint8_t wrapped[CPNS_WRAPPED];

	(void)self;
	wrap_check(kek, key, wrapped);
	wrap_stream(kek, key, wrapped + 8);
	memcpy(out, wrapped, sizeof wrapped);
}

static bool counted_unwrap(void *self, const uint8_t kek[CPNS_HASH], const uint8_t in[CPNS_WRAPPED],
			   uint8_t key[CPNS_HASH])
{
	uint8_t found[CPNS_HASH], check[8];

	(void)self;
	wrap_stream(kek, in + 8, found);
	wrap_check(kek, found, check);
	if (memcmp(check, in, sizeof check) != 0)
		return false;
	memcpy(key, found, sizeof found);
	return true;
}

/* Over the sealed octets, so that `open` can decide before it writes. */
static void seal_check(const uint8_t key[CPNS_HASH], const uint8_t nonce[12], const uint8_t *sealed, size_t n,
		       uint8_t tag[CPNS_TAG])
{
	struct mix mix = mix_new(SEAL_CHECK);

	mix_input(&mix, key, CPNS_HASH);
	mix_input(&mix, nonce, 12);
	mix_input(&mix, sealed, n);
	mix_out(&mix, tag, CPNS_TAG / 8);
}

static void seal_stream(const uint8_t key[CPNS_HASH], const uint8_t nonce[12], const uint8_t *in, size_t n,
			uint8_t *out)
{
	struct mix mix = mix_new(SEAL_STREAM);

	mix_input(&mix, key, CPNS_HASH);
	mix_input(&mix, nonce, 12);
	mix_xor(&mix, in, n, out);
}

static void counted_seal(void *self, const uint8_t key[CPNS_HASH], const uint8_t nonce[12], const uint8_t *in,
			 size_t n, uint8_t *out, uint8_t tag[CPNS_TAG])
{
	(void)self;
	seal_stream(key, nonce, in, n, out);
	seal_check(key, nonce, out, n, tag);
}

static bool counted_open(void *self, const uint8_t key[CPNS_HASH], const uint8_t nonce[12], const uint8_t *in,
			 size_t n, const uint8_t tag[CPNS_TAG], uint8_t *out)
{
	uint8_t check[CPNS_TAG];

	(void)self;
	seal_check(key, nonce, in, n, check);
	if (memcmp(check, tag, sizeof check) != 0) {
		if (n > 0)
			memset(out, 0, n);
		return false;
	}
	seal_stream(key, nonce, in, n, out);
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
