#include "models/network/hop.h"

#include <assert.h>
#include <stddef.h>

/* The part of the address at which a message's latency is drawn; fragments are numbered below it. */
#define PART_LATENCY UINT16_MAX

/* Whether any fragment is lost: each has a draw at its own number, so that a message cut otherwise, or a link with
 * other figures, moves no draw of the rest. */
static bool lost(double loss, uint64_t fragments, const struct sim_random *random, const struct sim_address *where)
{
	struct sim_address address = *where;

	if (loss <= 0 || loss >= 1)
		return loss >= 1;
	for (uint64_t i = 0; i < fragments; i++) {
		address.part = (uint16_t)i;
		struct sim_stream luck = sim_stream_at(random, &address);

		if (sim_stream_unit(&luck) < loss)
			return true;
	}
	return false;
}

static sim_time latency_of(const struct sim_variate *latency, const struct sim_random *random,
			   const struct sim_address *where)
{
	struct sim_address address = *where;

	address.part = PART_LATENCY;
	struct sim_stream stream = sim_stream_at(random, &address);

	return sim_variate_duration(latency, &stream);
}

/* How long the octets take to leave; cut at the horizon, as durations are. */
static sim_time on_air_for(uint64_t octets, double rate)
{
	if (rate <= 0)
		return 0;
	double ns = (double)octets * 8e9 / rate;

	return ns < (double)SIM_HORIZON ? (sim_time)(ns + 0.5) : SIM_HORIZON;
}

uint32_t hop_frames(const struct hop_figures *figures, uint32_t length)
{
	return figures->mtu > 0 ? (uint32_t)(((uint64_t)length + figures->mtu - 1) / figures->mtu) : 1;
}

bool hop_admit(struct hop *hop, const struct hop_figures *figures, const struct sim_random *random,
	       const struct sim_address *where, sim_time now, uint32_t length, sim_time *arrival, uint64_t *on_air)
{
	assert(length > 0);
	uint64_t fragments = hop_frames(figures, length);
	uint64_t octets = length + fragments * figures->overhead;
	sim_time start = hop->busy_until > now ? hop->busy_until : now;

	assert(fragments <= PART_LATENCY);
	hop->busy_until = start + on_air_for(octets, figures->rate);
	if (hop->busy_until > SIM_HORIZON)
		hop->busy_until = SIM_HORIZON;
	*on_air = octets;
	if (lost(figures->loss, fragments, random, where))
		return false;
	*arrival = hop->busy_until + latency_of(&figures->latency, random, where);
	return true;
}
