#include "sim/kernel/engine.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>

#include "sim/kernel/memory.h"
#include "sim/kernel/timers.h"

enum {
	STOP_EVERY = 4096, /* events between two looks at *stop */
	FETCH_ENTITY = 6,  /* events ahead */
	FETCH_STATE = 3,
	FETCH_MORE = 1,
	HANDLERS = 16,       /* different ones */
	ENTITIES_LEAST = 16, /* room for them */
	ENTITIES_MOST = 1 << 30,
};

/* What pending events that are timers happen to: an entity of the engine's own, before all others, that is not there,
 * so that no event is asked anything more than whether its receiver is. The payload is the timer's number. */
#define TIMERS UINT32_MAX

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
	struct entity *entities; /* [-1]: TIMERS */
	uint32_t n_entities, entities_room;
	sim_time now;
	struct sim_event_queue *queue;
	uint64_t handled;
	struct sim_fingerprint fingerprint;
	struct sim_timers timers;
};

/* ---- entities ---- */

static inline struct entity *entity_at(const struct sim_engine *engine, uint32_t number)
{
	return &engine->entities[(int32_t)number];
}

static void entities_new(struct sim_engine *engine)
{
	engine->entities_room = ENTITIES_LEAST;
	engine->entities = sim_memory_grow(NULL, 0, (1 + ENTITIES_LEAST) * sizeof *engine->entities);
	*engine->entities++ = (struct entity){0};
}

static void entities_grow(struct sim_engine *engine)
{
	size_t used = 1 + (size_t)engine->n_entities, room = 2 * (size_t)engine->entities_room;

	assert(room <= ENTITIES_MOST);
	engine->entities = sim_memory_grow(engine->entities - 1, used * sizeof *engine->entities,
					   (1 + room) * sizeof *engine->entities);
	engine->entities++;
	engine->entities_room = (uint32_t)room;
}

struct sim_engine *sim_engine_new(void)
{
	struct sim_engine *engine = g_new0(struct sim_engine, 1);

	engine->queue = sim_event_queue_new();
	entities_new(engine);
	sim_timers_init(&engine->timers);
	return engine;
}

void sim_engine_free(struct sim_engine *engine)
{
	if (engine == NULL)
		return;
	sim_event_queue_free(engine->queue);
	sim_timers_clear(&engine->timers);
	free(engine->entities - 1);
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
	if (engine->n_entities == engine->entities_room)
		entities_grow(engine);
	*entity_at(engine, engine->n_entities) =
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
	__builtin_prefetch(entity_at(engine, entity), 1);
}

void sim_engine_place(struct sim_engine *engine, uint32_t entity, void *state)
{
	assert(entity < engine->n_entities);
	entity_at(engine, entity)->state = state;
}

sim_time sim_engine_now(const struct sim_engine *engine)
{
	return engine->now;
}

/* ---- sending ---- */

/* How often the entity has sent something so far. */
static inline uint32_t take_seq(struct sim_engine *engine, uint32_t sender)
{
	uint32_t seq = entity_at(engine, sender)->sent++;

	assert(seq != UINT32_MAX); /* the next one would not be unique */
	return seq;
}

static inline void send(struct sim_engine *engine, uint32_t sender, uint32_t receiver, sim_time at, uint8_t kind,
			uint32_t payload, uint8_t type, uint16_t length)
{
	assert(at >= engine->now && sender < engine->n_entities && receiver < engine->n_entities);
	sim_event_queue_push(engine->queue, &(struct sim_event){
						.time = at < SIM_HORIZON ? at : SIM_HORIZON,
						.sender = sender,
						.seq = take_seq(engine, sender),
						.receiver = receiver,
						.payload = payload,
						.length = length,
						.kind = kind,
						.type = type,
					    });
}

/* All that a push does most often is done in one place. */
__attribute__((flatten)) void sim_engine_send_message(struct sim_engine *engine, uint32_t sender, uint32_t receiver,
						      sim_time at, uint8_t kind, uint32_t payload, uint8_t type,
						      uint16_t length)
{
	send(engine, sender, receiver, at, kind, payload, type, length);
}

__attribute__((flatten)) void sim_engine_send(struct sim_engine *engine, uint32_t sender, uint32_t receiver,
					      sim_time at, uint8_t kind, uint32_t payload)
{
	send(engine, sender, receiver, at, kind, payload, 0, 0);
}

/* ---- timers ---- */

/* Lets a timer be one of the pending events. */
static void timer_to_queue(struct sim_engine *engine, uint32_t number)
{
	const struct sim_timer *timer = sim_timers_at(&engine->timers, number);

	sim_event_queue_push(engine->queue, &(struct sim_event){
						.time = timer->due,
						.sender = timer->entity,
						.seq = timer->seq,
						.receiver = TIMERS,
						.payload = number,
						.kind = timer->kind,
					    });
}

/* Those of the next tick that has any. */
static void timers_to_queue(struct sim_engine *engine)
{
	for (uint32_t i = sim_timers_take(&engine->timers), next; i != 0; i = next) {
		next = sim_timers_at(&engine->timers, i)->next;
		timer_to_queue(engine, i);
	}
}

uint32_t sim_engine_set_timer(struct sim_engine *engine, uint32_t entity, sim_time at, uint8_t kind, uint32_t payload)
{
	assert(at >= engine->now && entity < engine->n_entities);
	uint32_t number = sim_timers_add(&engine->timers, engine->now,
					 &(struct sim_timer){
					     .due = at < SIM_HORIZON ? at : SIM_HORIZON,
					     .entity = entity,
					     .seq = take_seq(engine, entity),
					     .payload = payload,
					     .kind = kind,
					 });

	if (sim_timers_at(&engine->timers, number)->state == SIM_TIMER_PENDING)
		timer_to_queue(engine, number);
	return number;
}

void sim_engine_withdraw_timer(struct sim_engine *engine, uint32_t timer)
{
	sim_timers_withdraw(&engine->timers, timer);
}

sim_time sim_engine_timer_due(const struct sim_engine *engine, uint32_t timer)
{
	return sim_timers_at(&engine->timers, timer)->due;
}

/* Makes what its entity sent itself of an event that happens to TIMERS. False: it has been withdrawn. */
static bool timer_comes(struct sim_engine *engine, struct sim_event *event)
{
	const struct sim_timer timer = sim_timers_release(&engine->timers, event->payload);

	event->receiver = timer.entity;
	event->payload = timer.payload;
	return timer.state == SIM_TIMER_PENDING;
}

/* ---- running ---- */

/* Among many entities each event finds its receiver, and then that one's state, far away in memory: ask for both in
 * time. (Inlined always: the compiler takes a function that only prefetches for one without effect, and drops its
 * calls.) */
static inline __attribute__((always_inline)) void fetch_ahead(const struct sim_engine *engine)
{
	struct sim_coming coming;

	if (sim_event_queue_hint(engine->queue, FETCH_ENTITY, &coming))
		__builtin_prefetch(entity_at(engine, coming.receiver), 1);
	if (sim_event_queue_hint(engine->queue, FETCH_STATE, &coming))
		__builtin_prefetch(entity_at(engine, coming.receiver)->state, 1);
	if (sim_event_queue_hint(engine->queue, FETCH_MORE, &coming)) {
		const struct entity *entity = entity_at(engine, coming.receiver);
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
	assert(entity_at(engine, entity)->state != NULL);
}

/* For an event whose receiver is not there: has a timer ring, or the entity built. False: a timer that was withdrawn.
 */
static bool find_receiver(struct sim_engine *engine, struct sim_event *event)
{
	if (event->receiver == TIMERS && !timer_comes(engine, event))
		return false;
	if (entity_at(engine, event->receiver)->state == NULL)
		build(engine, event->receiver);
	return true;
}

/* Nothing is left to happen. */
static bool is_idle(const struct sim_engine *engine)
{
	return engine->timers.n_parked == 0 && sim_event_queue_size(engine->queue) == engine->timers.n_withdrawn;
}

enum sim_end sim_engine_run(struct sim_engine *engine, sim_time limit, const volatile int *stop)
{
	sim_time last = limit < SIM_HORIZON ? limit : SIM_HORIZON - 1;

	assert(limit >= engine->now);
	for (uint64_t i = 0; i % STOP_EVERY != 0 || stop == NULL || *stop == 0; i++) {
		struct sim_event event;

		if (!sim_event_queue_pop(engine->queue, MIN(last, engine->timers.quiet), &event)) {
			if (engine->timers.quiet < last) {
				timers_to_queue(engine);
				continue;
			}
			if (is_idle(engine))
				return SIM_END_IDLE;
			engine->now = last;
			return last == limit ? SIM_END_LIMIT : SIM_END_HORIZON;
		}
		const struct entity *entity = entity_at(engine, event.receiver);

		fetch_ahead(engine);
		engine->now = event.time;
		if (G_UNLIKELY(entity->state == NULL)) {
			if (!find_receiver(engine, &event))
				continue;
			entity = entity_at(engine, event.receiver);
		}
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

	while (engine->timers.n_parked > 0)
		timers_to_queue(engine);
	while (sim_event_queue_pop(engine->queue, SIM_NEVER, &event))
		if (event.receiver != TIMERS || timer_comes(engine, &event))
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
