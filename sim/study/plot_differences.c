/* compare.csv: how much each metric of the headline changed, in per cent, so that all stand on one axis. */
#include <math.h>
#include <string.h>

#include "sim/study/plot_parts.h"

static bool is_of(const struct sim_archive_difference *d, const struct sim_archive_difference *case_of,
		  const struct sim_headline *line)
{
	return strcmp(d->metric, line->metric) == 0 && strcmp(d->statistic, line->statistic) == 0 &&
	       strcmp(d->module, line->module) == 0 && strcmp(d->flow, "all") == 0 && d->a == case_of->a &&
	       d->b == case_of->b && d->iteration == case_of->iteration; /* interned */
}

static void add_difference(struct figure *f, struct figure_line *line, const struct sim_archive_difference *d,
			   const char *label)
{
	struct figure_point point = {
	    .x = d->ratio - 1,
	    .y = line->points->len,
	    .low = d->ratio_low - 1,
	    .high = d->ratio_high - 1,
	    .label = g_intern_string(label),
	    .n = (guint)d->n,
	};

	figure_add_point(line, &point);
	if (strcmp(d->method, "none") != 0)
		f->method = d->method;
}

static void draw_case(struct plotter *p, const struct sim_archive_difference *of, guint part)
{
	static const struct sim_plot plot = {.name = "differences", .title = "Change"};
	g_autofree char *more =
	    g_strdup_printf("%s against %s%s%s", of->b, of->a, *of->iteration != '\0' ? ", " : "", of->iteration);
	struct figure *f = plot_figure(p, &plot, FIGURE_BARS, more, 0);
	struct figure_line *line = figure_add_line(f, more);

	g_free(f->name);
	f->name = part > 1 ? g_strdup_printf("%s-%u", plot.name, part) : g_strdup(plot.name);
	f->x_label = g_strdup_printf("change of %s against %s", of->b, of->a);
	f->x_unit = g_strdup("%");
	f->y_label = g_strdup("metric");
	f->y_unit = g_strdup("1");
	for (const struct sim_headline *h = p->model->headline; h != NULL && h->label != NULL; h++)
		for (guint i = 0; h->per == NULL && i < p->archive->differences->len; i++) {
			const struct sim_archive_difference *d =
			    &g_array_index(p->archive->differences, struct sim_archive_difference, i);

			if (is_of(d, of, h) && isfinite(d->ratio))
				add_difference(f, line, d, h->label);
		}
	plot_add(p, f);
}

static bool is_first_of_case(const struct sim_archive *a, guint at)
{
	const struct sim_archive_difference *d = &g_array_index(a->differences, struct sim_archive_difference, at);

	for (guint i = 0; i < at; i++) {
		const struct sim_archive_difference *e =
		    &g_array_index(a->differences, struct sim_archive_difference, i);

		if (d->a == e->a && d->b == e->b && d->iteration == e->iteration)
			return false;
	}
	return true;
}

void plot_differences(struct plotter *p)
{
	guint cases = 0;

	for (guint i = 0; i < p->archive->differences->len; i++) {
		if (!is_first_of_case(p->archive, i))
			continue;
		if (++cases <= PLOT_MOST_FIGURES)
			draw_case(p, &g_array_index(p->archive->differences, struct sim_archive_difference, i),
				  cases);
	}
	if (cases > PLOT_MOST_FIGURES)
		g_ptr_array_add(p->notes, g_strdup_printf("Differences: %u of %u cases are drawn; the table has all.",
							  PLOT_MOST_FIGURES, cases));
}
