#include "models/cli/capacity.h"

#include <math.h>
#include <stdio.h>

#include "models/cli/run.h"
#include "sim/study/cells.h"
#include "sim/study/human.h"
#include "sim/study/precision.h"

/* One trial of a search with its cell. */
struct point {
	const struct sim_capacity_trial *trial;
	const struct sim_cell *cell;
};

static int by_value(gconstpointer a, gconstpointer b)
{
	double x = ((const struct point *)a)->trial->value, y = ((const struct point *)b)->trial->value;

	return (x > y) - (x < y);
}

/* By value; g_array_unref. */
static GArray *sort_points(const struct capacity_search *search)
{
	GArray *points = g_array_new(FALSE, FALSE, sizeof(struct point));

	for (guint i = 0; i < search->cells->len; i++) {
		struct point point = {&g_array_index(search->found.trials, struct sim_capacity_trial, i),
				      g_ptr_array_index(search->cells, i)};

		g_array_append_val(points, point);
	}
	g_array_sort(points, by_value);
	return points;
}

/* The row of `metric.statistic`, of a counter, rate or share without one; or NULL. */
static const struct sim_summary_row *find_row(const GArray *summary, const struct sim_cell *cell, const char *metric,
					      const char *statistic)
{
	const struct sim_metric key = {"all", "all", metric};
	const struct sim_summary_row *row =
	    sim_summary_find(summary, cell->number, &key, statistic != NULL ? statistic : "total");

	return row != NULL || statistic != NULL ? row : sim_summary_find(summary, cell->number, &key, "mean");
}

static const struct sim_summary_row *find_named(const GArray *summary, const struct sim_cell *cell, const char *name)
{
	g_autofree char *metric = NULL, *statistic = NULL;

	return name != NULL && sim_metric_split(name, &metric, &statistic)
		   ? find_row(summary, cell, metric, statistic)
		   : NULL;
}

/* ---- the knee ---- */

/* Between these values the latency has its knee; false without one. */
static bool find_knee(const struct capacity_result *r, const GArray *summary, const GArray *points, double *low,
		      double *high)
{
	g_autofree double *x = g_new(double, points->len + 1), *y = g_new(double, points->len + 1);
	guint n = 0;

	for (guint i = 0; i < points->len; i++) {
		const struct point *point = &g_array_index(points, struct point, i);
		const struct sim_summary_row *row = find_named(summary, point->cell, r->campaign->model->latency);

		if (row == NULL)
			continue;
		x[n] = point->trial->value;
		y[n++] = row->estimate.mean;
	}
	int at = sim_kneedle(x, y, n);

	if (at < 0)
		return false;
	*low = x[at - 1];
	*high = x[at + 1];
	return true;
}

/* ---- capacity.csv ---- */

static void add_row(GString *out, const struct capacity_result *r, const struct capacity_search *search,
		    const char *parameter, double low, double high, double confidence, const char *verdict)
{
	sim_cells_text(out, r->config);
	sim_cells_text(out, search->iteration);
	sim_cells_text(out, parameter);
	sim_cells_number(out, low);
	sim_cells_number(out, high);
	sim_cells_text(out, r->unit);
	sim_cells_number(out, confidence);
	sim_cells_last(out, verdict);
	g_string_append_c(out, '\n');
}

GString *capacity_csv(const struct capacity_result *r, const GArray *summary)
{
	GString *out = g_string_new("config,iteration,parameter,lower,upper,unit,confidence,verdict\n");

	for (guint i = 0; i < r->searches->len; i++) {
		const struct capacity_search *search = g_ptr_array_index(r->searches, i);
		g_autoptr(GArray) points = sort_points(search);
		g_autofree char *knee = g_strdup_printf("%s knee of %s", r->parameter, r->campaign->model->latency);
		double low = NAN, high = NAN;
		bool found = find_knee(r, summary, points, &low, &high);

		add_row(out, r, search, r->parameter, search->found.lower, search->found.upper, SIM_CONFIDENCE,
			sim_capacity_verdict_text(search->found.verdict));
		if (r->campaign->model->latency != NULL)
			add_row(out, r, search, knee, low, high, NAN, found ? "ok" : "no knee");
	}
	return out;
}

/* ---- in print ---- */

static char *show_row(const struct sim_summary_row *row)
{
	return row != NULL ? human_estimate(&row->estimate, row->unit) : g_strdup("no value");
}

static char *show_value(double value, const char *unit)
{
	struct sim_estimate e = {.mean = value};

	return isnan(value) ? g_strdup("?") : human_estimate(&e, unit);
}

static void add_titles(GPtrArray *cells, const struct capacity_result *r)
{
	const struct sim_model *model = r->campaign->model;

	g_ptr_array_add(cells, g_strdup(r->parameter));
	g_ptr_array_add(cells, g_strdup("runs"));
	for (guint k = 0; k < r->slos->len; k++)
		g_ptr_array_add(cells, g_strdup(((const struct sim_slo *)g_ptr_array_index(r->slos, k))->text));
	if (model->goodput != NULL)
		g_ptr_array_add(cells, g_strdup(model->goodput));
	if (model->latency != NULL)
		g_ptr_array_add(cells, g_strdup(model->latency));
	g_ptr_array_add(cells, g_strdup("judged"));
}

static void add_point(GPtrArray *cells, const struct capacity_result *r, const GArray *summary,
		      const struct point *point)
{
	static const char *const judgements[] = {"unsure", "passes", "fails"};
	const struct sim_model *model = r->campaign->model;

	g_ptr_array_add(cells, show_value(point->trial->value, r->unit));
	g_ptr_array_add(cells, g_strdup_printf("%u", point->cell->jobs->len));
	for (guint k = 0; k < r->slos->len; k++) {
		const struct sim_slo *slo = g_ptr_array_index(r->slos, k);

		g_ptr_array_add(cells, show_row(find_row(summary, point->cell, slo->metric, slo->statistic)));
	}
	if (model->goodput != NULL)
		g_ptr_array_add(cells, show_row(find_named(summary, point->cell, model->goodput)));
	if (model->latency != NULL)
		g_ptr_array_add(cells, show_row(find_named(summary, point->cell, model->latency)));
	g_ptr_array_add(cells, g_strdup(judgements[point->trial->look.judgement]));
}

static void print_cells(const GPtrArray *cells, guint columns)
{
	g_autofree int *widths = g_new0(int, columns);

	for (guint i = 0; i < cells->len; i++)
		widths[i % columns] = MAX(widths[i % columns], (int)g_utf8_strlen(g_ptr_array_index(cells, i), -1));
	for (guint i = 0; i < cells->len; i++) {
		const char *cell = g_ptr_array_index(cells, i);

		printf("  %*s%s%s", widths[i % columns] - (int)g_utf8_strlen(cell, -1), "", cell,
		       i % columns == columns - 1 ? "\n" : "");
	}
}

static void print_curve(const struct capacity_result *r, const GArray *summary, const GArray *points)
{
	g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);

	add_titles(cells, r);
	guint columns = cells->len;

	for (guint i = 0; i < points->len; i++)
		add_point(cells, r, summary, &g_array_index(points, struct point, i));
	print_cells(cells, columns);
}

static void print_verdict(const struct capacity_result *r, const struct capacity_search *search)
{
	const struct sim_capacity *found = &search->found;
	g_autofree char *low = show_value(found->lower, r->unit), *high = show_value(found->upper, r->unit);

	switch (found->verdict) {
	case SIM_CAPACITY_FOUND:
		printf("Capacity: the greatest %s that meets all SLOs lies between %s and %s (%g %%).\n",
		       r->parameter, low, high, 100 * SIM_CONFIDENCE);
		break;
	case SIM_CAPACITY_NONE:
		printf("No capacity: %s = %s, the least value of the range, does not meet the SLOs.\n", r->parameter,
		       high);
		break;
	case SIM_CAPACITY_ALL:
		printf("No limit found: %s = %s, the greatest value of the range, meets all SLOs.\n", r->parameter,
		       low);
		break;
	case SIM_CAPACITY_TOO_WIDE:
		printf("Capacity: the greatest %s that meets all SLOs lies between %s and %s (%g %%); %g %% of width "
		       "were not reached within the "
		       "replications and trials that may be.\n",
		       r->parameter, low, high, 100 * SIM_CONFIDENCE, 100 * r->width);
		break;
	case SIM_CAPACITY_NOT_MONOTONE:
		printf("Non-monotone: some value of %s meets the SLOs above one that does not; %s is the greatest "
		       "that meets them, %s the least that does not.\n",
		       r->parameter, low, high);
		break;
	case SIM_CAPACITY_INTERRUPTED:
		printf("Interrupted: so far %s meets the SLOs, and %s does not.\n", low, high);
		break;
	}
}

/* Does the system return from the trigger at every value that it carries without? `below` found how far that is. */
static void print_return(const struct capacity_result *r, const struct sim_capacity *below,
			 const struct sim_capacity *above)
{
	g_autofree char *trigger = g_strjoinv(", ", (char **)(uintptr_t)r->triggers);
	double returns = above->lower, stays = above->verdict == SIM_CAPACITY_ALL ? (double)NAN : above->upper;
	g_autofree char *low = show_value(returns, r->unit), *high = show_value(stays, r->unit);
	g_autofree char *carried = show_value(below->lower, r->unit);

	if (above->verdict == SIM_CAPACITY_INTERRUPTED)
		return;
	if (!isnan(stays) && stays <= below->lower) {
		printf(
		    "Metastable: after %s it meets the SLOs %s%s%sno longer from %s on, though %s is carried without "
		    "(%g %% each).\n",
		    trigger, isnan(returns) ? "" : "up to ", isnan(returns) ? "" : low,
		    isnan(returns) ? "" : ", but ", high, carried, 100 * SIM_CONFIDENCE);
		printf("What recovers slowly looks the same: it had until the end of the warm-up (warmup = %s).\n",
		       sim_value(sim_scenario_values(sim_campaign_scenario(r->campaign), 0), "warmup")->text);
	} else {
		printf("It returns: after %s it meets the SLOs up to %s, as far as the width can tell from %s.\n",
		       trigger, low, carried);
	}
}

static void print_search(const struct capacity_result *r, const GArray *summary, const struct capacity_search *search)
{
	g_autoptr(GArray) points = sort_points(search);
	double low, high;

	printf("\n");
	if (*search->iteration != '\0')
		printf("%s\n", search->iteration);
	if (search->triggered)
		printf("From above, after the trigger:\n");
	print_curve(r, summary, points);
	putchar('\n');
	print_verdict(r, search);
	if (!find_knee(r, summary, points, &low, &high))
		return;
	g_autofree char *from = show_value(low, r->unit), *to = show_value(high, r->unit);

	printf("Knee of %s (Kneedle): between %s and %s.\n", r->campaign->model->latency, from, to);
}

void capacity_print(const struct capacity_result *r, const GArray *summary, const char *folder)
{
	const struct sim_scenario *s = sim_campaign_scenario(r->campaign);

	printf("%s, config %s: capacity in %s, %s study, %u runs, seed %s\n", sim_scenario_stem(s), r->config,
	       r->parameter, sim_value(sim_scenario_values(s, 0), "study")->text,
	       sim_campaign_count(r->campaign, SIM_JOB_FINISHED), sim_value(sim_scenario_values(s, 0), "seed")->text);
	for (guint i = 0; i < r->searches->len; i++) {
		const struct capacity_search *search = g_ptr_array_index(r->searches, i);

		print_search(r, summary, search);
		if (search->triggered)
			print_return(r,
				     &((const struct capacity_search *)g_ptr_array_index(r->searches, i - 1))->found,
				     &search->found);
	}
	printf("\nA value passes or fails by one-sided t bounds; %g %% are shared among %u trials and all looks at "
	       "each (Boole).\n",
	       100 * (1 - SIM_CONFIDENCE), SIM_CAPACITY_TRIALS);
	run_report_model_notes(r->campaign, false);
	printf("Results: %s/capacity.csv, summary.csv, runs.csv, manifest.json\n", folder);
}
