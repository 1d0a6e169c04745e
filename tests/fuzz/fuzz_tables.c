/* The tables that a value may name: empirical distributions, and traces of arrivals over both kinds of topologies.
 * Whole and in order, or a reason that names the file. */
#include <string.h>

#include "models/deployment/trace.h"
#include "models/protocol/gw.h"
#include "sim/study/empirical.h"
#include "tests/fuzz/target.h"

static void distribution(const char *text, size_t n, enum sim_dist dist)
{
	g_autoptr(GError) error = NULL;
	struct sim_empirical *table = empirical_parse("name", text, n, dist, &error);

	FUZZ_HOLDS((table == NULL) == (error != NULL), "a table or a reason");
	FUZZ_HOLDS(table != NULL || g_str_has_prefix(error->message, "name:"),
		   "a reason begins with the file's name");
	if (table == NULL)
		return;
	const struct sim_variate v = {SIM_EMPIRICAL, .table = table};
	struct sim_random random = sim_random_of(1, 0);
	struct sim_stream stream = sim_stream_at(&random, &(struct sim_address){.entity = n});
	double least = sim_variate_lower_bound(&v), x = sim_variate_draw(&v, &stream);

	FUZZ_HOLDS(least >= 0 && x >= least && x <= 3e18, "a draw is a value");
	FUZZ_HOLDS(sim_variate_mean(&v) >= 0 && sim_variate_mean(&v) <= 3e18, "the mean lies among them");
	sim_empirical_free(table);
}

static void trace(const char *text, size_t n, const struct blueprint *b, uint32_t gateways)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) arrivals = trace_parse(b, "name", text, n, &error);
	sim_time before = 0;

	FUZZ_HOLDS((arrivals == NULL) == (error != NULL), "a trace or a reason");
	FUZZ_HOLDS(arrivals != NULL || g_str_has_prefix(error->message, "name:"),
		   "a reason begins with the file's name");
	for (guint i = 0; arrivals != NULL && i < arrivals->len; i++) {
		const struct trace_arrival *a = &g_array_index(arrivals, struct trace_arrival, i);

		FUZZ_HOLDS(a->time >= before && a->time <= SIM_HORIZON, "arrivals in order of time");
		FUZZ_HOLDS(a->gateway < gateways && (a->pne < 2 || a->pne == CPNS_GW_SELF), "a device that is there");
		before = a->time;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char devices[] = "id,type,parent,user\ng1,gateway,,ann\np1,pne,g1,ann\np2,pne,g1,bob\n"
				      "g2,gateway,,bob\n";
	const char *text = n > 0 ? (const char *)data : "";
	struct blueprint fixed = {.flow = -1, .fixed = topology_parse("devices", devices, strlen(devices), NULL)};
	const struct blueprint drawn = {.flow = -1,
					.shape = {.gateways = 3, .pnes_per_gateway = {SIM_UNIFORM, 2, 9}}};

	for (int dist = 0; dist < SIM_DISTS; dist++)
		distribution(text, n, (enum sim_dist)dist);
	trace(text, n, &fixed, 2);
	trace(text, n, &drawn, 3);
	topology_free(fixed.fixed);
	return 0;
}
