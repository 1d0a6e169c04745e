/* What a PNE costs in memory, all that hangs on it included (a fifth of a PN GW and its user, what the server keeps,
 * the pending events): while the deployment is built and nothing has happened yet, and after a storm in which every
 * device has taken its key. By the system's account (resident) and by the allocator's.
 *
 *   bench_memory [GATEWAYS]    5 PNEs each; by default 1 000 000 of them. One line for each flow. */
#include <malloc.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models/deployment/blueprint.h"
#include "models/deployment/deployment.h"
#include "models/deployment/model.h"
#include "sim/study/scenario.h"

enum { PNES_PER_GATEWAY = 5 };

struct memory {
	double resident, allocated;
};

static struct memory memory_now(void)
{
	struct mallinfo2 info = mallinfo2();
	FILE *file = fopen("/proc/self/statm", "r");
	long pages = 0;

	if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1)
		g_error("/proc/self/statm cannot be read");
	fclose(file);
	return (struct memory){(double)pages * (double)sysconf(_SC_PAGESIZE), (double)(info.uordblks + info.hblkhd)};
}

static double resident_peak(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_maxrss * 1024;
}

static int measure(const char *flow, const char *gateways)
{
	g_autofree char *set_flow = g_strconcat("flow=", flow, NULL);
	g_autofree char *set_gateways = g_strconcat("gateways=", gateways, NULL);
	const char *const sets[] = {set_flow, set_gateways, NULL};
	struct sim_request request = {.path = SOURCE_ROOT "/tests/deployment/million.ini", .sets = sets};
	const struct sim_random random = sim_random_of(1, 0);
	g_autoptr(GError) error = NULL;
	struct sim_scenario *scenario = sim_scenario_load(&cpns_model, &request, &error);
	struct blueprint *blueprint =
	    scenario != NULL ? blueprint_new(sim_scenario_values(scenario, 0), &error) : NULL;

	if (blueprint == NULL)
		g_error("%s", error->message);
	struct memory before = memory_now();
	struct deployment *deployment = deployment_new(blueprint, &random, &error);
	struct memory idle = memory_now();

	if (deployment == NULL || !deployment_run(deployment, NULL, &error))
		g_error("%s", error->message);
	struct memory after = memory_now();
	double pnes = (double)blueprint->shape.gateways * PNES_PER_GATEWAY;

	printf("%-18s %8.0f %8.0f   %8.0f %8.0f %8.0f\n", flow, (idle.resident - before.resident) / pnes,
	       (idle.allocated - before.allocated) / pnes, (after.resident - before.resident) / pnes,
	       (after.allocated - before.allocated) / pnes, (resident_peak() - before.resident) / pnes);
	deployment_free(deployment);
	blueprint_free(blueprint);
	sim_scenario_free(scenario);
	return 0;
}

/* Each flow in a process of its own: what one has freed is not the next one's. */
int main(int argc, char **argv)
{
	static const char *const flows[] = {"auto", "pne-ui", "pne-secure-pan", "pne-insecure-pan"};
	const char *gateways = argc > 1 ? argv[1] : "200000";
	int failed = 0;

	printf("octets per PNE: idle (resident, allocated), after a storm (the same, resident at the peak)\n");
	for (size_t i = 0; i < G_N_ELEMENTS(flows); i++) {
		fflush(stdout);
		pid_t child = fork();
		int status;

		if (child == 0)
			return measure(flows[i], gateways);
		failed |= child < 0 || waitpid(child, &status, 0) != child || status != 0;
	}
	return failed;
}
