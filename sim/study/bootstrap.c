#include "sim/study/bootstrap.h"

#include <assert.h>
#include <glib.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#define RESAMPLES 9999
#define TRIMMED 0.25 /* at either end */

/* Sorts them, too. */
static double middle(double *values, size_t n)
{
	gsl_sort(values, 1, n);
	return gsl_stats_trmean_from_sorted_data(TRIMMED, values, 1, n);
}

static void resample(const double *values, double *out, size_t n, const gsl_rng *rng)
{
	for (size_t i = 0; i < n; i++)
		out[i] = values[gsl_rng_uniform_int(rng, n)];
}

struct sim_ratio sim_bootstrap_ratio(const double *numerator, const double *denominator, size_t n, double confidence)
{
	assert(n >= 3);
	g_autofree double *logs = g_new(double, n), *sample = g_new(double, n), *middles = g_new(double, RESAMPLES);
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937); /* with its default seed: no luck of our own */

	for (size_t i = 0; i < n; i++)
		logs[i] = log(numerator[i] / denominator[i]);
	for (size_t k = 0; k < RESAMPLES; k++) {
		resample(logs, sample, n, rng);
		middles[k] = middle(sample, n);
	}
	gsl_rng_free(rng);
	gsl_sort(middles, 1, RESAMPLES);
	double tail = (1 - confidence) / 2;

	return (struct sim_ratio){
	    exp(middle(logs, n)),
	    exp(gsl_stats_quantile_from_sorted_data(middles, 1, RESAMPLES, tail)),
	    exp(gsl_stats_quantile_from_sorted_data(middles, 1, RESAMPLES, 1 - tail)),
	};
}
