/* What it costs to make a topology: drawn, or read from a CSV file. */
#include "models/deployment/topology.h"

#include <string.h>

#include "models/bench/bench.h"
#include "models/bench/scenario.h"

enum {
	PNES = 500000,
	LINES = 200000,
	FEW = 60,
};

struct ground {
	struct topology_shape shape;
	struct sim_random random;
	GString *csv;
	uint64_t lines;
	struct topology *topology;
};

static void *set_up_shape(const struct bench *bench, uint64_t size, uint64_t seed)
{
	struct ground *g = g_new0(struct ground, 1);

	(void)bench;
	g->random = sim_random_of(seed, 0);
	g->shape = (struct topology_shape){
	    .gateways = (uint32_t)(size / BENCH_PNES_PER_GATEWAY),
	    .pnes_per_gateway = {.kind = SIM_NORMAL, .a = BENCH_PNES_PER_GATEWAY, .b = 1},
	    .ui = 0.4,
	    .secure = 0.5,
	    .smartcard = 0.1,
	    .pnes_max = UINT32_MAX,
	};
	return g;
}

static void generate(void *task)
{
	struct ground *g = task;
	g_autoptr(GError) error = NULL;

	g->topology = topology_generate(&g->shape, &g->random, &error);
	if (g->topology == NULL)
		g_error("%s", error->message);
}

/* A PN GW and its PNEs: a line each. */
static void write_household(GString *csv, uint64_t k)
{
	g_string_append_printf(
	    csv, "gw:%05" G_GUINT64_FORMAT ",gateway,,%05" G_GUINT64_FORMAT "@cpns.example,,,no,ble,lte,\n", k, k);
	for (unsigned i = 0; i < BENCH_PNES_PER_GATEWAY; i++)
		g_string_append_printf(csv,
				       "%05" G_GUINT64_FORMAT ".%02u,pne,gw:%05" G_GUINT64_FORMAT
				       ",%05" G_GUINT64_FORMAT "@cpns.example,%s,%s,,,,m4_80\n",
				       k, i, k, k, i % 2 == 0 ? "yes" : "no", i % 3 == 0 ? "yes" : "no");
}

static void *set_up_file(const struct bench *bench, uint64_t size, uint64_t seed)
{
	struct ground *g = g_new0(struct ground, 1);

	(void)bench;
	(void)seed; /* nothing is drawn */
	g->csv = g_string_new("id,type,parent,user,ui,secure,smartcard,pan,wan,class\n");
	g->lines = 1;
	for (uint64_t k = 0; g->lines < size; k++) {
		write_household(g->csv, k);
		g->lines += 1 + BENCH_PNES_PER_GATEWAY;
	}
	return g;
}

static void parse(void *task)
{
	struct ground *g = task;
	g_autoptr(GError) error = NULL;

	g->topology = topology_parse("city.csv", g->csv->str, g->csv->len, &error);
	if (g->topology == NULL)
		g_error("%s", error->message);
}

static void finish(void *task, struct bench_outcome *outcome)
{
	struct ground *g = task;
	const struct topology *t = g->topology;
	uint64_t hash = bench_hash(bench_hash(0, t->n_gateways), t->n_pnes);

	for (uint32_t i = 0; i < t->n_pnes; i++) {
		const struct topology_pne *pne = &t->pnes[i];
		uint64_t traits = (uint64_t)pne->user << 2 | (uint64_t)pne->ui << 1 | (uint64_t)pne->secure;

		hash = bench_hash(bench_hash(bench_hash_octets(hash, pne->id.at, pne->id.n), pne->number), traits);
	}
	outcome->hash = hash;
	outcome->work = g->csv != NULL ? g->lines : t->n_pnes;
	topology_free(g->topology);
	if (g->csv != NULL)
		g_string_free(g->csv, TRUE);
	g_free(g);
}

void bench_add_topology(GArray *suite)
{
	const struct bench benches[] = {
	    {"topology.generate", "ns", "a PNE of a topology is drawn, and a fifth of its PN GW", NULL, PNES, FEW,
	     NULL, set_up_shape, generate, finish},
	    {"topology.csv", "lines/s", "a topology is read from CSV", NULL, LINES, FEW, NULL, set_up_file, parse,
	     finish},
	};

	g_array_append_vals(suite, benches, G_N_ELEMENTS(benches));
}
