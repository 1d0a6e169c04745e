/* The mean of one long run, from values that depend on their neighbours: by the means of batches so large that those
 * do not. The formula for independent values, on the values themselves, would give intervals that are far too narrow.
 *
 * Batches grow twofold until von Neumann's ratio of their means shows no positive autocorrelation (Fishman, Grouping
 * observations in digital simulation, Management Science 24, 1978, 510; the test one-sided at 10 %). Then neighbours
 * are joined further, down to less than twice SIM_BATCHES: passing a test is no proof, and more batches than 30
 * hardly narrow an interval (Schmeiser, Operations Research 30, 1982, 556). */
#ifndef SIM_STUDY_BATCH_MEANS_H
#define SIM_STUDY_BATCH_MEANS_H

#include "sim/study/stats.h"

#define SIM_BATCHES 20 /* at least */

/* The mean of values[0 .. n) (n >= 1, asserted), which come in order of time and without a warm-up, with its interval
 * at SIM_CONFIDENCE: method "batch-means", and n is the number of batches. Where as many as SIM_BATCHES still fail
 * the test, or there are fewer values, it is refused: no interval, method "none", verdict "n too small", n as given.
 * Values that fill no batch are left out at the beginning. */
struct sim_estimate sim_batch_means(const double *values, size_t n);

/* Do the n values (n >= 3, asserted) look free of positive autocorrelation? */
bool sim_von_neumann(const double *values, size_t n);

#endif
