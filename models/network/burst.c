#include "models/network/burst.h"

#include <assert.h>

#include "sim/kernel/portable_math.h"

/* Renewals in a block, on average: a look at a time draws those of its block that lie before it, or, where there are
 * none, those of the block before. */
static const double RENEWALS = 4;

bool burst_possible(double loss, double mean)
{
	return mean <= 1 || loss >= 1 || loss * (mean + 1) <= mean;
}

struct burst burst_of(double loss, double mean, sim_time step)
{
	assert(burst_possible(loss, mean) && step > 0);
	if (loss <= 0 || loss >= 1 || mean <= 1)
		return (struct burst){0};
	double r = 1 / mean, p = loss / (mean * (1 - loss));
	bool turns = p + r > 1;
	double q = turns ? 2 - p - r : p + r;

	assert(q > 0);
	return (struct burst){
	    .step = step,
	    .block = (uint64_t)(RENEWALS / q) + 1,
	    .spread = q < 1 ? 1 / sim_log(1 - q) : 0,
	    .loss = loss,
	    .bad = turns ? (1 - r) / q : loss,
	    .turns = turns,
	};
}

/* Steps without a renewal before the next one: geometric. */
static uint64_t gap(const struct burst *burst, struct sim_stream *stream)
{
	return (uint64_t)(sim_log(sim_stream_unit(stream)) * burst->spread);
}

/* The last renewal of a block up to its step `last`: false if there is none, or its step and the state it began. */
static bool last_renewal(const struct burst *burst, const struct sim_random *random, const struct sim_address *own,
			 uint64_t block, uint64_t last, uint64_t *step, bool *bad)
{
	struct sim_address address = *own;
	bool found = false;

	address.item = block;
	struct sim_stream stream = sim_stream_at(random, &address);
	uint64_t at = gap(burst, &stream);
	double share = burst->bad;

	if (block == 0) {
		at = 0;
		share = burst->loss;
	}
	for (; at <= last; at += 1 + gap(burst, &stream), share = burst->bad) {
		*step = at;
		*bad = sim_stream_unit(&stream) < share;
		found = true;
	}
	return found;
}

bool burst_bad(const struct burst *burst, const struct sim_random *random, const struct sim_address *own, sim_time at)
{
	assert(burst->step > 0 && at >= 0);
	uint64_t now = (uint64_t)(at / burst->step), block = now / burst->block, last = now % burst->block, step;
	bool bad;

	while (!last_renewal(burst, random, own, block, last, &step, &bad)) {
		block--; /* block 0 begins with one */
		last = burst->block - 1;
	}
	uint64_t steps = now - (block * burst->block + step);

	return burst->turns && steps % 2 == 1 ? !bad : bad;
}
