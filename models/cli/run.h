/* What the commands that run a campaign are asked for, and what `run` says at the end. */
#ifndef CPNS_CLI_RUN_H
#define CPNS_CLI_RUN_H

#include "models/cli/cli.h"
#include "sim/study/campaign.h"
#include "sim/study/progress.h"

struct run_options {
	const char *command;    /* argv[0] */
	char *line;             /* the whole command line, as valid UTF-8 */
	char **arguments;       /* FILE */
	char **configs, **sets; /* NULL-terminated, or NULL */
	char *filter, *seed, *folder, *query, *form;
	char *text;             /* of standard input, where FILE is - and is read more than once; NULL */
	char **reuse;           /* --reuse: folders, NULL-terminated, or NULL */
	char *shard;            /* --shard, as written, or NULL */
	guint shard_k, shard_n; /* of it: part k of n; 1 of 1 without */
	int at_once;
	gboolean force, resume, quiet, gather;
	enum sim_progress_form progress;
};

/* Parses what these commands have in common, and `more` (ended by {NULL}; NULL: none). CLI_DONE, or CLI_USAGE having
 * said why. */
int run_options_parse(struct run_options *options, const GOptionEntry *more, int argc, char **argv);

/* Reads standard input into `text` where FILE is -: for who loads it more than once. CLI_DONE or CLI_USAGE. */
int run_options_keep_input(struct run_options *options);

void run_options_clear(struct run_options *options);

/* The results on standard output; `folder` and `wall_ns` for its last lines. */
void run_report(const struct sim_campaign *campaign, const GArray *summary, const char *folder, int64_t wall_ns,
		guint at_once);

/* The report's last lines about what it took: wall time, and memory. */
void run_report_costs(const struct sim_campaign *campaign, int64_t wall_ns, guint at_once);

/* What the model says of each iteration and, `of_runs`, of each run, every line once. */
void run_report_model_notes(const struct sim_campaign *campaign, bool of_runs);

#endif
