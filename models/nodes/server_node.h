/* The CPNS Server as an entity: its protocol machine, a queue in front of its workers, its key store, and the hops
 * towards the PN GWs. A worker takes a message, computes for its service time, waits until the key store has done
 * what the message asks of it, and then sends the answer; none if the key store gave up: the client will ask again,
 * and what the machine has noted is then answered as a duplicate.
 *
 * A restart loses what waits, the sessions and the answers that are remembered, but nothing of the store. A worker
 * that was busy stays so to the end of that, and its answer is lost.
 *
 * What finds neither a worker nor room in the queue is turned away, which costs nothing and takes no time. */
#ifndef CPNS_NODES_SERVER_NODE_H
#define CPNS_NODES_SERVER_NODE_H

#include "models/crypto/cost.h"
#include "models/network/hop.h"
#include "models/nodes/server_queue.h"
#include "models/nodes/world.h"
#include "models/protocol/server.h"
#include "models/store/contention.h"
#include "sim/kernel/variate.h"

/* The server's side of a PN GW. */
struct server_link {
	const struct hop_figures *figures; /* of the hop towards it; lent */
	struct hop hop;
	uint64_t number; /* stable number of the PN GW */
	uint32_t entity; /* of the PN GW */
	struct cpns_session session;
};

/* What it does under load. All {0}: it takes whatever comes, in order. */
struct server_policies {
	struct server_queue_rules queue;
	bool reject; /* what finds no room is told to come again after `retry_after`; else it is dropped */
	sim_time retry_after;
	bool deadlines; /* what nobody waits for any more is dropped when a worker would take it */
};

struct server_node {
	struct cpns_server machine;
	struct world *world;
	const struct cost_profile *profile;
	const struct sim_variate *service; /* NULL: charged by operations */
	uint32_t entity;
	uint32_t workers, free_workers;
	uint32_t in_service;                    /* messages taken and not finished */
	const struct server_policies *policies; /* lent */
	struct server_queue queue;
	uint16_t life; /* how often it has restarted */
	uint32_t n_links;
	struct server_link *links; /* by PN GW's index; lent */

	/* Where the key store takes time: */
	struct key_store *keys; /* NULL: it takes none */
	GArray *works;          /* of struct server_work: what workers have in hand, by number */
	uint32_t free_work;     /* the first of them that is free, from 1, and leads to the next; 0: none */
	uint32_t n_blocked;     /* workers that wait for the key store */
};

void server_node_init(struct server_node *node, struct world *world, const struct cpns_store *store, uint32_t workers,
		      const struct cost_profile *profile, const struct sim_variate *service,
		      const struct server_policies *policies);

/* Messages that wait or are in service. */
uint64_t server_node_holds(const struct server_node *node);

/* Lets the key store take time, by those figures; lent. After the engine knows all other entities. */
void server_node_use_store(struct server_node *node, const struct store_figures *figures);

/* The run is over: what still waits is released, and stays in the queue's account to the end of the window. */
void server_node_close(struct server_node *node);

/* sim_handler; state: struct server_node. */
bool server_node_handle(void *state, struct sim_engine *engine, const struct sim_event *event);

#endif
