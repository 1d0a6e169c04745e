/* Random numbers with an address. Philox4x64-10 (Salmon et al., SC11; Random123) is a keyed bijection on 256-bit
 * counters: the key is (seed, replication), the counter says what the draw is for. Nothing is consumed from a shared
 * sequence, so one more draw, device or configuration moves no other draw. */
#ifndef SIM_KERNEL_STREAM_H
#define SIM_KERNEL_STREAM_H

#include <stddef.h>
#include <stdint.h>

/* One replication's generator. */
struct sim_random {
	uint64_t seed, replication;
};

/* What a draw is for. Two draws of a run are independent unless all five fields are equal. */
struct sim_address {
	uint64_t entity;  /* the entity's stable number in the topology */
	uint64_t item;    /* of what: e.g. the device that an assignment is for */
	uint32_t ordinal; /* which of that item's: e.g. its k-th assignment */
	uint16_t part;    /* e.g. which fragment */
	uint16_t attempt; /* e.g. how many messages of its kind came before */
	uint8_t purpose;  /* the model's own numbering */
	uint8_t type;     /* e.g. the message's type */
};

/* A sequence of draws at one address; a value, to be made on the stack and thrown away. */
struct sim_stream {
	uint64_t key[2], counter[4], word[4];
	unsigned used; /* words of the current block that have been drawn */
};

struct sim_stream sim_stream_at(const struct sim_random *random, const struct sim_address *address);

/* 64 uniform bits. */
uint64_t sim_stream_bits(struct sim_stream *stream);

/* Uniform in the open interval (0, 1): (k + 1/2) / 2^53 from the upper 53 bits. */
double sim_stream_unit(struct sim_stream *stream);

/* Uniform in 0 .. n-1, without bias (Lemire 2019); n > 0 is asserted. */
uint64_t sim_stream_below(struct sim_stream *stream, uint64_t n);

/* `n` octets, little-endian words in order of drawing, whatever the machine's order. */
void sim_stream_bytes(struct sim_stream *stream, uint8_t *out, size_t n);

#endif
