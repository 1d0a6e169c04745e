/* The key store as a resource: what a request does to it takes time, and requests wait for each other there. Which
 * record holds what is memory.h's; this says how long the CPNS Server's workers are held up.
 *
 * A worker hands in a job (so many rows read, so many rows written in one transaction), and is told when the store is
 * through with it. How jobs get in each other's way is the model's:
 *
 *   lock          one exclusive lock, first come first served; all reads and writes of a job under it
 *   sharded       the same with a lock per shard, chosen by the row
 *   polling       SQLite in WAL mode: readers are free; a writer that finds the lock held sleeps and tries again, by
 *                 the schedule of SQLite's busy handler, until its timeout: no queue, no fairness
 *   mvcc          LMDB: readers are free; one writer at a time, first come first served, and two flushes a commit
 *   group-commit  PostgreSQL, RocksDB: readers are free; whoever finds the log idle leads: writes all rows that wait,
 *                 one after the other, and flushes once for all; who comes meanwhile is of the next group
 *   curve         a measured one: n jobs inside are served together at the rate that was measured with n at once
 *
 * Sources: SQLite's btree busy handler (sqliteDefaultBusyCallback), LMDB's and libmdbx's documentation, PostgreSQL's
 * WAL documentation (commit_delay), all as gathered in the project's notes on costs. */
#ifndef CPNS_STORE_CONTENTION_H
#define CPNS_STORE_CONTENTION_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/kernel/engine.h"
#include "sim/kernel/occupancy.h"
#include "sim/kernel/stream.h"
#include "sim/kernel/variate.h"

enum store_kind { STORE_FREE, STORE_LOCK, STORE_SHARDED, STORE_POLLING, STORE_MVCC, STORE_GROUP_COMMIT, STORE_CURVE };

/* A point of a measured curve: jobs a second with that many at once. */
struct store_point {
	uint32_t concurrency;
	double throughput;
};

/* What a scenario says of it. Durations in ns. */
struct store_figures {
	enum store_kind kind;
	struct sim_variate read;  /* of a row */
	struct sim_variate write; /* of a transaction */
	struct sim_variate flush; /* of a commit; mvcc: each of its two */
	sim_time write_octet;     /* more for each octet of the rows written */
	sim_time timeout;         /* polling */
	sim_time batch_delay;     /* group-commit: for which a leader waits before it begins */
	uint32_t shards;          /* locks; 1 unless sharded */
	double *shard_ends; /* sharded: the cumulative shares of the shards, the last of which is 1; else NULL */
	struct store_point *curve; /* curve: in ascending order of concurrency, all of it positive; else NULL */
	uint32_t n_points;
};

/* The shares of `n` shards where the k-th, from 1, gets one proportional to 1 / k^skew, one added to the other. The
 * caller's to g_free. */
double *store_shard_ends(uint32_t n, double skew);

/* Jobs a second with `n` at once, n > 0: on straight lines between the points; before the first one in proportion,
 * after the last one as there. */
double store_curve_at(const struct store_figures *figures, uint32_t n);

/* What one request does to the store. */
struct store_job {
	uint32_t token;             /* the caller's */
	uint32_t reads;             /* rows */
	uint32_t writes, octets;    /* rows written in one transaction, and their octets; 0: no transaction */
	uint64_t row;               /* a number of the entity that it is about: decides on the shard */
	struct sim_address address; /* of its draws: all but `purpose`, unique among the jobs of a run */
};

/* A job that got through, or that gave up, at `at`: in order of time. */
struct store_visit {
	sim_time at;
	sim_time wait;  /* until it got the lock, or its group the log; curve: what the others inside cost it */
	sim_time hold;  /* from then until it left */
	uint32_t batch; /* group-commit: who leads notes how many went in with it; else 0 */
	uint8_t flushes;
	bool busy;      /* found the lock held by somebody else */
	bool timed_out; /* and never got it: all of its time is `wait` */
};

/* A lock, or a log: what jobs wait for. */
struct store_lock_account {
	struct sim_occupancy *queue; /* jobs that wait; curve: none does */
	struct sim_occupancy *held;  /* 1 while it is; curve: while any job is inside */
	GArray *visits;         /* of struct store_visit: from the beginning of the window to the end of the run */
	uint64_t entered, left; /* in the whole run: jobs that came for it; that got through or gave up */
	uint64_t busy;          /* of those that left: that had found it held */
	uint64_t inside;        /* found there when the run was over */
};

struct key_store;

/* Draws of a job are made for these purposes, one each. */
struct store_purposes {
	uint8_t read, write, flush;
};

/* The store is through with the job of that token; `stored` is false if it gave up. */
typedef void store_done(void *context, uint32_t token, bool stored);

/* An idle store, which takes its place in the engine; `figures` are lent, and not `free` (asserted). What is before
 * `begin` does not count. The caller's to free. */
struct key_store *key_store_new(const struct store_figures *figures, const struct sim_random *random,
				struct sim_engine *engine, sim_time begin, struct store_purposes purposes,
				store_done *done, void *context);
void key_store_free(struct key_store *store);

/* A job comes in: something is read or written (asserted). `done` is called later, never from within. */
void key_store_begin(struct key_store *store, const struct store_job *job);

/* The observation window lasts at least until `sure`. */
void key_store_settle(struct key_store *store, sim_time sure);

/* An event that was still pending at the end of the run, of whatever entity: notes whose job it belongs to. True if
 * it is one of the store's. */
bool key_store_drained(struct key_store *store, const struct sim_event *event);

/* The run is over, its events are drained, and its window ends at `finish`: what is still inside stays in the
 * accounts to the end of the window. */
void key_store_close(struct key_store *store, sim_time finish);

/* The account of its lock or shard number `lock`, from 0; NULL: it has no more than that. */
const struct store_lock_account *key_store_account(const struct key_store *store, uint32_t lock);

/* Do its accounts balance: has every job that entered left, or given up, or is it inside, found there at the end? For
 * each lock, and for the store; and is the integral of each queue the sum of the stays in it? False with *error. */
bool key_store_balances(const struct key_store *store, GError **error);

#define KEY_STORE_ERROR key_store_error_quark()
GQuark key_store_error_quark(void);

#endif
