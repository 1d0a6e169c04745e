#include "models/nodes/world.h"

#include <assert.h>
#include <endian.h>

#include "models/protocol/copy.h"

void world_observe(const struct world *world, const struct observation *seen)
{
	if (world->observer != NULL)
		world->observer->handled(world->observer->self, seen);
}

void world_draws_for(struct world *world, uint64_t node, uint32_t device)
{
	struct device *d = &world->devices[device];

	world->drawing.entity = node;
	world->drawing.item = d->number;
	d->agrees = false;
}

uint32_t world_user_of(const struct world *world, uint32_t device)
{
	return world->first_user_entity + world->devices[device].user;
}

void world_random(void *host, enum cpns_draw what, uint32_t exchange, uint16_t index, uint8_t *out, size_t n)
{
	const struct world *world = host;
	struct sim_address address = {.entity = world->drawing.entity,
				      .item = world->drawing.item,
				      .ordinal = exchange,
				      .part = index,
				      .purpose = PURPOSE_PROTOCOL,
				      .type = (uint8_t)what};
	uint64_t word[SIM_STREAM_WORDS];

	assert(n <= sizeof(word));
	sim_stream_first(&world->random, &address, word);
	for (size_t i = 0; i < SIM_STREAM_WORDS; i++)
		word[i] = htole64(word[i]);
	cpns_copy(out, (const uint8_t *)word, n);
	if (what == CPNS_DRAW_KEY && world->observer != NULL)
		world->observer->created(world->observer->self, address.item, out);
}

/* An assignment has completed or failed: its device is free for the next one from `at` on. */
static void tell_user(struct world *world, uint32_t assignment, sim_time at, uint32_t sender)
{
	const struct assignment *a = ledger_at(&world->ledger, assignment);
	uint32_t device = a->device;

	/* who has just used a key that the server took agrees with it */
	if (!a->use || a->state != ASSIGNMENT_COMPLETED)
		world->judge(world->context, assignment);
	sim_engine_send(world->engine, sender, world_user_of(world, device), at, EVENT_ENDED, device);
}

uint32_t world_begin(struct world *world, uint32_t device, uint32_t ordinal)
{
	world->begin(world->context, device);
	hop_counts_hold(world, device);
	return ledger_start(&world->ledger, device, ordinal, world->devices[device].flow,
			    sim_engine_now(world->engine));
}

uint32_t world_begin_use(struct world *world, uint32_t device, uint32_t k)
{
	hop_counts_hold(world, device);
	return ledger_start_use(&world->ledger, device, k, world->devices[device].flow,
				sim_engine_now(world->engine));
}

void world_working(struct world *world, uint32_t assignment, enum worker worker, bool active, uint32_t sender)
{
	if (assignment == NO_ASSIGNMENT)
		return;
	const struct assignment *a = ledger_at(&world->ledger, assignment);

	if (((a->workers & worker) != 0) == active) /* as it was, mostly */
		return;
	sim_time now = sim_engine_now(world->engine);
	bool before = a->workers != 0, failed = ledger_working(&world->ledger, assignment, worker, active, now);
	bool after = a->workers != 0;

	if (after && !before)
		hop_counts_hold(world, a->device);
	if (before && !after)
		hop_counts_let_go(world, a->device);
	if (failed)
		tell_user(world, assignment, now, sender);
}

void world_stored(struct world *world, uint32_t assignment, sim_time at, uint32_t sender)
{
	if (ledger_stored(&world->ledger, assignment, at))
		tell_user(world, assignment, at, sender);
}
