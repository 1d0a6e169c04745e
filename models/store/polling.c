/* SQLite in WAL mode: a writer that finds the lock held is not queued. SQLite's busy handler puts it to sleep, longer
 * each time, and lets it try again; whoever tries first when the lock is free gets it. */
#include "models/store/inside.h"

/* The sleeps of SQLite's default busy handler, ms; the last one repeats. */
static const uint8_t sleeps[] = {1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100};

static sim_time hold(const struct key_store *store, struct job *job)
{
	job->flushes = 1;
	return job_write_time(store, job) + job_flush_time(store, job, job->flushes);
}

/* The next sleep, cut where the timeout is reached; 0: there is no time left for one. */
static sim_time next_sleep(const struct key_store *store, const struct job *job)
{
	sim_time sleep = sleeps[MIN(job->tries, G_N_ELEMENTS(sleeps) - 1)] * SIM_MS;

	return MIN(sleep, store->figures->timeout - job->slept);
}

static void count_sleepers(struct key_store *store, struct lock *lock, int more)
{
	lock->waiting.n += (uint32_t)more;
	lock_note_queue(store, lock);
}

static void try(struct key_store *store, uint32_t job)
{
	struct lock *lock = lock_of(store, job);
	struct job *j = job_at(store, job);

	if (lock->inside.n == 0) {
		if (j->busy)
			count_sleepers(store, lock, -1);
		lock_hold(store, job);
		return;
	}
	sim_time sleep = next_sleep(store, j);

	if (!j->busy)
		count_sleepers(store, lock, 1);
	j->busy = true;
	if (sleep <= 0) { /* as an event of its own: the job may have come just now */
		store_send(store, 0, STORE_TIMEOUT, job);
		return;
	}
	j->tries++;
	j->slept += sleep;
	store_send(store, sleep, STORE_TRY, job);
}

static bool event(struct key_store *store, uint8_t kind, uint32_t job)
{
	struct lock *lock = lock_of(store, job);

	if (kind == STORE_TRY) {
		try(store, job);
		return true;
	}
	if (kind == STORE_TIMEOUT) {
		count_sleepers(store, lock, -1);
		lock_give_up(store, job);
		return true;
	}
	job_list_take(store, &lock->inside);
	lock_note_inside(store, lock);
	lock_leave(store, job);
	return true;
}

const struct store_model store_polling = {.come = try, .event = event, .hold = hold, .readers_are_free = true};
