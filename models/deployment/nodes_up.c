/* PNEs get up when something happens to them, and lie down when nothing is under way any more. Of a million in a
 * storm a few hundred are up at a time, so that these share the same few pages. */
#include "models/deployment/parts.h"

struct up {
	struct pne_node node;
	struct up *next; /* of those that are up, or of those that are free */
};

enum {
	LOOKS = 2,    /* at those that are up, for each that gets up: more lie down than get up, if they can */
	AT_ONCE = 64, /* are made */
};

struct pne_node *nodes_up_of(const struct member *member)
{
	return member->up ? &member->node->node : NULL;
}

static void make(struct deployment *d)
{
	struct up *made = sim_arena_take(d->memory, AT_ONCE * sizeof(*made));

	for (int i = 0; i < AT_ONCE; i++) {
		made[i].next = d->up.free;
		d->up.free = &made[i];
	}
}

static void append(struct nodes_up *up, struct up *u)
{
	u->next = NULL;
	*(up->first == NULL ? &up->first : &up->last->next) = u;
	up->last = u;
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
	member->up = false;
	sim_engine_place(d->world.engine, device->entity, NULL);
	return true;
}

struct pne_node *nodes_up_get(struct deployment *d, struct member *member, uint32_t device, struct cpns_octets id,
			      const struct cost_profile *profile)
{
	for (int i = 0; i < LOOKS && d->up.first != NULL; i++) {
		struct up *u = d->up.first;

		d->up.first = u->next;
		if (lie_down(d, &u->node)) {
			u->next = d->up.free;
			d->up.free = u;
		} else {
			append(&d->up, u);
		}
	}
	if (d->up.free == NULL)
		make(d);
	struct up *u = d->up.free;
	struct pne_node *node = &u->node;

	d->up.free = u->next;
	append(&d->up, u);
	pne_node_init(node, &d->world, device, id, profile);
	node->assignment = member->assignment;
	cpns_pne_get_up(&node->machine, &member->rest);
	member->up = true;
	member->node = u;
	sim_engine_place(d->world.engine, d->world.devices[device].entity, node);
	return node;
}

bool nodes_up_any(const struct deployment *d, bool (*is)(const struct pne_node *node))
{
	for (const struct up *u = d->up.first; u != NULL; u = u->next)
		if (is(&u->node))
			return true;
	return false;
}
