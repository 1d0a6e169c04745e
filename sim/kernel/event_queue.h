/* The pending events of one run, earliest first. One thread; no clock; no globals.
 *
 * Events are totally ordered by (time, sender, seq): what the model said, never by insertion, address or kind of
 * set. The release build links a bucket wheel with a sorted bottom (a one-rung ladder queue: Tang, Goh, Thng 2005);
 * tests/kernel/event_queue_reference.c is the plain second body of this interface, chosen at link time. */
#ifndef SIM_KERNEL_EVENT_QUEUE_H
#define SIM_KERNEL_EVENT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/kernel/vtime.h"

/* 32 bytes. Whatever is bulkier travels as a handle in `payload`. (In this order, (receiver, sender) and (seq,
 * length, kind, type) are words of a little-endian machine, as the set and the fingerprint want them.) */
struct sim_event {
	sim_time time;     /* when it happens */
	uint32_t sender;   /* entity that sent it */
	uint32_t receiver; /* entity that it happens to */
	uint8_t type;      /* type of the message that it carries; 0: none */
	uint8_t kind;      /* the receiver's own numbering */
	uint16_t length;   /* octets of the message that it carries; 0: none */
	uint32_t seq;      /* how many events that sender had sent before it */
	uint32_t payload;  /* the receiver's own: a handle, an index, or 0 */
};

struct sim_event_queue;

/* A new, empty set, the caller's to free. Never NULL: memory that runs out ends the process (GLib's policy). */
struct sim_event_queue *sim_event_queue_new(void);

/* Forgets what is still pending. NULL is allowed. */
void sim_event_queue_free(struct sim_event_queue *queue);

/* Copies *event. It must not lie before 0 or the event that was popped last, nor equal another pending one in
 * (time, sender, seq): the first is asserted. */
void sim_event_queue_push(struct sim_event_queue *queue, const struct sim_event *event);

/* Moves the earliest event to *out and returns true if it is due at or before `limit`.
 * Otherwise returns false and leaves *out alone. */
bool sim_event_queue_pop(struct sim_event_queue *queue, sim_time limit, struct sim_event *out);

/* What is known of an event that comes soon. */
struct sim_coming {
	uint32_t receiver, payload;
	uint8_t kind;
};

/* Tells of the event that would be popped after `skip` others if none were pushed meanwhile, and returns true, or
 * false where that takes more than a look: a hint, to fetch from memory what is needed soon. Nothing may depend on
 * it. */
bool sim_event_queue_hint(const struct sim_event_queue *queue, size_t skip, struct sim_coming *coming);

/* How many events are pending now, and how many were at the most. */
size_t sim_event_queue_size(const struct sim_event_queue *queue);
size_t sim_event_queue_peak(const struct sim_event_queue *queue);

/* "wheel" or "reference": for the provenance of results. */
const char *sim_event_queue_kind(void);

#endif
