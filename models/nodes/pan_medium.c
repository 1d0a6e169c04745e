#include "models/nodes/pan_medium.h"

#include <assert.h>

#include "models/nodes/leg.h"

bool pan_medium_handle(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct pan_medium *pan = state;
	const struct packet *packet = packet_at(&pan->world->packets, event->payload);
	bool up = event->kind == EVENT_SEND_UP;
	struct leg_way way = {
	    .leg = LEG_PAN,
	    .from = up ? KIND_PNE : KIND_GATEWAY,
	    .to = up ? KIND_GATEWAY : KIND_PNE,
	    .event = EVENT_FROM_PAN,
	    .purpose = up ? PURPOSE_PAN_UP : PURPOSE_PAN_DOWN,
	    .own = PURPOSE_PAN_MEDIUM,
	    .link = PURPOSE_PAN_MEDIUM,
	    .gateway = pan->number,
	    .hop = &pan->hop,
	    .figures = pan->figures,
	    .sender = pan->entity,
	    .receiver = up ? pan->entity - 1 : pan->entity + 1 + packet->pne,
	};

	assert(up || event->kind == EVENT_SEND_DOWN);
	if (packet->pne == pan->inside) {
		sim_engine_send_message(engine, pan->entity, way.receiver, event->time, EVENT_INSIDE, event->payload,
					packet->type, packet->length);
		return true;
	}
	if (!pan->shared)
		pan->hop.busy_until = event->time;
	leg_send(pan->world, &way, event->payload);
	return true;
}
