#include "models/nodes/packet.h"

#include <assert.h>
#include <glib.h>
#include <string.h>

#include "models/nodes/world.h"

void packets_init(struct packets *packets, struct world *world)
{
	packets->world = world;
	packets->pool = sim_pool_new(sizeof(struct packet));
}

void packets_clear(struct packets *packets)
{
	sim_pool_free(packets->pool);
	packets->pool = NULL;
}

struct packet *packet_at(const struct packets *packets, uint32_t handle)
{
	return sim_pool_at(packets->pool, handle);
}

uint32_t packet_new(struct packets *packets, uint32_t assignment, const uint8_t *bytes, uint16_t length)
{
	assert(length >= CPNS_HEADER);
	uint32_t handle = sim_pool_take(packets->pool);
	struct packet *p = packet_at(packets, handle);

	p->assignment = assignment;
	p->device = ledger_at(&packets->world->ledger, assignment)->device;
	p->pne = 0;
	p->gateway = 0;
	p->attempt = 0;
	p->length = length;
	p->type = bytes[1];
	p->copy = false;
	p->again = false;
	p->life = 0;
	p->until = SIM_NEVER;
	p->longer = length > sizeof(p->bytes) ? g_memdup2(bytes, length) : NULL;
	if (p->longer == NULL)
		memcpy(p->bytes, bytes, length);
	hop_counts_hold(packets->world, p->device);
	return handle;
}

uint32_t packet_copy(struct packets *packets, uint32_t handle)
{
	uint32_t again = sim_pool_take(packets->pool);
	struct packet *to = packet_at(packets, again);
	const struct packet *from = packet_at(packets, handle);

	*to = *from;
	to->copy = true;
	to->longer = from->longer != NULL ? g_memdup2(from->longer, from->length) : NULL;
	hop_counts_hold(packets->world, to->device);
	return again;
}

void packet_release(struct packets *packets, uint32_t handle)
{
	struct packet *p = packet_at(packets, handle);

	hop_counts_let_go(packets->world, p->device);
	g_free(p->longer);
	sim_pool_release(packets->pool, handle);
}

const uint8_t *packet_bytes(const struct packet *p)
{
	return p->longer != NULL ? p->longer : p->bytes;
}
