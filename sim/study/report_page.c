#include <math.h>
#include <string.h>

#include "sim/study/human.h"
#include "sim/study/report_parts.h"

static const char style[] =
    ":root{color-scheme:light}"
    "*{box-sizing:border-box}"
    "body{margin:0;font:16px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff}"
    "header,nav,main,footer{max-width:70rem;margin:0 auto;padding:0 1rem}"
    "header{padding-top:1rem}"
    "h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0;overflow-wrap:anywhere}"
    "h2{font-size:1.3rem;margin:2rem 0 .5rem;border-bottom:2px solid #0072b2}"
    "h3{font-size:1.05rem;margin:1.5rem 0 .5rem}"
    "a{color:#00558a}a:focus,summary:focus,.box:focus{outline:3px solid #d55e00;outline-offset:2px}"
    ".skip{position:absolute;left:-999rem}.skip:focus{left:1rem;top:.5rem;background:#fff;padding:.5rem}"
    "nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;padding:0;margin:.5rem 0}"
    ".box{overflow-x:auto;margin:.5rem 0 1rem;max-width:100%}"
    "table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}"
    "caption{text-align:left;font-weight:600;padding:.25rem 0}"
    "th,td{padding:.25rem .6rem;border-bottom:1px solid #d0d0d0;text-align:left;vertical-align:top}"
    "thead th{border-bottom:2px solid #555}"
    ".figures thead th+th{text-align:right}td.n{text-align:right;white-space:nowrap}"
    "tr.default td,tr.default th{color:#595959;font-weight:400}"
    "figure{margin:1.5rem 0;max-width:50rem}"
    "figure img{display:block;width:100%;min-width:36rem;height:auto;border:1px solid #d0d0d0}"
    "figcaption{font-size:.875rem}"
    ".warn{border-left:.4rem solid #d55e00;background:#fff4ec;padding:.5rem 1rem;margin:1rem 0}"
    "summary{cursor:pointer;font-weight:600;padding:.25rem 0}"
    "dt{font-weight:600;margin-top:.5rem}dd{margin:0 0 0 1rem;overflow-wrap:anywhere}"
    "code{font-size:.9em;overflow-wrap:anywhere}li,p{overflow-wrap:anywhere}"
    "footer{margin:2rem auto;font-size:.875rem;color:#595959}"
    "@media print{nav,.skip{display:none}main{max-width:none}.box{overflow:visible}figure,tr{break-inside:avoid}"
    "body{font-size:11pt}a{color:inherit;text-decoration:none}}";

void report_add(struct reporter *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_markup_vprintf_escaped(format, args);

	va_end(args);
	g_string_append(r->out, text);
}

void report_section(struct reporter *r, const char *id, const char *heading)
{
	report_add(r, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n", id, id, heading);
}

static void begin_table(struct reporter *r, const char *class, const char *caption, const char *const *columns)
{
	report_add(r, "<div class=\"%s\" role=\"region\" tabindex=\"0\" aria-label=\"%s\"><table>\n", class, caption);
	report_add(r, "<caption>%s</caption>\n<thead><tr>", caption);
	for (; *columns != NULL; columns++)
		report_add(r, "<th scope=\"col\">%s</th>", *columns);
	report_add(r, "</tr></thead>\n<tbody>\n");
}

void report_table(struct reporter *r, const char *caption, const char *const *columns)
{
	begin_table(r, "box", caption, columns);
}

void report_figures_table(struct reporter *r, const char *caption, const char *const *columns)
{
	begin_table(r, "box figures", caption, columns);
}

void report_table_end(struct reporter *r)
{
	report_add(r, "</tbody></table></div>\n");
}

static char *one_value(double value, const char *unit)
{
	return human_estimate(&(struct sim_estimate){.mean = value, .n = 1}, unit);
}

char *report_value(const struct sim_estimate *e, const char *unit)
{
	double middle = (e->low + e->high) / 2, half = (e->high - e->low) / 2;

	if (!e->interval || fabs(middle - e->mean) <= 0.01 * half + 1e-9 * fabs(e->mean))
		return human_estimate(e, unit);
	g_autofree char *mean = one_value(e->mean, unit), *low = one_value(e->low, unit),
			*high = one_value(e->high, unit);

	return g_strdup_printf("%s (%s to %s)", mean, low, high);
}

const char *report_parameter(const struct reporter *r, const char *name)
{
	for (guint i = 0; i < r->archive->iterations->len; i++) {
		const char *value = sim_archive_parameter(
		    &g_array_index(r->archive->iterations, struct sim_archive_iteration, i), name);

		if (value != NULL)
			return value;
	}
	return "";
}

const char *report_case_name(const struct archive_case *c)
{
	return *c->label != '\0' ? c->label : "all runs";
}

/* ---- figures ---- */

/* What a figure shows, for those who do not see it. */
static char *alternative(const struct figure *f)
{
	g_autofree char *describe = figure_describe(f);
	GString *out = g_string_new(NULL);

	g_string_append_printf(out, "%s. %s over %s. ", f->title, f->y_label, f->x_label);
	for (guint i = 0; i < f->lines->len; i++) {
		const struct figure_line *line = f->lines->pdata[i];
		const struct figure_point *first = &g_array_index(line->points, struct figure_point, 0);
		const struct figure_point *last =
		    &g_array_index(line->points, struct figure_point, line->points->len - 1);
		g_autofree char *x1 = one_value(first->x, f->x_unit), *x2 = one_value(last->x, f->x_unit);
		g_autofree char *y1 = one_value(first->y, f->y_unit), *y2 = one_value(last->y, f->y_unit);

		if (f->kind == FIGURE_BARS || f->kind == FIGURE_STEPS)
			g_string_append_printf(out, "%s: %u values, also in the tables. ", line->label,
					       line->points->len);
		else
			g_string_append_printf(out, "%s: from %s at %s to %s at %s. ", line->label, y1, x1, y2, x2);
	}
	g_string_append(out, describe);
	return g_string_free(out, FALSE);
}

static void add_figure(struct reporter *r, const struct figure *f, GBytes *svg)
{
	gsize n;
	const guchar *data = g_bytes_get_data(svg, &n);
	g_autofree char *base64 = g_base64_encode(data, n), *alt = alternative(f), *describe = figure_describe(f);

	report_add(r,
		   "<figure>\n<div class=\"box\" role=\"region\" tabindex=\"0\" aria-label=\"%s\"><img width=\"800\" "
		   "alt=\"%s\" src=\"data:image/svg+xml;base64,",
		   f->title, alt);
	g_string_append(r->out, base64);
	report_add(r,
		   "\"></div>\n<figcaption>%s. %s. Made by <code>plots/%s.gp</code> from <code>plots/%s.dat</code>."
		   "</figcaption>\n</figure>\n",
		   f->title, describe, f->name, f->name);
}

void report_figures(struct reporter *r)
{
	report_section(r, "plots", "Plots");
	if (r->figures->len == 0)
		report_add(
		    r,
		    "<p>There is nothing to draw: that takes several cases, distributions (cdf.csv), or time series "
		    "(series.csv).</p>\n");
	for (guint i = 0; i < r->figures->len; i++)
		add_figure(r, r->figures->pdata[i], r->svgs->pdata[i]);
	report_add(r, "</section>\n");
}

/* ---- page ---- */

static char *page_title(const struct reporter *r)
{
	const struct sim_archive *a = r->archive;
	g_autofree char *scenario = g_path_get_basename(sim_archive_fact(a, "scenario"));
	const char *file = strcmp(scenario, "-") == 0 ? "standard input" : scenario;
	bool general = a->configs->len == 1 && strcmp(a->configs->pdata[0], "General") == 0;
	bool known = *sim_archive_fact(a, "scenario") != '\0';
	GString *out = g_string_new(NULL);

	if (a->sought && a->brackets->len > 0)
		g_string_append_printf(
		    out, "Capacity in %s: ", g_array_index(a->brackets, struct sim_archive_bracket, 0).parameter);
	for (guint i = 0; (!general || !known) && i < a->configs->len; i++)
		g_string_append_printf(out, "%s%s", i > 0 ? " against " : "", (const char *)a->configs->pdata[i]);
	if (known)
		g_string_append_printf(out, "%s%s", general ? "" : " of ", file);
	return g_string_free(out, FALSE);
}

static void add_contents(struct reporter *r)
{
	static const char *const entries[][2] = {
	    {"question", "Question"}, {"answer", "Answer"},   {"troubles", "Reservations"}, {"results", "Results"},
	    {"plots", "Plots"},       {"methods", "Methods"}, {"parameters", "Parameters"}, {"runs", "Runs"}};

	report_add(r, "<nav aria-label=\"Contents\"><ul>");
	for (size_t i = 0; i < G_N_ELEMENTS(entries); i++)
		report_add(r, "<li><a href=\"#%s\">%s</a></li>", entries[i][0], entries[i][1]);
	report_add(r, "</ul></nav>\n");
}

char *report_page(struct reporter *r)
{
	g_autofree char *title = page_title(r);

	r->out = g_string_new(NULL);
	report_add(r, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
	report_add(r, "<title>%s</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>", title);
	g_string_append(r->out, style);
	report_add(r, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>\n");
	report_add(r, "<header><h1>%s</h1></header>\n", title);
	add_contents(r);
	report_add(r, "<main id=\"main\" tabindex=\"-1\">\n");
	report_question(r);
	report_answer(r);
	report_troubles(r);
	report_tables(r);
	report_figures(r);
	report_methods(r);
	report_parameters(r);
	report_add(r,
		   "</main>\n<footer>Made by <code>cpns-sim report</code> from the files of <code>%s</code> "
		   "alone.</footer>\n"
		   "</body>\n</html>\n",
		   r->archive->folder);
	return g_string_free(g_steal_pointer(&r->out), FALSE);
}
