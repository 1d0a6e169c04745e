/* The Universal Scalability Law (Gunther), a summary of a curve of throughput X by concurrency N:
 *
 *   X(N) = gamma N / (1 + alpha (N - 1) + beta N (N - 1))
 *
 * gamma: throughput of one; alpha: share of the work that is serial; beta: what keeping each pair in step costs. */
#ifndef SIM_STUDY_USL_H
#define SIM_STUDY_USL_H

#include <stdbool.h>
#include <stddef.h>

struct sim_usl_point {
	double n, x;
};

struct sim_usl {
	double gamma, alpha, beta; /* alpha >= 0, beta >= 0 */
	double peak;               /* the N of the greatest X, at least 1; HUGE_VAL: X grows for ever */
	double residual;           /* root of the mean square of what the law leaves over, in the unit of X */
};

/* Least squares over all points, with gamma fixed at `gamma`, or free where that is 0. All n and x must be positive
 * (asserted). False where there are fewer points than free parameters, or the search for them does not end. */
bool sim_usl_fit(const struct sim_usl_point *points, size_t n, double gamma, struct sim_usl *fit);

double sim_usl_throughput(const struct sim_usl *law, double n);

#endif
