#include "models/nodes/node_timer.h"

void node_timer_arm(struct world *world, struct node_timer *timer, uint32_t entity, uint32_t payload,
		    sim_time deadline)
{
	sim_time now = sim_engine_now(world->engine);

	if (deadline < now)
		deadline = now;
	if (deadline >= timer->armed)
		return;
	timer->armed = deadline;
	sim_engine_send(world->engine, entity, entity, deadline, EVENT_TIMER, payload);
}

bool node_timer_due(struct world *world, struct node_timer *timer, uint32_t entity, uint32_t payload,
		    sim_time deadline)
{
	sim_time now = sim_engine_now(world->engine);

	if (timer->armed == now)
		timer->armed = SIM_NEVER;
	if (deadline <= now)
		return true;
	node_timer_arm(world, timer, entity, payload, deadline);
	return false;
}
