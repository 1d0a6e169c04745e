/* Do intervals cover what they are about as often as they say? Of values whose truth is known, drawn from the streams
 * that runs draw from: Student's t over replications of queues, order statistics of independent values, paired
 * differences, and sequential stopping. */
#ifndef CPNS_ORACLE_COVERAGE_H
#define CPNS_ORACLE_COVERAGE_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

struct oracle_coverage {
	const char *name;          /* of what the intervals are; a literal */
	double expected;           /* share of them that has to hold the truth; of sequential stopping, at least */
	size_t intervals, covered; /* how many there were, and how many held it */
	size_t least, most;        /* between these `covered` lies with a probability of 99.9 % */
};

/* How much of it. */
struct oracle_coverage_extent {
	size_t cheap, intervals; /* intervals of values that are drawn at once, and of those that are not */
	unsigned customers;      /* of a queue, in each replication; a tenth as many come before */
};

/* A second; and what the nightly run does: 1 000 intervals of 10 replications with 20 000 customers each. */
extern const struct oracle_coverage_extent oracle_coverage_quick, oracle_coverage_full;

/* All rows: of struct oracle_coverage; g_array_unref. */
GArray *oracle_coverages(uint64_t seed, const struct oracle_coverage_extent *extent);

#endif
