/* AES key wrap (RFC 3394) of a 256-bit key under a 256-bit KEK, by the processor's AES instructions. Private to
 * crypto/ and its tests. */
#ifndef CPNS_CRYPTO_AES_WRAP_H
#define CPNS_CRYPTO_AES_WRAP_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/env.h"

/* As in struct cpns_crypto. */
struct aes_wrap {
	void (*wrap)(const uint8_t kek[CPNS_HASH], const uint8_t key[CPNS_HASH], uint8_t out[CPNS_WRAPPED]);
	bool (*unwrap)(const uint8_t kek[CPNS_HASH], const uint8_t in[CPNS_WRAPPED], uint8_t key[CPNS_HASH]);
};

/* NULL where the processor or the compiler knows no such instructions. */
const struct aes_wrap *aes_wrap_instructions(void);

/* For tests: NULL from now on, or as above again. Returns whether it is not NULL. Not while another thread wraps. */
bool aes_wrap_use_instructions(bool wanted);

#endif
