#include "sim/kernel/engine.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>

#include "sim/kernel/memory.h"

enum {
	STOP_EVERY = 4096, /* events between two looks at *stop */
	FETCH_ENTITY = 6,  /* events ahead */
	FETCH_STATE = 3,
	FETCH_MORE = 1,
	HANDLERS = 16, /* different ones */
};

/* A quarter of a cache line: there may be millions. */
struct entity {
	void *state; /* NULL: not built yet */
	uint32_t sent;
	uint32_t handler; /* index */
};

struct sim_engine {
	sim_handler *handlers[HANDLERS];
	sim_fetcher *fetchers[HANDLERS]; /* of the same; NULL: none */
	sim_builder *build;
	void *build_context;
	struct entity *entities;
	uint32_t n_entities, entities_room;
	sim_time now;
	struct sim_event_queue *queue;
	uint64_t handled;
	struct sim_fingerprint fingerprint;
};

struct sim_engine *sim_engine_new(void)
{
	struct sim_engine *engine = g_new0(struct sim_engine, 1);

	engine->queue = sim_event_queue_new();
	return engine;
}

void sim_engine_free(struct sim_engine *engine)
{
	if (engine == NULL)
		return;
	sim_event_queue_free(engine->queue);
	free(engine->entities);
	g_free(engine);
}

static uint32_t handler_index(struct sim_engine *engine, sim_handler *handler)
{
	uint32_t i = 0;

	while (i < HANDLERS && engine->handlers[i] != NULL && engine->handlers[i] != handler)
		i++;
	assert(i < HANDLERS);
	engine->handlers[i] = handler;
	return i;
}

uint32_t sim_engine_add(struct sim_engine *engine, sim_handler *handler, void *state)
{
	if (engine->n_entities == engine->entities_room) {
		size_t n = engine->n_entities, room = MAX(2 * n, 16);

		assert(room <= UINT32_MAX);
		engine->entities =
		    sim_memory_grow(engine->entities, n * sizeof *engine->entities, room * sizeof *engine->entities);
		engine->entities_room = (uint32_t)room;
	}
	engine->entities[engine->n_entities] =
	    (struct entity){.state = state, .handler = handler_index(engine, handler)};
	return engine->n_entities++;
}

void sim_engine_build_with(struct sim_engine *engine, sim_builder *build, void *context)
{
	engine->build = build;
	engine->build_context = context;
}

void sim_engine_fetch_with(struct sim_engine *engine, sim_handler *handler, sim_fetcher *fetcher)
{
	engine->fetchers[handler_index(engine, handler)] = fetcher;
}

void sim_engine_fetch(const struct sim_engine *engine, uint32_t entity)
{
	__asm__ volatile(""); /* or the compiler drops calls of a function that only prefetches */
	__builtin_prefetch(&engine->entities[entity], 1);
}

void sim_engine_place(struct sim_engine *engine, uint32_t entity, void *state)
{
	assert(entity < engine->n_entities);
	engine->entities[entity].state = state;
}

sim_time sim_engine_now(const struct sim_engine *engine)
{
	return engine->now;
}

void sim_engine_send_message(struct sim_engine *engine, uint32_t sender, uint32_t receiver, sim_time at, uint8_t kind,
			     uint32_t payload, uint8_t type, uint16_t length)
{
	assert(at >= engine->now && sender < engine->n_entities && receiver < engine->n_entities);
	uint32_t seq = engine->entities[sender].sent++;

	assert(seq != UINT32_MAX); /* the next one would not be unique */
	sim_event_queue_push(engine->queue, &(struct sim_event){
						.time = at < SIM_HORIZON ? at : SIM_HORIZON,
						.sender = sender,
						.seq = seq,
						.receiver = receiver,
						.payload = payload,
						.length = length,
						.kind = kind,
						.type = type,
					    });
}

/* Among many entities each event finds its receiver, and then that one's state, far away in memory: ask for both in
 * time. (Inlined always: the compiler takes a function that only prefetches for one without effect, and drops its
 * calls.) */
static inline __attribute__((always_inline)) void fetch_ahead(const struct sim_engine *engine)
{
	struct sim_coming coming;

	if (sim_event_queue_hint(engine->queue, FETCH_ENTITY, &coming))
		__builtin_prefetch(&engine->entities[coming.receiver], 1);
	if (sim_event_queue_hint(engine->queue, FETCH_STATE, &coming))
		__builtin_prefetch(engine->entities[coming.receiver].state, 1);
	if (sim_event_queue_hint(engine->queue, FETCH_MORE, &coming)) {
		const struct entity *entity = &engine->entities[coming.receiver];
		sim_fetcher *fetcher = engine->fetchers[entity->handler];

		if (fetcher != NULL && entity->state != NULL)
			fetcher(entity->state, &coming);
	}
}

/* Has the entity built that its first event happens to. */
static void build(struct sim_engine *engine, uint32_t entity)
{
	assert(engine->build != NULL);
	engine->build(engine->build_context, entity);
	assert(engine->entities[entity].state != NULL);
}

enum sim_end sim_engine_run(struct sim_engine *engine, sim_time limit, const volatile int *stop)
{
	sim_time last = limit < SIM_HORIZON ? limit : SIM_HORIZON - 1;

	assert(limit >= engine->now);
	for (uint64_t i = 0; i % STOP_EVERY != 0 || stop == NULL || *stop == 0; i++) {
		struct sim_event event;

		if (!sim_event_queue_pop(engine->queue, last, &event)) {
			if (sim_event_queue_size(engine->queue) == 0)
				return SIM_END_IDLE;
			engine->now = last;
			return last == limit ? SIM_END_LIMIT : SIM_END_HORIZON;
		}
		const struct entity *entity = &engine->entities[event.receiver];

		fetch_ahead(engine);
		engine->now = event.time;
		if (entity->state == NULL)
			build(engine, event.receiver);
		if (engine->handlers[entity->handler](entity->state, engine, &event)) {
			engine->handled++;
			sim_fingerprint_add(&engine->fingerprint, &event);
		}
	}
	return SIM_END_STOPPED;
}

void sim_engine_drain(struct sim_engine *engine, void (*visit)(void *context, const struct sim_event *event),
		      void *context)
{
	struct sim_event event;

	while (sim_event_queue_pop(engine->queue, SIM_NEVER, &event))
		visit(context, &event);
}

uint64_t sim_engine_handled(const struct sim_engine *engine)
{
	return engine->handled;
}

uint64_t sim_engine_pending_peak(const struct sim_engine *engine)
{
	return sim_event_queue_peak(engine->queue);
}

const struct sim_fingerprint *sim_engine_fingerprint(const struct sim_engine *engine)
{
	return &engine->fingerprint;
}
