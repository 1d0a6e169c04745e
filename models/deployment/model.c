#include "models/deployment/model.h"

#include <string.h>

#include "models/crypto/cost.h"
#include "models/crypto/crypto.h"
#include "models/deployment/blueprint.h"
#include "models/deployment/deployment.h"
#include "models/deployment/params.h"

static void *prepare(const struct sim_values *values, GError **error)
{
	return blueprint_new(values, error);
}

static void release(void *prepared)
{
	blueprint_free(prepared);
}

static bool run(const void *prepared, const struct sim_run *run, struct sim_record *record, GError **error)
{
	struct deployment *deployment = deployment_new_of(prepared, run, error);

	if (deployment == NULL)
		return false;
	bool fine = deployment_run(deployment, run->stop, error);

	if (fine && run->pilot != NULL)
		deployment_hand_over(deployment, record, run->pilot);
	else if (fine)
		deployment_record(deployment, record);
	deployment_free(deployment);
	return fine;
}

/* The figures behind the device classes of a key, each class on a line. */
static void add_classes(GStrvBuilder *notes, const struct sim_values *values, const char *key)
{
	const struct sim_mix *mix = &sim_value(values, key)->mix;
	bool generated = strcmp(sim_value(values, "topology")->text, "generated") == 0;

	for (size_t i = 0; i < mix->n; i++) {
		const struct cost_profile *profile = cost_profile_find(mix->parts[i].name);
		g_autofree char *note = profile != NULL
					    ? g_strdup_printf("%s = %s%s", key, cost_profile_describe(profile),
							      generated ? "" : "; where the topology names no class")
					    : NULL;

		if (note != NULL)
			g_strv_builder_add(notes, note);
	}
}

static char **notes(const struct sim_values *values)
{
	g_autoptr(GStrvBuilder) lines = g_strv_builder_new();

	if (!sim_value_is(values, "flow", "gateway"))
		add_classes(lines, values, "crypto.pne");
	add_classes(lines, values, "crypto.gateway");
	add_classes(lines, values, "crypto.server");
	if (!sim_value_is(values, "chain.advance", "none"))
		g_strv_builder_add(lines,
				   "Messages and bytes each: per completed assignment, those of uses included.");
	if (strcmp(sim_value(values, "topology")->text, "generated") != 0)
		g_strv_builder_add(lines, "All replications have the same topology, of a file: intervals say nothing "
					  "about others.");
	return g_strv_builder_end(lines);
}

static const char *const *libraries(void)
{
	static const char *list[2];

	list[0] = cpns_crypto_library();
	return list;
}

/* What a reader wants to see first. */
static const struct sim_headline headline[] = {
    {"started", "all", "assignment.started", "total", NULL, NULL, NULL, NULL},
    {"completed", "all", "assignment.completed", "total", NULL, NULL, NULL, NULL},
    {"failed", "all", "assignment.failed", "total", NULL, NULL, NULL, NULL},
    {"censored", "all", "assignment.censored", "total", NULL, NULL, NULL, NULL},
    {"divergence", "all", "assignment.divergence", "total", NULL, NULL, "higher", "lower"},
    {"failure share", "all", "assignment.failure-share", "mean", NULL, "%", "higher", "lower"},
    {"throughput", "all", "assignment.throughput", "mean", NULL, NULL, "higher", "lower"},
    {"latency mean", "all", "assignment.latency", "mean", NULL, NULL, "longer", "shorter"},
    {"latency p50", "all", "assignment.latency", "p50", NULL, NULL, NULL, NULL},
    {"latency p90", "all", "assignment.latency", "p90", NULL, NULL, NULL, NULL},
    {"latency p99", "all", "assignment.latency", "p99", NULL, NULL, "longer", "shorter"},
    {"requests each", "all", "assignment.attempts", "total", "assignment.completed", NULL, NULL, NULL},
    {"PAN messages each", "all", "pan.messages", "total", "assignment.completed", NULL, NULL, NULL},
    {"PAN bytes each", "all", "pan.bytes", "total", "assignment.completed", NULL, NULL, NULL},
    {"WAN messages each", "all", "wan.messages", "total", "assignment.completed", NULL, NULL, NULL},
    {"WAN bytes each", "all", "wan.bytes", "total", "assignment.completed", NULL, NULL, NULL},
    {"uses completed", "all", "use.completed", "total", "use.started", "%", NULL,
     NULL}, /* no line where nobody uses a key */
    {"uses failed", "all", "use.failed", "total", "use.started", "%", NULL, NULL},
    {"use latency mean", "all", "use.latency", "mean", NULL, NULL, NULL, NULL},
    {"use latency p99", "all", "use.latency", "p99", NULL, NULL, NULL, NULL},
    {"server utilisation", "all", "server.utilisation", "mean", NULL, "%", NULL, NULL},
    {"server wait p99", "all", "server.wait", "p99", NULL, NULL, NULL, NULL},
    {"server service mean", "all", "server.service", "mean", NULL, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};

#define END                            \
	{                              \
		NULL, NULL, NULL, NULL \
	}

/* What a report draws. A sweep is drawn over the parameter that such studies vary, or over whatever was varied. */
static const struct sim_plot plots[] = {
    {"latency-cdf",
     "Latency of assignments",
     SIM_PLOT_CDF,
     "latency",
     NULL,
     NULL,
     {{"latency", "all", "assignment.latency", NULL}, END}},
    {"latency",
     "Latency of assignments",
     SIM_PLOT_SWEEP,
     "latency",
     NULL,
     "workload.rate",
     {{"median", "all", "assignment.latency", "p50"}, {"p99", "all", "assignment.latency", "p99"}, END}},
    {"throughput",
     "Assignments completed",
     SIM_PLOT_SWEEP,
     "assignments completed",
     NULL,
     "workload.rate",
     {{"throughput", "all", "assignment.throughput", "mean"}, END}},
    {"failure-share",
     "Assignments failed or censored",
     SIM_PLOT_SWEEP,
     "share of those started",
     "%",
     "workload.rate",
     {{"failure share", "all", "assignment.failure-share", "mean"}, END}},
    {"utilisation",
     "Utilisation",
     SIM_PLOT_SWEEP,
     "busy share of the time",
     "%",
     "workload.rate",
     {{"server", "all", "server.utilisation", "mean"}, {"key store", "all", "store.utilisation", "mean"}, END}},
    {"contention",
     "Waiting for the key store and for a worker",
     SIM_PLOT_SWEEP,
     "time waited",
     NULL,
     "server.workers",
     {{"for the key store, mean", "all", "store.wait", "mean"},
      {"for a worker, mean", "all", "server.wait", "mean"},
      END}},
    {"chain-hashes",
     "Cost of hash chains: time",
     SIM_PLOT_SWEEP,
     "hashes per key used",
     NULL,
     "chain.length",
     {{"mean", "all", "chain.hashes-per-key", "mean"}, {"greatest", "all", "chain.hashes-per-key", "max"}, END}},
    {"chain-cells",
     "Cost of hash chains: memory",
     SIM_PLOT_SWEEP,
     "keys held, of all sets",
     NULL,
     "chain.length",
     {{"keys held", "all", "chain.cells", "total"}, END}},
    {"rates-time",
     "Assignments over time",
     SIM_PLOT_SERIES,
     "assignments",
     NULL,
     NULL,
     {{"started", "all", "assignment.started", "rate"},
      {"completed", "all", "assignment.completed", "rate"},
      {"failed", "all", "assignment.failed", "rate"},
      END}},
    {"messages-time",
     "Messages over time",
     SIM_PLOT_SERIES,
     "messages",
     NULL,
     NULL,
     {{"PAN", "all", "pan.messages", "rate"}, {"WAN", "all", "wan.messages", "rate"}, END}},
    {"queue-time",
     "Waiting at the server",
     SIM_PLOT_SERIES,
     "messages in the queue, mean",
     NULL,
     NULL,
     {{"queue", "all", "server.queue", "mean"}, END}},
    {"utilisation-time",
     "Utilisation over time",
     SIM_PLOT_SERIES,
     "busy share of the time",
     "%",
     NULL,
     {{"server", "all", "server.utilisation", "mean"}, {"key store", "all", "store.utilisation", "mean"}, END}},
    {"latency-time",
     "Latency by time of arrival",
     SIM_PLOT_SERIES,
     "latency, mean",
     NULL,
     NULL,
     {{"latency", "all", "assignment.latency", "mean"}, END}},
    {NULL, NULL, SIM_PLOT_SWEEP, NULL, NULL, NULL, {END}},
};

const struct sim_model cpns_model = {
    .name = "cpns",
    .params = cpns_params,
    .n_params = CPNS_N_PARAMS,
    .metrics = metrics_known,
    .prepare = prepare,
    .release = release,
    .run = run,
    .libraries = libraries,
    .notes = notes,
    .headline = headline,
    .goodput = "assignment.throughput",
    .latency = "assignment.latency.mean",
    .plots = plots,
    .begun = "assignment.started",
    .censored = "assignment.censored",
};
