/* The contract of event_queue.h, for either body. */
#include <glib.h>
#include <string.h>

#include "sim/kernel/event_queue.h"
#include "sim/kernel/stream.h"
#include "tests/lib/suite.h"

/* A queue beside a sorted sequence that gets the same events. */
struct pair {
	struct sim_event_queue *queue;
	GSequence *sorted;
	struct sim_random random;
	struct sim_stream luck;
	sim_time now;
	uint32_t seq;
	size_t peak;
	unsigned wrong;
};

static gint order(gconstpointer a, gconstpointer b, gpointer unused)
{
	const struct sim_event *x = a, *y = b;

	(void)unused;
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	if (x->sender != y->sender)
		return x->sender < y->sender ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static bool same(const struct sim_event *a, const struct sim_event *b)
{
	return a->time == b->time && a->sender == b->sender && a->seq == b->seq && a->receiver == b->receiver &&
	       a->payload == b->payload && a->length == b->length && a->kind == b->kind && a->type == b->type;
}

static void pair_open(struct pair *p)
{
	*p = (struct pair){
	    .queue = sim_event_queue_new(),
	    .sorted = g_sequence_new(g_free),
	    .random = sim_random_of(7, 0),
	};
	p->luck = sim_stream_at(&p->random, &(struct sim_address){.entity = 1});
}

/* Nothing may be left, and nothing may have differed. */
static void pair_close(struct pair *p)
{
	CU_ASSERT_EQUAL(p->wrong, 0);
	CU_ASSERT_EQUAL(sim_event_queue_size(p->queue), 0);
	CU_ASSERT_EQUAL(g_sequence_get_length(p->sorted), 0);
	CU_ASSERT_EQUAL(sim_event_queue_peak(p->queue), p->peak);
	sim_event_queue_free(p->queue);
	g_sequence_free(p->sorted);
}

static void pair_push(struct pair *p, sim_time time, uint32_t sender)
{
	uint64_t bits = sim_stream_bits(&p->luck);
	struct sim_event event = {
	    .time = time,
	    .sender = sender,
	    .seq = p->seq++,
	    .receiver = (uint32_t)bits,
	    .payload = (uint32_t)(bits >> 32),
	    .length = (uint16_t)(bits >> 5),
	    .kind = (uint8_t)(bits >> 21),
	    .type = (uint8_t)(bits >> 29),
	};

	sim_event_queue_push(p->queue, &event);
	g_sequence_insert_sorted(p->sorted, g_memdup2(&event, sizeof event), order, NULL);
	p->peak = MAX(p->peak, (size_t)g_sequence_get_length(p->sorted));
}

static bool pair_pop(struct pair *p, sim_time limit)
{
	GSequenceIter *first = g_sequence_get_begin_iter(p->sorted);
	const struct sim_event *expected = g_sequence_iter_is_end(first) ? NULL : g_sequence_get(first);
	bool due = expected != NULL && expected->time <= limit;
	struct sim_event event, untouched;

	memset(&event, 0x5a, sizeof event);
	untouched = event;
	if (sim_event_queue_pop(p->queue, limit, &event) != due || !same(&event, due ? expected : &untouched))
		p->wrong++;
	if (due) {
		p->now = expected->time;
		g_sequence_remove(first);
	}
	return due;
}

static void test_empty(void)
{
	struct pair p;

	pair_open(&p);
	CU_ASSERT_FALSE(pair_pop(&p, SIM_NEVER));
	CU_ASSERT_FALSE(pair_pop(&p, 0));
	pair_close(&p);
	sim_event_queue_free(NULL);
}

/* Equal times go by sender, then by sequence number, whatever the order of pushing. */
static void test_ties(void)
{
	struct sim_event_queue *queue = sim_event_queue_new();
	static const struct sim_event pushed[] = {
	    {.time = 5, .sender = 2, .seq = 0}, {.time = 5, .sender = 1, .seq = 9},
	    {.time = 5, .sender = 1, .seq = 3}, {.time = 4, .sender = 9, .seq = 9},
	    {.time = 5, .sender = 2, .seq = 1}, {.time = 5, .sender = 0, .seq = 7},
	};
	static const unsigned expected[] = {3, 5, 2, 1, 0, 4};

	for (unsigned i = 0; i < G_N_ELEMENTS(pushed); i++)
		sim_event_queue_push(queue, &pushed[i]);
	for (unsigned i = 0; i < G_N_ELEMENTS(expected); i++) {
		struct sim_event event;

		CU_ASSERT(sim_event_queue_pop(queue, 5, &event));
		CU_ASSERT(same(&event, &pushed[expected[i]]));
	}
	sim_event_queue_free(queue);
}

/* An event at the limit is due, one after it is not; sending between two limits is fine. */
static void test_limits(void)
{
	struct pair p;

	pair_open(&p);
	pair_push(&p, 100, 0);
	pair_push(&p, SIM_NEVER, 0);
	pair_push(&p, INT64_C(1) << 40, 0);
	CU_ASSERT_FALSE(pair_pop(&p, 99));
	CU_ASSERT_FALSE(pair_pop(&p, -1));
	pair_push(&p, 7, 0);
	CU_ASSERT(pair_pop(&p, 100));
	CU_ASSERT(pair_pop(&p, 100));
	CU_ASSERT_FALSE(pair_pop(&p, (INT64_C(1) << 40) - 1));
	for (sim_time time = 1000; time > 100; time--)
		pair_push(&p, time, 0);
	while (pair_pop(&p, INT64_C(1) << 41))
		;
	CU_ASSERT(pair_pop(&p, SIM_NEVER));
	pair_close(&p);
}

/* All devices start at once; each sends at the same time again, to both ends of the order, and then a little later.
 */
static void test_burst(void)
{
	struct pair p;
	enum { N = 20000 };

	pair_open(&p);
	for (uint32_t i = 0; i < N; i++)
		pair_push(&p, 0, (i * 7919) % N);
	for (uint32_t i = 0; i < N; i++) {
		CU_ASSERT(pair_pop(&p, 0));
		if (i % 2 == 0)
			pair_push(&p, 0, 2 * N + i);
		pair_push(&p, 1 + i % 3, i);
	}
	while (pair_pop(&p, SIM_NEVER))
		;
	pair_close(&p);
}

enum shape { ALL_EQUAL, UNIFORM, BIMODAL, TICKS, EVERY_SCALE, CLUSTERS, SLEEPERS, CHANGING, SHAPES };

static sim_time delay(struct pair *p, enum shape shape, unsigned step)
{
	uint64_t bits = sim_stream_bits(&p->luck);

	switch (shape) {
	case ALL_EQUAL:
		return SIM_MS;
	case UNIFORM:
		return (sim_time)(bits % (uint64_t)SIM_S);
	case BIMODAL: /* nanoseconds, or hours */
		return (sim_time)(bits % 10 ? bits / 10 % 50 : bits / 10 % (uint64_t)(7200 * SIM_S));
	case TICKS: /* few different times: many ties */
		return (sim_time)(bits % 5) * SIM_MS;
	case EVERY_SCALE:
		return (sim_time)(bits >> 18 >> (bits % 46));
	case CLUSTERS: /* at the next full second, within a microsecond */
		return SIM_S - p->now % SIM_S + (sim_time)(bits % 1000);
	case SLEEPERS: /* most sleep for an hour, few are busy */
		return p->seq % 16 ? 3600 * SIM_S + (sim_time)(bits % (uint64_t)SIM_S) : (sim_time)(bits % 1000);
	case CHANGING: /* a thousand times faster, and slower again */
		return (sim_time)(bits % (uint64_t)(step / 5000 % 2 ? SIM_MS : SIM_S));
	case SHAPES:
		break;
	}
	return 0;
}

/* Grows to n events, holds, and is popped empty, with a limit that is often too low. */
static void hold(enum shape shape, unsigned n, unsigned steps)
{
	struct pair p;

	pair_open(&p);
	for (unsigned i = 0; i < n; i++)
		pair_push(&p, delay(&p, shape, 0), i);
	for (unsigned i = 0; i < steps; i++) {
		if (i % 64 == 0)
			pair_pop(&p, p.now + (sim_time)(i % 4096));
		pair_pop(&p, SIM_NEVER);
		pair_push(&p, p.now + delay(&p, shape, i), (uint32_t)(p.seq * 2654435761U));
	}
	while (pair_pop(&p, SIM_NEVER))
		;
	pair_close(&p);
}

static void test_shapes(void)
{
	for (enum shape shape = 0; shape < SHAPES; shape++) {
		static const unsigned sizes[] = {1, 5, 100, 3000};

		for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++)
			hold(shape, sizes[i], 20000);
	}
}

/* From one event to a hundred thousand and back, twice: each pop sends two, then none. */
static void test_growing(void)
{
	struct pair p;

	pair_open(&p);
	pair_push(&p, 0, 0);
	for (unsigned turn = 0; turn < 2; turn++) {
		while (g_sequence_get_length(p.sorted) < 100000) {
			pair_pop(&p, SIM_NEVER);
			for (uint32_t i = 0; i < 2; i++)
				pair_push(&p, p.now + delay(&p, turn ? EVERY_SCALE : UNIFORM, 0) / 64, i);
		}
		while (g_sequence_get_length(p.sorted) > 1)
			pair_pop(&p, SIM_NEVER);
	}
	pair_pop(&p, SIM_NEVER);
	pair_close(&p);
}

/* One bucket as wide as all of a run's time must not become the whole set: many events within a microsecond, each
 * sending nanoseconds ahead, after a start that suggested seconds. */
static void test_much_too_wide(void)
{
	struct pair p;

	pair_open(&p);
	for (unsigned i = 0; i < 300; i++)
		pair_push(&p, 1000 * SIM_S * (i + 1), i);
	for (unsigned i = 0; i < 3; i++)
		pair_pop(&p, SIM_NEVER);
	for (unsigned i = 0; i < 5000; i++)
		pair_push(&p, p.now + i % 977, i);
	for (unsigned i = 0; i < 30000; i++) {
		pair_pop(&p, SIM_NEVER);
		pair_push(&p, p.now + (sim_time)(sim_stream_bits(&p.luck) % 1000), i);
	}
	while (pair_pop(&p, SIM_NEVER))
		;
	pair_close(&p);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"empty", test_empty},
	    {"equal times", test_ties},
	    {"limits", test_limits},
	    {"bursts", test_burst},
	    {"shapes of delays", test_shapes},
	    {"growing and shrinking", test_growing},
	    {"buckets much too wide", test_much_too_wide},
	    {NULL, NULL},
	};

	return suite_run(sim_event_queue_kind(), cases);
}
