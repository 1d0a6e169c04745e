/* The numbers: headlines, differences, capacity, and the whole summary, folded. */
#include <math.h>
#include <string.h>

#include "sim/study/report_parts.h"

static char *headline_cell(const struct reporter *r, const struct archive_case *c, const struct sim_headline *line,
			   const char *flow)
{
	struct sim_estimate e;
	const char *unit;

	return case_headline(r->archive, c, line, flow, &e, &unit) ? report_value(&e, unit) : g_strdup("");
}

/* One case: a column for each flow. */
static void add_flows(struct reporter *r)
{
	const struct archive_case *c = r->cases->pdata[0];
	g_autoptr(GPtrArray) flows = case_flows(r->archive, c), columns = g_ptr_array_new();
	bool single = flows->len == 2; /* then it is all of them */

	g_ptr_array_add(columns, (gpointer)(guintptr) "metric");
	for (guint i = 0; i < flows->len; i++)
		if (!single || i > 0)
			g_ptr_array_add(columns, flows->pdata[i]);
	g_ptr_array_add(columns, NULL);
	report_figures_table(r, "Headline figures, by flow", (const char *const *)columns->pdata);
	for (const struct sim_headline *h = r->model->headline; h != NULL && h->label != NULL; h++) {
		g_autofree char *all = headline_cell(r, c, h, "all");

		if (*all == '\0')
			continue;
		report_add(r, "<tr><th scope=\"row\">%s</th><td class=\"n\">%s</td>", h->label, all);
		for (guint i = 1; !single && i < flows->len; i++) {
			g_autofree char *cell = headline_cell(r, c, h, flows->pdata[i]);

			report_add(r, "<td class=\"n\">%s</td>", cell);
		}
		report_add(r, "</tr>\n");
	}
	report_table_end(r);
}

static bool any_has(const struct reporter *r, const struct sim_headline *line)
{
	for (guint i = 0; i < r->cases->len; i++) {
		g_autofree char *cell = headline_cell(r, r->cases->pdata[i], line, "all");

		if (*cell != '\0')
			return true;
	}
	return false;
}

/* Several: a line for each. */
static void add_cases(struct reporter *r)
{
	g_autoptr(GPtrArray) columns = g_ptr_array_new(), lines = g_ptr_array_new();

	g_ptr_array_add(columns, (gpointer)(guintptr) "case");
	for (const struct sim_headline *h = r->model->headline; h != NULL && h->label != NULL; h++) {
		if (!any_has(r, h))
			continue;
		g_ptr_array_add(lines, (gpointer)(guintptr)h);
		g_ptr_array_add(columns, (gpointer)(guintptr)h->label);
	}
	g_ptr_array_add(columns, NULL);
	report_figures_table(r, "Headline figures, by case", (const char *const *)columns->pdata);
	for (guint i = 0; i < r->cases->len; i++) {
		const struct archive_case *c = r->cases->pdata[i];

		report_add(r, "<tr><th scope=\"row\">%s</th>", report_case_name(c));
		for (guint k = 0; k < lines->len; k++) {
			g_autofree char *cell = headline_cell(r, c, lines->pdata[k], "all");

			report_add(r, "<td class=\"n\">%s</td>", cell);
		}
		report_add(r, "</tr>\n");
	}
	report_table_end(r);
}

static void add_number(struct reporter *r, double value)
{
	if (isnan(value))
		report_add(r, "<td></td>");
	else
		report_add(r, "<td class=\"n\">%.6g</td>", value);
}

static void add_capacity(struct reporter *r)
{
	static const char *const columns[] = {"config", "iteration",  "parameter", "lower", "upper",
					      "unit",   "confidence", "verdict",   NULL};

	if (!r->archive->sought)
		return;
	report_table(r, "Capacity: the greatest value that meets every target lies between lower and upper", columns);
	for (guint i = 0; i < r->archive->brackets->len; i++) {
		const struct sim_archive_bracket *b =
		    &g_array_index(r->archive->brackets, struct sim_archive_bracket, i);

		report_add(r, "<tr><td>%s</td><td>%s</td><td>%s</td>", b->config, b->iteration, b->parameter);
		add_number(r, b->lower);
		add_number(r, b->upper);
		report_add(r, "<td>%s</td>", b->unit);
		add_number(r, b->confidence);
		report_add(r, "<td>%s</td></tr>\n", b->verdict);
	}
	report_table_end(r);
}

static void add_differences(struct reporter *r)
{
	static const char *const columns[] = {"a",         "b",     "iteration",   "module",         "flow", "metric",
					      "statistic", "b − a", "low",         "high",           "unit", "b / a",
					      "low",       "high",  "correlation", "variance ratio", "n",    "method",
					      "verdict",   NULL};

	if (!r->archive->compared)
		return;
	report_add(r, "<details><summary>All %u differences</summary>\n", r->archive->differences->len);
	report_table(r, "Paired differences with intervals", columns);
	for (guint i = 0; i < r->archive->differences->len; i++) {
		const struct sim_archive_difference *d =
		    &g_array_index(r->archive->differences, struct sim_archive_difference, i);

		report_add(r, "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td>",
			   d->a, d->b, d->iteration, d->module, d->flow, d->metric, d->statistic);
		add_number(r, d->difference);
		add_number(r, d->low);
		add_number(r, d->high);
		report_add(r, "<td>%s</td>", d->unit);
		add_number(r, d->ratio);
		add_number(r, d->ratio_low);
		add_number(r, d->ratio_high);
		add_number(r, d->correlation);
		add_number(r, d->variance_ratio);
		report_add(r, "<td class=\"n\">%" G_GUINT64_FORMAT "</td><td>%s</td><td>%s</td></tr>\n", d->n,
			   d->method, d->verdict);
	}
	report_table_end(r);
	report_add(r, "</details>\n");
}

static void add_summary_of(struct reporter *r, const struct archive_case *c)
{
	static const char *const columns[] = {"module", "flow", "metric", "statistic", "estimate", "low",
					      "high",   "unit", "n",      "method",    "verdict",  NULL};

	report_add(r, "<details><summary>All statistics of %s</summary>\n", report_case_name(c));
	report_table(r, "Means over replications", columns);
	for (guint i = 0; i < r->archive->estimates->len; i++) {
		const struct sim_archive_estimate *e =
		    &g_array_index(r->archive->estimates, struct sim_archive_estimate, i);

		if (e->config != c->config || e->iteration != c->iteration) /* interned */
			continue;
		report_add(r, "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td>", e->module, e->flow, e->metric,
			   e->statistic);
		add_number(r, e->estimate);
		add_number(r, e->low);
		add_number(r, e->high);
		report_add(r, "<td>%s</td><td class=\"n\">%" G_GUINT64_FORMAT "</td><td>%s</td><td>%s</td></tr>\n",
			   e->unit, e->n, e->method, e->verdict);
	}
	report_table_end(r);
	report_add(r, "</details>\n");
}

void report_tables(struct reporter *r)
{
	report_section(r, "results", "Results");
	add_capacity(r);
	if (r->cases->len == 1)
		add_flows(r);
	else if (r->cases->len > 1)
		add_cases(r);
	else
		report_add(r, "<p>No run is finished.</p>\n");
	add_differences(r);
	for (guint i = 0; i < r->cases->len; i++)
		add_summary_of(r, r->cases->pdata[i]);
	report_add(r, "</section>\n");
}
