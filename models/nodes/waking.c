#include "models/nodes/waking.h"

#include "sim/kernel/variate.h"

void waking_plan(struct world *world, uint32_t device, uint32_t sender)
{
	const struct device *d = &world->devices[device];
	struct sim_address address = {
	    .entity = d->number, .item = world->wakings[device].wakes++, .purpose = PURPOSE_WAKING};
	struct sim_stream stream = sim_stream_at(&world->random, &address);
	sim_time interval = sim_variate_duration(world->wake_interval, &stream);

	sim_engine_send(world->engine, sender, d->entity,
			sim_engine_now(world->engine) + (interval > 0 ? interval : 1), EVENT_WAKE, device);
}

bool waking_ended(struct world *world, uint32_t device, uint32_t sender)
{
	if (world->wakings == NULL)
		return true;
	struct waking *w = &world->wakings[device];
	bool wanted = !w->busy;

	w->busy = false;
	if (w->wakes == 0)
		waking_plan(world, device, sender);
	return wanted;
}

void waking_want(struct world *world, uint32_t device, bool needs_key)
{
	const struct device *d = &world->devices[device];

	sim_engine_send(world->engine, d->entity, world_user_of(world, device), sim_engine_now(world->engine),
			needs_key ? EVENT_WANTS_KEY : EVENT_WANTS_USE, device);
}
