/* SHA-256, HMAC and PBKDF2 composed by hand over the compression function (sha256_block.h): for inputs of a few
 * blocks, what OpenSSL's own calls do around the compressions costs more than these. Private to crypto/ and its
 * tests.
 */
#ifndef CPNS_CRYPTO_HMAC_H
#define CPNS_CRYPTO_HMAC_H

#include <stddef.h>
#include <stdint.h>

#include "models/protocol/env.h"

#define HMAC_BLOCK 64

/* What is left of a key's two pads (RFC 2104) after their compressions. */
struct hmac_key {
	uint32_t inner[8], outer[8];
};

void hash_sha256(const struct cpns_octets *parts, size_t n, uint8_t out[CPNS_HASH]);

/* The key filled up to a block with zeros, or its hash if it is longer than one: keys with equal blocks are one key.
 */
void hmac_block(const uint8_t *key, size_t n, uint8_t block[HMAC_BLOCK]);

/* Two compressions, to be saved by keeping the result. */
void hmac_key_set(struct hmac_key *key, const uint8_t block[HMAC_BLOCK]);

void hmac_compute(const struct hmac_key *key, const struct cpns_octets *parts, size_t n, uint8_t out[CPNS_HASH]);

/* PBKDF2 of RFC 8018, one block of output: two compressions an iteration. At least one iteration. */
void hmac_pbkdf2(const struct hmac_key *password, const uint8_t *salt, size_t salt_n, uint32_t iterations,
		 uint8_t out[CPNS_HASH]);

#endif
