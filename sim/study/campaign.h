/* A campaign: cells (a design point each: one iteration of one config) and their runs (replications), some at once.
 * What comes out depends neither on how many run at once nor on the order in which they end, nor on how often
 * sim_campaign_run was called to get there. */
#ifndef SIM_STUDY_CAMPAIGN_H
#define SIM_STUDY_CAMPAIGN_H

#include "sim/study/model.h"
#include "sim/study/scenario.h"

enum sim_job_state {
	SIM_JOB_WAITING,     /* not started */
	SIM_JOB_FINISHED,    /* its record counts */
	SIM_JOB_FAILED,      /* `error` says why */
	SIM_JOB_INTERRUPTED, /* stopped on its way: its record does not count */
};

struct sim_cell;

/* One run. */
struct sim_job {
	struct sim_cell *cell;
	guint replication;
	guint run; /* the cell's first_run + replication */
	int64_t seed;
	enum sim_job_state state; /* changes on the thread that called sim_campaign_run, when it learns of it */
	struct sim_record record; /* rows and points sorted; their strings are interned */
	char *error;
	int64_t wall_ns;            /* provenance */
	enum sim_job_state outcome; /* private to campaign.c: the state to be */
};

/* What replications are compared within. */
struct sim_cell {
	const struct sim_scenario *scenario; /* borrowed */
	guint iteration;                     /* of the scenario */
	guint number;                        /* in the campaign, from 0 */
	guint first_run;
	GPtrArray *jobs; /* of struct sim_job, by replication */

	/* private to campaign.c: what the runs share, made when the first starts, released when the last has ended */
	GMutex lock;
	void *prepared;
	guint left; /* runs that have not ended */
	bool looked_at;
};

struct sim_campaign {
	const struct sim_model *model; /* borrowed */
	GPtrArray *cells;              /* of struct sim_cell, in the order of their coming */
	GPtrArray *jobs;               /* of struct sim_job: all, by cell and replication */

	/* private to campaign.c */
	const volatile int *stop;
	GAsyncQueue *done;
	gint enough; /* atomic: start no more */
};

/* One without runs. */
struct sim_campaign *sim_campaign_new(const struct sim_model *model);
void sim_campaign_free(struct sim_campaign *campaign);

/* Adds all of the scenario's iterations as cells, and of their runs those that `filter` takes: `3`, `0..9`, `1,4`, or
 * `name=value` of an iteration variable (or of `replication`); several are separated by commas: run numbers add up,
 * different names must all fit. NULL: all. Run numbers begin at `first_run`. False
 * with SIM_SCENARIO_ERROR for a filter that is wrong or takes nothing. */
bool sim_campaign_add(struct sim_campaign *campaign, const struct sim_scenario *scenario, const char *filter,
		      guint first_run, GError **error);

/* Keeps of all waiting runs only every n-th, from the k-th on (1 <= k <= n). */
void sim_campaign_keep_shard(struct sim_campaign *campaign, guint k, guint n);

/* Adds one iteration of the scenario with `n` runs; run numbers begin at `first_run`. */
struct sim_cell *sim_campaign_add_cell(struct sim_campaign *campaign, const struct sim_scenario *scenario,
				       guint iteration, guint n, guint first_run);

/* Gives the cell the replications 0 .. n - 1 as far as it lacks them. */
void sim_campaign_extend(struct sim_campaign *campaign, struct sim_cell *cell, guint n);

/* The cell's run of that replication, which is added if need be. */
struct sim_job *sim_campaign_job(struct sim_campaign *campaign, struct sim_cell *cell, guint replication);

/* The cell of that config and iteration, or NULL. */
struct sim_cell *sim_campaign_find(const struct sim_campaign *campaign, const char *config, const char *iteration);

/* A waiting job has ended in an earlier life of the campaign: takes what it recorded then, leaving *record empty.
 * Strings must be interned. */
void sim_campaign_restore(struct sim_job *job, struct sim_record *record);

/* Its names, as results show them. */
const char *sim_cell_config(const struct sim_cell *cell);
const char *sim_cell_iteration(const struct sim_cell *cell);
const struct sim_values *sim_cell_values(const struct sim_cell *cell);

/* The first cell's: what tells file, study and seed of the whole. */
const struct sim_scenario *sim_campaign_scenario(const struct sim_campaign *campaign);

/* How many jobs are in the state. */
guint sim_campaign_count(const struct sim_campaign *campaign, enum sim_job_state state);
guint sim_cell_count(const struct sim_cell *cell, enum sim_job_state state);

/* Lets the model look at every cell that it has not seen; false with its complaint. */
bool sim_campaign_prepare(struct sim_campaign *campaign, GError **error);

/* Is called on the calling thread after a job has ended (NULL: some time has passed). It may look at all jobs whose
 * state is not SIM_JOB_WAITING. False: no further job is started. */
typedef bool sim_campaign_tick(void *context, const struct sim_job *job);

/* Runs all waiting jobs, at most `at_once` (>= 1) at the same time; returns when none is running any more. Once *stop
 * is non-zero no job is started, and those on their way end early. */
void sim_campaign_run(struct sim_campaign *campaign, guint at_once, const volatile int *stop, sim_campaign_tick *tick,
		      void *context);

/* The finished jobs of a cell, by replication; g_ptr_array_unref. */
GPtrArray *sim_cell_finished(const struct sim_cell *cell);

#endif
