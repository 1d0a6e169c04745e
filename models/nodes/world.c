#include "models/nodes/world.h"

enum {
	LATE = 0x8000
}; /* attempts from here on belong to messages of an assignment that has been followed by another */

void world_draws_for(struct world *world, uint64_t node, uint64_t device)
{
	world->drawing = (struct sim_address){.entity = node, .item = device, .purpose = PURPOSE_PROTOCOL};
}

void world_random(void *host, enum cpns_draw what, uint32_t exchange, uint16_t index, uint8_t *out, size_t n)
{
	const struct world *world = host;
	struct sim_address address = world->drawing;

	address.ordinal = exchange;
	address.part = index;
	address.type = (uint8_t)what;
	struct sim_stream stream = sim_stream_at(&world->random, &address);

	sim_stream_bytes(&stream, out, n);
}

/* An assignment has completed or failed: its device is free for the next one from `at` on. */
static void tell_user(struct world *world, uint32_t assignment, sim_time at, uint32_t sender)
{
	uint32_t device = ledger_at(&world->ledger, assignment)->device;

	world->judge(world->context, device);
	sim_engine_send(world->engine, sender, world->devices[device].user_entity, at, EVENT_ENDED, device);
}

void world_working(struct world *world, uint32_t assignment, enum worker worker, bool active, uint32_t sender)
{
	sim_time now = sim_engine_now(world->engine);

	if (assignment != NO_ASSIGNMENT && ledger_working(&world->ledger, assignment, worker, active, now))
		tell_user(world, assignment, now, sender);
}

void world_stored(struct world *world, uint32_t assignment, sim_time at, uint32_t sender)
{
	if (ledger_stored(&world->ledger, assignment, at))
		tell_user(world, assignment, at, sender);
}

sim_time node_cpu_charge(struct world *world, struct node_cpu *cpu, enum node_kind kind, const struct cpns_ops *ops)
{
	sim_time now = sim_engine_now(world->engine), cost = cost_of(cpu->profile, ops);

	ledger_charge(&world->ledger, kind, ops, cost, now);
	cpu->busy_until = (cpu->busy_until > now ? cpu->busy_until : now) + cost;
	if (cpu->busy_until > SIM_HORIZON)
		cpu->busy_until = SIM_HORIZON;
	return cpu->busy_until;
}

void node_timer_arm(struct world *world, struct node_timer *timer, uint32_t entity, uint32_t payload,
		    sim_time deadline)
{
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

/* Which message of its kind is this? */
static uint16_t count(struct hop_counts *counts, uint32_t assignment, uint8_t type)
{
	if (assignment < counts->assignment)
		return (uint16_t)(LATE | counts->late++);
	if (assignment > counts->assignment)
		*counts = (struct hop_counts){.assignment = assignment, .late = counts->late};
	return counts->count[type]++;
}

struct sim_address hop_address(struct world *world, struct hop_counts *counts, enum purpose purpose, uint64_t gateway,
			       struct packet *packet)
{
	const struct assignment *a = ledger_at(&world->ledger, packet->assignment);

	packet->attempt = count(counts, packet->assignment, packet->type);
	return (struct sim_address){
	    .entity = gateway,
	    .item = world->devices[a->device].number,
	    .ordinal = a->ordinal,
	    .attempt = packet->attempt,
	    .purpose = (uint8_t)purpose,
	    .type = packet->type,
	};
}
