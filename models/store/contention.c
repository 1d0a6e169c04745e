#include "models/store/contention.h"

#include <assert.h>

#include "models/store/inside.h"

G_DEFINE_QUARK(key_store_error_quark, key_store_error)

static const struct store_model *const models[] = {
    [STORE_LOCK] = &store_lock,
    [STORE_SHARDED] = &store_lock,
    [STORE_POLLING] = &store_polling,
    [STORE_MVCC] = &store_mvcc,
    [STORE_GROUP_COMMIT] = &store_group_commit,
    [STORE_CURVE] = &store_curve,
};

/* ---- jobs ---- */

struct job *job_at(const struct key_store *store, uint32_t job)
{
	return sim_pool_at(store->jobs, job);
}

struct lock *lock_of(const struct key_store *store, uint32_t job)
{
	return &store->locks[job_at(store, job)->lock];
}

void job_list_add(struct key_store *store, struct job_list *list, uint32_t job)
{
	job_at(store, job)->next = 0;
	list->n++;
	if (list->first == 0)
		list->first = job;
	else
		job_at(store, list->last)->next = job;
	list->last = job;
}

uint32_t job_list_take(struct key_store *store, struct job_list *list)
{
	uint32_t job = list->first;

	assert(job != 0);
	list->first = job_at(store, job)->next;
	list->n--;
	return job;
}

/* The sum of `n` durations. What is constant needs no draw, and most figures are. */
static sim_time durations(const struct key_store *store, const struct job *job, const struct sim_variate *variate,
			  uint8_t purpose, uint32_t n)
{
	struct sim_address address = job->of.address;
	struct sim_stream stream = {0};
	sim_time sum = 0;

	address.purpose = purpose;
	if (n > 0 && variate->kind != SIM_CONSTANT)
		stream = sim_stream_at(store->random, &address);
	for (uint32_t i = 0; i < n; i++)
		sum = MIN(sum + sim_variate_duration(variate, &stream), SIM_HORIZON);
	return sum;
}

sim_time job_read_time(const struct key_store *store, const struct job *job)
{
	return durations(store, job, &store->figures->read, store->purposes.read, job->of.reads);
}

sim_time job_write_time(const struct key_store *store, const struct job *job)
{
	if (job->of.writes == 0)
		return 0;
	return durations(store, job, &store->figures->write, store->purposes.write, 1) +
	       (sim_time)job->of.octets * store->figures->write_octet;
}

sim_time job_flush_time(const struct key_store *store, const struct job *job, uint8_t flushes)
{
	return durations(store, job, &store->figures->flush, store->purposes.flush, flushes);
}

void store_send(struct key_store *store, sim_time after, enum store_event kind, uint32_t payload)
{
	sim_engine_send(store->engine, store->entity, store->entity, sim_engine_now(store->engine) + after,
			(uint8_t)kind, payload);
}

/* ---- locks ---- */

void lock_note_queue(struct key_store *store, struct lock *lock)
{
	sim_occupancy_extend(lock->account.queue, store->sure);
	sim_occupancy_set(lock->account.queue, sim_engine_now(store->engine), lock->waiting.n);
}

void lock_note_inside(struct key_store *store, struct lock *lock)
{
	sim_occupancy_extend(lock->account.held, store->sure);
	sim_occupancy_set(lock->account.held, sim_engine_now(store->engine), lock->inside.n > 0);
}

void lock_take(struct key_store *store, uint32_t job)
{
	struct lock *lock = lock_of(store, job);
	struct job *j = job_at(store, job);

	j->began = sim_engine_now(store->engine);
	if (j->began > j->since)
		sim_occupancy_stay(lock->account.queue, j->since, j->began);
	job_list_add(store, &lock->inside, job);
	lock_note_inside(store, lock);
}

void lock_hold(struct key_store *store, uint32_t job)
{
	lock_take(store, job);
	store_send(store, store->model->hold(store, job_at(store, job)), STORE_RELEASE, job);
}

/* Goes, and the worker hears of it last, when the store is in order again. */
static void leave(struct key_store *store, uint32_t job, bool stored)
{
	uint32_t token = job_at(store, job)->of.token;

	store->left++;
	sim_pool_release(store->jobs, job);
	store->done(store->context, token, stored);
}

static void note_visit(struct key_store *store, const struct job *j, bool timed_out)
{
	struct lock *lock = &store->locks[j->lock];
	sim_time now = sim_engine_now(store->engine), began = timed_out ? now : j->began;
	struct store_visit visit = {
	    .at = now,
	    .wait = began - j->since,
	    .hold = now - began,
	    .batch = j->batch,
	    .flushes = j->flushes,
	    .busy = j->busy,
	    .timed_out = timed_out,
	};

	lock->account.left++;
	lock->account.busy += j->busy;
	if (now >= store->begin)
		g_array_append_val(lock->account.visits, visit);
}

void lock_give_up(struct key_store *store, uint32_t job)
{
	struct job *j = job_at(store, job);

	sim_occupancy_stay(store->locks[j->lock].account.queue, j->since, sim_engine_now(store->engine));
	note_visit(store, j, true);
	leave(store, job, false);
}

void lock_leave(struct key_store *store, uint32_t job)
{
	note_visit(store, job_at(store, job), false);
	leave(store, job, true);
}

/* ---- the way of a job ---- */

static void come(struct key_store *store, uint32_t job)
{
	job_at(store, job)->since = sim_engine_now(store->engine);
	lock_of(store, job)->account.entered++;
	store->model->come(store, job);
}

/* The first shard whose share, added to those before it, reaches u. */
static uint32_t shard_of(const struct store_figures *figures, uint64_t row)
{
	double u = (double)(row >> 11) * 0x1p-53;
	uint32_t low = 0, high = figures->shards - 1;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (u < figures->shard_ends[middle])
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Rows have numbers of any kind: spreads them (the finaliser of splitmix64, Steele et al. 2014). */
static uint64_t spread(uint64_t row)
{
	row = (row ^ row >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	row = (row ^ row >> 27) * UINT64_C(0x94d049bb133111eb);
	return row ^ row >> 31;
}

void key_store_begin(struct key_store *store, const struct store_job *of)
{
	uint32_t job = sim_pool_take(store->jobs);
	struct job *j = job_at(store, job);

	assert(of->reads > 0 || of->writes > 0);
	*j = (struct job){.of = *of};
	if (store->n_locks > 1)
		j->lock = shard_of(store->figures, spread(of->row));
	store->entered++;
	if (!store->model->readers_are_free) {
		come(store, job);
		return;
	}
	sim_time reading = job_read_time(store, j);

	if (reading > 0 || of->writes == 0)
		store_send(store, reading, STORE_READ, job);
	else
		come(store, job);
}

static bool handle(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct key_store *store = state;

	(void)engine;
	if (event->kind != STORE_READ)
		return store->model->event(store, event->kind, event->payload);
	if (job_at(store, event->payload)->of.writes > 0)
		come(store, event->payload);
	else
		leave(store, event->payload, true);
	return true;
}

/* ---- life ---- */

struct key_store *key_store_new(const struct store_figures *figures, const struct sim_random *random,
				struct sim_engine *engine, sim_time begin, struct store_purposes purposes,
				store_done *done, void *context)
{
	struct key_store *store = g_new(struct key_store, 1);

	assert(figures->kind != STORE_FREE && figures->shards > 0);
	*store = (struct key_store){.figures = figures,
				    .model = models[figures->kind],
				    .random = random,
				    .engine = engine,
				    .done = done,
				    .context = context,
				    .purposes = purposes,
				    .jobs = sim_pool_new(sizeof(struct job)),
				    .locks = g_new0(struct lock, figures->shards),
				    .n_locks = figures->shards,
				    .begin = begin};
	for (uint32_t i = 0; i < store->n_locks; i++) {
		struct store_lock_account *a = &store->locks[i].account;

		a->queue = sim_occupancy_new(begin);
		a->held = sim_occupancy_new(begin);
		a->visits = g_array_new(FALSE, FALSE, sizeof(struct store_visit));
	}
	store->entity = sim_engine_add(engine, handle, store);
	return store;
}

void key_store_free(struct key_store *store)
{
	if (store == NULL)
		return;
	for (uint32_t i = 0; i < store->n_locks; i++) {
		struct store_lock_account *a = &store->locks[i].account;

		sim_occupancy_free(a->queue);
		sim_occupancy_free(a->held);
		g_array_unref(a->visits);
	}
	g_free(store->locks);
	sim_pool_free(store->jobs);
	g_free(store);
}

/* ---- accounts ---- */

void key_store_settle(struct key_store *store, sim_time sure)
{
	store->sure = sure;
}

bool key_store_drained(struct key_store *store, const struct sim_event *event)
{
	if (event->receiver != store->entity)
		return false;
	if (event->kind == STORE_READ)
		store->reading++;
	if (event->kind == STORE_TRY || event->kind == STORE_TIMEOUT) { /* it sleeps: nothing else knows of it */
		struct lock *lock = lock_of(store, event->payload);

		lock->account.inside++;
		sim_occupancy_stay(lock->account.queue, job_at(store, event->payload)->since, SIM_NEVER);
	}
	return true;
}

void key_store_close(struct key_store *store, sim_time finish)
{
	for (uint32_t i = 0; i < store->n_locks; i++) {
		struct lock *lock = &store->locks[i];

		sim_occupancy_extend(lock->account.queue, finish);
		sim_occupancy_extend(lock->account.held, finish);
		for (uint32_t job = lock->waiting.first; job != 0; job = job_at(store, job)->next) {
			sim_occupancy_stay(lock->account.queue, job_at(store, job)->since, SIM_NEVER);
			lock->account.inside++;
		}
		for (uint32_t job = lock->inside.first; job != 0; job = job_at(store, job)->next)
			lock->account.inside++;
	}
}

const struct store_lock_account *key_store_account(const struct key_store *store, uint32_t lock)
{
	return lock < store->n_locks ? &store->locks[lock].account : NULL;
}

static bool unbalanced(GError **error, const char *what, uint64_t left, uint64_t right)
{
	g_set_error(error, KEY_STORE_ERROR, 0,
		    "balance broken: key store: %s: %" G_GUINT64_FORMAT " against %" G_GUINT64_FORMAT, what, left,
		    right);
	return false;
}

bool key_store_balances(const struct key_store *store, GError **error)
{
	uint64_t inside = store->reading;

	for (uint32_t i = 0; i < store->n_locks; i++) {
		const struct store_lock_account *a = &store->locks[i].account;

		if (a->entered != a->left + a->inside)
			return unbalanced(error, "jobs that came for a lock, and those that left it or are there",
					  a->entered, a->left + a->inside);
		if (sim_occupancy_integral(a->queue) != sim_occupancy_stays(a->queue))
			return unbalanced(error, "integral of a lock's queue and sum of the stays in it, ns",
					  (uint64_t)sim_occupancy_integral(a->queue),
					  (uint64_t)sim_occupancy_stays(a->queue));
		inside += a->inside;
	}
	if (store->entered != store->left + inside)
		return unbalanced(error, "jobs that entered, and those that left or are inside", store->entered,
				  store->left + inside);
	return true;
}
