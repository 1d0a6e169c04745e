#include "sim/kernel/occupancy.h"

#include <assert.h>
#include <glib.h>
#include <string.h>

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
	/* After `end`: changes[done .. n). Few at a time, and they come and go with every message that is served. */
	struct change *changes;
	size_t done, n, room;
	GArray *late; /* of struct stay, that end after `end` */
};

struct sim_occupancy *sim_occupancy_new(sim_time begin)
{
	struct sim_occupancy *o = g_new0(struct sim_occupancy, 1);

	o->begin = begin;
	o->late = g_array_new(FALSE, FALSE, sizeof(struct stay));
	return o;
}

void sim_occupancy_free(struct sim_occupancy *o)
{
	if (o == NULL)
		return;
	g_free(o->changes);
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

/* Those that are done are forgotten when room is wanted. */
static __attribute__((noinline, cold)) void make_room(struct sim_occupancy *o)
{
	o->n -= o->done;
	if (o->done > 0)
		memmove(o->changes, o->changes + o->done, o->n * sizeof(o->changes[0]));
	o->done = 0;
	if (2 * o->n < o->room)
		return;
	o->room = MAX(16, 2 * o->room);
	o->changes = g_renew(struct change, o->changes, o->room);
}

void sim_occupancy_set(struct sim_occupancy *o, sim_time now, uint64_t level)
{
	o->whole = sim_occupancy_until(o, now);
	o->latest = now;
	o->level = level;
	if (o->n == o->room)
		make_room(o);
	o->changes[o->n++] = (struct change){now, level};
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
	guint kept = 0;

	if (end <= o->end)
		return;
	for (; o->done < o->n; o->done++) {
		const struct change *c = &o->changes[o->done];

		if (c->time > end)
			break;
		if (c->time > o->end)
			fold_until(o, c->time);
		o->folded = c->level;
	}
	if (o->done == o->n)
		o->done = o->n = 0;
	fold_until(o, end);
	if (o->late->len == 0)
		return;
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
