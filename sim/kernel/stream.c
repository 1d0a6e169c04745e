#include "sim/kernel/stream.h"

#include <Random123/philox.h>
#include <endian.h>

static inline philox4x64_ctr_t block(const uint64_t key[2], const uint64_t counter[4])
{
	return philox4x64_R(10, (philox4x64_ctr_t){{counter[0], counter[1], counter[2], counter[3]}},
			    (philox4x64_key_t){{key[0], key[1]}});
}

struct sim_stream sim_stream_at(const struct sim_random *random, const struct sim_address *address)
{
	uint64_t key[2] = {random->seed, random->replication};
	uint64_t counter[4] = {address->entity, address->item,
			       (uint64_t)address->ordinal << 32 | (uint64_t)address->part << 16 | address->attempt,
			       (uint64_t)address->purpose << 56 | (uint64_t)address->type << 48};
	philox4x64_ctr_t first = block(key, counter); /* who asks for a stream will draw from it */

	return (struct sim_stream){
	    .key = {key[0], key[1]},
	    .counter = {counter[0], counter[1], counter[2], counter[3] + 1},
	    .word = {first.v[0], first.v[1], first.v[2], first.v[3]},
	};
}

void sim_stream_refill(struct sim_stream *stream)
{
	philox4x64_ctr_t next = block(stream->key, stream->counter);

	for (unsigned i = 0; i < SIM_STREAM_WORDS; i++)
		stream->word[i] = next.v[i];
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
