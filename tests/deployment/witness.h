/* Watches a run from outside and remembers what no machine does: which EUKeys the server has made for whom, in which
 * order entities took them, and what was answered to each request. */
#ifndef TESTS_DEPLOYMENT_WITNESS_H
#define TESTS_DEPLOYMENT_WITNESS_H

#include "models/deployment/deployment.h"

struct witness;

/* Of a run by these rules on these devices, both borrowed. The caller's to free. */
struct witness *witness_new(const struct cpns_rules *rules, const struct device *devices);
void witness_free(struct witness *witness);

/* What to hand to deployment_observe. */
const struct observer *witness_observer(const struct witness *witness);

/* The first thing that was wrong, or NULL:
 *   - an entity stores a key that the server has not made for it;
 *   - where notifications are fresh and responses too, an entity goes back to a key older than one it has held;
 *   - the same request is answered in other octets while its answer must be remembered. */
const char *witness_complaint(const struct witness *witness);

#endif
