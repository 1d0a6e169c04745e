/* A store of which only the throughput by concurrency is known. With n jobs inside, it serves jobs at the measured
 * rate X(n), each of them at the n-th part of that, and a job leaves when it has been served by one whole job: in the
 * order in which they came, for all are served alike. N callers who come back at once are served at X(N). */
#include "models/store/inside.h"

double store_curve_at(const struct store_figures *figures, uint32_t n)
{
	const struct store_point *p = figures->curve;
	uint32_t i = 0;

	while (i < figures->n_points && p[i].concurrency < n)
		i++;
	if (i == figures->n_points)
		return p[i - 1].throughput;
	if (i == 0)
		return p[0].throughput * n / p[0].concurrency;
	return p[i - 1].throughput + (p[i].throughput - p[i - 1].throughput) * (n - p[i - 1].concurrency) /
					 (p[i].concurrency - p[i - 1].concurrency);
}

/* Of a job, in a nanosecond. */
static double rate(const struct key_store *store, uint32_t n)
{
	return store_curve_at(store->figures, n) / n / 1e9;
}

/* Brings `served` up to date, before who is inside changes. */
static void serve(struct key_store *store, struct lock *lock)
{
	sim_time now = sim_engine_now(store->engine);

	if (lock->inside.n > 0)
		store->served += (double)(now - store->served_at) * rate(store, lock->inside.n);
	store->served_at = now;
}

/* Who is inside has changed: when will the first one leave? An earlier answer is void. */
static void plan(struct key_store *store, struct lock *lock)
{
	lock_note_inside(store, lock);
	store->generation++;
	if (lock->inside.n == 0)
		return;
	double left = (job_at(store, lock->inside.first)->end - store->served) / rate(store, lock->inside.n);
	sim_time whole = left > 0 ? (sim_time)MIN(left, (double)SIM_HORIZON) : 0;

	store_send(store, whole + ((double)whole < left), STORE_NEXT, store->generation);
}

static void come(struct key_store *store, uint32_t job)
{
	struct lock *lock = lock_of(store, job);
	struct job *j = job_at(store, job);

	serve(store, lock);
	j->end = store->served + 1;
	j->began = j->since;
	j->busy = lock->inside.n > 0;
	job_list_add(store, &lock->inside, job);
	plan(store, lock);
}

static bool event(struct key_store *store, uint8_t kind, uint32_t generation)
{
	struct lock *lock = &store->locks[0];

	(void)kind; /* STORE_NEXT, the only one */
	if (generation != store->generation)
		return false;
	sim_time now = sim_engine_now(store->engine), alone = (sim_time)(1 / rate(store, 1));
	uint32_t job = job_list_take(store, &lock->inside);
	struct job *j = job_at(store, job);

	store->served = j->end; /* but for the part of a nanosecond that the event came late */
	store->served_at = now;
	j->began = MAX(j->since, now - alone); /* what the others cost it counts as waiting */
	plan(store, lock);
	lock_leave(store, job);
	return true;
}

const struct store_model store_curve = {.come = come, .event = event};
