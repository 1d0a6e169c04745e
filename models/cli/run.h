/* What `run` was asked for, and what it says at the end. */
#ifndef CPNS_CLI_RUN_H
#define CPNS_CLI_RUN_H

#include "models/cli/cli.h"
#include "sim/study/campaign.h"
#include "sim/study/progress.h"

struct run_options {
	char **arguments;       /* FILE */
	char **configs, **sets; /* NULL-terminated, or NULL */
	char *filter, *seed, *folder, *query, *form;
	int at_once;
	gboolean force, resume, quiet;
	enum sim_progress_form progress;
};

/* CLI_DONE, or CLI_USAGE having said why. */
int run_options_parse(struct run_options *options, int argc, char **argv);
void run_options_clear(struct run_options *options);

/* The results on standard output; `folder` and `wall_ns` for its last lines. */
void run_report(const struct sim_campaign *campaign, const GArray *summary, const char *folder, int64_t wall_ns,
		guint at_once);

#endif
