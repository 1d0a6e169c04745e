/* The fingerprint of a run: a 128-bit hash over all handled events, independent of the order in which they were
 * handled and mergeable by addition, so that the parts of a run can be hashed apart. */
#ifndef SIM_KERNEL_FINGERPRINT_H
#define SIM_KERNEL_FINGERPRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/kernel/event_queue.h"

struct sim_fingerprint {
	uint64_t half[2];
};

#define SIM_FINGERPRINT_DIGITS 32

/* Multiplies to 128 bits and folds the halves: every bit of either factor reaches all of the result. */
static inline uint64_t sim_fingerprint_fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Adds (time, receiver, sender, seq, kind, type, length) of *event. Its payload is a handle and stays out. */
static inline void sim_fingerprint_add(struct sim_fingerprint *fingerprint, const struct sim_event *event)
{
	uint64_t when = (uint64_t)event->time;
	uint64_t who = (uint64_t)event->receiver << 32 | event->sender;
	uint64_t what =
	    (uint64_t)event->seq << 32 | (uint64_t)event->length << 16 | (uint64_t)event->kind << 8 | event->type;

	/* Each half pairs the three words in its own way with its own constants (digits of the golden ratio, pi and
	 * e), so that what collides in one does not in the other. */
	uint64_t a = sim_fingerprint_fold(when ^ UINT64_C(0x9e3779b97f4a7c15), who ^ UINT64_C(0x243f6a8885a308d3));
	uint64_t b = sim_fingerprint_fold(what ^ UINT64_C(0xb7e151628aed2a6b), when ^ UINT64_C(0x13198a2e03707345));

	fingerprint->half[0] +=
	    sim_fingerprint_fold(a ^ UINT64_C(0xa4093822299f31d1), what ^ UINT64_C(0x082efa98ec4e6c89));
	fingerprint->half[1] +=
	    sim_fingerprint_fold(b ^ UINT64_C(0x452821e638d01377), who ^ UINT64_C(0xbe5466cf34e90c6c));
}

/* Adds all that `other` has seen. */
void sim_fingerprint_merge(struct sim_fingerprint *fingerprint, const struct sim_fingerprint *other);

/* Writes 32 lower-case hexadecimal digits and a terminating zero. */
void sim_fingerprint_print(const struct sim_fingerprint *fingerprint, char text[SIM_FINGERPRINT_DIGITS + 1]);

/* Reads what sim_fingerprint_print wrote, and nothing else. */
bool sim_fingerprint_parse(const char *text, struct sim_fingerprint *fingerprint);

#endif
