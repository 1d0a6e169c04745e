/* Sorting of durations and times. */
#ifndef SIM_KERNEL_SORT_H
#define SIM_KERNEL_SORT_H

#include <stddef.h>
#include <stdint.h>

#include "sim/kernel/vtime.h"

/* Sorts values[0..n) in ascending order; none may be negative (asserted where that matters). Linear in n
 * where there are many: a radix sort, least significant digit first, over the digits in which any two differ. */
void sim_sort_times(sim_time *values, size_t n);

/* Something that happens at a time. */
struct sim_timed {
	sim_time time;
	uint32_t item;
};

/* Sorts values[0..n) by time; those of the same time stay in the order in which they are. No time may be negative
 * (asserted). Linear in n. */
void sim_sort_timed(struct sim_timed *values, size_t n);

#endif
