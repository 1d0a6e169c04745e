/* Sequential stopping: replications go on until intervals are as narrow as was asked for.
 *
 * Whoever looks after every replication stops at a lucky moment, when the spread seen so far happens to be small:
 * then intervals cover less than they say. Hence few looks, at numbers of replications that grow by a quarter; a
 * target that is a bit stricter than asked, share / (1 + share), so that the error is relative to what is estimated
 * rather than to the estimate (Law, Simulation Modeling and Analysis, 9.4.1); and success only where two looks in a
 * row find it. All of it depends on nothing but the values of the replications 0 .. n - 1. */
#ifndef SIM_STUDY_SEQUENTIAL_H
#define SIM_STUDY_SEQUENTIAL_H

#include <stdbool.h>

#include "sim/study/stats.h"

struct sim_sequential {
	unsigned least, most; /* replications at the first look, and at the last */
	bool held;            /* at the look before; false at first */
};

/* For `repeat` replications at first (but never fewer than SIM_ENOUGH_REPLICATIONS) and `most` at the most. */
struct sim_sequential sim_sequential_start(unsigned repeat, unsigned most);

/* How many replications there are at the look after the one at n (0: before any), n < most: `least` at first, then
 * the next whole number from 5/4 n on, at most `most`. */
unsigned sim_sequential_next(const struct sim_sequential *s, unsigned n);

/* Is the estimate precise enough: is its half-width at most share / (1 + share) of it? Never without an interval
 * (NULL: no estimate at all); one of width 0 always is. */
bool sim_sequential_holds(const struct sim_estimate *estimate, double share);

enum sim_sequential_verdict {
	SIM_SEQUENTIAL_MORE,     /* go on, to sim_sequential_next */
	SIM_SEQUENTIAL_REACHED,  /* all targets were held now and at the look before */
	SIM_SEQUENTIAL_GIVEN_UP, /* there may be no more replications */
};

/* Takes note of the look at n replications, at which all targets were held or not. */
enum sim_sequential_verdict sim_sequential_judge(struct sim_sequential *s, unsigned n, bool all_held);

#endif
