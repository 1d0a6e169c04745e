/* Large arrays that grow: the kernel's own, and those of millions of entities. */
#ifndef SIM_KERNEL_MEMORY_H
#define SIM_KERNEL_MEMORY_H

#include <stddef.h>

/* Moves the first `used` octets of `old` (NULL: none) to new memory of at least `size` octets, frees `old`, and
 * returns the new one: aligned to cache lines, in huge pages if it is large and the system has them, the caller's to
 * free() or to grow again. Never NULL: memory that runs out ends the process. */
void *sim_memory_grow(void *old, size_t used, size_t size);

#endif
