#include "models/nodes/hop_counts.h"

#include <assert.h>
#include <glib.h>
#include <stdbool.h>

#include "models/nodes/world.h"

enum {
	LATE =
	    0x8000, /* attempts from here on belong to messages of an assignment that has been followed by another */
	HOPS = 4,
	ROOM = 9, /* kinds of messages at hops: as many as most assignments have; a cache line in all */
};

struct count {
	uint16_t kind; /* hop and type */
	uint16_t n;
};

/* The counts of one device. */
struct counts {
	uint32_t holders;
	uint32_t newest[HOPS]; /* assignment that a hop has been given messages of */
	uint32_t more;         /* another block, for its counts alone; 0: none */
	uint32_t n;
	struct count count[ROOM]; /* of that assignment's messages */
};

void hop_counts_init(struct hop_counts *counts)
{
	counts->pool = sim_pool_new(sizeof(struct counts));
	counts->late = g_hash_table_new(NULL, NULL);
}

void hop_counts_clear(struct hop_counts *counts)
{
	sim_pool_free(counts->pool);
	g_hash_table_unref(counts->late);
}

static uint32_t block_new(struct sim_pool *pool)
{
	uint32_t handle = sim_pool_take(pool);

	*(struct counts *)sim_pool_at(pool, handle) = (struct counts){0};
	return handle;
}

void hop_counts_hold(struct world *world, uint32_t device)
{
	struct sim_pool *pool = world->counts.pool;
	uint32_t *handle = &world->devices[device].counts;

	if (*handle == 0)
		*handle = block_new(pool);
	((struct counts *)sim_pool_at(pool, *handle))->holders++;
}

void hop_counts_let_go(struct world *world, uint32_t device)
{
	struct sim_pool *pool = world->counts.pool;
	uint32_t handle = world->devices[device].counts;
	struct counts *c = sim_pool_at(pool, handle);

	assert(c->holders > 0);
	if (--c->holders > 0)
		return;
	world->devices[device].counts = 0;
	while (handle != 0) {
		uint32_t more = ((struct counts *)sim_pool_at(pool, handle))->more;

		sim_pool_release(pool, handle);
		handle = more;
	}
}

/* The hop is given the first message of a newer assignment. */
static void begin(struct sim_pool *pool, struct counts *c, unsigned hop, uint32_t assignment)
{
	c->newest[hop] = assignment;
	for (;; c = sim_pool_at(pool, c->more)) {
		for (unsigned i = 0; i < c->n; i++)
			if (c->count[i].kind >> 8 == hop)
				c->count[i].n = 0;
		if (c->more == 0)
			return;
	}
}

static uint16_t late(struct hop_counts *counts, uint32_t device, unsigned hop)
{
	gpointer key = GSIZE_TO_POINTER((gsize)device * HOPS + hop);
	guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts->late, key));

	g_hash_table_insert(counts->late, key, GUINT_TO_POINTER(n + 1));
	return (uint16_t)(LATE | n);
}

/* The count of messages of a kind. */
static struct count *count_of(struct sim_pool *pool, struct counts *c, uint16_t kind)
{
	for (;; c = sim_pool_at(pool, c->more)) {
		for (unsigned i = 0; i < c->n; i++)
			if (c->count[i].kind == kind)
				return &c->count[i];
		if (c->n < ROOM)
			break;
		if (c->more == 0)
			c->more = block_new(pool);
	}
	c->count[c->n].kind = kind;
	return &c->count[c->n++];
}

struct sim_address hop_address(struct world *world, uint8_t purpose, uint64_t gateway, struct packet *packet)
{
	const struct assignment *a = ledger_at(&world->ledger, packet->assignment);
	const struct device *device = &world->devices[packet->device];
	struct counts *c = sim_pool_at(world->counts.pool, device->counts);
	unsigned hop = purpose - PURPOSE_PAN_UP;

	assert(hop < HOPS);
	if (packet->assignment > c->newest[hop])
		begin(world->counts.pool, c, hop, packet->assignment);
	if (packet->assignment < c->newest[hop])
		packet->attempt = late(&world->counts, packet->device, hop);
	else
		packet->attempt = count_of(world->counts.pool, c, (uint16_t)(hop << 8 | packet->type))->n++;
	return (struct sim_address){
	    .entity = gateway,
	    .item = device->number,
	    .ordinal = a->ordinal,
	    .attempt = packet->attempt,
	    .purpose = purpose,
	    .type = packet->type,
	};
}
