#include "models/nodes/pan_medium.h"

#include <assert.h>

bool pan_medium_handle(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct pan_medium *pan = state;
	struct world *world = pan->world;
	struct packet *packet = packet_at(&world->packets, event->payload);
	bool up = event->kind == EVENT_SEND_UP;
	struct sim_address where = hop_address(world, up ? PURPOSE_PAN_UP : PURPOSE_PAN_DOWN, pan->number, packet);
	struct hop free_hop = {0}, *hop = pan->shared ? &pan->hop : &free_hop;
	uint64_t on_air;
	sim_time arrival;

	assert(up || event->kind == EVENT_SEND_DOWN);
	bool arrives =
	    hop_admit(hop, pan->figures, &world->random, &where, event->time, packet->length, &arrival, &on_air);

	ledger_sent(&world->ledger, packet->assignment, LEG_PAN, on_air, !arrives);
	if (arrives)
		sim_engine_send_message(engine, pan->entity, up ? pan->gateway : pan->first_pne + packet->pne,
					arrival, EVENT_FROM_PAN, event->payload, packet->type, packet->length);
	else
		packet_release(&world->packets, event->payload);
	return true;
}
