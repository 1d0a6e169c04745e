/* The workload as an entity: when which device wants an EUKey. Arrivals are generated as they come due: one event is
 * pending, however many are still to come. */
#ifndef CPNS_NODES_WORKLOAD_NODE_H
#define CPNS_NODES_WORKLOAD_NODE_H

#include "models/nodes/world.h"
#include "sim/kernel/sort.h"

enum arrivals {
	ARRIVALS_STORM,   /* each device once, uniform in the window */
	ARRIVALS_POISSON, /* at a rate, each for a device picked uniformly, with replacement */
	ARRIVALS_TRACE,   /* as they are listed */
	ARRIVALS_CLOSED,  /* each device again some time after its last one: no workload node; see user_node_think */
};

struct workload_node {
	struct world *world;
	uint32_t entity;
	uint32_t n; /* poisson: devices; otherwise: planned arrivals that have not happened yet */
	enum arrivals arrivals;
	double mean_gap_ns;        /* poisson */
	struct sim_timed *planned; /* these, the next one last: what is over is given back; items: devices */
	uint32_t room;             /* for so many of them */
	uint64_t next;             /* poisson: number of the arrival that is due next */
	uint32_t next_device;
};

/* For the devices 0 .. n-1 of the world. A storm draws each device's time from that device's own stream. A trace's
 * arrivals, in order of time, pass to the node. A surge is a storm beside other arrivals, with draws of its own. The
 * entity must be set before workload_node_begin, which makes the first arrival due. */
void workload_node_storm(struct workload_node *node, struct world *world, uint32_t n, sim_time window);
void workload_node_surge(struct workload_node *node, struct world *world, uint32_t n, sim_time window);
void workload_node_poisson(struct workload_node *node, struct world *world, uint32_t n, double per_second);
void workload_node_trace(struct workload_node *node, struct world *world, struct sim_timed *arrivals, uint32_t n);
void workload_node_begin(struct workload_node *node);
void workload_node_clear(struct workload_node *node);

/* sim_handler; state: struct workload_node. */
bool workload_node_handle(void *state, struct sim_engine *engine, const struct sim_event *event);

#endif
