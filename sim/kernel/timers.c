#include "sim/kernel/timers.h"

#include <assert.h>
#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>

#include "sim/kernel/memory.h"

enum {
	TIMERS_LEAST = 64, /* room for them */
	WORD_BITS = 64,
};

void sim_timers_init(struct sim_timers *timers)
{
	*timers = (struct sim_timers){.n = 1, .quiet = SIM_NEVER};
}

void sim_timers_clear(struct sim_timers *timers)
{
	free(timers->all);
}

/* ---- their numbers ---- */

static uint32_t number_new(struct sim_timers *t)
{
	if (t->n >= t->room) {
		size_t room = MAX(2 * (size_t)t->room, TIMERS_LEAST);

		assert(room <= UINT32_MAX);
		t->all = sim_memory_grow(t->all, t->room * sizeof *t->all, room * sizeof *t->all);
		t->room = (uint32_t)room;
	}
	return t->n++;
}

static uint32_t number_take(struct sim_timers *t)
{
	uint32_t number = t->free;

	if (number == 0)
		return number_new(t);
	t->free = t->all[number].next;
	return number;
}

static void number_release(struct sim_timers *t, uint32_t number)
{
	t->all[number].state = SIM_TIMER_FREE;
	t->all[number].next = t->free;
	t->free = number;
}

/* ---- the lists ---- */

static uint64_t tick_of(sim_time time)
{
	return (uint64_t)time >> SIM_TICK_BITS;
}

/* The last moment before a tick. */
static sim_time last_before(uint64_t tick)
{
	return (sim_time)(tick << SIM_TICK_BITS) - 1;
}

static void mark(struct sim_timers *t, uint64_t tick, bool occupied)
{
	uint64_t bit = UINT64_C(1) << (tick % WORD_BITS), *word = &t->occupied[tick % SIM_TICKS / WORD_BITS];

	*word = occupied ? *word | bit : *word & ~bit;
}

static void park(struct sim_timers *t, uint32_t number)
{
	uint64_t tick = tick_of(t->all[number].due);
	uint32_t *list = &t->lists[tick % SIM_TICKS], next = *list;

	t->all[number].state = SIM_TIMER_PARKED;
	t->all[number].next = next;
	t->all[number].prev = 0;
	if (next != 0)
		t->all[next].prev = number;
	else
		mark(t, tick, true);
	*list = number;
	t->n_parked++;
	t->quiet = MIN(t->quiet, last_before(tick));
}

static void unpark(struct sim_timers *t, const struct sim_timer *timer)
{
	uint64_t tick = tick_of(timer->due);

	if (timer->next != 0)
		t->all[timer->next].prev = timer->prev;
	if (timer->prev != 0)
		t->all[timer->prev].next = timer->next;
	else
		t->lists[tick % SIM_TICKS] = timer->next;
	if (timer->next == 0 && timer->prev == 0)
		mark(t, tick, false);
	t->n_parked--;
}

/* The first tick after this one whose list has timers; one has. */
static uint64_t next_occupied(const struct sim_timers *t, uint64_t tick)
{
	for (tick++;; tick += WORD_BITS - tick % WORD_BITS) {
		uint64_t bits = t->occupied[tick % SIM_TICKS / WORD_BITS] >> (tick % WORD_BITS);

		if (bits != 0)
			return tick + (unsigned)__builtin_ctzll(bits);
	}
}

/* ---- the interface ---- */

uint32_t sim_timers_add(struct sim_timers *timers, sim_time now, const struct sim_timer *timer)
{
	uint32_t number = number_take(timers);

	timers->all[number] = *timer;
	if (tick_of(timer->due) > tick_of(now))
		park(timers, number);
	else
		timers->all[number].state = SIM_TIMER_PENDING;
	return number;
}

void sim_timers_withdraw(struct sim_timers *timers, uint32_t number)
{
	assert(number != 0 && number < timers->n);
	struct sim_timer *timer = &timers->all[number];

	if (timer->state == SIM_TIMER_PARKED) {
		unpark(timers, timer);
		number_release(timers, number);
	} else {
		assert(timer->state == SIM_TIMER_PENDING);
		timer->state = SIM_TIMER_WITHDRAWN;
		timers->n_withdrawn++;
	}
}

struct sim_timer sim_timers_release(struct sim_timers *timers, uint32_t number)
{
	struct sim_timer timer = timers->all[number];

	timers->n_withdrawn -= timer.state == SIM_TIMER_WITHDRAWN;
	number_release(timers, number);
	return timer;
}

uint32_t sim_timers_take(struct sim_timers *timers)
{
	uint64_t tick = tick_of(timers->quiet + 1);
	uint32_t taken = 0;

	for (uint32_t i = timers->lists[tick % SIM_TICKS], next; i != 0; i = next) {
		struct sim_timer *timer = &timers->all[i];

		next = timer->next;
		if (tick_of(timer->due) != tick) /* when the list's turn comes again, or later */
			continue;
		unpark(timers, timer);
		timer->state = SIM_TIMER_PENDING;
		timer->next = taken;
		taken = i;
	}
	timers->quiet = timers->n_parked > 0 ? last_before(next_occupied(timers, tick)) : SIM_NEVER;
	return taken;
}
