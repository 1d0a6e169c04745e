/* Random numbers with an address. Philox4x64-10 (Salmon et al., SC11; Random123) is a keyed bijection on 256-bit
 * counters: the key is (seed, replication), the counter says what the draw is for. Nothing is consumed from a shared
 * sequence, so one more draw, device or configuration moves no other draw. */
#ifndef SIM_KERNEL_STREAM_H
#define SIM_KERNEL_STREAM_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SIM_STREAM_ROUNDS 10

/* One replication's generator: the keys of Philox's rounds. That of the first is (seed, replication), and the others
 * follow from it: made once, not for every block. */
struct sim_random {
	uint64_t key[SIM_STREAM_ROUNDS][2];
	/* Counts the blocks of words that are made; NULL (as sim_random_of leaves it): nobody does. */
	uint64_t *blocks;
};

struct sim_random sim_random_of(uint64_t seed, uint64_t replication);

/* What a draw is for. Two draws of a run are independent unless all fields are equal. */
struct sim_address {
	uint64_t entity;  /* the entity's stable number in the topology */
	uint64_t item;    /* of what: e.g. the device that an assignment is for */
	uint32_t ordinal; /* which of that item's: e.g. its k-th assignment */
	uint16_t part;    /* e.g. which fragment */
	uint16_t attempt; /* e.g. how many messages of its kind came before */
	uint8_t purpose;  /* the model's own numbering */
	uint8_t type;     /* e.g. the message's type */
};

#define SIM_STREAM_WORDS 4

/* A sequence of draws at one address; a value, to be made on the stack and thrown away.
 *
 * 208 bits of the counter are the address and 48 number the blocks of four words, so that no two addresses meet:
 *   counter[0]  entity
 *   counter[1]  item
 *   counter[2]  ordinal (32 upper bits), part (16), attempt (16)
 *   counter[3]  purpose (8 upper bits), type (8), number of the block (48) */
struct sim_stream {
	const struct sim_random *random; /* borrowed */
	uint64_t counter[4], word[SIM_STREAM_WORDS];
	unsigned used; /* words of the current block that have been drawn */
};

/* The stream whose counter starts with these words; for sim_stream_at. */
struct sim_stream sim_stream_from(const struct sim_random *random, uint64_t c0, uint64_t c1, uint64_t c2, uint64_t c3)
    __attribute__((noinline));

/* Inlined, since a caller knows most fields of its address: packing what is constant costs nothing. */
static inline struct sim_stream sim_stream_at(const struct sim_random *random, const struct sim_address *address)
{
	return sim_stream_from(random, address->entity, address->item,
			       (uint64_t)address->ordinal << 32 | (uint64_t)address->part << 16 | address->attempt,
			       (uint64_t)address->purpose << 56 | (uint64_t)address->type << 48);
}

/* The first words that the stream at an address would yield, for who needs no more: 25 instructions less than a
 * stream. */
void sim_stream_first_of(const struct sim_random *random, uint64_t c0, uint64_t c1, uint64_t c2, uint64_t c3,
			 uint64_t word[SIM_STREAM_WORDS]) __attribute__((noinline));

static inline void sim_stream_first(const struct sim_random *random, const struct sim_address *address,
				    uint64_t word[SIM_STREAM_WORDS])
{
	sim_stream_first_of(random, address->entity, address->item,
			    (uint64_t)address->ordinal << 32 | (uint64_t)address->part << 16 | address->attempt,
			    (uint64_t)address->purpose << 56 | (uint64_t)address->type << 48, word);
}

/* Makes the next block; for sim_stream_bits. */
void sim_stream_refill(struct sim_stream *stream);

/* 64 uniform bits. */
static inline uint64_t sim_stream_bits(struct sim_stream *stream)
{
	if (stream->used == SIM_STREAM_WORDS)
		sim_stream_refill(stream);
	return stream->word[stream->used++];
}

/* Uniform in the open interval (0, 1): (k + 1/2) / 2^52 from the upper 52 bits. (With 53, the largest would round to
 * 1.) */
static inline double sim_unit_of(uint64_t bits)
{
	uint64_t one_to_two = UINT64_C(0x3ff) << 52 | bits >> 12; /* 1 + k / 2^52 */
	double x;

	memcpy(&x, &one_to_two, sizeof x);
	return x - (1.0 - 0x1p-53);
}

static inline double sim_stream_unit(struct sim_stream *stream)
{
	return sim_unit_of(sim_stream_bits(stream));
}

/* Uniform in 0 .. n-1, without bias (Lemire 2019); n > 0 is asserted. */
static inline uint64_t sim_stream_below(struct sim_stream *stream, uint64_t n)
{
	assert(n > 0);
	unsigned __int128 product = (unsigned __int128)sim_stream_bits(stream) * n;

	if ((uint64_t)product < n) {
		uint64_t excess = -n % n; /* the lowest 2^64 mod n of each value's share are one too many */

		while ((uint64_t)product < excess)
			product = (unsigned __int128)sim_stream_bits(stream) * n;
	}
	return (uint64_t)(product >> 64);
}

/* `n` octets, little-endian words in order of drawing, whatever the machine's order. */
void sim_stream_bytes(struct sim_stream *stream, uint8_t *out, size_t n);

#endif
