#include "models/nodes/node_timer.h"

void node_timer_set(struct world *world, struct node_timer *timer, uint32_t entity, uint32_t payload,
		    sim_time deadline)
{
	struct sim_engine *engine = world->engine;

	if (deadline == SIM_NEVER && timer->set == 0)
		return;
	sim_time at = MAX(deadline, sim_engine_now(engine));

	if (timer->set != 0) {
		if (sim_engine_timer_due(engine, timer->set) == at)
			return;
		sim_engine_withdraw_timer(engine, timer->set);
	}
	timer->set = deadline == SIM_NEVER ? 0 : sim_engine_set_timer(engine, entity, at, EVENT_TIMER, payload);
}

void node_timer_came(struct node_timer *timer)
{
	timer->set = 0;
}
