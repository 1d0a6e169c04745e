/* What a protocol machine borrows from its host: randomness and cryptography. The machines do no I/O, read no clock
 * and call no library but libc; behind real sockets the same struct is filled from the system's generator. */
#ifndef CPNS_PROTOCOL_ENV_H
#define CPNS_PROTOCOL_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CPNS_HASH 32    /* SHA-256, HMAC, EUKey, KEK, password hash */
#define CPNS_TAG 16     /* truncated proofs, nonces, RANDs */
#define CPNS_WRAPPED 40 /* AES-KW of a 32-octet key */

/* An octet string that lies somewhere else. Hashing takes several side by side, as if they were one. */
struct cpns_octets {
	const uint8_t *at;
	size_t n;
};

/* The cryptography itself, one of two bodies (models/crypto): OpenSSL, or a cheap stand-in that decides equality and
 * verification alike. `self` is the body's own state, one per run; functions cannot fail for want of anything but a
 * programming error or memory, which end the process. */
struct cpns_crypto {
	void *self;
	void (*sha256)(void *self, const struct cpns_octets *parts, size_t n, uint8_t out[CPNS_HASH]);
	void (*hmac)(void *self, const uint8_t *key, size_t key_n, const struct cpns_octets *parts, size_t n,
		     uint8_t out[CPNS_HASH]);
	void (*pbkdf2)(void *self, const uint8_t *password, size_t password_n, const uint8_t *salt, size_t salt_n,
		       uint32_t iterations, uint8_t out[CPNS_HASH]);
	/* AES key wrap of RFC 3394 with a 256-bit KEK; unwrap returns false, and leaves `key` alone, on a wrong KEK.
	 */
	void (*wrap)(void *self, const uint8_t kek[CPNS_HASH], const uint8_t key[CPNS_HASH],
		     uint8_t out[CPNS_WRAPPED]);
	bool (*unwrap)(void *self, const uint8_t kek[CPNS_HASH], const uint8_t in[CPNS_WRAPPED],
		       uint8_t key[CPNS_HASH]);
	/* AES-256-GCM, 12-octet nonce, no associated data, 16-octet tag; open returns false on a wrong tag, and then
	 * fills `out` with zeros. */
	void (*seal)(void *self, const uint8_t key[CPNS_HASH], const uint8_t nonce[12], const uint8_t *in, size_t n,
		     uint8_t *out, uint8_t tag[CPNS_TAG]);
	bool (*open)(void *self, const uint8_t key[CPNS_HASH], const uint8_t nonce[12], const uint8_t *in, size_t n,
		     const uint8_t tag[CPNS_TAG], uint8_t *out);
};

/* What a random draw is for. With `exchange` and `index` it addresses the draw, so that one more draw moves no other.
 */
enum cpns_draw {
	CPNS_DRAW_NONCE,  /* RAND_PNE, RAND_Server, RAND_T, RAND_N, digest nonces, GCM nonces */
	CPNS_DRAW_KEY,    /* EUKeys */
	CPNS_DRAW_JITTER, /* of retransmission timeouts */
};

/* Operations performed, for the host to charge. Call counts in terms of compressions and blocks follow FIPS 180-4,
 * RFC 2104, RFC 5869, RFC 8018, RFC 3394 and SP 800-38D. */
struct cpns_ops {
	uint32_t sha256;                    /* plain SHA-256 computations */
	uint32_t hmac;                      /* HMAC computations, those inside HKDF included */
	uint32_t chain_hashes;              /* F of an EUKey set: HMACs too, counted apart */
	uint32_t chain_made;                /* of those, the ones that made a set, or all its keys at once */
	uint32_t chain_keys;                /* keys of a set that were yielded, or checked against an earlier one */
	uint32_t compressions;              /* SHA-256 compressions of all these; PBKDF2's are apart */
	uint32_t keywrap;                   /* AES-KW wraps and unwraps */
	uint32_t gcm;                       /* AES-GCM seals and opens */
	uint32_t aes_keys;                  /* AES-256 key schedules */
	uint32_t aes_blocks;                /* AES-256 block encryptions and decryptions */
	uint32_t ghash_blocks;              /* GHASH multiplications */
	uint32_t random_octets;             /* nonces and keys drawn */
	uint32_t store_reads, store_writes; /* rows of the key store */
	uint32_t store_octets;              /* of key material in the rows written */
	uint64_t pbkdf2_iterations;
};

struct cpns_env {
	const struct cpns_crypto *crypto;
	void *host;
	/* `n` (at most 32) random octets for `what` in exchange (transaction) `exchange`, draw `index` of it. */
	void (*random)(void *host, enum cpns_draw what, uint32_t exchange, uint16_t index, uint8_t *out, size_t n);
};

#endif
