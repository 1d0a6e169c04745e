/* Means over replications and their intervals. */
#ifndef SIM_STUDY_STATS_H
#define SIM_STUDY_STATS_H

#include <stdbool.h>
#include <stddef.h>

#define SIM_CONFIDENCE 0.95
#define SIM_ENOUGH_REPLICATIONS 5

struct sim_estimate {
	double mean, low, high; /* low and high only with an interval */
	size_t n;
	bool interval;       /* n >= 2 */
	const char *method;  /* "student-t" or "none" */
	const char *verdict; /* "ok", "n too small", "deterministic" */
};

/* The mean of `values` (n >= 1, asserted) with its two-sided Student-t interval at SIM_CONFIDENCE. Sorts `values`:
 * the result does not depend on their order. `deterministic`: all replications are one and the same, the width is 0.
 */
struct sim_estimate sim_estimate_mean(double *values, size_t n, bool deterministic);

/* The factor of the standard error in that interval: the t quantile for n values (n >= 2, asserted). */
double sim_student_factor(size_t n);

/* The same at another confidence (between 0 and 1). */
double sim_student_factor_at(size_t n, double confidence);

/* Quantile q of the binomial distribution: the smallest k for which at most k of n trials, each with probability p,
 * succeed with a probability of at least q (0 < q < 1, asserted). */
size_t sim_binomial_quantile(size_t n, double p, double q);

#endif
