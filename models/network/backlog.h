/* Messages that wait for the transmitter of a hop: when each will begin to be sent, first in, first out. */
#ifndef CPNS_NETWORK_BACKLOG_H
#define CPNS_NETWORK_BACKLOG_H

#include <stdint.h>

#include "sim/kernel/vtime.h"

/* All 0: empty. */
struct backlog {
	sim_time *starts; /* a ring; NULL before the first */
	uint32_t first, n, room;
};

void backlog_clear(struct backlog *backlog);

/* How many wait at `now`, those that begin just then left out; forgets them and all before. */
uint32_t backlog_at(struct backlog *backlog, sim_time now);

/* One more, that begins at `start`: not before the one added last. */
void backlog_add(struct backlog *backlog, sim_time start);

#endif
