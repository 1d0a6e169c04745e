#include "models/nodes/durations.h"

#include <assert.h>
#include <glib.h>

enum { LEAST = 64 };

struct long_duration {
	sim_time duration;
	uint32_t index;
};

void durations_clear(struct durations *d)
{
	g_free(d->values);
	g_free(d->longs);
	*d = (struct durations){0};
}

static void add_long(struct durations *d, sim_time duration)
{
	if (d->n_longs == d->longs_room) {
		d->longs_room = MAX(2 * d->longs_room, LEAST);
		d->longs = g_renew(struct long_duration, d->longs, d->longs_room);
	}
	d->longs[d->n_longs++] = (struct long_duration){duration, d->n};
}

void durations_add(struct durations *d, sim_time duration)
{
	assert(duration >= 0);
	if (G_UNLIKELY(d->n == d->room)) {
		if (d->room > UINT32_MAX / 2)
			g_error("a run of more than %u messages at the server cannot be kept", d->room);
		d->room = MAX(2 * d->room, LEAST);
		d->values = g_renew(uint32_t, d->values, d->room);
	}
	if (G_UNLIKELY(duration >= UINT32_MAX))
		add_long(d, duration);
	d->values[d->n++] = (uint32_t)MIN(duration, UINT32_MAX);
}

sim_time durations_at(const struct durations *d, uint32_t i)
{
	uint32_t low = 0, high = d->n_longs;

	assert(i < d->n);
	if (d->values[i] != UINT32_MAX)
		return d->values[i];
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (d->longs[middle].index <= i)
			low = middle;
		else
			high = middle;
	}
	return d->longs[low].duration;
}

sim_time *durations_copy(const struct durations *d, uint32_t n)
{
	sim_time *copy = g_new(sim_time, n);
	uint32_t k = 0;

	assert(n <= d->n);
	for (uint32_t i = 0; i < n; i++)
		copy[i] = d->values[i] != UINT32_MAX ? d->values[i] : d->longs[k++].duration;
	return copy;
}
