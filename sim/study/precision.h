/* The parameter `precision`: of which metrics, and how precise.
 *
 *   precision = assignment.latency.mean 5%, assignment.throughput 2%
 *
 * Each is `metric.statistic` or, of counters, rates and shares, which have one statistic that matters, `metric`; and
 * the half-width of its interval as a share of the estimate. */
#ifndef SIM_STUDY_PRECISION_H
#define SIM_STUDY_PRECISION_H

#include <glib.h>
#include <stdbool.h>

#include "sim/study/summary.h"

struct sim_target {
	char *metric, *statistic; /* of module `all` and flow `all`; statistic NULL: none was written */
	double share;             /* of the estimate: greater than 0, at most 1 */
};

/* Of struct sim_target, in that order, at least one, no two for the same; g_ptr_array_unref. NULL with *reason, the
 * rest of a sentence, the caller's to g_free. */
GPtrArray *sim_precision_parse(const char *text, char **reason);

/* Splits "assignment.latency.p99" into metric and statistic (NULL where the last part names none), both the caller's
 * to g_free. False: it is no name of a metric. */
bool sim_metric_split(const char *name, char **metric, char **statistic);

/* The target's row in a cell; without a statistic that of `total`, or of `mean` where that is all there is.
 * NULL with *reason, a sentence, the caller's to g_free, where there is none: of what a scenario has not, or of a
 * tally without enough values. */
const struct sim_summary_row *sim_precision_find(const GArray *summary, guint cell, const struct sim_target *target,
						 char **reason);

#endif
