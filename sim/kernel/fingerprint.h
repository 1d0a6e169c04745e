/* The fingerprint of a run: a 128-bit hash over all handled events, independent of the order in which they were
 * handled and mergeable by addition, so that the parts of a run can be hashed apart. */
#ifndef SIM_KERNEL_FINGERPRINT_H
#define SIM_KERNEL_FINGERPRINT_H

#include <stdint.h>

#include "sim/kernel/event_queue.h"

struct sim_fingerprint {
	uint64_t half[2];
};

#define SIM_FINGERPRINT_DIGITS 32

/* Adds (time, receiver, sender, seq, kind, type, length) of *event. Its payload is a handle and stays out. */
void sim_fingerprint_add(struct sim_fingerprint *fingerprint, const struct sim_event *event);

/* Adds all that `other` has seen. */
void sim_fingerprint_merge(struct sim_fingerprint *fingerprint, const struct sim_fingerprint *other);

/* Writes 32 lower-case hexadecimal digits and a terminating zero. */
void sim_fingerprint_print(const struct sim_fingerprint *fingerprint, char text[SIM_FINGERPRINT_DIGITS + 1]);

#endif
