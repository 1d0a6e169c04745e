#include "models/protocol/input.h"

#include <assert.h>
#include <string.h>

void cpns_input_add(struct cpns_input *in, struct cpns_octets part)
{
	assert(in->n < CPNS_INPUT_PARTS);
	in->part[in->n++] = part;
}

static struct cpns_octets length_of(struct cpns_input *in, struct cpns_octets x)
{
	assert(in->lengths < CPNS_INPUT_LENGTHS && x.n <= UINT16_MAX);
	uint8_t *length = in->length[in->lengths++];

	length[0] = (uint8_t)(x.n >> 8);
	length[1] = (uint8_t)x.n;
	return (struct cpns_octets){length, 2};
}

void cpns_input_lp(struct cpns_input *in, struct cpns_octets x)
{
	cpns_input_add(in, length_of(in, x));
	cpns_input_add(in, x);
}

void cpns_input_pl(struct cpns_input *in, struct cpns_octets x)
{
	cpns_input_add(in, x);
	cpns_input_add(in, length_of(in, x));
}

void cpns_input_names(struct cpns_input *in, const struct cpns_names *names)
{
	cpns_input_lp(in, names->user);
	cpns_input_lp(in, names->entity);
}

static size_t size_of(const struct cpns_input *in)
{
	size_t n = 0;

	for (size_t i = 0; i < in->n; i++)
		n += in->part[i].n;
	return n;
}

/* Compressions of a SHA-256 of n octets: padding takes a bit and a 64-bit length (FIPS 180-4). */
static uint32_t compressions(size_t n)
{
	return (uint32_t)((n + 9 + 63) / 64);
}

void cpns_sha256(struct cpns_work w, const struct cpns_input *in, uint8_t out[CPNS_HASH])
{
	w.ops->sha256++;
	w.ops->compressions += compressions(size_of(in));
	w.crypto->sha256(w.crypto->self, in->part, in->n, out);
}

void cpns_hmac(struct cpns_work w, struct cpns_octets key, const struct cpns_input *in, uint8_t out[CPNS_HASH])
{
	w.ops->hmac++;
	w.ops->compressions += 3 + compressions(size_of(in));
	w.crypto->hmac(w.crypto->self, key.at, key.n, in->part, in->n, out);
}

void cpns_hmac_tag(struct cpns_work w, const uint8_t key[CPNS_HASH], const struct cpns_input *in,
		   uint8_t tag[CPNS_TAG])
{
	uint8_t full[CPNS_HASH];

	cpns_hmac(w, (struct cpns_octets){key, CPNS_HASH}, in, full);
	memcpy(tag, full, CPNS_TAG);
}

void cpns_hkdf_extract(struct cpns_work w, struct cpns_octets salt, struct cpns_octets ikm, uint8_t prk[CPNS_HASH])
{
	struct cpns_input in = {0};

	cpns_input_add(&in, ikm);
	cpns_hmac(w, salt, &in, prk);
}

void cpns_hkdf_expand(struct cpns_work w, const uint8_t prk[CPNS_HASH], struct cpns_input *info,
		      uint8_t out[CPNS_HASH])
{
	static const uint8_t one[1] = {1};

	cpns_input_add(info, CPNS_ARRAY(one));
	cpns_hmac(w, (struct cpns_octets){prk, CPNS_HASH}, info, out);
}
