#include "models/oracle/closed_store.h"

#include "sim/kernel/sort.h"

enum { READ = 1, WRITE, FLUSH };

struct run {
	const struct closed_store *closed;
	struct sim_engine *engine;
	struct key_store *store;
	uint32_t entity;
	uint32_t begun, ended;
	sim_time warm, over; /* when the warm-up ended; when the last assignment did */
};

/* A caller comes with its next assignment. */
static bool come(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct run *run = state;
	struct store_job job = {
	    .token = event->payload,
	    .reads = run->closed->reads,
	    .writes = 1,
	    .row = run->begun,
	    .address = {.item = event->payload, .ordinal = run->begun},
	};

	(void)engine;
	run->begun++;
	key_store_begin(run->store, &job);
	return true;
}

static void through(void *context, uint32_t caller, bool stored)
{
	struct run *run = context;
	sim_time now = sim_engine_now(run->engine);

	(void)stored; /* who gave up tries again, as the measured threads do */
	run->ended++;
	if (run->ended == run->closed->assignments / 10)
		run->warm = now;
	if (run->ended == run->closed->assignments)
		run->over = now;
	if (run->ended < run->closed->assignments)
		sim_engine_send(run->engine, run->entity, run->entity, now, 1, caller);
}

/* Of all locks together, after the warm-up. */
static double p99(const struct run *run)
{
	g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(sim_time));
	const struct store_lock_account *account;

	for (uint32_t k = 0; (account = key_store_account(run->store, k)) != NULL; k++)
		for (guint i = 0; i < account->visits->len; i++) {
			const struct store_visit *v = &g_array_index(account->visits, struct store_visit, i);
			sim_time time = v->wait + v->hold;

			if (v->at >= run->warm && v->at <= run->over)
				g_array_append_val(times, time);
		}
	if (times->len == 0)
		return 0;
	sim_sort_times((sim_time *)(gpointer)times->data, times->len);
	return (double)g_array_index(times, sim_time, (times->len * 99 + 99) / 100 - 1) / 1e9;
}

struct closed_result closed_store_run(const struct closed_store *closed)
{
	static const struct store_purposes purposes = {READ, WRITE, FLUSH};
	const struct sim_random random = sim_random_of(closed->seed, 0);
	struct run run = {.closed = closed, .engine = sim_engine_new()};

	run.entity = sim_engine_add(run.engine, come, &run);
	run.store = key_store_new(closed->figures, &random, run.engine, 0, purposes, through, &run);
	for (uint32_t i = 0; i < closed->callers; i++)
		sim_engine_send(run.engine, run.entity, run.entity, 0, 1, i);
	sim_engine_run(run.engine, SIM_NEVER - 1, NULL);
	struct closed_result result = {
	    .throughput = (closed->assignments - closed->assignments / 10) * 1e9 / (double)(run.over - run.warm),
	    .p99 = p99(&run),
	};

	key_store_free(run.store);
	sim_engine_free(run.engine);
	return result;
}
