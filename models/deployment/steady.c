#include "models/deployment/steady.h"

#define PARTS 8
#define LEAST 400         /* messages, or assignments */
#define BUSY 0.98         /* share of the window */
#define GROWTH (1.0 / 20) /* of the wait, as a share of the window; of what is open, of what arrived */

#define FAULT "No steady state exists: the CPNS Server's workers are always busy, and "
#define CURE(more) " Lower workload.rate, raise server.workers, " more "or write study = terminating."

/* Can what arrives pile up? */
static bool is_open(const struct blueprint *b)
{
	return b->steady && b->arrivals == ARRIVALS_POISSON;
}

static bool has_bound(const struct blueprint *b)
{
	return b->policies.queue.limited || b->policies.queue.order == SERVER_CODEL;
}

/* Is each part above the one before it, and the last above the first by `least`? */
static bool grows(const double part[static PARTS], double least)
{
	for (int i = 1; i < PARTS; i++)
		if (part[i] <= part[i - 1])
			return false;
	return part[PARTS - 1] - part[0] >= least;
}

static double mean_wait(const struct ledger *l, uint64_t from, uint64_t to)
{
	unsigned __int128 sum = 0;

	for (uint64_t i = from; i < to; i++)
		sum += (uint64_t)durations_at(&l->waits, (uint32_t)i);
	return (double)sum / (double)(to - from);
}

static bool always_busy(const struct deployment_result *r)
{
	double window = (double)(r->finish - r->begin);

	return (double)sim_occupancy_integral(r->ledger->busy) >= BUSY * window * r->blueprint->workers;
}

/* The wait for the server's workers, as they took the messages. */
static bool wait_grows(const struct deployment_result *r)
{
	const struct ledger *l = r->ledger;
	double window = (double)(r->finish - r->begin), part[PARTS];
	uint64_t n = l->work.services;

	if (has_bound(r->blueprint) || n < LEAST)
		return false;
	for (uint64_t i = 0; i < PARTS; i++)
		part[i] = mean_wait(l, n * i / PARTS, n * (i + 1) / PARTS);
	return grows(part, GROWTH * window);
}

/* What has arrived and not ended, at the end of each part of the window. */
static bool backlog_grows(const struct deployment_result *r)
{
	const GArray *all = r->ledger->assignments;
	sim_time window = r->finish - r->begin;
	double part[PARTS] = {0};
	uint64_t arrived = 0;

	for (guint i = 0; i < all->len; i++) {
		const struct assignment *a = &g_array_index(all, struct assignment, i);
		sim_time ended = a->state == ASSIGNMENT_OPEN ? SIM_NEVER : a->ended;

		arrived += !a->use && a->arrival >= r->begin ? 1 : 0;
		for (int k = 0; k < PARTS; k++) {
			sim_time at = r->begin + window / PARTS * (k + 1);

			part[k] += !a->use && a->arrival <= at && ended > at ? 1 : 0;
		}
	}
	return arrived >= LEAST && grows(part, GROWTH * (double)arrived);
}

const char *steady_fault(const struct deployment_result *r)
{
	if (!is_open(r->blueprint) || !always_busy(r))
		return NULL;
	if (wait_grows(r))
		return FAULT "the wait for them grows from the beginning of the window to its end." CURE(
		    "bound the queue (server.queue-limit), ");
	if (backlog_grows(r))
		return FAULT
		    "more and more assignments are open from the beginning of the window to its end." CURE("");
	return NULL;
}
