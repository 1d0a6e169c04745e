#include "sim/study/mser5.h"

#include <glib.h>

static double batch_mean(const double *values, size_t batch)
{
	double sum = 0;

	for (size_t i = 0; i < SIM_MSER5_BATCH; i++)
		sum += values[batch * SIM_MSER5_BATCH + i];
	return sum / SIM_MSER5_BATCH;
}

enum sim_mser5_verdict sim_mser5(const double *values, size_t n, size_t *cut)
{
	size_t k = n / SIM_MSER5_BATCH, best = 0;
	double mean = 0, squares = 0, least = 0;

	*cut = 0;
	if (n < SIM_MSER5_LEAST)
		return SIM_MSER5_TOO_FEW;
	/* from the last batch to the first, with Welford's update: mean and sum of squares of batches d .. k - 1 */
	for (size_t d = k; d-- > 0;) {
		double z = batch_mean(values, d), off = z - mean, left = (double)(k - d);

		mean += off / left;
		squares += off * (z - mean);
		if (d > k / 2)
			continue;
		double statistic = squares / (left * left);

		if (d == k / 2 || statistic <= least) {
			least = statistic;
			best = d;
		}
	}
	if (best == k / 2)
		return SIM_MSER5_TOO_SHORT;
	*cut = best * SIM_MSER5_BATCH;
	return SIM_MSER5_OK;
}
