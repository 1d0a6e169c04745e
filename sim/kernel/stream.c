#include "sim/kernel/stream.h"

#include <Random123/philox.h>
#include <endian.h>

/* The ten rounds of philox4x64_R, with what goes from one to the next in words of their own: passed on as arrays, it
 * is kept in memory between the rounds, which takes 1.7 times as long. */
void sim_stream_block(uint64_t word[SIM_STREAM_WORDS], const uint64_t key[2], uint64_t c0, uint64_t c1, uint64_t c2,
		      uint64_t c3)
{
	uint64_t k0 = key[0], k1 = key[1];

#pragma GCC unroll 10
	for (unsigned round = 0; round < 10; round++) {
		philox4x64_ctr_t x =
		    _philox4x64round((philox4x64_ctr_t){{c0, c1, c2, c3}}, (philox4x64_key_t){{k0, k1}});

		c0 = x.v[0], c1 = x.v[1], c2 = x.v[2], c3 = x.v[3];
		k0 += PHILOX_W64_0;
		k1 += PHILOX_W64_1;
	}
	word[0] = c0;
	word[1] = c1;
	word[2] = c2;
	word[3] = c3;
}

void sim_stream_refill(struct sim_stream *stream)
{
	const uint64_t *c = stream->counter;

	sim_stream_block(stream->word, stream->key, c[0], c[1], c[2], c[3]);
	stream->counter[3]++;
	stream->used = 0;
}

void sim_stream_bytes(struct sim_stream *stream, uint8_t *out, size_t n)
{
	uint64_t word;

	for (; n >= sizeof word; out += sizeof word, n -= sizeof word) {
		word = htole64(sim_stream_bits(stream));
		memcpy(out, &word, sizeof word);
	}
	if (n > 0) {
		word = htole64(sim_stream_bits(stream));
		memcpy(out, &word, n);
	}
}
