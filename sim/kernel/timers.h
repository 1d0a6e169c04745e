/* Timers that have been set. Until the tick of time comes in which it is due, a timer is parked in that tick's list,
 * apart from the pending events, so that setting and withdrawing one takes the same few steps however many there are
 * (a timing wheel: Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987). Internal to engine.c.
 *
 * For each of 100 000 PNEs that take their EUKeys in 100 s two timers of three seconds are set, and withdrawn after
 * 150 ms. While they stayed among the pending events, to be let go when they came too late, 5 444 of these were
 * pending at the most, not 205, and a run took 1.10 times as long. */
#ifndef SIM_KERNEL_TIMERS_H
#define SIM_KERNEL_TIMERS_H

#include <stdint.h>

#include "sim/kernel/vtime.h"

enum {
	SIM_TICK_BITS = 27, /* of time: 134 ms */
	SIM_TICKS = 1024,   /* until a list's turn comes again: 137 s */
};

enum sim_timer_state {
	SIM_TIMER_FREE,
	SIM_TIMER_PARKED,
	SIM_TIMER_PENDING,   /* is among the pending events */
	SIM_TIMER_WITHDRAWN, /* still is */
};

/* Half a cache line. */
struct sim_timer {
	sim_time due;
	uint32_t entity, seq; /* of the event that it is */
	uint32_t payload;
	uint32_t next, prev; /* in its list; 0: none. A free one: the next free one */
	uint8_t kind;
	uint8_t state; /* enum sim_timer_state */
};

struct sim_timers {
	sim_time quiet;        /* no timer is parked that is due up to then */
	struct sim_timer *all; /* by number; 0 is none */
	uint32_t n, room, free;
	uint32_t n_parked, n_withdrawn;
	uint32_t lists[SIM_TICKS];         /* the first timer of each tick, modulo their number */
	uint64_t occupied[SIM_TICKS / 64]; /* a bit for each list */
};

void sim_timers_init(struct sim_timers *timers);
void sim_timers_clear(struct sim_timers *timers);

static inline const struct sim_timer *sim_timers_at(const struct sim_timers *timers, uint32_t number)
{
	return &timers->all[number];
}

/* Copies *timer and returns its number. If it is due after the tick of `now`, which is not after `quiet`, it is
 * parked; else it is SIM_TIMER_PENDING, which the caller must make true. */
uint32_t sim_timers_add(struct sim_timers *timers, sim_time now, const struct sim_timer *timer);

/* Of one that is parked, which is no more, or pending, whose event is dropped when it comes. Asserted. */
void sim_timers_withdraw(struct sim_timers *timers, uint32_t number);

/* The event has come: returns what the timer was, pending or withdrawn. It is no more. */
struct sim_timer sim_timers_release(struct sim_timers *timers, uint32_t number);

/* To be called when time has come to `quiet`, which is not SIM_NEVER: moves that on, over the next tick. Returns the
 * first of the timers that are due in it, which are SIM_TIMER_PENDING then, or 0; the others by `next`. */
uint32_t sim_timers_take(struct sim_timers *timers);

#endif
