/* What the commands that run a campaign share: scenarios from a command line, the folder, signals, rounds of runs,
 * and the exit code. */
#ifndef CPNS_CLI_CONDUCT_H
#define CPNS_CLI_CONDUCT_H

#include "models/cli/run.h"
#include "sim/study/recorder.h"
#include "sim/study/stopping.h"

/* A command at work; all borrowed. */
struct conduct {
	const struct run_options *options;
	struct sim_campaign *campaign;
	const char *folder;
	struct sim_recorder *recorder;
};

/* The scenario of options->arguments[0], for that config (NULL: General), with `more` (of `name=value`,
 * NULL-terminated; NULL: none) over all that options->sets set. NULL with *error. */
struct sim_scenario *conduct_load(const struct run_options *options, const struct sim_model *model,
				  const char *config, const char *const *more, GError **error);

/* Leaves the campaign the runs of options->shard. CLI_DONE, or CLI_USAGE: none are left, or a precision is asked,
 * which is a matter of all runs. */
int conduct_shard(const struct run_options *options, struct sim_campaign *campaign);

/* Prepares the campaign, claims the folder (options->folder, or results/NAME; of a shard, results/NAME-K-of-N),
 * catches signals, warns of what the scenarios say, takes what --resume remembers (`sought`: sim_recorder_options),
 * and calls `work` for the rest; returns its exit code, or that of what went wrong. */
typedef int conduct_work(struct conduct *conduct, void *context);
int conduct_campaign(const struct run_options *options, struct sim_campaign *campaign, const char *name,
		     const char *command, const struct sim_sought *sought, conduct_work *work, void *context);

/* Runs what waits; with a precision (`stopping` may be NULL) in as many rounds as it takes. */
bool conduct_rounds(const struct conduct *conduct, struct sim_stopping *stopping, GError **error);

/* The summary, with what misses the precision marked and warned of; *missed cells. g_array_unref. */
GArray *conduct_summary(const struct conduct *conduct, const struct sim_stopping *stopping, guint *missed);

/* `good` unless runs were interrupted, or failed. */
int conduct_exit_code(const struct conduct *conduct, int good);

/* Of -q runs: number, config, iteration, replication, seed, with tabs between. */
void conduct_list_runs(const struct sim_campaign *campaign);

/* Warnings of scenarios to standard error, for commands that run nothing. */
void conduct_tell_warnings(const struct sim_campaign *campaign);

#endif
