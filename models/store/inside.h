/* The inside of a key store: jobs, locks, and what the models do with them. For the files of this folder that
 * implement contention.h alone. */
#ifndef CPNS_STORE_INSIDE_H
#define CPNS_STORE_INSIDE_H

#include "models/store/contention.h"
#include "sim/kernel/pool.h"

/* A job inside. */
struct job {
	struct store_job of;
	sim_time since; /* when it came for the lock */
	sim_time began; /* when it got it */
	sim_time slept; /* polling: for how long so far */
	double end;     /* curve: what each job inside will have been served by when this one leaves */
	uint32_t lock;  /* that it came for */
	uint32_t next;  /* the job behind it in a list; 0: none */
	uint32_t tries; /* polling: that failed */
	uint32_t batch; /* group-commit: if it leads */
	uint8_t flushes;
	bool busy;
};

/* Jobs in order, by handle. All 0: empty. */
struct job_list {
	uint32_t first, last, n;
};

struct lock {
	struct job_list waiting; /* first come first served; polling: only how many sleep */
	struct job_list
	    inside; /* who holds it; group-commit: the group; curve: all, in the order in which they came */
	struct store_lock_account account;
};

struct store_model {
	/* A job that writes, or where readers are not free any job, comes for its lock. */
	void (*come)(struct key_store *store, uint32_t job);
	/* An event of the model's own is due; false if it changes nothing. */
	bool (*event)(struct key_store *store, uint8_t kind, uint32_t payload);
	/* fifo.c, polling: for how long this job holds the lock; notes its flushes. */
	sim_time (*hold)(const struct key_store *store, struct job *job);
	bool readers_are_free; /* reads come first, and wait for nobody */
};

extern const struct store_model store_lock, store_polling, store_mvcc, store_group_commit, store_curve;

/* Kinds of events, apart from those of other entities. */
enum store_event {
	STORE_READ = 128, /* what job `payload` reads has been read */
	STORE_RELEASE,    /* job `payload` is done with its lock */
	STORE_TRY,        /* polling: job `payload` has slept */
	STORE_TIMEOUT,    /* polling: job `payload` has no time left to sleep */
	STORE_LEAD,       /* group-commit: the leader has waited for others */
	STORE_NEXT,       /* curve: the first job may be done; `payload`: of which generation */
	STORE_EVENTS,
};

struct key_store {
	const struct store_figures *figures;
	const struct store_model *model;
	const struct sim_random *random;
	struct sim_engine *engine;
	store_done *done;
	void *context;
	uint32_t entity;
	struct store_purposes purposes;
	struct sim_pool *jobs;
	struct lock *locks;
	uint32_t n_locks;
	sim_time begin, sure;   /* of the window: its beginning, and up to where it lasts surely */
	uint64_t entered, left; /* jobs, in the whole run */
	uint64_t reading;       /* found at the end to be still before their lock */
	double served;          /* curve: what each job inside has been served by so far, had it been there always */
	sim_time served_at;     /* when that was so */
	uint32_t generation;    /* curve: of who is inside */
};

struct job *job_at(const struct key_store *store, uint32_t job);
struct lock *lock_of(const struct key_store *store, uint32_t job);

/* Lists. */
void job_list_add(struct key_store *store, struct job_list *list, uint32_t job);
uint32_t job_list_take(struct key_store *store, struct job_list *list);

/* How long a job takes to read its rows, to write them, to flush so many times. */
sim_time job_read_time(const struct key_store *store, const struct job *job);
sim_time job_write_time(const struct key_store *store, const struct job *job);
sim_time job_flush_time(const struct key_store *store, const struct job *job, uint8_t flushes);

/* An event of the store's own. */
void store_send(struct key_store *store, sim_time after, enum store_event kind, uint32_t payload);

/* The job gets its lock, after having waited or not; has given up (polling); is through, and leaves the store: to be
 * called last, for the worker hears of it. */
void lock_take(struct key_store *store, uint32_t job);
void lock_give_up(struct key_store *store, uint32_t job);
void lock_leave(struct key_store *store, uint32_t job);

/* The job takes the lock, for as long as the model has it held: then it is released. */
void lock_hold(struct key_store *store, uint32_t job);

/* fifo.c: a lock for one at a time, first come first served. */
void fifo_come(struct key_store *store, uint32_t job);
bool fifo_event(struct key_store *store, uint8_t kind, uint32_t job);

/* So many wait for the lock now; who is inside has changed. */
void lock_note_queue(struct key_store *store, struct lock *lock);
void lock_note_inside(struct key_store *store, struct lock *lock);

#endif
