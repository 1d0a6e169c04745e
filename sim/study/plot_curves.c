/* Curves of cdf.csv and series.csv: the mean over replications, and its interval, point by point. */
#include <math.h>
#include <string.h>

#include "sim/study/plot_parts.h"

/* A metric's curve in a flow. */
struct curve {
	const struct sim_plot_line *what;
	const char *flow;
};

static const GArray *points_of(const struct sim_plot *plot, const struct sim_archive_run *run)
{
	return plot->kind == SIM_PLOT_CDF ? run->record.quantiles : run->record.series;
}

static bool is_of(const struct sim_point *point, const struct curve *curve)
{
	return strcmp(point->metric, curve->what->metric) == 0 && strcmp(point->module, curve->what->module) == 0 &&
	       strcmp(point->flow, curve->flow) == 0 &&
	       (curve->what->statistic == NULL || strcmp(point->statistic, curve->what->statistic) == 0);
}

static int by_x(gconstpointer a, gconstpointer b)
{
	const struct sim_point *p = a, *q = b;

	return (p->x > q->x) - (p->x < q->x);
}

/* The points of all replications of a case, by x. */
static GArray *collect(const struct sim_plot *plot, const struct archive_case *c, const struct curve *curve)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct sim_point));

	for (guint i = 0; i < c->runs->len; i++) {
		const GArray *points = points_of(plot, c->runs->pdata[i]);

		for (guint k = 0; k < points->len; k++) {
			const struct sim_point *point = &g_array_index(points, struct sim_point, k);

			if (is_of(point, curve))
				g_array_append_vals(all, point, 1);
		}
	}
	g_array_sort(all, by_x);
	return all;
}

static guint end_of_x(const GArray *all, guint from)
{
	guint to = from + 1;

	while (to < all->len &&
	       g_array_index(all, struct sim_point, to).x <= g_array_index(all, struct sim_point, from).x)
		to++;
	return to;
}

static struct figure_point mean_at(const struct sim_plot *plot, const GArray *all, guint from, guint to)
{
	g_autofree double *values = g_new(double, to - from);

	for (guint i = from; i < to; i++)
		values[i - from] = g_array_index(all, struct sim_point, i).value;
	struct figure_point point = plot_mean(g_array_index(all, struct sim_point, from).x, values, to - from);

	if (plot->kind == SIM_PLOT_CDF) {
		double share = point.x;

		point.x = point.y;
		point.y = share;
	}
	return point;
}

/* Replications do not all go as far; what less than half of them tell is left out. */
static void fill(struct figure *f, const struct sim_plot *plot, const struct archive_case *c,
		 const struct curve *curve, const char *label)
{
	struct figure_line *line = figure_add_line(f, label);
	g_autoptr(GArray) all = collect(plot, c, curve);
	guint most = 0;

	for (guint from = 0; from < all->len; from = end_of_x(all, from))
		most = MAX(most, end_of_x(all, from) - from);
	for (guint from = 0, to; from < all->len; from = to) {
		to = end_of_x(all, from);
		if (2 * (to - from) < most)
			continue;
		struct figure_point point = mean_at(plot, all, from, to);

		figure_add_point(line, &point);
	}
	if (all->len > 0 && f->y_unit == NULL)
		f->y_unit = g_strdup(plot_unit(plot, g_array_index(all, struct sim_point, 0).unit));
}

static struct figure *begin(struct plotter *p, const struct sim_plot *plot, const char *more, guint part)
{
	return plot_figure(p, plot, plot->kind == SIM_PLOT_CDF ? FIGURE_CDF : FIGURE_CURVES, more, part);
}

static void finish(struct plotter *p, struct figure *f, const struct sim_plot *plot)
{
	char *unit = f->y_unit != NULL ? f->y_unit : g_strdup("1");
	bool cdf = plot->kind == SIM_PLOT_CDF;

	f->x_unit = cdf ? unit : g_strdup("s");
	f->y_unit = cdf ? g_strdup("1") : unit;
	f->x_label = g_strdup(cdf ? plot->axis : "virtual time");
	f->y_label = g_strdup(cdf ? "share of all" : plot->axis);
	plot_add(p, f);
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The flows that a metric's curves are of, `all` first. */
static GPtrArray *find_flows(const struct sim_plot *plot, const struct archive_case *c)
{
	GPtrArray *flows = g_ptr_array_new();

	for (guint i = 0; i < c->runs->len; i++) {
		const GArray *points = points_of(plot, c->runs->pdata[i]);

		for (guint k = 0; k < points->len; k++) {
			const struct sim_point *point = &g_array_index(points, struct sim_point, k);

			if (strcmp(point->metric, plot->lines[0].metric) == 0 && strcmp(point->flow, "all") != 0 &&
			    !g_ptr_array_find(flows, point->flow, NULL))
				g_ptr_array_add(flows, (gpointer)(guintptr)point->flow);
		}
	}
	g_ptr_array_sort(flows, by_name);
	g_ptr_array_insert(flows, 0, (gpointer)(guintptr)g_intern_static_string("all"));
	return flows;
}

/* One case: a distribution by flow, or all series of the plot together. */
static void curves_of_one(struct plotter *p, const struct sim_plot *plot)
{
	const struct archive_case *c = p->cases->pdata[0];
	struct figure *f = begin(p, plot, NULL, 0);
	g_autoptr(GPtrArray) flows = find_flows(plot, c);
	bool single = flows->len == 2; /* then it is all of them */

	for (guint i = single ? 1 : 0; plot->kind == SIM_PLOT_CDF && i < MIN(flows->len, FIGURE_MAX_LINES); i++)
		fill(f, plot, c, &(struct curve){&plot->lines[0], flows->pdata[i]}, flows->pdata[i]);
	for (guint i = 0; plot->kind == SIM_PLOT_SERIES && i < plot_lines(plot); i++)
		fill(f, plot, c, &(struct curve){&plot->lines[i], "all"}, plot->lines[i].label);
	finish(p, f, plot);
}

/* Several: a figure for each line of the plot, with a curve for each case. */
static void curves_of_cases(struct plotter *p, const struct sim_plot *plot)
{
	guint shown = MIN(p->cases->len, PLOT_MOST_FIGURES * FIGURE_MAX_LINES);
	bool parts = p->cases->len > FIGURE_MAX_LINES;

	for (guint i = 0; i < plot_lines(plot); i++) {
		const char *more = plot_lines(plot) > 1 ? plot->lines[i].label : NULL;

		for (guint from = 0; from < shown; from += FIGURE_MAX_LINES) {
			struct figure *f = begin(p, plot, more, parts ? from / FIGURE_MAX_LINES + 1 : 0);

			for (guint k = from; k < MIN(from + FIGURE_MAX_LINES, shown); k++) {
				const struct archive_case *c = p->cases->pdata[k];

				fill(f, plot, c, &(struct curve){&plot->lines[i], "all"}, c->label);
			}
			finish(p, f, plot);
		}
	}
	if ((plot->kind == SIM_PLOT_CDF ? p->archive->quantiles : p->archive->series) && shown < p->cases->len)
		g_ptr_array_add(p->notes, g_strdup_printf("%s: %u of %u cases are drawn; the files have all.",
							  plot->title, shown, p->cases->len));
}

void plot_curves(struct plotter *p, const struct sim_plot *plot)
{
	if (p->cases->len == 1)
		curves_of_one(p, plot);
	else if (p->cases->len > 1)
		curves_of_cases(p, plot);
}
