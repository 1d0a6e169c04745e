/* A log that many transactions share a flush of (PostgreSQL, RocksDB): who finds it idle leads. The leader waits for
 * others if it is told to, writes its own transaction and those of all who wait, one after the other, and flushes
 * once; all of them are done then. Who has come meanwhile is of the next group, and the first of them leads. */
#include "models/store/inside.h"

/* All who wait go in; they are done together. */
static void lead(struct key_store *store, struct lock *lock)
{
	uint32_t leader = lock->waiting.first;
	sim_time writing = 0;

	job_at(store, leader)->flushes = 1;
	job_at(store, leader)->batch = lock->waiting.n;
	while (lock->waiting.n > 0) {
		uint32_t job = job_list_take(store, &lock->waiting);

		writing += job_write_time(store, job_at(store, job));
		lock_take(store, job);
	}
	lock_note_queue(store, lock);
	store_send(store, writing + job_flush_time(store, job_at(store, leader), 1), STORE_RELEASE, leader);
}

/* Somebody waits, and the log is idle. */
static void gather(struct key_store *store, struct lock *lock)
{
	if (store->figures->batch_delay > 0)
		store_send(store, store->figures->batch_delay, STORE_LEAD, lock->waiting.first);
	else
		lead(store, lock);
}

static void come(struct key_store *store, uint32_t job)
{
	struct lock *lock = lock_of(store, job);
	bool first = lock->waiting.n == 0;

	job_at(store, job)->busy = lock->inside.n > 0;
	job_list_add(store, &lock->waiting, job);
	lock_note_queue(store, lock);
	if (first && lock->inside.n == 0)
		gather(store, lock);
}

static bool event(struct key_store *store, uint8_t kind, uint32_t job)
{
	struct lock *lock = lock_of(store, job);

	if (kind == STORE_LEAD) {
		lead(store, lock);
		return true;
	}
	struct job_list done = lock->inside;

	lock->inside = (struct job_list){0};
	lock_note_inside(store, lock);
	if (lock->waiting.n > 0)
		gather(store, lock);
	while (done.n > 0)
		lock_leave(store, job_list_take(store, &done));
	return true;
}

const struct store_model store_group_commit = {.come = come, .event = event, .readers_are_free = true};
