/* A CPNS User as an entity: the person who wants keys for devices. Registers once where registration goes by
 * messages, lets other assignments wait meanwhile, and keeps what is wanted of a busy device for later. Typing takes
 * no time. */
#ifndef CPNS_NODES_USER_NODE_H
#define CPNS_NODES_USER_NODE_H

#include <glib.h>

#include "models/nodes/world.h"

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
};

void user_node_init(struct user_node *node, struct world *world, bool registered, struct user_device *devices,
		    const uint32_t *gateways);
void user_node_clear(struct user_node *node);

/* sim_handler; state: struct user_node. */
bool user_node_handle(void *state, struct sim_engine *engine, const struct sim_event *event);

#endif
