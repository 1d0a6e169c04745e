/* Key material of EUKey assignment: every derivation that both ends must agree on, in one place, with a published
 * vector each (tests/protocol/test_keys.c). LP(x) is a 2-octet big-endian length before x; labels are ASCII without
 * terminator; HKDF is RFC 5869 with SHA-256. The change requests name no algorithm: all of this is the project's
 * choice.
 *
 * Every function performs its operations through `w` and counts them there. */
#ifndef CPNS_PROTOCOL_KEYS_H
#define CPNS_PROTOCOL_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/env.h"
#include "models/protocol/rules.h"

/* Where the work is done and where it is counted. */
struct cpns_work {
	const struct cpns_crypto *crypto;
	struct cpns_ops *ops;
};

/* Who a key or a proof is about. */
struct cpns_names {
	struct cpns_octets user, entity;
};

/* salt = SHA-256("CPNS-PW-1" || LP(realm) || LP(UserID))[0..15] */
void cpns_password_salt(struct cpns_work w, struct cpns_octets realm, struct cpns_octets user, uint8_t salt[16]);

/* pwH = PBKDF2(password, salt, iterations, 32) */
void cpns_password_stretch(struct cpns_work w, struct cpns_octets password, const uint8_t salt[16],
			   uint32_t iterations, uint8_t pwh[CPNS_HASH]);

/* pwH = SHA-256(UserID ":" realm ":" password), the Digest HA1 of RFC 7616 */
void cpns_password_ha1(struct cpns_work w, struct cpns_octets user, struct cpns_octets realm,
		       struct cpns_octets password, uint8_t pwh[CPNS_HASH]);

/* pwH by the rules: stretched or HA1. */
void cpns_password_hash(struct cpns_work w, const struct cpns_rules *rules, struct cpns_octets user,
			struct cpns_octets password, uint8_t pwh[CPNS_HASH]);

/* PRK = HKDF-Extract("CPNS-EUKEY-1", pwH) */
void cpns_prk(struct cpns_work w, const uint8_t pwh[CPNS_HASH], uint8_t prk[CPNS_HASH]);

/* K_trg, K_req, K_rsp = HKDF-Expand(PRK, "trg" | "req" | "rsp", 32) */
void cpns_subkey(struct cpns_work w, const uint8_t prk[CPNS_HASH], const char label[3], uint8_t key[CPNS_HASH]);

/* K_wrap = HKDF-Expand(PRK, "wrap" || LP(UserID) || LP(EntityID), 32) */
void cpns_wrap_key(struct cpns_work w, const uint8_t prk[CPNS_HASH], const struct cpns_names *names,
		   uint8_t key[CPNS_HASH]);

/* T_trg = HMAC(K_trg, LP(UserID) || LP(EntityID) || LP(GWID) || RAND_T)[0..15] */
void cpns_trigger_proof(struct cpns_work w, const uint8_t prk[CPNS_HASH], const struct cpns_names *names,
			struct cpns_octets gateway, const uint8_t rand_t[16], uint8_t tag[CPNS_TAG]);

/* T_req = HMAC(K_req, LP(UserID) || LP(EntityID) || RAND_PNE || freshness)[0..15]; `freshness` is RAND_T in 6.3.2.1,
 * KeyCount in 6.3.2.2 where there is one, the server's nonce after a challenge, empty otherwise. */
void cpns_request_proof(struct cpns_work w, const uint8_t prk[CPNS_HASH], const struct cpns_names *names,
			const uint8_t rand_pne[16], struct cpns_octets freshness, uint8_t tag[CPNS_TAG]);

/* T_rsp = HMAC(K_rsp, LP(UserID) || LP(EntityID) || RAND_PNE || RAND_Server || status || EncEUKey)[0..15]; an error
 * status has neither RAND_Server nor EncEUKey. */
void cpns_response_proof(struct cpns_work w, const uint8_t prk[CPNS_HASH], const struct cpns_names *names,
			 const uint8_t rand_pne[16], struct cpns_octets rand_server, uint8_t status,
			 struct cpns_octets wrapped, uint8_t tag[CPNS_TAG]);

/* KEK = HKDF(RAND_PNE || RAND_Server, pwH, "CPNS-KEK-1" || LP(UserID) || LP(EntityID), 32) */
void cpns_kek(struct cpns_work w, const uint8_t pwh[CPNS_HASH], const struct cpns_names *names,
	      const uint8_t rand_pne[16], const uint8_t rand_server[16], uint8_t kek[CPNS_HASH]);

/* What tells one notification of 6.3.2.2 from another. */
struct cpns_notice {
	const uint8_t *rand_n; /* 16; NULL: no freshness, the key then depends on the Temporary Key alone */
	uint32_t key_index;
	uint64_t counter;
};

/* K_N = HKDF(RAND_N, TK, "CPNS-TKN-1" || LP(EntityID) || KeyIndex || Counter, 32); without freshness the salt is
 * empty and the info ends after the Entity ID. */
void cpns_notification_key(struct cpns_work w, struct cpns_octets tk, struct cpns_octets entity,
			   const struct cpns_notice *notice, uint8_t key[CPNS_HASH]);

/* T_ack = HMAC(K_A, LP(EntityID) || Counter)[0..15], K_A as K_N but with the label "CPNS-TKA-1"; Counter is empty
 * without freshness. */
void cpns_ack_proof(struct cpns_work w, struct cpns_octets tk, struct cpns_octets entity,
		    const struct cpns_notice *notice, uint8_t tag[CPNS_TAG]);

/* The response of RFC 7616 with qop "auth" and SHA-256:
 *   H(HA1 ":" nonce ":" nc ":" cnonce ":" "auth" ":" HA2), HA2 = H("EUKeyAssignmentRequest:" EntityID),
 * nonces as lower-case hexadecimal, nc 00000001; nonce empty in a single round. HA1 is pwH itself where the password
 * is not stretched; otherwise H(UserID ":" realm ":" hex(pwH)), so that the stretching is kept. */
void cpns_digest(struct cpns_work w, const struct cpns_rules *rules, const uint8_t pwh[CPNS_HASH],
		 const struct cpns_names *names, struct cpns_octets nonce, const uint8_t cnonce[16],
		 uint8_t response[CPNS_HASH]);

/* The digest of C281: the same with the method "EUKeyUse" in place of "EUKeyAssignmentRequest". */
void cpns_use_digest(struct cpns_work w, const struct cpns_rules *rules, const uint8_t pwh[CPNS_HASH],
		     const struct cpns_names *names, struct cpns_octets nonce, const uint8_t cnonce[16],
		     uint8_t response[CPNS_HASH]);

/* Set in the first 8 octets of every nonce of a challenge and in no RAND_T, for T_req takes either in the same place.
 */
#define CPNS_NONCE_BIT (UINT64_C(1) << 63)

/* The nonce of a digest challenge, and of a challenge before a use: the time at which it was made, ns, 8 octets with
 * that bit set, then HMAC(secret, "CPNS-NONCE-1" || time || LP(EntityID))[0..7], so that the server needs to keep
 * none (RFC 7616 section 3.3). */
void cpns_challenge_nonce(struct cpns_work w, const uint8_t secret[CPNS_HASH], struct cpns_octets entity,
			  uint64_t time, uint8_t nonce[16]);

/* AES-KW with a 256-bit KEK; unwrap is false on a wrong KEK. */
void cpns_key_wrap(struct cpns_work w, const uint8_t kek[CPNS_HASH], const uint8_t key[CPNS_HASH],
		   uint8_t out[CPNS_WRAPPED]);
bool cpns_key_unwrap(struct cpns_work w, const uint8_t kek[CPNS_HASH], struct cpns_octets wrapped,
		     uint8_t key[CPNS_HASH]);

/* The sealed password: nonce 12 || AES-256-GCM(length 1 || password || zeros, 32 octets) || tag 16. The password has
 * at most CPNS_PASSWORD_MAX octets (asserted); opening returns its length in *n, false on a wrong key or damage. */
void cpns_password_seal(struct cpns_work w, const uint8_t session[CPNS_HASH], const uint8_t nonce[12],
			struct cpns_octets password, uint8_t out[60]);
bool cpns_password_open(struct cpns_work w, const uint8_t session[CPNS_HASH], struct cpns_octets sealed,
			uint8_t password[32], size_t *n);

/* Do two octet strings of length n agree? In time that does not depend on where they differ. */
bool cpns_same(const uint8_t *a, const uint8_t *b, size_t n);

#endif
