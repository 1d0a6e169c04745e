#include "sim/study/plot.h"

#include <math.h>
#include <string.h>

#include "sim/study/plot_parts.h"
#include "sim/study/stats.h"

static void free_figure(gpointer data)
{
	figure_free(data);
}

guint plot_lines(const struct sim_plot *plot)
{
	guint n = 0;

	while (n < SIM_PLOT_LINES && plot->lines[n].label != NULL)
		n++;
	return n;
}

const char *plot_unit(const struct sim_plot *plot, const char *unit)
{
	return plot->show != NULL ? plot->show : unit;
}

/* A part of a file's name. */
static char *slug(const char *text)
{
	GString *out = g_string_new(NULL);

	for (; *text != '\0'; text++)
		if (g_ascii_isalnum(*text))
			g_string_append_c(out, g_ascii_tolower(*text));
		else if (out->len > 0 && out->str[out->len - 1] != '-')
			g_string_append_c(out, '-');
	return g_string_free(out, FALSE);
}

static char *about(const struct sim_archive *a)
{
	g_autofree char *commit = g_strndup(sim_archive_fact(a, "commit"), 12);
	g_autofree char *scenario = g_path_get_basename(sim_archive_fact(a, "scenario"));
	GString *out = g_string_new(*sim_archive_fact(a, "scenario") != '\0' ? scenario : a->model);

	g_string_append(out, a->configs->len > 1 ? ", configs " : ", config ");
	for (guint i = 0; i < a->configs->len; i++)
		g_string_append_printf(out, "%s%s", i > 0 ? " and " : "", (const char *)a->configs->pdata[i]);
	if (a->runs->len > 0)
		g_string_append_printf(out, "; seed %" G_GINT64_FORMAT,
				       g_array_index(a->runs, struct sim_archive_run, 0).seed);
	g_string_append_printf(out, "; cpns-sim %s", sim_archive_fact(a, "version"));
	if (*commit != '\0')
		g_string_append_printf(out, ", commit %s", commit);
	return g_string_free(out, FALSE);
}

struct figure *plot_figure(struct plotter *p, const struct sim_plot *plot, enum figure_kind kind, const char *more,
			   guint part)
{
	struct figure *f = figure_new(kind);
	g_autofree char *tail = more != NULL ? slug(more) : NULL;
	g_autoptr(GString) name = g_string_new(plot->name), title = g_string_new(plot->title);

	if (tail != NULL)
		g_string_append_printf(name, "-%s", tail);
	if (more != NULL)
		g_string_append_printf(title, ": %s", more);
	if (part > 0) {
		g_string_append_printf(name, "-%u", part);
		g_string_append_printf(title, " (part %u)", part);
	}
	f->name = g_strdup(name->str);
	f->title = g_strdup(title->str);
	f->about = about(p->archive);
	f->confidence = p->archive->confidence;
	f->method = "student-t";
	return f;
}

struct figure_point plot_mean(double at, double *values, guint n)
{
	struct sim_estimate e = sim_estimate_mean(values, n, false);

	return (struct figure_point){
	    .x = at,
	    .y = e.mean,
	    .low = e.interval ? e.low : (double)NAN,
	    .high = e.interval ? e.high : (double)NAN,
	    .n = n,
	};
}

static bool is_zero(const struct figure *f)
{
	for (guint i = 0; i < f->lines->len; i++) {
		const GArray *points = ((const struct figure_line *)f->lines->pdata[i])->points;

		for (guint k = 0; k < points->len; k++)
			if (g_array_index(points, struct figure_point, k).y != 0)
				return false;
	}
	return f->kind != FIGURE_CDF && f->kind != FIGURE_BARS;
}

void plot_add(struct plotter *p, struct figure *f)
{
	guint least_points = f->kind == FIGURE_CURVES || f->kind == FIGURE_CDF ? 2 : 1; /* a curve has two ends */
	bool any = false;
	guint least, most;

	for (guint i = f->lines->len; i > 0; i--) {
		const struct figure_line *line = f->lines->pdata[i - 1];

		any = any || line->points->len > 0;
		if (line->points->len < least_points)
			g_ptr_array_remove_index(f->lines, i - 1);
	}
	bool drawn = figure_replications(f, &least, &most);

	if (drawn && !is_zero(f)) {
		g_ptr_array_add(p->figures, f);
		return;
	}
	if (any)
		g_ptr_array_add(p->notes,
				g_strdup_printf("Not drawn, since %s: %s.",
						drawn ? "all of it is 0" : "there is but one point", f->title));
	figure_free(f);
}

GPtrArray *plots_make(const struct sim_archive *archive, const struct sim_model *model, GPtrArray *notes)
{
	struct plotter p = {
	    .archive = archive,
	    .model = model,
	    .factors = factors_find(archive),
	    .figures = g_ptr_array_new_with_free_func(free_figure),
	    .notes = notes,
	};

	p.cases = cases_find(archive, p.factors);
	plot_differences(&p);
	for (const struct sim_plot *plot = model->plots; plot != NULL && plot->name != NULL; plot++) {
		if (plot->kind == SIM_PLOT_SWEEP)
			plot_sweep(&p, plot);
		else
			plot_curves(&p, plot);
	}
	g_ptr_array_unref(p.factors);
	g_ptr_array_unref(p.cases);
	return p.figures;
}
