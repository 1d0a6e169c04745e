/* From a blueprint and a topology to nodes: who takes part in which flow, what is in place at the start, and which
 * node hangs on which. */
#include <string.h>

#include "models/deployment/parts.h"
#include "models/protocol/keys.h"

/* Which of the uniform numbers at a node's topology address decides what; the first ones made the topology itself. */
enum { PART_PAN = 1, PART_WAN, PART_CLASS };

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
	d->user_devices = g_new0(struct user_device, d->n_devices);
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
	d->server.entity = sim_engine_add(d->world.engine, server_node_handle, &d->server);
}

static void build_users(struct deployment *d)
{
	bool registered = d->blueprint->registration != REGISTRATION_GATEWAY;

	d->user_nodes = g_new0(struct user_node, d->topology->n_users);
	d->gateway_entity = g_new0(uint32_t, d->topology->n_gateways);
	for (uint32_t u = 0; u < d->topology->n_users; u++) {
		struct user_node *node = &d->user_nodes[u];

		user_node_init(node, &d->world, registered, d->user_devices, d->gateway_entity);
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
	d->known_pnes[p].pan_session = d->pan_sessions[p];
	if (d->blueprint->registration != REGISTRATION_NONE)
		return;
	cpns_pne_provision(&d->pnes[p].machine, d->users[user].id, d->password_hashes[user]);
	d->known_pnes[p].installed = true;
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
	d->pne_entity[p] = d->world.devices[device].entity;
	d->slots[p] = (struct gw_slot){.timer = {SIM_NEVER}, .device = device, .assignment = NO_ASSIGNMENT};
	d->known_pnes[p].id = pne->id;
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
				   .pnes = &d->pne_entity[gateway->first_pne]};
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
	    .self = {.timer = {SIM_NEVER}, .device = d->gateway_device[g], .assignment = NO_ASSIGNMENT},
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
	cpns_gw_init(&node->machine, &d->blueprint->rules, &d->world.env, gateway->id,
		     &d->known_pnes[gateway->first_pne], n);
	node->machine.wan_session = d->wan_sessions[g];
}

static void build_gateways(struct deployment *d)
{
	const struct topology *t = d->topology;

	d->gws = g_new0(struct gw_node, t->n_gateways);
	d->media = g_new0(struct pan_medium, t->n_gateways);
	d->pnes = g_new0(struct pne_node, t->n_pnes);
	d->known_pnes = g_new0(struct cpns_gw_entity, t->n_pnes);
	d->slots = g_new0(struct gw_slot, t->n_pnes);
	d->pne_entity = g_new0(uint32_t, t->n_pnes);
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

void deployment_build(struct deployment *d)
{
	list_devices(d);
	provision_users(d);
	build_server(d);
	build_users(d);
	build_gateways(d);
	build_workload(d);
}
