/* Memory of a run that is given back in one go: for what is made one by one while the run lasts and lives to its end.
 *
 * It is had from the system in pieces that grow with what is asked for, the large ones in huge pages if the system
 * has them. Small pages are a tenth of the time of a large run (28 000 faults in half a second), and have to be given
 * back one by one.
 * What does not help in their place: the allocator's own huge pages (its heap grows in steps that are too small for
 * one), and having pages made in advance (MAP_POPULATE: 1.1 us a page in place of 1.6, a huge one 0.6). */
#ifndef SIM_KERNEL_ARENA_H
#define SIM_KERNEL_ARENA_H

#include <stddef.h>

struct sim_arena;

/* An empty one; the caller's to free, and all that was taken from it. */
struct sim_arena *sim_arena_new(void);
void sim_arena_free(struct sim_arena *arena); /* NULL is allowed */

/* About so much will be taken in all: pieces are large from the next one on, if that is much. */
void sim_arena_expect(struct sim_arena *arena, size_t size);

/* `size` (1 or more, asserted) octets of undefined content, aligned to cache lines. Never NULL: memory that runs out
 * ends the process. */
void *sim_arena_take(struct sim_arena *arena, size_t size);

#endif
