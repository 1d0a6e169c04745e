/* The metrics that a model's runs report, so that what asks for one by name (a precision, an SLO) is judged before
 * anything has run. */
#ifndef SIM_STUDY_METRIC_H
#define SIM_STUDY_METRIC_H

#include <stdbool.h>

/* Which statistics a metric has: record.h. */
enum sim_metric_kind {
	SIM_METRIC_TOTAL, /* total */
	SIM_METRIC_MEAN,  /* mean: a rate or a share */
	SIM_METRIC_LEVEL, /* mean, max: a value over time */
	SIM_METRIC_TALLY, /* count, mean, min, max, sd and quantiles, as far as there are values */
};

/* One of module `all` and flow `all`. Tables of them end with a row without name. A run may lack rows: of what its
 * scenario has not, of tallies without values. */
struct sim_known_metric {
	const char *name;
	enum sim_metric_kind kind;
	const char *unit; /* as results write it; the count of a tally is of unit 1 */
};

/* Is there such a statistic of such a metric in the table? `statistic` may be NULL where the metric has one alone.
 * `unit`: the one that the asker takes it to be in; NULL: any. False with *reason, a sentence's rest, the caller's to
 * g_free. */
bool sim_metric_check(const struct sim_known_metric *table, const char *metric, const char *statistic,
		      const char *unit, char **reason);

#endif
