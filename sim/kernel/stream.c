#include "sim/kernel/stream.h"

#include <Random123/philox.h>
#include <endian.h>

struct sim_random sim_random_of(uint64_t seed, uint64_t replication)
{
	philox4x64_key_t key = {{seed, replication}};
	struct sim_random random = {.blocks = NULL};

	for (unsigned i = 0; i < SIM_STREAM_ROUNDS; i++, key = _philox4x64bumpkey(key))
		memcpy(random.key[i], key.v, sizeof random.key[i]);
	return random;
}

/* Makes the block of a counter: the rounds of philox4x64_R, with what goes from one to the next in words of their
 * own. Passed on as the header's arrays it is kept in memory between the rounds, which takes 1.6 times as long. */
static inline void block(const struct sim_random *random, uint64_t c0, uint64_t c1, uint64_t c2, uint64_t c3,
			 uint64_t word[SIM_STREAM_WORDS])
{
	if (random->blocks != NULL)
		++*random->blocks;
#pragma GCC unroll 10
	for (unsigned i = 0; i < SIM_STREAM_ROUNDS; i++) {
		philox4x64_ctr_t x = _philox4x64round((philox4x64_ctr_t){{c0, c1, c2, c3}},
						      (philox4x64_key_t){{random->key[i][0], random->key[i][1]}});

		c0 = x.v[0], c1 = x.v[1], c2 = x.v[2], c3 = x.v[3];
	}
	word[0] = c0;
	word[1] = c1;
	word[2] = c2;
	word[3] = c3;
}

void sim_stream_first_of(const struct sim_random *random, uint64_t c0, uint64_t c1, uint64_t c2, uint64_t c3,
			 uint64_t word[SIM_STREAM_WORDS])
{
	block(random, c0, c1, c2, c3, word);
}

struct sim_stream sim_stream_from(const struct sim_random *random, uint64_t c0, uint64_t c1, uint64_t c2, uint64_t c3)
{
	struct sim_stream stream;

	stream.random = random;
	stream.counter[0] = c0;
	stream.counter[1] = c1;
	stream.counter[2] = c2;
	stream.counter[3] = c3 + 1;
	stream.used = 0;
	block(random, c0, c1, c2, c3, stream.word); /* who asks for a stream will draw from it */
	return stream;
}

void sim_stream_refill(struct sim_stream *stream)
{
	const uint64_t *c = stream->counter;

	block(stream->random, c[0], c[1], c[2], c[3], stream->word);
	stream->used = 0;
	stream->counter[3]++;
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
