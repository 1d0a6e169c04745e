/* A CPNS User as an entity: the person who wants keys for devices. Registers once where registration goes by
 * messages, lets other assignments wait meanwhile, and keeps what is wanted of a busy device for later. Typing takes
 * no time. */
#ifndef CPNS_NODES_USER_NODE_H
#define CPNS_NODES_USER_NODE_H

#include <glib.h>

#include "models/nodes/world.h"
#include "sim/kernel/variate.h"

/* What a user remembers of a device: whether an assignment of it is under way, and whether some wait for its end. */
struct user_device {
	uint32_t started : 30; /* assignments so far */
	uint32_t busy : 1;
	uint32_t waits : 1; /* some do: they are in the backlog */
};

/* What the users of a run share. */
struct user_context {
	struct world *world;
	struct user_device *devices;     /* by device; of them a user touches his own alone */
	GHashTable *backlogs;            /* device -> GQueue of assignment numbers; NULL: nothing has waited yet */
	const uint32_t *gateways;        /* entities of the PN GWs, by index; lent */
	const struct sim_variate *think; /* of a closed workload, lent; NULL: arrivals come from outside */
};

void user_context_init(struct user_context *context, struct world *world, uint32_t n_devices,
		       const uint32_t *gateways);
void user_context_clear(struct user_context *context);

/* Little, for there is one for each household. */
struct user_node {
	struct user_context *context; /* lent; NULL: not built yet */
	GQueue *waiting;              /* assignment numbers that wait for the registration; or NULL */
	uint32_t entity;
	bool registered;
	bool registering;
};

void user_node_init(struct user_node *node, struct user_context *context, bool registered);
void user_node_clear(struct user_node *node);

/* Of a closed workload: wants device `device` again after a think time of its own, at least 1 ns, so that time goes
 * on where nothing else takes any. To be called once for each device before the run; from then on the user does it
 * each time that an assignment has ended, completed or failed. */
void user_node_think(struct user_node *node, uint32_t device);

/* sim_handler, and its sim_fetcher; state: struct user_node. */
bool user_node_handle(void *state, struct sim_engine *engine, const struct sim_event *event);
void user_node_fetch(const void *state, const struct sim_coming *coming);

#endif
