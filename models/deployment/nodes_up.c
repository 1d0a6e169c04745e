/* PNEs get up when something happens to them, and lie down when nothing is under way any more: those that are up
 * share the same few pages, some two hundred where a thousand begin each second. */
#include "models/deployment/parts.h"

struct up {
	struct pne_node node;
	struct member *member;
	struct up *next; /* of those that are up, or of those that are free */
};

enum {
	LOOKS = 2,    /* at most at those that are up, for each that gets up: as many lie down, if they can */
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
static bool lie_down(struct deployment *d, struct up *up)
{
	struct pne_node *node = &up->node;

	if (!pne_node_idle(node) ||
	    !cpns_pne_lie_down(&node->machine, sim_engine_now(d->world.engine), &up->member->rest))
		return false;
	up->member->assignment = node->assignment;
	up->member->up = false;
	sim_engine_place(d->world.engine, d->world.devices[node->device].entity, NULL);
	return true;
}

struct pne_node *nodes_up_get(struct deployment *d, struct member *member, uint32_t device, struct cpns_octets id,
			      const struct cost_profile *profile)
{
	for (int i = 0; i < LOOKS && d->up.first != NULL; i++) {
		struct up *u = d->up.first;

		d->up.first = u->next;
		if (lie_down(d, u)) {
			u->next = d->up.free;
			d->up.free = u;
			break;
		}
		append(&d->up, u);
	}
	if (d->up.free == NULL)
		make(d);
	struct up *u = d->up.free;
	struct pne_node *node = &u->node;

	d->up.free = u->next;
	append(&d->up, u);
	u->member = member;
	pne_node_init(node, &d->world, device, id, profile);
	node->assignment = member->assignment;
	cpns_pne_get_up(&node->machine, &member->rest);
	member->up = true;
	member->node = u;
	sim_engine_place(d->world.engine, d->world.devices[device].entity, node);
	return node;
}
