#include "models/nodes/node_restart.h"

/* However short the intervals that a distribution yields: a node that does nothing but restart would stop time. */
static const sim_time SHORTEST = SIM_MS;

static void draw_next(const struct world *world, enum node_kind kind, struct node_restart *r, uint64_t number)
{
	struct sim_address address = {.entity = number, .item = r->k, .purpose = PURPOSE_RESTART};
	struct sim_stream stream = sim_stream_at(&world->random, &address);
	sim_time interval = sim_variate_duration(world->restarts[kind].interval, &stream);

	if (interval < SHORTEST)
		interval = SHORTEST;
	r->next = r->next < SIM_HORIZON - interval ? r->next + interval : SIM_NEVER;
	r->k++;
}

void node_restart_begin(struct world *world, enum node_kind kind, const struct sim_variate *interval, uint32_t n,
			const uint64_t *numbers)
{
	struct node_restarts *all = &world->restarts[kind];

	*all = (struct node_restarts){interval, g_new0(struct node_restart, n)};
	for (uint32_t i = 0; i < n; i++) {
		all->of[i].armed = SIM_NEVER;
		draw_next(world, kind, &all->of[i], numbers[i]);
	}
}

bool node_restart_due(struct world *world, enum node_kind kind, uint32_t index, uint64_t number)
{
	struct node_restarts *all = &world->restarts[kind];

	struct node_restart *r = &all->of[index];
	sim_time now = sim_engine_now(world->engine);
	bool due = false;

	if (r->armed <= now)
		r->armed = SIM_NEVER;
	for (; r->next <= now; due = true)
		draw_next(world, kind, r, number);
	return due;
}

void node_restart_arm(struct world *world, enum node_kind kind, uint32_t index, uint32_t entity)
{
	struct node_restarts *all = &world->restarts[kind];
	struct node_restart *r = all->of != NULL ? &all->of[index] : NULL;

	if (r == NULL || r->armed != SIM_NEVER || r->next == SIM_NEVER)
		return;
	r->armed = r->next;
	sim_engine_send(world->engine, entity, entity, r->next, EVENT_RESTART, 0);
}
