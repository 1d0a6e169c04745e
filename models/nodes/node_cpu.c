#include "models/nodes/node_cpu.h"

sim_time node_cpu_charge(struct world *world, struct node_cpu *cpu, enum node_kind kind, const struct cpns_ops *ops)
{
	sim_time now = sim_engine_now(world->engine), cost = cost_of(cpu->profile, ops);

	ledger_charge(&world->ledger, kind, cost_profile_number(cpu->profile), ops, cost, now);
	cpu->busy_until = (cpu->busy_until > now ? cpu->busy_until : now) + cost;
	if (cpu->busy_until > SIM_HORIZON)
		cpu->busy_until = SIM_HORIZON;
	return cpu->busy_until;
}
