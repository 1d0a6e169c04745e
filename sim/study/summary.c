#include "sim/study/summary.h"

#include <string.h>

#include "sim/study/twins.h"

static int by_key(gconstpointer a, gconstpointer b)
{
	return sim_row_compare(*(const struct sim_row *const *)a, *(const struct sim_row *const *)b);
}

static void add_row(GArray *out, guint cell, const GPtrArray *rows, guint from, guint to, bool deterministic)
{
	const struct sim_row *row = g_ptr_array_index(rows, from);
	g_autofree double *values = g_new(double, to - from);
	struct sim_summary_row result = {cell, row->module, row->flow, row->metric, row->statistic, row->unit, {0}};

	for (guint i = from; i < to; i++)
		values[i - from] = ((const struct sim_row *)g_ptr_array_index(rows, i))->value;
	result.estimate = sim_estimate_mean(values, to - from, deterministic);
	g_array_append_val(out, result);
}

static void summarise_cell(GArray *out, const struct sim_cell *cell)
{
	g_autoptr(GPtrArray) jobs = sim_cell_finished(cell), rows = g_ptr_array_new();
	bool deterministic = sim_cell_is_deterministic(cell);

	for (guint i = 0; i < jobs->len; i++) {
		const struct sim_job *job = g_ptr_array_index(jobs, i);

		for (guint k = 0; k < job->record.rows->len; k++)
			g_ptr_array_add(rows, &g_array_index(job->record.rows, struct sim_row, k));
	}
	g_ptr_array_sort(rows, by_key);
	for (guint from = 0, to; from < rows->len; from = to) {
		for (to = from + 1; to < rows->len && by_key(&rows->pdata[from], &rows->pdata[to]) == 0; to++)
			;
		add_row(out, cell->number, rows, from, to, deterministic);
	}
}

GArray *sim_summarise(const struct sim_campaign *campaign)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(struct sim_summary_row));

	for (guint i = 0; i < campaign->cells->len; i++)
		summarise_cell(out, g_ptr_array_index(campaign->cells, i));
	return out;
}

const struct sim_summary_row *sim_summary_find(const GArray *summary, guint cell, const struct sim_metric *metric,
					       const char *statistic)
{
	struct sim_row key = {metric->module, metric->flow, metric->name, statistic, "", 0};
	guint low = 0, high = summary->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		const struct sim_summary_row *row = &g_array_index(summary, struct sim_summary_row, middle);
		struct sim_row other = {row->module, row->flow, row->metric, row->statistic, "", 0};
		int c = (row->cell > cell) - (row->cell < cell);

		c = c != 0 ? c : sim_row_compare(&other, &key);
		if (c == 0)
			return row;
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const struct sim_row *find_total(const struct sim_job *job, const struct sim_metric *metric)
{
	const struct sim_row key = {metric->module, metric->flow, metric->name, "total", "", 0};

	return sim_record_find(&job->record, &key);
}

bool sim_summary_ratio(const struct sim_cell *cell, const struct sim_metric *numerator,
		       const struct sim_metric *denominator, struct sim_estimate *estimate)
{
	g_autoptr(GPtrArray) jobs = sim_cell_finished(cell);
	g_autofree double *values = g_new(double, jobs->len + 1);
	size_t n = 0;

	for (guint i = 0; i < jobs->len; i++) {
		const struct sim_row *above = find_total(g_ptr_array_index(jobs, i), numerator);
		const struct sim_row *below = find_total(g_ptr_array_index(jobs, i), denominator);

		if (above != NULL && below != NULL && below->value != 0)
			values[n++] = above->value / below->value;
	}
	if (n > 0)
		*estimate = sim_estimate_mean(values, n, sim_cell_is_deterministic(cell));
	return n > 0;
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *sim_summary_flows(const GArray *summary, guint cell)
{
	GPtrArray *flows = g_ptr_array_new();

	for (guint i = 0; i < summary->len; i++) {
		const struct sim_summary_row *row = &g_array_index(summary, struct sim_summary_row, i);

		if (row->cell == cell && strcmp(row->flow, "all") != 0 && !g_ptr_array_find(flows, row->flow, NULL))
			g_ptr_array_add(flows, (gpointer)(uintptr_t)row->flow);
	}
	g_ptr_array_sort(flows, by_name);
	g_ptr_array_insert(flows, 0, (gpointer)(uintptr_t)g_intern_static_string("all"));
	return flows;
}
