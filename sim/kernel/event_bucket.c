#include "sim/kernel/event_bucket.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/kernel/memory.h"

enum { CHUNKS_LEAST = 64 }; /* room for them */

void sim_chunks_init(struct sim_chunks *chunks)
{
	*chunks = (struct sim_chunks){0};
	sim_chunk_new(chunks);
	chunks->links[0] = 0;
}

void sim_chunks_clear(struct sim_chunks *chunks)
{
	free(chunks->nodes);
	free(chunks->links);
}

SIM_COLD uint32_t sim_chunk_new(struct sim_chunks *chunks)
{
	if (chunks->n == chunks->room) {
		size_t room = MAX(2 * (size_t)chunks->room, CHUNKS_LEAST), n = chunks->n,
		       size = SIM_CHUNK_NODES * sizeof *chunks->nodes;

		assert(room <= UINT32_MAX / SIM_CHUNK_NODES);
		chunks->nodes = sim_memory_grow(chunks->nodes, n * size, room * size);
		chunks->links =
		    sim_memory_grow(chunks->links, n * sizeof *chunks->links, room * sizeof *chunks->links);
		chunks->room = (uint32_t)room;
	}
	return chunks->n++;
}

uint64_t sim_chain_earliest(const struct sim_chunks *chunks, struct sim_chain chain)
{
	uint64_t earliest = UINT64_MAX;

	for (; chain.chunk != 0; chain = sim_chain_rest(chunks, chain))
		for (uint32_t i = 0; i < chain.count; i++)
			earliest = MIN(earliest, sim_chunk_nodes(chunks, chain.chunk)[i].time);
	return earliest;
}

void sim_chain_sample(const struct sim_chunks *chunks, struct sim_chain chain, const struct sim_slot *slots,
		      struct sim_sample *sample)
{
	for (; chain.chunk != 0; chain = sim_chain_rest(chunks, chain))
		for (uint32_t i = 0; i < chain.count; i++)
			sim_sample_add(slots, sample, &sim_chunk_nodes(chunks, chain.chunk)[i]);
}

const struct sim_node *sim_chain_gather(struct sim_chunks *chunks, struct sim_chain chain, size_t n,
					struct sim_node *room)
{
	const struct sim_node *nodes = sim_chunk_nodes(chunks, chain.chunk);

	if (n == chain.count) {
		sim_chunk_release(chunks, chain.chunk);
		return nodes;
	}
	for (struct sim_node *to = room; chain.chunk != 0; chain.count = SIM_CHUNK_NODES) {
		memcpy(to, sim_chunk_nodes(chunks, chain.chunk), chain.count * sizeof *to);
		to += chain.count;
		chain.chunk = sim_chunk_release(chunks, chain.chunk);
	}
	return room;
}
