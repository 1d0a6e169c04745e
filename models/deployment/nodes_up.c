/* PNEs get up when something happens to them, and lie down when nothing is under way any more. Where a
 * thousand begin each second some three thousand are up at a time, until their timers have run out, so that these
 * share the same few pages. */
#include "models/deployment/parts.h"
#include "sim/kernel/memory.h"

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

/* Who is looked at next has been left alone for long: asks for what that takes, a step at each call, since one leads
 * to the next. */
static void fetch_ahead(const struct deployment *d)
{
	const struct up *first = d->up.first, *second = first != NULL ? first->next : NULL;

	if (second == NULL || second->next == NULL)
		return;
	sim_engine_fetch(d->world.engine, d->world.devices[first->node.device].entity);
	__builtin_prefetch(&d->world.devices[second->node.device]);
	sim_memory_fetch(second->member, sizeof(*second->member));
	sim_memory_fetch(second->next, sizeof(*second->next));
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
	fetch_ahead(d);
	u->member = member;
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
