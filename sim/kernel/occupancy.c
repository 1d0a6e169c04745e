#include "sim/kernel/occupancy.h"

#include <assert.h>
#include <glib.h>

struct change {
	sim_time time;
	uint64_t level; /* from then on */
};

struct stay {
	sim_time from, to;
};

struct sim_occupancy {
	sim_time begin, end; /* of the window, as far as it is known */
	sim_time latest;     /* time of the last change */
	uint64_t level;      /* since then */
	uint64_t folded;     /* at `end` */
	uint64_t max;
	unsigned __int128 integral, stays;
	unsigned __int128 whole; /* from time 0 to `latest` */
	GArray *changes;         /* of struct change, after `end` */
	GArray *late;            /* of struct stay, that end after `end` */
};

struct sim_occupancy *sim_occupancy_new(sim_time begin)
{
	struct sim_occupancy *o = g_new0(struct sim_occupancy, 1);

	o->begin = begin;
	o->changes = g_array_new(FALSE, FALSE, sizeof(struct change));
	o->late = g_array_new(FALSE, FALSE, sizeof(struct stay));
	return o;
}

void sim_occupancy_free(struct sim_occupancy *o)
{
	if (o == NULL)
		return;
	g_array_unref(o->changes);
	g_array_unref(o->late);
	g_free(o);
}

sim_time sim_occupancy_clip(const struct sim_occupancy *o, sim_time from, sim_time to)
{
	from = MAX(from, o->begin);
	to = MIN(to, o->end);
	return to > from ? to - from : 0;
}

unsigned __int128 sim_occupancy_until(const struct sim_occupancy *o, sim_time now)
{
	assert(now >= o->latest);
	return o->whole + (unsigned __int128)o->level * (uint64_t)(now - o->latest);
}

void sim_occupancy_set(struct sim_occupancy *o, sim_time now, uint64_t level)
{
	struct change c = {now, level};

	o->whole = sim_occupancy_until(o, now);
	o->latest = now;
	o->level = level;
	g_array_append_val(o->changes, c);
}

void sim_occupancy_stay(struct sim_occupancy *o, sim_time from, sim_time to)
{
	struct stay s = {from, to};

	assert(from <= to);
	g_array_append_val(o->late, s);
}

/* The level stays as it is at `end` until `until`; a level that lasts no time is no maximum. */
static void fold_until(struct sim_occupancy *o, sim_time until)
{
	sim_time from = MAX(o->end, o->begin);

	if (until > from) {
		o->integral += (unsigned __int128)o->folded * (uint64_t)(until - from);
		o->max = MAX(o->max, o->folded);
	}
	o->end = until;
}

void sim_occupancy_extend(struct sim_occupancy *o, sim_time end)
{
	guint done = 0, kept = 0;

	if (end <= o->end)
		return;
	for (; done < o->changes->len; done++) {
		const struct change *c = &g_array_index(o->changes, struct change, done);

		if (c->time > end)
			break;
		if (c->time > o->end)
			fold_until(o, c->time);
		o->folded = c->level;
	}
	g_array_remove_range(o->changes, 0, done);
	fold_until(o, end);
	for (guint i = 0; i < o->late->len; i++) {
		struct stay s = g_array_index(o->late, struct stay, i);

		if (s.to <= end)
			o->stays += (uint64_t)sim_occupancy_clip(o, s.from, s.to);
		else
			g_array_index(o->late, struct stay, kept++) = s;
	}
	g_array_set_size(o->late, kept);
}

unsigned __int128 sim_occupancy_integral(const struct sim_occupancy *o)
{
	return o->integral;
}

uint64_t sim_occupancy_max(const struct sim_occupancy *o)
{
	return o->max;
}

unsigned __int128 sim_occupancy_stays(const struct sim_occupancy *o)
{
	unsigned __int128 sum = o->stays;

	for (guint i = 0; i < o->late->len; i++) {
		const struct stay *s = &g_array_index(o->late, struct stay, i);

		sum += (uint64_t)sim_occupancy_clip(o, s->from, s->to);
	}
	return sum;
}
