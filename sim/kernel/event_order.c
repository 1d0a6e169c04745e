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

typedef int32_t lanes __attribute__((vector_size(16)));

/* Orders as the time does among nodes whose times are the same above the lower 31 bits. */
static inline int32_t low_half(const struct sim_node *node)
{
	return (int32_t)(uint32_t)node->time;
}

static inline lanes low_halves(const struct sim_node *nodes)
{
	return (lanes){low_half(&nodes[0]), low_half(&nodes[1]), low_half(&nodes[2]), low_half(&nodes[3])};
}

/* Each node is put where the number of later ones says, of which 16 are counted at a time. Without branches that
 * depend on the times it is faster than insertion, which is mispredicted for nearly every node. Instructions and
 * mispredicted branches of an event of `cpns-sim bench kernel.hold.N`, over the 3.2 million of a call (`valgrind
 * --tool=callgrind --branch-sim=yes --toggle-collect=bench_do_work*`):
 *
 *                N = 1000         100 000
 *   insertion    582   1.34       610   1.61
 *   by rank      567   0.54       584   0.90 */
static inline bool place_by_rank(struct sim_node *to, const struct sim_node *from, size_t n)
{
	int32_t sum = 0;

	for (size_t group = 0; group < n; group += SIM_RANKED_AT_ONCE) {
		lanes a = low_halves(from + group), b = low_halves(from + group + 4),
		      c = low_halves(from + group + 8), d = low_halves(from + group + 12), later[4] = {{0}};
		int32_t rank[SIM_RANKED_AT_ONCE];

		for (size_t i = 0; i < n; i++) {
			int32_t time = low_half(&from[i]);
			lanes times = {time, time, time, time};

			later[0] -= times > a; /* true is -1 */
			later[1] -= times > b;
			later[2] -= times > c;
			later[3] -= times > d;
		}
		memcpy(rank, later, sizeof rank);
		for (size_t i = 0; i < MIN(n - group, SIM_RANKED_AT_ONCE); i++) {
			sum += rank[i];
			to[rank[i]] = from[group + i];
		}
	}
	return sum == (int32_t)(n * (n - 1) / 2); /* less if some are as late as others */
}

void sim_nodes_sort_few(const struct sim_slot *slots, struct sim_node *to, const struct sim_node *from, size_t n,
			unsigned shift)
{
	if (G_LIKELY(shift < 32) && G_LIKELY(place_by_rank(to, from, n)))
		return;
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
