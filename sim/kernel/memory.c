#include "sim/kernel/memory.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
	HUGE_PAGE = 2 << 20,
};

void *sim_memory_grow(void *old, size_t used, size_t size)
{
	/* Random access to tens of megabytes in small pages costs a page walk each time. */
	size_t unit = size >= 2 * (size_t)HUGE_PAGE ? HUGE_PAGE : SIM_CACHE_LINE;
	size_t rounded = (size + unit - 1) / unit * unit;
	void *memory = rounded >= size ? aligned_alloc(unit, rounded) : NULL;

	if (memory == NULL)
		g_error("out of memory: %zu octets", size);
	if (unit == HUGE_PAGE)
		madvise(memory, rounded, MADV_HUGEPAGE); /* a wish: without it all is well, only slower */
	if (used > 0)
		memcpy(memory, old, used);
	free(old);
	return memory;
}
