#include "models/nodes/server_node.h"

#include <assert.h>

#include "models/nodes/leg.h"
#include "models/nodes/node_restart.h"
#include "models/protocol/busy.h"

/* A message in a worker's hands, where the key store takes time. */
struct server_work {
	bool in_use;
	uint32_t next_free; /* from 1; 0: none */
	uint32_t reply;     /* packet to send when it is over; 0: none */
	struct store_job job;
	int64_t *leaves;        /* where the machine notes when an answer that is new leaves; or NULL */
	sim_time began, waited; /* when the worker took it, which had waited so long */
	uint64_t pending_dropped;
};

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

static void stored(void *context, uint32_t number, bool done);

void server_node_use_store(struct server_node *node, const struct store_figures *figures)
{
	static const struct store_purposes purposes = {PURPOSE_STORE_READ, PURPOSE_STORE_WRITE, PURPOSE_STORE_FLUSH};
	struct world *world = node->world;

	node->works = g_array_new(FALSE, FALSE, sizeof(struct server_work));
	node->keys =
	    key_store_new(figures, &world->random, world->engine, world->ledger.warmup, purposes, stored, node);
}

/* What workers have in hand is dropped. */
static void close_works(struct server_node *node)
{
	for (guint i = 0; i < node->works->len; i++) {
		const struct server_work *work = &g_array_index(node->works, struct server_work, i);

		if (work->in_use && work->reply != 0)
			packet_release(&node->world->packets, work->reply);
	}
	g_array_unref(node->works);
	node->works = NULL;
}

uint64_t server_node_holds(const struct server_node *node)
{
	return (uint64_t)node->queue.n + node->in_service;
}

void server_node_close(struct server_node *node)
{
	struct server_waiting w;

	if (node->works != NULL)
		close_works(node);
	while (server_queue_drop(&node->queue, &w)) {
		sim_occupancy_stay(node->world->ledger.queue, w.since, SIM_NEVER);
		packet_release(&node->world->packets, w.packet);
	}
	server_queue_clear(&node->queue);
}

/* Of what draws for this message, which no other message shares. */
static struct sim_address address_of(const struct world *world, const struct packet *packet)
{
	return (struct sim_address){
	    .item = world->devices[packet->device].number,
	    .ordinal = ledger_at(&world->ledger, packet->assignment)->ordinal,
	    .part = packet->copy,
	    .attempt = packet->attempt,
	    .type = packet->type,
	};
}

/* How long a worker computes on this message: by what it did, or one draw addressed by the message. */
static sim_time service_time(struct server_node *node, const struct packet *packet, const struct cpns_ops *ops)
{
	if (node->service == NULL)
		return cost_of(node->profile, ops);
	struct sim_address address = address_of(node->world, packet);

	address.purpose = PURPOSE_SERVICE;
	struct sim_stream stream = sim_stream_at(&node->world->random, &address);

	return sim_variate_duration(node->service, &stream);
}

/* ---- with a key store that takes time ---- */

/* Workers that wait for the key store count as stalled while messages wait for a worker. */
static void note_stalled(struct server_node *node, sim_time now)
{
	if (node->keys != NULL)
		sim_occupancy_set(node->world->ledger.stalled, now, node->queue.n == 0 ? 0 : node->n_blocked);
}

static uint32_t work_new(struct server_node *node)
{
	struct server_work none = {0};

	if (node->free_work == 0) {
		g_array_append_val(node->works, none);
		return node->works->len - 1;
	}
	uint32_t number = node->free_work - 1;

	node->free_work = g_array_index(node->works, struct server_work, number).next_free;
	return number;
}

/* Takes note of what a worker will do with the key store once it has computed for `service`. An answer that is new
 * leaves nobody knows when; until then who asks again is not answered. */
static void put_in_hand(struct server_node *node, const struct packet *packet, struct cpns_out *out,
			const struct server_work *begun, sim_time service)
{
	struct sim_engine *engine = node->world->engine;
	uint32_t number = work_new(node);
	struct server_work *work = &g_array_index(node->works, struct server_work, number);

	*work = *begun;
	work->in_use = true;
	work->job = (struct store_job){
	    .token = number,
	    .reads = out->ops.store_reads,
	    .writes = out->ops.store_writes,
	    .octets = out->ops.store_octets,
	    .row = node->world->devices[packet->device].number,
	    .address = address_of(node->world, packet),
	};
	cpns_out_left(out, work->leaves != NULL ? SIM_NEVER : work->began + service);
	sim_engine_send(engine, node->entity, node->entity, work->began + service, EVENT_COMPUTED, number);
}

static void finish(struct server_node *node, uint32_t reply, sim_time now);

/* The work is over; it is answered if the key store has done its part. */
static void complete(struct server_node *node, uint32_t number, bool answered, sim_time now)
{
	struct server_work *slot = &g_array_index(node->works, struct server_work, number), work = *slot;

	*slot = (struct server_work){.next_free = node->free_work};
	node->free_work = number + 1;
	/* The machine forgets an answer in its own time, however long the key store takes. */
	if (work.leaves != NULL && now < work.began + CPNS_EXCHANGE_LIFETIME)
		*work.leaves = now;
	ledger_served(&node->world->ledger, work.waited, now - work.began, work.pending_dropped, now);
	if (!answered && work.reply != 0) {
		packet_release(&node->world->packets, work.reply);
		work.reply = 0;
	}
	finish(node, work.reply, now);
}

/* store_done */
static void stored(void *context, uint32_t number, bool done)
{
	struct server_node *node = context;
	sim_time now = sim_engine_now(node->world->engine);

	ledger_settle(&node->world->ledger, now);
	node->n_blocked--;
	note_stalled(node, now);
	complete(node, number, done, now);
}

static void computed(struct server_node *node, uint32_t number, sim_time now)
{
	const struct store_job *job = &g_array_index(node->works, struct server_work, number).job;

	if (job->reads == 0 && job->writes == 0) {
		complete(node, number, true, now);
		return;
	}
	node->n_blocked++;
	note_stalled(node, now);
	key_store_settle(node->keys, ledger_sure(&node->world->ledger, now));
	key_store_begin(node->keys, job);
}

/* ---- */

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

	world_draws_for(world, 0, packet->device);
	cpns_out_init(&out);
	uint64_t dropped = node->machine.pending_dropped;
	enum cpns_verdict verdict =
	    cpns_server_on_message(&node->machine, now, &link->session, packet_bytes(packet), packet->length, &out);
	sim_time service = service_time(node, packet, &out.ops);

	dropped = node->machine.pending_dropped - dropped;
	ledger_charge(ledger, KIND_SERVER, cost_profile_number(node->profile), &out.ops, service, now);
	node->free_workers--;
	node->in_service++;
	sim_occupancy_set(ledger->busy, now, node->workers - node->free_workers);
	ledger_judged(ledger, verdict, now);
	if (verdict == CPNS_DUPLICATE || verdict == CPNS_BUSY)
		ledger_at_server(ledger, SERVER_DUPLICATE, now);
	world_observe(world, &(struct observation){now, KIND_SERVER, packet->device, packet->gateway,
						   packet_bytes(packet), packet->length, verdict, &out, NULL});
	if (out.to == CPNS_GATEWAY) {
		reply = reply_to(node, packet, &out);
		packet_at(&world->packets, reply)->again = verdict == CPNS_DUPLICATE;
	}
	if (node->keys != NULL) {
		struct server_work begun = {
		    .reply = reply,
		    .leaves = verdict == CPNS_DUPLICATE ? NULL : out.leaves,
		    .began = now,
		    .waited = wait,
		    .pending_dropped = dropped,
		};

		put_in_hand(node, packet_at(&world->packets, handle), &out, &begun, service);
	} else {
		cpns_out_left(&out, now + service);
		ledger_served(ledger, wait, service, dropped, now);
		sim_engine_send_message(world->engine, node->entity, node->entity, now + service, EVENT_DONE, reply,
					out.length > 0 ? out.bytes[1] : 0, out.length);
	}
	packet_release(&world->packets, handle);
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
	note_stalled(node, now);
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
	for (guint i = 0; node->works != NULL && i < node->works->len; i++)
		g_array_index(node->works, struct server_work, i).leaves = NULL;
	note_stalled(node, now);
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
		note_stalled(node, now);
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

	bool restarts =
	    node->world->restarts[KIND_SERVER].of != NULL && node_restart_due(node->world, KIND_SERVER, 0, 0);

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
	case EVENT_COMPUTED:
		computed(node, event->payload, event->time);
		return true;
	case EVENT_DONE:
		finish(node, event->payload, event->time);
		return true;
	default:
		assert(!"an event for the CPNS Server");
		return false;
	}
}
