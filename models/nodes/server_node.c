#include "models/nodes/server_node.h"

#include <assert.h>

#include "models/nodes/leg.h"
#include "models/nodes/node_restart.h"
#include "models/protocol/busy.h"

void server_node_init(struct server_node *node, struct world *world, const struct cpns_store *store, uint32_t workers,
		      const struct cost_profile *profile, const struct sim_variate *service,
		      const struct server_policies *policies)
{
	*node = (struct server_node){.world = world,
				     .profile = profile,
				     .service = service,
				     .policies = policies,
				     .workers = workers,
				     .free_workers = workers};
	server_queue_init(&node->queue, &policies->queue);
	cpns_server_init(&node->machine, world->rules, &world->env, store);
}

uint64_t server_node_holds(const struct server_node *node)
{
	return (uint64_t)node->queue.n + node->in_service;
}

void server_node_close(struct server_node *node)
{
	struct server_waiting w;

	while (server_queue_drop(&node->queue, &w)) {
		sim_occupancy_stay(node->world->ledger.queue, w.since, SIM_NEVER);
		packet_release(&node->world->packets, w.packet);
	}
	server_queue_clear(&node->queue);
}

/* How long a worker is busy with this message: by what it did, or one draw addressed by the message. */
static sim_time service_time(struct server_node *node, const struct packet *packet, const struct cpns_ops *ops)
{
	struct world *world = node->world;
	const struct assignment *a = ledger_at(&world->ledger, packet->assignment);
	struct sim_address address = {
	    .item = world->devices[a->device].number,
	    .ordinal = a->ordinal,
	    .part = packet->copy,
	    .attempt = packet->attempt,
	    .purpose = PURPOSE_SERVICE,
	    .type = packet->type,
	};

	if (node->service == NULL)
		return cost_of(node->profile, ops);
	struct sim_stream stream = sim_stream_at(&world->random, &address);

	return sim_variate_duration(node->service, &stream);
}

/* An answer to a packet; the handle is the caller's. */
static uint32_t reply_to(struct server_node *node, const struct packet *packet, const struct cpns_out *out)
{
	struct packets *packets = &node->world->packets;
	uint32_t gateway = packet->gateway, handle = packet_new(packets, packet->assignment, out->bytes, out->length);

	packet_at(packets, handle)->gateway = gateway;
	packet_at(packets, handle)->life = node->life;
	return handle;
}

/* A free worker takes the packet, which had waited since `since`. */
static void serve(struct server_node *node, uint32_t handle, sim_time since)
{
	struct world *world = node->world;
	struct ledger *ledger = &world->ledger;
	sim_time now = sim_engine_now(world->engine), wait = now - since;
	struct packet *packet = packet_at(&world->packets, handle);
	struct server_link *link = &node->links[packet->gateway];
	uint32_t reply = 0;
	struct cpns_out out;

	world_draws_for(world, 0, world->devices[ledger_at(ledger, packet->assignment)->device].number);
	cpns_out_init(&out);
	uint64_t dropped = node->machine.pending_dropped;
	enum cpns_verdict verdict =
	    cpns_server_on_message(&node->machine, now, &link->session, packet_bytes(packet), packet->length, &out);
	sim_time service = service_time(node, packet, &out.ops);

	ledger_charge(ledger, KIND_SERVER, cost_profile_number(node->profile), &out.ops, service, now);
	cpns_out_left(&out, now + service);
	node->free_workers--;
	node->in_service++;
	sim_occupancy_set(ledger->busy, now, node->workers - node->free_workers);
	ledger_judged(ledger, verdict, now);
	if (verdict == CPNS_DUPLICATE || verdict == CPNS_BUSY)
		ledger_at_server(ledger, SERVER_DUPLICATE, now);
	ledger_served(ledger, wait, service, node->machine.pending_dropped - dropped, now);
	world_observe(world, &(struct observation){now, KIND_SERVER, ledger_at(ledger, packet->assignment)->device,
						   packet->gateway, packet_bytes(packet), packet->length, verdict,
						   &out, NULL});
	if (out.to == CPNS_GATEWAY) {
		reply = reply_to(node, packet, &out);
		packet_at(&world->packets, reply)->again = verdict == CPNS_DUPLICATE;
	}
	packet_release(&world->packets, handle);
	sim_engine_send_message(world->engine, node->entity, node->entity, now + service, EVENT_DONE, reply,
				out.length > 0 ? out.bytes[1] : 0, out.length);
}

static void send_down(struct server_node *node, uint32_t handle)
{
	struct world *world = node->world;
	const struct packet *packet = packet_at(&world->packets, handle);
	struct server_link *link = &node->links[packet->gateway];
	struct leg_way way = {
	    .leg = LEG_WAN,
	    .from = KIND_SERVER,
	    .to = KIND_GATEWAY,
	    .event = EVENT_FROM_WAN,
	    .purpose = PURPOSE_WAN_DOWN,
	    .own = PURPOSE_WAN_DOWN_HOP,
	    .link = PURPOSE_WAN_LINK,
	    .gateway = link->number,
	    .hop = &link->hop,
	    .figures = link->figures,
	    .sender = node->entity,
	    .receiver = link->entity,
	};

	leg_send(world, &way, handle);
}

/* A packet is given up without a word. */
static void shed(struct server_node *node, uint32_t handle, sim_time now)
{
	ledger_at_server(&node->world->ledger, SERVER_SHED, now);
	packet_release(&node->world->packets, handle);
}

/* There is no room for a packet. */
static void turn_away(struct server_node *node, uint32_t handle, sim_time now)
{
	struct world *world = node->world;
	const struct packet *packet = packet_at(&world->packets, handle);
	struct cpns_out out;

	cpns_out_init(&out);
	if (!node->policies->reject ||
	    !cpns_busy_answer(packet_bytes(packet), packet->length, node->policies->retry_after, &out)) {
		shed(node, handle, now);
		return;
	}
	ledger_at_server(&world->ledger, SERVER_REJECTED, now);
	send_down(node, reply_to(node, packet, &out));
	packet_release(&world->packets, handle);
}

/* A packet waits for its turn, or is turned away. */
static void wait_for_turn(struct server_node *node, uint32_t handle, sim_time now)
{
	struct ledger *ledger = &node->world->ledger;
	struct server_waiting w = {handle, now, SIM_NEVER};

	if (server_queue_full(&node->queue)) {
		turn_away(node, handle, now);
		return;
	}
	if (node->policies->deadlines)
		w.until = packet_at(&node->world->packets, handle)->until;
	ledger_at_server(ledger, SERVER_ADMITTED, now);
	server_queue_push(&node->queue, &w);
	sim_occupancy_set(ledger->queue, now, node->queue.n);
}

/* What lies in memory alone is gone. */
static void restart(struct server_node *node, sim_time now)
{
	struct ledger *ledger = &node->world->ledger;
	struct server_waiting w;

	while (server_queue_drop(&node->queue, &w)) {
		sim_occupancy_stay(ledger->queue, w.since, now);
		shed(node, w.packet, now);
	}
	sim_occupancy_set(ledger->queue, now, 0);
	for (uint32_t i = 0; i < node->n_links; i++)
		cpns_session_clear(&node->links[i].session);
	cpns_server_restart(&node->machine);
	node->life++;
	if (node->world->observer != NULL)
		node->world->observer->restarted(node->world->observer->self);
}

static void arrive(struct server_node *node, uint32_t handle, sim_time now)
{
	struct ledger *ledger = &node->world->ledger;

	ledger->taken[LEG_WAN]++;
	ledger_at_server(ledger, SERVER_OFFERED, now);
	if (node->free_workers == 0) {
		wait_for_turn(node, handle, now);
		return;
	}
	ledger_at_server(ledger, SERVER_ADMITTED, now);
	if (node->policies->deadlines && now >= packet_at(&node->world->packets, handle)->until)
		shed(node, handle, now);
	else
		serve(node, handle, now);
}

/* A free worker takes whose turn it is, if anybody waits. */
static void take_next(struct server_node *node, sim_time now)
{
	struct ledger *ledger = &node->world->ledger;
	struct server_waiting next;
	enum server_turn turn;

	do {
		turn = server_queue_pop(&node->queue, now, &next);
		if (turn == TURN_NOBODY)
			return;
		sim_occupancy_set(ledger->queue, now, node->queue.n);
		sim_occupancy_stay(ledger->queue, next.since, now);
		if (turn == TURN_GIVE_UP)
			shed(node, next.packet, now);
	} while (turn == TURN_GIVE_UP);
	serve(node, next.packet, next.since);
}

/* An answer leaves, unless a restart has come between. It is useful where it is the first, and somebody still works
 * on what it is about. */
static void answer(struct server_node *node, uint32_t reply, sim_time now)
{
	struct world *world = node->world;
	const struct packet *packet = packet_at(&world->packets, reply);

	if (packet->life != node->life) {
		packet_release(&world->packets, reply);
		return;
	}
	if (!packet->again && ledger_at(&world->ledger, packet->assignment)->workers != 0)
		ledger_at_server(&world->ledger, SERVER_USEFUL, now);
	send_down(node, reply);
}

/* A worker has finished: its answer leaves, and it takes whose turn it is. */
static void finish(struct server_node *node, uint32_t reply, sim_time now)
{
	struct ledger *ledger = &node->world->ledger;

	ledger_at_server(ledger, SERVER_SERVED, now);
	if (reply != 0)
		answer(node, reply, now);
	node->free_workers++;
	node->in_service--;
	sim_occupancy_set(ledger->busy, now, node->workers - node->free_workers);
	take_next(node, now);
}

bool server_node_handle(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	(void)engine;
	struct server_node *node = state;

	bool restarts = node_restart_due(node->world, KIND_SERVER, 0, 0);

	ledger_settle(&node->world->ledger, event->time);
	if (restarts)
		restart(node, event->time);
	switch (event->kind) {
	case EVENT_RESTART:
		return restarts;
	case EVENT_FROM_WAN:
		arrive(node, event->payload, event->time);
		node_restart_arm(node->world, KIND_SERVER, 0, node->entity);
		return true;
	case EVENT_DONE:
		finish(node, event->payload, event->time);
		return true;
	default:
		assert(!"an event for the CPNS Server");
		return false;
	}
}
