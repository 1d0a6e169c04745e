#include "models/oracle/stores.h"

#include "models/oracle/polling.h"
#include "sim/study/queueing.h"

#define HOLD 1.0 /* seconds, on average */
#define THINK 10.0

/* So many workers that none is missing, and only the key store takes time. */
static void set_store(struct oracle_case *c, const char *model, const char *write)
{
	oracle_set(c, "server.workers = 100000");
	oracle_set(c, "server.service = 0s");
	oracle_set(c, "store.model = %s", model);
	oracle_set(c, "store.write = %s", write);
}

static void expect_wait(struct oracle_case *c, double wait)
{
	oracle_expect(c, (struct oracle_check){"mean wait", "store.wait", "mean", "s", wait});
}

static void expect_busy(struct oracle_case *c, double share)
{
	oracle_expect(c, (struct oracle_check){"who waits", "store.busy-share", "mean", "%", share});
}

/* One lock is one worker: M/M/1, and, where it is held for one flush, M/D/1. */
static void add_lock(GPtrArray *cases, const struct oracle_extent *extent, double utilisation)
{
	const struct sim_mmc queue = {1, utilisation / HOLD, HOLD};
	struct oracle_case *c = oracle_add(cases, extent, "lock, M/M/1 at %g", utilisation);

	oracle_open(c, extent, queue.rate);
	set_store(c, "lock", "exponential(1s)");
	expect_wait(c, sim_mmc_wait(&queue));
	oracle_expect(
	    c, (struct oracle_check){"p99 of wait", "store.wait", "p99", "s", sim_mmc_wait_quantile(&queue, 0.99)});
	expect_busy(c, utilisation);

	c = oracle_add(cases, extent, "LMDB, two flushes, M/D/1 at %g", utilisation);
	oracle_open(c, extent, queue.rate);
	set_store(c, "mvcc", "0s");
	oracle_set(c, "store.flush = 500ms");
	expect_wait(c, sim_mg1_wait(queue.rate, HOLD, HOLD * HOLD));
	expect_busy(c, utilisation);
}

static void add_clients(GPtrArray *cases, const struct oracle_extent *extent, unsigned clients)
{
	double rate = sim_repairman_throughput(clients, THINK, HOLD);
	struct oracle_case *c = oracle_add(cases, extent, "lock, M/M/1//%u", clients);

	oracle_closed(c, extent, clients, THINK, rate);
	set_store(c, "lock", "exponential(1s)");
	oracle_expect(
	    c, (struct oracle_check){"throughput", "store.hold", "count", "1/s", rate, extent->customers / rate});
}

/* Shards with the same share each are M/M/1 queues side by side, as far as rows spread evenly. */
static void add_shards(GPtrArray *cases, const struct oracle_extent *extent, unsigned shards, double utilisation)
{
	struct oracle_case *c = oracle_add(cases, extent, "%u shards at %g of their capacity", shards, utilisation);
	double rate = utilisation * sim_sharded_capacity(1.0 / shards, HOLD);

	oracle_open(c, extent, rate);
	set_store(c, "sharded", "exponential(1s)");
	oracle_set(c, "store.shards = %u", shards);
	oracle_expect(c, (struct oracle_check){"utilisation", "store.utilisation", "mean", "%", utilisation});
}

/* SQLite's writers: what the brute-force program measures of so many that its own luck does not count. */
static void add_polling(GPtrArray *cases, const struct oracle_extent *extent, double utilisation)
{
	const double hold = 0.004, rate = utilisation / hold;
	const struct polling brute = {
	    .pause = {.kind = SIM_EXPONENTIAL, .a = 1e9 / rate},
	    .hold = {.kind = SIM_EXPONENTIAL, .a = hold * 1e9},
	    .timeout = 100 * SIM_S,
	    .warmup = 100 * SIM_S,
	    .end = (sim_time)(40.0 * extent->customers / rate) * SIM_S,
	    .seed = (uint64_t)extent->seed,
	};
	const struct polling_result expected = polling_run(&brute);
	struct oracle_case *c = oracle_add(cases, extent, "SQLite's polling at %g", utilisation);

	oracle_open(c, extent, rate);
	set_store(c, "polling", "exponential(4ms)");
	oracle_set(c, "store.timeout = 100s");
	expect_wait(c, expected.mean / 1e9);
	oracle_expect(c, (struct oracle_check){"p99 of wait", "store.wait", "p99", "s", expected.p99 / 1e9});
}

void oracle_add_stores(GPtrArray *cases, const struct oracle_extent *extent)
{
	static const double utilisations[] = {0.5, 0.7};
	static const unsigned clients[] = {1, 4, 16, 64}, shards[] = {4, 16};

	for (size_t i = 0; i < G_N_ELEMENTS(utilisations); i++) {
		add_lock(cases, extent, utilisations[i]);
		add_polling(cases, extent, utilisations[i]);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(clients); i++)
		add_clients(cases, extent, clients[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(shards); i++)
		add_shards(cases, extent, shards[i], 0.7);
}
