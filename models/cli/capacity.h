/* What `capacity` has found, and what it says of it. */
#ifndef CPNS_CLI_CAPACITY_H
#define CPNS_CLI_CAPACITY_H

#include "sim/study/capacity.h"
#include "sim/study/slo.h"
#include "sim/study/summary.h"

/* One search: of an iteration of the config's other variables. */
struct capacity_search {
	char *iteration;
	bool triggered; /* approached from above: after the trigger */
	struct sim_capacity found;
	GPtrArray *cells; /* of struct sim_cell: one for each trial, as they came */
};

struct capacity_result {
	const struct sim_campaign *campaign;
	const char *config, *parameter, *unit; /* unit: of the parameter, as results write it */
	char *const *triggers;                 /* `name=value`, NULL-terminated; NULL: none */
	double width;
	const GPtrArray *slos; /* of struct sim_slo */
	GPtrArray *searches;   /* of struct capacity_search */
};

/* The text of capacity.csv: for each search the interval, and the knee of the latency, as parameter `NAME knee of
 * METRIC`: between the trials on either side of it, without a confidence; of a search after the trigger the parameter
 * is `NAME after trigger`. g_string_free. */
GString *capacity_csv(const struct capacity_result *result, const GArray *summary);

/* On standard output: the trials by value, the interval and the knee in words. */
void capacity_print(const struct capacity_result *result, const GArray *summary, const char *folder);

#endif
