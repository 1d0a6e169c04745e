#include "models/cli/compare.h"

#include <math.h>
#include <string.h>

#include "models/cli/run.h"
#include "models/cli/table.h"
#include "sim/study/human.h"

#define MOST 40 /* tables that are printed; compare.csv has all */
#define COLUMNS 7

static const struct sim_claim *claim_at(const struct comparison_report *r, guint i)
{
	return &g_array_index(r->claims->claims, struct sim_claim, i);
}

static const char *unit_of(const struct sim_claim *c)
{
	return c->what->show != NULL ? c->what->show : c->unit;
}

/* All flows are one where both have that one alone. */
static const char *title_of(const struct comparison_report *r, const struct sim_claim *c)
{
	g_autoptr(GPtrArray) a = sim_summary_flows(r->summary, c->couple->a->number);
	g_autoptr(GPtrArray) b = sim_summary_flows(r->summary, c->couple->b->number);

	if (strcmp(c->flow, "all") != 0)
		return c->flow;
	return a->len == 2 && b->len == 2 && a->pdata[1] == b->pdata[1] ? a->pdata[1] : "all flows"; /* interned */
}

static bool belongs(const struct sim_claim *c, const struct sim_couple *couple, const char *flow)
{
	return c->couple == couple && strcmp(c->flow, flow) == 0;
}

static char *name_couple(const struct sim_couple *couple)
{
	const char *iteration = sim_cell_iteration(couple->a);

	return g_strconcat(sim_cell_config(couple->a), " and ", sim_cell_config(couple->b),
			   *iteration != '\0' ? ", " : "", iteration, NULL);
}

void comparison_report_warn(const struct comparison_report *r, GPtrArray *warnings)
{
	for (guint i = 0; i < r->claims->couples->len; i++) {
		const struct sim_couple *couple = &g_array_index(r->claims->couples, struct sim_couple, i);
		g_autofree char *name = name_couple(couple);
		g_autoptr(GString) list = g_string_new(NULL);

		for (guint k = 0; k < r->claims->claims->len; k++) {
			const struct sim_claim *c = claim_at(r, k);

			if (belongs(c, couple, "all") && c->paired.unsynchronised)
				g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "", c->what->label);
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

static char *show_difference(const struct sim_claim *c)
{
	struct sim_estimate e = estimate_of(&c->paired);
	g_autofree char *text = human_estimate(&e, unit_of(c));

	return g_strconcat(sim_claim_holds(c->adjusted) ? "* " : "", e.mean > 0 ? "+" : "", text, NULL);
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

static void add_cells(GPtrArray *cells, const GArray *summary, const struct sim_claim *c)
{
	g_ptr_array_add(cells, g_strdup(c->what->label));
	g_ptr_array_add(cells, table_value(summary, c->what, c->flow, c->couple->a));
	g_ptr_array_add(cells, table_value(summary, c->what, c->flow, c->couple->b));
	g_ptr_array_add(cells, show_difference(c));
	g_ptr_array_add(cells, show_ratio(&c->paired));
	g_ptr_array_add(cells, show_number(c->paired.correlation, "%.3f"));
	g_ptr_array_add(cells, show_number(c->paired.variance_ratio, "%.3f"));
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
static guint print_table(const struct comparison_report *r, guint from, bool print)
{
	const struct sim_claim *first = claim_at(r, from);
	g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
	const char *iteration = sim_cell_iteration(first->couple->a);
	const char *const heads[COLUMNS] = {*iteration != '\0' ? iteration : title_of(r, first),
					    sim_cell_config(first->couple->a),
					    sim_cell_config(first->couple->b),
					    "difference",
					    "ratio",
					    "correlation",
					    "variance"};
	guint i = from;

	for (guint k = 0; k < COLUMNS; k++)
		g_ptr_array_add(cells, g_strdup(heads[k]));
	for (; i < r->claims->claims->len && belongs(claim_at(r, i), first->couple, first->flow); i++)
		add_cells(cells, r->summary, claim_at(r, i));
	if (print) {
		putchar('\n');
		print_cells(cells);
	}
	return i;
}

static void print_tables(const struct comparison_report *r)
{
	guint printed = 0;

	for (guint i = 0; i < r->claims->claims->len; printed++)
		i = print_table(r, i, printed < MOST);
	if (printed > MOST)
		printf("\n  %u more tables: see compare.csv\n", printed - MOST);
}

/* ---- in words ---- */

/* "523.1 ± 13.7 ms", of the size of the difference. */
static char *show_size(const struct sim_claim *c)
{
	struct sim_estimate e = estimate_of(&c->paired);

	if (e.mean < 0)
		e = (struct sim_estimate){
		    .mean = -e.mean, .low = -e.high, .high = -e.low, .n = e.n, .interval = e.interval};
	e.interval = e.interval && e.low < e.high;
	char *text = human_estimate(&e, unit_of(c));

	if (!g_str_has_suffix(text, "%"))
		return text;
	text[strlen(text) - 1] = '\0'; /* a difference of shares is no share of anything */
	char *points = g_strconcat(text, "percentage points", NULL);

	g_free(text);
	return points;
}

static void print_basis(const struct sim_claim *c)
{
	const struct sim_paired *p = &c->paired;
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

static void print_verdict(const struct comparison_report *r, const struct sim_claim *c)
{
	const struct sim_paired *p = &c->paired;
	const char *a = sim_cell_config(c->couple->a), *b = sim_cell_config(c->couple->b);
	const char *iteration = sim_cell_iteration(c->couple->a);
	g_autofree char *size = show_size(c);

	printf("%s%s%s: ", *iteration != '\0' ? iteration : "", *iteration != '\0' ? ", " : "", title_of(r, c));
	if (is_nothing(p)) {
		printf("no difference in %s", c->what->label);
	} else if (p->low <= 0 && 0 <= p->high) {
		printf("no difference found in %s: that of %s is %s %s than that of %s", c->what->label, b, size,
		       p->difference > 0 ? c->what->more : c->what->less, a);
	} else {
		printf("%s of %s is %s %s than of %s", c->what->label, b, size,
		       p->difference > 0 ? c->what->more : c->what->less, a);
	}
	print_basis(c);
	if ((p->low > 0 || p->high < 0) && !sim_claim_holds(c->adjusted))
		printf("; among so many comparisons not to be relied on");
	puts(".");
}

static void print_verdicts(const struct comparison_report *r)
{
	guint printed = 0;

	putchar('\n');
	for (guint i = 0; i < r->claims->claims->len && printed < 3 * MOST; i++) {
		const struct sim_claim *c = claim_at(r, i);

		if (c->what->more == NULL || (strcmp(c->flow, "all") != 0 && is_nothing(&c->paired)))
			continue;
		print_verdict(r, c);
		printed++;
	}
}

static void print_notes(const struct comparison_report *r)
{
	guint claims = 0, counted = 0;

	for (guint i = 0; i < r->claims->claims->len; i++) {
		const struct sim_claim *c = claim_at(r, i);

		counted += isnan(c->adjusted) ? 0 : 1;
		claims += sim_claim_holds(c->adjusted);
	}
	printf("\nDifference: the second config less the first, replication by replication, ± the half-width of its "
	       "%g %% interval (paired t).\n",
	       100 * SIM_CONFIDENCE);
	printf("* %u of %u differences, which hold together at %g %% (Holm's procedure over all lines above).\n",
	       claims, counted, 100 * SIM_CONFIDENCE);
	printf("Variance: of the paired difference over that of unpaired runs; 0.1 is worth ten times the "
	       "replications.\n");
	if (sim_scenario_iterations(sim_campaign_scenario(r->campaign)) > 1)
		printf("All flows together; compare.csv has each.\n");
	run_report_model_notes(r->campaign, true);
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

void comparison_report_print(const struct comparison_report *r, const char *folder)
{
	print_head(r->campaign);
	if (r->claims->claims->len > 0) {
		print_tables(r);
		print_verdicts(r);
		print_notes(r);
	}
	printf("Results: %s/compare.csv, claims.csv, summary.csv, runs.csv, manifest.json\n", folder);
}
