#include "sim/kernel/variate.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "sim/kernel/portable_math.h"

/* The ends of what sim_stream_unit can give. */
static const double UNIT_LEAST = 0x1p-53, UNIT_MOST = 1.0 - 0x1p-53;

/* Durations are cut here, so that one can be added to any time of a run. */
static const sim_time LONGEST = SIM_HORIZON;

/* log(1 + x) for x >= 0, accurate also where 1 + x is not (Kahan). */
static double log_1_plus(double x)
{
	double y = 1.0 + x;

	return y == 1.0 ? x : sim_log(y) * (x / (y - 1.0));
}

/* Square of the standard deviation of a lognormal variate's logarithm. */
static double log_variance(const struct sim_variate *v)
{
	return log_1_plus(v->b / v->a * (v->b / v->a));
}

/* e^-x for any x >= -700; nothing is left of it where sim_exp ends. */
static double decay(double x)
{
	return x > 700.0 ? 0.0 : sim_exp(-x);
}

/* How much of the unconditioned Pareto distribution lies at or below its cap. */
static double pareto_below_cap(const struct sim_variate *v)
{
	return 1.0 - decay(v->b * sim_log(v->c / v->a));
}

/* e^x, 0 or beyond all times where sim_exp ends. */
static double power_of_e(double x)
{
	return x < 0.0 ? decay(-x) : sim_exp(x < 700.0 ? x : 700.0);
}

/* ---- empirical distributions ---- */

struct sim_empirical {
	size_t n;
	double mean;
	struct step {
		double value, upto; /* ascending; share of the draws at or below the value, 1 of the last one */
	} steps[];
};

/* By value, then weight: equal values are summed in an order that their rows have no part in. */
static int compare_steps(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return (x->upto > y->upto) - (x->upto < y->upto);
}

struct sim_empirical *sim_empirical_new(const double *values, const double *weights, size_t n)
{
	struct sim_empirical *table = g_malloc(sizeof *table + n * sizeof table->steps[0]);
	double total = 0.0, sum = 0.0;
	size_t last = 0;

	for (size_t i = 0; i < n; i++) {
		assert(values[i] >= 0.0 && weights[i] >= 0.0);
		table->steps[i] = (struct step){values[i], weights[i]};
	}
	if (n > 0)
		qsort(table->steps, n, sizeof table->steps[0], compare_steps);
	table->n = 0;
	for (size_t i = 0; i < n; i++) {
		struct step step = table->steps[i];

		if (step.upto == 0.0)
			continue;
		total += step.upto;
		sum += step.value * step.upto;
		if (table->n == 0 || table->steps[last].value != step.value)
			last = table->n++;
		table->steps[last] = (struct step){step.value, total};
	}
	assert(table->n > 0);
	for (size_t i = 0; i < table->n; i++)
		table->steps[i].upto /= total;
	table->mean = sum / total;
	return table;
}

void sim_empirical_free(struct sim_empirical *table)
{
	g_free(table);
}

/* The first value whose share lies beyond u < 1. */
static double look_up(const struct sim_empirical *table, double u)
{
	size_t low = 0, high = table->n - 1;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (u < table->steps[middle].upto)
			high = middle;
		else
			low = middle + 1;
	}
	return table->steps[low].value;
}

static double invert_rarer(const struct sim_variate *v, double u)
{
	switch (v->kind) {
	case SIM_CONSTANT:
		return v->a;
	case SIM_UNIFORM:
		return v->a + (v->b - v->a) * u;
	case SIM_EXPONENTIAL:
		break; /* see invert */
	case SIM_NORMAL:
		assert(v->a >= 0.0 && v->b >= 0.0);
		return v->a + v->b * sim_normal_quantile(u);
	case SIM_LOGNORMAL: {
		assert(v->a > 0.0 && v->b >= 0.0);
		double variance = log_variance(v);

		return v->a * sim_exp(sim_sqrt(variance) * sim_normal_quantile(u) - 0.5 * variance);
	}
	case SIM_PARETO: {
		assert(v->a > 0.0 && v->b > 0.0 && v->c >= v->a);
		double x = v->a * sim_exp(-sim_log(1.0 - u * pareto_below_cap(v)) / v->b);

		return x < v->c ? x : v->c; /* rounding may pass the cap */
	}
	case SIM_WEIBULL:
		assert(v->a > 0.0 && v->b > 0.0);
		return v->a * power_of_e(sim_log(-sim_log(1.0 - u)) / v->b);
	case SIM_EMPIRICAL:
		return look_up(v->table, u);
	}
	abort(); /* no kind of variate */
}

/* The variate that belongs to the uniform number u; of a normal one before the negative ones are sorted out. */
static inline double invert(const struct sim_variate *v, double u)
{
	if (G_LIKELY(v->kind == SIM_EXPONENTIAL)) /* the one that is drawn by the million */
		return -v->a * sim_log(u);
	return invert_rarer(v, u);
}

double sim_variate_draw(const struct sim_variate *variate, struct sim_stream *stream)
{
	if (variate->kind == SIM_CONSTANT)
		return variate->a;
	double x = invert(variate, sim_stream_unit(stream));

	while (G_UNLIKELY(x < 0.0))
		x = invert(variate, sim_stream_unit(stream));
	return x;
}

static inline sim_time nearest(double x)
{
	if (x < 0x1p52) {
		/* The last place of 2^52 + x is 1: the addition rounds, and counts in units from the bits of 2^52. */
		double rounded = 0x1p52 + x;
		sim_time bits;

		memcpy(&bits, &rounded, sizeof bits);
		return bits - (INT64_C(0x433) << 52);
	}
	return x < (double)LONGEST ? (sim_time)x : LONGEST;
}

sim_time sim_variate_duration(const struct sim_variate *variate, struct sim_stream *stream)
{
	return nearest(sim_variate_draw(variate, stream));
}

sim_time sim_variate_duration_of(const struct sim_variate *variate, double u)
{
	assert(variate->kind != SIM_NORMAL);
	return nearest(invert(variate, u));
}

double sim_variate_lower_bound(const struct sim_variate *variate)
{
	double x = invert(variate, variate->kind == SIM_EXPONENTIAL ? UNIT_MOST : UNIT_LEAST);

	return x < 0.0 ? 0.0 : x;
}

/* Density of the standard normal distribution over its cumulative probability at x >= 0. */
static double normal_ratio(double x)
{
	if (x > 37.0)
		return 0.0;
	double density = sim_exp(-0.5 * x * x) * 0x1.9884533d43651p-2; /* 1 / sqrt(2 pi) */
	double sum = x, term = x;

	/* Marsaglia (2004): the probability is 1/2 + density (x + x^3/3 + x^5/(3*5) + ...), all terms positive. */
	for (double k = 3.0; term > sum * 0x1p-54; k += 2.0)
		sum += term *= x * x / k;
	return density / (0.5 + density * sum);
}

/* The mean of a Pareto variate x = a e^y with y exponential of rate b, conditioned on y <= log(c / a). */
static double pareto_mean(const struct sim_variate *v)
{
	double span = sim_log(v->c / v->a), excess = (v->b - 1.0) * span, integral;

	if (span == 0.0)
		return v->a;
	if (excess > -1e-4 && excess < 1e-4) /* (1 - e^-excess) / excess, which would cancel */
		integral = span * (1.0 - excess * (0.5 - excess * (1.0 / 6.0 - excess / 24.0)));
	else
		integral = (1.0 - decay(excess)) / (v->b - 1.0);
	return v->a * v->b * integral / pareto_below_cap(v);
}

/* The gamma function at x >= 1: Stirling's series where it is exact enough, and from there down by the recurrence. */
static double gamma_function(double x)
{
	double factors = 1.0;

	for (; x < 10.0; x += 1.0)
		factors *= x;
	double y = 1.0 / (x * x);
	double series =
	    (1.0 / 12 -
	     y * (1.0 / 360 -
		  y * (1.0 / 1260 - y * (1.0 / 1680 - y * (1.0 / 1188 - y * (691.0 / 360360 - y / 156.0)))))) /
	    x;
	double half_log_2_pi = 0x1.d67f1c864beb5p-1;

	return power_of_e((x - 0.5) * sim_log(x) - x + half_log_2_pi + series) / factors;
}

double sim_variate_mean(const struct sim_variate *variate)
{
	switch (variate->kind) {
	case SIM_CONSTANT:
	case SIM_EXPONENTIAL:
	case SIM_LOGNORMAL:
		return variate->a;
	case SIM_UNIFORM:
		return 0.5 * (variate->a + variate->b);
	case SIM_NORMAL:
		return variate->b == 0.0 ? variate->a
					 : variate->a + variate->b * normal_ratio(variate->a / variate->b);
	case SIM_PARETO:
		return pareto_mean(variate);
	case SIM_WEIBULL:
		return variate->a * gamma_function(1.0 + 1.0 / variate->b);
	case SIM_EMPIRICAL:
		return variate->table->mean;
	}
	abort(); /* no kind of variate */
}
