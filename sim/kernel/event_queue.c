/* A bucket wheel with a sorted bottom.
 *
 *   bottom   the events of the buckets before `next`, sorted, the earliest at the end; pops come from here
 *   late     a heap for pushes that belong so deep into the bottom that shifting would be dear
 *   near     a wheel of buckets of 2^shift nanoseconds, unsorted: those from `next` on, as many as the wheel has
 *   waiting  the latest pushes beyond the bottom, until what placing them stores to has arrived from memory
 *   far      what lies beyond the wheel: one unsorted bucket for each place of the highest bit in which an event's
 *            time differs from the start of bucket `next`
 *
 * The far buckets are those of a radix heap. Their lowest one holds the earliest far events, none of its events is
 * due before that bit flips, and on the way to the wheel an event only moves to lower bits. So empty time is jumped
 * over, and events that sleep for long are not looked at again and again.
 *
 * A bucket is a chain of chunks of nodes: 16 octets that hold what the order needs. The rest of the event lies in a
 * slot that is touched at the push and, prefetched, at the pop. A bucket's count stands beside its head; links are
 * apart from the chunks, so that no node straddles a cache line.
 *
 * The width of buckets follows the density of the earliest events whenever the pending ones have doubled or dwindled,
 * or whenever buckets that are too full or too empty have cost about as much as placing all pending events anew.
 *
 * What stores cost. They leave the processor in order, so that one that misses the cache holds up all after it, and
 * few instructions later the processor stands still: with many events pending, the store to the end of a chunk was
 * what an event cost most for, though nothing waits for its result. Events of `cpns-sim bench kernel.hold.N` in a
 * second, as ratios to each line before (medians of seven runs in turns, pinned):
 *
 *                                                            N = 1000   10 000   100 000   1 000 000
 *   the end of the chunk is fetched before it is stored to       1.00     1.00      1.08        1.32
 *   pushes wait until their bucket is served, no less            1.00     1.00      1.02        1.09
 *   in wheels of fewer than 4096 buckets too                     1.03     1.09      1.00        1.00
 *   20 events in a bucket, not 12                                1.00     1.03      1.02        1.08
 *
 * All that together makes the star of `kernel.star.N` 0.98 times as fast with 10 000 devices, whose memory is near,
 * and 1.07 and 1.18 times with 100 000 and 1 000 000.
 *
 * Tried without gain: compiling for a profile of a run, -O2 and -Os in place of -O3, looking further ahead for what
 * to fetch. Of 15 events of a transaction over two links nine are pushed into the bottom at once, so that buckets,
 * however wide, are not what an event costs. And in `cpns-sim bench kernel.hold`: whole events of 32 octets in the
 * buckets, so that slots are taken only by what is in the bottom (3 to 8 % slower at each N); twice as many pushes
 * that wait; a chunk chosen by a mask, not a branch (30 instructions more); two or four times the buckets, for fewer
 * far events (slower: more memory is touched); pushes that call nothing but at their end (8 more: the compiler shares
 * less); Philox by BMI2's multiplication (16 of 144 less, for a second body). */
#include "sim/kernel/event_queue.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "sim/kernel/event_bucket.h"
#include "sim/kernel/event_density.h"
#include "sim/kernel/memory.h"

enum {
	BUCKET_TARGET = 20,    /* events in a bucket when it is served */
	BUCKET_CROWDED = 64,   /* above: sorted by merging, and a reason to narrow the buckets */
	BUCKET_SPARSE = 4,     /* below: a reason to widen them */
	SPARSE_COST = 4,       /* of serving a sparse bucket, in events */
	WAITING = 4,           /* pushes; in their turn, */
	CHUNK_AFTER = 1,       /* so many pushes later, the end of the chunk is fetched: the bucket's head is there */
	EVENTS_AHEAD = 8,      /* in the bottom, if they are near */
	BUCKETS_AHEAD = 3,     /* of the one that time is in, from which they are taken */
	SHIFT_MOST = 32,       /* places that a push may move in the bottom */
	EVENTS_BY_BUCKETS = 8, /* pending ones for each bucket of the wheel, at most */
	WHEEL_LEAST = 256,     /* buckets; a multiple of a word of the bitmap */
	ROOM_LEAST = 64,       /* of an array that grows */
	FIRST_SHIFT = 20,      /* about a millisecond, until there is something to measure */
	TUNED_LEAST = 32,
	PATIENCE_MOST = 64,
};

struct sim_event_queue {
	struct sim_node *bottom; /* [1 .. n_bottom]; before them stands SIM_AFTER_ALL */
	size_t n_bottom, bottom_room;

	sim_bucket *near;
	uint64_t *occupied; /* a bit for each near bucket */
	uint64_t mask;      /* number of near buckets - 1 */
	uint64_t next;      /* absolute number of the first bucket that is not in the bottom yet */
	unsigned shift;

	struct sim_chunks chunks; /* that the buckets are made of */

	struct sim_slot *slots; /* 0 is no slot */
	uint32_t free_slot, n_slots, slots_room;

	struct sim_node waiting[WAITING]; /* in turn, of buckets from `next` on; SIM_AFTER_ALL: none */
	unsigned turn;

	size_t size;
	uint64_t now; /* time of the event popped last */

	struct sim_node_heap late;

	sim_bucket far[64];
	uint64_t far_occupied;
	size_t n_far;

	size_t tuned_size; /* events pending when the width was chosen */
	uint64_t debt;     /* what too full and too empty buckets have cost since, in events */
	unsigned patience; /* how many times the pending events the debt may reach */
};

static void tune(struct sim_event_queue *q);

static bool wants_tuning(const struct sim_event_queue *q)
{
	return q->size > 2 * q->tuned_size || (q->tuned_size > TUNED_LEAST && q->size < q->tuned_size / 8) ||
	       q->debt > q->patience * MAX(q->size, (size_t)SIM_SAMPLE_NODES);
}

/* ---- bottom: falling order, served from its end ---- */

static SIM_COLD void bottom_grow(struct sim_event_queue *q, size_t n)
{
	size_t used = 1 + q->n_bottom;

	q->bottom_room = MAX(2 * q->bottom_room, n);
	q->bottom = sim_memory_grow(q->bottom, used * sizeof *q->bottom, (1 + q->bottom_room) * sizeof *q->bottom);
}

static void bottom_new(struct sim_event_queue *q)
{
	q->n_bottom = 0;
	q->bottom_room = ROOM_LEAST;
	q->bottom = sim_memory_grow(NULL, 0, (1 + q->bottom_room) * sizeof *q->bottom);
	q->bottom[0] = SIM_AFTER_ALL;
}

static SIM_COLD void push_with_growth(struct sim_event_queue *q, struct sim_node node)
{
	bottom_grow(q, q->n_bottom + 1);
	sim_node_insert(q->slots, &q->bottom[++q->n_bottom], node);
}

static SIM_COLD void push_deep(struct sim_event_queue *q, struct sim_node node)
{
	q->debt++;
	sim_node_heap_push(q->slots, &q->late, node);
	if (wants_tuning(q)) /* else all could happen in one wide bucket for ever */
		tune(q);
}

/* What is rare is called last, so that nothing needs to be saved for what is not. */
static __attribute__((noinline)) void bottom_push(struct sim_event_queue *q, struct sim_node node)
{
	size_t n = q->n_bottom;

	if (G_UNLIKELY(n > SHIFT_MOST && q->bottom[n + 1 - SHIFT_MOST].time <= node.time)) {
		push_deep(q, node);
	} else if (G_UNLIKELY(n == q->bottom_room)) {
		push_with_growth(q, node);
	} else {
		q->n_bottom++;
		sim_node_insert(q->slots, &q->bottom[n + 1], node);
	}
}

/* Moves the first of the late ones to the end of the bottom if it is the earliest of all. */
static SIM_COLD void late_to_bottom(struct sim_event_queue *q)
{
	if (sim_node_before(q->slots, &q->bottom[q->n_bottom], &q->late.nodes[0]))
		return;
	if (q->n_bottom == q->bottom_room)
		bottom_grow(q, q->n_bottom + 1);
	q->bottom[++q->n_bottom] = sim_node_heap_pop(q->slots, &q->late);
}

/* ---- buckets ---- */

static uint64_t start_of_next(const struct sim_event_queue *q)
{
	return q->next << q->shift;
}

static unsigned highest_bit(uint64_t x)
{
	return 63 - (unsigned)__builtin_clzll(x);
}

static unsigned lowest_bit(uint64_t x)
{
	return (unsigned)__builtin_ctzll(x);
}

static __attribute__((noinline)) void far_add(struct sim_event_queue *q, struct sim_node node)
{
	unsigned bit = highest_bit(node.time ^ start_of_next(q));

	sim_bucket_add(&q->chunks, &q->far[bit], node);
	q->far_occupied |= UINT64_C(1) << bit;
	q->n_far++;
}

/* For a node that does not belong into the bottom. */
static inline void place_beyond(struct sim_event_queue *q, struct sim_node node)
{
	uint64_t number = node.time >> q->shift;

	if (G_UNLIKELY(number - q->next > q->mask)) {
		far_add(q, node);
	} else {
		uint64_t i = number & q->mask;

		if (sim_bucket_add(&q->chunks, &q->near[i], node)) /* among others, if it was empty */
			q->occupied[i / 64] |= UINT64_C(1) << (i % 64);
	}
}

static inline void place(struct sim_event_queue *q, struct sim_node node)
{
	if (G_UNLIKELY(node.time >> q->shift < q->next))
		bottom_push(q, node);
	else
		place_beyond(q, node);
}

/* Places the nodes of a bucket anew that is no longer one. */
static void place_again(struct sim_event_queue *q, sim_bucket b)
{
	for (struct sim_chain chain = sim_chain_of(b); chain.chunk != 0; chain.count = SIM_CHUNK_NODES) {
		struct sim_node copy[SIM_CHUNK_NODES]; /* placing may move or reuse the chunk */

		memcpy(copy, sim_chunk_nodes(&q->chunks, chain.chunk), sizeof copy);
		chain.chunk = sim_chunk_release(&q->chunks, chain.chunk);
		for (uint32_t i = 0; i < chain.count; i++)
			place(q, copy[i]);
	}
}

/* ---- waiting: pushes beyond the bottom, in turn ---- */

/* Asks for what placing the node will store to, and places one that has waited for that. */
static inline void wait_in_turn(struct sim_event_queue *q, struct sim_node node)
{
	unsigned turn = q->turn++;
	struct sim_node *waiting = &q->waiting[turn % WAITING], due = *waiting;
	uint64_t next_due = q->waiting[(turn - CHUNK_AFTER) % WAITING].time >> q->shift;

	__builtin_prefetch(&q->near[node.time >> q->shift & q->mask], 1);
	__builtin_prefetch(&q->chunks.nodes[q->near[next_due & q->mask] + 1], 1);
	*waiting = node;
	if (due.time != SIM_AFTER_ALL.time)
		place_beyond(q, due);
}

/* Places those that wait for buckets up to this one. */
static void place_waiting(struct sim_event_queue *q, uint64_t number)
{
	for (unsigned i = 0; i < WAITING; i++) {
		struct sim_node node = q->waiting[i];

		if (node.time >> q->shift <= number && node.time != SIM_AFTER_ALL.time) {
			q->waiting[i] = SIM_AFTER_ALL;
			place_beyond(q, node);
		}
	}
}

/* ---- choosing the width ---- */

/* The shift for which buckets hold about BUCKET_TARGET of the earliest events; the present one if they all happen at
 * once. */
static unsigned shift_for_head(const struct sim_event_queue *q)
{
	struct sim_sample sample;

	sim_sample_init(&sample);
	for (size_t i = 1; i <= q->n_bottom; i++)
		sim_sample_add(q->slots, &sample, &q->bottom[i]);
	for (size_t i = 0; i < q->late.n; i++)
		sim_sample_add(q->slots, &sample, &q->late.nodes[i]);
	for (uint64_t i = 0; i <= q->mask; i++)
		sim_chain_sample(&q->chunks, sim_chain_of(q->near[(q->next + i) & q->mask]), q->slots, &sample);
	for (unsigned i = 0; i < 64; i++)
		sim_chain_sample(&q->chunks, sim_chain_of(q->far[i]), q->slots, &sample);
	return sim_sample_shift(&sample, BUCKET_TARGET, q->shift);
}

static void wheel_new(struct sim_event_queue *q, uint64_t n)
{
	q->near = sim_memory_grow(NULL, 0, n * sizeof *q->near);
	q->occupied = sim_memory_grow(NULL, 0, n / 8);
	memset(q->occupied, 0, n / 8);
	sim_buckets_empty(q->near, n);
	q->mask = n - 1;
}

static void far_new(struct sim_event_queue *q)
{
	sim_buckets_empty(q->far, G_N_ELEMENTS(q->far));
	q->far_occupied = 0;
	q->n_far = 0;
}

/* Chooses the width and number of buckets anew and places all pending events but those that wait: as they are not
 * before `now`, they are still of buckets from `next` on. */
static void tune(struct sim_event_queue *q)
{
	unsigned shift = shift_for_head(q);
	uint64_t n = WHEEL_LEAST, old_mask = q->mask, old_next = q->next;
	sim_bucket *old_near = q->near, old_far[64];
	struct sim_node *old_bottom = q->bottom;
	struct sim_node_heap old_late = q->late;
	size_t n_bottom = q->n_bottom;

	while (n < q->size / EVENTS_BY_BUCKETS)
		n *= 2;
	q->patience = shift == q->shift && n == q->mask + 1 ? MIN(2 * q->patience, PATIENCE_MOST) : 1;
	q->debt = 0;
	q->tuned_size = MAX(q->size, TUNED_LEAST);
	memcpy(old_far, q->far, sizeof old_far);
	far_new(q);
	bottom_new(q);
	q->late = (struct sim_node_heap){0};
	free(q->occupied);
	wheel_new(q, n);
	q->shift = shift;
	q->next = q->now >> shift;

	for (size_t i = 1; i <= n_bottom; i++)
		place(q, old_bottom[i]);
	for (size_t i = 0; i < old_late.n; i++)
		place(q, old_late.nodes[i]);
	for (uint64_t i = 0; i <= old_mask; i++)
		place_again(q, old_near[(old_next + i) & old_mask]);
	for (unsigned i = 0; i < 64; i++)
		place_again(q, old_far[i]);
	free(old_bottom);
	free(old_late.nodes);
	free(old_near);
}

/* ---- moving on ---- */

/* Lets bucket `next` be the first one that is not in the bottom, and far events come nearer when their bit flips. No
 * pending event may lie between. */
static void move_to(struct sim_event_queue *q, uint64_t next)
{
	uint64_t flipped = start_of_next(q) ^ next << q->shift;

	q->next = next;
	if (G_LIKELY(q->far_occupied == 0))
		return;
	unsigned bit = lowest_bit(q->far_occupied);

	if (flipped >> bit == 0)
		return;
	sim_bucket nearer = q->far[bit];

	q->n_far -= sim_chain_count(&q->chunks, sim_chain_of(nearer));
	q->far[bit] = SIM_EMPTY_BUCKET;
	q->far_occupied &= q->far_occupied - 1;
	place_again(q, nearer);
}

/* The number of the first near bucket with events, or UINT64_MAX. */
static uint64_t first_near(const struct sim_event_queue *q)
{
	if (q->size == q->n_far)
		return UINT64_MAX;
	uint64_t i = q->next & q->mask, word = i / 64, words = (q->mask + 1) / 64;
	uint64_t bits = q->occupied[word] >> (i % 64);

	if (bits != 0)
		return q->next + lowest_bit(bits);
	uint64_t number = q->next + (64 - i % 64);

	for (; q->occupied[++word & (words - 1)] == 0;)
		number += 64;
	return number + lowest_bit(q->occupied[word & (words - 1)]);
}

/* The number of the bucket of the earliest far event; at least one is pending. */
static uint64_t first_far(const struct sim_event_queue *q)
{
	return sim_chain_earliest(&q->chunks, sim_chain_of(q->far[lowest_bit(q->far_occupied)])) >> q->shift;
}

/* What the next buckets will need: first the link from their first chunk, then their chunks, then the slots. */
static inline __attribute__((always_inline)) void prefetch_after(const struct sim_event_queue *q, uint64_t number)
{
	struct sim_chain soon = sim_chain_of(q->near[(number + 2) & q->mask]);

	__builtin_prefetch(&q->chunks.links[q->near[(number + 6) & q->mask] / SIM_CHUNK_NODES]);
	sim_chunk_fetch(&q->chunks, q->near[(number + 5) & q->mask] / SIM_CHUNK_NODES);
	sim_chunk_fetch(&q->chunks, q->chunks.links[q->near[(number + 4) & q->mask] / SIM_CHUNK_NODES]);
	for (; soon.chunk != 0; soon = sim_chain_rest(&q->chunks, soon))
		for (uint32_t i = 0; i < soon.count; i++)
			__builtin_prefetch(&q->slots[(uint32_t)sim_chunk_nodes(&q->chunks, soon.chunk)[i].who]);
}

/* Moves the events of a near bucket, which are later than those in the bottom, to its front. */
static void serve(struct sim_event_queue *q, uint64_t number)
{
	uint64_t i = number & q->mask;
	struct sim_chain chain = sim_chain_of(q->near[i]);
	size_t n = sim_chain_count(&q->chunks, chain);

	prefetch_after(q, number);
	q->near[i] = SIM_EMPTY_BUCKET;
	q->occupied[i / 64] &= ~(UINT64_C(1) << (i % 64));
	if (q->n_bottom + n > q->bottom_room)
		bottom_grow(q, q->n_bottom + n);
	struct sim_node *first = &q->bottom[1];

	memmove(first + n, first, q->n_bottom * sizeof *first);
	q->n_bottom += n;
	if (n <= BUCKET_CROWDED) {
		struct sim_node room[BUCKET_CROWDED];

		sim_nodes_sort_few(q->slots, first, sim_chain_gather(&q->chunks, chain, n, room), n, q->shift);
	} else {
		sim_chain_gather(&q->chunks, chain, n, first);
		sim_nodes_sort(q->slots, first, n);
		if (first[0].time != first[n - 1].time)
			q->debt += n;
	}
	if (n < BUCKET_SPARSE)
		q->debt += SPARSE_COST;
	move_to(q, number + 1);
}

/* Fills the empty bottom if an event is due at or before `limit`. The wheel never moves past the limit's bucket, so
 * that what is sent between two limits finds its bucket. */
static void advance(struct sim_event_queue *q, uint64_t limit)
{
	while (q->size > 0) {
		uint64_t number = first_near(q), last = limit >> q->shift, turn = UINT64_MAX;

		if (q->far_occupied != 0) {
			unsigned bit = lowest_bit(q->far_occupied);

			turn = ((start_of_next(q) >> bit) + 1) << bit >> q->shift;
		}
		if (MIN(number, turn) > last)
			return;
		if (number < turn) {
			serve(q, number);
			return;
		}
		move_to(q, MIN(MIN(number, first_far(q)), last));
	}
}

/* Keeps a few events in the bottom, so that their slots and receivers can be fetched early: moves on by one bucket if
 * that is not far, or to the next event if the bottom is empty. */
static __attribute__((noinline)) void refill(struct sim_event_queue *q, sim_time until)
{
	uint64_t limit = (uint64_t)until;

	if (until < 0)
		return;
	if (wants_tuning(q))
		tune(q);
	if (q->n_bottom == 0 && q->late.n == 0) {
		place_waiting(q, UINT64_MAX);
		advance(q, limit);
		return;
	}
	if (q->next > MIN((q->now >> q->shift) + BUCKETS_AHEAD, limit >> q->shift))
		return;
	place_waiting(q, q->next);
	if (q->near[q->next & q->mask] != SIM_EMPTY_BUCKET)
		serve(q, q->next);
	else
		move_to(q, q->next + 1);
}

/* ---- the interface ---- */

struct sim_event_queue *sim_event_queue_new(void)
{
	struct sim_event_queue *q = g_new0(struct sim_event_queue, 1);

	q->shift = FIRST_SHIFT;
	q->tuned_size = TUNED_LEAST;
	q->patience = 1;
	q->n_slots = 1;
	for (unsigned i = 0; i < WAITING; i++)
		q->waiting[i] = SIM_AFTER_ALL;
	bottom_new(q);
	wheel_new(q, WHEEL_LEAST);
	far_new(q);
	sim_chunks_init(&q->chunks);
	return q;
}

void sim_event_queue_free(struct sim_event_queue *queue)
{
	if (queue == NULL)
		return;
	free(queue->bottom);
	free(queue->late.nodes);
	free(queue->near);
	free(queue->occupied);
	sim_chunks_clear(&queue->chunks);
	free(queue->slots);
	g_free(queue);
}

static SIM_COLD uint32_t slot_new(struct sim_event_queue *q)
{
	if (q->n_slots >= q->slots_room) {
		size_t room = MAX(2 * (size_t)q->slots_room, ROOM_LEAST);

		assert(room <= UINT32_MAX);
		q->slots = sim_memory_grow(q->slots, q->slots_room * sizeof *q->slots, room * sizeof *q->slots);
		q->slots_room = (uint32_t)room;
	}
	return q->n_slots++;
}

static inline uint32_t slot_take(struct sim_event_queue *q)
{
	uint32_t slot = q->free_slot;

	if (G_UNLIKELY(slot == 0))
		return slot_new(q);
	q->free_slot = (uint32_t)q->slots[slot].to;
	return slot;
}

void sim_event_queue_push(struct sim_event_queue *queue, const struct sim_event *event)
{
	assert(event->time >= (sim_time)queue->now);
	uint32_t slot = slot_take(queue);

	queue->slots[slot].what =
	    (uint64_t)event->seq << 32 | (uint64_t)event->length << 16 | (uint64_t)event->kind << 8 | event->type;
	queue->slots[slot].to = (uint64_t)event->payload << 32 | event->receiver;
	queue->size++;
	struct sim_node node = {.time = (uint64_t)event->time, .who = (uint64_t)event->sender << 32 | slot};

	if (node.time >> queue->shift < queue->next)
		bottom_push(queue, node);
	else
		wait_in_turn(queue, node);
}

bool sim_event_queue_pop(struct sim_event_queue *queue, sim_time limit, struct sim_event *out)
{
	if (G_UNLIKELY(queue->n_bottom < EVENTS_AHEAD))
		refill(queue, limit);
	if (G_UNLIKELY(queue->late.n > 0))
		late_to_bottom(queue);
	if (queue->n_bottom == 0)
		return false;
	struct sim_node node = queue->bottom[queue->n_bottom];

	if ((sim_time)node.time > limit)
		return false;
	queue->n_bottom--;
	struct sim_slot *slot = &queue->slots[(uint32_t)node.who];
	uint64_t what = slot->what, to = slot->to;

	*out = (struct sim_event){
	    .time = (sim_time)node.time,
	    .sender = (uint32_t)(node.who >> 32),
	    .receiver = (uint32_t)to,
	    .type = (uint8_t)what,
	    .kind = (uint8_t)(what >> 8),
	    .length = (uint16_t)(what >> 16),
	    .seq = (uint32_t)(what >> 32),
	    .payload = (uint32_t)(to >> 32),
	};
	slot->to = queue->free_slot;
	queue->free_slot = (uint32_t)node.who;
	queue->now = node.time;
	queue->size--;
	return true;
}

bool sim_event_queue_hint(const struct sim_event_queue *queue, size_t skip, struct sim_coming *coming)
{
	if (G_UNLIKELY(skip >= queue->n_bottom))
		return false;
	const struct sim_slot *slot = &queue->slots[(uint32_t)queue->bottom[queue->n_bottom - skip].who];

	*coming = (struct sim_coming){
	    .receiver = (uint32_t)slot->to,
	    .payload = (uint32_t)(slot->to >> 32),
	    .kind = (uint8_t)(slot->what >> 8),
	};
	return true;
}

size_t sim_event_queue_size(const struct sim_event_queue *queue)
{
	return queue->size;
}

size_t sim_event_queue_peak(const struct sim_event_queue *queue)
{
	return queue->n_slots - 1; /* none is made while one is free */
}

const char *sim_event_queue_kind(void)
{
	return "wheel";
}
