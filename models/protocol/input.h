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
	assert(part.n <= CPNS_INPUT_MAX - in->n);
	cpns_copy(in->at + in->n, part.at, part.n);
	in->n += part.n;
}

/* What is added has 2 octets more than x: both together fit, and so does x's length into the 2. */
static inline void cpns_input_check(const struct cpns_input *in, struct cpns_octets x)
{
	assert(x.n < CPNS_INPUT_MAX && in->n + 2 + x.n <= CPNS_INPUT_MAX);
}

static inline uint8_t *cpns_input_length(uint8_t at[2], size_t n)
{
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
	return at + 2;
}

/* LP(x): a 2-octet big-endian length, then x; and the other way round, as TS 33.220 has it. */
static inline void cpns_input_lp(struct cpns_input *in, struct cpns_octets x)
{
	cpns_input_check(in, x);
	cpns_copy(cpns_input_length(in->at + in->n, x.n), x.at, x.n);
	in->n += 2 + x.n;
}

static inline void cpns_input_pl(struct cpns_input *in, struct cpns_octets x)
{
	cpns_input_check(in, x);
	cpns_copy(in->at + in->n, x.at, x.n);
	cpns_input_length(in->at + in->n + x.n, x.n);
	in->n += 2 + x.n;
}

/* LP(UserID) || LP(EntityID) */
static inline void cpns_input_names(struct cpns_input *in, const struct cpns_names *names)
{
	cpns_input_lp(in, names->user);
	cpns_input_lp(in, names->entity);
}

void cpns_sha256(struct cpns_work w, const struct cpns_input *in, uint8_t out[CPNS_HASH]);

/* HMAC with a key of at most one block: two blocks of pads, the message, and the inner hash (RFC 2104); and its first
 * 16 octets. */
void cpns_hmac(struct cpns_work w, struct cpns_octets key, const struct cpns_input *in, uint8_t out[CPNS_HASH]);
void cpns_hmac_tag(struct cpns_work w, const uint8_t key[CPNS_HASH], const struct cpns_input *in,
		   uint8_t tag[CPNS_TAG]);

/* HKDF-Extract; HKDF-Expand for one block of output: T(1) = HMAC(PRK, info || 01). */
void cpns_hkdf_extract(struct cpns_work w, struct cpns_octets salt, struct cpns_octets ikm, uint8_t prk[CPNS_HASH]);
void cpns_hkdf_expand(struct cpns_work w, const uint8_t prk[CPNS_HASH], struct cpns_input *info,
		      uint8_t out[CPNS_HASH]);

#endif
