/* What `compare` says at the end. */
#ifndef CPNS_CLI_COMPARE_H
#define CPNS_CLI_COMPARE_H

#include "sim/study/comparison.h"
#include "sim/study/summary.h"

struct comparison_report;

/* The headline metrics of all couples, and which of their differences hold together. */
struct comparison_report *comparison_report_new(const struct sim_campaign *campaign, const GArray *summary);
void comparison_report_free(struct comparison_report *report);

/* Adds where the couples do not share their luck. */
void comparison_report_warn(const struct comparison_report *report, GPtrArray *warnings);

/* On standard output. */
void comparison_report_print(const struct comparison_report *report, const GArray *summary, const char *folder);

#endif
