/* OpenSSL 3.0 calls its low-level SHA-256 deprecated, and offers nothing that comes near: HMAC of a short message
 * costs twice as much over a kept EVP_MAC_CTX and six times as much in one call (tests/crypto/bench_crypto.c). So one
 * of the deprecated functions, SHA256_Transform, is called here and nowhere else. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "models/crypto/hmac.h"

#include <endian.h>
#include <openssl/sha.h>
#include <string.h>

/* A SHA-256 in the making. Of OpenSSL's struct only the state is used: blocks are filled here. */
struct hash {
	SHA256_CTX state;
	uint8_t block[HMAC_BLOCK];
	size_t octets; /* all so far, whole blocks before the first included */
};

static void hash_continue(struct hash *h, const uint32_t state[8], size_t octets)
{
	memcpy(h->state.h, state, sizeof h->state.h);
	h->octets = octets;
}

static void hash_add(struct hash *h, const uint8_t *at, size_t n)
{
	size_t filled = h->octets % HMAC_BLOCK;

	h->octets += n;
	while (filled + n >= HMAC_BLOCK) {
		size_t missing = HMAC_BLOCK - filled;

		if (filled == 0) {
			SHA256_Transform(&h->state, at);
		} else {
			memcpy(h->block + filled, at, missing);
			SHA256_Transform(&h->state, h->block);
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

static void put_state(const SHA256_CTX *state, uint8_t out[CPNS_HASH])
{
	for (size_t i = 0; i < 8; i++) {
		uint32_t word = htobe32(state->h[i]);

		memcpy(out + i * sizeof word, &word, sizeof word);
	}
}

/* Pads (FIPS 180-4, 5.1.1) and compresses what is left. */
static void hash_end(struct hash *h)
{
	size_t filled = h->octets % HMAC_BLOCK;

	h->block[filled++] = 0x80;
	if (filled > HMAC_BLOCK - 8) {
		memset(h->block + filled, 0, HMAC_BLOCK - filled);
		SHA256_Transform(&h->state, h->block);
		filled = 0;
	}
	memset(h->block + filled, 0, HMAC_BLOCK - 8 - filled);
	put_length(h->block, h->octets);
	SHA256_Transform(&h->state, h->block);
}

static const uint32_t beginning[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
				      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

void hash_sha256(const struct cpns_octets *parts, size_t n, uint8_t out[CPNS_HASH])
{
	struct hash h;

	hash_continue(&h, beginning, 0);
	hash_add_parts(&h, parts, n);
	hash_end(&h);
	put_state(&h.state, out);
}

void hmac_block(const uint8_t *key, size_t n, uint8_t block[HMAC_BLOCK])
{
	memset(block, 0, HMAC_BLOCK);
	if (n > HMAC_BLOCK)
		hash_sha256(&(struct cpns_octets){key, n}, 1, block);
	else if (n > 0)
		memcpy(block, key, n);
}

static void pad(const uint8_t block[HMAC_BLOCK], uint8_t octet, uint32_t state[8])
{
	SHA256_CTX c;
	uint8_t padded[HMAC_BLOCK];

	for (size_t i = 0; i < HMAC_BLOCK; i++)
		padded[i] = block[i] ^ octet;
	memcpy(c.h, beginning, sizeof c.h);
	SHA256_Transform(&c, padded);
	memcpy(state, c.h, sizeof c.h);
}

void hmac_key_set(struct hmac_key *key, const uint8_t block[HMAC_BLOCK])
{
	memcpy(key->block, block, HMAC_BLOCK);
	pad(block, 0x36, key->inner);
	pad(block, 0x5c, key->outer);
}

/* The one block that follows a pad: a hash and its padding, which is always the same. */
static void hash_block(uint8_t block[HMAC_BLOCK])
{
	block[CPNS_HASH] = 0x80;
	memset(block + CPNS_HASH + 1, 0, HMAC_BLOCK - 8 - CPNS_HASH - 1);
	put_length(block, HMAC_BLOCK + CPNS_HASH);
}

void hmac_compute(const struct hmac_key *key, const struct cpns_octets *parts, size_t n, uint8_t out[CPNS_HASH])
{
	struct hash h;

	hash_continue(&h, key->inner, HMAC_BLOCK);
	hash_add_parts(&h, parts, n);
	hash_end(&h);
	put_state(&h.state, h.block);
	hash_block(h.block);
	memcpy(h.state.h, key->outer, sizeof h.state.h);
	SHA256_Transform(&h.state, h.block);
	put_state(&h.state, out);
}

void hmac_pbkdf2(const struct hmac_key *password, const uint8_t *salt, size_t salt_n, uint32_t iterations,
		 uint8_t out[CPNS_HASH])
{
	static const uint8_t one[] = {0, 0, 0, 1};
	SHA256_CTX c;
	uint8_t block[HMAC_BLOCK];
	uint32_t sum[8] = {0};

	hmac_compute(password, (const struct cpns_octets[]){{salt, salt_n}, {one, sizeof one}}, 2, out);
	memcpy(block, out, CPNS_HASH);
	hash_block(block);
	for (uint32_t i = 1; i < iterations; i++) {
		memcpy(c.h, password->inner, sizeof c.h);
		SHA256_Transform(&c, block);
		put_state(&c, block);
		memcpy(c.h, password->outer, sizeof c.h);
		SHA256_Transform(&c, block);
		put_state(&c, block);
		for (size_t k = 0; k < 8; k++)
			sum[k] ^= c.h[k];
	}
	for (size_t k = 0; k < 8; k++) {
		uint32_t word = htobe32(sum[k]);

		for (size_t b = 0; b < sizeof word; b++)
			out[4 * k + b] ^= ((const uint8_t *)&word)[b];
	}
}
