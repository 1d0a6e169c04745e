/* Sorting of durations and times. */
#ifndef SIM_KERNEL_SORT_H
#define SIM_KERNEL_SORT_H

#include <stddef.h>

#include "sim/kernel/vtime.h"

/* Sorts values[0..n) in ascending order; none may be negative (asserted where that matters). Linear in n
 * where there are many: a radix sort, least significant digit first, over the digits in which any two differ. */
void sim_sort_times(sim_time *values, size_t n);

#endif
