#include "sim/kernel/event_order.h"

#include <stdlib.h>
#include <string.h>

#include "sim/kernel/memory.h"

enum { HEAP_LEAST = 64 };

bool sim_node_tied_before(const struct sim_slot *slots, const struct sim_node *a, const struct sim_node *b)
{
	if (a->who >> 32 != b->who >> 32)
		return a->who < b->who;
	return slots[(uint32_t)a->who].what < slots[(uint32_t)b->who].what; /* no seq comes twice */
}

void sim_node_insert_tied(const struct sim_slot *slots, struct sim_node *hole, struct sim_node node)
{
	for (; hole[-1].time == node.time && sim_node_tied_before(slots, &hole[-1], &node); hole--)
		*hole = hole[-1];
	*hole = node;
}

/* Each node is put where the number of later ones says. Without branches that depend on the times it is faster than
 * insertion, which is mispredicted for nearly every node. */
void sim_nodes_sort_few(const struct sim_slot *slots, struct sim_node *to, const struct sim_node *from, size_t n)
{
	unsigned rank[SIM_FEW_NODES];
	bool tied = false;

	for (size_t i = 0; i < n; i++) {
		uint64_t time = from[i].time;
		unsigned later = 0;

		for (size_t j = 0; j < i; j++) {
			unsigned is_later = from[j].time > time;

			tied |= from[j].time == time;
			later += is_later;
			rank[j] += !is_later;
		}
		rank[i] = later;
	}
	if (G_LIKELY(!tied))
		for (size_t i = 0; i < n; i++)
			to[rank[i]] = from[i];
	else
		for (size_t i = 0; i < n; i++)
			sim_node_insert(slots, &to[i], from[i]);
}

/* By merging: no order of the nodes makes that slow. */
void sim_nodes_sort(const struct sim_slot *slots, struct sim_node *nodes, size_t n)
{
	struct sim_node *scratch = sim_memory_grow(NULL, 0, n * sizeof *nodes), *from = nodes, *to = scratch;

	for (size_t run = 1; run < n; run *= 2) {
		for (size_t start = 0; start < n; start += 2 * run) {
			size_t a = start, a_end = MIN(start + run, n), b = a_end, b_end = MIN(start + 2 * run, n);

			for (size_t i = start; i < b_end; i++)
				to[i] = b == b_end || (a < a_end && sim_node_before(slots, &from[b], &from[a]))
					    ? from[a++]
					    : from[b++];
		}
		struct sim_node *other = from;

		from = to;
		to = other;
	}
	if (from != nodes)
		memcpy(nodes, from, n * sizeof *nodes);
	free(scratch);
}

void sim_node_heap_push(const struct sim_slot *slots, struct sim_node_heap *heap, struct sim_node node)
{
	if (heap->n == heap->room) {
		heap->room = MAX(2 * heap->room, HEAP_LEAST);
		heap->nodes =
		    sim_memory_grow(heap->nodes, heap->n * sizeof *heap->nodes, heap->room * sizeof *heap->nodes);
	}
	size_t i = heap->n++;

	for (; i > 0 && sim_node_before(slots, &node, &heap->nodes[(i - 1) / 2]); i = (i - 1) / 2)
		heap->nodes[i] = heap->nodes[(i - 1) / 2];
	heap->nodes[i] = node;
}

struct sim_node sim_node_heap_pop(const struct sim_slot *slots, struct sim_node_heap *heap)
{
	struct sim_node first = heap->nodes[0], last = heap->nodes[--heap->n];
	size_t i = 0;

	for (size_t child; (child = 2 * i + 1) < heap->n; i = child) {
		if (child + 1 < heap->n && sim_node_before(slots, &heap->nodes[child + 1], &heap->nodes[child]))
			child++;
		if (!sim_node_before(slots, &heap->nodes[child], &last))
			break;
		heap->nodes[i] = heap->nodes[child];
	}
	heap->nodes[i] = last;
	return first;
}
