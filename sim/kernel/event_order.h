/* How the set of pending events keeps an event, and what orders them. Internal to event_queue.c and its parts,
 * event_bucket and event_density. */
#ifndef SIM_KERNEL_EVENT_ORDER_H
#define SIM_KERNEL_EVENT_ORDER_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nodes and slots are written and read by whole words: a load that is wider than the store before it would have to
 * wait for that store, and so for every far store before that. */
struct sim_node {
	uint64_t time;
	uint64_t who; /* sender (upper half) and slot */
};

/* Stands before sorted nodes, so that a search among them needs no bound. */
#define SIM_AFTER_ALL ((struct sim_node){.time = UINT64_MAX})

struct sim_slot {
	uint64_t what; /* seq (upper half), length, kind, type */
	uint64_t to;   /* payload (upper half) and receiver; in a free slot: the next free one */
};

enum { SIM_RANKED_AT_ONCE = 16 };

/* What happens rarely stays out of the way of what does not. */
#define SIM_COLD __attribute__((noinline, cold))

/* Is *a before *b, both of the same time? */
SIM_COLD bool sim_node_tied_before(const struct sim_slot *slots, const struct sim_node *a, const struct sim_node *b);

/* Is *a before *b in the total order of event_queue.h? */
static inline bool sim_node_before(const struct sim_slot *slots, const struct sim_node *a, const struct sim_node *b)
{
	if (G_LIKELY(a->time != b->time))
		return a->time < b->time;
	return sim_node_tied_before(slots, a, b);
}

/* For sim_node_insert, where nodes of the same time were met. */
SIM_COLD void sim_node_insert_tied(const struct sim_slot *slots, struct sim_node *hole, struct sim_node node);

/* Puts a node into its place among falling, sorted ones that begin with SIM_AFTER_ALL and end before `hole`. */
static inline void sim_node_insert(const struct sim_slot *slots, struct sim_node *hole, struct sim_node node)
{
	for (; hole[-1].time < node.time; hole--)
		*hole = hole[-1];
	if (G_UNLIKELY(hole[-1].time == node.time))
		sim_node_insert_tied(slots, hole, node);
	else
		*hole = node;
}

/* Copies from[0 .. n) to `to` in falling order; SIM_AFTER_ALL stands before `to`. Their times are the same above the
 * lower `shift` bits. They are few, but can be read up to the next multiple of SIM_RANKED_AT_ONCE. */
void sim_nodes_sort_few(const struct sim_slot *slots, struct sim_node *to, const struct sim_node *from, size_t n,
			unsigned shift);

/* Sorts nodes[0 .. n) into falling order. */
void sim_nodes_sort(const struct sim_slot *slots, struct sim_node *nodes, size_t n);

/* A binary heap, the earliest node first. */
struct sim_node_heap {
	struct sim_node *nodes; /* to be freed by who has the heap */
	size_t n, room;
};

void sim_node_heap_push(const struct sim_slot *slots, struct sim_node_heap *heap, struct sim_node node);

/* The first one; there must be one. */
struct sim_node sim_node_heap_pop(const struct sim_slot *slots, struct sim_node_heap *heap);

#endif
