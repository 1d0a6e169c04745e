/* Load on a key store, in real time: threads that assign EUKeys as fast as the store lets them, each on a session of
 * its own and without a pause (a closed loop), and how long their operations take. */
#ifndef CPNS_KEYSTORE_LOAD_H
#define CPNS_KEYSTORE_LOAD_H

#include "models/keystore/keystore.h"

/* What an assignment of 6.3.1 or 6.3.2.1 does to the store: the user is looked up (6.3.1 step 3), the entity is, and
 * its EUKey is inserted in a transaction (step 10). Each in this order, of a random entity and its owner. */
#define KEYSTORE_MIX_USER_LOOKS 1
#define KEYSTORE_MIX_ENTITY_LOOKS 1
#define KEYSTORE_MIX_INSERTS 1

#define KEYSTORE_ENTITIES_EACH 5 /* entities of a user */

/* Provisions `entities` and their users, whose IDs go by number; each entity holds a current and a pending EUKey. */
bool keystore_fill(struct keystore *store, unsigned entities, GError **error);

struct keystore_load {
	unsigned threads, entities; /* entities: as many as keystore_fill made */
	int64_t warmup_ns, ns;      /* only what ends in the latter is measured */
	unsigned least;             /* assignments: the time is extended until as many have ended */
	uint64_t seed;
};

/* Of the operations of a kind, ns. */
struct keystore_times {
	uint64_t n;
	double mean;
	int64_t p50, p99, max;
};

struct keystore_measure {
	int64_t ns;           /* the time, as it was in the end */
	uint64_t assignments; /* that ended in it */
	uint64_t busy;        /* the write lock was found taken, warm-up included (SQLite) */
	uint64_t timeouts;    /* inserts given up for it, as often tried again */
	struct keystore_times looks, inserts;
};

bool keystore_measure(struct keystore *store, const struct keystore_load *load, struct keystore_measure *measure,
		      GError **error);

#endif
