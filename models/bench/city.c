/* What a PNE costs in time and memory, all that hangs on it included (a fifth of a PN GW and its user, what the
 * server keeps, the pending events): while a city is built and nothing has happened in it yet, and in a storm in
 * which every device takes its key. */
#include "models/bench/bench.h"
#include "models/bench/scenario.h"
#include "models/deployment/deployment.h"

struct city {
	struct sim_scenario *scenario;
	struct blueprint *blueprint;
	struct deployment *deployment;
	struct sim_random random;
	uint64_t pnes;
};

static void *set_up_ground(const struct bench *bench, uint64_t size, uint64_t seed)
{
	struct city *c = g_new0(struct city, 1);
	g_autoptr(GError) error = NULL;

	(void)bench;
	c->scenario = bench_scenario(size / BENCH_PNES_PER_GATEWAY, "auto", "counted");
	c->blueprint = blueprint_new(sim_scenario_values(c->scenario, 0), &error);
	if (c->blueprint == NULL)
		g_error("%s", error->message);
	c->random = sim_random_of(seed, 0);
	c->pnes = size;
	return c;
}

static void build(void *task)
{
	struct city *c = task;
	g_autoptr(GError) error = NULL;

	c->deployment = deployment_new(c->blueprint, &c->random, &error);
	if (c->deployment == NULL)
		g_error("%s", error->message);
}

static void *set_up_city(const struct bench *bench, uint64_t size, uint64_t seed)
{
	struct city *c = set_up_ground(bench, size, seed);

	build(c);
	return c;
}

static void run(void *task)
{
	struct city *c = task;
	g_autoptr(GError) error = NULL;

	if (!deployment_run(c->deployment, NULL, &error))
		g_error("%s", error->message);
}

static void finish(struct city *c, struct bench_outcome *outcome)
{
	outcome->work = c->pnes;
	outcome->things = c->pnes;
	deployment_free(c->deployment);
	blueprint_free(c->blueprint);
	sim_scenario_free(c->scenario);
	g_free(c);
}

static void finish_build(void *task, struct bench_outcome *outcome)
{
	struct city *c = task;
	uint32_t n;
	const struct device *devices = deployment_devices(c->deployment, &n);

	outcome->hash = bench_hash(0, n);
	for (uint32_t i = 0; i < n; i++)
		outcome->hash = bench_hash(outcome->hash, devices[i].number);
	finish(c, outcome);
}

static void finish_run(void *task, struct bench_outcome *outcome)
{
	struct city *c = task;
	struct sim_record record;

	sim_record_init(&record);
	deployment_record(c->deployment, &record);
	outcome->hash = bench_hash_fingerprint(0, &record.fingerprint);
	bench_tell(outcome, "events", "events/PNE", (double)record.events / (double)c->pnes);
	sim_record_clear(&record);
	finish(c, outcome);
}

static void add(GArray *suite, uint32_t pnes, uint32_t tiny)
{
	const struct bench benches[] = {
	    {bench_name_of_size("city.build", pnes), "ns", "a PNE is built, in a city of so many", "PNE", pnes, tiny,
	     NULL, set_up_ground, build, finish_build},
	    {bench_name_of_size("city.storm", pnes), "ns", "a PNE takes its key, in a city of so many", "PNE", pnes,
	     tiny, NULL, set_up_city, run, finish_run},
	};

	g_array_append_vals(suite, benches, G_N_ELEMENTS(benches));
}

void bench_add_city(GArray *suite)
{
	add(suite, 10000, 50);
	add(suite, 100000, 60);
	add(suite, 1000000, 70);
}
