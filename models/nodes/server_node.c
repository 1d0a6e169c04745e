#include "models/nodes/server_node.h"

#include <assert.h>

#include "models/nodes/leg.h"

struct waiting {
	uint32_t packet;
	sim_time since;
};

void server_node_init(struct server_node *node, struct world *world, const struct cpns_store *store, uint32_t workers,
		      const struct cost_profile *profile, const struct sim_variate *service)
{
	*node = (struct server_node){
	    .world = world, .profile = profile, .service = service, .workers = workers, .free_workers = workers};
	g_queue_init(&node->queue);
	cpns_server_init(&node->machine, world->rules, &world->env, store);
}

void server_node_close(struct server_node *node)
{
	struct waiting *w;

	while ((w = g_queue_pop_head(&node->queue)) != NULL) {
		sim_occupancy_stay(node->world->ledger.queue, w->since, SIM_NEVER);
		packet_release(&node->world->packets, w->packet);
		g_free(w);
	}
}

/* How long a worker is busy with this message: by what it did, or one draw addressed by the message. */
static sim_time service_time(struct server_node *node, const struct packet *packet, const struct cpns_ops *ops)
{
	if (node->service == NULL)
		return cost_of(node->profile, ops);
	struct world *world = node->world;
	struct sim_address address = {
	    .item = world->devices[packet->device].number,
	    .ordinal = ledger_at(&world->ledger, packet->assignment)->ordinal,
	    .part = packet->copy,
	    .attempt = packet->attempt,
	    .purpose = PURPOSE_SERVICE,
	    .type = packet->type,
	};

	struct sim_stream stream = sim_stream_at(&world->random, &address);

	return sim_variate_duration(node->service, &stream);
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

	world_draws_for(world, 0, packet->device);
	cpns_out_init(&out);
	uint64_t dropped = node->machine.pending_dropped;
	enum cpns_verdict verdict =
	    cpns_server_on_message(&node->machine, now, &link->session, packet_bytes(packet), packet->length, &out);
	sim_time service = service_time(node, packet, &out.ops);

	ledger_charge(ledger, KIND_SERVER, cost_profile_number(node->profile), &out.ops, service, now);
	cpns_out_left(&out, now + service);
	node->free_workers--;
	sim_occupancy_set(ledger->busy, now, node->workers - node->free_workers);
	ledger_judged(ledger, verdict, now);
	ledger_served(ledger, wait, service, node->machine.pending_dropped - dropped, now);
	world_observe(world, &(struct observation){now, KIND_SERVER, packet->device, packet->gateway,
						   packet_bytes(packet), packet->length, verdict, &out, NULL});
	if (out.to == CPNS_GATEWAY) {
		reply = packet_new(&world->packets, packet->assignment, out.bytes, out.length);
		packet_at(&world->packets, reply)->gateway = packet->gateway;
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

static void arrive(struct server_node *node, uint32_t handle, sim_time now)
{
	struct ledger *ledger = &node->world->ledger;

	ledger->taken[LEG_WAN]++;
	if (node->free_workers > 0) {
		serve(node, handle, now);
		return;
	}
	struct waiting *w = g_new(struct waiting, 1);

	*w = (struct waiting){handle, now};
	g_queue_push_tail(&node->queue, w);
	sim_occupancy_set(ledger->queue, now, g_queue_get_length(&node->queue));
}

/* A worker has finished: its answer leaves, and it takes what has waited longest. */
static void finish(struct server_node *node, uint32_t reply, sim_time now)
{
	struct ledger *ledger = &node->world->ledger;

	if (reply != 0)
		send_down(node, reply);
	node->free_workers++;
	sim_occupancy_set(ledger->busy, now, node->workers - node->free_workers);
	struct waiting *next = g_queue_pop_head(&node->queue);

	if (next == NULL)
		return;
	sim_occupancy_set(ledger->queue, now, g_queue_get_length(&node->queue));
	sim_occupancy_stay(ledger->queue, next->since, now);
	serve(node, next->packet, next->since);
	g_free(next);
}

bool server_node_handle(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	(void)engine;
	struct server_node *node = state;

	ledger_settle(&node->world->ledger, event->time);
	if (event->kind == EVENT_FROM_WAN) {
		arrive(node, event->payload, event->time);
		return true;
	}
	assert(event->kind == EVENT_DONE);
	finish(node, event->payload, event->time);
	return true;
}
