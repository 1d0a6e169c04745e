/* Two designs under common random numbers: pairs of values, one of each design from the same replication, compared as
 * pairs. What the streams share cancels out of the differences. */
#ifndef SIM_STUDY_PAIRED_H
#define SIM_STUDY_PAIRED_H

#include <stdbool.h>
#include <stddef.h>

/* A number that does not exist (an interval of one pair, a ratio to 0) is NAN. Intervals are two-sided, at
 * SIM_CONFIDENCE. */
struct sim_paired {
	size_t n;                            /* pairs */
	double difference, low, high;        /* of the means, b - a; paired t, from n = 2 */
	double ratio, ratio_low, ratio_high; /* of the means, b / a */
	double correlation;                  /* of a and b; none where either never varies */
	double variance_ratio; /* of the variance of b - a to var a + var b, what unpaired runs would have */
	double p;              /* that such a difference comes from equal means: two-sided paired t */
	bool unsynchronised;   /* the correlation is not positive, at SIM_ENOUGH_REPLICATIONS or more: the streams do
				* not   stay aligned, or what differs is not what they share */
	const char *method;    /* "paired-t", or "none" of one pair */
	const char *verdict;   /* "ok", "n too small" (below SIM_ENOUGH_REPLICATIONS), "deterministic" */
};

/* Compares a[i] with b[i] for i < n (n >= 1, asserted). `deterministic`: the replications of each design are one and
 * the same, widths are 0.
 *
 * The ratio's interval is Fieller's (J. Royal Statist. Soc. B 16, 1954, 175): all ratios r for which the paired t
 * test does not refuse mean(b - r a) = 0; exact for normal pairs, and in general not symmetric. Where it is not an
 * interval, because the mean of `a` may itself be 0, there is none. */
struct sim_paired sim_pair(const double *a, const double *b, size_t n, bool deterministic);

#endif
