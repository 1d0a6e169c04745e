#include "sim/study/cases.h"

#include <math.h>
#include <string.h>

static void case_free(gpointer data)
{
	struct archive_case *c = data;

	g_free(c->label);
	g_ptr_array_unref(c->runs);
	g_free(c);
}

static char *case_label(const struct sim_archive *a, const GPtrArray *factors, const char *config,
			const char *iteration)
{
	g_autofree char *others = factors_others(factors, G_MAXUINT, iteration);
	const char *name = *others != '\0' ? others : iteration;

	if (a->configs->len < 2)
		return g_strdup(name);
	return g_strconcat(config, *name != '\0' ? ", " : "", name, NULL);
}

static struct archive_case *case_of(GPtrArray *cases, const struct sim_archive *a, const GPtrArray *factors,
				    const struct sim_archive_run *run)
{
	struct archive_case *c;

	for (guint i = cases->len; i > 0; i--) {
		c = cases->pdata[i - 1];
		if (c->config == run->config && c->iteration == run->iteration) /* interned */
			return c;
	}
	c = g_new0(struct archive_case, 1);
	c->config = run->config;
	c->iteration = run->iteration;
	c->label = case_label(a, factors, run->config, run->iteration);
	c->runs = g_ptr_array_new();
	c->at = run->at;
	g_ptr_array_add(cases, c);
	return c;
}

struct order {
	const GPtrArray *factors;
	guint last; /* of them: the one that counts last */
};

/* By the values of the other variables as they appeared, and then by the number of the last one. */
static int by_value(gconstpointer a, gconstpointer b, gpointer data)
{
	const struct archive_case *x = *(const struct archive_case *const *)a,
				  *y = *(const struct archive_case *const *)b;
	const struct order *order = data;
	const double *numbers = ((const struct factor *)order->factors->pdata[order->last])->numbers;

	for (guint i = 0; i < order->factors->len; i++) {
		guint p = factor_value(order->factors, i, x->iteration);
		guint q = factor_value(order->factors, i, y->iteration);

		if (p != q && i != order->last)
			return p < q ? -1 : 1;
	}
	double p = numbers[factor_value(order->factors, order->last, x->iteration)];
	double q = numbers[factor_value(order->factors, order->last, y->iteration)];

	return (p > q) - (p < q);
}

GPtrArray *cases_find(const struct sim_archive *a, const GPtrArray *factors)
{
	GPtrArray *cases = g_ptr_array_new_with_free_func(case_free);

	for (guint i = 0; i < a->runs->len; i++) {
		struct sim_archive_run *run = &g_array_index(a->runs, struct sim_archive_run, i);

		if (run->finished)
			g_ptr_array_add(case_of(cases, a, factors, run)->runs, run);
	}
	int sought = factors_sought(a, factors);
	struct order order = {factors, (guint)MAX(sought, 0)};

	if (sought >= 0) /* a search tries values in an order that is of no use to a reader */
		g_ptr_array_sort_with_data(cases, by_value, &order);
	return cases;
}

static bool find_total(const struct sim_record *record, const struct sim_metric *metric, double *total)
{
	for (guint i = 0; i < record->rows->len; i++) {
		const struct sim_row *row = &g_array_index(record->rows, struct sim_row, i);

		if (strcmp(row->metric, metric->name) != 0 || strcmp(row->statistic, "total") != 0 ||
		    strcmp(row->module, metric->module) != 0 || strcmp(row->flow, metric->flow) != 0)
			continue;
		*total = row->value;
		return true;
	}
	return false;
}

/* As sim_summary_ratio: over the replications where the divisor is not 0. */
static bool ratio(const struct archive_case *c, const struct sim_metric *numerator,
		  const struct sim_metric *denominator, struct sim_estimate *estimate)
{
	g_autofree double *values = g_new(double, c->runs->len);
	size_t n = 0;

	for (guint i = 0; i < c->runs->len; i++) {
		const struct sim_archive_run *run = c->runs->pdata[i];
		double above, below;

		if (find_total(&run->record, numerator, &above) && find_total(&run->record, denominator, &below) &&
		    below != 0)
			values[n++] = above / below;
	}
	if (n > 0)
		*estimate = sim_estimate_mean(values, n, false);
	return n > 0;
}

bool case_headline(const struct sim_archive *a, const struct archive_case *c, const struct sim_headline *line,
		   const char *flow, struct sim_estimate *estimate, const char **unit)
{
	struct sim_metric metric = {line->module, flow, line->metric};
	struct sim_metric divisor = {"all", flow, line->per};
	const struct sim_archive_estimate *e =
	    sim_archive_estimate(a, c->config, c->iteration, &metric, line->statistic);

	if (e == NULL)
		return false;
	*unit = line->show != NULL ? line->show : e->unit;
	if (line->per != NULL)
		return ratio(c, &metric, &divisor, estimate);
	*estimate = (struct sim_estimate){
	    .mean = e->estimate,
	    .low = e->low,
	    .high = e->high,
	    .n = (size_t)e->n,
	    .interval = !isnan(e->low),
	    .method = e->method,
	    .verdict = e->verdict,
	};
	return true;
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *case_flows(const struct sim_archive *a, const struct archive_case *c)
{
	GPtrArray *flows = g_ptr_array_new();

	for (guint i = 0; i < a->estimates->len; i++) {
		const struct sim_archive_estimate *e = &g_array_index(a->estimates, struct sim_archive_estimate, i);

		if (e->config == c->config && e->iteration == c->iteration && strcmp(e->flow, "all") != 0 &&
		    !g_ptr_array_find(flows, e->flow, NULL))
			g_ptr_array_add(flows, (gpointer)(guintptr)e->flow);
	}
	g_ptr_array_sort(flows, by_name);
	g_ptr_array_insert(flows, 0, (gpointer)(guintptr)g_intern_static_string("all"));
	return flows;
}
