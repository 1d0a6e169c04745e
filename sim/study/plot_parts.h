/* What the files of plot*.c share; for others plot.h. */
#ifndef SIM_STUDY_PLOT_PARTS_H
#define SIM_STUDY_PLOT_PARTS_H

#include "sim/study/cases.h"
#include "sim/study/plot.h"

struct plotter {
	const struct sim_archive *archive;
	const struct sim_model *model;
	GPtrArray *factors; /* of struct factor */
	GPtrArray *cases;   /* of struct archive_case */
	GPtrArray *figures; /* made so far */
	GPtrArray *notes;
};

/* A figure of a plot, named, titled and counted: `more` and `part` tell apart several of one plot (NULL and 0: there
 * is one). */
struct figure *plot_figure(struct plotter *p, const struct sim_plot *plot, enum figure_kind kind, const char *more,
			   guint part);

/* How many lines a plot has. */
guint plot_lines(const struct sim_plot *plot);

/* The unit that a plot's values are shown in. */
const char *plot_unit(const struct sim_plot *plot, const char *unit);

/* The mean over replications of one point of a curve, as a figure's point with its interval. Sorts the values. */
struct figure_point plot_mean(double at, double *values, guint n);

/* Adds the figure if it shows anything but zeros, else frees it and notes why. */
void plot_add(struct plotter *p, struct figure *figure);

void plot_sweep(struct plotter *p, const struct sim_plot *plot);
void plot_curves(struct plotter *p, const struct sim_plot *plot);
void plot_differences(struct plotter *p);

#endif
