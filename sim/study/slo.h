/* What is asked of a system: `assignment.latency.p99<=2s`, `assignment.failure-share<=0.1%`,
 * `assignment.throughput>=100/s`. The metric is of module `all` and flow `all`; counters, rates and shares need no
 * statistic. */
#ifndef SIM_STUDY_SLO_H
#define SIM_STUDY_SLO_H

#include "sim/study/campaign.h"
#include "sim/study/capacity.h"

struct sim_slo {
	char *text; /* as it was written */
	char *metric, *statistic;
	bool at_most;
	double limit;
	const char *unit; /* of the limit, as results write it: "s", "1/s", "B", "1" */
};

/* NULL with *reason, a sentence, the caller's to g_free. Whether there is such a metric: sim_metric_check. */
struct sim_slo *sim_slo_parse(const char *text, char **reason);
void sim_slo_free(struct sim_slo *slo);

/* Judges the first n replications of a cell by all SLOs (of struct sim_slo): it passes if each one's one-sided t
 * bound over the replications holds, and fails if one's cannot; the probability of either by chance is at most
 * `error` each (a failure's is shared among the SLOs). A replication that failed, or that has no such number (a tally
 * without values), does not meet it: the cell fails. Replications that are one and the same are judged by their
 * value.
 *
 * Values that do not vary at all, such as no failure in any replication, make an interval without width: what is
 * rarer than they can show is not seen. False with SIM_SCENARIO_ERROR for an SLO of what runs of this scenario have
 * not. */
bool sim_slo_judge(const GPtrArray *slos, const struct sim_cell *cell, guint n, double error,
		   struct sim_capacity_look *look, GError **error_out);

/* The row of a finished run that the name is about, or NULL. */
const struct sim_row *sim_slo_row(const struct sim_record *record, const char *metric, const char *statistic);

#endif
