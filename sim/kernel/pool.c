#include "sim/kernel/pool.h"

#include <assert.h>
#include <glib.h>
#include <stdalign.h>
#include <stdlib.h>

#include "sim/kernel/memory.h"

/* Blocks hold 2^5, 2^6, ... slots: few slots need little, many need few blocks, and none ever moves. A handle plus
 * the slots of the first block is a slot's place, whose highest bit says which block it is in. */
enum {
	FIRST_BITS = 5,
	BITS = 32,
};

struct sim_pool {
	uintptr_t origin[BITS]; /* of the block of each highest bit: where place 0 would be; 0: no block yet */
	size_t size;
	uint32_t free; /* released last, or 0; a free slot starts with the handle of the next */
	uint32_t made; /* slots so far, and the highest handle */
	uint64_t taken, released;
};

struct sim_pool *sim_pool_new(size_t size)
{
	struct sim_pool *pool = g_new0(struct sim_pool, 1);
	size_t align = alignof(max_align_t);

	pool->size = (MAX(size, sizeof(uint32_t)) + align - 1) / align * align;
	return pool;
}

static unsigned block_of(uint32_t place)
{
	return 31 ^ (unsigned)__builtin_clz(place);
}

/* How far the first place of a block lies from its origin, which is also how large it is. */
static size_t first_of(const struct sim_pool *pool, unsigned bit)
{
	return ((size_t)1 << bit) * pool->size;
}

void sim_pool_free(struct sim_pool *pool)
{
	if (pool == NULL)
		return;
	for (unsigned bit = 0; bit < BITS; bit++)
		if (pool->origin[bit] != 0)
			free((void *)(pool->origin[bit] + first_of(pool, bit)));
	g_free(pool);
}

void *sim_pool_at(const struct sim_pool *pool, uint32_t handle)
{
	assert(handle - 1 < pool->made); /* 0 is no handle */
	uint32_t place = handle + (1U << FIRST_BITS);

	return (void *)(pool->origin[block_of(place)] + place * pool->size);
}

uint32_t sim_pool_take(struct sim_pool *pool)
{
	uint32_t handle = pool->free;

	pool->taken++;
	if (handle != 0) {
		pool->free = *(uint32_t *)sim_pool_at(pool, handle);
		return handle;
	}
	assert(pool->made < UINT32_MAX - (1U << FIRST_BITS));
	handle = ++pool->made;
	unsigned bit = block_of(handle + (1U << FIRST_BITS));

	if (pool->origin[bit] == 0)
		pool->origin[bit] = (uintptr_t)sim_memory_grow(NULL, 0, first_of(pool, bit)) - first_of(pool, bit);
	return handle;
}

void sim_pool_release(struct sim_pool *pool, uint32_t handle)
{
	*(uint32_t *)sim_pool_at(pool, handle) = pool->free;
	pool->free = handle;
	pool->released++;
}

uint64_t sim_pool_taken(const struct sim_pool *pool)
{
	return pool->taken;
}

uint64_t sim_pool_released(const struct sim_pool *pool)
{
	return pool->released;
}
