/* Do 95 % intervals cover what they are about in 95 % of all cases? Of normal samples, of which Student's t is
 * exactly right, drawn from the streams that runs draw from. */
#ifndef CPNS_ORACLE_COVERAGE_H
#define CPNS_ORACLE_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct oracle_coverage {
	size_t intervals, covered; /* how many there were, and how many held the mean */
	size_t least, most;        /* between these `covered` lies with a probability of 99.9 % */
};

/* `intervals` of them, each of `n` values (at least 2). */
struct oracle_coverage oracle_coverage(uint64_t seed, size_t intervals, size_t n);

#endif
