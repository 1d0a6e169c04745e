/* What waits for a worker of the CPNS Server, and what the queue gives up. It is data alone: it knows neither packets
 * nor the engine.
 *
 *   SERVER_FIFO   first come, first served
 *   SERVER_LIFO   the newest first
 *   SERVER_CODEL  first come, first served, but with controlled delay (after Nichols and Jacobson's CoDel, in the
 * form for request queues described in "Fail at Scale", ACM Queue 13(8), 2015): what has waited for longer than
 * `interval` is given up at its turn; than `target` already, once the queue has not been empty for `interval` */
#ifndef CPNS_NODES_SERVER_QUEUE_H
#define CPNS_NODES_SERVER_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/kernel/vtime.h"

enum server_order {
	SERVER_FIFO,
	SERVER_LIFO,
	SERVER_CODEL,
};

struct server_queue_rules {
	enum server_order order;
	sim_time target, interval; /* of SERVER_CODEL */
	bool limited;
	uint32_t limit; /* how many may wait; valid if limited */
};

struct server_waiting {
	uint32_t packet;
	sim_time since;
	sim_time until; /* nobody waits for its answer from then on; SIM_NEVER: unknown */
};

/* All {0} is an empty FIFO without a limit. */
struct server_queue {
	struct server_queue_rules rules;
	struct server_waiting *ring; /* g_malloc'ed; `size` places, a power of two */
	uint32_t size, first, n;
	sim_time filled; /* since when it has not been empty; valid if n > 0 */
};

/* An empty queue; clear gives back its memory. */
void server_queue_init(struct server_queue *queue, const struct server_queue_rules *rules);
void server_queue_clear(struct server_queue *queue);

/* Is there no room for one more? */
bool server_queue_full(const struct server_queue *queue);

/* It must not be full (asserted). `now` is waiting->since. */
void server_queue_push(struct server_queue *queue, const struct server_waiting *waiting);

enum server_turn {
	TURN_NOBODY,  /* the queue is empty */
	TURN_SERVE,   /* *waiting is for a worker */
	TURN_GIVE_UP, /* *waiting is not worth one any more: ask again */
};

/* Takes out whose turn it is. */
enum server_turn server_queue_pop(struct server_queue *queue, sim_time now, struct server_waiting *waiting);

/* Takes out the one that has waited longest, whatever the order; false when it is empty. */
bool server_queue_drop(struct server_queue *queue, struct server_waiting *waiting);

#endif
