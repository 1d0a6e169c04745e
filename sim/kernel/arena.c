#include "sim/kernel/arena.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>

#include "sim/kernel/memory.h"

enum {
	ALIGNED = 64,
	LEAST = 64 << 10, /* octets of a piece */
	MOST = 4 << 20,   /* unless more is asked for at once */
};

struct sim_arena {
	GPtrArray *pieces;
	char *at; /* in the last one: what is free */
	size_t left;
	size_t all;      /* octets of all pieces */
	size_t expected; /* octets of all that is taken; 0: not known */
};

struct sim_arena *sim_arena_new(void)
{
	struct sim_arena *arena = g_new0(struct sim_arena, 1);

	arena->pieces = g_ptr_array_new_with_free_func(free);
	return arena;
}

void sim_arena_free(struct sim_arena *arena)
{
	if (arena == NULL)
		return;
	g_ptr_array_unref(arena->pieces);
	g_free(arena);
}

/* As much again as there is, or is to be: at most half of it lies idle, and little runs take little. */
static void add_piece(struct sim_arena *arena, size_t needed)
{
	size_t size = MAX(CLAMP(MAX(arena->all, arena->expected), LEAST, MOST), needed);

	arena->at = sim_memory_grow(NULL, 0, size);
	arena->left = size;
	arena->all += size;
	g_ptr_array_add(arena->pieces, arena->at);
}

void sim_arena_expect(struct sim_arena *arena, size_t size)
{
	arena->expected = size;
}

void *sim_arena_take(struct sim_arena *arena, size_t size)
{
	assert(size > 0);
	size_t rounded = (size + ALIGNED - 1) / ALIGNED * ALIGNED;

	if (rounded > arena->left)
		add_piece(arena, rounded);
	void *taken = arena->at;

	arena->at += rounded;
	arena->left -= rounded;
	return taken;
}
