/* Configs under common random numbers: the campaign's first config with each later one, iteration by iteration and
 * replication by replication. What both draw from the same streams is the same luck, and cancels out of the
 * differences (paired.h).
 *
 * With more than two configs each later one is compared with the first, the baseline, and not with the others: that
 * many statements can be claimed together (holm.h), and whoever wants another pair names it first. */
#ifndef SIM_STUDY_COMPARISON_H
#define SIM_STUDY_COMPARISON_H

#include "sim/study/campaign.h"
#include "sim/study/paired.h"

/* One iteration of two configs. */
struct sim_couple {
	const struct sim_cell *a, *b; /* a: the baseline's */
};

/* One row of compare.csv: b - a. */
struct sim_difference {
	struct sim_couple couple;
	const char *module, *flow, *metric, *statistic, *unit; /* interned */
	struct sim_paired paired;
};

/* May these scenarios (of struct sim_scenario, two or more, of one file) be compared? They must have the same
 * iterations, by name, and the same study, seed, repeat and precision; adds to `warnings` (of char *) what else makes
 * their observation windows differ. False with SIM_SCENARIO_ERROR. */
bool sim_comparison_check(const GPtrArray *scenarios, GPtrArray *warnings, GError **error);

/* The couples of a campaign that holds them, by config and then by iteration; g_array_unref. */
GArray *sim_comparison_couples(const struct sim_campaign *campaign);

/* One row for each statistic that both have in the same replication, over those replications; by couple, and then by
 * module, flow, metric, statistic. Of struct sim_difference; g_array_unref. */
GArray *sim_comparison_rows(const struct sim_campaign *campaign);

/* One statistic of a couple. With `per`, a metric of the same flow: one total divided by that one's, where it is not
 * 0. False where no replication has it in both. */
struct sim_comparison_line {
	struct sim_metric metric;
	const char *statistic;
	const struct sim_metric *per; /* or NULL */
};
bool sim_comparison_pair(const struct sim_couple *couple, const struct sim_comparison_line *line,
			 struct sim_paired *paired);

/* Adds to `warnings` which replications are no pairs, because they have not finished in both. */
void sim_comparison_left_out(const struct sim_campaign *campaign, GPtrArray *warnings);

/* The text of compare.csv, empty cells for numbers that do not exist; g_string_free. */
GString *sim_comparison_csv(const GArray *rows);

#endif
