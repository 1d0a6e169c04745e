/* The table of results on standard output. */
#ifndef CPNS_CLI_TABLE_H
#define CPNS_CLI_TABLE_H

#include <stdio.h>

#include "sim/study/summary.h"

/* One iteration: a column for each flow. Several: a column for each, of all flows together. The lines are the model's
 * headline, or without one all metrics of module `all`. */
void table_print(FILE *out, const struct sim_campaign *campaign, const GArray *summary);

/* One line of that table for a flow and an iteration; "" where it has no such value. The caller's to g_free. */
char *table_value(const GArray *summary, const struct sim_headline *line, const char *flow,
		  const struct sim_cell *cell);

#endif
