/* Estimates from independent values, such as those of replications, and their intervals. Values of one run depend on
 * each other, and have no business here: see batch_means.h. */
#ifndef SIM_STUDY_STATS_H
#define SIM_STUDY_STATS_H

#include <stdbool.h>
#include <stddef.h>

#define SIM_CONFIDENCE 0.95
#define SIM_ENOUGH_REPLICATIONS 5

struct sim_estimate {
	double mean, low, high; /* what is estimated: a mean, or a quantile; low and high only with an interval */
	size_t n;
	bool interval;       /* of a mean: n >= 2; of others as n can carry it */
	const char *method;  /* "student-t", "order-statistic", "batch-means" or "none" */
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

/* Which of n independent values, sorted and counted from 1, is their quantile q (0 < q < 1, asserted): the ceil(q
 * n)-th smallest, with q taken for the decimal fraction that it was written as. */
size_t sim_quantile_rank(size_t n, double q);

/* The interval of quantile q of a distribution by the ranks of n independent values (n >= 1): from the low-th to the
 * high-th smallest. Of the values below the quantile there are binomially many, whatever the distribution; neither
 * side misses more often than (1 - confidence) / 2. `coverage` is exact where the distribution is continuous, and the
 * least otherwise (Conover, Practical Nonparametric Statistics, 3.2).
 *
 * False: n is too small for it. Two-sided 95 % takes 6 values for the median, 368 for p99, 3688 for p99.9. */
struct sim_ranks {
	size_t low, high;
	double coverage;
};
bool sim_quantile_ranks(size_t n, double q, double confidence, struct sim_ranks *ranks);

/* Quantile q of n independent values (n >= 1, asserted), with its interval at SIM_CONFIDENCE at least; without one
 * where n cannot carry it: never the extreme value in its place. Sorts `values`. */
struct sim_estimate sim_estimate_quantile(double *values, size_t n, double q);

#endif
