/* Outages of a hop: times during which whatever begins to be transmitted is lost. After some time up comes outage 0,
 * after some more time up outage 1, and so on; both lengths of outage k are drawn at the address (hop, k). */
#ifndef CPNS_NETWORK_OUTAGE_H
#define CPNS_NETWORK_OUTAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/kernel/stream.h"
#include "sim/kernel/variate.h"
#include "sim/kernel/vtime.h"

/* Shared by the hops of a leg. An interval and a duration must not both be (next to) nothing on average, for outages
 * are walked through one by one: the caller's to refuse. */
struct outage_figures {
	bool any;
	struct sim_variate interval; /* from the end of an outage, or time 0, to the next one; ns */
	struct sim_variate duration; /* ns */
};

/* The outage that a hop has come to; all 0 at time 0. */
struct outage {
	sim_time begin, end;
	uint64_t next; /* number of the one after it */
};

/* Is the hop out at `at`, which must not lie before the time asked last? `own` addresses the outages of the hop; its
 * `item` is set here. */
bool outage_at(struct outage *outage, const struct outage_figures *figures, const struct sim_random *random,
	       const struct sim_address *own, sim_time at);

#endif
