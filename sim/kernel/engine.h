/* The engine: entities, the pending events between them, virtual time, and the fingerprint of what happened.
 *
 * An entity is an addressable simulated thing with its own state; all influence on it travels as events. The engine
 * calls the receiver's handler for each event in the total order of event_queue.h. One run, one thread; no clock. */
#ifndef SIM_KERNEL_ENGINE_H
#define SIM_KERNEL_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/kernel/event_queue.h"
#include "sim/kernel/fingerprint.h"
#include "sim/kernel/vtime.h"

struct sim_engine;

/* Handles one event of the entity whose `state` was given to sim_engine_add. Returns false if the event changed
 * nothing (a restart of who has nothing to do): such an event is left out of the fingerprint and of the count. */
typedef bool sim_handler(void *state, struct sim_engine *engine, const struct sim_event *event);

/* A new engine at time 0 without entities; the caller's to free. */
struct sim_engine *sim_engine_new(void);
void sim_engine_free(struct sim_engine *engine);

/* Adds an entity and returns its number: 0, 1, 2, ... `state` stays the caller's. Equal times are ordered by these
 * numbers, so add entities in an order that the model defines, never in one that a file or a table happens to have.
 * At most 16 different handlers, and 2^30 entities. */
uint32_t sim_engine_add(struct sim_engine *engine, sim_handler *handler, void *state);

/* An entity to which nothing has happened yet needs no state: one that was added with NULL is built when its first
 * event is due. `build` is then called with its number, and must place its state (asserted); it may place others' in
 * passing, but add no entity. What is built late must be what would have been built at the start. Placing NULL takes
 * an entity's state away, which must not be that of the event being handled: it is built anew. */
typedef void sim_builder(void *context, uint32_t entity);
void sim_engine_build_with(struct sim_engine *engine, sim_builder *build, void *context);
void sim_engine_place(struct sim_engine *engine, uint32_t entity, void *state);

/* Asks for the memory that an event will need of an entity with that state, which is in the cache. Changes nothing.
 */
typedef void sim_fetcher(const void *state, const struct sim_coming *coming);

/* To be called shortly before many of the events that `handler` handles: with the state, in place by then, of an
 * entity that was added with it. */
void sim_engine_fetch_with(struct sim_engine *engine, sim_handler *handler, sim_fetcher *fetcher);

/* Something will happen to that entity soon: fetches what the engine knows of it. Changes nothing. */
void sim_engine_fetch(const struct sim_engine *engine, uint32_t entity);

sim_time sim_engine_now(const struct sim_engine *engine);

/* Sends an event from `sender` to `receiver` at time `at`, not before now (asserted, as are both numbers), and at
 * SIM_HORIZON if that is earlier. It carries a message of `length` octets and protocol type `type`. */
void sim_engine_send_message(struct sim_engine *engine, uint32_t sender, uint32_t receiver, sim_time at, uint8_t kind,
			     uint32_t payload, uint8_t type, uint16_t length);

/* The same for an event that carries none. */
void sim_engine_send(struct sim_engine *engine, uint32_t sender, uint32_t receiver, sim_time at, uint8_t kind,
		     uint32_t payload);

/* Sets a timer: an event from `entity` to itself at time `at`, as of sim_engine_send, that can be withdrawn until it
 * happens, as most timers are: setting and withdrawing cost the same however many are set, and what was withdrawn
 * wakes nobody, though time may pass to where it was due if that was near. Returns its number, never 0, which is good
 * until the handler gets the event or it is withdrawn; what is used later is another's, or nobody's (asserted). */
uint32_t sim_engine_set_timer(struct sim_engine *engine, uint32_t entity, sim_time at, uint8_t kind,
			      uint32_t payload);
void sim_engine_withdraw_timer(struct sim_engine *engine, uint32_t timer);

/* When that timer is due. */
sim_time sim_engine_timer_due(const struct sim_engine *engine, uint32_t timer);

enum sim_end {
	SIM_END_IDLE,    /* nothing was left to do */
	SIM_END_LIMIT,   /* the next event lies after the limit; time stands at the limit */
	SIM_END_STOPPED, /* *stop was set */
	SIM_END_HORIZON, /* the next event lies at SIM_HORIZON: beyond what virtual time is for */
};

/* Handles events until none is left, the next one lies after `limit`, or *stop is non-zero (looked at every few
 * thousand events; NULL: never). Can be called again with a later limit. */
enum sim_end sim_engine_run(struct sim_engine *engine, sim_time limit, const volatile int *stop);

/* Hands every event that is still pending to `visit`, in order, and forgets it; for balances at the end of a run. */
void sim_engine_drain(struct sim_engine *engine, void (*visit)(void *context, const struct sim_event *event),
		      void *context);

uint64_t sim_engine_handled(const struct sim_engine *engine);      /* events, those that changed nothing left out */
uint64_t sim_engine_pending_peak(const struct sim_engine *engine); /* at the most; timers when they are near */
const struct sim_fingerprint *sim_engine_fingerprint(const struct sim_engine *engine);

#endif
