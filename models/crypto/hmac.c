#include "models/crypto/hmac.h"

#include <endian.h>
#include <string.h>

#include "models/crypto/sha256_block.h"

/* A SHA-256 in the making, of several parts. */
struct hash {
	uint32_t state[8];
	uint8_t block[HMAC_BLOCK]; /* what is left of the octets so far, then zeros */
	size_t octets;             /* all so far, whole blocks before the first included */
};

static void hash_continue(struct hash *h, const uint32_t state[8], size_t octets)
{
	memcpy(h->state, state, sizeof h->state);
	memset(h->block, 0, sizeof h->block);
	h->octets = octets;
}

static void hash_add(struct hash *h, const uint8_t *at, size_t n)
{
	size_t filled = h->octets % HMAC_BLOCK;

	h->octets += n;
	while (filled + n >= HMAC_BLOCK) {
		size_t missing = HMAC_BLOCK - filled;

		if (filled == 0) {
			sha256_block(h->state, at);
		} else {
			memcpy(h->block + filled, at, missing);
			sha256_block(h->state, h->block);
			memset(h->block, 0, sizeof h->block);
		}
		at += missing;
		n -= missing;
		filled = 0;
	}
	if (n > 0)
		memcpy(h->block + filled, at, n);
}

static void hash_add_parts(struct hash *h, const struct cpns_octets *parts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (parts[i].n > 0)
			hash_add(h, parts[i].at, parts[i].n);
}

/* Writes the number of octets hashed, in bits, where the padding ends. */
static void put_length(uint8_t block[HMAC_BLOCK], size_t octets)
{
	uint64_t bits = htobe64((uint64_t)octets * 8);

	memcpy(block + HMAC_BLOCK - sizeof bits, &bits, sizeof bits);
}

static void put_state(const uint32_t state[8], uint8_t out[CPNS_HASH])
{
	for (size_t i = 0; i < 8; i++) {
		uint32_t word = htobe32(state[i]);

		memcpy(out + i * sizeof word, &word, sizeof word);
	}
}

/* Pads (FIPS 180-4, 5.1.1) and compresses what is left: the first `filled` octets of a block whose others are zero.
 */
static inline void pad(uint32_t state[8], uint8_t block[HMAC_BLOCK], size_t filled, size_t octets)
{
	block[filled] = 0x80;
	if (filled >= HMAC_BLOCK - 8) {
		sha256_block(state, block);
		memset(block, 0, HMAC_BLOCK);
	}
	put_length(block, octets);
	sha256_block(state, block);
}

/* The first and the last `piece` of n octets, which may overlap. */
static inline __attribute__((always_inline)) void put_ends(uint8_t *restrict to, const uint8_t *restrict from,
							   size_t n, size_t piece)
{
	memcpy(to, from, piece);
	memcpy(to + n - piece, from + n - piece, piece);
}

/* Fewer octets than a block: of a memcpy of so few, gcc makes a loop. */
static inline void put_rest(uint8_t *restrict block, const uint8_t *restrict at, size_t n)
{
	if (n > 32)
		put_ends(block, at, n, 32);
	else if (n >= 16)
		put_ends(block, at, n, 16);
	else if (n >= 8)
		put_ends(block, at, n, 8);
	else if (n >= 4)
		put_ends(block, at, n, 4);
	else if (n > 0)
		memcpy(block, at, n);
}

/* Hashes the only part, behind `octets` of whole blocks that made the state. */
static inline void hash_whole(uint32_t state[8], struct cpns_octets part, size_t octets)
{
	uint8_t block[HMAC_BLOCK] = {0};

	octets += part.n;
	for (; part.n >= HMAC_BLOCK; part.at += HMAC_BLOCK, part.n -= HMAC_BLOCK)
		sha256_block(state, part.at);
	put_rest(block, part.at, part.n);
	pad(state, block, part.n, octets);
}

static __attribute__((noinline)) void hash_parts(uint32_t state[8], const struct cpns_octets *parts, size_t n,
						 size_t octets)
{
	struct hash h;

	hash_continue(&h, state, octets);
	hash_add_parts(&h, parts, n);
	pad(h.state, h.block, h.octets % HMAC_BLOCK, h.octets);
	memcpy(state, h.state, sizeof h.state);
}

/* The protocol's own inputs are one part: taken straight, and apart from what is rare, that saves 55 instructions an
 * HMAC. */
static inline void hash_rest(uint32_t state[8], const struct cpns_octets *parts, size_t n, size_t octets)
{
	if (n == 1)
		hash_whole(state, *parts, octets);
	else
		hash_parts(state, parts, n, octets);
}

static const uint32_t beginning[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
				      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

void hash_sha256(const struct cpns_octets *parts, size_t n, uint8_t out[CPNS_HASH])
{
	uint32_t state[8];

	memcpy(state, beginning, sizeof state);
	hash_rest(state, parts, n, 0);
	put_state(state, out);
}

void hmac_block(const uint8_t *key, size_t n, uint8_t block[HMAC_BLOCK])
{
	memset(block, 0, HMAC_BLOCK);
	if (n == CPNS_HASH)
		memcpy(block, key, CPNS_HASH); /* almost always: of a length that the compiler knows */
	else if (n > HMAC_BLOCK)
		hash_sha256(&(struct cpns_octets){key, n}, 1, block);
	else if (n > 0)
		memcpy(block, key, n);
}

void hmac_key_set(struct hmac_key *key, const uint8_t block[HMAC_BLOCK])
{
	uint8_t inner[HMAC_BLOCK], outer[HMAC_BLOCK];

	for (size_t i = 0; i < HMAC_BLOCK; i++) {
		inner[i] = block[i] ^ 0x36;
		outer[i] = block[i] ^ 0x5c;
	}
	memcpy(key->inner, beginning, sizeof key->inner);
	memcpy(key->outer, beginning, sizeof key->outer);
	sha256_two_blocks(key->inner, inner, key->outer, outer);
}

void hmac_compute(const struct hmac_key *key, const struct cpns_octets *parts, size_t n, uint8_t out[CPNS_HASH])
{
	uint32_t inner[8], outer[8];

	memcpy(inner, key->inner, sizeof inner);
	hash_rest(inner, parts, n, HMAC_BLOCK);
	memcpy(outer, key->outer, sizeof outer);
	sha256_hash_block(outer, inner);
	put_state(outer, out);
}

void hmac_pbkdf2(const struct hmac_key *password, const uint8_t *salt, size_t salt_n, uint32_t iterations,
		 uint8_t out[CPNS_HASH])
{
	static const uint8_t one[] = {0, 0, 0, 1};
	uint32_t inner[8], outer[8], sum[8];

	hmac_compute(password, (const struct cpns_octets[]){{salt, salt_n}, {one, sizeof one}}, 2, out);
	for (size_t k = 0; k < 8; k++) {
		memcpy(&outer[k], out + 4 * k, sizeof outer[k]);
		sum[k] = outer[k] = be32toh(outer[k]);
	}
	for (uint32_t i = 1; i < iterations; i++) {
		memcpy(inner, password->inner, sizeof inner);
		sha256_hash_block(inner, outer);
		memcpy(outer, password->outer, sizeof outer);
		sha256_hash_block(outer, inner);
		for (size_t k = 0; k < 8; k++)
			sum[k] ^= outer[k];
	}
	put_state(sum, out);
}
