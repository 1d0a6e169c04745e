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

/* The variate that belongs to the uniform number u; of a normal one before the negative ones are sorted out. */
static double invert(const struct sim_variate *v, double u)
{
	switch (v->kind) {
	case SIM_CONSTANT:
		return v->a;
	case SIM_UNIFORM:
		return v->a + (v->b - v->a) * u;
	case SIM_EXPONENTIAL:
		return -v->a * sim_log(u);
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
	}
	abort(); /* no kind of variate */
}

double sim_variate_draw(const struct sim_variate *variate, struct sim_stream *stream)
{
	if (variate->kind == SIM_CONSTANT)
		return variate->a;
	double u = sim_stream_unit(stream);

	if (G_LIKELY(variate->kind == SIM_EXPONENTIAL)) /* the one that is drawn by the million */
		return -variate->a * sim_log(u);
	double x = invert(variate, u);

	while (x < 0.0)
		x = invert(variate, sim_stream_unit(stream));
	return x;
}

sim_time sim_variate_duration(const struct sim_variate *variate, struct sim_stream *stream)
{
	double x = sim_variate_draw(variate, stream);

	if (x < 0x1p52) {
		/* The last place of 2^52 + x is 1: the addition rounds, and counts in units from the bits of 2^52. */
		double rounded = 0x1p52 + x;
		sim_time bits;

		memcpy(&bits, &rounded, sizeof bits);
		return bits - (INT64_C(0x433) << 52);
	}
	return x < (double)LONGEST ? (sim_time)x : LONGEST;
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
	}
	abort(); /* no kind of variate */
}
