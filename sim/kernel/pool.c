#include "sim/kernel/pool.h"

#include <assert.h>
#include <glib.h>
#include <stdalign.h>
#include <stdlib.h>

#include "sim/kernel/memory.h"

/* Block k holds 2^(k + FIRST_BITS) slots: few slots need little, many need few blocks, and none ever moves. A handle
 * plus the size of block 0 has its block in the place of the highest bit and its slot in the bits below. */
enum {
	FIRST_BITS = 5,
	BLOCKS = 32 - FIRST_BITS,
};

struct sim_pool {
	char *block[BLOCKS];
	size_t size;
	uint32_t free;  /* released last, or 0; a free slot starts with the handle of the next */
	uint32_t fresh; /* lowest handle that was never taken */
	uint64_t taken, released;
};

struct sim_pool *sim_pool_new(size_t size)
{
	struct sim_pool *pool = g_new0(struct sim_pool, 1);
	size_t align = alignof(max_align_t);

	pool->size = (MAX(size, sizeof(uint32_t)) + align - 1) / align * align;
	pool->fresh = 1;
	return pool;
}

void sim_pool_free(struct sim_pool *pool)
{
	if (pool == NULL)
		return;
	for (unsigned i = 0; i < BLOCKS; i++)
		free(pool->block[i]);
	g_free(pool);
}

static unsigned block_of(uint32_t place)
{
	return 31 - (unsigned)__builtin_clz(place) - FIRST_BITS;
}

void *sim_pool_at(const struct sim_pool *pool, uint32_t handle)
{
	assert(handle != 0 && handle < pool->fresh);
	uint32_t place = handle + (1U << FIRST_BITS);
	unsigned block = block_of(place);

	return pool->block[block] + (place - (1U << (block + FIRST_BITS))) * pool->size;
}

uint32_t sim_pool_take(struct sim_pool *pool)
{
	uint32_t handle = pool->free;

	pool->taken++;
	if (handle != 0) {
		pool->free = *(uint32_t *)sim_pool_at(pool, handle);
		return handle;
	}
	assert(pool->fresh < UINT32_MAX - (1U << FIRST_BITS));
	handle = pool->fresh++;
	unsigned block = block_of(handle + (1U << FIRST_BITS));

	if (pool->block[block] == NULL)
		pool->block[block] = sim_memory_grow(NULL, 0, ((size_t)1 << (block + FIRST_BITS)) * pool->size);
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
