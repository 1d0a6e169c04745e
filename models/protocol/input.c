#include "models/protocol/input.h"

#include <string.h>

/* Compressions of a SHA-256 of n octets: padding takes a bit and a 64-bit length (FIPS 180-4). */
static uint32_t compressions(size_t n)
{
	return (uint32_t)((n + 9 + 63) / 64);
}

void cpns_sha256(struct cpns_work w, const struct cpns_input *in, uint8_t out[CPNS_HASH])
{
	w.ops->sha256++;
	struct cpns_octets text = cpns_input_octets(in);

	w.ops->compressions += compressions(in->n);
	w.crypto->sha256(w.crypto->self, &text, 1, out);
}

void cpns_hmac(struct cpns_work w, struct cpns_octets key, struct cpns_octets text, uint8_t out[CPNS_HASH])
{
	w.ops->hmac++;
	w.ops->compressions += 3 + compressions(text.n);
	w.crypto->hmac(w.crypto->self, key.at, key.n, &text, 1, out);
}

void cpns_hmac_tag(struct cpns_work w, const uint8_t key[CPNS_HASH], const struct cpns_input *in,
		   uint8_t tag[CPNS_TAG])
{
	uint8_t full[CPNS_HASH];

	cpns_hmac(w, (struct cpns_octets){key, CPNS_HASH}, cpns_input_octets(in), full);
	memcpy(tag, full, CPNS_TAG);
}

void cpns_hkdf_extract(struct cpns_work w, struct cpns_octets salt, struct cpns_octets ikm, uint8_t prk[CPNS_HASH])
{
	cpns_hmac(w, salt, ikm, prk);
}

void cpns_hkdf_expand(struct cpns_work w, const uint8_t prk[CPNS_HASH], struct cpns_input *info,
		      uint8_t out[CPNS_HASH])
{
	static const uint8_t one[1] = {1};

	cpns_input_add(info, CPNS_ARRAY(one));
	cpns_hmac(w, (struct cpns_octets){prk, CPNS_HASH}, cpns_input_octets(info), out);
}
