/* Random variates by inversion, one uniform number each (the normal one more for every negative outcome that is drawn
 * anew): monotone in that number, so that two configurations with common random numbers stay aligned. */
#ifndef SIM_KERNEL_VARIATE_H
#define SIM_KERNEL_VARIATE_H

#include "sim/kernel/stream.h"
#include "sim/kernel/vtime.h"

enum sim_variate_kind {
	SIM_CONSTANT,    /* a */
	SIM_UNIFORM,     /* from a to b */
	SIM_EXPONENTIAL, /* mean a */
	SIM_NORMAL,      /* mean a, standard deviation b; drawn anew until >= 0 */
	SIM_LOGNORMAL,   /* mean a, standard deviation b, both of the variate itself */
	SIM_PARETO,      /* scale a, shape b, conditioned on <= c */
	SIM_WEIBULL,     /* scale a, shape b: P(X > x) = exp(-(x / a)^b) */
	SIM_EMPIRICAL,   /* one of the values of `table`, with their weights */
};

/* The values of an empirical distribution, each with how often it comes. */
struct sim_empirical;

/* A table of values[i] >= 0 with weights[i] >= 0, at least one of which is positive (asserted); sums must be finite.
 * The order of the values means nothing. The caller's to free, when no variate uses it any more. Never changed: runs
 * share it. */
struct sim_empirical *sim_empirical_new(const double *values, const double *weights, size_t n);
void sim_empirical_free(struct sim_empirical *table);

/* A distribution of a non-negative quantity. Durations are in nanoseconds. Asserted by the draw: a >= 0 and b >= 0 of
 * a normal one, a > 0 and b >= 0 of a lognormal one, a > 0, b > 0 and c >= a of a Pareto one, a > 0 and b > 0 of a
 * Weibull one. */
struct sim_variate {
	enum sim_variate_kind kind;
	double a, b, c;
	const struct sim_empirical *table; /* of SIM_EMPIRICAL; borrowed */
};

/* One draw. */
double sim_variate_draw(const struct sim_variate *variate, struct sim_stream *stream);

/* One draw, rounded to the nearest nanosecond (of two, to the even one) and cut at SIM_HORIZON, so that it can be
 * added to any time of a run. */
sim_time sim_variate_duration(const struct sim_variate *variate, struct sim_stream *stream);

/* The duration that belongs to a uniform number; not of a normal variate, which may need more than one. */
sim_time sim_variate_duration_of(const struct sim_variate *variate, double u);

/* The first duration that the stream at an address would yield, for who needs no more; makes as many blocks. Inlined
 * like sim_stream_first. */
static inline sim_time sim_variate_duration_at(const struct sim_variate *variate, const struct sim_random *random,
					       const struct sim_address *address)
{
	if (variate->kind == SIM_CONSTANT) /* draws nothing */
		return sim_variate_duration_of(variate, 0.5);
	if (variate->kind == SIM_NORMAL) {
		struct sim_stream stream = sim_stream_at(random, address);

		return sim_variate_duration(variate, &stream);
	}
	uint64_t word[SIM_STREAM_WORDS];

	sim_stream_first(random, address, word);
	return sim_variate_duration_of(variate, sim_unit_of(word[0]));
}

/* The largest value below which no draw can fall: the lookahead that a link of such a latency gives. */
double sim_variate_lower_bound(const struct sim_variate *variate);

/* The mean. Of a truncated normal or a conditioned Pareto, that of the distribution actually drawn. */
double sim_variate_mean(const struct sim_variate *variate);

#endif
