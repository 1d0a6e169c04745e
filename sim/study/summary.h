/* Statistics over the replications of a campaign. */
#ifndef SIM_STUDY_SUMMARY_H
#define SIM_STUDY_SUMMARY_H

#include "sim/study/campaign.h"
#include "sim/study/stats.h"

/* One row of summary.csv. */
struct sim_summary_row {
	guint cell;                                            /* its number */
	const char *module, *flow, *metric, *statistic, *unit; /* interned */
	struct sim_estimate estimate;
};

/* One row for each statistic that a finished replication has, over those that have it; sorted by the cell's number,
 * then module, flow, metric, statistic by strcmp. Of struct sim_summary_row; g_array_unref. */
GArray *sim_summarise(const struct sim_campaign *campaign);

/* The row, or NULL. */
const struct sim_summary_row *sim_summary_find(const GArray *summary, guint cell, const struct sim_metric *metric,
					       const char *statistic);

/* The mean over replications of one total by another, for replications where the latter is not 0. False without one.
 */
bool sim_summary_ratio(const struct sim_cell *cell, const struct sim_metric *numerator,
		       const struct sim_metric *denominator, struct sim_estimate *estimate);

/* The flows that a cell has rows of, `all` first, then by name; of const char *, g_ptr_array_unref. */
GPtrArray *sim_summary_flows(const GArray *summary, guint cell);

#endif
