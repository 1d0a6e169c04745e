/* Whole runs of each flow, from the values of a scenario to the record of a replication, as `run` does them: with the
 * cryptography itself, and with its stand-in. */
#include <string.h>

#include "models/bench/bench.h"
#include "models/bench/scenario.h"
#include "models/deployment/model.h"

enum {
	MANY = 10000, /* devices */
	FEW = 20,
};

struct flow_kind {
	const char *flow, *mode, *what;
};

static const struct flow_kind kinds[] = {
    {"pne-ui", "real", "6.3.1, with the cryptography itself"},
    {"pne-ui", "counted", "6.3.1, with its stand-in"},
    {"pne-secure-pan", "real", "6.3.2.1, with the cryptography itself"},
    {"pne-secure-pan", "counted", "6.3.2.1, with its stand-in"},
    {"pne-insecure-pan", "real", "6.3.2.2, with the cryptography itself"},
    {"pne-insecure-pan", "counted", "6.3.2.2, with its stand-in"},
    {"gateway", "real", "6.3.3, with the cryptography itself"},
    {"gateway", "counted", "6.3.3, with its stand-in"},
};

struct flow {
	struct sim_scenario *scenario;
	void *prepared;
	struct sim_run run;
	struct sim_record record;
};

static void *set_up(const struct bench *bench, uint64_t size, uint64_t seed)
{
	const struct flow_kind *kind = bench->variant;
	struct flow *f = g_new0(struct flow, 1);
	bool gateways = strcmp(kind->flow, "gateway") == 0;
	g_autoptr(GError) error = NULL;

	f->scenario = bench_scenario(gateways ? size : size / BENCH_PNES_PER_GATEWAY, kind->flow, kind->mode);
	f->prepared = cpns_model.prepare(sim_scenario_values(f->scenario, 0), &error);
	if (f->prepared == NULL)
		g_error("%s", error->message);
	f->run.random = sim_random_of(seed, 0);
	sim_record_init(&f->record);
	return f;
}

static void work(void *task)
{
	struct flow *f = task;
	g_autoptr(GError) error = NULL;

	if (!cpns_model.run(f->prepared, &f->run, &f->record, &error))
		g_error("%s", error->message);
}

static double total(const struct sim_record *record, const char *metric)
{
	for (guint i = 0; i < record->rows->len; i++) {
		const struct sim_row *row = &g_array_index(record->rows, struct sim_row, i);

		if (strcmp(row->module, "all") == 0 && strcmp(row->flow, "all") == 0 &&
		    strcmp(row->metric, metric) == 0 && strcmp(row->statistic, "total") == 0)
			return row->value;
	}
	g_error("no total of %s", metric);
}

static void finish(void *task, struct bench_outcome *outcome)
{
	struct flow *f = task;
	double assignments = total(&f->record, "assignment.completed"),
	       started = total(&f->record, "assignment.started"),
	       messages = total(&f->record, "pan.messages") + total(&f->record, "wan.messages");

	outcome->work = (uint64_t)assignments;
	outcome->hash = bench_hash_fingerprint((uint64_t)assignments, &f->record.fingerprint);
	outcome->things = (uint64_t)started;
	bench_tell(outcome, "messages", "messages/assignment", messages / assignments);
	bench_tell(outcome, "events", "events/assignment", (double)f->record.events / assignments);
	sim_record_clear(&f->record);
	cpns_model.release(f->prepared);
	sim_scenario_free(f->scenario);
	g_free(f);
}

void bench_add_flows(GArray *suite)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		const struct bench bench = {
		    .name = bench_name(bench_name("flow", kinds[i].flow), kinds[i].mode),
		    .unit = "assignments/s",
		    .what = kinds[i].what,
		    .thing = "device",
		    .size = MANY,
		    .tiny = FEW,
		    .variant = &kinds[i],
		    .set_up = set_up,
		    .work = work,
		    .finish = finish,
		};

		g_array_append_val(suite, bench);
	}
}
