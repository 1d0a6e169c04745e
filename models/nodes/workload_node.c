#include "models/nodes/workload_node.h"

#include <assert.h>

#include "sim/kernel/variate.h"

enum { APART = 3 }; /* arrivals between two steps of fetching what a coming one needs, far away in memory */

static void plan_storm(struct workload_node *node, struct world *world, uint32_t n, sim_time window, uint8_t purpose)
{
	const struct sim_variate uniform = {SIM_UNIFORM, 0, (double)window, 0};

	*node = (struct workload_node){.world = world, .n = n, .arrivals = ARRIVALS_STORM};
	node->planned = g_new(struct sim_timed, n);
	for (uint32_t i = 0; i < n; i++) {
		struct sim_address address = {.entity = world->devices[i].number, .purpose = purpose};
		struct sim_stream stream = sim_stream_at(&world->random, &address);

		node->planned[i] = (struct sim_timed){sim_variate_duration(&uniform, &stream), i};
	}
	sim_sort_timed(node->planned, n); /* at the same time: in order of the devices */
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
	*node = (struct workload_node){.world = world, .n = n, .arrivals = ARRIVALS_TRACE, .planned = arrivals};
}

void workload_node_clear(struct workload_node *node)
{
	g_free(node->planned);
}

static void fetch_ahead(const struct workload_node *node)
{
	const struct world *world = node->world;

	for (unsigned step = 0; step < WORLD_FETCHES; step++) {
		uint64_t coming = node->next + (WORLD_FETCHES - step) * APART;

		if (coming < node->n)
			world->fetch(world->context, node->planned[coming].item, step);
	}
}

/* Decides on the next arrival and wakes up for it. Arrival k of a Poisson process has an address of its own. */
static void schedule(struct workload_node *node)
{
	struct world *world = node->world;
	sim_time at = 0;

	if (node->arrivals != ARRIVALS_POISSON) {
		if (node->next == node->n)
			return;
		fetch_ahead(node);
		at = node->planned[node->next].time;
		node->next_device = node->planned[node->next].item;
	} else {
		if (node->n == 0)
			return;
		const struct sim_variate gap = {SIM_EXPONENTIAL, node->mean_gap_ns, 0, 0};
		struct sim_address address = {.item = node->next, .purpose = PURPOSE_ARRIVAL};
		struct sim_stream stream = sim_stream_at(&world->random, &address);

		at = sim_engine_now(world->engine) + sim_variate_duration(&gap, &stream);
		node->next_device = (uint32_t)sim_stream_below(&stream, node->n);
	}
	node->next++;
	sim_engine_send(world->engine, node->entity, node->entity, at, EVENT_NEXT, 0);
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
	schedule(node);
	return true;
}
