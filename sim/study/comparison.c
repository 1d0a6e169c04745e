#include "sim/study/comparison.h"

#include <string.h>

#include "sim/study/cells.h"
#include "sim/study/twins.h"

/* ---- what may be compared ---- */

static bool refuse(const struct sim_scenario *a, const struct sim_scenario *b, GError **error, const char *format,
		   ...) G_GNUC_PRINTF(4, 5);

static bool refuse(const struct sim_scenario *a, const struct sim_scenario *b, GError **error, const char *format,
		   ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *reason = g_strdup_vprintf(format, arguments);

	va_end(arguments);
	g_set_error(error, SIM_SCENARIO_ERROR, 0, "%s: configs %s and %s cannot be compared: %s",
		    sim_scenario_path(a), sim_scenario_config(a), sim_scenario_config(b), reason);
	return false;
}

/* The scenario's iteration of that name, or -1. */
static int find_iteration(const struct sim_scenario *scenario, const char *name)
{
	for (guint i = 0; i < sim_scenario_iterations(scenario); i++)
		if (strcmp(sim_scenario_iteration(scenario, i), name) == 0)
			return (int)i;
	return -1;
}

/* Has b every iteration of a? */
static bool covers(const struct sim_scenario *a, const struct sim_scenario *b, GError **error)
{
	for (guint i = 0; i < sim_scenario_iterations(a); i++) {
		const char *name = sim_scenario_iteration(a, i);

		if (find_iteration(b, name) < 0)
			return refuse(
			    a, b, error,
			    "%s has %s%s, and %s has not: write the same iteration variables in both, or in "
			    "[General]",
			    sim_scenario_config(a), *name != '\0' ? "the iteration " : "a single iteration", name,
			    sim_scenario_config(b));
	}
	return true;
}

/* The parameter's text, "" where the program has no such parameter. */
static const char *text_of(const struct sim_scenario *scenario, guint iteration, const char *name)
{
	if (sim_table_find(sim_scenario_table(scenario), name) < 0)
		return "";
	return sim_value(sim_scenario_values(scenario, iteration), name)->text;
}

static bool check_iteration(const struct sim_scenario *a, guint i, const struct sim_scenario *b, guint k,
			    GError **error)
{
	static const struct {
		const char *name, *why;
	} rows[] = {
	    {"study", "a window of something endless and a run with an end are different things"},
	    {"seed", "pairs are runs with the same random numbers"},
	    {"repeat", "each replication of one needs its pair"},
	    {"precision", "both go on together until both have reached it"},
	    {"precision.max-replications", "both go on together"},
	};

	for (size_t r = 0; r < G_N_ELEMENTS(rows); r++) {
		const char *x = text_of(a, i, rows[r].name), *y = text_of(b, k, rows[r].name);

		if (strcmp(x, y) != 0)
			return refuse(a, b, error,
				      "%s is %s in the one and %s in the other, but %s: write it in [General], or "
				      "--set it",
				      rows[r].name, x, y, rows[r].why);
	}
	return true;
}

static void warn_of_windows(const struct sim_scenario *a, const struct sim_scenario *b, GPtrArray *warnings)
{
	static const char *const names[] = {"warmup", "sim-time-limit"};

	for (size_t r = 0; r < G_N_ELEMENTS(names); r++)
		for (guint i = 0; i < sim_scenario_iterations(a); i++) {
			guint k = (guint)find_iteration(b, sim_scenario_iteration(a, i));
			const char *x = text_of(a, i, names[r]), *y = text_of(b, k, names[r]);

			if (strcmp(x, y) == 0)
				continue;
			g_ptr_array_add(warnings,
					g_strdup_printf("%s is %s in config %s and %s in config %s: totals are of "
							"windows that differ",
							names[r], x, sim_scenario_config(a), y,
							sim_scenario_config(b)));
			break;
		}
}

bool sim_comparison_check(const GPtrArray *scenarios, GPtrArray *warnings, GError **error)
{
	const struct sim_scenario *a = g_ptr_array_index(scenarios, 0);

	for (guint s = 1; s < scenarios->len; s++) {
		const struct sim_scenario *b = g_ptr_array_index(scenarios, s);

		if (!covers(a, b, error) || !covers(b, a, error))
			return false;
		for (guint i = 0; i < sim_scenario_iterations(a); i++)
			if (!check_iteration(a, i, b, (guint)find_iteration(b, sim_scenario_iteration(a, i)), error))
				return false;
		warn_of_windows(a, b, warnings);
	}
	return true;
}

/* ---- pairs ---- */

GArray *sim_comparison_couples(const struct sim_campaign *campaign)
{
	GArray *couples = g_array_new(FALSE, FALSE, sizeof(struct sim_couple));
	const char *baseline = sim_cell_config(g_ptr_array_index(campaign->cells, 0));

	for (guint i = 0; i < campaign->cells->len; i++) {
		const struct sim_cell *cell = g_ptr_array_index(campaign->cells, i);
		struct sim_couple couple = {sim_campaign_find(campaign, baseline, sim_cell_iteration(cell)), cell};

		if (strcmp(sim_cell_config(cell), baseline) != 0)
			g_array_append_val(couples, couple);
	}
	return couples;
}

static const struct sim_job *find_job(const struct sim_cell *cell, guint replication)
{
	for (guint i = 0; i < cell->jobs->len; i++) {
		const struct sim_job *job = g_ptr_array_index(cell->jobs, i);

		if (job->replication == replication)
			return job;
	}
	return NULL;
}

/* Two runs with the same luck. */
struct twosome {
	const struct sim_job *a, *b;
};

/* By replication; g_array_unref. */
static GArray *find_twosomes(const struct sim_couple *couple)
{
	GArray *twosomes = g_array_new(FALSE, FALSE, sizeof(struct twosome));

	for (guint i = 0; i < couple->a->jobs->len; i++) {
		const struct sim_job *a = g_ptr_array_index(couple->a->jobs, i);
		struct twosome two = {a, find_job(couple->b, a->replication)};

		if (a->state == SIM_JOB_FINISHED && two.b != NULL && two.b->state == SIM_JOB_FINISHED)
			g_array_append_val(twosomes, two);
	}
	return twosomes;
}

static bool are_deterministic(const struct sim_couple *couple)
{
	return sim_cell_is_deterministic(couple->a) && sim_cell_is_deterministic(couple->b);
}

/* A statistic that both runs have. */
struct match {
	const struct sim_row *a, *b;
};

/* The rows of both are sorted. */
static void match_rows(GArray *matches, const struct twosome *two)
{
	const GArray *x = two->a->record.rows, *y = two->b->record.rows;

	for (guint i = 0, k = 0; i < x->len && k < y->len;) {
		struct match m = {&g_array_index(x, struct sim_row, i), &g_array_index(y, struct sim_row, k)};
		int c = sim_row_compare(m.a, m.b);

		if (c == 0)
			g_array_append_val(matches, m);
		i += c <= 0;
		k += c >= 0;
	}
}

static int by_key(gconstpointer a, gconstpointer b)
{
	return sim_row_compare(((const struct match *)a)->a, ((const struct match *)b)->a);
}

static void add_row(GArray *out, const struct sim_couple *couple, const GArray *matches, guint from, guint to,
		    bool deterministic)
{
	const struct sim_row *row = g_array_index(matches, struct match, from).a;
	g_autofree double *a = g_new(double, to - from), *b = g_new(double, to - from);

	for (guint i = from; i < to; i++) {
		a[i - from] = g_array_index(matches, struct match, i).a->value;
		b[i - from] = g_array_index(matches, struct match, i).b->value;
	}
	struct sim_difference difference = {*couple,
					    row->module,
					    row->flow,
					    row->metric,
					    row->statistic,
					    row->unit,
					    sim_pair(a, b, to - from, deterministic)};

	g_array_append_val(out, difference);
}

static void compare_couple(GArray *out, const struct sim_couple *couple)
{
	g_autoptr(GArray) twosomes = find_twosomes(couple);
	g_autoptr(GArray) matches = g_array_new(FALSE, FALSE, sizeof(struct match));
	bool deterministic = are_deterministic(couple);

	for (guint i = 0; i < twosomes->len; i++)
		match_rows(matches, &g_array_index(twosomes, struct twosome, i));
	g_array_sort(matches, by_key); /* stable: replications stay in order */
	for (guint from = 0, to; from < matches->len; from = to) {
		for (to = from + 1; to < matches->len && by_key(&g_array_index(matches, struct match, from),
								&g_array_index(matches, struct match, to)) == 0;
		     to++)
			;
		add_row(out, couple, matches, from, to, deterministic);
	}
}

GArray *sim_comparison_rows(const struct sim_campaign *campaign)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(struct sim_difference));
	g_autoptr(GArray) couples = sim_comparison_couples(campaign);

	for (guint i = 0; i < couples->len; i++)
		compare_couple(out, &g_array_index(couples, struct sim_couple, i));
	return out;
}

static bool value_of(const struct sim_job *job, const struct sim_comparison_line *line, double *value)
{
	const struct sim_row key = {
	    line->metric.module, line->metric.flow, line->metric.name, line->statistic, "", 0};
	const struct sim_row *row = sim_record_find(&job->record, &key);

	if (row == NULL)
		return false;
	*value = row->value;
	if (line->per == NULL)
		return true;
	const struct sim_row per = {line->per->module, line->per->flow, line->per->name, "total", "", 0};

	row = sim_record_find(&job->record, &per);
	if (row == NULL || row->value == 0)
		return false;
	*value /= row->value;
	return true;
}

bool sim_comparison_pair(const struct sim_couple *couple, const struct sim_comparison_line *line,
			 struct sim_paired *paired)
{
	g_autoptr(GArray) twosomes = find_twosomes(couple);
	g_autofree double *a = g_new(double, twosomes->len + 1), *b = g_new(double, twosomes->len + 1);
	size_t n = 0;

	for (guint i = 0; i < twosomes->len; i++) {
		const struct twosome *two = &g_array_index(twosomes, struct twosome, i);

		n += value_of(two->a, line, &a[n]) && value_of(two->b, line, &b[n]);
	}
	if (n > 0)
		*paired = sim_pair(a, b, n, are_deterministic(couple));
	return n > 0;
}

/* ---- what is missing ---- */

static bool has_finished(const struct sim_job *job)
{
	return job != NULL && job->state == SIM_JOB_FINISHED;
}

/* "3 (A), 7 (both)": where they have not finished. */
static char *list_missing(const struct sim_couple *couple, guint *n)
{
	g_autoptr(GString) list = g_string_new(NULL);
	guint most = 0;

	for (guint i = 0; i < couple->a->jobs->len; i++)
		most = MAX(most, ((const struct sim_job *)g_ptr_array_index(couple->a->jobs, i))->replication + 1);
	for (guint i = 0; i < couple->b->jobs->len; i++)
		most = MAX(most, ((const struct sim_job *)g_ptr_array_index(couple->b->jobs, i))->replication + 1);
	for (guint r = 0; r < most; r++) {
		const struct sim_job *a = find_job(couple->a, r), *b = find_job(couple->b, r);

		if ((a == NULL && b == NULL) || (has_finished(a) && has_finished(b)))
			continue;
		++*n;
		g_string_append_printf(list, "%s%u (%s)", list->len > 0 ? ", " : "", r,
				       has_finished(a)   ? sim_cell_config(couple->b)
				       : has_finished(b) ? sim_cell_config(couple->a)
							 : "both");
	}
	return g_string_free(g_steal_pointer(&list), FALSE);
}

void sim_comparison_left_out(const struct sim_campaign *campaign, GPtrArray *warnings)
{
	g_autoptr(GArray) couples = sim_comparison_couples(campaign);

	for (guint i = 0; i < couples->len; i++) {
		const struct sim_couple *couple = &g_array_index(couples, struct sim_couple, i);
		const char *iteration = sim_cell_iteration(couple->a);
		guint n = 0;
		g_autofree char *list = list_missing(couple, &n);

		if (n > 0)
			g_ptr_array_add(
			    warnings,
			    g_strdup_printf("%s and %s%s%s: %u replication%s left out of the pairs, for want of a "
					    "finished run: %s",
					    sim_cell_config(couple->a), sim_cell_config(couple->b),
					    *iteration != '\0' ? ", " : "", iteration, n, n == 1 ? " is" : "s are",
					    list));
	}
}

/* ---- the file ---- */

GString *sim_comparison_csv(const GArray *rows)
{
	GString *out = g_string_new("a,b,iteration,module,flow,metric,statistic,difference,low,high,ratio,ratio_low,"
				    "ratio_high,correlation,variance_ratio,n,method,unit,verdict\n");

	for (guint i = 0; i < rows->len; i++) {
		const struct sim_difference *row = &g_array_index(rows, struct sim_difference, i);
		const struct sim_paired *p = &row->paired;

		sim_cells_text(out, sim_cell_config(row->couple.a));
		sim_cells_text(out, sim_cell_config(row->couple.b));
		sim_cells_text(out, sim_cell_iteration(row->couple.a));
		sim_cells_text(out, row->module);
		sim_cells_text(out, row->flow);
		sim_cells_text(out, row->metric);
		sim_cells_text(out, row->statistic);
		sim_cells_number(out, p->difference);
		sim_cells_number(out, p->low);
		sim_cells_number(out, p->high);
		sim_cells_number(out, p->ratio);
		sim_cells_number(out, p->ratio_low);
		sim_cells_number(out, p->ratio_high);
		sim_cells_number(out, p->correlation);
		sim_cells_number(out, p->variance_ratio);
		sim_cells_count(out, p->n);
		sim_cells_text(out, p->method);
		sim_cells_text(out, row->unit);
		sim_cells_last(out, p->verdict);
		g_string_append_c(out, '\n');
	}
	return out;
}
