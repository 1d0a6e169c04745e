/* The CPU of a PNE or a PN GW. */
#ifndef CPNS_NODES_NODE_CPU_H
#define CPNS_NODES_NODE_CPU_H

#include "models/crypto/cost.h"
#include "models/nodes/world.h"

/* A CPU that does one thing after another. */
struct node_cpu {
	const struct cost_profile *profile;
	sim_time busy_until;
};

/* Charges `ops`; returns when they are done: after whatever the CPU was busy with. */
sim_time node_cpu_charge(struct world *world, struct node_cpu *cpu, enum node_kind kind, const struct cpns_ops *ops);

#endif
