#include "models/nodes/workload_node.h"

#include <assert.h>

#include "sim/kernel/variate.h"

enum { APART = 3 }; /* arrivals between two steps of fetching what a coming one needs, far away in memory */

static void keep_plan(struct workload_node *node, struct world *world, enum arrivals arrivals,
		      struct sim_timed *planned, uint32_t n)
{
	*node = (struct workload_node){.world = world, .n = n, .arrivals = arrivals, .planned = planned, .room = n};
	for (uint32_t i = 0; i < n / 2; i++) {
		struct sim_timed first = planned[i];

		planned[i] = planned[n - 1 - i];
		planned[n - 1 - i] = first;
	}
}

static void plan_storm(struct workload_node *node, struct world *world, uint32_t n, sim_time window, uint8_t purpose)
{
	const struct sim_variate uniform = {SIM_UNIFORM, 0, (double)window, 0};
	struct sim_timed *planned = g_new(struct sim_timed, n);

	for (uint32_t i = 0; i < n; i++) {
		struct sim_address address = {.entity = world->devices[i].number, .purpose = purpose};
		struct sim_stream stream = sim_stream_at(&world->random, &address);

		planned[i] = (struct sim_timed){sim_variate_duration(&uniform, &stream), i};
	}
	sim_sort_timed(planned, n); /* at the same time: in order of the devices */
	keep_plan(node, world, ARRIVALS_STORM, planned, n);
}

void workload_node_storm(struct workload_node *node, struct world *world, uint32_t n, sim_time window)
{
	plan_storm(node, world, n, window, PURPOSE_ARRIVAL);
}

void workload_node_surge(struct workload_node *node, struct world *world, uint32_t n, sim_time window)
{
	plan_storm(node, world, n, window, PURPOSE_SURGE);
}

void workload_node_poisson(struct workload_node *node, struct world *world, uint32_t n, double per_second)
{
	*node = (struct workload_node){
	    .world = world, .n = n, .arrivals = ARRIVALS_POISSON, .mean_gap_ns = (double)SIM_S / per_second};
}

void workload_node_trace(struct workload_node *node, struct world *world, struct sim_timed *arrivals, uint32_t n)
{
	keep_plan(node, world, ARRIVALS_TRACE, arrivals, n);
}

void workload_node_clear(struct workload_node *node)
{
	g_free(node->planned);
}

static void fetch_ahead(const struct workload_node *node)
{
	const struct world *world = node->world;

	for (unsigned step = 0; step < WORLD_FETCHES; step++) {
		uint32_t ahead = (WORLD_FETCHES - step) * APART;

		if (ahead < node->n)
			world->fetch(world->context, node->planned[node->n - 1 - ahead].item, step);
	}
}

/* Decides on the next arrival and wakes up for it. Arrival k of a Poisson process has an address of its own. */
static void schedule(struct workload_node *node)
{
	struct world *world = node->world;
	sim_time at = 0;

	if (node->arrivals != ARRIVALS_POISSON) {
		if (node->n == 0)
			return;
		fetch_ahead(node);
		at = node->planned[node->n - 1].time;
		node->next_device = node->planned[node->n - 1].item;
	} else {
		if (node->n == 0)
			return;
		const struct sim_variate gap = {SIM_EXPONENTIAL, node->mean_gap_ns, 0, 0};
		struct sim_address address = {.item = node->next, .purpose = PURPOSE_ARRIVAL};
		struct sim_stream stream = sim_stream_at(&world->random, &address);

		at = sim_engine_now(world->engine) + sim_variate_duration(&gap, &stream);
		node->next_device = (uint32_t)sim_stream_below(&stream, node->n);
		node->next++;
	}
	sim_engine_send(world->engine, node->entity, node->entity, at, EVENT_NEXT, 0);
}

/* A planned arrival has happened. When half of the plan is over, its memory is given back. */
static void cross_off(struct workload_node *node)
{
	if (--node->n > node->room / 2 || node->n == 0)
		return;
	node->room = node->n;
	node->planned = g_renew(struct sim_timed, node->planned, node->room);
}

void workload_node_begin(struct workload_node *node)
{
	schedule(node);
}

bool workload_node_handle(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct workload_node *node = state;
	uint32_t device = node->next_device;

	assert(event->kind == EVENT_NEXT);
	sim_engine_send(engine, node->entity, world_user_of(node->world, device), event->time, EVENT_ARRIVAL, device);
	if (node->arrivals != ARRIVALS_POISSON)
		cross_off(node);
	schedule(node);
	return true;
}
