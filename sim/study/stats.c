#include "sim/study/stats.h"

#include <glib.h>
#include <gsl/gsl_cdf.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

static int compare_numbers(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Neumaier's sum: what rounding takes away is carried along. */
static double sum_of(const double *values, size_t n)
{
	double sum = 0, lost = 0;

	for (size_t i = 0; i < n; i++) {
		double next = sum + values[i];

		lost += fabs(sum) >= fabs(values[i]) ? (sum - next) + values[i] : (values[i] - next) + sum;
		sum = next;
	}
	return sum + lost;
}

static double standard_error(const double *values, size_t n, double mean)
{
	double squares = 0;

	for (size_t i = 0; i < n; i++)
		squares += (values[i] - mean) * (values[i] - mean);
	return sqrt(squares / (double)(n - 1) / (double)n);
}

double sim_student_factor_at(size_t n, double confidence)
{
	g_assert(n >= 2 && confidence > 0 && confidence < 1);
	return gsl_cdf_tdist_Qinv((1 - confidence) / 2, (double)(n - 1));
}

double sim_student_factor(size_t n)
{
	g_assert(n >= 2);
	return gsl_cdf_tdist_Pinv(0.5 + SIM_CONFIDENCE / 2, (double)(n - 1));
}

size_t sim_binomial_quantile(size_t n, double p, double q)
{
	unsigned k = 0;

	g_assert(q > 0 && q < 1 && n < UINT_MAX);
	while (k < n && gsl_cdf_binomial_P(k, p, (unsigned)n) < q)
		k++;
	return k;
}

struct sim_estimate sim_estimate_mean(double *values, size_t n, bool deterministic)
{
	g_assert(n >= 1);
	qsort(values, n, sizeof(*values), compare_numbers);
	bool same = values[0] == values[n - 1]; /* then dividing the sum must not invent a difference */
	double mean = same ? values[0] : sum_of(values, n) / (double)n;
	struct sim_estimate e = {.mean = mean, .low = mean, .high = mean, .n = n, .interval = n >= 2};

	e.method = n >= 2 ? "student-t" : "none";
	e.verdict = n < SIM_ENOUGH_REPLICATIONS ? "n too small" : "ok";
	if (n >= 2 && deterministic) {
		e.verdict = "deterministic";
	} else if (n >= 2 && !same) {
		double half = sim_student_factor(n) * standard_error(values, n, mean);

		e.low = mean - half;
		e.high = mean + half;
	}
	return e;
}

size_t sim_quantile_rank(size_t n, double q)
{
	double place = q * (double)n;

	g_assert(n >= 1 && q > 0 && q < 1);
	/* 0.07 x 100 is a bit more than 7 in binary, and is meant to be 7 */
	size_t rank = (size_t)ceil(place - 1e-12 * place);

	return rank < 1 ? 1 : rank;
}

bool sim_quantile_ranks(size_t n, double q, double confidence, struct sim_ranks *ranks)
{
	double side = (1 - confidence) / 2;

	g_assert(n >= 1 && n < UINT_MAX && q > 0 && q < 1 && confidence > 0 && confidence < 1);
	/* of B, how many values lie below the quantile: the low-th smallest lies above it where B < low, the high-th
	 * below where B >= high */
	if (gsl_cdf_binomial_P(0, q, (unsigned)n) > side ||
	    gsl_cdf_binomial_Q((unsigned)n - 1, q, (unsigned)n) > side)
		return false;
	unsigned low = 1, high = (unsigned)n; /* they do, and one further inside as long as the side allows */

	for (unsigned step = 1u << 31; step > 0; step /= 2) {
		if (step < n && low + step <= n && gsl_cdf_binomial_P(low + step - 1, q, (unsigned)n) <= side)
			low += step;
		if (step < high && gsl_cdf_binomial_Q(high - step - 1, q, (unsigned)n) <= side)
			high -= step;
	}
	*ranks = (struct sim_ranks){low, high,
				    1 - gsl_cdf_binomial_P(low - 1, q, (unsigned)n) -
					gsl_cdf_binomial_Q(high - 1, q, (unsigned)n)};
	return true;
}

struct sim_estimate sim_estimate_quantile(double *values, size_t n, double q)
{
	struct sim_ranks ranks;

	g_assert(n >= 1);
	qsort(values, n, sizeof(*values), compare_numbers);
	double at = values[sim_quantile_rank(n, q) - 1];
	struct sim_estimate e = {
	    .mean = at, .low = at, .high = at, .n = n, .method = "none", .verdict = "n too small"};

	if (!sim_quantile_ranks(n, q, SIM_CONFIDENCE, &ranks))
		return e;
	e.low = values[ranks.low - 1];
	e.high = values[ranks.high - 1];
	e.interval = true;
	e.method = "order-statistic";
	e.verdict = "ok";
	return e;
}
