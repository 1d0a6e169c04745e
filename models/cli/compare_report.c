#include "models/cli/compare.h"

#include <math.h>
#include <string.h>

#include "models/cli/run.h"
#include "models/cli/table.h"
#include "sim/study/holm.h"
#include "sim/study/human.h"

#define MOST 40 /* tables that are printed; compare.csv has all */
#define COLUMNS 7

/* One line of what is printed: a headline of one flow of one couple. */
struct line {
	const struct sim_headline *what;
	const struct sim_couple *couple;
	const char *flow, *title; /* of the flow in results, and for people */
	const char *unit;
	struct sim_paired paired;
	double adjusted; /* p, by Holm's procedure */
};

struct comparison_report {
	const struct sim_campaign *campaign;
	GArray *couples; /* of struct sim_couple */
	GArray *lines;   /* of struct line, by couple and flow */
};

/* ---- what there is to say ---- */

static const char *unit_of(const GArray *summary, const struct line *l)
{
	const struct sim_metric metric = {l->what->module, l->flow, l->what->metric};
	const struct sim_summary_row *row =
	    sim_summary_find(summary, l->couple->a->number, &metric, l->what->statistic);

	return l->what->show != NULL ? l->what->show : row != NULL ? row->unit : "";
}

static void add_line(struct comparison_report *r, const GArray *summary, struct line l)
{
	const struct sim_metric per = {"all", l.flow, l.what->per};
	const struct sim_comparison_line line = {
	    {l.what->module, l.flow, l.what->metric}, l.what->statistic, l.what->per != NULL ? &per : NULL};

	if (!sim_comparison_pair(l.couple, &line, &l.paired))
		return;
	l.unit = unit_of(summary, &l);
	g_array_append_val(r->lines, l);
}

static void add_flow(struct comparison_report *r, const GArray *summary, const struct sim_couple *couple,
		     const char *flow, const char *title)
{
	const struct sim_headline *what = r->campaign->model->headline;

	for (; what != NULL && what->label != NULL; what++)
		add_line(r, summary, (struct line){.what = what, .couple = couple, .flow = flow, .title = title});
}

/* Of several iterations all flows together; of one each flow, too, where there are several. */
static void add_couple(struct comparison_report *r, const GArray *summary, const struct sim_couple *couple,
		       bool each_flow)
{
	g_autoptr(GPtrArray) flows = table_flows(summary, couple->a);

	add_flow(r, summary, couple, "all", flows->len == 2 ? g_ptr_array_index(flows, 1) : "all flows");
	for (guint i = 1; each_flow && flows->len > 2 && i < flows->len; i++)
		add_flow(r, summary, couple, g_ptr_array_index(flows, i), g_ptr_array_index(flows, i));
}

static void adjust(struct comparison_report *r)
{
	g_autofree double *p = g_new(double, r->lines->len + 1);

	for (guint i = 0; i < r->lines->len; i++)
		p[i] = g_array_index(r->lines, struct line, i).paired.p;
	sim_holm(p, p, r->lines->len);
	for (guint i = 0; i < r->lines->len; i++)
		g_array_index(r->lines, struct line, i).adjusted = p[i];
}

struct comparison_report *comparison_report_new(const struct sim_campaign *campaign, const GArray *summary)
{
	struct comparison_report *r = g_new0(struct comparison_report, 1);

	r->campaign = campaign;
	r->couples = sim_comparison_couples(campaign);
	r->lines = g_array_new(FALSE, FALSE, sizeof(struct line));
	const struct sim_couple *couples = (const struct sim_couple *)(void *)r->couples->data;

	for (guint i = 0; i < r->couples->len; i++)
		add_couple(r, summary, &couples[i], sim_scenario_iterations(sim_campaign_scenario(campaign)) == 1);
	adjust(r);
	return r;
}

void comparison_report_free(struct comparison_report *r)
{
	g_array_unref(r->couples);
	g_array_unref(r->lines);
	g_free(r);
}

static bool belongs(const struct line *l, const struct sim_couple *couple, const char *flow)
{
	return l->couple == couple && strcmp(l->flow, flow) == 0;
}

static char *name_couple(const struct sim_couple *couple)
{
	const char *iteration = sim_cell_iteration(couple->a);

	return g_strconcat(sim_cell_config(couple->a), " and ", sim_cell_config(couple->b),
			   *iteration != '\0' ? ", " : "", iteration, NULL);
}

void comparison_report_warn(const struct comparison_report *r, GPtrArray *warnings)
{
	for (guint i = 0; i < r->couples->len; i++) {
		const struct sim_couple *couple = &g_array_index(r->couples, struct sim_couple, i);
		g_autofree char *name = name_couple(couple);
		g_autoptr(GString) list = g_string_new(NULL);

		for (guint k = 0; k < r->lines->len; k++) {
			const struct line *l = &g_array_index(r->lines, struct line, k);

			if (belongs(l, couple, "all") && l->paired.unsynchronised)
				g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "", l->what->label);
		}
		if (list->len > 0)
			g_ptr_array_add(warnings, g_strdup_printf("%s: not synchronised (correlation <= 0) in %s: "
								  "there the two share no luck, and pairing gains "
								  "nothing",
								  name, list->str));
	}
}

/* ---- the tables ---- */

static struct sim_estimate estimate_of(const struct sim_paired *p)
{
	return (struct sim_estimate){.mean = p->difference,
				     .low = p->low,
				     .high = p->high,
				     .n = p->n,
				     .interval = !isnan(p->low),
				     .method = p->method,
				     .verdict = p->verdict};
}

static char *show_difference(const struct line *l)
{
	struct sim_estimate e = estimate_of(&l->paired);
	g_autofree char *text = human_estimate(&e, l->unit);

	return g_strconcat(l->adjusted <= 1 - SIM_CONFIDENCE ? "* " : "", e.mean > 0 ? "+" : "", text, NULL);
}

static char *show_ratio(const struct sim_paired *p)
{
	if (isnan(p->ratio))
		return g_strdup("");
	if (isnan(p->ratio_low) || p->ratio_low == p->ratio_high)
		return g_strdup_printf("%.4g", p->ratio);
	return g_strdup_printf("%.4g (%.4g to %.4g)", p->ratio, p->ratio_low, p->ratio_high);
}

static char *show_number(double x, const char *format)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	return g_strdup(isnan(x) ? "" : g_ascii_formatd(text, sizeof(text), format, x));
}

static void add_cells(GPtrArray *cells, const GArray *summary, const struct line *l)
{
	g_ptr_array_add(cells, g_strdup(l->what->label));
	g_ptr_array_add(cells, table_value(summary, l->what, l->flow, l->couple->a));
	g_ptr_array_add(cells, table_value(summary, l->what, l->flow, l->couple->b));
	g_ptr_array_add(cells, show_difference(l));
	g_ptr_array_add(cells, show_ratio(&l->paired));
	g_ptr_array_add(cells, show_number(l->paired.correlation, "%.3f"));
	g_ptr_array_add(cells, show_number(l->paired.variance_ratio, "%.3f"));
}

static void print_cells(const GPtrArray *cells)
{
	int widths[COLUMNS] = {0};

	for (guint i = 0; i < cells->len; i++)
		widths[i % COLUMNS] = MAX(widths[i % COLUMNS], (int)g_utf8_strlen(g_ptr_array_index(cells, i), -1));
	for (guint i = 0; i < cells->len; i += COLUMNS) {
		guint last = COLUMNS - 1; /* no blanks behind the last cell that holds anything */

		while (last > 0 && *(const char *)g_ptr_array_index(cells, i + last) == '\0')
			last--;
		for (guint k = 0; k <= last; k++) {
			const char *cell = g_ptr_array_index(cells, i + k);
			int blanks = widths[k] - (int)g_utf8_strlen(cell, -1);

			if (k == 0)
				printf("  %s%*s", cell, last > 0 ? blanks : 0, "");
			else
				printf("  %*s%s", blanks, "", cell);
		}
		putchar('\n');
	}
}

/* The lines from `from` on that are of one couple and flow; returns the next one's place. */
static guint print_table(const struct comparison_report *r, const GArray *summary, guint from, bool print)
{
	const struct line *first = &g_array_index(r->lines, struct line, from);
	g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
	const char *iteration = sim_cell_iteration(first->couple->a);
	const char *const heads[COLUMNS] = {*iteration != '\0' ? iteration : first->title,
					    sim_cell_config(first->couple->a),
					    sim_cell_config(first->couple->b),
					    "difference",
					    "ratio",
					    "correlation",
					    "variance"};
	guint i = from;

	for (guint k = 0; k < COLUMNS; k++)
		g_ptr_array_add(cells, g_strdup(heads[k]));
	for (; i < r->lines->len && belongs(&g_array_index(r->lines, struct line, i), first->couple, first->flow);
	     i++)
		add_cells(cells, summary, &g_array_index(r->lines, struct line, i));
	if (print) {
		putchar('\n');
		print_cells(cells);
	}
	return i;
}

static void print_tables(const struct comparison_report *r, const GArray *summary)
{
	guint printed = 0;

	for (guint i = 0; i < r->lines->len; printed++)
		i = print_table(r, summary, i, printed < MOST);
	if (printed > MOST)
		printf("\n  %u more tables: see compare.csv\n", printed - MOST);
}

/* ---- in words ---- */

/* "523.1 ± 13.7 ms", of the size of the difference. */
static char *show_size(const struct line *l)
{
	struct sim_estimate e = estimate_of(&l->paired);

	if (e.mean < 0)
		e = (struct sim_estimate){
		    .mean = -e.mean, .low = -e.high, .high = -e.low, .n = e.n, .interval = e.interval};
	e.interval = e.interval && e.low < e.high;
	char *text = human_estimate(&e, l->unit);

	if (!g_str_has_suffix(text, "%"))
		return text;
	text[strlen(text) - 1] = '\0'; /* a difference of shares is no share of anything */
	char *points = g_strconcat(text, "percentage points", NULL);

	g_free(text);
	return points;
}

static void print_basis(const struct line *l)
{
	const struct sim_paired *p = &l->paired;
	g_autofree char *gain = show_number(p->variance_ratio, "%.3f");

	if (strcmp(p->verdict, "deterministic") == 0)
		printf(" (deterministic: the replications do not differ)");
	else if (p->n < 2)
		printf(" in the one pair that there is: no interval");
	else if (p->n < SIM_ENOUGH_REPLICATIONS)
		printf(" (%zu pairs: too few to rely on their interval)", p->n);
	else
		printf(" (%zu pairs, paired t, %g %%%s%s)", p->n, 100 * SIM_CONFIDENCE,
		       *gain != '\0' ? "; pairing leaves this much of the variance: " : "", gain);
}

static bool is_nothing(const struct sim_paired *p)
{
	return p->difference == 0 && !(p->low < p->high);
}

static void print_verdict(const struct line *l)
{
	const struct sim_paired *p = &l->paired;
	const char *a = sim_cell_config(l->couple->a), *b = sim_cell_config(l->couple->b);
	const char *iteration = sim_cell_iteration(l->couple->a);
	g_autofree char *size = show_size(l);

	printf("%s%s%s: ", *iteration != '\0' ? iteration : "", *iteration != '\0' ? ", " : "", l->title);
	if (is_nothing(p)) {
		printf("no difference in %s", l->what->label);
	} else if (p->low <= 0 && 0 <= p->high) {
		printf("no difference found in %s: that of %s is %s %s than that of %s", l->what->label, b, size,
		       p->difference > 0 ? l->what->more : l->what->less, a);
	} else {
		printf("%s of %s is %s %s than of %s", l->what->label, b, size,
		       p->difference > 0 ? l->what->more : l->what->less, a);
	}
	print_basis(l);
	if ((p->low > 0 || p->high < 0) && l->adjusted > 1 - SIM_CONFIDENCE)
		printf("; among so many comparisons not to be relied on");
	puts(".");
}

static void print_verdicts(const struct comparison_report *r)
{
	guint printed = 0;

	putchar('\n');
	for (guint i = 0; i < r->lines->len && printed < 3 * MOST; i++) {
		const struct line *l = &g_array_index(r->lines, struct line, i);

		if (l->what->more == NULL || (strcmp(l->flow, "all") != 0 && is_nothing(&l->paired)))
			continue;
		print_verdict(l);
		printed++;
	}
}

static void print_notes(const struct comparison_report *r, const struct sim_campaign *c)
{
	guint claims = 0, counted = 0;

	for (guint i = 0; i < r->lines->len; i++) {
		const struct line *l = &g_array_index(r->lines, struct line, i);

		counted += isnan(l->adjusted) ? 0 : 1;
		claims += l->adjusted <= 1 - SIM_CONFIDENCE ? 1 : 0;
	}
	printf("\nDifference: the second config less the first, replication by replication, ± the half-width of its "
	       "%g %% interval (paired t).\n",
	       100 * SIM_CONFIDENCE);
	printf("* %u of %u differences, which hold together at %g %% (Holm's procedure over all lines above).\n",
	       claims, counted, 100 * SIM_CONFIDENCE);
	printf("Variance: of the paired difference over that of unpaired runs; 0.1 is worth ten times the "
	       "replications.\n");
	if (sim_scenario_iterations(sim_campaign_scenario(c)) > 1)
		printf("All flows together; compare.csv has each.\n");
	run_report_model_notes(c, true);
}

static void print_head(const struct sim_campaign *c)
{
	const struct sim_scenario *s = sim_campaign_scenario(c);
	g_autoptr(GString) names = g_string_new(NULL);
	const char *last = NULL;

	for (guint i = 0; i < c->cells->len; i++) {
		const char *config = sim_cell_config(g_ptr_array_index(c->cells, i));

		if (last == NULL || strcmp(last, config) != 0)
			g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", config);
		last = config;
	}
	printf("%s, configs %s under common random numbers: %s study, %u runs, seed %s\n", sim_scenario_stem(s),
	       names->str, sim_value(sim_scenario_values(s, 0), "study")->text,
	       sim_campaign_count(c, SIM_JOB_FINISHED), sim_value(sim_scenario_values(s, 0), "seed")->text);
}

void comparison_report_print(const struct comparison_report *r, const GArray *summary, const char *folder)
{
	print_head(r->campaign);
	if (r->lines->len > 0) {
		print_tables(r, summary);
		print_verdicts(r);
		print_notes(r, r->campaign);
	}
	printf("Results: %s/compare.csv, summary.csv, runs.csv, manifest.json\n", folder);
}
