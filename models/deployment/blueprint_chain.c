#include "models/deployment/blueprint_chain.h"

static enum cpns_chain_strategy strategy(const struct sim_values *v)
{
	if (sim_value_is(v, "chain.strategy", "seed"))
		return CPNS_SEED_ONLY;
	if (sim_value_is(v, "chain.strategy", "checkpoint"))
		return CPNS_CHECKPOINT;
	return sim_value_is(v, "chain.strategy", "pebble") ? CPNS_PEBBLE : CPNS_STORE_ALL;
}

static bool read_strategy(struct cpns_chain_rules *chain, const struct sim_values *v, GError **error)
{
	chain->strategy = strategy(v);
	chain->spacing = (uint32_t)sim_value(v, "chain.spacing")->count;
	if (!chain->independent || chain->strategy == CPNS_STORE_ALL)
		return true;
	sim_value_complain(v, "chain.strategy", error,
			   "contradicts chain.kind = independent: such keys do not follow from a seed, so holders "
			   "store them all; leave it out");
	return false;
}

static bool read_carry(struct cpns_chain_rules *chain, const struct sim_values *v, GError **error)
{
	bool by_seed = sim_value(v, "chain.carry")->set && sim_value_is(v, "chain.carry", "seed");

	chain->carry_set = chain->independent || sim_value_is(v, "chain.carry", "set");
	if (chain->independent && by_seed)
		sim_value_complain(v, "chain.carry", error,
				   "contradicts chain.kind = independent: such keys do not follow from a seed; write "
				   "`chain.carry = set` or leave it out");
	else if (chain->carry_set && chain->length > CPNS_SET_MAX)
		sim_value_complain(v, "chain.length", error,
				   "a set of %u keys does not fit into a message: write at most %d%s", chain->length,
				   CPNS_SET_MAX, chain->independent ? "" : ", or chain.carry = seed");
	else
		return true;
	return false;
}

bool blueprint_read_chain(struct cpns_chain_rules *chain, const struct sim_values *v, GError **error)
{
	chain->length = (uint32_t)sim_value(v, "chain.length")->count;
	chain->independent = sim_value_is(v, "chain.kind", "independent");
	chain->unsafe = sim_value_is(v, "chain.order", "unsafe");
	chain->window = (uint32_t)sim_value(v, "chain.window")->count;
	return read_strategy(chain, v, error) && read_carry(chain, v, error);
}

/* How long a device sleeps: a period has the same length each time, an interval may have a distribution. */
static bool parse_interval(const struct sim_values *v, bool every, struct sim_variate *interval, char **reason)
{
	const char *text = sim_value(v, "chain.advance")->argument;
	sim_time period;

	if (!every)
		return sim_value_duration_dist(v, "chain.advance", text, interval, reason);
	if (!sim_parse_duration(text, &period, reason))
		return false;
	*interval = (struct sim_variate){.kind = SIM_CONSTANT, .a = (double)period};
	return true;
}

bool blueprint_read_advance(struct blueprint *b, const struct sim_values *v, GError **error)
{
	const char *argument = sim_value(v, "chain.advance")->argument;
	bool every = sim_value_is(v, "chain.advance", "every");
	g_autofree char *reason = NULL;

	b->uses = !sim_value_is(v, "chain.advance", "none");
	if (!b->uses && *argument != '\0')
		sim_value_complain(v, "chain.advance", error, "none takes no argument: write none");
	else if (!b->uses)
		return true;
	else if (*argument == '\0')
		sim_value_complain(v, "chain.advance", error, "needs %s: write %s",
				   every ? "a period" : "an interval",
				   every ? "every(1h)" : "per-wakeup(1h) or per-wakeup(exponential(1h))");
	else if (!parse_interval(v, every, &b->wake_interval, &reason))
		sim_value_complain(v, "chain.advance", error, "`%s` %s", argument, reason);
	else if (sim_variate_mean(&b->wake_interval) < (double)SIM_MS)
		sim_value_complain(v, "chain.advance", error,
				   "wakes each device up more than once a millisecond: write a longer %s",
				   every ? "period" : "interval");
	else
		return true;
	return false;
}
