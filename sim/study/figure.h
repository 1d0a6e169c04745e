/* A figure: lines of points with intervals, on labelled axes, and its text for gnuplot. Where the points come from is
 * not known here (plot.h). */
#ifndef SIM_STUDY_FIGURE_H
#define SIM_STUDY_FIGURE_H

#include <glib.h>
#include <stdbool.h>

/* low and high are the ends of y's interval (of x's in a FIGURE_CDF or FIGURE_BARS), NaN without one. */
struct figure_point {
	double x, y, low, high;
	const char *label; /* FIGURE_BARS, FIGURE_STEPS: what stands at the axis; interned */
	guint n;           /* replications */
};

struct figure_line {
	char *label;
	GArray *points; /* of struct figure_point, by growing x (y of a FIGURE_CDF) */
};

/* A range of x that stands out. */
struct figure_mark {
	double low, high;
	guint line; /* whose colour it has; G_MAXUINT: none's */
};

enum figure_kind {
	FIGURE_CURVES, /* lines with bands */
	FIGURE_CDF,    /* the same, y is a share, and the bands lie along x */
	FIGURE_SWEEP,  /* points with bars, joined */
	FIGURE_STEPS,  /* points with bars over labels */
	FIGURE_BARS,   /* intervals lying beside labels, one below the other; x = 0 is drawn */
};

struct figure {
	char *name;  /* of the files */
	char *title; /* what it shows */
	char *about; /* whose it is: config, seed, commit */
	enum figure_kind kind;
	char *x_label, *x_unit, *y_label, *y_unit; /* units of the points; "" for none, "1" for plain numbers */
	double confidence;
	const char *method; /* "student-t", ...: of the intervals */
	bool deterministic; /* all replications are one and the same */
	GPtrArray *lines;   /* of struct figure_line */
	GArray *marks;      /* of struct figure_mark */
};

#define FIGURE_MAX_LINES 8

/* All texts and lists empty, the caller's to figure_free. */
struct figure *figure_new(enum figure_kind kind);
void figure_free(struct figure *figure);

/* Adds a line; `label` is copied. It belongs to the figure. */
struct figure_line *figure_add_line(struct figure *figure, const char *label);
void figure_add_point(struct figure_line *line, const struct figure_point *point);

/* How many replications points have, at the least and at the most; false without points. */
bool figure_replications(const struct figure *figure, guint *least, guint *most);

/* Has a point no interval? Then a figure is stamped "exploratory". */
bool figure_is_exploratory(const struct figure *figure);

/* What n is, and what the intervals are: a sentence, the caller's to g_free. */
char *figure_describe(const struct figure *figure);

/* NAME.dat, and NAME.gp, which makes NAME.svg of it in the same folder; the caller's to g_free. */
char *figure_print_data(const struct figure *figure);
char *figure_print_script(const struct figure *figure);

/* `text` as one of gnuplot's 'strings': no end of line, quotes doubled. The caller's to g_free. */
char *figure_quote(const char *text);

#define FIGURE_SCRIPT_MARK "# Written by `report`; remade with it."

#endif
