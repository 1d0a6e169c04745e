#include "sim/study/study.h"

#include <string.h>

#include "sim/study/precision.h"
#include "sim/study/sequential.h"

static const char *const kinds[] = {"terminating", "steady-state", NULL};
static const char *const warmups[] = {"auto", NULL};

static bool has_precision(const struct sim_values *values)
{
	return sim_value(values, "precision")->set && strcmp(sim_value(values, "precision")->text, "none") != 0;
}

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
    {.name = "constraint",
     .type = SIM_TEXT,
     .fallback = "none",
     .help = "which combinations of iteration variables run, as `${a} <= ${b} && ${c} != 0`"},
    {.name = "warmup",
     .type = SIM_DURATION,
     .fallback = "none",
     .words = warmups,
     .help = "what is cut off at the start of a run, in a steady-state study only: a time, or `auto` (MSER-5 of a "
	     "pilot)"},
    {.name = "precision",
     .type = SIM_TEXT,
     .fallback = "none",
     .help = "half-widths at which replications stop, as `assignment.latency.mean 5%, assignment.throughput 2%`"},
    {.name = "precision.max-replications",
     .type = SIM_COUNT,
     .fallback = "100",
     .min = 1,
     .max = 100000,
     .condition = "precision is given",
     .readable = has_precision,
     .help = "replications at the most while the precision is not reached"},
    {.name = "series.period", .type = SIM_DURATION, .fallback = "none", .help = "of the points of time series"},
};

const size_t sim_study_n_params = G_N_ELEMENTS(sim_study_params);

static bool are_known(const GPtrArray *targets, const struct sim_known_metric *metrics, char **reason)
{
	for (guint i = 0; i < targets->len; i++) {
		const struct sim_target *target = g_ptr_array_index(targets, i);

		if (!sim_metric_check(metrics, target->metric, target->statistic, NULL, reason))
			return false;
	}
	return true;
}

static bool check_precision(const struct sim_values *values, const struct sim_known_metric *metrics, GError **error)
{
	const char *text = sim_value(values, "precision")->text;
	unsigned most = (unsigned)sim_value(values, "precision.max-replications")->count;
	struct sim_sequential s = sim_sequential_start((unsigned)sim_value(values, "repeat")->count, most);
	g_autofree char *reason = NULL;
	g_autoptr(GPtrArray) targets = NULL;

	if (!has_precision(values))
		return true;
	targets = sim_precision_parse(text, &reason);
	if (targets == NULL || !are_known(targets, metrics, &reason))
		sim_value_complain(values, "precision", error, "%s", reason);
	else if (s.least >= most)
		sim_value_complain(
		    values, "precision.max-replications", error,
		    "a precision is reached at two looks in a row, the first at %u replications: write "
		    "more than %u",
		    s.least, s.least);
	else
		return true;
	return false;
}

bool sim_study_check(const struct sim_values *values, const struct sim_known_metric *metrics, GError **error)
{
	const struct sim_value *period = sim_value(values, "series.period");

	if (sim_value(values, "warmup")->set && !sim_value_is(values, "study", "steady-state"))
		sim_value_complain(
		    values, "warmup", error,
		    "a terminating study has no warm-up: remove the line, or write study = steady-state");
	else if (period->set && period->duration <= 0)
		sim_value_complain(values, "series.period", error, "must be more than 0s");
	else
		return check_precision(values, metrics, error);
	return false;
}
