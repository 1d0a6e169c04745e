/* The two bodies of struct cpns_crypto (models/protocol/env.h), one instance per run and thread. */
#ifndef CPNS_CRYPTO_CRYPTO_H
#define CPNS_CRYPTO_CRYPTO_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/env.h"

/* The operations themselves: by OpenSSL 3 with kept, pre-fetched contexts, and, where the processor has instructions
 * for them, SHA-256 and key wrap without its calls (sha256_block.h, aes_wrap.h). PBKDF2 results of CPNS_PBKDF2_KEPT
 * iterations or more are memoised by input for the life of the process and shared by all instances; each is computed
 * once, whichever thread asks first. The caller's to free. */
struct cpns_crypto *cpns_crypto_openssl_new(void);

/* Fewer iterations take less than a microsecond with the processor's SHA instructions (tests/crypto/bench_crypto),
 * and to keep what they give took 108 octets a user. */
enum { CPNS_PBKDF2_KEPT = 8 };

/* Each operation replaced by a cheap deterministic stand-in: a 64-bit mix of all inputs, expanded to the right
 * length; wrap and seal XOR and tag. For large runs whose keys nobody looks at; not cryptography. The caller's to
 * free. */
struct cpns_crypto *cpns_crypto_counted_new(void);

/* Frees either. NULL is allowed. */
void cpns_crypto_free(struct cpns_crypto *crypto);

/* Wall time that this instance has spent in its operations, ns; 0 for the stand-in. For the provenance of a run
 * alone. */
int64_t cpns_crypto_wall_ns(const struct cpns_crypto *crypto);

/* "OpenSSL 3.0.19 27 Jan 2026": the library that is linked at run time. */
const char *cpns_crypto_library(void);

#endif
