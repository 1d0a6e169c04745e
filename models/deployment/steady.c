#include "models/deployment/steady.h"

#define PARTS 8
#define LEAST 400         /* messages */
#define BUSY 0.98         /* share of the window */
#define GROWTH (1.0 / 20) /* of the wait, as a share of the window */

/* Can the queue be as long as it likes? */
static bool is_open(const struct blueprint *b)
{
	const struct server_queue_rules *queue = &b->policies.queue;

	return b->steady && b->arrivals == ARRIVALS_POISSON && !queue->limited && queue->order != SERVER_CODEL;
}

static double mean_wait(const struct ledger *l, uint64_t from, uint64_t to)
{
	unsigned __int128 sum = 0;

	for (uint64_t i = from; i < to; i++)
		sum += (uint64_t)g_array_index(l->waits, sim_time, i);
	return (double)sum / (double)(to - from);
}

const char *steady_fault(const struct deployment_result *r)
{
	const struct ledger *l = r->ledger;
	double window = (double)(r->finish - r->begin), first = 0, last = 0;
	uint64_t n = l->work.services;

	if (!is_open(r->blueprint) || n < LEAST ||
	    (double)sim_occupancy_integral(l->busy) < BUSY * window * r->blueprint->workers)
		return NULL;
	for (uint64_t part = 0; part < PARTS; part++) {
		double wait = mean_wait(l, n * part / PARTS, n * (part + 1) / PARTS);

		if (part == 0)
			first = wait;
		else if (wait <= last)
			return NULL;
		last = wait;
	}
	if (last - first < GROWTH * window)
		return NULL;
	return "No steady state exists: the CPNS Server's workers are always busy, and the wait for them grows from "
	       "the "
	       "beginning of the window to its end. Lower workload.rate, raise server.workers, bound the queue "
	       "(server.queue-limit), or write study = terminating.";
}
