/* A figure's files for gnuplot. Blocks of the data file stand in the order of the lines: first the line, then, where
 * there are bands, their outlines. */
#include <math.h>
#include <string.h>

#include "sim/study/figure.h"

#define WIDTH 800
#define PLOT_HEIGHT 430
#define ROW_HEIGHT 20     /* of the key */
#define BAR_HEIGHT 26     /* of a FIGURE_BARS */
#define CHARACTER 7.2     /* its width */
#define KEY_CHARACTER 8.5 /* the width that gnuplot allows for one in the key */
#define KEY_SAMPLE 55
#define STEP_LABELS 70 /* below a FIGURE_STEPS */
#define MOST_TEXT 112  /* characters that fit beside each other */
#define LOG_SPAN 100   /* values further apart are drawn on a logarithmic axis */
#define LOG_X_SPAN 8
#define MOST_TICS 12
#define AXIS_WIDTH 630 /* about, without what stands left and right of it */
#define TIC_FORMAT "%.8g"

/* Okabe and Ito's, which the colour-blind can tell apart; without their yellow, which vanishes on white. */
static const char *const colours[FIGURE_MAX_LINES] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
						      "#000000", "#E69F00", "#56B4E9", "#7F7F7F"};
static const int dashes[FIGURE_MAX_LINES] = {1, 2, 4, 5, 1, 2, 4, 5};
static const int marks[FIGURE_MAX_LINES] = {7, 5, 9, 11, 6, 4, 8, 10};

char *figure_quote(const char *text)
{
	GString *out = g_string_new("'");

	for (; *text != '\0'; text++) {
		if (*text == '\'')
			g_string_append(out, "''");
		else
			g_string_append_c(out, (guchar)*text < ' ' ? ' ' : *text);
	}
	return g_string_free(g_string_append_c(out, '\''), FALSE);
}

static void add_quoted(GString *out, const char *before, const char *text, const char *after)
{
	g_autofree char *quoted = figure_quote(text);

	g_string_append_printf(out, "%s%s%s", before, quoted, after);
}

/* A text that fits into the width. */
static char *fit(const char *text)
{
	if (g_utf8_strlen(text, -1) <= MOST_TEXT)
		return g_strdup(text);
	g_autofree char *start = g_utf8_substring(text, 0, MOST_TEXT - 1);

	return g_strconcat(start, "…", NULL);
}

/* What the ends of an axis are, over all points; false without any. */
struct extent {
	double low, high;
	double least, most; /* of the values alone: an interval may reach further than is possible */
	bool positive;
};

static void stretch(struct extent *e, double value)
{
	if (isnan(value))
		return;
	e->low = fmin(e->low, value);
	e->high = fmax(e->high, value);
	e->positive = e->positive && value > 0;
}

static bool intervals_lie_along_x(const struct figure *f)
{
	return f->kind == FIGURE_CDF || f->kind == FIGURE_BARS;
}

static struct extent extent_of(const struct figure *f, bool of_x)
{
	struct extent e = {INFINITY, -INFINITY, INFINITY, -INFINITY, true};

	for (guint i = 0; i < f->lines->len; i++) {
		const struct figure_line *line = f->lines->pdata[i];

		for (guint k = 0; k < line->points->len; k++) {
			const struct figure_point *p = &g_array_index(line->points, struct figure_point, k);

			stretch(&e, of_x ? p->x : p->y);
			e.least = fmin(e.least, of_x ? p->x : p->y);
			e.most = fmax(e.most, of_x ? p->x : p->y);
			if (of_x != intervals_lie_along_x(f))
				continue;
			stretch(&e, p->low);
			stretch(&e, p->high);
		}
	}
	return e;
}

/* How numbers of a unit are shown. */
struct shown {
	double factor;
	const char *unit;
};

static struct shown show(const char *unit, struct extent e)
{
	double size = fmax(fabs(e.low), fabs(e.high));

	if (strcmp(unit, "s") == 0 && size > 0 && size < 1e-3)
		return (struct shown){1e6, "µs"};
	if (strcmp(unit, "s") == 0 && size > 0 && size < 1)
		return (struct shown){1e3, "ms"};
	if (strcmp(unit, "B") == 0 && size >= 10485760)
		return (struct shown){1 / 1048576.0, "MiB"};
	if (strcmp(unit, "B") == 0 && size >= 10240)
		return (struct shown){1 / 1024.0, "KiB"};
	if (strcmp(unit, "%") == 0)
		return (struct shown){100, "%"};
	return (struct shown){1, strcmp(unit, "1") == 0 ? "" : unit};
}

static char *axis_label(const char *label, struct shown shown)
{
	return *shown.unit == '\0' ? g_strdup(label) : g_strdup_printf("%s, %s", label, shown.unit);
}

/* ---- data ---- */

static void add_number(GString *out, double number, const char *after)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append_printf(out, "%s%s",
			       isnan(number) ? "NaN" : g_ascii_formatd(text, sizeof(text), "%.10g", number), after);
}

static void add_row(GString *out, double x, double y, double low, double high, guint n)
{
	add_number(out, x, " ");
	add_number(out, y, " ");
	add_number(out, low, " ");
	add_number(out, high, " ");
	g_string_append_printf(out, "%u\n", n);
}

static void add_block(GString *out, const struct figure *f, const struct figure_line *line, struct shown x,
		      struct shown y)
{
	bool along_x = intervals_lie_along_x(f);

	g_string_append_printf(out, "# %s\n", line->label);
	for (guint i = 0; i < line->points->len; i++) {
		const struct figure_point *p = &g_array_index(line->points, struct figure_point, i);
		double factor = along_x ? x.factor : y.factor;
		/* A point without an interval is drawn with one of no width. */
		double own = along_x ? p->x : p->y;
		double low = isnan(p->low) && f->kind != FIGURE_CDF && f->kind != FIGURE_CURVES ? own : p->low;
		double high = isnan(p->high) && f->kind != FIGURE_CDF && f->kind != FIGURE_CURVES ? own : p->high;

		add_row(out, p->x * x.factor, p->y * y.factor, low * factor, high * factor, p->n);
	}
	g_string_append(out, "\n\n");
}

/* Out along the lower ends, back along the upper ones. */
static void add_outline(GString *out, const struct figure_line *line, struct shown x)
{
	g_string_append_printf(out, "# %s: outline of the band\n", line->label);
	for (guint i = 0; i < 2 * line->points->len; i++) {
		guint back = 2 * line->points->len - 1 - i;
		bool upper = i >= line->points->len;
		const struct figure_point *p = &g_array_index(line->points, struct figure_point, upper ? back : i);

		if (isnan(p->low))
			continue;
		add_number(out, (upper ? p->high : p->low) * x.factor, " ");
		add_number(out, p->y, "\n");
	}
	g_string_append(out, "\n\n");
}

static bool has_band(const struct figure_line *line)
{
	guint with = 0;

	for (guint i = 0; i < line->points->len; i++)
		with += isnan(g_array_index(line->points, struct figure_point, i).low) ? 0 : 1;
	return with >= 2;
}

char *figure_print_data(const struct figure *f)
{
	GString *out = g_string_new(NULL);
	struct shown x = show(f->x_unit, extent_of(f, true)), y = show(f->y_unit, extent_of(f, false));

	g_string_append_printf(out, "# %s. %s\n# columns: %s%s%s, %s%s%s, low, high (of the interval of %s), n\n",
			       f->title, f->about, f->x_label, *x.unit != '\0' ? " in " : "", x.unit, f->y_label,
			       *y.unit != '\0' ? " in " : "", y.unit, intervals_lie_along_x(f) ? "x" : "y");
	for (guint i = 0; i < f->lines->len; i++)
		add_block(out, f, f->lines->pdata[i], x, y);
	for (guint i = 0; f->kind == FIGURE_CDF && i < f->lines->len; i++)
		if (has_band(f->lines->pdata[i]))
			add_outline(out, f->lines->pdata[i], x);
	return g_string_free(out, FALSE);
}

/* ---- script ---- */

/* The key below the plot: how many columns fit, and the rows that they make. */
static guint key_columns(const struct figure *f)
{
	glong widest = 1;

	for (guint i = 0; i < f->lines->len; i++)
		widest = MAX(widest, g_utf8_strlen(((const struct figure_line *)f->lines->pdata[i])->label, -1));
	return (guint)CLAMP((WIDTH - 60) / (KEY_CHARACTER * (double)widest + KEY_SAMPLE), 1, 4);
}

static guint key_rows(const struct figure *f)
{
	return f->lines->len < 2 ? 0 : (f->lines->len + key_columns(f) - 1) / key_columns(f);
}

static const struct figure_line *first_line(const struct figure *f)
{
	return f->lines->pdata[0];
}

static guint height_of(const struct figure *f)
{
	guint plot = f->kind == FIGURE_BARS ? 160 + BAR_HEIGHT * first_line(f)->points->len : PLOT_HEIGHT;

	return plot + ROW_HEIGHT * key_rows(f) + (f->kind == FIGURE_STEPS ? STEP_LABELS : 0);
}

static void add_title(GString *out, guint number, const char *text, guint down, guint height, const char *font)
{
	g_autofree char *fitting = fit(text);

	g_string_append_printf(out, "set label %u ", number);
	add_quoted(out, "", fitting, "");
	g_string_append_printf(out, " at screen 0.0125,%.6f left font 'sans-serif,%s' textcolor '#000000'\n",
			       1 - (double)down / height, font);
}

/* The key has its own place at the bottom, so that it meets no label. */
static void add_key(GString *out, const struct figure *f, guint height)
{
	guint below = key_rows(f) * ROW_HEIGHT;

	g_string_append_printf(out, "set bmargin at screen %.6f\n",
			       (below + 76.0 + (f->kind == FIGURE_STEPS ? STEP_LABELS : 0)) / height);
	if (below == 0)
		g_string_append(out, "set key off\n");
	else
		g_string_append_printf(out,
				       "set key at screen 0.5,screen %.6f center top vertical Left reverse samplen 3 "
				       "maxrows %u textcolor '#000000'\n",
				       (below + 8.0) / height, key_rows(f));
}

static void add_styles(GString *out)
{
	g_string_append(out, "set border 3 linecolor '#333333'\n"
			     "set tics nomirror out textcolor '#000000'\n"
			     "set format x '" TIC_FORMAT "'\n"
			     "set format y '" TIC_FORMAT "'\n"
			     "set grid linecolor '#e6e6e6' linetype 1 linewidth 1\n"
			     "set style fill transparent solid 0.18 noborder\n");
	for (guint i = 0; i < FIGURE_MAX_LINES; i++)
		g_string_append_printf(out,
				       "set style line %u linecolor '%s' linewidth 2 dashtype %d pointtype %d "
				       "pointsize 0.7\n",
				       i + 1, colours[i], dashes[i], marks[i]);
}

static void add_head(GString *out, const struct figure *f)
{
	g_autofree char *describe = figure_describe(f);
	guint height = height_of(f);

	g_string_append_printf(out,
			       FIGURE_SCRIPT_MARK
			       "\n"
			       "reset\n"
			       "set encoding utf8\n"
			       "set terminal svg noenhanced size %u,%u dynamic background '#ffffff' "
			       "font 'sans-serif,13'\n"
			       "set output '%s.svg'\n",
			       WIDTH, height, f->name);
	add_title(out, 1, f->title, 22, height, "17");
	add_title(out, 2, f->about, 43, height, "12");
	add_title(out, 3, describe, 60, height, "12");
	g_string_append_printf(out, "set tmargin at screen %.6f\n", 1 - 82.0 / height);
	if (figure_is_exploratory(f))
		g_string_append(out, "set label 4 'exploratory' at graph 0.5,0.5 center font 'sans-serif,44' "
				     "textcolor '#e0e0e0' back\n");
	add_key(out, f, height);
	add_styles(out);
}

/* An axis over what was varied, a little beyond the points. */
struct sweep_axis {
	double low, high;
	bool logarithmic;
};

static struct sweep_axis sweep_axis(struct extent e, struct shown shown)
{
	double beyond = e.most > e.least ? 0.05 * (e.most - e.least) : 1;

	if (e.positive && e.most >= LOG_X_SPAN * e.least)
		return (struct sweep_axis){e.least * shown.factor / 1.15, e.most * shown.factor * 1.15, true};
	return (struct sweep_axis){(e.least - beyond) * shown.factor, (e.most + beyond) * shown.factor, false};
}

/* Pixels from the left end of the axis. */
static double pixel(const struct sweep_axis *axis, double x)
{
	double share = axis->logarithmic ? log(x / axis->low) / log(axis->high / axis->low)
					 : (x - axis->low) / (axis->high - axis->low);

	return share * AXIS_WIDTH;
}

static int by_number(gconstpointer a, gconstpointer b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The places of the points, in order, each once; g_array_unref. */
static GArray *find_places(const struct figure *f, struct shown x)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(double));
	GArray *places = g_array_new(FALSE, FALSE, sizeof(double));

	for (guint i = 0; i < f->lines->len; i++) {
		const GArray *points = ((const struct figure_line *)f->lines->pdata[i])->points;

		for (guint k = 0; k < points->len; k++) {
			double value = g_array_index(points, struct figure_point, k).x * x.factor;

			g_array_append_val(all, value);
		}
	}
	g_array_sort(all, by_number);
	for (guint i = 0; i < all->len; i++)
		if (i == 0 || g_array_index(all, double, i) > g_array_index(all, double, i - 1))
			g_array_append_val(places, g_array_index(all, double, i));
	g_array_unref(all);
	return places;
}

static const char *tic_text(char text[static G_ASCII_DTOSTR_BUF_SIZE], double place)
{
	return g_ascii_formatd(text, G_ASCII_DTOSTR_BUF_SIZE, TIC_FORMAT, place);
}

static double half_width(double place)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	return CHARACTER * ((double)strlen(tic_text(text, place)) + 1) / 2;
}

/* Ticks where the points are, if they are few. Of labels that would meet the left one stays, and the last one of all
 * does. */
static void add_x_tics(GString *out, const struct figure *f, struct shown x, const struct sweep_axis *axis)
{
	g_autoptr(GArray) places = find_places(f, x);
	const double *place = (const double *)(void *)places->data;
	double taken = -INFINITY; /* how far labels reach */

	if (places->len == 0 || places->len > MOST_TICS)
		return;
	double end = pixel(axis, place[places->len - 1]) - half_width(place[places->len - 1]);

	g_string_append(out, "set xtics (");
	for (guint i = 0; i < places->len; i++) {
		char text[G_ASCII_DTOSTR_BUF_SIZE];
		double half = half_width(place[i]), at = pixel(axis, place[i]);
		bool fits = i == places->len - 1 || (at - half >= taken && at + half <= end);

		g_string_append_printf(out, "%s'%s' ", i > 0 ? ", " : "", fits ? tic_text(text, place[i]) : "");
		add_number(out, place[i], "");
		taken = fits ? at + half : taken;
	}
	g_string_append(out, ")\n");
}

static void add_label_tics(GString *out, const struct figure *f)
{
	const struct figure_line *line = first_line(f);
	bool bars = f->kind == FIGURE_BARS;

	g_string_append_printf(out, "set %stics (", bars ? "y" : "x");
	for (guint i = 0; i < line->points->len; i++) {
		const struct figure_point *p = &g_array_index(line->points, struct figure_point, i);

		g_string_append(out, i > 0 ? ", " : "");
		add_quoted(out, "", p->label, " ");
		add_number(out, bars ? p->y : p->x, "");
	}
	g_string_append_printf(out, ")%s\n", bars ? "" : " rotate by -30 left");
	if (!bars)
		g_string_append(out, "set rmargin 12\n");
	if (bars)
		g_string_append_printf(out, "set yrange [%u.5:-0.5]\n", line->points->len - 1);
	else
		g_string_append_printf(out, "set xrange [-0.5:%u.5]\n", line->points->len - 1);
}

/* From 0 where nothing lies below it; gnuplot wants some range even where all is 0. */
static void add_range(GString *out, const char *axis, struct extent e, struct shown shown)
{
	if (e.least >= 0 && e.high <= 0)
		g_string_append_printf(out, "set %srange [0:1]\n", axis);
	else if (e.least >= 0)
		g_string_append_printf(out, "set %srange [0:%.10g]\n", axis, e.high * shown.factor * 1.05);
}

static void add_y_axis(GString *out, const struct figure *f, struct extent e, struct shown y)
{
	g_autofree char *label = axis_label(f->y_label, y);

	if (f->kind == FIGURE_BARS)
		return;
	add_quoted(out, "set ylabel ", label, " textcolor '#000000'\n");
	if (f->kind == FIGURE_CDF)
		g_string_append(out, "set yrange [0:1]\n");
	else if (f->kind != FIGURE_CURVES && e.positive && e.high >= LOG_SPAN * e.low)
		g_string_append(out, "set logscale y\n");
	else
		add_range(out, "y", e, y);
}

static void add_log_range(GString *out, double low, double high, int base)
{
	g_string_append_printf(out, "set logscale x %d\nset xrange [%.10g:%.10g]\n", base, low, high);
}

static void add_sweep_axis(GString *out, const struct figure *f, struct extent e, struct shown x)
{
	struct sweep_axis axis = sweep_axis(e, x);

	if (axis.logarithmic)
		add_log_range(out, axis.low, axis.high, 2);
	else
		g_string_append_printf(out, "set xrange [%.10g:%.10g]\n", axis.low, axis.high);
	add_x_tics(out, f, x, &axis);
}

static void add_x_axis(GString *out, const struct figure *f, struct extent e, struct shown x)
{
	g_autofree char *label = axis_label(f->x_label, x);

	add_quoted(out, "set xlabel ", label, " offset 0,0.3 textcolor '#000000'\n");
	if (f->kind == FIGURE_STEPS || f->kind == FIGURE_BARS)
		add_label_tics(out, f);
	if (f->kind == FIGURE_SWEEP) {
		add_sweep_axis(out, f, e, x);
	} else if (f->kind == FIGURE_CDF && e.positive && e.most >= LOG_SPAN / 2 * e.least) {
		add_log_range(out, e.least * x.factor / 1.3, e.most * x.factor * 1.3, 10);
	} else if (f->kind == FIGURE_CDF || f->kind == FIGURE_CURVES) {
		add_range(out, "x", (struct extent){.high = e.most, .least = e.least}, x);
	}
	if (f->kind == FIGURE_BARS)
		g_string_append(out, "set arrow 1 from first 0,graph 0 to first 0,graph 1 nohead linewidth 1.5 "
				     "linecolor '#000000'\n");
}

static void add_marks(GString *out, const struct figure *f, struct shown x)
{
	for (guint i = 0; i < f->marks->len; i++) {
		const struct figure_mark *m = &g_array_index(f->marks, struct figure_mark, i);

		g_string_append_printf(out, "set object %u rectangle from ", i + 1);
		add_number(out, m->low * x.factor, ",graph 0 to ");
		add_number(out, m->high * x.factor, ",graph 1 ");
		g_string_append_printf(out, "fillcolor '%s' fillstyle transparent solid 0.25 noborder behind\n",
				       m->line < FIGURE_MAX_LINES ? colours[m->line] : "#7F7F7F");
	}
}

static void add_comma(GString *out, bool *first)
{
	g_string_append(out, *first ? "plot " : ", \\\n     ");
	*first = false;
}

static void add_bands(GString *out, const struct figure *f, bool *first)
{
	guint block = f->lines->len;

	for (guint i = 0; i < f->lines->len; i++) {
		if (!has_band(f->lines->pdata[i]))
			continue;
		add_comma(out, first);
		if (f->kind == FIGURE_CDF)
			g_string_append_printf(out, "'%s.dat' index %u using 1:2 with filledcurves closed", f->name,
					       block++);
		else
			g_string_append_printf(out, "'%s.dat' index %u using 1:3:4 with filledcurves", f->name, i);
		g_string_append_printf(out, " linecolor '%s' notitle", colours[i]);
	}
}

static void add_lines(GString *out, const struct figure *f, bool *first)
{
	static const char *const styles[] = {[FIGURE_CURVES] = "using 1:2 with lines",
					     [FIGURE_CDF] = "using 1:2 with lines",
					     [FIGURE_SWEEP] = "using 1:2:3:4 with yerrorlines",
					     [FIGURE_STEPS] = "using 1:2:3:4 with yerrorbars",
					     [FIGURE_BARS] = "using 1:2:3:4 with xerrorbars"};

	for (guint i = 0; i < f->lines->len; i++) {
		const struct figure_line *line = f->lines->pdata[i];

		add_comma(out, first);
		g_string_append_printf(out, "'%s.dat' index %u %s linestyle %u", f->name, i, styles[f->kind], i + 1);
		add_quoted(out, " title ", line->label, "");
	}
}

char *figure_print_script(const struct figure *f)
{
	GString *out = g_string_new(NULL);
	struct extent ex = extent_of(f, true), ey = extent_of(f, false);
	struct shown x = show(f->x_unit, ex), y = show(f->y_unit, ey);
	bool first = true;

	add_head(out, f);
	add_x_axis(out, f, ex, x);
	add_y_axis(out, f, ey, y);
	add_marks(out, f, x);
	if (f->kind == FIGURE_CDF || f->kind == FIGURE_CURVES)
		add_bands(out, f, &first);
	add_lines(out, f, &first);
	g_string_append(out, "\n");
	return g_string_free(out, FALSE);
}
