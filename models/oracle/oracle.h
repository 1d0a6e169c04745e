/* The self-test's table: systems whose answer is known from outside of this program, each as a scenario for the
 * deployment and what its runs have to measure. Another row is a few lines: see queues.c. */
#ifndef CPNS_ORACLE_ORACLE_H
#define CPNS_ORACLE_ORACLE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "sim/study/stats.h"

/* How much of it. */
struct oracle_extent {
	unsigned replications;
	unsigned warmup, customers; /* arrivals before the observation window and in it, on average */
	double busiest;             /* systems with a greater utilisation are left out */
	long seed; /* of the first case; each has one of its own, so that their luck is not the same */
};

/* A few seconds; and what DESIGN asks for. */
extern const struct oracle_extent oracle_quick, oracle_full;

/* One number that a case has to measure. */
struct oracle_check {
	const char *what;               /* "mean wait" */
	const char *metric, *statistic; /* of module `all`, flow `all` */
	const char *unit;               /* for people: "s", "1/s", "%" of a share */
	double expected;
	double per; /* what is measured is so many times what is expected; 0: once */
};

/* The estimate of the metric, in the unit of `expected`. */
struct sim_estimate oracle_measured(const struct oracle_check *check, const struct sim_estimate *estimate);

struct oracle_case {
	char *name;
	GString *scenario; /* the text of a scenario's [General] */
	GArray *checks;    /* of struct oracle_check */
};

/* All systems of that extent: of struct oracle_case; g_ptr_array_unref. */
GPtrArray *oracle_cases(const struct oracle_extent *extent);

/* For those who add cases. A new one with the keys that all share: ideal links, cryptography that takes no time, a
 * steady-state study, and one message to the CPNS Server for each assignment, which is of 6.3.3 in a single round. */
struct oracle_case *oracle_add(GPtrArray *cases, const struct oracle_extent *extent, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* One more line of its scenario. */
void oracle_set(struct oracle_case *c, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Arrivals per second, from so many PN GWs that one is hardly ever asked again before it is done, for as long as the
 * extent says. */
void oracle_open(struct oracle_case *c, const struct oracle_extent *extent, double rate);

/* That many PN GWs, each of which thinks (exponentially, `think` seconds on average) and asks again; the rate at
 * which that is expected says how long it takes. */
void oracle_closed(struct oracle_case *c, const struct oracle_extent *extent, unsigned clients, double think,
		   double rate);

void oracle_expect(struct oracle_case *c, struct oracle_check check);

/* What comes of a row. One that misses by far (beyond the interval in which all of n estimates lie with a probability
 * of 99.9 %) is wrong, whatever the others do. */
enum oracle_verdict { ORACLE_OK, ORACLE_MISSED, ORACLE_WRONG };

enum oracle_verdict oracle_judge(const struct sim_estimate *estimate, double expected, size_t n);

/* Of n independent intervals at 95 % some miss what they are about: as many may as a quantile of the binomial
 * distribution says, so that of a sound program's one in a thousand has more; or any of so many `sets` of intervals.
 * Rows of one system share their luck, for who waits longer also waits more often: the same number of different
 * systems makes a set. */
size_t oracle_misses_allowed(size_t n, size_t sets);

#endif
