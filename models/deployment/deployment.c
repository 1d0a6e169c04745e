#include "models/deployment/deployment.h"

#include <string.h>

#include "models/crypto/crypto.h"
#include "models/nodes/gw_node.h"
#include "models/nodes/pan_medium.h"
#include "models/nodes/pne_node.h"
#include "models/nodes/server_node.h"
#include "models/nodes/user_node.h"
#include "models/nodes/workload_node.h"
#include "models/protocol/keys.h"
#include "models/store/memory.h"

G_DEFINE_QUARK(deployment_error_quark, deployment_error)

/* Which of the uniform numbers at a node's topology address decides what; the first ones made the topology itself. */
enum { PART_PAN = 1, PART_WAN, PART_CLASS };

struct deployment {
	const struct blueprint *blueprint;
	struct topology *drawn; /* NULL where the blueprint has a fixed one */
	const struct topology *topology;
	struct world world;
	struct cpns_crypto *crypto;
	struct memory_store *store;
	enum sim_end end;

	struct workload_node workload;
	struct server_node server;
	struct user_node *user_nodes;
	struct gw_node *gws;
	struct pan_medium *media;
	struct pne_node *pnes;

	/* By device. */
	uint32_t n_devices;
	struct user_device *wishes;
	struct hop_counts *down;
	/* By PNE; those of a PN GW side by side. */
	struct cpns_gw_entity *known;
	struct gw_slot *slots;
	struct pan_member *members;
	uint8_t (*pan_sessions)[CPNS_HASH];
	uint8_t (*temporary_keys)[16];
	uint32_t *pne_device;
	/* By PN GW. */
	struct server_link *links;
	uint8_t (*wan_sessions)[CPNS_HASH];
	uint32_t *gateway_entity;
	uint32_t *gateway_device; /* NO_DEVICE where it does not take part */
	/* By user. */
	struct user *users;
	uint8_t (*password_hashes)[CPNS_HASH]; /* of those in place at the start */
};

static const uint32_t NO_DEVICE = UINT32_MAX;

/* ---- draws ---- */

static void draw_octets(const struct deployment *d, uint64_t number, enum purpose purpose, uint8_t *out, size_t n)
{
	struct sim_address address = {.entity = number, .purpose = (uint8_t)purpose};
	struct sim_stream stream = sim_stream_at(&d->world.random, &address);

	sim_stream_bytes(&stream, out, n);
}

static double draw_unit(const struct deployment *d, uint64_t number, uint16_t part)
{
	struct sim_address address = {.entity = number, .part = part, .purpose = PURPOSE_TOPOLOGY};
	struct sim_stream stream = sim_stream_at(&d->world.random, &address);

	return sim_stream_unit(&stream);
}

/* ---- which flow, for whom ---- */

static enum flow flow_of(const struct deployment *d, const struct topology_pne *pne)
{
	if (d->blueprint->flow >= 0)
		return (enum flow)d->blueprint->flow;
	if (pne->ui) /* the rule of 5.3.1 */
		return FLOW_PNE_UI;
	return pne->secure ? FLOW_SECURE_PAN : FLOW_INSECURE_PAN;
}

static bool gateway_takes_part(const struct deployment *d, const struct topology_gateway *gateway)
{
	return (d->blueprint->flow < 0 || d->blueprint->flow == FLOW_GATEWAY) && !gateway->smartcard;
}

static bool pnes_take_part(const struct deployment *d)
{
	return d->blueprint->flow != FLOW_GATEWAY;
}

/* Devices stand in the order of the topology: each PN GW, then its PNEs. */
static void list_devices(struct deployment *d)
{
	const struct topology *t = d->topology;
	struct device *devices = g_new0(struct device, t->n_gateways + t->n_pnes);

	d->gateway_device = g_new(uint32_t, t->n_gateways);
	d->pne_device = g_new(uint32_t, t->n_pnes);
	for (uint32_t g = 0; g < t->n_gateways; g++) {
		const struct topology_gateway *gateway = &t->gateways[g];

		d->gateway_device[g] = NO_DEVICE;
		if (gateway_takes_part(d, gateway)) {
			d->gateway_device[g] = d->n_devices;
			devices[d->n_devices++] = (struct device){.number = gateway->number,
								  .flow = FLOW_GATEWAY,
								  .user = gateway->user,
								  .gateway = g,
								  .pne = CPNS_GW_SELF};
		}
		for (uint32_t i = 0; i < gateway->n_pnes && pnes_take_part(d); i++) {
			const struct topology_pne *pne = &t->pnes[gateway->first_pne + i];
			enum flow flow = flow_of(d, pne);

			d->pne_device[gateway->first_pne + i] = d->n_devices;
			devices[d->n_devices++] =
			    (struct device){.number = pne->number,
					    .flow = flow,
					    .gateway = g,
					    .pne = i,
					    .user = flow == FLOW_PNE_UI ? pne->user : gateway->user};
		}
	}
	d->world.devices = devices;
	d->wishes = g_new0(struct user_device, d->n_devices);
	d->down = g_new0(struct hop_counts, d->n_devices);
}

/* ---- what is in place at the start: never charged ---- */

static void hash_password(const struct deployment *d, uint32_t user, uint8_t pwh[CPNS_HASH])
{
	struct cpns_ops uncharged = {0};
	struct cpns_work work = {d->crypto, &uncharged};

	cpns_password_hash(work, &d->blueprint->rules, d->users[user].id, d->users[user].password, pwh);
}

static void provision_users(struct deployment *d)
{
	const struct topology *t = d->topology;

	d->users = g_new0(struct user, t->n_users);
	d->password_hashes = g_malloc0_n(t->n_users, CPNS_HASH);
	for (uint32_t u = 0; u < t->n_users; u++) {
		d->users[u] = (struct user){t->users[u].id, t->users[u].password};
		if (d->blueprint->registration == REGISTRATION_GATEWAY)
			continue;
		hash_password(d, u, d->password_hashes[u]);
		memcpy(memory_store_add_user(d->store, t->users[u].id)->pwh, d->password_hashes[u], CPNS_HASH);
	}
	d->world.users = d->users;
}

static struct cpns_entity *provision_entity(struct deployment *d, struct cpns_octets id, uint32_t owner)
{
	struct cpns_entity *entity = memory_store_add_entity(d->store, id);

	entity->owner = d->topology->users[owner].id;
	return entity;
}

/* ---- nodes ---- */

static void build_server(struct deployment *d)
{
	const struct blueprint *b = d->blueprint;
	const struct cost_profile *profile =
	    blueprint_class(&b->server_class, d->topology->server_class, draw_unit(d, 0, PART_CLASS));

	d->links = g_new0(struct server_link, d->topology->n_gateways);
	d->wan_sessions = g_malloc0_n(d->topology->n_gateways, CPNS_HASH);
	server_node_init(&d->server, &d->world, memory_store_interface(d->store), b->workers, profile,
			 b->has_service ? &b->service : NULL);
	d->server.links = d->links;
	d->server.down = d->down;
	d->server.entity = sim_engine_add(d->world.engine, server_node_handle, &d->server);
}

static void build_users(struct deployment *d)
{
	bool registered = d->blueprint->registration != REGISTRATION_GATEWAY;

	d->user_nodes = g_new0(struct user_node, d->topology->n_users);
	d->gateway_entity = g_new0(uint32_t, d->topology->n_gateways);
	for (uint32_t u = 0; u < d->topology->n_users; u++) {
		struct user_node *node = &d->user_nodes[u];

		user_node_init(node, &d->world, registered, d->wishes, d->gateway_entity);
		node->entity = sim_engine_add(d->world.engine, user_node_handle, node);
	}
	for (uint32_t i = 0; i < d->n_devices; i++)
		d->world.devices[i].user_entity = d->user_nodes[d->world.devices[i].user].entity;
}

/* A PNE of 6.3.2.1: the session of its PAN, and, where no messages do it, its user's ID and password hash. */
static void secure_pne(struct deployment *d, uint32_t p, uint32_t user)
{
	draw_octets(d, d->topology->pnes[p].number, PURPOSE_PAN_SESSION, d->pan_sessions[p], CPNS_HASH);
	d->pnes[p].machine.pan_session = d->pan_sessions[p];
	d->known[p].pan_session = d->pan_sessions[p];
	if (d->blueprint->registration != REGISTRATION_NONE)
		return;
	cpns_pne_provision(&d->pnes[p].machine, d->users[user].id, d->password_hashes[user]);
	d->known[p].installed = true;
}

/* A PNE of 6.3.2.2: the Temporary Key, in it and where the server can get it. */
static void temporary_key(struct deployment *d, uint32_t p, struct cpns_entity *entity)
{
	draw_octets(d, d->topology->pnes[p].number, PURPOSE_TEMPORARY_KEY, d->temporary_keys[p], 16);
	entity->tk = (struct cpns_octets){d->temporary_keys[p], 16};
	d->pnes[p].machine.tk = entity->tk;
}

static void build_pne(struct deployment *d, uint32_t g, uint32_t i, uint32_t medium)
{
	const struct topology_gateway *gateway = &d->topology->gateways[g];
	uint32_t p = gateway->first_pne + i, device = d->pne_device[p];
	const struct topology_pne *pne = &d->topology->pnes[p];
	struct pne_node *node = &d->pnes[p];
	const struct cost_profile *profile =
	    blueprint_class(&d->blueprint->pne_class, pne->device_class, draw_unit(d, pne->number, PART_CLASS));
	struct cpns_entity *entity = provision_entity(d, pne->id, pne->user);

	pne_node_init(node, &d->world, device, pne->id, profile);
	node->medium = medium;
	d->world.devices[device].entity = sim_engine_add(d->world.engine, pne_node_handle, node);
	d->members[p].entity = d->world.devices[device].entity;
	d->slots[p] = (struct gw_slot){.timer = {SIM_NEVER}, .device = device};
	d->known[p].id = pne->id;
	if (d->world.devices[device].flow == FLOW_SECURE_PAN)
		secure_pne(d, p, gateway->user);
	if (d->world.devices[device].flow == FLOW_INSECURE_PAN)
		temporary_key(d, p, entity);
}

static void build_pan(struct deployment *d, uint32_t g)
{
	const struct topology_gateway *gateway = &d->topology->gateways[g];
	struct pan_medium *pan = &d->media[g];
	const struct link_preset *preset =
	    blueprint_link(d->blueprint, LEG_PAN, gateway->pan, draw_unit(d, gateway->number, PART_PAN));

	*pan = (struct pan_medium){.world = &d->world,
				   .figures = &preset->up,
				   .shared = preset->shared,
				   .number = gateway->number,
				   .gateway = d->gateway_entity[g],
				   .members = &d->members[gateway->first_pne]};
	pan->entity = sim_engine_add(d->world.engine, pan_medium_handle, pan);
	d->gws[g].medium = pan->entity;
	for (uint32_t i = 0; i < gateway->n_pnes; i++)
		build_pne(d, g, i, pan->entity);
}

static void build_gateway(struct deployment *d, uint32_t g)
{
	const struct topology_gateway *gateway = &d->topology->gateways[g];
	struct gw_node *node = &d->gws[g];
	const struct link_preset *wan =
	    blueprint_link(d->blueprint, LEG_WAN, gateway->wan, draw_unit(d, gateway->number, PART_WAN));
	uint32_t n = pnes_take_part(d) ? gateway->n_pnes : 0;

	*node = (struct gw_node){
	    .world = &d->world,
	    .cpu = {.profile = blueprint_class(&d->blueprint->gateway_class, gateway->device_class,
					       draw_unit(d, gateway->number, PART_CLASS))},
	    .figures = &wan->up,
	    .number = gateway->number,
	    .gateway = g,
	    .server = d->server.entity,
	    .self = {.timer = {SIM_NEVER}, .device = d->gateway_device[g]},
	    .slots = &d->slots[gateway->first_pne],
	};
	node->entity = sim_engine_add(d->world.engine, gw_node_handle, node);
	d->gateway_entity[g] = node->entity;
	if (d->gateway_device[g] != NO_DEVICE)
		d->world.devices[d->gateway_device[g]].entity = node->entity;
	provision_entity(d, gateway->id, gateway->user);
	draw_octets(d, gateway->number, PURPOSE_WAN_SESSION, d->wan_sessions[g], CPNS_HASH);
	d->links[g] = (struct server_link){.figures = &wan->down,
					   .number = gateway->number,
					   .entity = node->entity,
					   .session = {g, d->wan_sessions[g]}};
	if (n > 0)
		build_pan(d, g);
	cpns_gw_init(&node->machine, &d->blueprint->rules, &d->world.env, gateway->id, &d->known[gateway->first_pne],
		     n);
	node->machine.wan_session = d->wan_sessions[g];
}

static void build_gateways(struct deployment *d)
{
	const struct topology *t = d->topology;

	d->gws = g_new0(struct gw_node, t->n_gateways);
	d->media = g_new0(struct pan_medium, t->n_gateways);
	d->pnes = g_new0(struct pne_node, t->n_pnes);
	d->known = g_new0(struct cpns_gw_entity, t->n_pnes);
	d->slots = g_new0(struct gw_slot, t->n_pnes);
	d->members = g_new0(struct pan_member, t->n_pnes);
	d->pan_sessions = g_malloc0_n(t->n_pnes, CPNS_HASH);
	d->temporary_keys = g_malloc0_n(t->n_pnes, 16);
	for (uint32_t g = 0; g < t->n_gateways; g++)
		build_gateway(d, g);
}

static void build_workload(struct deployment *d)
{
	const struct blueprint *b = d->blueprint;

	if (b->arrivals == ARRIVALS_STORM)
		workload_node_storm(&d->workload, &d->world, d->n_devices, b->storm_window);
	else
		workload_node_poisson(&d->workload, &d->world, d->n_devices, b->rate);
	d->workload.entity = sim_engine_add(d->world.engine, workload_node_handle, &d->workload);
	workload_node_begin(&d->workload);
}

/* ---- do entity and server agree? ---- */

static const uint8_t *key_of(const struct deployment *d, uint32_t device, struct cpns_octets *id)
{
	const struct device *dev = &d->world.devices[device];
	const struct topology_gateway *gateway = &d->topology->gateways[dev->gateway];

	if (dev->pne == CPNS_GW_SELF) {
		const struct cpns_gw *gw = &d->gws[dev->gateway].machine;

		*id = gateway->id;
		return gw->keyed ? gw->eukey : NULL;
	}
	const struct cpns_pne *pne = &d->pnes[gateway->first_pne + dev->pne].machine;

	*id = pne->id;
	return pne->keyed ? pne->eukey : NULL;
}

/* Divergence: a current key at the server that the entity does not hold, or a key at the entity that the server holds
 * neither as current nor as pending. Counted once per entity. */
static void judge(void *context, uint32_t device)
{
	struct deployment *d = context;
	const struct cpns_store *store = memory_store_interface(d->store);
	struct device *dev = &d->world.devices[device];
	struct cpns_octets id;
	const uint8_t *key = key_of(d, device, &id);
	const struct cpns_entity *entity = store->entity(store->self, id, false);
	bool unknown_here = entity->keyed && (key == NULL || memcmp(key, entity->current, CPNS_HASH) != 0);
	bool unknown_there = key != NULL && !cpns_entity_has(entity, key);

	if (dev->diverged || !(unknown_here || unknown_there) ||
	    sim_engine_now(d->world.engine) < d->blueprint->warmup)
		return;
	dev->diverged = true;
	d->world.ledger.divergence[dev->flow]++;
}

/* ---- life ---- */

struct deployment *deployment_new(const struct blueprint *blueprint, const struct sim_random *random, GError **error)
{
	struct deployment *d = g_new0(struct deployment, 1);

	d->blueprint = blueprint;
	d->topology = blueprint->fixed;
	if (d->topology == NULL)
		d->topology = d->drawn = topology_generate(&blueprint->shape, random, error);
	if (d->topology == NULL) {
		g_free(d);
		return NULL;
	}
	d->crypto = blueprint->counted ? cpns_crypto_counted_new() : cpns_crypto_openssl_new();
	d->store = memory_store_new();
	d->world = (struct world){
	    .engine = sim_engine_new(),
	    .random = *random,
	    .rules = &blueprint->rules,
	    .env = {d->crypto, &d->world, world_random},
	    .judge = judge,
	    .context = d,
	};
	packets_init(&d->world.packets);
	ledger_init(&d->world.ledger, blueprint->steady, blueprint->warmup);
	list_devices(d);
	provision_users(d);
	build_server(d);
	build_users(d);
	build_gateways(d);
	build_workload(d);
	return d;
}

void deployment_free(struct deployment *d)
{
	if (d == NULL)
		return;
	for (uint32_t p = 0; p < d->topology->n_pnes; p++)
		pne_node_clear(&d->pnes[p]);
	for (uint32_t g = 0; g < d->topology->n_gateways; g++)
		cpns_gw_clear(&d->gws[g].machine);
	for (uint32_t u = 0; u < d->topology->n_users; u++)
		user_node_clear(&d->user_nodes[u]);
	for (uint32_t i = 0; i < d->n_devices; i++)
		if (d->wishes[i].backlog != NULL)
			g_queue_free(d->wishes[i].backlog);
	workload_node_clear(&d->workload);
	memory_store_free(d->store);
	cpns_crypto_free(d->crypto);
	packets_clear(&d->world.packets);
	ledger_clear(&d->world.ledger);
	sim_engine_free(d->world.engine);
	g_free(d->world.devices);
	g_free(d->wishes);
	g_free(d->down);
	g_free(d->user_nodes);
	g_free(d->gws);
	g_free(d->media);
	g_free(d->pnes);
	g_free(d->known);
	g_free(d->slots);
	g_free(d->members);
	g_free(d->pan_sessions);
	g_free(d->temporary_keys);
	g_free(d->pne_device);
	g_free(d->links);
	g_free(d->wan_sessions);
	g_free(d->gateway_entity);
	g_free(d->gateway_device);
	g_free(d->users);
	g_free(d->password_hashes);
	topology_free(d->drawn);
	g_free(d);
}

/* A generated topology says by its shares which flows there can be, whatever one replication happens to draw. */
static void note_flows(const struct deployment *d, bool takes_part[FLOWS])
{
	const struct topology_shape *shape = &d->blueprint->shape;

	if (d->blueprint->flow >= 0) {
		takes_part[d->blueprint->flow] = true;
		return;
	}
	for (uint32_t i = 0; i < d->n_devices; i++)
		takes_part[d->world.devices[i].flow] = true;
	if (d->drawn == NULL)
		return;
	takes_part[FLOW_PNE_UI] = shape->ui > 0;
	takes_part[FLOW_SECURE_PAN] = shape->ui < 1 && shape->secure > 0;
	takes_part[FLOW_INSECURE_PAN] = shape->ui < 1 && shape->secure < 1;
	takes_part[FLOW_GATEWAY] = shape->smartcard < 1;
}

struct deployment_result deployment_result(const struct deployment *d)
{
	const struct blueprint *b = d->blueprint;
	const struct ledger *ledger = &d->world.ledger;
	struct deployment_result r = {
	    .end = d->end, .ledger = ledger, .blueprint = b, .pending_dropped = d->server.machine.pending_dropped};

	if (b->steady) {
		r.begin = b->warmup;
		r.finish = b->limit;
	} else if (ledger->first_arrival != SIM_NEVER) {
		r.begin = ledger->first_arrival;
		r.finish = d->end == SIM_END_LIMIT ? b->limit : ledger->last_end;
	}
	note_flows(d, r.takes_part);
	return r;
}

/* ---- the balances of a run ---- */

struct in_flight {
	struct deployment *d;
	uint64_t on[LEGS];
};

static void visit_pending(void *context, const struct sim_event *event)
{
	struct in_flight *f = context;

	switch (event->kind) {
	case EVENT_FROM_PAN:
		f->on[LEG_PAN]++;
		break;
	case EVENT_FROM_WAN:
		f->on[LEG_WAN]++;
		break;
	case EVENT_SEND_UP:
	case EVENT_SEND_DOWN:
	case EVENT_LEAVE:
		break;
	case EVENT_DONE:
		if (event->payload == 0)
			return;
		break;
	default:
		return;
	}
	packet_release(&f->d->world.packets, event->payload);
}

static bool unbalanced(GError **error, const char *what, uint64_t left, uint64_t right)
{
	g_set_error(error, DEPLOYMENT_ERROR, 0,
		    "balance broken: %s: %" G_GUINT64_FORMAT " against %" G_GUINT64_FORMAT, what, left, right);
	return false;
}

/* Every assignment is completed, failed or censored; counted from what the nodes said, not from what is left over. */
static bool check_assignments(const struct deployment *d, GError **error)
{
	const GArray *all = d->world.ledger.assignments;
	uint64_t started = 0, states[3] = {0};

	for (uint32_t i = 0; i < d->n_devices; i++)
		started += d->wishes[i].started;
	for (guint i = 0; i < all->len; i++)
		states[g_array_index(all, struct assignment, i).state]++;
	if (started != states[ASSIGNMENT_OPEN] + states[ASSIGNMENT_COMPLETED] + states[ASSIGNMENT_FAILED])
		return unbalanced(error, "assignments started, and completed + failed + censored", started, all->len);
	if (d->end == SIM_END_IDLE && states[ASSIGNMENT_OPEN] != 0)
		return unbalanced(error, "assignments open although nothing is left to do", states[ASSIGNMENT_OPEN],
				  0);
	return true;
}

static bool check_balances(struct deployment *d, const struct in_flight *flight, GError **error)
{
	static const char *const legs[LEGS] = {
	    [LEG_PAN] = "messages sent on the PAN, and delivered + lost + in flight",
	    [LEG_WAN] = "messages sent on the WAN, and delivered + lost + in flight"};
	struct ledger *ledger = &d->world.ledger;
	const struct sim_pool *pool = d->world.packets.pool;

	for (int leg = 0; leg < LEGS; leg++) {
		uint64_t there = ledger->taken[leg] + ledger->lost[leg] + flight->on[leg];

		if (ledger->put[leg] != there)
			return unbalanced(error, legs[leg], ledger->put[leg], there);
	}
	if (sim_pool_taken(pool) != sim_pool_released(pool))
		return unbalanced(error, "packets created and destroyed", sim_pool_taken(pool),
				  sim_pool_released(pool));
	if (sim_occupancy_integral(ledger->queue) != sim_occupancy_stays(ledger->queue))
		return unbalanced(error, "integral of the server's queue and sum of the stays in it, ns",
				  (uint64_t)sim_occupancy_integral(ledger->queue),
				  (uint64_t)sim_occupancy_stays(ledger->queue));
	return check_assignments(d, error);
}

/* What came late: a key that an entity or the server took after its assignment had failed. */
static void judge_again(struct deployment *d)
{
	for (uint32_t i = 0; i < d->n_devices; i++)
		if (d->wishes[i].started > 0 && !d->wishes[i].busy)
			judge(d, i);
}

bool deployment_run(struct deployment *d, const volatile int *stop, GError **error)
{
	struct in_flight flight = {.d = d};

	d->end = sim_engine_run(d->world.engine, d->blueprint->limit, stop);
	judge_again(d);
	sim_engine_drain(d->world.engine, visit_pending, &flight);
	sim_time finish = deployment_result(d).finish;

	sim_occupancy_extend(d->world.ledger.queue, finish);
	sim_occupancy_extend(d->world.ledger.busy, finish);
	server_node_close(&d->server);
	return check_balances(d, &flight, error);
}

void deployment_record(const struct deployment *d, struct sim_record *record)
{
	static const char *const ended[] = {[SIM_END_IDLE] = "nothing left to do",
					    [SIM_END_LIMIT] = "sim-time-limit",
					    [SIM_END_STOPPED] = "interrupted"};
	struct deployment_result result = deployment_result(d);

	record->fingerprint = *sim_engine_fingerprint(d->world.engine);
	record->ended = ended[d->end];
	record->events = sim_engine_handled(d->world.engine);
	record->pending_max = sim_engine_pending_peak(d->world.engine);
	record->crypto_wall_ns = cpns_crypto_wall_ns(d->crypto);
	metrics_record(&result, record);
}
