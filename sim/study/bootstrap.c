#include "sim/study/bootstrap.h"

#include <assert.h>
#include <glib.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "sim/kernel/stream.h"

#define RESAMPLES 9999
#define TRIMMED 0.25 /* at either end */

/* Sorts them, too. */
static double middle(double *values, size_t n)
{
	gsl_sort(values, 1, n);
	return gsl_stats_trmean_from_sorted_data(TRIMMED, values, 1, n);
}

static void resample(const double *values, double *out, size_t n, struct sim_stream *stream)
{
	for (size_t i = 0; i < n; i++)
		out[i] = values[(unsigned __int128)sim_stream_bits(stream) * n >> 64];
}

struct sim_ratio sim_bootstrap_ratio(const double *numerator, const double *denominator, size_t n, double confidence)
{
	assert(n >= 3);
	g_autofree double *logs = g_new(double, n), *sample = g_new(double, n), *middles = g_new(double, RESAMPLES);
	const struct sim_random random = sim_random_of(0, 0); /* always the same: no luck of our own */
	const struct sim_address address = {0};
	struct sim_stream stream = sim_stream_at(&random, &address);

	for (size_t i = 0; i < n; i++)
		logs[i] = log(numerator[i] / denominator[i]);
	for (size_t k = 0; k < RESAMPLES; k++) {
		resample(logs, sample, n, &stream);
		middles[k] = middle(sample, n);
	}
	gsl_sort(middles, 1, RESAMPLES);
	double tail = (1 - confidence) / 2;

	return (struct sim_ratio){
	    exp(middle(logs, n)),
	    exp(gsl_stats_quantile_from_sorted_data(middles, 1, RESAMPLES, tail)),
	    exp(gsl_stats_quantile_from_sorted_data(middles, 1, RESAMPLES, 1 - tail)),
	};
}
