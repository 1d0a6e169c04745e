/* What models with a lock for one at a time, first come first served, have in common. */
#include "models/store/inside.h"

void fifo_come(struct key_store *store, uint32_t job)
{
	struct lock *lock = lock_of(store, job);

	if (lock->inside.n == 0) {
		lock_hold(store, job);
		return;
	}
	job_at(store, job)->busy = true;
	job_list_add(store, &lock->waiting, job);
	lock_note_queue(store, lock);
}

bool fifo_event(struct key_store *store, uint8_t kind, uint32_t job)
{
	struct lock *lock = lock_of(store, job);

	(void)kind; /* STORE_RELEASE, the only one */
	job_list_take(store, &lock->inside);
	lock_note_inside(store, lock);
	if (lock->waiting.n > 0) {
		uint32_t next = job_list_take(store, &lock->waiting);

		lock_note_queue(store, lock);
		lock_hold(store, next);
	}
	lock_leave(store, job);
	return true;
}
