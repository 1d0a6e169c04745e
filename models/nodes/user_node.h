/* A CPNS User as an entity: the person who wants keys for devices. Registers once where registration goes by
 * messages, lets other assignments wait meanwhile, and keeps what is wanted of a busy device for later. Typing takes
 * no time. */
#ifndef CPNS_NODES_USER_NODE_H
#define CPNS_NODES_USER_NODE_H

#include <glib.h>

#include "models/nodes/world.h"
#include "sim/kernel/variate.h"

/* What a user remembers of a device: whether an assignment of it is under way, and those that wait for its end. */
struct user_device {
	bool busy;
	uint32_t started; /* assignments so far */
	GQueue *backlog;  /* of assignment numbers, or NULL */
};

struct user_node {
	struct world *world;
	uint32_t entity;
	bool registered;
	bool registering;
	GQueue waiting;              /* of assignment numbers that wait for the registration */
	struct user_device *devices; /* of the whole run, by device; lent, and only those of this user are touched */
	const uint32_t *gateways;    /* entities of the PN GWs, by index; lent */
	const struct sim_variate *think; /* of a closed workload, lent; NULL: arrivals come from outside */
};

void user_node_init(struct user_node *node, struct world *world, bool registered, struct user_device *devices,
		    const uint32_t *gateways);
void user_node_clear(struct user_node *node);

/* Of a closed workload: wants device `device` again after a think time of its own, at least 1 ns, so that time goes
 * on where nothing else takes any. To be called once for each device before the run; from then on the user does it
 * each time that an assignment has ended, completed or failed. */
void user_node_think(struct user_node *node, uint32_t device);

/* sim_handler, and its sim_fetcher; state: struct user_node. */
bool user_node_handle(void *state, struct sim_engine *engine, const struct sim_event *event);
void user_node_fetch(const void *state, const struct sim_coming *coming);

#endif
