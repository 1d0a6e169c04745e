/* The first sections: what was asked, what came out, and what stands against it. */
#include <math.h>
#include <string.h>

#include "sim/study/human.h"
#include "sim/study/report_parts.h"

#define MOST_SENTENCES 10
#define MOST_DIFFERENCES 40

/* ---- question ---- */

static void add_value(GString *out, const struct factor *f, guint i)
{
	g_string_append_printf(out, "%s%s", out->len > 0 ? ", " : "", (const char *)f->values->pdata[i]);
}

/* The next value above `last`, or -1. */
static int next_value(const struct factor *f, double last)
{
	int next = -1;

	for (guint i = 0; i < f->values->len; i++)
		if (f->numbers[i] > last && (next < 0 || f->numbers[i] < f->numbers[next]))
			next = (int)i;
	return next;
}

/* The values as they appeared, but numbers that a search has tried by size. */
static char *list_values(const struct factor *f, bool sought)
{
	GString *out = g_string_new(NULL);

	if (sought && f->numbers != NULL)
		for (int i = next_value(f, -INFINITY); i >= 0; i = next_value(f, f->numbers[i]))
			add_value(out, f, (guint)i);
	else
		for (guint i = 0; i < f->values->len; i++)
			add_value(out, f, i);
	return g_string_free(out, FALSE);
}

static void add_factors(struct reporter *r)
{
	static const char *const columns[] = {"variable", "parameter", "values", NULL};
	bool open = false;

	for (guint i = 0; i < r->factors->len; i++) {
		const struct factor *f = r->factors->pdata[i];
		g_autofree char *values = list_values(f, r->archive->sought);

		if (f->values->len < 2)
			continue;
		if (!open)
			report_table(r, "What was varied", columns);
		open = true;
		report_add(r, "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td></tr>\n", f->name,
			   f->parameter != NULL ? f->parameter : "part of a value", values);
	}
	if (open)
		report_table_end(r);
}

static void add_capacity_question(struct reporter *r)
{
	const GPtrArray *targets = r->archive->targets;

	if (!r->archive->sought || r->archive->brackets->len == 0)
		return;
	report_add(r, "<p>Sought: the greatest <code>%s</code> that meets ",
		   g_array_index(r->archive->brackets, struct sim_archive_bracket, 0).parameter);
	for (guint i = 0; i < targets->len; i++)
		report_add(r, "%s<code>%s</code>", i > 0 ? " and " : "", (const char *)targets->pdata[i]);
	report_add(r, "%s.</p>\n", targets->len > 0 ? "" : "every target");
}

void report_question(struct reporter *r)
{
	const struct sim_archive *a = r->archive;
	const char *study = report_parameter(r, "study");

	report_section(r, "question", "Question");
	report_add(r, "<p>A%s study of scenario <code>%s</code> with model <code>%s</code>, ",
		   *study == '\0'                      ? ""
		   : strcmp(study, "terminating") == 0 ? " terminating"
						       : " steady-state",
		   sim_archive_fact(a, "scenario"), a->model);
	report_add(r, a->configs->len > 1 ? "configs " : "config ");
	for (guint i = 0; i < a->configs->len; i++)
		report_add(r, "%s<strong>%s</strong>", i > 0 ? " and " : "", (const char *)a->configs->pdata[i]);
	report_add(r, ". %u case%s, %u runs planned.</p>\n", r->cases->len, r->cases->len == 1 ? "" : "s",
		   a->runs_planned);
	if (a->compared)
		report_add(r, "<p>Compared under common random numbers: differences are paired, replication by "
			      "replication.</p>\n");
	add_capacity_question(r);
	add_factors(r);
	report_add(r, "</section>\n");
}

/* ---- answer ---- */

static void add_single(struct reporter *r, const struct sim_headline *line, guint *said)
{
	struct sim_estimate e;
	const char *unit;

	if (!case_headline(r->archive, r->cases->pdata[0], line, "all", &e, &unit) || e.mean == 0 ||
	    *said == MOST_SENTENCES)
		return;
	g_autofree char *value = report_value(&e, unit);

	report_add(r, "<li>%s: <strong>%s</strong>%s</li>\n", line->label, value,
		   e.interval ? "" : " (one replication, no interval)");
	(*said)++;
}

static void add_range(struct reporter *r, const struct sim_headline *line, guint *said)
{
	struct sim_estimate e, least = {.mean = INFINITY}, most = {.mean = -INFINITY};
	const struct archive_case *low = NULL, *high = NULL;
	const char *unit = "1";

	for (guint i = 0; i < r->cases->len; i++) {
		const struct archive_case *c = r->cases->pdata[i];

		if (!case_headline(r->archive, c, line, "all", &e, &unit))
			continue;
		if (e.mean < least.mean) {
			least = e;
			low = c;
		}
		if (e.mean > most.mean) {
			most = e;
			high = c;
		}
	}
	if (low == NULL || high == NULL || most.mean <= least.mean || *said == MOST_SENTENCES)
		return;
	g_autofree char *from = report_value(&least, unit), *to = report_value(&most, unit);

	report_add(r, "<li>%s: least <strong>%s</strong> (%s), most <strong>%s</strong> (%s)</li>\n", line->label,
		   from, report_case_name(low), to, report_case_name(high));
	(*said)++;
}

static char *number(double value, const char *unit)
{
	return human_estimate(&(struct sim_estimate){.mean = value == 0 ? 0 : value, .n = 1}, unit); /* no -0 */
}

static char *judge(const struct reporter *r, const struct sim_archive_claim *c)
{
	if (isnan(c->low))
		return g_strdup("one replication: no interval, no verdict");
	if (c->low == 0 && c->high == 0)
		return g_strdup("the same in every replication");
	if (c->low <= 0 && c->high >= 0)
		return g_strdup("no difference is shown: the interval holds 0");
	return g_strdup_printf(
	    "%s%s", c->low > 0 ? "more" : "less",
	    c->adjusted <= 1 - r->archive->confidence ? "" : ", but among so many comparisons not to be relied on");
}

static void add_difference(struct reporter *r, const struct sim_archive_claim *c, const struct sim_headline *h)
{
	const char *unit = h->show != NULL ? h->show : c->unit;
	g_autofree char *difference = number(c->difference, unit), *low = number(c->low, unit),
			*high = number(c->high, unit), *verdict = judge(r, c);

	report_add(r, "<li>%s%s%s: %s − %s = <strong>%s</strong>", h->label, *c->iteration != '\0' ? ", " : "",
		   c->iteration, c->b, c->a, difference);
	if (!isnan(c->low))
		report_add(r, " (%.0f %% interval %s to %s)", r->archive->confidence * 100, low, high);
	if (isfinite(c->ratio))
		report_add(r, ", %+.1f %%", (c->ratio - 1) * 100);
	report_add(r, ": %s%s%s.</li>\n", verdict, strcmp(c->verdict, "ok") == 0 ? "" : "; ",
		   strcmp(c->verdict, "ok") == 0 ? "" : c->verdict);
}

/* What a model has words for is what matters in an answer; without any, everything is. */
static bool has_words(const struct sim_headline *h)
{
	for (; h != NULL && h->label != NULL; h++)
		if (h->more != NULL)
			return true;
	return false;
}

static bool is_about(const struct sim_archive_claim *c, const struct sim_headline *h)
{
	return strcmp(c->metric, h->metric) == 0 && strcmp(c->statistic, h->statistic) == 0 &&
	       strcmp(c->module, h->module) == 0 && strcmp(c->flow, "all") == 0 &&
	       strcmp(c->per, h->per != NULL ? h->per : "") == 0;
}

/* How many differences stand, of how many that could. */
static void add_holm(struct reporter *r)
{
	guint counted = 0, hold = 0;

	for (guint i = 0; i < r->archive->claims->len; i++) {
		double p = g_array_index(r->archive->claims, struct sim_archive_claim, i).adjusted;

		counted += isnan(p) ? 0 : 1;
		hold += p <= 1 - r->archive->confidence ? 1 : 0;
	}
	if (counted > 0)
		report_add(r,
			   "<p>Of the %u differences that <code>claims.csv</code> has, %u can be claimed together at "
			   "%.0f %% (Holm's procedure).</p>\n",
			   counted, hold, r->archive->confidence * 100);
}

static void add_differences(struct reporter *r)
{
	const struct sim_archive *a = r->archive;
	bool words = has_words(r->model->headline);
	guint said = 0, left = 0;

	if (a->claims->len == 0) {
		report_add(r, "<p>No difference is stated: <code>claims.csv</code> is missing or empty. "
			      "<code>compare.csv</code> has what was measured.</p>\n");
		return;
	}
	report_add(r, "<ul>\n");
	for (const struct sim_headline *h = r->model->headline; h != NULL && h->label != NULL; h++)
		for (guint i = 0; (h->more != NULL || !words) && i < a->claims->len; i++) {
			const struct sim_archive_claim *c = &g_array_index(a->claims, struct sim_archive_claim, i);

			if (!is_about(c, h))
				continue;
			if (said++ < MOST_DIFFERENCES)
				add_difference(r, c, h);
			else
				left++;
		}
	report_add(r, "</ul>\n");
	if (left > 0)
		report_add(r, "<p>%u more: the plots and <code>claims.csv</code> have all.</p>\n", left);
	add_holm(r);
}

/* Of a row `NAME knee of METRIC`. */
static void add_knee(struct reporter *r, const struct sim_archive_bracket *b)
{
	if (isfinite(b->lower) && isfinite(b->upper))
		report_add(
		    r, "<code>%s</code> between <strong>%.6g</strong> and <strong>%.6g</strong> %s (Kneedle).</li>\n",
		    b->parameter, b->lower, b->upper, b->unit);
	else
		report_add(r, "<code>%s</code>: %s.</li>\n", b->parameter, b->verdict);
}

static void add_bracket(struct reporter *r, const struct sim_archive_bracket *b)
{
	report_add(r, "<li>%s%s", b->iteration, *b->iteration != '\0' ? ": " : "");
	if (strstr(b->parameter, " knee of ") != NULL) {
		add_knee(r, b);
		return;
	}
	if (isfinite(b->lower) && isfinite(b->upper))
		report_add(r,
			   "the greatest <code>%s</code> that meets every target lies between <strong>%.6g</strong> "
			   "and <strong>%.6g</strong> %s",
			   b->parameter, b->lower, b->upper, b->unit);
	else if (isfinite(b->lower))
		report_add(
		    r,
		    "<code>%s</code> = <strong>%.6g</strong> %s still meets every target; no bound above it was "
		    "found",
		    b->parameter, b->lower, b->unit);
	else if (isfinite(b->upper))
		report_add(r,
			   "<code>%s</code> = <strong>%.6g</strong> %s already misses a target; nothing below it was "
			   "found to meet them",
			   b->parameter, b->upper, b->unit);
	else
		report_add(r, "no bound of <code>%s</code> was found", b->parameter);
	if (isfinite(b->confidence))
		report_add(r, " (confidence %.0f %%)", b->confidence * 100);
	report_add(r, ": %s.</li>\n", b->verdict);
}

static void add_capacity(struct reporter *r)
{
	report_add(r, "<ul>\n");
	for (guint i = 0; i < r->archive->brackets->len; i++)
		add_bracket(r, &g_array_index(r->archive->brackets, struct sim_archive_bracket, i));
	report_add(r, "</ul>\n");
}

static void add_headlines(struct reporter *r)
{
	guint said = 0;

	if (r->cases->len == 0) {
		report_add(r, "<p>No run is finished: there is no answer yet.</p>\n");
		return;
	}
	report_add(r, "<ul>\n");
	for (const struct sim_headline *h = r->model->headline; h != NULL && h->label != NULL; h++) {
		if (r->cases->len == 1)
			add_single(r, h, &said);
		else
			add_range(r, h, &said);
	}
	report_add(r, "</ul>\n");
}

void report_answer(struct reporter *r)
{
	report_section(r, "answer", "Answer");
	if (r->archive->sought)
		add_capacity(r);
	if (r->archive->compared)
		add_differences(r);
	if (!r->archive->sought && !r->archive->compared)
		add_headlines(r);
	report_add(r,
		   "<p>Means over replications with their %.0f %% intervals; all figures are of virtual time.</p>\n",
		   r->archive->confidence * 100);
	report_add(r, "</section>\n");
}

/* ---- reservations ---- */

static void add_state(struct reporter *r, guint *said)
{
	const struct sim_archive *a = r->archive;
	guint finished = 0;

	for (guint i = 0; i < a->runs->len; i++)
		finished += g_array_index(a->runs, struct sim_archive_run, i).finished;
	if (strcmp(a->state, "finished") == 0 && finished == a->runs_planned)
		return;
	report_add(
	    r,
	    "<p class=\"warn\"><strong>This campaign is %s:</strong> %u of %u runs are finished, and the report "
	    "is about these alone.</p>\n",
	    strcmp(a->state, "finished") == 0  ? "incomplete"
	    : strcmp(a->state, "running") == 0 ? "still running, or was stopped without notice"
					       : "interrupted",
	    finished, a->runs_planned);
	(*said)++;
}

static void add_failures(struct reporter *r, guint *said)
{
	static const char *const columns[] = {"run", "config", "iteration", "replication", "ended", "reason", NULL};
	const struct sim_archive *a = r->archive;
	bool open = false;

	for (guint i = 0; i < a->runs->len; i++) {
		const struct sim_archive_run *run = &g_array_index(a->runs, struct sim_archive_run, i);

		if (run->finished)
			continue;
		if (!open)
			report_table(r, "Replications that failed or did not finish: no statistic has them", columns);
		open = true;
		report_add(r,
			   "<tr><td class=\"n\">%u</td><td>%s</td><td>%s</td><td class=\"n\">%u</td><td>%s</td><td>%s"
			   "</td></tr>\n",
			   run->run, run->config, run->iteration, run->replication, run->ended,
			   run->reason != NULL ? run->reason : "");
	}
	if (open)
		report_table_end(r);
	*said += open;
}

static const struct sim_archive_estimate *total(const struct reporter *r, const struct archive_case *c,
						const char *name)
{
	struct sim_metric metric = {"all", "all", name};

	return name == NULL ? NULL : sim_archive_estimate(r->archive, c->config, c->iteration, &metric, "total");
}

static void add_censoring(struct reporter *r)
{
	guint with = 0;

	for (guint i = 0; i < r->cases->len; i++) {
		const struct archive_case *c = r->cases->pdata[i];
		const struct sim_archive_estimate *censored = total(r, c, r->model->censored);
		const struct sim_archive_estimate *begun = total(r, c, r->model->begun);

		if (censored == NULL || begun == NULL || censored->estimate <= 0)
			continue;
		if (with++ == 0)
			report_add(
			    r, "<h3>Censored</h3>\n<p>Still on their way when a run ended, on average; times are of "
			       "those that had completed, so that slow ones are missing:</p>\n<ul>\n");
		report_add(r, "<li>%s: %.6g of %.6g (%.3g %%)</li>\n", report_case_name(c), censored->estimate,
			   begun->estimate, begun->estimate > 0 ? 100 * censored->estimate / begun->estimate : 0);
	}
	if (with > 0)
		report_add(r, "</ul>\n");
	else if (r->model->censored != NULL && r->cases->len > 0)
		report_add(r, "<p>Censored: none; whatever began has ended within its run.</p>\n");
}

static void add_unique(GPtrArray *lines, const GPtrArray *more)
{
	for (guint i = 0; i < more->len; i++)
		if (!g_ptr_array_find(lines, more->pdata[i], NULL)) /* interned */
			g_ptr_array_add(lines, more->pdata[i]);
}

static guint runs_with(const struct sim_archive *a, const char *note)
{
	guint n = 0;

	for (guint i = 0; i < a->runs->len; i++)
		n += g_ptr_array_find(g_array_index(a->runs, struct sim_archive_run, i).record.notes, note, NULL) ? 1
														  : 0;
	return n;
}

static void add_notes(struct reporter *r)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new(), of_runs = g_ptr_array_new();
	const struct sim_archive *a = r->archive;

	for (guint i = 0; i < a->iterations->len; i++)
		add_unique(lines, g_array_index(a->iterations, struct sim_archive_iteration, i).notes);
	for (guint i = 0; i < a->runs->len; i++)
		add_unique(of_runs, g_array_index(a->runs, struct sim_archive_run, i).record.notes);
	add_unique(lines, r->notes);
	if (lines->len + of_runs->len == 0)
		return;
	report_add(r, "<h3>Notes</h3>\n<ul>\n");
	for (guint i = 0; i < of_runs->len; i++)
		report_add(r, "<li>%s (%u of %u runs)</li>\n", (const char *)of_runs->pdata[i],
			   runs_with(a, of_runs->pdata[i]), a->runs->len);
	for (guint i = 0; i < lines->len; i++)
		report_add(r, "<li>%s</li>\n", (const char *)lines->pdata[i]);
	report_add(r, "</ul>\n");
}

static void add_warnings(struct reporter *r, guint *said)
{
	for (guint i = 0; i < r->archive->warnings->len; i++)
		report_add(r, "<p class=\"warn\"><strong>Warning:</strong> %s</p>\n",
			   (const char *)r->archive->warnings->pdata[i]);
	*said += r->archive->warnings->len;
}

static void add_verdicts(struct reporter *r, guint *said)
{
	guint few = 0, missed = 0;

	for (guint i = 0; i < r->archive->estimates->len; i++) {
		const struct sim_archive_estimate *e =
		    &g_array_index(r->archive->estimates, struct sim_archive_estimate, i);

		few += strcmp(e->verdict, "n too small") == 0;
		missed += strcmp(e->verdict, "precision not reached") == 0;
	}
	if (few > 0)
		report_add(r,
			   "<p class=\"warn\"><strong>Few replications:</strong> %u of %u statistics have fewer than "
			   "five values, or too few for their quantile. Treat their intervals as a hint.</p>\n",
			   few, r->archive->estimates->len);
	if (missed > 0)
		report_add(r,
			   "<p class=\"warn\"><strong>Precision not reached</strong> by %u of %u statistics.</p>\n",
			   missed, r->archive->estimates->len);
	*said += few + missed;
}

void report_troubles(struct reporter *r)
{
	guint said = 0;

	report_section(r, "troubles", "Reservations");
	add_state(r, &said);
	add_warnings(r, &said);
	add_verdicts(r, &said);
	add_failures(r, &said);
	if (said == 0)
		report_add(r, "<p>No warnings, and no replication failed.</p>\n");
	add_censoring(r);
	add_notes(r);
	report_add(r, "</section>\n");
}
