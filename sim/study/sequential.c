#include "sim/study/sequential.h"

#include <glib.h>
#include <math.h>

struct sim_sequential sim_sequential_start(unsigned repeat, unsigned most)
{
	unsigned least = MAX(repeat, SIM_ENOUGH_REPLICATIONS);

	return (struct sim_sequential){.least = MIN(least, most), .most = most};
}

unsigned sim_sequential_next(const struct sim_sequential *s, unsigned n)
{
	guint64 next = n == 0 ? s->least : ((guint64)n * 5 + 3) / 4;

	g_assert(n < s->most);
	return (unsigned)MIN(next, s->most);
}

bool sim_sequential_holds(const struct sim_estimate *e, double share)
{
	if (e == NULL || !e->interval)
		return false;
	return (e->high - e->low) / 2 <= share / (1 + share) * fabs(e->mean);
}

enum sim_sequential_verdict sim_sequential_judge(struct sim_sequential *s, unsigned n, bool all_held)
{
	bool twice = s->held && all_held;

	s->held = all_held;
	if (twice)
		return SIM_SEQUENTIAL_REACHED;
	return n >= s->most ? SIM_SEQUENTIAL_GIVEN_UP : SIM_SEQUENTIAL_MORE;
}
