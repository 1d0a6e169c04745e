#include "sim/study/paired.h"

#include <glib.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "sim/study/stats.h"

static bool varies(const double *values, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (values[i] != values[0])
			return true;
	return false;
}

/* Of values that are all the same, dividing their sum must not invent a difference. */
static double mean_of(const double *values, size_t n)
{
	return varies(values, n) ? gsl_stats_mean(values, 1, n) : values[0];
}

static double variance_of(const double *values, size_t n)
{
	return varies(values, n) ? gsl_stats_variance(values, 1, n) : 0;
}

/* The bounds are ratio + e with (e a)^2 <= t^2 / n (s_rr - 2 e s_ra + e^2 s_aa), where r = b - ratio a is what the
 * ratio leaves over: written in e, nothing cancels. */
static void bound_ratio(struct sim_paired *p, const double *a, const double *b, double mean)
{
	g_autofree double *left = g_new(double, p->n);

	for (size_t i = 0; i < p->n; i++)
		left[i] = b[i] - p->ratio * a[i];
	double factor = sim_student_factor(p->n) * sim_student_factor(p->n) / (double)p->n;
	bool both = varies(a, p->n) && varies(left, p->n);
	double s_ra = both ? factor * gsl_stats_covariance(left, 1, a, 1, p->n) : 0;
	double square = mean * mean - factor * variance_of(a, p->n);

	if (square <= 0)
		return;
	double root = sqrt(s_ra * s_ra + square * factor * variance_of(left, p->n));

	p->ratio_low = p->ratio + (-s_ra - root) / square;
	p->ratio_high = p->ratio + (-s_ra + root) / square;
}

static double p_value(double difference, double error, size_t n)
{
	if (error == 0)
		return difference == 0 ? 1 : 0;
	return 2 * gsl_cdf_tdist_Q(fabs(difference / error), (double)(n - 1));
}

static void compare(struct sim_paired *p, const double *a, const double *b, const double *differences, double mean)
{
	double error = sqrt(variance_of(differences, p->n) / (double)p->n);
	double unpaired = variance_of(a, p->n) + variance_of(b, p->n);
	double half = sim_student_factor(p->n) * error;

	p->low = p->difference - half;
	p->high = p->difference + half;
	p->p = p_value(p->difference, error, p->n);
	if (unpaired > 0)
		p->variance_ratio = variance_of(differences, p->n) / unpaired;
	if (varies(a, p->n) && varies(b, p->n))
		p->correlation = gsl_stats_correlation(a, 1, b, 1, p->n);
	p->unsynchronised = p->n >= SIM_ENOUGH_REPLICATIONS && p->correlation <= 0; /* NAN is not */
	if (mean != 0)
		bound_ratio(p, a, b, mean);
}

struct sim_paired sim_pair(const double *a, const double *b, size_t n, bool deterministic)
{
	g_assert(n >= 1);
	g_autofree double *differences = g_new(double, n);

	for (size_t i = 0; i < n; i++)
		differences[i] = b[i] - a[i];
	double mean = mean_of(a, n);
	struct sim_paired p = {
	    .n = n,
	    .difference = mean_of(differences, n),
	    .low = NAN,
	    .high = NAN,
	    .ratio = mean != 0 ? mean_of(b, n) / mean : (double)NAN,
	    .ratio_low = NAN,
	    .ratio_high = NAN,
	    .correlation = NAN,
	    .variance_ratio = NAN,
	    .p = NAN,
	    .method = n >= 2 ? "paired-t" : "none",
	    .verdict = n < SIM_ENOUGH_REPLICATIONS ? "n too small" : "ok",
	};

	if (n < 2)
		return p;
	compare(&p, a, b, differences, mean);
	if (!deterministic)
		return p;
	p.low = p.high = p.difference;
	p.ratio_low = p.ratio_high = p.ratio;
	p.verdict = "deterministic";
	return p;
}
