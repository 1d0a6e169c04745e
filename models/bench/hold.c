/* Classic hold on the kernel as models use it: N entities, one pending event each. A handler touches its entity's
 * state, draws at an address of its own a receiver and an exponential delay (as models/network/hop.c does, without a
 * stream), and sends one event.
 *
 * kernel.hold-in-turn is the same with all draws in turn from one stream, as other simulators do it: what an address
 * of its own costs is the difference.
 *
 * To be expected: one event comes each N-th of the mean delay, 1 s, so that time x N / events is that delay. */
#include <glib.h>
#include <stdlib.h>

#include "models/bench/bench.h"
#include "sim/kernel/engine.h"
#include "sim/kernel/memory.h"
#include "sim/kernel/variate.h"

enum {
	EVENTS = 3000000,       /* that are measured */
	TINY_EVENTS = 3000,     /* the same of a tiny size */
	WARM_UP_LEAST = 100000, /* events before those: until the set of pending events has tuned itself */
	TINY = 64,
};

enum purpose { START, STEP, LUCK };

struct entity {
	struct hold *hold;
	uint32_t number, handled;
};

struct hold {
	struct sim_engine *engine;
	struct sim_random random;
	struct sim_stream luck; /* of all entities, where they draw in turn */
	struct sim_variate delay;
	struct entity *entities;
	uint32_t n;
	uint64_t events, left, before; /* to be measured; to come; handled in the warm-up */
	sim_time since;                /* the end of the warm-up */
	int stop;
};

/* Sends an event to the entity, and after the delay, that two uniform numbers say. */
static inline void pass_on(struct entity *entity, struct sim_engine *engine, sim_time now, double u, double v)
{
	struct hold *hold = entity->hold;
	uint32_t receiver = (uint32_t)(u * hold->n);
	sim_time at = now + sim_variate_duration_of(&hold->delay, v);

	entity->handled++;
	sim_engine_send(engine, entity->number, receiver, at, 0, 0);
	if (--hold->left == 0)
		hold->stop = 1;
}

static bool draw_by_address(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct entity *entity = state;
	const struct sim_address address = {.entity = entity->number, .ordinal = entity->handled, .purpose = STEP};
	uint64_t word[SIM_STREAM_WORDS];

	sim_stream_first(&entity->hold->random, &address, word);
	pass_on(entity, engine, event->time, sim_unit_of(word[0]), sim_unit_of(word[1]));
	return true;
}

static bool draw_in_turn(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct entity *entity = state;
	struct sim_stream *luck = &entity->hold->luck;
	double u = sim_stream_unit(luck);

	pass_on(entity, engine, event->time, u, sim_stream_unit(luck));
	return true;
}

static void run(struct hold *hold, uint64_t events)
{
	hold->left = events;
	hold->stop = 0;
	sim_engine_run(hold->engine, SIM_NEVER, &hold->stop);
}

static void *set_up(const struct bench *bench, uint64_t size, uint64_t seed)
{
	struct hold *hold = g_new0(struct hold, 1);
	bool tiny = size == bench->tiny;

	*hold = (struct hold){
	    .engine = sim_engine_new(),
	    .random = sim_random_of(seed, 0),
	    .delay = {.kind = SIM_EXPONENTIAL, .a = (double)SIM_S},
	    .entities = sim_memory_grow(NULL, 0, size * sizeof(struct entity)),
	    .n = (uint32_t)size,
	    .events = tiny ? TINY_EVENTS : EVENTS,
	};
	hold->luck = sim_stream_at(&hold->random, &(struct sim_address){.purpose = LUCK});
	for (uint32_t i = 0; i < hold->n; i++) {
		hold->entities[i] = (struct entity){.hold = hold, .number = i};
		sim_engine_add(hold->engine, *(sim_handler *const *)bench->variant, &hold->entities[i]);
	}
	for (uint32_t i = 0; i < hold->n; i++) {
		struct sim_stream stream =
		    sim_stream_at(&hold->random, &(struct sim_address){.entity = i, .purpose = START});

		sim_engine_send(hold->engine, i, i, sim_variate_duration(&hold->delay, &stream), 0, 0);
	}
	run(hold, tiny ? size : MAX(size, WARM_UP_LEAST));
	hold->before = sim_engine_handled(hold->engine);
	hold->since = sim_engine_now(hold->engine);
	return hold;
}

static void work(void *task)
{
	struct hold *hold = task;

	run(hold, hold->events);
}

static void finish(void *task, struct bench_outcome *outcome)
{
	struct hold *hold = task;
	double time = (double)(sim_engine_now(hold->engine) - hold->since) / (double)SIM_S;

	outcome->work = sim_engine_handled(hold->engine) - hold->before;
	outcome->hash = bench_hash_fingerprint(0, sim_engine_fingerprint(hold->engine));
	outcome->things = hold->n;
	bench_tell(outcome, "delay", "s", time * hold->n / (double)outcome->work);
	sim_engine_free(hold->engine);
	free(hold->entities);
	g_free(hold);
}

static struct bench bench_of(const char *prefix, uint64_t size, uint64_t tiny, sim_handler *const *handler)
{
	return (struct bench){
	    .name = bench_name_of_size(prefix, size),
	    .unit = "events/s",
	    .thing = "entity",
	    .size = size,
	    .tiny = tiny,
	    .variant = handler,
	    .set_up = set_up,
	    .work = work,
	    .finish = finish,
	};
}

void bench_add_hold(GArray *suite)
{
	static sim_handler *const by_address = draw_by_address, *const in_turn = draw_in_turn;
	static const uint32_t sizes[] = {1000, 10000, 100000, 1000000, 10000000},
			      sizes_in_turn[] = {1000, 100000, 1000000};
	struct bench bench;

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) { /* no two tiny ones the same */
		bench = bench_of("kernel.hold", sizes[i], TINY + i, &by_address);
		bench.what = "classic hold: so many entities with a pending event each";
		g_array_append_val(suite, bench);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(sizes_in_turn); i++) {
		bench = bench_of("kernel.hold-in-turn", sizes_in_turn[i], 2 * TINY + i, &in_turn);
		bench.what = "the same, with all draws in turn from one stream";
		g_array_append_val(suite, bench);
	}
}
