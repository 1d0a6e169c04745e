/* Slots of one size, addressed by small handles that fit into an event. Freed slots are reused last in, first out. */
#ifndef SIM_KERNEL_POOL_H
#define SIM_KERNEL_POOL_H

#include <stddef.h>
#include <stdint.h>

struct sim_pool;

/* A pool of slots of `size` octets; the caller's to free. */
struct sim_pool *sim_pool_new(size_t size);
void sim_pool_free(struct sim_pool *pool);

/* A slot of undefined content and its handle (never 0). It does not move before it is released. */
uint32_t sim_pool_take(struct sim_pool *pool);
void *sim_pool_at(const struct sim_pool *pool, uint32_t handle);
void sim_pool_release(struct sim_pool *pool, uint32_t handle);

/* How many slots were taken and released so far: equal at the end of a run whose accounts balance. */
uint64_t sim_pool_taken(const struct sim_pool *pool);
uint64_t sim_pool_released(const struct sim_pool *pool);

#endif
