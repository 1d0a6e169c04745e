/* Key material of step 0: what the PN GW and the CPNS Server derive on the WAN leg, the PN GW and a PNE on the PAN
 * leg.
 *
 * WAN: 3GPP TS 33.220. Its bootstrapping runs an AKA with the subscriber's card, whose functions are the operator's
 * own choice (TS 33.105); here they are HMAC-SHA-256 under the subscriber's key K, 32 octets, which the PN GW's card
 * and the server's subscriber database share. What TS 33.220 fixes is as it has it: B.2 the KDF, B.3 Ks_NAF.
 *
 * PAN: pairing with a commitment, as the PAN technologies do it. What makes the two ends sure of each other outside
 * of the messages (a passkey, a comparison by the user, a tap) is a secret of 32 octets that both hold.
 *
 * Labels and everything that TS 33.220 leaves open are the project's choice. */
#ifndef CPNS_PROTOCOL_SESSION_KEYS_H
#define CPNS_PROTOCOL_SESSION_KEYS_H

#include <stdint.h>

#include "models/protocol/keys.h"

/* TS 33.220 B.2: HMAC-SHA-256(key, FC || P0 || L0 || P1 || L1 ...), at most four parameters (asserted). */
void cpns_gba_kdf(struct cpns_work w, const uint8_t key[CPNS_HASH], uint8_t fc, const struct cpns_octets *p, size_t n,
		  uint8_t out[CPNS_HASH]);

/* Stand-ins for the AKA: AUTN = HMAC(K, "CPNS-AUTN-1" || LP(IMPI) || RAND)[0..15] shows that the network holds K,
 * RES = HMAC(K, "CPNS-RES-1" || ...)[0..15] that the card does, Ks = CK || IK = HMAC(K, "CPNS-KS-1" || ...). The IMPI
 * is the PN GW's Entity ID. */
void cpns_aka_autn(struct cpns_work w, const uint8_t k[CPNS_HASH], struct cpns_octets impi, const uint8_t rand[16],
		   uint8_t autn[CPNS_TAG]);
void cpns_aka_res(struct cpns_work w, const uint8_t k[CPNS_HASH], struct cpns_octets impi, const uint8_t rand[16],
		  uint8_t res[CPNS_TAG]);
void cpns_aka_ks(struct cpns_work w, const uint8_t k[CPNS_HASH], struct cpns_octets impi, const uint8_t rand[16],
		 uint8_t ks[CPNS_HASH]);

/* TS 33.220 B.3: Ks_NAF = KDF(Ks, "gba-me", RAND, IMPI, NAF_Id), FC = 01; NAF_Id is the realm as FQDN, then the Ua
 * security protocol identifier 01 00 00 00 02 (HTTP Digest, H.3: none is registered for CPNS). */
void cpns_ks_naf(struct cpns_work w, const uint8_t ks[CPNS_HASH], const uint8_t rand[16], struct cpns_octets impi,
		 struct cpns_octets realm, uint8_t ks_naf[CPNS_HASH]);

/* HMAC(Ks_NAF, "CPNS-UA-REQ-1" || B-TID || RAND_GW)[0..15], and in return
 * HMAC(Ks_NAF, "CPNS-UA-RSP-1" || B-TID || RAND_GW || Lifetime)[0..15]. */
void cpns_session_request_proof(struct cpns_work w, const uint8_t ks_naf[CPNS_HASH], const uint8_t b_tid[16],
				const uint8_t rand_gw[16], uint8_t tag[CPNS_TAG]);
void cpns_session_response_proof(struct cpns_work w, const uint8_t ks_naf[CPNS_HASH], const uint8_t b_tid[16],
				 const uint8_t rand_gw[16], const uint8_t lifetime[8], uint8_t tag[CPNS_TAG]);

/* SHA-256("CPNS-PAIR-1" || LP(GWID) || RAND_GW) */
void cpns_pairing_commitment(struct cpns_work w, struct cpns_octets gateway, const uint8_t rand_gw[16],
			     uint8_t commitment[CPNS_HASH]);

/* The session key of the PAN leg: HKDF(RAND_GW || RAND_PNE, secret, "CPNS-PAN-1" || LP(GWID) || LP(EntityID), 32) */
void cpns_pairing_key(struct cpns_work w, const uint8_t secret[CPNS_HASH], struct cpns_octets gateway,
		      struct cpns_octets pne, const uint8_t rand_gw[16], const uint8_t rand_pne[16],
		      uint8_t key[CPNS_HASH]);

/* HMAC(session key, "CPNS-PAIR-GW-1")[0..15] in the opening proves that the PN GW holds the key,
 * HMAC(session key, "CPNS-PAIR-PNE-1")[0..15] in the confirmation that the PNE does. */
void cpns_pairing_opening_proof(struct cpns_work w, const uint8_t key[CPNS_HASH], uint8_t tag[CPNS_TAG]);
void cpns_pairing_confirmation_proof(struct cpns_work w, const uint8_t key[CPNS_HASH], uint8_t tag[CPNS_TAG]);

#endif
