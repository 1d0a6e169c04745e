/* The greatest value of a parameter up to which a system does what is asked of it, as an interval.
 *
 * Whoever judges a value (a trial) says whether it passes, fails, or cannot be told yet, at an error that it is
 * given; it is asked again with more replications until it can be told, or until there may be no more. From a first
 * value on the search doubles and halves until it has one that passes and one that fails, then closes in where the
 * trials' scores say the limit is, and in the end looks at values farther off: they have to agree, or the limit is
 * none.
 *
 * The interval [lower, upper] is wrong only if the judgement on one of its ends is. Ends are chosen in the light of
 * all trials, so all of them count: of at most SIM_CAPACITY_TRIALS trials with as many looks each as
 * sim_capacity_looks says, each look may err with (1 - SIM_CONFIDENCE) / (trials x looks), which by Boole's
 * inequality makes SIM_CONFIDENCE for all together, however they depend on each other. What it rests on beside that:
 * that the judge's own errors are what it was given, and that what passes at a value passes below it. */
#ifndef SIM_STUDY_CAPACITY_H
#define SIM_STUDY_CAPACITY_H

#include <glib.h>
#include <stdbool.h>

#define SIM_CAPACITY_TRIALS 30

enum sim_capacity_judgement {
	SIM_CAPACITY_UNSURE,
	SIM_CAPACITY_PASSES,
	SIM_CAPACITY_FAILS,
};

/* What one look at a value says. `score`: how far beyond its limit what is measured is, as a logarithm of their ratio
 * (0: there; below: passes), for guessing where the limit is; NAN: unknown. */
struct sim_capacity_look {
	enum sim_capacity_judgement judgement;
	double score;
};

/* Looks at `value` with so many replications; a judgement that is not UNSURE may be wrong with a probability of at
 * most `error`. False: give up. */
typedef bool sim_capacity_judge(void *context, double value, unsigned replications, double error,
				struct sim_capacity_look *look);

struct sim_capacity_search {
	double start, from, to; /* from <= start <= to, all > 0 unless whole */
	double width;           /* of the interval, as a share of its lower end */
	bool whole;             /* whole numbers alone */
	unsigned least, most;   /* replications */
	sim_capacity_judge *judge;
	void *context;
};

struct sim_capacity_trial {
	double value;
	unsigned replications;
	struct sim_capacity_look look; /* the last one */
};

enum sim_capacity_verdict {
	SIM_CAPACITY_FOUND,
	SIM_CAPACITY_NONE,         /* not even the least value passes */
	SIM_CAPACITY_ALL,          /* the greatest value passes */
	SIM_CAPACITY_TOO_WIDE,     /* the interval holds, but is wider than was asked, or has one end only */
	SIM_CAPACITY_NOT_MONOTONE, /* something passes above what fails */
	SIM_CAPACITY_INTERRUPTED,  /* the judge gave up */
};

struct sim_capacity {
	enum sim_capacity_verdict verdict;
	double lower, upper; /* NAN: none. The greatest trial known to pass, the least known to fail */
	GArray *trials;      /* of struct sim_capacity_trial, as they came; g_array_unref */
};

struct sim_capacity sim_capacity_find(const struct sim_capacity_search *search);

/* "ok", "no value passes", "all values pass", "width not reached", "non-monotone", "interrupted". */
const char *sim_capacity_verdict_text(enum sim_capacity_verdict verdict);

/* How many looks a value takes at most, and the replications of the look after the one with n (0: before any): half
 * as many again, at most `most`. */
unsigned sim_capacity_looks(unsigned least, unsigned most);
unsigned sim_capacity_next(unsigned n, unsigned least, unsigned most);

/* The knee of a curve that grows ever faster (latency over load): where it leaves the straight line between its ends
 * the most. Kneedle (Satopaa, Albrecht, Irwin and Raghavan, ICDCS Workshops 2011, 166) with sensitivity 1: the first
 * local maximum of the normalised difference after which that falls by the mean step of x, without smoothing. x is
 * strictly increasing. The place of the point, or -1: fewer than 5 points, or no knee. */
int sim_kneedle(const double *x, const double *y, guint n);

#endif
