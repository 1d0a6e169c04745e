#include "sim/study/study.h"

static const char *const kinds[] = {"terminating", "steady-state", NULL};
static const char *const warmups[] = {"auto", NULL};

const struct sim_param sim_study_params[] = {
    {.name = "study",
     .type = SIM_WORD,
     .fallback = "",
     .words = kinds,
     .required = "always",
     .help = "whether a run has an end of its own, or is a window of something endless"},
    {.name = "seed",
     .type = SIM_COUNT,
     .fallback = "1",
     .help = "of all random numbers; for other luck, change the replication, not the seed"},
    {.name = "repeat",
     .type = SIM_COUNT,
     .fallback = "10",
     .min = 1,
     .max = 100000,
     .help = "replications of each iteration; an interval wants 5 or more"},
    {.name = "warmup",
     .type = SIM_DURATION,
     .fallback = "none",
     .words = warmups,
     .help = "what is cut off at the start of a run; a time in a steady-state study only"},
    {.name = "precision",
     .type = SIM_TEXT,
     .fallback = "none",
     .later = "sequential stopping",
     .help = "relative half-width at which replications may stop, for named metrics"},
    {.name = "precision.max-replications",
     .type = SIM_COUNT,
     .fallback = "100",
     .min = 1,
     .later = "sequential stopping",
     .help = "replications at the most while the precision is not reached"},
};

const size_t sim_study_n_params = G_N_ELEMENTS(sim_study_params);

bool sim_study_check(const struct sim_values *values, GError **error)
{
	if (!sim_value(values, "warmup")->set || sim_value_is(values, "study", "steady-state"))
		return true;
	sim_value_complain(values, "warmup", error,
			   "a terminating study has no warm-up: remove the line, or write study = steady-state");
	return false;
}
