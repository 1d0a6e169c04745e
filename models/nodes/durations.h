/* Durations in the order in which they were added, millions of them: half the octets of sim_time each, for those of
 * less than 4.3 s, and exact for all. */
#ifndef CPNS_NODES_DURATIONS_H
#define CPNS_NODES_DURATIONS_H

#include <stdint.h>

#include "sim/kernel/vtime.h"

struct durations {
	uint32_t *values; /* ns; UINT32_MAX: stands among the long ones */
	uint32_t n, room;
	struct long_duration *longs; /* by index */
	uint32_t n_longs, longs_room;
};

/* All {0} is an empty one; this empties it. */
void durations_clear(struct durations *durations);

/* One more, not negative (asserted). More than 2^31 end the process with a message. */
void durations_add(struct durations *durations, sim_time duration);

/* Number i of them, from 0. */
sim_time durations_at(const struct durations *durations, uint32_t i);

/* The first n of them; the caller's to g_free. */
sim_time *durations_copy(const struct durations *durations, uint32_t n);

#endif
