#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

#include "models/cli/bench.h"
#include "models/cli/calibrate.h"
#include "sim/study/build_info.h"
#include "sim/study/put.h"

static void put_lines(JsonBuilder *b, const char *const *lines)
{
	for (; lines != NULL && *lines != NULL; lines++)
		json_builder_add_string_value(b, *lines);
}

static void put_work(JsonBuilder *b, const struct bench_outcome *outcome)
{
	char hash[17];

	g_snprintf(hash, sizeof hash, "%016" G_GINT64_MODIFIER "x", outcome->hash);
	put_count(b, "work", (int64_t)outcome->work);
	put_text(b, "hash", hash);
}

/* With what it was measured. */
static void put_provenance(JsonBuilder *b, const struct sim_model *model)
{
	struct sim_build_info build = sim_build_info();
	struct calibrate_machine machine = calibrate_machine_of(".");
	g_auto(GStrv) own = sim_build_libraries();
	g_autofree char *name = g_strdup_printf("%s, %u cores, %s", machine.cpu, machine.cores, machine.kernel);

	put_text(b, "commit", build.commit);
	put_flag(b, "dirty", build.dirty);
	put_text(b, "build-type", build.build_type);
	put_text(b, "compiler", build.compiler);
	put_text(b, "event-queue", build.event_queue);
	put_text(b, "machine", name);
	json_builder_set_member_name(b, "libraries");
	json_builder_begin_array(b);
	put_lines(b, (const char *const *)own);
	put_lines(b, model->libraries != NULL ? model->libraries() : NULL);
	json_builder_end_array(b);
	calibrate_machine_clear(&machine);
}

/* As one line, at once: who waits for it sees each figure when it is there. */
static void print(JsonBuilder *b)
{
	g_autoptr(JsonNode) node = json_builder_get_root(b);
	g_autofree char *line = json_to_string(node, FALSE);

	puts(line);
	fflush(stdout);
}

void bench_print_figure(const struct bench *bench, const struct bench_figure *figure,
			const struct bench_outcome *outcome, gint64 seed, const struct sim_model *model)
{
	g_autoptr(JsonBuilder) b = json_builder_new();
	struct calibrate_spread spread = calibrate_spread_of(figure->values, figure->n);
	const char *name = figure->suffix != NULL ? bench_name(bench->name, figure->suffix) : bench->name;

	json_builder_begin_object(b);
	put_text(b, "name", name);
	put_number(b, "value", spread.median);
	put_text(b, "unit", figure->unit);
	put_count(b, "n", figure->n);
	put_number(b, "min", spread.min);
	put_number(b, "max", spread.max);
	if (figure->walls != NULL)
		put_number(b, "wall", calibrate_spread_of(figure->walls, figure->n).median);
	put_work(b, outcome);
	put_count(b, "seed", seed);
	put_provenance(b, model);
	json_builder_end_object(b);
	print(b);
}

void bench_print_outcome(const struct bench *bench, const struct bench_outcome *outcome)
{
	g_autoptr(JsonBuilder) b = json_builder_new();

	json_builder_begin_object(b);
	put_text(b, "name", bench->name);
	put_work(b, outcome);
	json_builder_end_object(b);
	print(b);
}

void bench_print_ratio(const struct bench *bench, const struct bench_ratio *r, gint64 seed,
		       const struct sim_model *model)
{
	g_autoptr(JsonBuilder) b = json_builder_new();
	g_autofree char *name = g_strdup_printf("%s.%s-ratio", bench->name, r->measure);

	json_builder_begin_object(b);
	put_text(b, "name", name);
	put_number(b, "value", r->ratio.ratio);
	put_text(b, "unit", "1");
	put_count(b, "n", r->n);
	put_number(b, "low", r->ratio.low);
	put_number(b, "high", r->ratio.high);
	put_number(b, "noise", r->noise);
	put_text(b, "verdict", r->verdict);
	put_text(b, "against", r->against);
	put_flag(b, "same-result", r->same_result);
	put_count(b, "seed", seed);
	put_provenance(b, model);
	json_builder_end_object(b);
	print(b);
}

void bench_print_list(const GArray *suite)
{
	int widths[2] = {0, 0};

	for (guint i = 0; i < suite->len; i++) {
		const struct bench *bench = &g_array_index(suite, struct bench, i);

		widths[0] = MAX(widths[0], (int)strlen(bench->name));
		widths[1] = MAX(widths[1], (int)strlen(bench->unit));
	}
	for (guint i = 0; i < suite->len; i++) {
		const struct bench *bench = &g_array_index(suite, struct bench, i);

		printf("%-*s  %-*s  %s\n", widths[0], bench->name, widths[1], bench->unit, bench->what);
	}
}
