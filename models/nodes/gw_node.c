#include "models/nodes/gw_node.h"

#include <assert.h>

#include "models/nodes/leg.h"
#include "models/nodes/node_restart.h"
#include "models/nodes/typing.h"
#include "models/nodes/waking.h"

static struct gw_slot *slot_of(struct gw_node *node, uint32_t entity)
{
	return entity == CPNS_GW_SELF ? &node->self : &node->slots[entity];
}

static uint32_t device_of(const struct gw_node *node, uint32_t entity)
{
	return entity == CPNS_GW_SELF ? node->device : node->first_pne + entity;
}

static void draws_for(struct gw_node *node, uint32_t entity)
{
	world_draws_for(node->world, node->number, device_of(node, entity));
}

/* Gives a packet to the WAN hop. */
static void send_wan(struct gw_node *node, uint32_t handle)
{
	struct world *world = node->world;
	struct packet *packet = packet_at(&world->packets, handle);
	struct leg_way way = {
	    .leg = LEG_WAN,
	    .from = KIND_GATEWAY,
	    .to = KIND_SERVER,
	    .event = EVENT_FROM_WAN,
	    .purpose = PURPOSE_WAN_UP,
	    .own = PURPOSE_WAN_UP_HOP,
	    .link = PURPOSE_WAN_LINK,
	    .gateway = node->number,
	    .hop = &node->hop,
	    .figures = node->figures,
	    .sender = node->entity,
	    .receiver = node->server,
	};

	packet->gateway = node->gateway;
	leg_send(world, &way, handle);
}

/* Sends a packet when the CPU is done with it. */
static void send_at(struct gw_node *node, const struct cpns_out *out, uint32_t handle, sim_time ready)
{
	struct world *world = node->world;
	struct packet *packet = packet_at(&world->packets, handle);

	if (out->to == CPNS_PNE) {
		packet->pne = out->pne;
		sim_engine_send_message(world->engine, node->entity, node->medium, ready, EVENT_SEND_DOWN, handle,
					packet->type, packet->length);
	} else if (ready > sim_engine_now(world->engine)) {
		sim_engine_send_message(world->engine, node->entity, node->entity, ready, EVENT_LEAVE, handle,
					packet->type, packet->length);
	} else {
		send_wan(node, handle);
	}
}

static void tell_user(struct gw_node *node, uint32_t entity, uint32_t assignment, enum cpns_happening happening,
		      sim_time ready)
{
	sim_engine_send(node->world->engine, node->entity, world_user_of(node->world, device_of(node, entity)), ready,
			happening == CPNS_REGISTERED ? EVENT_REGISTERED : EVENT_NOT_REGISTERED, assignment);
}

/* What a typo has led to is over, and has brought no key: the user looks again, or gives up. */
static void type_again(struct gw_node *node, uint32_t entity)
{
	struct world *world = node->world;
	struct gw_slot *slot = slot_of(node, entity);

	slot->mistyped = false;
	if (slot->tries < world->typing->tries)
		sim_engine_send(world->engine, node->entity, world_user_of(world, device_of(node, entity)),
				sim_engine_now(world->engine) + typing_pause(world, slot->assignment, slot->tries),
				EVENT_TYPE_AGAIN, slot->assignment);
	else
		world_working(world, slot->assignment, WORKER_USER, false, node->entity);
}

/* Is the machine still at work on that entity, and when does it want to run next? */
static void settle(struct gw_node *node, uint32_t entity)
{
	struct gw_slot *slot = slot_of(node, entity);

	slot->active = cpns_gw_active(&node->machine, entity);
	if (!slot->active && slot->mistyped)
		type_again(node, entity);
	world_working(node->world, slot->assignment, WORKER_GATEWAY, slot->active, node->entity);
	node_timer_set(node->world, &slot->timer, node->entity, entity,
		       slot->active ? cpns_gw_deadline(&node->machine, entity) : SIM_NEVER);
	if (slot->active)
		node_restart_arm(node->world, KIND_GATEWAY, node->gateway, node->entity);
}

static void settle_others(struct gw_node *node)
{
	for (uint32_t i = 0; i < node->machine.n; i++)
		settle(node, i);
	settle(node, CPNS_GW_SELF);
}

/* The task that begins now belongs to this assignment; what the one before had left undone is given up. */
static void take_up(struct gw_node *node, uint32_t entity, uint32_t assignment)
{
	struct gw_slot *slot = slot_of(node, entity);

	if (slot->assignment == assignment)
		return;
	if (slot->mistyped)
		type_again(node, entity);
	world_working(node->world, slot->assignment, WORKER_GATEWAY, false, node->entity);
	slot->assignment = assignment;
	slot->tries = 0;
}

static void note_happening(struct gw_node *node, uint32_t entity, uint32_t assignment, enum cpns_happening happening,
			   sim_time ready)
{
	struct world *world = node->world;

	switch (happening) {
	case CPNS_NOTHING:
		break;
	case CPNS_KEY_STORED:
	case CPNS_USED:
		world_stored(world, assignment, ready, node->entity);
		break;
	case CPNS_USE_REFUSED:
		ledger_refused(&world->ledger, assignment);
		break;
	case CPNS_DELIVERING:
		take_up(node, entity, assignment);
		break;
	case CPNS_REGISTERED:
	case CPNS_REGISTRATION_FAILED:
		tell_user(node, entity, assignment, happening, ready);
		break;
	}
}

/* The packet that the machine's message becomes. */
static uint32_t made(struct gw_node *node, uint32_t assignment, const struct cpns_out *out)
{
	struct packets *packets = &node->world->packets;
	uint32_t handle = packet_new(packets, assignment, out->bytes, out->length);

	if (out->deadline != NULL)
		packet_at(packets, handle)->until = *out->deadline;
	return handle;
}

/* Carries out what the machine reported about `entity`; `incoming` is the packet to relay if it says so, or 0. */
static void carry_out(struct gw_node *node, uint32_t entity, uint32_t assignment, struct cpns_out *out,
		      uint32_t incoming)
{
	struct world *world = node->world;
	sim_time ready = node_cpu_charge(world, &node->cpu, KIND_GATEWAY, &out->ops);

	cpns_out_left(out, ready);
	note_happening(node, entity, assignment, out->happening, ready);
	if (out->to == CPNS_SERVER && !cpns_gw_may_send(&node->machine, out)) {
		ledger_withheld(&world->ledger, sim_engine_now(world->engine));
		out->relay = out->asks = false;
		out->to = CPNS_NOBODY;
	}
	if (out->asks)
		ledger_asked(&world->ledger, assignment);
	if (out->relay)
		send_at(node, out, incoming, ready);
	else if (incoming != 0)
		packet_release(&world->packets, incoming);
	if (!out->relay && out->to != CPNS_NOBODY)
		send_at(node, out, made(node, assignment, out), ready);
	settle(node, entity);
	if (out->others)
		settle_others(node);
}

/* 6.3.2.2, where the user may have to type the PNE's Entity ID: then he stays at it as long as it is wrong. */
static void ask_for(struct gw_node *node, uint32_t assignment, const struct device *device, struct cpns_out *out)
{
	struct world *world = node->world;
	const struct user *user = &world->users[device->user];
	struct gw_slot *slot = slot_of(node, device->pne);
	struct cpns_octets id = cpns_gw_entity_id(&node->machine.pnes[device->pne]), named = {0};
	uint8_t typed[CPNS_ID_MAX];

	if (world->typing != NULL && typing_slips(world, assignment, ++slot->tries, id, typed)) {
		slot->mistyped = true;
		named = (struct cpns_octets){typed, id.n};
	}
	cpns_gw_ask_for(&node->machine, sim_engine_now(world->engine), device->pne, named, user->id, user->password,
			out);
}

/* The user begins an assignment: by the flow of its device. */
static void start(struct gw_node *node, uint32_t assignment)
{
	struct world *world = node->world;
	const struct device *device = &world->devices[ledger_at(&world->ledger, assignment)->device];
	const struct user *user = &world->users[device->user];
	sim_time now = sim_engine_now(world->engine);
	struct cpns_out out;

	draws_for(node, device->pne);
	take_up(node, device->pne, assignment);
	cpns_out_init(&out);
	if (device->flow == FLOW_GATEWAY)
		cpns_gw_ask(&node->machine, now, user->id, user->password, &out);
	else if (device->flow == FLOW_SECURE_PAN)
		cpns_gw_trigger(&node->machine, now, device->pne, user->id, user->password, &out);
	else
		ask_for(node, assignment, device, &out);
	bool mistyped = slot_of(node, device->pne)->mistyped;

	carry_out(node, device->pne, assignment, &out, 0);
	if (!mistyped)
		world_working(world, assignment, WORKER_USER, false, node->entity);
}

/* The PN GW uses its own key, or its owner's password while it has none. */
static void use(struct gw_node *node, uint32_t number)
{
	struct world *world = node->world;
	const struct user *user = &world->users[world->devices[node->device].user];
	struct cpns_out out;

	draws_for(node, CPNS_GW_SELF);
	take_up(node, CPNS_GW_SELF, number);
	cpns_out_init(&out);
	cpns_gw_use(&node->machine, sim_engine_now(world->engine), user->id, user->password, &out);
	carry_out(node, CPNS_GW_SELF, number, &out, 0);
	world_working(world, number, WORKER_USER, false, node->entity);
}

static void register_user(struct gw_node *node, uint32_t assignment)
{
	struct world *world = node->world;
	const struct device *device = &world->devices[ledger_at(&world->ledger, assignment)->device];
	const struct user *user = &world->users[device->user];
	enum cpns_registration kind =
	    device->flow == FLOW_SECURE_PAN ? CPNS_SUBSCRIPTION_REGISTRATION : CPNS_ID_PWD_REGISTRATION;
	struct cpns_out out;

	draws_for(node, device->pne);
	take_up(node, device->pne, assignment);
	cpns_out_init(&out);
	cpns_gw_register(&node->machine, sim_engine_now(world->engine), device->pne, kind, user->id, user->password,
			 &out);
	carry_out(node, device->pne, assignment, &out, 0);
}

static void receive(struct gw_node *node, uint32_t handle, bool wan)
{
	struct world *world = node->world;
	const struct packet *packet = packet_at(&world->packets, handle);
	uint32_t assignment = packet->assignment;
	/* Draws and charges are about the device of the packet's assignment; what is accepted is about it too. */
	uint32_t entity = world->devices[packet->device].pne, named;
	sim_time now = sim_engine_now(world->engine);
	enum cpns_verdict verdict;
	struct cpns_out out;

	draws_for(node, entity);
	cpns_out_init(&out);
	if (wan)
		verdict =
		    cpns_gw_from_server(&node->machine, now, packet_bytes(packet), packet->length, &named, &out);
	else
		verdict =
		    cpns_gw_from_pne(&node->machine, now, packet->pne, packet_bytes(packet), packet->length, &out);
	assert(!wan || verdict != CPNS_ACCEPTED || named == entity);
	ledger_judged(&world->ledger, verdict, now);
	world_observe(
	    world, &(struct observation){now, KIND_GATEWAY, packet->device, node->gateway, packet_bytes(packet),
					 packet->length, verdict, &out,
					 entity == CPNS_GW_SELF && node->machine.keyed ? node->machine.eukey : NULL});
	if (!wan && verdict == CPNS_ACCEPTED && cpns_gw_keeps_request(&node->machine, entity))
		take_up(node, entity,
			assignment); /* it may have to wait for step 0, now or when it has been refused */
	carry_out(node, entity, assignment, &out, handle);
}

static bool wake(struct gw_node *node, uint32_t entity)
{
	struct world *world = node->world;
	struct gw_slot *slot = slot_of(node, entity);
	struct cpns_out out;

	if (!slot->active || cpns_gw_deadline(&node->machine, entity) > sim_engine_now(world->engine))
		return false; /* it has just restarted */
	draws_for(node, entity);
	cpns_out_init(&out);
	cpns_gw_on_time(&node->machine, sim_engine_now(world->engine), entity, &out);
	carry_out(node, entity, slot->assignment, &out, 0);
	return true;
}

/* Users who wait for a registration learn that there is none. */
static void tell_of_registration(struct gw_node *node, uint32_t entity)
{
	if (cpns_gw_registering(&node->machine, entity))
		tell_user(node, entity, slot_of(node, entity)->assignment, CPNS_REGISTRATION_FAILED,
			  sim_engine_now(node->world->engine));
}

/* What the PN GW was doing is given up. */
static void restart(struct gw_node *node)
{
	for (uint32_t i = 0; i < node->machine.n; i++)
		tell_of_registration(node, i);
	tell_of_registration(node, CPNS_GW_SELF);
	cpns_gw_restart(&node->machine);
	settle_others(node);
}

static bool restarted(struct gw_node *node)
{
	return node->world->restarts[KIND_GATEWAY].of != NULL &&
	       node_restart_due(node->world, KIND_GATEWAY, node->gateway, node->number);
}

bool gw_node_handle(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	(void)engine;
	struct gw_node *node = state;

	if (event->kind == EVENT_TIMER)
		node_timer_came(&slot_of(node, event->payload)->timer);
	bool restarts = restarted(node);

	if (restarts)
		restart(node);
	switch (event->kind) {
	case EVENT_RESTART:
		return restarts;
	case EVENT_START:
		start(node, event->payload);
		return true;
	case EVENT_REGISTER:
		register_user(node, event->payload);
		return true;
	case EVENT_FROM_PAN:
		node->world->ledger.taken[LEG_PAN]++;
		receive(node, event->payload, false);
		return true;
	case EVENT_INSIDE:
		receive(node, event->payload, false);
		return true;
	case EVENT_FROM_WAN:
		node->world->ledger.taken[LEG_WAN]++;
		receive(node, event->payload, true);
		return true;
	case EVENT_LEAVE:
		send_wan(node, event->payload);
		return true;
	case EVENT_TIMER:
		return wake(node, event->payload);
	case EVENT_WAKE:
		waking_plan(node->world, event->payload, node->entity);
		waking_want(node->world, event->payload, cpns_gw_needs_key(&node->machine));
		return true;
	case EVENT_USE:
		use(node, event->payload);
		return true;
	default:
		assert(!"an event for a PN GW");
		return false;
	}
}
