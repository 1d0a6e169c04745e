/* One exclusive lock, or one a shard, for reads and writes alike. */
#include "models/store/inside.h"
#include "sim/kernel/portable_math.h"

static sim_time hold(const struct key_store *store, struct job *job)
{
	job->flushes = job->of.writes > 0;
	return job_read_time(store, job) + job_write_time(store, job) + job_flush_time(store, job, job->flushes);
}

const struct store_model store_lock = {.come = fifo_come, .event = fifo_event, .hold = hold};

double *store_shard_ends(uint32_t n, double skew)
{
	double *ends = g_new(double, n), sum = 0;

	for (uint32_t k = 0; k < n; k++) {
		sum += sim_exp(-skew * sim_log((double)k + 1));
		ends[k] = sum;
	}
	for (uint32_t k = 0; k < n; k++)
		ends[k] /= sum;
	return ends;
}
