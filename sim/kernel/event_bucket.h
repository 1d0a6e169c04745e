/* Unsorted buckets of nodes for the set of pending events: chains of chunks, all in one array. Internal to
 * event_queue.c. */
#ifndef SIM_KERNEL_EVENT_BUCKET_H
#define SIM_KERNEL_EVENT_BUCKET_H

#include "sim/kernel/event_density.h"
#include "sim/kernel/event_order.h"

enum { SIM_CHUNK_NODES = SIM_RANKED_AT_ONCE };

/* A bucket: the number of the node that came last, which is in the first chunk of its chain; the other ones are full.
 * An empty bucket is the full chunk 0, which is none. */
typedef uint32_t sim_bucket;

#define SIM_EMPTY_BUCKET ((sim_bucket)(SIM_CHUNK_NODES - 1))

static inline void sim_buckets_empty(sim_bucket *buckets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buckets[i] = SIM_EMPTY_BUCKET;
}

/* What is left of a bucket while it is walked through: `count` nodes of a chunk, and those after it. */
struct sim_chain {
	uint32_t chunk, count; /* chunk 0: nothing */
};

struct sim_chunks {
	struct sim_node *nodes; /* of the chunks, of which 0 is none, one after the other */
	uint32_t *links;        /* from a chunk to the next in its chain */
	uint32_t free, n, room; /* of chunks: the first free one, 0: none */
};

/* Makes the chunk that is none. */
void sim_chunks_init(struct sim_chunks *chunks);
void sim_chunks_clear(struct sim_chunks *chunks);

/* A chunk more; for sim_bucket_add. */
SIM_COLD uint32_t sim_chunk_new(struct sim_chunks *chunks);

static inline uint32_t sim_chunk_take(struct sim_chunks *chunks)
{
	uint32_t chunk = chunks->free;

	if (G_UNLIKELY(chunk == 0))
		return sim_chunk_new(chunks);
	chunks->free = chunks->links[chunk];
	return chunk;
}

/* Frees a chunk and returns the next of its chain. */
static inline uint32_t sim_chunk_release(struct sim_chunks *chunks, uint32_t chunk)
{
	uint32_t next = chunks->links[chunk];

	chunks->links[chunk] = chunks->free;
	chunks->free = chunk;
	return next;
}

/* Returns whether the bucket got a chunk more, as an empty one does. */
static inline bool sim_bucket_add(struct sim_chunks *chunks, sim_bucket *bucket, struct sim_node node)
{
	sim_bucket b = *bucket + 1;
	bool grows = b % SIM_CHUNK_NODES == 0;

	if (grows) {
		uint32_t chunk = sim_chunk_take(chunks);

		chunks->links[chunk] = (b - 1) / SIM_CHUNK_NODES;
		b = chunk * SIM_CHUNK_NODES;
	}
	chunks->nodes[b] = node;
	*bucket = b;
	return grows;
}

static inline struct sim_node *sim_chunk_nodes(const struct sim_chunks *chunks, uint32_t chunk)
{
	return &chunks->nodes[(size_t)chunk * SIM_CHUNK_NODES];
}

static inline struct sim_chain sim_chain_of(sim_bucket b)
{
	return (struct sim_chain){.chunk = b / SIM_CHUNK_NODES, .count = b % SIM_CHUNK_NODES + 1};
}

static inline struct sim_chain sim_chain_rest(const struct sim_chunks *chunks, struct sim_chain chain)
{
	return (struct sim_chain){.chunk = chunks->links[chain.chunk], .count = SIM_CHUNK_NODES};
}

static inline size_t sim_chain_count(const struct sim_chunks *chunks, struct sim_chain chain)
{
	size_t n = 0;

	for (; chain.chunk != 0; chain = sim_chain_rest(chunks, chain))
		n += chain.count;
	return n;
}

/* The earliest time of its nodes, or UINT64_MAX. */
uint64_t sim_chain_earliest(const struct sim_chunks *chunks, struct sim_chain chain);

/* Adds its nodes to the sample. */
void sim_chain_sample(const struct sim_chunks *chunks, struct sim_chain chain, const struct sim_slot *slots,
		      struct sim_sample *sample);

/* Frees the chunks of a bucket of n nodes, and returns where these stand together until the next one is added: where
 * they did if they had one chunk, else in `room`. */
const struct sim_node *sim_chain_gather(struct sim_chunks *chunks, struct sim_chain chain, size_t n,
					struct sim_node *room);

/* Inlined always: the compiler takes a function that only prefetches for one without effect, and drops its calls. */
static inline __attribute__((always_inline)) void sim_chunk_fetch(const struct sim_chunks *chunks, uint32_t chunk)
{
	for (size_t offset = 0; offset < SIM_CHUNK_NODES * sizeof(struct sim_node); offset += 64)
		__builtin_prefetch((const char *)sim_chunk_nodes(chunks, chunk) + offset);
}

#endif
