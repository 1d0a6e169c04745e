#include "sim/study/batch_means.h"

#include <glib.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#define FALSE_ALARM 0.1

bool sim_von_neumann(const double *values, size_t n)
{
	double mean = gsl_stats_mean(values, 1, n), between = 0, squares = 0;

	g_assert(n >= 3);
	for (size_t i = 0; i < n; i++)
		squares += (values[i] - mean) * (values[i] - mean);
	for (size_t i = 1; i < n; i++)
		between += (values[i] - values[i - 1]) * (values[i] - values[i - 1]);
	if (squares == 0 || between == 0)
		return true; /* a constant */
	/* about the correlation of neighbours, end effects taken off; of independent ones nearly normal */
	double c = 1 - between / (2 * squares);
	double deviation = sqrt(((double)n - 2) / ((double)n * (double)n - 1));

	return c <= deviation * gsl_cdf_ugaussian_Qinv(FALSE_ALARM);
}

/* Means of pairs of neighbours, in place; of an odd number the first goes. */
static size_t join(double *means, size_t n)
{
	size_t odd = n % 2;

	for (size_t i = 0; i < n / 2; i++)
		means[i] = (means[odd + 2 * i] + means[odd + 2 * i + 1]) / 2;
	return n / 2;
}

struct sim_estimate sim_batch_means(const double *values, size_t n)
{
	g_assert(n >= 1);
	g_autofree double *means = g_memdup2(values, n * sizeof(*values));
	size_t batches = n;

	while (batches >= SIM_BATCHES && !sim_von_neumann(means, batches))
		batches = join(means, batches);
	if (batches < SIM_BATCHES) {
		double mean = gsl_stats_mean(values, 1, n);

		return (struct sim_estimate){
		    .mean = mean, .low = mean, .high = mean, .n = n, .method = "none", .verdict = "n too small"};
	}
	while (batches >= 2 * SIM_BATCHES)
		batches = join(means, batches);
	struct sim_estimate e = sim_estimate_mean(means, batches, false);

	e.method = "batch-means";
	return e;
}
