/* From a blueprint and a topology to nodes: who takes part in which flow, what is in place at the start, and which
 * node hangs on which. At the start there are no more than devices and the numbers of their nodes in the engine;
 * users, households and PNEs are built when something first happens to them, and since all draws have addresses, as
 * they would have been at the start. */
#include <string.h>

#include "models/deployment/parts.h"
#include "models/deployment/trace.h"
#include "models/nodes/node_restart.h"
#include "models/protocol/keys.h"
#include "sim/kernel/memory.h"

/* Which of the uniform numbers at a node's topology address decides what; the first ones made the topology itself. */
enum { PART_PAN = 1, PART_WAN, PART_CLASS };

enum { TEMPORARY_KEY = 16 }; /* octets */

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

/* The device class of a node of that number: `name`, or one of a mix, where there is a choice by a draw. */
static const struct cost_profile *class_of(const struct deployment *d, const struct sim_mix *mix, const char *name,
					   uint64_t number)
{
	bool choice = name == NULL && mix->n > 1;

	return blueprint_class(mix, name, choice ? draw_unit(d, number, PART_CLASS) : 0);
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

static bool gateway_takes_part(const struct deployment *d, uint32_t gateway)
{
	return blueprint_gateways_take_part(d->blueprint, d->topology->gateways[gateway].smartcard);
}

uint32_t deployment_n_pnes(const struct deployment *d, uint32_t gateway)
{
	return blueprint_pnes_take_part(d->blueprint) ? d->topology->gateways[gateway].n_pnes : 0;
}

static uint32_t device_of_pne(const struct deployment *d, uint32_t g, uint32_t i)
{
	return d->first_device[g] + gateway_takes_part(d, g) + i;
}

/* Devices stand in the order of the topology: each PN GW, then its PNEs. */
static void list_devices(struct deployment *d)
{
	const struct topology *t = d->topology;
	gsize room = ((gsize)t->n_gateways + t->n_pnes) * sizeof(struct device);
	struct device *devices = sim_memory_grow(NULL, 0, room);

	memset(devices, 0, room);

	d->first_device = g_new(uint32_t, t->n_gateways);
	for (uint32_t g = 0; g < t->n_gateways; g++) {
		const struct topology_gateway *gateway = &t->gateways[g];

		d->first_device[g] = d->n_devices;
		if (gateway_takes_part(d, g)) {
			devices[d->n_devices++] = (struct device){.number = gateway->number,
								  .flow = FLOW_GATEWAY,
								  .user = gateway->user,
								  .gateway = g,
								  .pne = CPNS_GW_SELF};
		}
		for (uint32_t i = 0; i < deployment_n_pnes(d, g); i++) {
			const struct topology_pne *pne = &t->pnes[gateway->first_pne + i];
			enum flow flow = flow_of(d, pne);

			devices[d->n_devices++] =
			    (struct device){.number = pne->number,
					    .flow = (uint8_t)flow,
					    .gateway = g,
					    .pne = i,
					    .user = flow == FLOW_PNE_UI ? pne->user : gateway->user};
		}
	}
	d->world.devices = devices;
	if (!d->blueprint->uses)
		return;
	d->wakings = g_new0(struct waking, d->n_devices);
	for (uint32_t i = 0; i < d->n_devices; i++)
		d->wakings[i].use = NO_ASSIGNMENT;
	d->world.wakings = d->wakings;
	d->world.wake_interval = &d->blueprint->wake_interval;
}

/* ---- what is in place at the start: never charged ---- */

static void provision_user(struct deployment *d, const struct user *user)
{
	struct cpns_ops uncharged = {0};
	struct cpns_work work = {d->crypto, &uncharged};

	if (d->blueprint->registration == REGISTRATION_GATEWAY)
		return;
	struct cpns_user *record = memory_store_add_user(d->store, user->id);

	record->cold = d->blueprint->cold_start;
	cpns_password_hash(work, &d->blueprint->rules, user->id, user->password, record->pwh);
}

static struct cpns_entity *provision_entity(struct deployment *d, struct cpns_octets id, uint32_t owner)
{
	struct cpns_entity *entity = memory_store_add_entity(d->store, id);

	cpns_entity_set_owner(entity, d->topology->users[owner].id);
	return entity;
}

/* ---- nodes ---- */

static void build_server(struct deployment *d)
{
	const struct blueprint *b = d->blueprint;
	const struct cost_profile *profile = class_of(d, &b->server_class, d->topology->server_class, 0);

	server_node_init(&d->server, &d->world, memory_store_interface(d->store), b->workers, profile,
			 b->has_service ? &b->service : NULL, &b->policies);
	draw_octets(d, 0, PURPOSE_SERVER_SECRET, d->server.machine.secret, CPNS_HASH);
	d->server.entity = sim_engine_add(d->world.engine, server_node_handle, &d->server);
}

static void build_user(struct deployment *d, uint32_t u)
{
	struct user_node *node = &d->user_nodes[u];

	user_node_init(node, &d->users, d->blueprint->registration != REGISTRATION_GATEWAY);
	node->entity = d->world.first_user_entity + u;
	sim_engine_place(d->world.engine, node->entity, node);
	provision_user(d, &d->topology->users[u]);
}

/* The server's record of a user, who is built for that if nothing has happened to him yet. */
static const struct cpns_user *record_of(struct deployment *d, uint32_t u)
{
	const struct cpns_store *store = memory_store_interface(d->store);

	if (d->user_nodes[u].context == NULL)
		build_user(d, u);
	return store->user(store->self, d->topology->users[u].id, false);
}

/* `n` octets that last, close together: a cache line each would be too much for millions. */
static void *cut(struct deployment *d, gsize n)
{
	enum { AT_ONCE = 16 << 10, ALIGNED = 8 };
	gsize rounded = (n + ALIGNED - 1) / ALIGNED * ALIGNED;

	if (rounded > d->cut_left) {
		d->cut_left = MAX(rounded, (gsize)AT_ONCE);
		d->cut = sim_arena_take(d->memory, d->cut_left);
	}
	void *at = d->cut;

	d->cut += rounded;
	d->cut_left -= rounded;
	sim_memory_fetch(d->cut, rounded); /* for the next one, which is likely as long */
	return at;
}

/* What its flow needs to be in place, octets. */
static gsize secret_size(enum flow flow)
{
	return flow == FLOW_SECURE_PAN ? CPNS_HASH : flow == FLOW_INSECURE_PAN ? TEMPORARY_KEY : 0;
}

static struct member *member_new(struct deployment *d, const struct device *device, struct cpns_entity *record)
{
	struct member *member = cut(d, sizeof(*member) + secret_size((enum flow)device->flow));

	*member = (struct member){.record = record, .assignment = NO_ASSIGNMENT};
	return member;
}

/* A PNE of 6.3.2.1: what its PAN is secured by, and, where no messages do it, its user's ID and password hash. */
static void secure_pne(struct deployment *d, struct household *h, struct cpns_pne *machine,
		       const struct device *device)
{
	const struct topology_gateway *gateway = &d->topology->gateways[device->gateway];
	uint8_t *secret = h->members[device->pne]->secret;

	draw_octets(d, device->number, PURPOSE_PAN_SESSION, secret, CPNS_HASH);
	h->gw.machine.pnes[device->pne].pan.secret = secret;
	if (d->blueprint->registration != REGISTRATION_NONE)
		return;
	if (h->owner == NULL)
		h->owner = record_of(d, gateway->user);
	cpns_pne_provision(machine, cut(d, sizeof(struct cpns_pne_account)), d->topology->users[gateway->user].id,
			   h->owner->pwh);
	h->gw.machine.pnes[device->pne].installed = true;
}

/* A PNE of 6.3.2.2: the Temporary Key, and where the server can get it. */
static void temporary_key(struct deployment *d, struct member *member, struct cpns_entity *entity, uint64_t number)
{
	draw_octets(d, number, PURPOSE_TEMPORARY_KEY, member->secret, TEMPORARY_KEY);
	cpns_entity_set_tk(entity, (struct cpns_octets){member->secret, TEMPORARY_KEY});
}

/* What the topology says of a PNE; not its ID. */
static struct topology_pne pne_of(const struct deployment *d, const struct device *device)
{
	const struct topology_gateway *gateway = &d->topology->gateways[device->gateway];

	if (d->topology->pnes != NULL)
		return d->topology->pnes[gateway->first_pne + device->pne];
	return (struct topology_pne){.number = device->number, .user = gateway->user};
}

/* Its CPU is of the PNEs' classes, or, in one device with the PN GW, of that one's. */
static const struct cost_profile *class_of_pne(const struct deployment *d, const struct topology_gateway *gateway,
					       const struct topology_pne *pne)
{
	const struct blueprint *b = d->blueprint;

	return class_of(d, pne->inside ? &b->gateway_class : &b->pne_class, pne->device_class,
			pne->inside ? gateway->number : pne->number);
}

/* Lets a PNE that is at rest get up. */
static struct pne_node *get_up(struct deployment *d, struct household *h, uint32_t number)
{
	const struct device *device = &d->world.devices[number];
	const struct topology_gateway *gateway = &d->topology->gateways[device->gateway];
	const struct topology_pne pne = pne_of(d, device);
	struct member *member = h->members[device->pne];
	struct pne_node *node = nodes_up_get(d, member, number, cpns_gw_entity_id(&h->gw.machine.pnes[device->pne]),
					     class_of_pne(d, gateway, &pne));

	node->medium = h->medium.entity;
	if (device->flow == FLOW_SECURE_PAN)
		node->machine.pan.secret = member->secret;
	if (device->flow == FLOW_INSECURE_PAN)
		node->machine.tk = (struct cpns_octets){member->secret, TEMPORARY_KEY};
	return node;
}

static void build_pne(struct deployment *d, struct household *h, uint32_t number)
{
	const struct device *device = &d->world.devices[number];
	struct cpns_octets id = cpns_gw_entity_id(&h->gw.machine.pnes[device->pne]);
	struct cpns_entity *entity = provision_entity(d, id, pne_of(d, device).user);
	struct member *member = h->members[device->pne] = member_new(d, device, entity);
	struct pne_node *node = get_up(d, h, number);

	if (device->flow == FLOW_SECURE_PAN)
		secure_pne(d, h, &node->machine, device);
	if (device->flow == FLOW_INSECURE_PAN)
		temporary_key(d, member, entity, device->number);
}

/* A PAN that nobody is on may have no preset. */
static const struct link_preset *pan_of(const struct deployment *d, const struct topology_gateway *gateway)
{
	const char *name = d->blueprint->links[LEG_PAN].mix.n == 0 && gateway->pan == NULL ? "ideal" : gateway->pan;

	return blueprint_link(d->blueprint, LEG_PAN, name, draw_unit(d, gateway->number, PART_PAN));
}

static uint32_t number_inside(const struct deployment *d, const struct topology_gateway *gateway)
{
	for (uint32_t i = 0; d->topology->pnes != NULL && i < gateway->n_pnes; i++)
		if (d->topology->pnes[gateway->first_pne + i].inside)
			return i;
	return NOBODY_INSIDE;
}

/* Makes the IDs of a generated topology's PNEs again: the last one is the longest. */
static void name_pnes(struct deployment *d, struct household *h, uint32_t g, uint32_t n)
{
	char id[TOPOLOGY_PNE_ID];
	char *at = cut(d, n * topology_pne_id(id, g, n - 1));

	for (uint32_t i = 0; i < n; i++) {
		gsize length = topology_pne_id(id, g, i);

		memcpy(at, id, length);
		h->gw.machine.pnes[i] = cpns_gw_entity_of((struct cpns_octets){(const uint8_t *)at, length}, NULL);
		at += length;
	}
}

static void build_pan(struct deployment *d, struct household *h, uint32_t g)
{
	const struct topology_gateway *gateway = &d->topology->gateways[g];
	const struct link_preset *preset = pan_of(d, gateway);

	h->medium = (struct pan_medium){.world = &d->world,
					.figures = &preset->up,
					.shared = preset->shared,
					.number = gateway->number,
					.entity = d->gateway_entity[g] + 1,
					.inside = number_inside(d, gateway)};
	sim_engine_place(d->world.engine, h->medium.entity, &h->medium);
	h->gw.medium = h->medium.entity;
	uint32_t n = deployment_n_pnes(d, g);

	for (uint32_t i = 0; i < n; i++)
		h->gw.slots[i] = (struct gw_slot){.assignment = NO_ASSIGNMENT};
	if (d->topology->pnes == NULL)
		name_pnes(d, h, g, n);
	else
		for (uint32_t i = 0; i < n; i++)
			h->gw.machine.pnes[i] = cpns_gw_entity_of(d->topology->pnes[gateway->first_pne + i].id, NULL);
}

static void build_gateway(struct deployment *d, struct household *h, uint32_t g)
{
	const struct topology_gateway *gateway = &d->topology->gateways[g];
	const struct link_preset *wan =
	    blueprint_link(d->blueprint, LEG_WAN, gateway->wan, draw_unit(d, gateway->number, PART_WAN));

	h->gw = (struct gw_node){
	    .world = &d->world,
	    .cpu = {.profile = class_of(d, &d->blueprint->gateway_class, gateway->device_class, gateway->number)},
	    .figures = &wan->up,
	    .number = gateway->number,
	    .gateway = g,
	    .device = d->first_device[g],
	    .first_pne = device_of_pne(d, g, 0),
	    .entity = d->gateway_entity[g],
	    .server = d->server.entity,
	    .self = {.assignment = NO_ASSIGNMENT},
	    .slots = h->gw.slots,
	    .machine = {.pnes = h->gw.machine.pnes},
	};
	sim_engine_place(d->world.engine, h->gw.entity, &h->gw);
	h->record = provision_entity(d, gateway->id, gateway->user);
	draw_octets(d, gateway->number, PURPOSE_WAN_SESSION, h->wan_secret, CPNS_HASH);
	d->links[g] =
	    (struct server_link){.figures = &wan->down,
				 .number = gateway->number,
				 .entity = h->gw.entity,
				 .session = {.gateway = g, .id = gateway->id, .leg = {.secret = h->wan_secret}}};
}

static struct household *household_new(struct sim_arena *memory, uint32_t n)
{
	struct household *h;
	gsize size =
	    sizeof(*h) + n * (sizeof(h->gw.machine.pnes[0]) + sizeof(h->gw.slots[0]) + sizeof(h->members[0]));

	h = sim_arena_take(memory, size);
	memset(h, 0, size);
	h->gw.machine.pnes = (void *)(h + 1);
	h->members = (void *)(h->gw.machine.pnes + n);
	h->gw.slots = (void *)(h->members + n); /* which need less alignment */
	return h;
}

static struct household *build_household(struct deployment *d, uint32_t g)
{
	uint32_t n = deployment_n_pnes(d, g);
	struct household *h = d->households[g] = household_new(d->memory, n);

	build_gateway(d, h, g);
	if (n > 0)
		build_pan(d, h, g);
	cpns_gw_init(&h->gw.machine, &d->blueprint->rules, &d->world.env, d->topology->gateways[g].id,
		     h->gw.machine.pnes, n);
	h->gw.machine.wan.secret = h->wan_secret;
	return h;
}

/* As far as it is not there: the household of PN GW number g, and its PNE number i (CPNS_GW_SELF: none). */
static void build_missing(struct deployment *d, uint32_t g, uint32_t i)
{
	struct household *h = d->households[g] != NULL ? d->households[g] : build_household(d, g);

	if (i == CPNS_GW_SELF)
		return;
	if (h->members[i] == NULL)
		build_pne(d, h, h->gw.first_pne + i);
	else if (!h->members[i]->up)
		get_up(d, h, h->gw.first_pne + i);
}

void deployment_build_device(struct deployment *d, uint32_t device)
{
	const struct device *dev = &d->world.devices[device];

	build_missing(d, dev->gateway, dev->pne);
}

/* sim_builder: of a user, or of the household that the entity belongs to, and of the PNE that it is. */
static void build_late(void *context, uint32_t entity)
{
	struct deployment *d = context;
	uint32_t low = 0, high = d->topology->n_gateways;

	if (entity - d->world.first_user_entity < d->topology->n_users) {
		build_user(d, entity - d->world.first_user_entity);
		return;
	}
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (d->gateway_entity[middle] <= entity)
			low = middle;
		else
			high = middle;
	}
	uint32_t first_pne = d->gateway_entity[low] + 2;

	build_missing(d, low, entity >= first_pne ? entity - first_pne : CPNS_GW_SELF);
}

/* ---- their places in the engine ---- */

static void place_users(struct deployment *d)
{
	d->user_nodes = g_new0(struct user_node, d->topology->n_users);
	for (uint32_t u = 0; u < d->topology->n_users; u++) {
		uint32_t entity = sim_engine_add(d->world.engine, user_node_handle, NULL);

		if (u == 0)
			d->world.first_user_entity = entity;
	}
}

/* Those of a household follow each other: the PN GW, its PAN, its PNEs. */
static void place_households(struct deployment *d)
{
	const struct topology *t = d->topology;

	d->households = g_new0(struct household *, t->n_gateways);
	d->links = g_new0(struct server_link, t->n_gateways);
	d->server.links = d->links;
	d->server.n_links = t->n_gateways;
	d->gateway_entity = g_new(uint32_t, t->n_gateways);
	for (uint32_t g = 0; g < t->n_gateways; g++) {
		uint32_t n = deployment_n_pnes(d, g);

		d->gateway_entity[g] = sim_engine_add(d->world.engine, gw_node_handle, NULL);
		if (gateway_takes_part(d, g))
			d->world.devices[d->first_device[g]].entity = d->gateway_entity[g];
		if (n > 0)
			sim_engine_add(d->world.engine, pan_medium_handle, NULL);
		for (uint32_t i = 0; i < n; i++)
			d->world.devices[device_of_pne(d, g, i)].entity =
			    sim_engine_add(d->world.engine, pne_node_handle, NULL);
	}
}

static uint32_t device_of(const struct deployment *d, const struct trace_arrival *arrival)
{
	if (arrival->pne == CPNS_GW_SELF)
		return d->first_device[arrival->gateway];
	return device_of_pne(d, arrival->gateway, arrival->pne);
}

static void plan_trace(struct deployment *d)
{
	const GArray *trace = d->blueprint->trace;
	struct sim_timed *arrivals = g_new(struct sim_timed, trace->len);

	for (guint i = 0; i < trace->len; i++) {
		const struct trace_arrival *arrival = &g_array_index(trace, struct trace_arrival, i);

		arrivals[i] = (struct sim_timed){arrival->time, device_of(d, arrival)};
	}
	workload_node_trace(&d->workload, &d->world, arrivals, trace->len);
}

static void think_of_all(struct deployment *d)
{
	d->users.think = &d->blueprint->think;
	for (uint32_t u = 0; u < d->topology->n_users; u++) {
		if (d->user_nodes[u].context == NULL) /* not with a household yet */
			build_user(d, u);
	}
	for (uint32_t i = 0; i < d->n_devices; i++)
		user_node_think(&d->user_nodes[d->world.devices[i].user], i);
}

static void build_workload(struct deployment *d)
{
	const struct blueprint *b = d->blueprint;

	switch (b->arrivals) {
	case ARRIVALS_STORM:
		workload_node_storm(&d->workload, &d->world, d->n_devices, b->storm_window);
		break;
	case ARRIVALS_POISSON:
		workload_node_poisson(&d->workload, &d->world, d->n_devices, b->rate);
		break;
	case ARRIVALS_TRACE:
		plan_trace(d);
		break;
	case ARRIVALS_CLOSED:
		think_of_all(d);
		return;
	}
	d->workload.entity = sim_engine_add(d->world.engine, workload_node_handle, &d->workload);
	workload_node_begin(&d->workload);
	if (!b->surges)
		return;
	workload_node_surge(&d->surge, &d->world, d->n_devices, b->surge_window);
	d->surge.entity = sim_engine_add(d->world.engine, workload_node_handle, &d->surge);
	workload_node_begin(&d->surge);
}

static void begin_restarts(struct deployment *d)
{
	const struct blueprint *b = d->blueprint;
	g_autofree uint64_t *numbers = g_new(uint64_t, MAX(d->n_devices, d->topology->n_gateways) + 1);

	for (uint32_t g = 0; g < d->topology->n_gateways; g++)
		numbers[g] = d->topology->gateways[g].number;
	if (b->restarts[KIND_GATEWAY])
		node_restart_begin(&d->world, KIND_GATEWAY, &b->restart_interval[KIND_GATEWAY],
				   d->topology->n_gateways, numbers);
	if (b->restarts[KIND_SERVER])
		node_restart_begin(&d->world, KIND_SERVER, &b->restart_interval[KIND_SERVER], 1, (uint64_t[]){0});
	for (uint32_t i = 0; i < d->n_devices; i++)
		numbers[i] = d->world.devices[i].number;
	if (b->restarts[KIND_PNE])
		node_restart_begin(&d->world, KIND_PNE, &b->restart_interval[KIND_PNE], d->n_devices, numbers);
}

void deployment_build(struct deployment *d)
{
	list_devices(d);
	sim_arena_expect(d->memory, d->n_devices * sizeof(struct cpns_entity)); /* and more; they are most of it */
	memory_store_reserve(d->store, d->topology->n_users, d->topology->n_gateways + d->topology->n_pnes);
	if (d->drawn != NULL)
		topology_forget_pnes(d->drawn);
	d->world.users = d->topology->users;
	build_server(d);
	place_users(d);
	place_households(d);
	user_context_init(&d->users, &d->world, d->n_devices, d->gateway_entity);
	if (d->blueprint->store.kind != STORE_FREE)
		server_node_use_store(&d->server, &d->blueprint->store);
	sim_engine_build_with(d->world.engine, build_late, d);
	sim_engine_fetch_with(d->world.engine, user_node_handle, user_node_fetch);
	for (uint32_t i = 0; i < d->n_devices && d->world.typing != NULL; i++)
		deployment_build_device(d, i); /* a mistyped Entity ID may name anybody */
	begin_restarts(d);
	build_workload(d);
}
