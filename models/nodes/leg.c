#include "models/nodes/leg.h"

static void deliver(struct world *world, const struct leg_way *way, const struct packet *packet, uint32_t handle,
		    sim_time arrival)
{
	sim_engine_send_message(world->engine, way->sender, way->receiver, arrival, (uint8_t)way->event, handle,
				packet->type, packet->length);
}

/* The receiver has the frames that get through, and those of a copy once more. */
static void account(struct world *world, const struct leg_way *way, uint32_t assignment, const struct hop_fate *fate,
		    sim_time now)
{
	uint32_t times = fate->arrives_again ? 2 : 1;
	struct crossing crossing = {
	    .leg = way->leg,
	    .from = way->from,
	    .to = way->to,
	    .preset = way->figures->preset,
	    .sent = {fate->frames, fate->octets},
	    .heard = {(uint64_t)times * fate->heard_frames, times * fate->heard_octets},
	    .lost = !fate->arrives,
	};

	ledger_sent(&world->ledger, assignment, &crossing, now);
}

struct hop_fate leg_send(struct world *world, const struct leg_way *way, uint32_t handle)
{
	struct packet *packet = packet_at(&world->packets, handle);
	struct hop_draws draws = {
	    .random = &world->random,
	    .message = hop_address(world, (uint8_t)way->purpose, way->gateway, packet),
	    .own = (uint8_t)way->own,
	    .link = (uint8_t)way->link,
	};
	sim_time now = sim_engine_now(world->engine);
	struct hop_fate fate = hop_admit(way->hop, way->figures, &draws, now, packet->length);

	packet->copy = false;
	account(world, way, packet->assignment, &fate, now);
	if (!fate.arrives) {
		packet_release(&world->packets, handle);
		return fate;
	}
	uint32_t again = fate.arrives_again ? packet_copy(&world->packets, handle) : 0;

	deliver(world, way, packet, handle, fate.arrival);
	if (again == 0)
		return fate;
	ledger_duplicated(&world->ledger, packet->assignment, way->leg);
	deliver(world, way, packet, again, fate.second_arrival);
	return fate;
}
