/* Brute force: writers that poll for one exclusive lock as SQLite's built-in busy handler does, whose queue has no
 * closed form. It shares nothing with the key-store models but the random streams. */
#ifndef CPNS_ORACLE_POLLING_H
#define CPNS_ORACLE_POLLING_H

#include <stddef.h>
#include <stdint.h>

#include "sim/kernel/variate.h"
#include "sim/kernel/vtime.h"

struct polling {
	uint32_t writers;         /* closed: each thinks, writes, and thinks again; or 0: open */
	struct sim_variate pause; /* closed: to think; open: between two arrivals, each a writer of its own */
	struct sim_variate hold;  /* of the lock */
	sim_time timeout;         /* after so much sleep a writer gives up */
	sim_time warmup, end;     /* what arrives in between counts, if it also ends before `end` */
	uint64_t seed;
};

struct polling_result {
	uint32_t written, timeouts, busy; /* writes; writers that gave up; tries that found the lock taken */
	double mean, p99;                 /* of the waits of `written`, ns */
	sim_time held;                    /* in which somebody held the lock, from `warmup` to `end` */
};

struct polling_result polling_run(const struct polling *p);

/* The sleep after `tries` tries (0: the first sleep) of a handler that gives up after `timeout`: -1 once it does. */
sim_time polling_sleep(unsigned tries, sim_time timeout);

#endif
