#include "sim/kernel/memory.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)

void *sim_memory_grow(void *old, size_t used, size_t size)
{
	/* Random access to tens of megabytes in small pages costs a page walk each time. */
	size_t aligned = size >= HUGE_PAGE ? HUGE_PAGE : SIM_CACHE_LINE;
	size_t rounded = (size + SIM_CACHE_LINE - 1) / SIM_CACHE_LINE * SIM_CACHE_LINE;
	void *memory = NULL;

	if (rounded < size || posix_memalign(&memory, aligned, rounded) != 0)
		g_error("out of memory: %zu octets", size);
	/* A wish: without it all is well, only slower. Of a huge page at the end a part would lie idle. */
	if (aligned == HUGE_PAGE)
		madvise(memory, rounded / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
	if (used > 0)
		memcpy(memory, old, used);
	free(old);
	return memory;
}
