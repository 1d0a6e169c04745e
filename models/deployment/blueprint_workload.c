#include "models/deployment/blueprint_workload.h"

#include "models/deployment/trace.h"

static bool read_storm(struct blueprint *b, const struct sim_values *v, const char *argument, GError **error)
{
	g_autofree char *reason = NULL;

	b->arrivals = ARRIVALS_STORM;
	if (*argument == '\0')
		sim_value_complain(v, "workload.arrivals", error, "storm needs a window: write storm(60s)");
	else if (!sim_parse_duration(argument, &b->storm_window, &reason))
		sim_value_complain(v, "workload.arrivals", error, "`%s` %s", argument, reason);
	else
		return true;
	return false;
}

static bool read_poisson(struct blueprint *b, const struct sim_values *v, const char *argument, GError **error)
{
	const struct sim_value *rate = sim_value(v, "workload.rate");
	g_autofree char *reason = NULL;

	b->arrivals = ARRIVALS_POISSON;
	b->rate = rate->number;
	b->surges = sim_value(v, "workload.surge")->set;
	b->surge_window = sim_value(v, "workload.surge")->duration;
	if (*argument == '\0')
		return true;
	if (!sim_parse_frequency(argument, &b->rate, &reason))
		sim_value_complain(v, "workload.arrivals", error, "`%s` %s", argument, reason);
	else if (b->rate <= 0)
		sim_value_complain(v, "workload.arrivals", error, "a rate of 0 brings no arrival: write more");
	else if (rate->given && rate->number != b->rate)
		sim_value_complain(v, "workload.rate", error,
				   "contradicts workload.arrivals = %s: write the rate in one of the two places",
				   sim_value(v, "workload.arrivals")->text);
	else
		return true;
	return false;
}

static bool read_closed(struct blueprint *b, const struct sim_values *v, const char *argument, GError **error)
{
	g_autofree char *reason = NULL;

	b->arrivals = ARRIVALS_CLOSED;
	if (*argument == '\0')
		sim_value_complain(v, "workload.arrivals", error,
				   "closed needs a think time: write closed(10s), or a distribution in place of 10s");
	else if (!sim_value_duration_dist(v, "workload.arrivals", argument, &b->think, &reason))
		sim_value_complain(v, "workload.arrivals", error, "`%s` %s", argument, reason);
	else
		return true;
	return false;
}

bool blueprint_read_workload(struct blueprint *b, const struct sim_values *v, GError **error)
{
	const char *argument = sim_value(v, "workload.arrivals")->argument;

	if (sim_value_is(v, "workload.arrivals", "storm"))
		return read_storm(b, v, argument, error);
	if (sim_value_is(v, "workload.arrivals", "poisson"))
		return read_poisson(b, v, argument, error);
	if (sim_value_is(v, "workload.arrivals", "closed"))
		return read_closed(b, v, argument, error);
	b->arrivals = ARRIVALS_TRACE;
	if (*argument != '\0')
		return true;
	sim_value_complain(v, "workload.arrivals", error, "trace needs a file: write trace(arrivals.csv)");
	return false;
}

bool blueprint_read_trace(struct blueprint *b, const struct sim_values *v, GError **error)
{
	g_autoptr(GError) reason = NULL;
	struct sim_file file;

	if (b->arrivals != ARRIVALS_TRACE)
		return true;
	if (sim_value_read(v, "workload.arrivals", sim_value(v, "workload.arrivals")->argument, &file, &reason))
		b->trace = trace_parse(b, file.path, file.text, file.n, error);
	else if (reason->domain == G_FILE_ERROR)
		sim_value_complain(v, "workload.arrivals", error,
				   "%s: name a CSV file with the columns time and device", reason->message);
	else
		g_propagate_error(error, g_steal_pointer(&reason));
	sim_file_clear(&file);
	return b->trace != NULL;
}
