#include "models/nodes/pne_node.h"

#include <assert.h>

#include "models/nodes/node_restart.h"
#include "models/nodes/waking.h"

void pne_node_init(struct pne_node *node, struct world *world, uint32_t device, struct cpns_octets id,
		   const struct cost_profile *profile)
{
	*node = (struct pne_node){
	    .world = world, .cpu = {.profile = profile}, .device = device, .assignment = NO_ASSIGNMENT};
	cpns_pne_init(&node->machine, world->rules, &world->env, id);
}

void pne_node_clear(struct pne_node *node)
{
	cpns_pne_clear(&node->machine);
}

bool pne_node_idle(const struct pne_node *node)
{
	return node->timer.set == 0 && node->cpu.busy_until <= sim_engine_now(node->world->engine);
}

/* To be called before the machine is. */
static void draws_for(struct pne_node *node)
{
	world_draws_for(node->world, node->world->devices[node->device].number, node->device);
}

/* A request that has just begun (the machine has more exchanges than before) belongs to the assignment of what
 * brought it about; what comes late of an earlier one changes nothing in that. */
static void note_work(struct pne_node *node, uint32_t assignment, uint32_t exchanges_before)
{
	uint32_t entity = node->world->devices[node->device].entity;

	if (node->machine.exchanges != exchanges_before && node->assignment != assignment) {
		world_working(node->world, node->assignment, WORKER_PNE, false, entity);
		node->assignment = assignment;
	}
	bool active = cpns_pne_active(&node->machine);

	world_working(node->world, node->assignment, WORKER_PNE, active, entity);
	if (active)
		node_restart_arm(node->world, KIND_PNE, node->device, entity);
}

/* What has become of a use, and whether it is still under way. */
static void note_use(struct pne_node *node, enum cpns_happening happening, sim_time ready)
{
	struct world *world = node->world;
	uint32_t entity = world->devices[node->device].entity;
	uint32_t use = world->wakings != NULL ? world->wakings[node->device].use : NO_ASSIGNMENT;
	bool active = cpns_pne_using(&node->machine);

	if (use == NO_ASSIGNMENT)
		return;
	if (happening == CPNS_USED)
		world_stored(world, use, ready, entity);
	else if (happening == CPNS_USE_REFUSED)
		ledger_refused(&world->ledger, use);
	world_working(world, use, WORKER_PNE, active, entity);
	if (active)
		node_restart_arm(world, KIND_PNE, node->device, entity);
}

static void set_timer(struct pne_node *node)
{
	node_timer_set(node->world, &node->timer, node->world->devices[node->device].entity, 0,
		       cpns_pne_deadline(&node->machine));
}

/* Carries out what the machine reported: charge, message, timer. A key that comes on behalf of a use completes
 * nothing. */
static void carry_out(struct pne_node *node, uint32_t assignment, uint32_t exchanges_before, struct cpns_out *out)
{
	struct world *world = node->world;
	const struct device *device = &world->devices[node->device];
	sim_time ready = node_cpu_charge(world, &node->cpu, KIND_PNE, &out->ops);

	cpns_out_left(out, ready);
	if (out->happening == CPNS_KEY_STORED && !ledger_at(&world->ledger, assignment)->use)
		world_stored(world, assignment, ready, device->entity);
	if (out->to == CPNS_GATEWAY) {
		uint32_t handle = packet_new(&world->packets, assignment, out->bytes, out->length);
		struct packet *packet = packet_at(&world->packets, handle);

		packet->pne = device->pne;
		if (out->deadline != NULL)
			packet->until = *out->deadline;
		sim_engine_send_message(world->engine, device->entity, node->medium, ready, EVENT_SEND_UP, handle,
					packet->type, packet->length);
	}
	if (out->asks)
		ledger_asked(&world->ledger, assignment);
	note_work(node, assignment, exchanges_before);
	note_use(node, out->happening, ready);
	set_timer(node);
}

static void start(struct pne_node *node, uint32_t assignment)
{
	struct world *world = node->world;
	const struct user *user = &world->users[world->devices[node->device].user];
	struct cpns_out out;

	uint32_t exchanges = node->machine.exchanges;

	draws_for(node);
	cpns_out_init(&out);
	cpns_pne_start(&node->machine, sim_engine_now(world->engine), user->id, user->password, &out);
	carry_out(node, assignment, exchanges, &out);
	world_working(world, assignment, WORKER_USER, false, world->devices[node->device].entity);
}

static void use(struct pne_node *node, uint32_t number)
{
	struct world *world = node->world;
	struct cpns_out out;

	uint32_t exchanges = node->machine.exchanges;

	draws_for(node);
	cpns_out_init(&out);
	cpns_pne_use(&node->machine, sim_engine_now(world->engine), &out);
	carry_out(node, number, exchanges, &out);
	world_working(world, number, WORKER_USER, false, world->devices[node->device].entity);
}

static void receive(struct pne_node *node, uint32_t handle)
{
	struct world *world = node->world;
	const struct packet *packet = packet_at(&world->packets, handle);
	uint32_t assignment = packet->assignment;
	struct cpns_out out;

	sim_time now = sim_engine_now(world->engine);

	uint32_t exchanges = node->machine.exchanges;

	draws_for(node);
	cpns_out_init(&out);
	enum cpns_verdict verdict =
	    cpns_pne_on_message(&node->machine, now, packet_bytes(packet), packet->length, &out);

	ledger_judged(&world->ledger, verdict, now);
	world_observe(world, &(struct observation){now, KIND_PNE, node->device, world->devices[node->device].gateway,
						   packet_bytes(packet), packet->length, verdict, &out,
						   node->machine.keyed ? node->machine.eukey : NULL});
	packet_release(&world->packets, handle);
	carry_out(node, assignment, exchanges, &out);
}

static bool wake(struct pne_node *node)
{
	struct world *world = node->world;
	struct cpns_out out;

	if (cpns_pne_deadline(&node->machine) > sim_engine_now(world->engine))
		return false; /* it has just restarted */
	uint32_t assignment = cpns_pne_use_is_due(&node->machine, sim_engine_now(world->engine))
				  ? world->wakings[node->device].use
				  : node->assignment;

	uint32_t exchanges = node->machine.exchanges;

	draws_for(node);
	cpns_out_init(&out);
	cpns_pne_on_time(&node->machine, sim_engine_now(world->engine), &out);
	carry_out(node, assignment, exchanges, &out);
	return true;
}

static bool restarted(struct pne_node *node)
{
	struct world *world = node->world;

	return world->restarts[KIND_PNE].of != NULL &&
	       node_restart_due(world, KIND_PNE, node->device, world->devices[node->device].number);
}

/* What it was doing is given up. */
static void restart(struct pne_node *node)
{
	draws_for(node);
	cpns_pne_restart(&node->machine);
	note_work(node, node->assignment, node->machine.exchanges);
	note_use(node, CPNS_NOTHING, 0);
	set_timer(node);
}

bool pne_node_handle(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	(void)engine;
	struct pne_node *node = state;

	if (event->kind == EVENT_TIMER)
		node_timer_came(&node->timer);
	bool restarts = restarted(node);

	if (restarts)
		restart(node);
	switch (event->kind) {
	case EVENT_RESTART:
		return restarts;
	case EVENT_START:
		start(node, event->payload);
		return true;
	case EVENT_FROM_PAN:
		node->world->ledger.taken[LEG_PAN]++;
		receive(node, event->payload);
		return true;
	case EVENT_INSIDE:
		receive(node, event->payload);
		return true;
	case EVENT_TIMER:
		return wake(node);
	case EVENT_WAKE:
		waking_plan(node->world, node->device, node->world->devices[node->device].entity);
		waking_want(node->world, node->device, cpns_pne_needs_key(&node->machine));
		return true;
	case EVENT_USE:
		use(node, event->payload);
		return true;
	default:
		assert(!"an event for a PNE");
		return false;
	}
}
