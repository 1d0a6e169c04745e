/* How dense the earliest of some events are in time: what the width of buckets follows. Internal to event_queue.c. */
#ifndef SIM_KERNEL_EVENT_DENSITY_H
#define SIM_KERNEL_EVENT_DENSITY_H

#include "sim/kernel/event_order.h"

enum { SIM_SAMPLE_NODES = 256 };

/* Keeps the earliest nodes seen, in falling order: [1 .. n], after SIM_AFTER_ALL. */
struct sim_sample {
	struct sim_node node[SIM_SAMPLE_NODES + 2];
	size_t n;
};

void sim_sample_init(struct sim_sample *sample);
void sim_sample_add(const struct sim_slot *slots, struct sim_sample *sample, const struct sim_node *node);

/* The shift k for which 2^k nanoseconds hold about `n` of them; `otherwise` if they all happen at once. */
unsigned sim_sample_shift(const struct sim_sample *sample, uint64_t n, unsigned otherwise);

#endif
