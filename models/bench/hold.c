/* Classic hold on the kernel as models use it: N entities, one pending event each. A handler touches its entity's
 * state, draws from a stream of its own address a receiver and an exponential delay, and sends one event. */
#include <glib.h>

#include "models/bench/bench.h"
#include "sim/kernel/engine.h"
#include "sim/kernel/variate.h"

enum {
	EVENTS = 3000000,       /* that are measured */
	TINY_EVENTS = 3000,     /* the same of a tiny size */
	WARM_UP_LEAST = 100000, /* events before those: until the set of pending events has tuned itself */
	TINY = 64,
};

enum purpose { START, STEP };

struct entity {
	struct hold *hold;
	uint32_t number, handled;
};

struct hold {
	struct sim_engine *engine;
	struct sim_random random;
	struct sim_variate delay;
	struct entity *entities;
	uint32_t n;
	uint64_t events, left, before; /* to be measured; to come; handled in the warm-up */
	int stop;
};

static bool on_event(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct entity *entity = state;
	struct hold *hold = entity->hold;
	struct sim_stream stream = sim_stream_at(
	    &hold->random,
	    &(struct sim_address){.entity = entity->number, .ordinal = entity->handled++, .purpose = STEP});
	uint32_t receiver = (uint32_t)sim_stream_below(&stream, hold->n);
	sim_time at = event->time + sim_variate_duration(&hold->delay, &stream);

	sim_engine_send(engine, entity->number, receiver, at, 0, 0);
	if (--hold->left == 0)
		hold->stop = 1;
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
	    .entities = g_new(struct entity, size),
	    .n = (uint32_t)size,
	    .events = tiny ? TINY_EVENTS : EVENTS,
	};
	for (uint32_t i = 0; i < hold->n; i++) {
		hold->entities[i] = (struct entity){.hold = hold, .number = i};
		sim_engine_add(hold->engine, on_event, &hold->entities[i]);
	}
	for (uint32_t i = 0; i < hold->n; i++) {
		struct sim_stream stream =
		    sim_stream_at(&hold->random, &(struct sim_address){.entity = i, .purpose = START});

		sim_engine_send(hold->engine, i, i, sim_variate_duration(&hold->delay, &stream), 0, 0);
	}
	run(hold, tiny ? size : MAX(size, WARM_UP_LEAST));
	hold->before = sim_engine_handled(hold->engine);
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

	outcome->work = sim_engine_handled(hold->engine) - hold->before;
	outcome->hash = bench_hash_fingerprint(0, sim_engine_fingerprint(hold->engine));
	outcome->things = hold->n;
	sim_engine_free(hold->engine);
	g_free(hold->entities);
	g_free(hold);
}

void bench_add_hold(GArray *suite)
{
	static const uint32_t sizes[] = {1000, 10000, 100000, 1000000, 10000000};

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		const struct bench bench = {
		    .name = bench_name_of_size("kernel.hold", sizes[i]),
		    .unit = "events/s",
		    .what = "classic hold: so many entities with a pending event each",
		    .thing = "entity",
		    .size = sizes[i],
		    .tiny = TINY + i, /* no two the same */
		    .set_up = set_up,
		    .work = work,
		    .finish = finish,
		};

		g_array_append_val(suite, bench);
	}
}
