#include "models/network/hop.h"

#include <assert.h>
#include <glib.h>

#include "models/network/backlog.h"

/* The part of the address at which a message's latency is drawn; fragments are numbered below it. */
#define PART_LATENCY UINT16_MAX

enum { FAULT_DUPLICATION, FAULT_REORDERING }; /* parts, with HOP_FAULTS */
enum { OWN_BURSTS, OWN_OUTAGES };             /* parts, of the hop itself */

/* Of functions that few scenarios need: inlined into those that all need, they would take their registers. */
#define RARE G_GNUC_NO_INLINE

struct hop_memory {
	struct outage outage;
	struct backlog backlog;
};

static struct hop_memory *memory_of(struct hop *hop)
{
	if (hop->memory == NULL)
		hop->memory = g_new0(struct hop_memory, 1);
	return hop->memory;
}

void hop_clear(struct hop *hop)
{
	if (hop->memory == NULL)
		return;
	backlog_clear(&hop->memory->backlog);
	g_free(hop->memory);
	hop->memory = NULL;
}

static struct sim_address own_address(const struct hop_draws *draws, uint8_t purpose, uint16_t part)
{
	return (struct sim_address){.entity = draws->message.entity, .part = part, .purpose = purpose};
}

/* How long the octets take to leave; cut at the horizon, as durations are. */
static sim_time on_air_for(uint64_t octets, double rate)
{
	if (rate <= 0)
		return 0;
	double ns = (double)octets * 8e9 / rate;

	return ns < (double)SIM_HORIZON ? (sim_time)(ns + 0.5) : SIM_HORIZON;
}

sim_time hop_step(const struct hop_figures *figures)
{
	if (figures->rate <= 0 || figures->mtu == 0)
		return SIM_MS;
	return MAX(on_air_for((uint64_t)figures->mtu + figures->overhead, figures->rate), 1);
}

/* ---- losses ---- */

/* Fragment i of the message, from 0, gets through. */
static void hear(struct hop_fate *fate, const struct hop_figures *figures, uint32_t length, uint32_t i)
{
	bool last = i + 1 == fate->frames;

	fate->heard_frames++;
	fate->heard_octets += figures->overhead + (last ? length - (uint64_t)i * figures->mtu : figures->mtu);
}

/* Which fragments get through: each has a draw at its own number, so that a message cut otherwise, or a link with
 * other figures, moves no draw of the rest. */
static void lose_alone(struct hop_fate *fate, const struct hop_figures *figures, const struct hop_draws *draws,
		       uint32_t length)
{
	struct sim_address address = draws->message;

	for (uint32_t i = 0; figures->loss < 1 && i < fate->frames; i++) {
		address.part = (uint16_t)i;
		uint64_t luck[SIM_STREAM_WORDS];

		sim_stream_first(draws->random, &address, luck);
		if (sim_unit_of(luck[0]) >= figures->loss)
			hear(fate, figures, length, i);
	}
}

/* Those that do not leave during a burst. */
static RARE void lose_in_bursts(struct hop_fate *fate, const struct hop_figures *figures,
				const struct hop_draws *draws, sim_time start, uint32_t length)
{
	struct sim_address own = own_address(draws, draws->own, OWN_BURSTS);

	for (uint32_t i = 0; i < fate->frames; i++) {
		uint64_t n = (uint64_t)i + 1;
		uint64_t octets = (n < fate->frames ? n * figures->mtu : length) + n * figures->overhead;
		sim_time left = MIN(start + on_air_for(octets, figures->rate), SIM_HORIZON);

		if (!burst_bad(&figures->burst, draws->random, &own, left))
			hear(fate, figures, length, i);
	}
}

static RARE bool is_out(struct hop *hop, const struct outage_figures *outages, const struct hop_draws *draws,
			sim_time start)
{
	struct sim_address own = own_address(draws, draws->link, OWN_OUTAGES);

	return outage_at(&memory_of(hop)->outage, outages, draws->random, &own, start);
}

/* ---- those that wait ---- */

/* Does a message that is to begin at `start` find too many waiting? If not, it is one of them. */
static RARE bool turned_away(struct hop *hop, const struct hop_faults *faults, sim_time now, sim_time start)
{
	if (start <= now)
		return false;
	struct backlog *backlog = &memory_of(hop)->backlog;

	if (backlog_at(backlog, now) >= faults->queue_limit)
		return true;
	backlog_add(backlog, start);
	return false;
}

/* ---- arrivals ---- */

static sim_time latency_of(const struct sim_variate *latency, const struct hop_draws *draws)
{
	struct sim_address address = draws->message;

	address.part = PART_LATENCY;
	return sim_variate_duration_at(latency, draws->random, &address);
}

/* Does it befall the message? If so, a duration of `variate` from the same place. */
static RARE bool befalls(double share, const struct sim_variate *variate, const struct hop_draws *draws,
			 uint16_t part, sim_time *duration)
{
	struct sim_address address = draws->message;

	address.purpose |= HOP_FAULTS;
	address.part = part;
	struct sim_stream stream = sim_stream_at(draws->random, &address);

	if (sim_stream_unit(&stream) >= share)
		return false;
	*duration = sim_variate_duration(variate, &stream);
	return true;
}

static void settle_arrivals(struct hop_fate *fate, const struct hop_figures *figures, const struct hop_draws *draws,
			    sim_time left)
{
	const struct hop_faults *faults = &figures->faults;
	sim_time held = 0, again = 0;

	if (faults->reordering > 0)
		befalls(faults->reordering, &faults->reordering_delay, draws, FAULT_REORDERING, &held);
	fate->arrives = true;
	fate->arrival = left + latency_of(&figures->latency, draws) + held;
	fate->arrives_again = faults->duplication > 0 &&
			      befalls(faults->duplication, &figures->latency, draws, FAULT_DUPLICATION, &again);
	fate->second_arrival = left + again;
}

/* Into how many a message is cut. */
static uint32_t fragments_of(uint32_t length, uint32_t mtu)
{
	return mtu == 0 || length <= mtu ? 1 : (length - 1) / mtu + 1;
}

struct hop_fate hop_admit(struct hop *hop, const struct hop_figures *figures, const struct hop_draws *draws,
			  sim_time now, uint32_t length)
{
	assert(length > 0 && draws->message.purpose < HOP_FAULTS);
	uint32_t fragments = fragments_of(length, figures->mtu);
	sim_time start = MAX(hop->busy_until, now);
	struct hop_fate fate = {.arrives = false};

	assert(fragments <= PART_LATENCY);
	if (figures->faults.queue_limited && turned_away(hop, &figures->faults, now, start))
		return fate;
	fate.frames = fragments;
	fate.octets = length + (uint64_t)fragments * figures->overhead;
	hop->busy_until = MIN(start + on_air_for(fate.octets, figures->rate), SIM_HORIZON);
	if (figures->faults.outages.any && is_out(hop, &figures->faults.outages, draws, start))
		return fate;
	if (figures->burst.step > 0) {
		lose_in_bursts(&fate, figures, draws, start, length);
	} else if (figures->loss > 0) {
		lose_alone(&fate, figures, draws, length);
	} else {
		fate.heard_frames = fate.frames;
		fate.heard_octets = fate.octets;
	}
	if (fate.heard_frames == fate.frames)
		settle_arrivals(&fate, figures, draws, hop->busy_until);
	return fate;
}
