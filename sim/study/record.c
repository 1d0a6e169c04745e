#include "sim/study/record.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/kernel/sort.h"

int sim_row_compare(const void *a, const void *b)
{
	const struct sim_row *x = a, *y = b;
	int c = strcmp(x->module, y->module);

	c = c != 0 ? c : strcmp(x->flow, y->flow);
	c = c != 0 ? c : strcmp(x->metric, y->metric);
	return c != 0 ? c : strcmp(x->statistic, y->statistic);
}

const struct sim_row *sim_record_find(const struct sim_record *record, const struct sim_row *key)
{
	return bsearch(key, record->rows->data, record->rows->len, sizeof(struct sim_row), sim_row_compare);
}

void sim_record_init(struct sim_record *record)
{
	*record = (struct sim_record){
	    .rows = g_array_new(FALSE, FALSE, sizeof(struct sim_row)),
	    .quantiles = g_array_new(FALSE, FALSE, sizeof(struct sim_point)),
	    .series = g_array_new(FALSE, FALSE, sizeof(struct sim_point)),
	    .cuts = g_array_new(FALSE, FALSE, sizeof(struct sim_cut)),
	    .notes = g_ptr_array_new(),
	    .ended = "",
	};
}

void sim_record_clear(struct sim_record *record)
{
	g_clear_pointer(&record->rows, g_array_unref);
	g_clear_pointer(&record->quantiles, g_array_unref);
	g_clear_pointer(&record->series, g_array_unref);
	g_clear_pointer(&record->cuts, g_array_unref);
	if (record->notes != NULL)
		g_ptr_array_unref(record->notes);
	*record = (struct sim_record){0};
}

static void add(struct sim_record *record, struct sim_metric metric, const char *statistic, const char *unit,
		double value)
{
	struct sim_row row = {metric.module, metric.flow, metric.name, statistic, unit, value};

	g_array_append_val(record->rows, row);
}

void sim_record_counter(struct sim_record *record, struct sim_metric metric, uint64_t total, const char *unit)
{
	add(record, metric, "total", unit, (double)total);
}

void sim_record_total_time(struct sim_record *record, struct sim_metric metric, uint64_t total_ns)
{
	add(record, metric, "total", "s", (double)total_ns / 1e9);
}

void sim_record_total(struct sim_record *record, struct sim_metric metric, unsigned __int128 total, double per,
		      const char *unit)
{
	add(record, metric, "total", unit, (double)total / per);
}

void sim_record_note(struct sim_record *record, const char *line)
{
	g_ptr_array_add(record->notes, (gpointer)(guintptr)g_intern_string(line));
}

void sim_record_share(struct sim_record *record, struct sim_metric metric, double numerator, double denominator,
		      const char *unit)
{
	if (denominator > 0)
		add(record, metric, "mean", unit, numerator / denominator);
}

void sim_record_weighted(struct sim_record *record, struct sim_metric metric, unsigned __int128 integral,
			 sim_time window, double scale, uint64_t max, const char *unit)
{
	if (window <= 0)
		return;
	add(record, metric, "mean", unit, (double)integral / (double)window * scale);
	add(record, metric, "max", unit, (double)max * scale);
}

/* The ceil(q n)-th smallest, q = permille / 1000. */
static sim_time quantile(const sim_time *sorted, size_t n, unsigned permille)
{
	size_t rank = (n * permille + 999) / 1000;

	return sorted[rank - 1];
}

/* The squares' sum is a floating-point number, but one of sorted values: the same in whatever order they came. */
static double deviation(const sim_time *sorted, size_t n, double mean)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double d = (double)sorted[i] - mean;

		sum += d * d;
	}
	return sqrt(sum / (double)(n - 1));
}

/* A tally of integers, of which `per` make a `unit`. */
static void tally(struct sim_record *record, struct sim_metric metric, int64_t *values, size_t n, double per,
		  const char *unit)
{
	static const struct {
		const char *name;
		unsigned permille;
		size_t least;
	} quantiles[] = {{"p50", 500, 1}, {"p90", 900, 10}, {"p99", 990, 100}, {"p999", 999, 1000}};
	__int128 sum = 0;

	if (n == 0)
		return;
	add(record, metric, "count", "1", (double)n);
	sim_sort_times(values, n);
	for (size_t i = 0; i < n; i++)
		sum += values[i];
	double mean = (double)sum / (double)n;

	add(record, metric, "mean", unit, mean / per);
	add(record, metric, "min", unit, (double)values[0] / per);
	add(record, metric, "max", unit, (double)values[n - 1] / per);
	if (n >= 2)
		add(record, metric, "sd", unit, deviation(values, n, mean) / per);
	for (size_t i = 0; i < G_N_ELEMENTS(quantiles); i++)
		if (n >= quantiles[i].least)
			add(record, metric, quantiles[i].name, unit,
			    (double)quantile(values, n, quantiles[i].permille) / per);
}

void sim_record_tally(struct sim_record *record, struct sim_metric metric, sim_time *values, size_t n)
{
	tally(record, metric, values, n, 1e9, "s");
}

void sim_record_tally_of(struct sim_record *record, struct sim_metric metric, int64_t *values, size_t n,
			 const char *unit)
{
	tally(record, metric, values, n, 1, unit);
}

void sim_record_quantiles(struct sim_record *record, struct sim_metric metric, sim_time *values, size_t n)
{
	static const unsigned shares[] = {10,  50,  100, 150, 200, 250, 300, 350, 400, 450, 500, 550,
					  600, 650, 700, 750, 800, 850, 900, 950, 990, 995, 999};

	sim_sort_times(values, n);
	for (size_t i = 0; i < G_N_ELEMENTS(shares); i++) {
		unsigned rarer = MIN(shares[i], 1000 - shares[i]);

		if (n == 0 || (shares[i] != 500 && n * rarer < 1000))
			continue;
		struct sim_point point = {metric.module,
					  metric.flow,
					  metric.name,
					  "",
					  "s",
					  shares[i] / 1e3,
					  (double)quantile(values, n, shares[i]) / 1e9};

		g_array_append_val(record->quantiles, point);
	}
}

void sim_record_point(struct sim_record *record, struct sim_metric metric, const char *statistic, const char *unit,
		      sim_time time, double value)
{
	struct sim_point point = {metric.module, metric.flow,        metric.name, statistic,
				  unit,          (double)time / 1e9, value};

	g_array_append_val(record->series, point);
}
