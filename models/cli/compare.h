/* What `compare` says at the end. */
#ifndef CPNS_CLI_COMPARE_H
#define CPNS_CLI_COMPARE_H

#include "sim/study/claims.h"

/* All borrowed. */
struct comparison_report {
	const struct sim_campaign *campaign;
	const GArray *summary;
	const struct sim_claims *claims;
};

/* Adds where the couples do not share their luck. */
void comparison_report_warn(const struct comparison_report *report, GPtrArray *warnings);

/* On standard output. */
void comparison_report_print(const struct comparison_report *report, const char *folder);

#endif
