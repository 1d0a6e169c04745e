/* A campaign: the runs of a scenario (iterations x replications), some at once. What comes out depends neither on how
 * many run at once nor on the order in which they end. */
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

/* One run. */
struct sim_job {
	guint iteration, replication;
	guint run; /* iteration x repeat + replication */
	int64_t seed;
	enum sim_job_state state; /* changes on the thread that called sim_campaign_run, when it learns of it */
	struct sim_record record; /* rows sorted by module, flow, metric, statistic; their strings are interned */
	char *error;
	int64_t wall_ns;            /* provenance */
	enum sim_job_state outcome; /* private to campaign.c: the state to be */
};

struct sim_campaign {
	const struct sim_model *model;
	const struct sim_scenario *scenario;
	struct sim_job *jobs; /* by run number; only those that the filter takes */
	guint n_jobs;

	/* private to campaign.c */
	struct sim_share_of_iteration *shared;
	const volatile int *stop;
	GAsyncQueue *done;
};

/* How many jobs are in the state. */
guint sim_campaign_count(const struct sim_campaign *campaign, enum sim_job_state state);

/* The runs that `filter` takes: `3`, `0..9`, `1,4`, or `name=value` of an iteration variable (or of `replication`);
 * several are separated by commas: run numbers add up, different names must all fit. NULL: all. Borrows model and
 * scenario. NULL with SIM_SCENARIO_ERROR for a filter that is wrong or takes nothing. */
struct sim_campaign *sim_campaign_new(const struct sim_model *model, const struct sim_scenario *scenario,
				      const char *filter, GError **error);
void sim_campaign_free(struct sim_campaign *campaign);

/* Lets the model look at every iteration that will run; false with its complaint. */
bool sim_campaign_prepare(struct sim_campaign *campaign, GError **error);

/* Is called on the calling thread after a job has ended (NULL: some time has passed). It may look at all jobs whose
 * state is not SIM_JOB_WAITING. */
typedef void sim_campaign_tick(void *context, const struct sim_job *job);

/* Runs all jobs, at most `at_once` (>= 1) at the same time; returns when none is running any more. Once *stop is
 * non-zero no job is started, and those on their way end early. */
void sim_campaign_run(struct sim_campaign *campaign, guint at_once, const volatile int *stop, sim_campaign_tick *tick,
		      void *context);

/* The finished jobs of an iteration, by replication; g_ptr_array_unref. */
GPtrArray *sim_campaign_finished(const struct sim_campaign *campaign, guint iteration);

/* Adds to `warnings` (of char *) which replications of an iteration are one and the same. */
void sim_campaign_find_twins(const struct sim_campaign *campaign, GPtrArray *warnings);

/* Have all finished replications of the iteration (two or more) the same fingerprint? */
bool sim_campaign_is_deterministic(const struct sim_campaign *campaign, guint iteration);

#endif
