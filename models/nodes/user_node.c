#include "models/nodes/user_node.h"

#include <assert.h>

#include "models/nodes/waking.h"

void user_context_init(struct user_context *context, struct world *world, uint32_t n_devices,
		       const uint32_t *gateways)
{
	*context = (struct user_context){
	    .world = world, .devices = g_new0(struct user_device, n_devices), .gateways = gateways};
}

void user_context_clear(struct user_context *context)
{
	g_free(context->devices);
	g_clear_pointer(&context->backlogs, g_hash_table_unref);
}

void user_node_init(struct user_node *node, struct user_context *context, bool registered)
{
	*node = (struct user_node){.context = context, .registered = registered};
}

void user_node_clear(struct user_node *node)
{
	g_clear_pointer(&node->waiting, g_queue_free);
}

static void free_backlog(gpointer backlog)
{
	g_queue_free(backlog);
}

/* The assignment waits until that device is no longer busy. */
static void put_off(struct user_context *context, uint32_t device, uint32_t assignment)
{
	if (context->backlogs == NULL)
		context->backlogs = g_hash_table_new_full(NULL, NULL, NULL, free_backlog);
	GQueue *backlog = g_hash_table_lookup(context->backlogs, GUINT_TO_POINTER(device));

	if (backlog == NULL) {
		backlog = g_queue_new();
		g_hash_table_insert(context->backlogs, GUINT_TO_POINTER(device), backlog);
	}
	g_queue_push_tail(backlog, GUINT_TO_POINTER(assignment));
	context->devices[device].waits = true;
}

/* The one that has waited longest. */
static uint32_t take_up(struct user_context *context, uint32_t device)
{
	GQueue *backlog = g_hash_table_lookup(context->backlogs, GUINT_TO_POINTER(device));
	uint32_t assignment = GPOINTER_TO_UINT(g_queue_pop_head(backlog));

	context->devices[device].waits = !g_queue_is_empty(backlog);
	return assignment;
}

static const struct device *device_of(const struct user_node *node, uint32_t assignment)
{
	return &node->context->world->devices[ledger_at(&node->context->world->ledger, assignment)->device];
}

static void send(struct user_node *node, uint32_t receiver, enum node_event kind, uint32_t assignment)
{
	sim_engine_send(node->context->world->engine, node->entity, receiver,
			sim_engine_now(node->context->world->engine), (uint8_t)kind, assignment);
}

/* Goes to the device that has the user interface: the PNE in 6.3.1, the PN GW otherwise; a use to the device itself.
 */
static void begin(struct user_node *node, uint32_t assignment)
{
	const struct device *device = device_of(node, assignment);

	if (ledger_at(&node->context->world->ledger, assignment)->use) {
		send(node, device->entity, EVENT_USE, assignment);
		return;
	}

	send(node, device->flow == FLOW_PNE_UI ? device->entity : node->context->gateways[device->gateway],
	     EVENT_START, assignment);
}

static void register_for(struct user_node *node, uint32_t assignment)
{
	node->registering = true;
	send(node, node->context->gateways[device_of(node, assignment)->gateway], EVENT_REGISTER, assignment);
}

static void wait(struct user_node *node, uint32_t assignment)
{
	if (node->waiting == NULL)
		node->waiting = g_queue_new();
	g_queue_push_tail(node->waiting, GUINT_TO_POINTER(assignment));
}

static bool somebody_waits(const struct user_node *node)
{
	return node->waiting != NULL && !g_queue_is_empty(node->waiting);
}

static void dispatch(struct user_node *node, uint32_t assignment)
{
	if (node->registered)
		begin(node, assignment);
	else if (node->registering)
		wait(node, assignment);
	else
		register_for(node, assignment);
}

static void arrive(struct user_node *node, uint32_t device)
{
	struct user_device *d = &node->context->devices[device];
	uint32_t assignment = world_begin(node->context->world, device, d->started++);

	if (!d->busy) {
		d->busy = true;
		dispatch(node, assignment);
		return;
	}
	put_off(node->context, device, assignment);
}

/* A device has woken up to use its key, or to ask for one; a busy one does neither. */
static void woken(struct user_node *node, uint32_t device, bool needs_key, sim_time now)
{
	struct world *world = node->context->world;
	struct user_device *d = &node->context->devices[device];
	struct waking *w = &world->wakings[device];

	if (d->busy) {
		ledger_skipped(&world->ledger, world->devices[device].flow, now);
		return;
	}
	w->busy = true;
	if (needs_key) {
		arrive(node, device);
	} else {
		d->busy = true;
		w->use = world_begin_use(world, device, w->uses++);
		begin(node, w->use);
	}
}

static void registered(struct user_node *node, uint32_t assignment)
{
	node->registering = false;
	node->registered = true;
	begin(node, assignment);
	while (somebody_waits(node))
		begin(node, GPOINTER_TO_UINT(g_queue_pop_head(node->waiting)));
}

/* The assignment that needed it fails; the next one in line tries again. */
static void not_registered(struct user_node *node, uint32_t assignment)
{
	node->registering = false;
	world_working(node->context->world, assignment, WORKER_USER, false, node->entity);
	if (somebody_waits(node))
		register_for(node, GPOINTER_TO_UINT(g_queue_pop_head(node->waiting)));
}

/* Draws by device and by how many assignments it has had: no other device and no length of one moves them. */
void user_node_think(struct user_node *node, uint32_t device)
{
	struct world *world = node->context->world;
	struct sim_address address = {.entity = world->devices[device].number,
				      .ordinal = node->context->devices[device].started,
				      .purpose = PURPOSE_ARRIVAL};
	struct sim_stream stream = sim_stream_at(&world->random, &address);
	sim_time pause = sim_variate_duration(node->context->think, &stream);

	sim_engine_send(world->engine, node->entity, node->entity, sim_engine_now(world->engine) + MAX(pause, 1),
			EVENT_ARRIVAL, device);
}

static void ended(struct user_node *node, uint32_t device)
{
	struct user_device *d = &node->context->devices[device];
	bool wanted = waking_ended(node->context->world, device, node->entity);

	d->busy = d->waits;
	if (d->busy)
		dispatch(node, take_up(node->context, device));
	if (node->context->think != NULL && wanted)
		user_node_think(node, device);
}

/* Nobody has looked at what is remembered of the device since its assignment began. */
void user_node_fetch(const void *state, const struct sim_coming *coming)
{
	const struct user_node *node = state;

	if (coming->kind == EVENT_ENDED)
		__builtin_prefetch(&node->context->devices[coming->payload], 1);
}

bool user_node_handle(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	(void)engine;
	struct user_node *node = state;

	switch (event->kind) {
	case EVENT_ARRIVAL:
		arrive(node, event->payload);
		return true;
	case EVENT_REGISTERED:
		registered(node, event->payload);
		return true;
	case EVENT_NOT_REGISTERED:
		not_registered(node, event->payload);
		return true;
	case EVENT_WANTS_USE:
	case EVENT_WANTS_KEY:
		woken(node, event->payload, event->kind == EVENT_WANTS_KEY, event->time);
		return true;
	case EVENT_TYPE_AGAIN:
		begin(node, event->payload);
		return true;
	case EVENT_ENDED:
		ended(node, event->payload);
		return true;
	default:
		assert(!"an event for a user");
		return false;
	}
}
