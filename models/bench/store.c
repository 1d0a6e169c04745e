/* What the models of the key store cost: 16 callers hand in jobs as an assignment does (two rows read, one written),
 * each a millisecond after the one before is through. */
#include "models/bench/bench.h"
#include "models/protocol/env.h"
#include "models/store/contention.h"

enum {
	CALLERS = 16,
	MANY = 100000,
	FEW = 200,
};

struct store_bench_kind {
	const char *name, *what;
	enum store_kind kind;
};

static const struct store_bench_kind kinds[] = {
    {"lock", "a job in a store of one lock", STORE_LOCK},
    {"sharded", "a job in a store of 4 locks", STORE_SHARDED},
    {"polling", "a job in a store by SQLite's busy schedule", STORE_POLLING},
    {"mvcc", "a job in a store of one writer", STORE_MVCC},
    {"group-commit", "a job in a store that commits in groups", STORE_GROUP_COMMIT},
    {"curve", "a job in a store by a measured curve", STORE_CURVE},
};

enum purpose { READ, WRITE, FLUSH };

struct callers {
	struct sim_random random;
	struct sim_engine *engine;
	struct store_figures figures;
	struct key_store *store;
	uint32_t entity;
	uint64_t times, begun, done;
};

static void hand_in(struct callers *c, uint32_t caller)
{
	key_store_begin(c->store, &(struct store_job){.token = caller,
						      .reads = 2,
						      .writes = 1,
						      .octets = CPNS_HASH,
						      .row = c->begun,
						      .address = {.entity = caller, .item = c->begun}});
	c->begun++;
}

static bool on_event(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct callers *c = state;

	(void)engine;
	if (c->begun < c->times)
		hand_in(c, event->payload);
	return true;
}

static void call_later(struct callers *c, uint32_t caller, sim_time after)
{
	sim_engine_send(c->engine, c->entity, c->entity, sim_engine_now(c->engine) + after, 0, caller);
}

static void on_done(void *context, uint32_t token, bool stored)
{
	struct callers *c = context;

	(void)stored;
	c->done++;
	call_later(c, token, SIM_MS);
}

static void *set_up(const struct bench *bench, uint64_t size, uint64_t seed)
{
	static const struct store_purposes purposes = {READ, WRITE, FLUSH};
	static const struct store_point curve[] = {{1, 4000}, {4, 10000}, {16, 12000}};
	const struct store_bench_kind *kind = bench->variant;
	struct callers *c = g_new0(struct callers, 1);
	uint32_t shards = kind->kind == STORE_SHARDED ? 4 : 1;

	c->random = sim_random_of(seed, 0);
	c->engine = sim_engine_new();
	c->times = size;
	c->figures = (struct store_figures){
	    .kind = kind->kind,
	    .read = {.kind = SIM_CONSTANT, .a = 2e3},
	    .write = {.kind = SIM_EXPONENTIAL, .a = 20e3},
	    .flush = {.kind = SIM_EXPONENTIAL, .a = 50e3},
	    .timeout = 5 * SIM_S,
	    .shards = shards,
	    .shard_ends = kind->kind == STORE_SHARDED ? store_shard_ends(shards, 0) : NULL,
	    .curve = kind->kind == STORE_CURVE ? g_memdup2(curve, sizeof curve) : NULL,
	    .n_points = kind->kind == STORE_CURVE ? G_N_ELEMENTS(curve) : 0,
	};
	c->entity = sim_engine_add(c->engine, on_event, c);
	c->store = key_store_new(&c->figures, &c->random, c->engine, 0, purposes, on_done, c);
	for (uint32_t i = 0; i < CALLERS; i++)
		call_later(c, i, i * SIM_US);
	return c;
}

static void work(void *task)
{
	struct callers *c = task;

	sim_engine_run(c->engine, SIM_NEVER, NULL);
}

static void finish(void *task, struct bench_outcome *outcome)
{
	struct callers *c = task;

	outcome->work = c->done;
	outcome->hash = bench_hash(bench_hash_fingerprint(0, sim_engine_fingerprint(c->engine)),
				   (uint64_t)sim_engine_now(c->engine));
	bench_tell(outcome, "events", "events/job", (double)sim_engine_handled(c->engine) / (double)c->done);
	key_store_free(c->store);
	sim_engine_free(c->engine);
	g_free(c->figures.shard_ends);
	g_free(c->figures.curve);
	g_free(c);
}

void bench_add_store(GArray *suite)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		const struct bench bench = {
		    .name = bench_name("store", kinds[i].name),
		    .unit = "ns",
		    .what = kinds[i].what,
		    .size = MANY,
		    .tiny = FEW,
		    .variant = &kinds[i],
		    .set_up = set_up,
		    .work = work,
		    .finish = finish,
		};

		g_array_append_val(suite, bench);
	}
}
