#include "models/bench/scenario.h"

#include "models/deployment/model.h"

extern const char bench_city_ini[];

struct sim_scenario *bench_scenario(uint64_t gateways, const char *flow, const char *mode)
{
	g_autofree char *set_gateways = g_strdup_printf("gateways=%" G_GUINT64_FORMAT, gateways);
	g_autofree char *set_flow = g_strconcat("flow=", flow, NULL);
	g_autofree char *set_mode = g_strconcat("crypto.mode=", mode, NULL);
	const char *const sets[] = {set_gateways, set_flow, set_mode, NULL};
	const struct sim_request request = {.path = "city.ini", .sets = sets, .text = bench_city_ini};
	g_autoptr(GError) error = NULL;
	struct sim_scenario *scenario = sim_scenario_load(&cpns_model, &request, &error);

	if (scenario == NULL)
		g_error("%s", error->message);
	return scenario;
}
