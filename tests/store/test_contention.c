/* Key stores worked out by hand, job by job, and what must hold of all of them. */
#include "models/store/contention.h"

#include <math.h>

#include "tests/lib/suite.h"

#define MS(x) ((sim_time)((x) * (double)SIM_MS + 0.5))
#define JOBS 64

static struct sim_random run;
static const struct store_purposes purposes = {1, 2, 3};

/* Somebody who hands in jobs at given times. */
struct caller {
	struct sim_engine *engine;
	struct key_store *store;
	uint32_t entity, n;
	struct store_job jobs[JOBS];
	sim_time done[JOBS]; /* SIM_NEVER: not yet */
	bool stored[JOBS];
	uint32_t order[JOBS], n_done;
};

static bool call(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct caller *c = state;
	uint32_t before = c->n_done;

	(void)engine;
	key_store_begin(c->store, &c->jobs[event->payload]);
	CU_ASSERT_EQUAL(c->n_done, before);
	return true;
}

static void done(void *context, uint32_t token, bool stored)
{
	struct caller *c = context;

	CU_ASSERT_EQUAL(c->done[token], SIM_NEVER);
	c->done[token] = sim_engine_now(c->engine);
	c->stored[token] = stored;
	c->order[c->n_done++] = token;
}

static struct caller *caller_new(const struct store_figures *figures)
{
	struct caller *c = g_new0(struct caller, 1);

	c->engine = sim_engine_new();
	c->entity = sim_engine_add(c->engine, call, c);
	c->store = key_store_new(figures, &run, c->engine, 0, purposes, done, c);
	return c;
}

static void caller_free(struct caller *c)
{
	key_store_free(c->store);
	sim_engine_free(c->engine);
	g_free(c);
}

static void add(struct caller *c, double at_ms, uint32_t reads, uint32_t writes, uint64_t row)
{
	CU_ASSERT_FATAL(c->n < JOBS);
	c->jobs[c->n] = (struct store_job){.token = c->n,
					   .reads = reads,
					   .writes = writes,
					   .octets = 32 * writes,
					   .row = row,
					   .address = {.item = c->n}};
	c->done[c->n] = SIM_NEVER;
	sim_engine_send(c->engine, c->entity, c->entity, MS(at_ms), 1, c->n++);
}

static void drained(void *context, const struct sim_event *event)
{
	const struct caller *c = context;

	CU_ASSERT_EQUAL(key_store_drained(c->store, event), event->receiver != c->entity);
}

/* Runs it to its end, or to a limit, and checks the accounts. */
static void run_until(struct caller *c, sim_time limit)
{
	GError *error = NULL;

	sim_engine_run(c->engine, limit, NULL);
	sim_time finish = sim_engine_now(c->engine);

	sim_engine_drain(c->engine, drained, c);
	key_store_close(c->store, finish);
	CU_ASSERT_TRUE(key_store_balances(c->store, &error));
	CU_ASSERT_PTR_NULL(error);
	g_clear_error(&error);
}

static struct store_figures figures_of(enum store_kind kind, double read_ms, double write_ms, double flush_ms)
{
	return (struct store_figures){.kind = kind,
				      .read = {.kind = SIM_CONSTANT, .a = read_ms * 1e6},
				      .write = {.kind = SIM_CONSTANT, .a = write_ms * 1e6},
				      .flush = {.kind = SIM_CONSTANT, .a = flush_ms * 1e6},
				      .timeout = 5 * SIM_S,
				      .shards = 1};
}

static const struct store_visit *visit(const struct caller *c, guint i)
{
	const GArray *visits = key_store_account(c->store, 0)->visits;

	CU_ASSERT_FATAL(i < visits->len);
	return &g_array_index(visits, struct store_visit, i);
}

/* When each job is through, ms. */
static void expect(const struct caller *c, const double *ms)
{
	for (uint32_t i = 0; i < c->n; i++)
		CU_ASSERT_EQUAL(c->done[i], MS(ms[i]));
}

static void test_lock(void)
{
	struct store_figures f = figures_of(STORE_LOCK, 1, 4, 3);
	struct caller *c = caller_new(&f);

	add(c, 0, 2, 1, 0); /* 2 x 1 + 4 + 3 */
	add(c, 1, 1, 0, 1); /* only reads: no flush, but the lock */
	add(c, 2, 0, 3, 2); /* three rows, one transaction */
	add(c, 30, 0, 1, 2);
	run_until(c, SIM_NEVER);
	expect(c, (const double[]){9, 10, 17, 37});
	CU_ASSERT_EQUAL(visit(c, 0)->wait, 0);
	CU_ASSERT_FALSE(visit(c, 0)->busy);
	CU_ASSERT_EQUAL(visit(c, 1)->wait, MS(8));
	CU_ASSERT_EQUAL(visit(c, 1)->hold, MS(1));
	CU_ASSERT_EQUAL(visit(c, 1)->flushes, 0);
	CU_ASSERT_TRUE(visit(c, 1)->busy);
	CU_ASSERT_EQUAL(visit(c, 2)->wait, MS(8));
	CU_ASSERT_EQUAL(visit(c, 2)->flushes, 1);
	CU_ASSERT_TRUE(sim_occupancy_integral(key_store_account(c->store, 0)->queue) == (unsigned __int128)MS(16));
	CU_ASSERT_TRUE(sim_occupancy_integral(key_store_account(c->store, 0)->held) == (unsigned __int128)MS(24));
	CU_ASSERT_EQUAL(sim_occupancy_max(key_store_account(c->store, 0)->queue), 2);
	CU_ASSERT_PTR_NULL(key_store_account(c->store, 1));
	caller_free(c);
}

static void test_octets_take_time(void)
{
	struct store_figures f = figures_of(STORE_LOCK, 0, 4, 0);

	f.write_octet = SIM_US;
	struct caller *c = caller_new(&f);

	add(c, 0, 0, 2, 0); /* 64 octets */
	run_until(c, SIM_NEVER);
	expect(c, (const double[]){4.064});
	caller_free(c);
}

static void test_shards(void)
{
	struct store_figures f = figures_of(STORE_SHARDED, 0, 1, 0);
	uint32_t hits[4] = {0}, waits = 0;

	f.shards = 4;
	f.shard_ends = store_shard_ends(4, 1); /* 12, 6, 4, 3 of 25 */
	CU_ASSERT_DOUBLE_EQUAL(f.shard_ends[0], 12 / 25.0, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(f.shard_ends[1], 18 / 25.0, 1e-12);
	CU_ASSERT_EQUAL(f.shard_ends[3], 1);
	for (int round = 0; round < 400; round++) {
		struct caller *c = caller_new(&f);

		for (uint32_t i = 0; i < JOBS; i++)
			add(c, 10 * i, 0, 1, (uint64_t)round * JOBS + i);
		run_until(c, SIM_NEVER);
		for (uint32_t k = 0; k < 4; k++)
			hits[k] += key_store_account(c->store, k)->visits->len;
		caller_free(c);
	}
	for (int k = 0; k < 4; k++) /* 25 600 rows: four standard deviations are 1.3 % of them at most */
		CU_ASSERT_DOUBLE_EQUAL(hits[k] / 25600.0, f.shard_ends[k] - (k > 0 ? f.shard_ends[k - 1] : 0), 0.013);

	struct caller *c = caller_new(&f); /* the same row meets itself, another one only in its shard */

	add(c, 0, 0, 1, 77);
	add(c, 0, 0, 1, 77);
	for (uint64_t row = 0; row < 20; row++)
		add(c, 100 + 0.01 * (double)row, 0, 1, row);
	run_until(c, SIM_NEVER);
	CU_ASSERT_EQUAL(c->done[1], MS(2));
	for (uint32_t i = 2; i < c->n; i++)
		waits += c->done[i] > MS(101 + 0.01 * (i - 2));
	CU_ASSERT_TRUE(waits > 0 && waits < 20);
	caller_free(c);
	g_free(f.shard_ends);
}

static void test_polling(void)
{
	struct store_figures f = figures_of(STORE_POLLING, 1, 9, 1);
	struct caller *c = caller_new(&f);

	add(c, 0, 0, 1, 0);  /* 0 to 10 */
	add(c, 1, 0, 1, 0);  /* tries at 1, 2, 4, 9, 19, when the third one has it; at 34 it is free: done at 44 */
	add(c, 12, 0, 1, 0); /* overtakes: 12 to 22 */
	add(c, 13, 2, 0, 0); /* only reads, beside them all */
	run_until(c, SIM_NEVER);
	expect(c, (const double[]){10, 44, 22, 15});
	CU_ASSERT_EQUAL(visit(c, 2)->wait, MS(33));
	CU_ASSERT_EQUAL(visit(c, 2)->hold, MS(10));
	CU_ASSERT_TRUE(visit(c, 2)->busy);
	CU_ASSERT_FALSE(visit(c, 1)->busy);
	CU_ASSERT_EQUAL(key_store_account(c->store, 0)->visits->len, 3);
	caller_free(c);
}

/* The sleeps add up as SQLite's table of totals has it, and the last one is cut at the timeout. */
static void test_polling_gives_up(void)
{
	struct store_figures f = figures_of(STORE_POLLING, 0, 1000, 0);

	f.timeout = MS(440);
	struct caller *c = caller_new(&f);

	add(c, 0, 0, 1, 0);
	add(c, 0, 0, 1, 0); /* 1 3 8 18 33 53 78 103 128 178 228 328 428, then 12 more */
	run_until(c, SIM_NEVER);
	expect(c, (const double[]){1000, 440});
	CU_ASSERT_TRUE(c->stored[0]);
	CU_ASSERT_FALSE(c->stored[1]);
	CU_ASSERT_TRUE(visit(c, 0)->timed_out);
	CU_ASSERT_EQUAL(visit(c, 0)->wait, MS(440));
	CU_ASSERT_EQUAL(sim_engine_handled(c->engine), 2 + 14 + 1 + 1); /* arrivals, tries, the end, the release */
	caller_free(c);
}

/* Who may not wait at all is told so, but never from within key_store_begin. */
static void test_polling_without_patience(void)
{
	struct store_figures f = figures_of(STORE_POLLING, 0, 10, 0);

	f.timeout = 0;
	struct caller *c = caller_new(&f);

	add(c, 0, 0, 1, 0);
	add(c, 4, 0, 1, 0);
	run_until(c, SIM_NEVER);
	expect(c, (const double[]){10, 4});
	CU_ASSERT_TRUE(c->stored[0]);
	CU_ASSERT_FALSE(c->stored[1]);
	caller_free(c);
}

static void test_mvcc(void)
{
	struct store_figures f = figures_of(STORE_MVCC, 1, 2, 3);
	struct caller *c = caller_new(&f);

	add(c, 0, 2, 1, 0); /* reads to 2, then 2 + 2 x 3 */
	add(c, 1, 0, 1, 0); /* writes at once: 1 to 9; the first waits for it */
	add(c, 1, 5, 0, 0); /* reads, waits for nobody */
	run_until(c, SIM_NEVER);
	expect(c, (const double[]){17, 9, 6});
	CU_ASSERT_EQUAL(visit(c, 0)->flushes, 2);
	CU_ASSERT_EQUAL(visit(c, 1)->wait, MS(7));
	caller_free(c);
}

static void test_group_commit(void)
{
	struct store_figures f = figures_of(STORE_GROUP_COMMIT, 0, 1, 4);
	struct caller *c = caller_new(&f);

	add(c, 0, 0, 1, 0); /* alone: 0 to 5 */
	add(c, 1, 0, 1, 0); /* both in the next group: 5 to 5 + 2 x 1 + 4 */
	add(c, 2, 0, 1, 0);
	add(c, 6, 0, 1, 0); /* comes while that one is at work: 11 to 16 */
	run_until(c, SIM_NEVER);
	expect(c, (const double[]){5, 11, 11, 16});
	CU_ASSERT_EQUAL(visit(c, 1)->batch, 2);
	CU_ASSERT_EQUAL(visit(c, 2)->batch, 0);
	CU_ASSERT_EQUAL(visit(c, 1)->flushes + visit(c, 2)->flushes, 1);
	CU_ASSERT_EQUAL(visit(c, 2)->wait, MS(3));
	CU_ASSERT_EQUAL(visit(c, 2)->hold, MS(6));
	caller_free(c);
}

static void test_group_commit_waits_for_others(void)
{
	struct store_figures f = figures_of(STORE_GROUP_COMMIT, 0, 1, 4);

	f.batch_delay = MS(3);
	struct caller *c = caller_new(&f);

	add(c, 0, 0, 1, 0);
	add(c, 2, 0, 1, 0); /* within the delay: 3 to 3 + 2 + 4 */
	add(c, 5, 0, 1, 0); /* 9 + 3, then 1 + 4 */
	run_until(c, SIM_NEVER);
	expect(c, (const double[]){9, 9, 17});
	CU_ASSERT_FALSE(visit(c, 0)->busy);
	caller_free(c);
}

static void test_curve(void)
{
	static struct store_point points[] = {{1, 100}, {3, 300}, {5, 100}};
	struct store_figures f = {.kind = STORE_CURVE, .shards = 1, .curve = points, .n_points = 3};
	struct caller *c = caller_new(&f);

	CU_ASSERT_EQUAL(store_curve_at(&f, 1), 100);
	CU_ASSERT_EQUAL(store_curve_at(&f, 2), 200);
	CU_ASSERT_EQUAL(store_curve_at(&f, 4), 200);
	CU_ASSERT_EQUAL(store_curve_at(&f, 9), 100);
	add(c, 0, 1, 1, 0); /* two at once are served side by side, 100 a second each */
	add(c, 5, 0, 1, 0);
	for (int i = 0; i < 5; i++) /* five at once share 100 a second, and are all through when 5 / 100 s are over */
		add(c, 100, 0, 1, 0);
	run_until(c, SIM_NEVER);
	expect(c, (const double[]){10, 15, 150, 150, 150, 150, 150});
	CU_ASSERT_EQUAL(visit(c, 1)->wait, 0);
	CU_ASSERT_EQUAL(visit(c, 6)->wait, MS(40));
	CU_ASSERT_EQUAL(visit(c, 6)->hold, MS(10));
	caller_free(c);
}

/* One served at 100 a second alone, and at 50 a second each by two. */
static void test_curve_without_gain(void)
{
	static struct store_point points[] = {{1, 100}, {2, 100}};
	struct store_figures f = {.kind = STORE_CURVE, .shards = 1, .curve = points, .n_points = 2};
	struct caller *c = caller_new(&f);

	add(c, 0, 0, 1, 0);
	add(c, 5, 0, 1, 0);
	run_until(c, SIM_NEVER);
	expect(c, (const double[]){15, 20});
	caller_free(c);
}

/* Cut anywhere, every job is accounted for, in every model; and no job's draws hang on another's. */
static void test_cut_anywhere(void)
{
	static struct store_point points[] = {{1, 100}, {4, 150}};

	for (enum store_kind kind = STORE_LOCK; kind <= STORE_CURVE; kind++)
		for (int limit = 0; limit < 400; limit += 7) {
			struct store_figures f = figures_of(kind, 1, 4, 2);
			uint32_t n = 0;

			f.write = (struct sim_variate){.kind = SIM_EXPONENTIAL, .a = 4e6};
			f.timeout = MS(60);
			f.curve = points;
			f.n_points = 2;
			f.shards = kind == STORE_SHARDED ? 3 : 1;
			f.shard_ends = kind == STORE_SHARDED ? store_shard_ends(3, 0) : NULL;
			struct caller *c = caller_new(&f);

			for (uint32_t i = 0; i < JOBS; i++)
				add(c, 3 * i, i % 3, i % 4 > 0 || i % 3 == 0, i);
			run_until(c, limit == 0 ? SIM_NEVER : MS(limit));
			for (uint32_t i = 0; i < JOBS; i++)
				n += c->done[i] != SIM_NEVER;
			CU_ASSERT_EQUAL(n, c->n_done);
			if (limit == 0)
				CU_ASSERT_EQUAL(n, JOBS);
			caller_free(c);
			g_free(f.shard_ends);
		}
}

static void test_draws_have_addresses(void)
{
	struct store_figures f = figures_of(STORE_LOCK, 1, 4, 2);
	sim_time alone = 0;

	f.write = (struct sim_variate){.kind = SIM_EXPONENTIAL, .a = 4e6};
	for (int others = 0; others < 3; others++) {
		struct caller *c = caller_new(&f);

		c->n = 5; /* so that the job has the same address each time */
		add(c, 100, 1, 1, 0);
		c->n = 10;
		for (int i = 0; i < others; i++)
			add(c, i, 0, 1, 0);
		run_until(c, SIM_NEVER);
		if (others == 0)
			alone = c->done[5];
		CU_ASSERT_EQUAL(c->done[5], alone);
		caller_free(c);
	}
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"one lock, first come first served", test_lock},
	    {"octets take time", test_octets_take_time},
	    {"shards by their shares, and a row's is always the same", test_shards},
	    {"SQLite's writers poll, and are overtaken", test_polling},
	    {"SQLite's writers give up", test_polling_gives_up},
	    {"SQLite's writers without patience", test_polling_without_patience},
	    {"LMDB's readers are free, its writers flush twice", test_mvcc},
	    {"a group shares a flush", test_group_commit},
	    {"a leader waits for others", test_group_commit_waits_for_others},
	    {"a measured curve", test_curve},
	    {"a curve without gain", test_curve_without_gain},
	    {"every job is accounted for wherever a run is cut", test_cut_anywhere},
	    {"draws have addresses", test_draws_have_addresses},
	    {NULL, NULL},
	};

	run = sim_random_of(3, 1);
	return suite_run("contention", cases);
}
