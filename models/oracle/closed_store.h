/* A model of a key store under a closed load, by itself: callers that assign EUKeys as fast as the store lets them,
 * as `calibrate` has threads do with the real one. What it says can be held against what was measured. */
#ifndef CPNS_ORACLE_CLOSED_STORE_H
#define CPNS_ORACLE_CLOSED_STORE_H

#include <stdint.h>

#include "models/store/contention.h"

struct closed_store {
	const struct store_figures *figures;
	uint32_t callers;
	uint32_t reads;       /* rows that each assignment reads before it writes one */
	uint32_t assignments; /* that end before the simulation does; a tenth of them is warm-up */
	uint64_t seed;
};

struct closed_result {
	double throughput; /* assignments a second */
	double p99;        /* of the time from coming for the lock to being through, s; 0: none */
};

struct closed_result closed_store_run(const struct closed_store *closed);

#endif
