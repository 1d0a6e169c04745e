/* LMDB: readers see a snapshot and wait for nobody; one writer at a time. A durable commit flushes twice: the pages,
 * then the page that says where they are. */
#include "models/store/inside.h"

static sim_time hold(const struct key_store *store, struct job *job)
{
	job->flushes = 2;
	return job_write_time(store, job) + job_flush_time(store, job, job->flushes);
}

const struct store_model store_mvcc = {
    .come = fifo_come, .event = fifo_event, .hold = hold, .readers_are_free = true};
