#include "models/protocol/session_keys.h"

#include <assert.h>
#include <string.h>

#include "models/protocol/input.h"
#include "models/protocol/msg.h"

enum { FC_GBA = 0x01 };

void cpns_gba_kdf(struct cpns_work w, const uint8_t key[CPNS_HASH], uint8_t fc, const struct cpns_octets *p, size_t n,
		  uint8_t out[CPNS_HASH])
{
	struct cpns_input in;

	cpns_input_begin(&in);
	cpns_input_add(&in, (struct cpns_octets){&fc, 1});
	for (size_t i = 0; i < n; i++)
		cpns_input_pl(&in, p[i]);
	cpns_hmac(w, (struct cpns_octets){key, CPNS_HASH}, cpns_input_octets(&in), out);
}

static void aka(struct cpns_work w, const uint8_t k[CPNS_HASH], struct cpns_octets label, struct cpns_octets impi,
		const uint8_t rand[16], uint8_t out[CPNS_HASH])
{
	struct cpns_input in;

	cpns_input_begin(&in);
	cpns_input_add(&in, label);
	cpns_input_lp(&in, impi);
	cpns_input_add(&in, (struct cpns_octets){rand, 16});
	cpns_hmac(w, (struct cpns_octets){k, CPNS_HASH}, cpns_input_octets(&in), out);
}

void cpns_aka_autn(struct cpns_work w, const uint8_t k[CPNS_HASH], struct cpns_octets impi, const uint8_t rand[16],
		   uint8_t autn[CPNS_TAG])
{
	uint8_t full[CPNS_HASH];

	aka(w, k, CPNS_LABEL("CPNS-AUTN-1"), impi, rand, full);
	memcpy(autn, full, CPNS_TAG);
}

void cpns_aka_res(struct cpns_work w, const uint8_t k[CPNS_HASH], struct cpns_octets impi, const uint8_t rand[16],
		  uint8_t res[CPNS_TAG])
{
	uint8_t full[CPNS_HASH];

	aka(w, k, CPNS_LABEL("CPNS-RES-1"), impi, rand, full);
	memcpy(res, full, CPNS_TAG);
}

void cpns_aka_ks(struct cpns_work w, const uint8_t k[CPNS_HASH], struct cpns_octets impi, const uint8_t rand[16],
		 uint8_t ks[CPNS_HASH])
{
	aka(w, k, CPNS_LABEL("CPNS-KS-1"), impi, rand, ks);
}

void cpns_ks_naf(struct cpns_work w, const uint8_t ks[CPNS_HASH], const uint8_t rand[16], struct cpns_octets impi,
		 struct cpns_octets realm, uint8_t ks_naf[CPNS_HASH])
{
	static const uint8_t http_digest[5] = {1, 0, 0, 0, 2};
	uint8_t naf_id[CPNS_ID_MAX + sizeof(http_digest)];

	assert(realm.n <= CPNS_ID_MAX);
	memcpy(naf_id, realm.at, realm.n);
	memcpy(naf_id + realm.n, http_digest, sizeof(http_digest));
	const struct cpns_octets p[4] = {
	    CPNS_LABEL("gba-me"), {rand, 16}, impi, {naf_id, realm.n + sizeof(http_digest)}};

	cpns_gba_kdf(w, ks, FC_GBA, p, 4, ks_naf);
}

static void session_proof(struct cpns_work w, const uint8_t ks_naf[CPNS_HASH], struct cpns_octets label,
			  const uint8_t b_tid[16], const uint8_t rand_gw[16], struct cpns_octets lifetime,
			  uint8_t tag[CPNS_TAG])
{
	struct cpns_input in;

	cpns_input_begin(&in);
	cpns_input_add(&in, label);
	cpns_input_add(&in, (struct cpns_octets){b_tid, 16});
	cpns_input_add(&in, (struct cpns_octets){rand_gw, 16});
	cpns_input_add(&in, lifetime);
	cpns_hmac_tag(w, ks_naf, &in, tag);
}

void cpns_session_request_proof(struct cpns_work w, const uint8_t ks_naf[CPNS_HASH], const uint8_t b_tid[16],
				const uint8_t rand_gw[16], uint8_t tag[CPNS_TAG])
{
	session_proof(w, ks_naf, CPNS_LABEL("CPNS-UA-REQ-1"), b_tid, rand_gw, (struct cpns_octets){0}, tag);
}

void cpns_session_response_proof(struct cpns_work w, const uint8_t ks_naf[CPNS_HASH], const uint8_t b_tid[16],
				 const uint8_t rand_gw[16], const uint8_t lifetime[8], uint8_t tag[CPNS_TAG])
{
	session_proof(w, ks_naf, CPNS_LABEL("CPNS-UA-RSP-1"), b_tid, rand_gw, (struct cpns_octets){lifetime, 8}, tag);
}

void cpns_pairing_commitment(struct cpns_work w, struct cpns_octets gateway, const uint8_t rand_gw[16],
			     uint8_t commitment[CPNS_HASH])
{
	struct cpns_input in;

	cpns_input_begin(&in);
	cpns_input_add(&in, CPNS_LABEL("CPNS-PAIR-1"));
	cpns_input_lp(&in, gateway);
	cpns_input_add(&in, (struct cpns_octets){rand_gw, 16});
	cpns_sha256(w, &in, commitment);
}

void cpns_pairing_key(struct cpns_work w, const uint8_t secret[CPNS_HASH], struct cpns_octets gateway,
		      struct cpns_octets pne, const uint8_t rand_gw[16], const uint8_t rand_pne[16],
		      uint8_t key[CPNS_HASH])
{
	struct cpns_input info;
	uint8_t salt[32], prk[CPNS_HASH];

	cpns_input_begin(&info);
	memcpy(salt, rand_gw, 16);
	memcpy(salt + 16, rand_pne, 16);
	cpns_hkdf_extract(w, CPNS_ARRAY(salt), (struct cpns_octets){secret, CPNS_HASH}, prk);
	cpns_input_add(&info, CPNS_LABEL("CPNS-PAN-1"));
	cpns_input_lp(&info, gateway);
	cpns_input_lp(&info, pne);
	cpns_hkdf_expand(w, prk, &info, key);
}

static void role_proof(struct cpns_work w, const uint8_t key[CPNS_HASH], struct cpns_octets role,
		       uint8_t tag[CPNS_TAG])
{
	struct cpns_input in;

	cpns_input_begin(&in);
	cpns_input_add(&in, role);
	cpns_hmac_tag(w, key, &in, tag);
}

void cpns_pairing_opening_proof(struct cpns_work w, const uint8_t key[CPNS_HASH], uint8_t tag[CPNS_TAG])
{
	role_proof(w, key, CPNS_LABEL("CPNS-PAIR-GW-1"), tag);
}

void cpns_pairing_confirmation_proof(struct cpns_work w, const uint8_t key[CPNS_HASH], uint8_t tag[CPNS_TAG])
{
	role_proof(w, key, CPNS_LABEL("CPNS-PAIR-PNE-1"), tag);
}
