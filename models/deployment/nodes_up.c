/* PNEs get up when something happens to them, and lie down when nothing is under way any more. Of a million in a
 * storm a few hundred are up at a time, so that these share the same few pages. */
#include "models/deployment/parts.h"

/* A node in the pool. */
struct up {
	struct pne_node node;
	uint32_t next; /* that got up after it, or was last found not to be at rest; 0: none */
};

enum { LOOKS = 2 }; /* at those that are up, for each that gets up: more lie down than get up, if they can */

void nodes_up_init(struct nodes_up *up)
{
	*up = (struct nodes_up){.pool = sim_pool_new(sizeof(struct up))};
}

void nodes_up_clear(struct nodes_up *up)
{
	sim_pool_free(up->pool);
}

struct pne_node *deployment_node(const struct deployment *d, const struct member *member)
{
	struct up *u = member->up != 0 ? sim_pool_at(d->up.pool, member->up) : NULL;

	return u != NULL ? &u->node : NULL;
}

static void append(struct nodes_up *up, uint32_t handle)
{
	((struct up *)sim_pool_at(up->pool, handle))->next = 0;
	if (up->first == 0)
		up->first = handle;
	else
		((struct up *)sim_pool_at(up->pool, up->last))->next = handle;
	up->last = handle;
}

static uint32_t take_first(struct nodes_up *up)
{
	uint32_t handle = up->first;

	up->first = ((struct up *)sim_pool_at(up->pool, handle))->next;
	return handle;
}

/* False: something is under way. */
static bool lie_down(struct deployment *d, struct pne_node *node)
{
	const struct device *device = &d->world.devices[node->device];
	struct member *member = d->households[device->gateway]->members[device->pne];

	if (!pne_node_idle(node) ||
	    !cpns_pne_lie_down(&node->machine, sim_engine_now(d->world.engine), &member->rest))
		return false;
	member->assignment = node->assignment;
	member->up = 0;
	sim_engine_place(d->world.engine, device->entity, NULL);
	return true;
}

struct pne_node *nodes_up_get(struct deployment *d, struct member *member, uint32_t device, struct cpns_octets id,
			      const struct cost_profile *profile)
{
	for (int i = 0; i < LOOKS && d->up.first != 0; i++) {
		uint32_t handle = take_first(&d->up);

		if (lie_down(d, &((struct up *)sim_pool_at(d->up.pool, handle))->node))
			sim_pool_release(d->up.pool, handle);
		else
			append(&d->up, handle);
	}
	member->up = sim_pool_take(d->up.pool);
	append(&d->up, member->up);
	struct pne_node *node = deployment_node(d, member);

	pne_node_init(node, &d->world, device, id, profile);
	node->assignment = member->assignment;
	cpns_pne_get_up(&node->machine, &member->rest);
	sim_engine_place(d->world.engine, d->world.devices[device].entity, node);
	return node;
}

bool nodes_up_any(const struct deployment *d, bool (*is)(const struct pne_node *node))
{
	bool any = false;

	for (uint32_t handle = d->up.first; handle != 0 && !any;) {
		const struct up *u = sim_pool_at(d->up.pool, handle);

		any = is(&u->node);
		handle = u->next;
	}
	return any;
}
