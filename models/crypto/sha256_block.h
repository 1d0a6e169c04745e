/* The compression function of SHA-256 (FIPS 180-4, 6.2.2), on states that the caller begins, keeps and continues. By
 * the processor's SHA instructions where it has them, else by OpenSSL. Private to crypto/ and its tests. */
#ifndef CPNS_CRYPTO_SHA256_BLOCK_H
#define CPNS_CRYPTO_SHA256_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define SHA256_BLOCK 64

void sha256_block(uint32_t state[8], const uint8_t block[SHA256_BLOCK]);

/* Two blocks of two messages. */
void sha256_two_blocks(uint32_t a[8], const uint8_t block_a[SHA256_BLOCK], uint32_t b[8],
		       const uint8_t block_b[SHA256_BLOCK]);

/* The block that ends an HMAC: a hash, as the state that it is made of, and the padding of a message of one block and
 * this hash. */
void sha256_hash_block(uint32_t state[8], const uint32_t hash[8]);

/* For tests: with the instructions, or without. Returns whether they are used from now on; false where the processor
 * or the compiler knows none. Not while another thread is hashing. */
bool sha256_block_use_instructions(bool wanted);

#endif
