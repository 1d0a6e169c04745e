#include "sim/kernel/event_density.h"

#include <string.h>

void sim_sample_init(struct sim_sample *sample)
{
	sample->node[0] = SIM_AFTER_ALL;
	sample->n = 0;
}

void sim_sample_add(const struct sim_slot *slots, struct sim_sample *sample, const struct sim_node *node)
{
	if (sample->n == SIM_SAMPLE_NODES) {
		if (!sim_node_before(slots, node, &sample->node[1]))
			return;
		sample->n--;
		memmove(sample->node + 1, sample->node + 2, sample->n * sizeof *node);
	}
	sim_node_insert(slots, &sample->node[++sample->n], *node);
}

unsigned sim_sample_shift(const struct sim_sample *sample, uint64_t n, unsigned otherwise)
{
	if (sample->n < 2 || sample->node[1].time == sample->node[sample->n].time)
		return otherwise;
	uint64_t span = sample->node[1].time - sample->node[sample->n].time, gaps = sample->n - 1;
	uint64_t width = span / gaps * n + span % gaps * n / gaps;

	/* The nearest power of two: 2^k stands for widths from 0.75 to 1.5 times 2^k. */
	return width < 2 ? 0 : MIN(63 - (unsigned)__builtin_clzll(width + width / 3), 62);
}
