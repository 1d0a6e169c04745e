/* What the derivations of keys.h and session_keys.h are made of: octet strings one after the other, hashed, and
 * counted where the work is done. */
#ifndef CPNS_PROTOCOL_INPUT_H
#define CPNS_PROTOCOL_INPUT_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "models/protocol/copy.h"
#include "models/protocol/keys.h"

/* A literal label without its terminator; an array as octets. */
#define CPNS_LABEL(text) ((struct cpns_octets){(const uint8_t *)(text), sizeof(text) - 1})
#define CPNS_ARRAY(array) ((struct cpns_octets){(array), sizeof(array)})

/* Three names and what stands between and behind them. */
enum { CPNS_INPUT_MAX = 1024 };

/* An input under construction: the parts, one after the other. */
struct cpns_input {
	size_t n;
	uint8_t at[CPNS_INPUT_MAX];
};

/* Makes it empty; before that it need not be anything. */
static inline void cpns_input_begin(struct cpns_input *in)
{
	in->n = 0;
}

static inline void cpns_input_add(struct cpns_input *in, struct cpns_octets part)
{
	size_t n = in->n;

	assert(part.n <= CPNS_INPUT_MAX - n);
	in->n = n + part.n;
	cpns_copy(in->at + n, part.at, part.n);
}

/* Where x goes with its length before it, which is LP(x), or behind it, as TS 33.220 has it; both fit. */
static inline uint8_t *cpns_input_room(struct cpns_input *in, struct cpns_octets x)
{
	size_t n = in->n;

	assert(x.n < CPNS_INPUT_MAX && n + 2 + x.n <= CPNS_INPUT_MAX);
	in->n = n + 2 + x.n;
	return in->at + n;
}

static inline void cpns_input_length(uint8_t at[2], size_t n)
{
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
}

/* LP(x): a 2-octet big-endian length, then x. */
static inline void cpns_input_lp(struct cpns_input *in, struct cpns_octets x)
{
	uint8_t *at = cpns_input_room(in, x);

	cpns_input_length(at, x.n);
	cpns_copy(at + 2, x.at, x.n);
}

static inline void cpns_input_pl(struct cpns_input *in, struct cpns_octets x)
{
	uint8_t *at = cpns_input_room(in, x);

	cpns_copy(at, x.at, x.n);
	cpns_input_length(at + x.n, x.n);
}

/* LP(UserID) || LP(EntityID) */
static inline void cpns_input_names(struct cpns_input *in, const struct cpns_names *names)
{
	cpns_input_lp(in, names->user);
	cpns_input_lp(in, names->entity);
}

static inline struct cpns_octets cpns_input_octets(const struct cpns_input *in)
{
	return (struct cpns_octets){in->at, in->n};
}

void cpns_sha256(struct cpns_work w, const struct cpns_input *in, uint8_t out[CPNS_HASH]);

/* HMAC with a key of at most one block: two blocks of pads, the message, and the inner hash (RFC 2104); and its first
 * 16 octets. */
void cpns_hmac(struct cpns_work w, struct cpns_octets key, struct cpns_octets text, uint8_t out[CPNS_HASH]);
void cpns_hmac_tag(struct cpns_work w, const uint8_t key[CPNS_HASH], const struct cpns_input *in,
		   uint8_t tag[CPNS_TAG]);

/* HKDF-Extract; HKDF-Expand for one block of output: T(1) = HMAC(PRK, info || 01). */
void cpns_hkdf_extract(struct cpns_work w, struct cpns_octets salt, struct cpns_octets ikm, uint8_t prk[CPNS_HASH]);
void cpns_hkdf_expand(struct cpns_work w, const uint8_t prk[CPNS_HASH], struct cpns_input *info,
		      uint8_t out[CPNS_HASH]);

#endif
