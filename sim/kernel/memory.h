/* Large arrays that grow: the kernel's own, and those of millions of entities. */
#ifndef SIM_KERNEL_MEMORY_H
#define SIM_KERNEL_MEMORY_H

#include <stddef.h>

enum { SIM_CACHE_LINE = 64 };

/* Moves the first `used` octets of `old` (NULL: none) to new memory of at least `size` octets, frees `old`, and
 * returns the new one: aligned to cache lines, in huge pages if it is large and the system has them, the caller's to
 * free() or to grow again. Never NULL: memory that runs out ends the process. */
void *sim_memory_grow(void *old, size_t used, size_t size);

/* Asks for all cache lines of n > 0 octets, which will be stored to soon. New memory is as far away as any: huge
 * pages are cleared as a whole, long before. Inlined always: the compiler takes a function that only prefetches for
 * one without effect, and drops its calls. */
static inline __attribute__((always_inline)) void sim_memory_fetch(const void *at, size_t n)
{
	const char *first = at;

	for (size_t i = 0; i < n; i += SIM_CACHE_LINE)
		__builtin_prefetch(first + i, 1);
	__builtin_prefetch(first + n - 1, 1);
}

#endif
