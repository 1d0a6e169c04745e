#include <string.h>
#include <sys/resource.h>

#include "models/cli/run.h"
#include "models/cli/table.h"

/* The text of a parameter, if the model has it and the first iteration sets it. */
static const char *text_of(const struct sim_scenario *scenario, const char *name)
{
	if (sim_table_find(sim_scenario_table(scenario), name) < 0)
		return NULL;
	const struct sim_value *value = sim_value(sim_scenario_values(scenario, 0), name);

	return value->set ? value->text : NULL;
}

static void print_head(const struct sim_campaign *c)
{
	const struct sim_scenario *s = sim_campaign_scenario(c);
	const char *warmup = text_of(s, "warmup"), *limit = text_of(s, "sim-time-limit");
	guint finished = sim_campaign_count(c, SIM_JOB_FINISHED), iterations = c->cells->len;
	bool steady = strcmp(text_of(s, "study"), "steady-state") == 0;

	printf("%s, config %s: %s study, ", sim_scenario_stem(s), sim_scenario_config(s), text_of(s, "study"));
	if (iterations > 1)
		printf("%u iterations, %u runs", iterations, finished);
	else
		printf("n = %u replication%s", finished, finished == 1 ? "" : "s");
	printf(", seed %s, window ", text_of(s, "seed"));
	if (steady)
		printf("from %s to %s\n", warmup != NULL ? warmup : "0s", limit != NULL ? limit : "the end");
	else if (limit != NULL)
		printf("from the first arrival to the last end, %s at the most\n", limit);
	else
		printf("from the first arrival to the last end\n");
}

static void print_notes(const struct sim_campaign *c, const GArray *summary)
{
	guint few = 0, deterministic = 0;

	for (guint i = 0; i < summary->len; i++) {
		const char *verdict = g_array_index(summary, struct sim_summary_row, i).estimate.verdict;

		few += strcmp(verdict, "n too small") == 0;
		deterministic += strcmp(verdict, "deterministic") == 0;
	}
	if (deterministic > 0)
		printf("Deterministic: %sthe replications do not differ, so no interval has a width.\n",
		       deterministic == summary->len ? "" : "in some iterations ");
	if (sim_scenario_repeat(sim_campaign_scenario(c)) == 1)
		printf("No interval: n = 1.\n");
	else if (deterministic < summary->len)
		printf("Values are means over replications, ± the half-width of their 95 %% interval (Student t).\n");
	if (few > 0 && sim_scenario_repeat(sim_campaign_scenario(c)) > 1)
		printf("Some values have fewer than %d replications: n too small to rely on their intervals.\n",
		       SIM_ENOUGH_REPLICATIONS);
	if (c->cells->len > 1)
		printf("All flows together; summary.csv has each.\n");
}

void run_report_model_notes(const struct sim_campaign *c, bool of_runs)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; c->model->notes != NULL && i < c->cells->len; i++) {
		g_auto(GStrv) notes = c->model->notes(sim_cell_values(g_ptr_array_index(c->cells, i)));

		for (guint k = 0; notes[k] != NULL; k++)
			if (g_hash_table_add(seen, g_strdup(notes[k])))
				printf("%s\n", notes[k]);
	}
	for (guint i = 0; of_runs && i < c->jobs->len; i++) {
		const struct sim_job *job = g_ptr_array_index(c->jobs, i);

		for (guint k = 0; job->state == SIM_JOB_FINISHED && k < job->record.notes->len; k++)
			if (g_hash_table_add(seen, g_strdup(job->record.notes->pdata[k])))
				printf("%s\n", (const char *)job->record.notes->pdata[k]);
	}
}

/* Why the runs ended: "nothing left to do (9), sim-time-limit (1)". */
static void print_ends(const struct sim_campaign *c)
{
	g_autoptr(GPtrArray) reasons = g_ptr_array_new(); /* interned: equal texts are the same */
	g_autoptr(GArray) counts = g_array_new(FALSE, TRUE, sizeof(guint));

	for (guint i = 0; i < c->jobs->len; i++) {
		const struct sim_job *job = g_ptr_array_index(c->jobs, i);
		guint at;

		if (job->state != SIM_JOB_FINISHED)
			continue;
		if (!g_ptr_array_find(reasons, job->record.ended, &at)) {
			at = reasons->len;
			g_ptr_array_add(reasons, (gpointer)(uintptr_t)job->record.ended);
			g_array_set_size(counts, at + 1);
		}
		g_array_index(counts, guint, at)++;
	}
	for (guint i = 0; i < reasons->len; i++)
		printf("%s%s (%u)", i == 0 ? "Runs ended by: " : ", ", (const char *)g_ptr_array_index(reasons, i),
		       g_array_index(counts, guint, i));
	if (reasons->len > 0)
		putchar('\n');
}

static void print_costs(const struct sim_campaign *c, int64_t wall_ns, guint at_once)
{
	double seconds = (double)wall_ns / 1e9;
	char rate[SIM_RATE_SIZE];
	int64_t crypto_ns = 0, run_ns = 0;
	uint64_t events = 0;

	for (guint i = 0; i < c->jobs->len; i++) {
		const struct sim_job *job = g_ptr_array_index(c->jobs, i);

		crypto_ns += job->record.crypto_wall_ns;
		run_ns += job->wall_ns;
		events += job->wall_ns > 0 ? job->record.events : 0; /* not what an earlier life has handled */
	}
	printf("Wall time %.3g s, %u at once, %s", seconds, MIN(at_once, c->jobs->len),
	       sim_progress_rate(rate, events, seconds));
	if (crypto_ns > 0 && run_ns > 0)
		printf("; cryptography took %.1f %% of it", 100 * (double)crypto_ns / (double)run_ns);
	printf(".\n");
}

/* Of the process at its peak, when as many runs as can be were under way: shared among the largest of them. */
static void print_memory(const struct sim_campaign *c, guint at_once)
{
	struct rusage usage = {0};
	uint64_t entities = 0;
	guint runs = MIN(at_once, c->jobs->len);

	for (guint i = 0; i < c->jobs->len; i++)
		entities = MAX(entities, ((const struct sim_job *)g_ptr_array_index(c->jobs, i))->record.entities);
	getrusage(RUSAGE_SELF, &usage);
	double octets = (double)usage.ru_maxrss * 1024;

	if (entities > 0)
		printf("Memory at the peak %.3g MiB, %.4g B for each of %" G_GUINT64_FORMAT " entities%s.\n",
		       octets / (1 << 20), octets / (double)(entities * runs), entities,
		       runs > 1 ? " in as many runs" : "");
}

void run_report_costs(const struct sim_campaign *c, int64_t wall_ns, guint at_once)
{
	print_costs(c, wall_ns, at_once);
	print_memory(c, at_once);
}

void run_report(const struct sim_campaign *c, const GArray *summary, const char *folder, int64_t wall_ns,
		guint at_once)
{
	print_head(c);
	if (summary->len > 0) {
		table_print(stdout, c, summary);
		putchar('\n');
		print_notes(c, summary);
		run_report_model_notes(c, true);
		print_ends(c);
	}
	printf("Results: %s/summary.csv, runs.csv, manifest.json\n", folder);
	run_report_costs(c, wall_ns, at_once);
}
