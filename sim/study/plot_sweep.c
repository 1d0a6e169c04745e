/* Statistics of summary.csv over what was varied. */
#include <math.h>
#include <string.h>

#include "sim/study/plot_parts.h"

#define MOST_STEPS 24

/* The points of a case, of one line of a plot. */
static bool add_estimate(struct plotter *p, struct figure *f, struct figure_line *line, const struct sim_plot *plot,
			 const struct sim_plot_line *what, const struct archive_case *c, double x)
{
	struct sim_metric metric = {what->module, "all", what->metric};
	const struct sim_archive_estimate *e =
	    sim_archive_estimate(p->archive, c->config, c->iteration, &metric, what->statistic);

	if (e == NULL)
		return false;
	struct figure_point point = {x, e->estimate, e->low, e->high, g_intern_string(c->label), (guint)e->n};

	figure_add_point(line, &point);
	if (f->y_unit == NULL)
		f->y_unit = g_strdup(plot_unit(plot, e->unit));
	if (strcmp(e->method, "none") != 0)
		f->method = e->method;
	f->deterministic = f->deterministic && strcmp(e->verdict, "deterministic") == 0;
	return true;
}

/* ---- over a number ---- */

/* The variable to draw over: what was sought, or the one that the plot asks for, else the first that is a number; -1
 * without one. */
static int choose_x(const struct plotter *p, const struct sim_plot *plot)
{
	int sought = factors_sought(p->archive, p->factors), first = -1;

	if (sought >= 0 && ((const struct factor *)p->factors->pdata[sought])->values->len > 1)
		return sought;
	for (guint i = p->factors->len; i > 0; i--) {
		const struct factor *f = p->factors->pdata[i - 1];

		if (f->numbers == NULL || f->values->len < 2)
			continue;
		if (plot->x != NULL && (g_strcmp0(f->parameter, plot->x) == 0 || strcmp(f->name, plot->x) == 0))
			return (int)i - 1;
		first = (int)i - 1;
	}
	return first;
}

/* What tells the line of a case from others: all but x. */
static char *line_label(const struct plotter *p, const struct archive_case *c, guint x)
{
	g_autofree char *others = factors_others(p->factors, x, c->iteration);

	if (p->archive->configs->len < 2)
		return g_steal_pointer(&others);
	return g_strconcat(c->config, *others != '\0' ? ", " : "", others, NULL);
}

static GPtrArray *find_lines(const struct plotter *p, guint x)
{
	GPtrArray *labels = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < p->cases->len; i++) {
		g_autofree char *label = line_label(p, p->cases->pdata[i], x);

		if (!g_ptr_array_find_with_equal_func(labels, label, g_str_equal, NULL))
			g_ptr_array_add(labels, g_steal_pointer(&label));
	}
	return labels;
}

static int by_x(gconstpointer a, gconstpointer b)
{
	const struct figure_point *p = a, *q = b;

	return (p->x > q->x) - (p->x < q->x);
}

static void fill_line(struct plotter *p, struct figure *f, struct figure_line *line, const struct sim_plot *plot,
		      const struct sim_plot_line *what, guint x, const char *label)
{
	const struct factor *factor = p->factors->pdata[x];

	for (guint i = 0; i < p->cases->len; i++) {
		const struct archive_case *c = p->cases->pdata[i];
		g_autofree char *own = line_label(p, c, x);

		if (strcmp(own, label) == 0)
			add_estimate(p, f, line, plot, what, c,
				     factor->numbers[factor_value(p->factors, x, c->iteration)]);
	}
	g_array_sort(line->points, by_x);
}

/* As line_label names the line that the bracket is of: its iteration is one without x. */
static char *bracket_label(const struct plotter *p, const struct sim_archive_bracket *b)
{
	g_auto(GStrv) parts = g_strsplit(b->iteration, ";", -1);
	g_autofree char *others = g_strjoinv(", ", parts);

	if (p->archive->configs->len < 2)
		return g_steal_pointer(&others);
	return g_strconcat(b->config, *others != '\0' ? ", " : "", others, NULL);
}

/* Where the capacity of a line lies, if that was sought over this variable. */
static void mark_capacity(const struct plotter *p, struct figure *f, guint x, const char *label, guint number)
{
	const struct factor *factor = p->factors->pdata[x];

	for (guint i = 0; i < p->archive->brackets->len; i++) {
		const struct sim_archive_bracket *b =
		    &g_array_index(p->archive->brackets, struct sim_archive_bracket, i);
		g_autofree char *own = bracket_label(p, b);
		struct figure_mark mark = {b->lower, b->upper, number};
		bool of_x =
		    strcmp(b->parameter, factor->name) == 0 || g_strcmp0(b->parameter, factor->parameter) == 0;

		if (of_x && strcmp(own, label) == 0 && isfinite(b->lower) && isfinite(b->upper))
			g_array_append_val(f->marks, mark);
	}
}

static struct figure *over_x(struct plotter *p, const struct sim_plot *plot, guint x, const char *more, guint part)
{
	const struct factor *factor = p->factors->pdata[x];
	struct figure *f = plot_figure(p, plot, FIGURE_SWEEP, more, part);

	f->x_label = g_strdup(factor->parameter != NULL ? factor->parameter : factor->name);
	f->x_unit = g_strdup(factor->unit);
	f->y_label = g_strdup(plot->axis);
	f->deterministic = true;
	return f;
}

static void finish(struct plotter *p, struct figure *f)
{
	if (f->y_unit == NULL)
		f->y_unit = g_strdup("1");
	plot_add(p, f);
}

/* One case beside x: all lines of the plot in one figure. */
static void sweep_together(struct plotter *p, const struct sim_plot *plot, guint x, const char *label)
{
	struct figure *f = over_x(p, plot, x, NULL, 0);

	for (guint i = 0; i < plot_lines(plot); i++)
		fill_line(p, f, figure_add_line(f, plot->lines[i].label), plot, &plot->lines[i], x, label);
	mark_capacity(p, f, x, label, G_MAXUINT);
	finish(p, f);
}

static void tell_left_out(struct plotter *p, const struct sim_plot *plot, guint n, guint most)
{
	if (n <= most)
		return;
	char *note = g_strdup_printf("%s: %u of %u lines are drawn; the tables have all.", plot->title, most, n);

	if (g_ptr_array_find_with_equal_func(p->notes, note, g_str_equal, NULL))
		g_free(note);
	else
		g_ptr_array_add(p->notes, note);
}

/* Several: a figure for each line of the plot, or more where there are too many cases. */
static void sweep_apart(struct plotter *p, const struct sim_plot *plot, guint x, const GPtrArray *labels)
{
	guint shown = MIN(labels->len, PLOT_MOST_FIGURES * FIGURE_MAX_LINES);
	bool parts = labels->len > FIGURE_MAX_LINES;

	for (guint i = 0; i < plot_lines(plot); i++) {
		const char *more = plot_lines(plot) > 1 ? plot->lines[i].label : NULL;

		for (guint from = 0; from < shown; from += FIGURE_MAX_LINES) {
			struct figure *f = over_x(p, plot, x, more, parts ? from / FIGURE_MAX_LINES + 1 : 0);

			for (guint k = from; k < MIN(from + FIGURE_MAX_LINES, shown); k++) {
				fill_line(p, f, figure_add_line(f, labels->pdata[k]), plot, &plot->lines[i], x,
					  labels->pdata[k]);
				mark_capacity(p, f, x, labels->pdata[k], k - from);
			}
			finish(p, f);
		}
	}
	tell_left_out(p, plot, labels->len, PLOT_MOST_FIGURES * FIGURE_MAX_LINES);
}

/* ---- over cases that are no numbers ---- */

static void sweep_cases(struct plotter *p, const struct sim_plot *plot)
{
	struct figure *f = plot_figure(p, plot, FIGURE_STEPS, NULL, 0);
	guint shown = MIN(p->cases->len, MOST_STEPS);

	f->x_label = g_strdup(p->factors->len == 0 ? "config" : "iteration");
	f->x_unit = g_strdup("1");
	f->y_label = g_strdup(plot->axis);
	f->deterministic = true;
	for (guint i = 0; i < plot_lines(plot); i++) {
		struct figure_line *line = figure_add_line(f, plot->lines[i].label);

		for (guint k = 0; k < shown; k++)
			add_estimate(p, f, line, plot, &plot->lines[i], p->cases->pdata[k], k);
	}
	tell_left_out(p, plot, p->cases->len, MOST_STEPS);
	finish(p, f);
}

void plot_sweep(struct plotter *p, const struct sim_plot *plot)
{
	int x = choose_x(p, plot);

	if (p->cases->len < 2)
		return;
	if (x < 0) {
		sweep_cases(p, plot);
		return;
	}
	g_autoptr(GPtrArray) labels = find_lines(p, (guint)x);

	if (labels->len == 1)
		sweep_together(p, plot, (guint)x, labels->pdata[0]);
	else
		sweep_apart(p, plot, (guint)x, labels);
}
