#include "sim/study/stopping.h"

#include <string.h>

#include "sim/study/precision.h"
#include "sim/study/sequential.h"
#include "sim/study/twins.h"

/* What goes on together: a cell, or those of one iteration. */
struct watched {
	GPtrArray *cells; /* of struct sim_cell, at least one */
	struct sim_sequential rule;
	enum sim_sequential_verdict verdict;
	guint n; /* replications at this look */
};

struct sim_stopping {
	struct sim_campaign *campaign;
	GArray *watched; /* of struct watched */
};

/* The parameter's text, NULL without one. */
static const char *precision_of(const struct sim_cell *cell)
{
	const char *text = sim_value(sim_cell_values(cell), "precision")->text;

	return strcmp(text, "none") != 0 ? text : NULL;
}

static void watched_clear(gpointer data)
{
	g_ptr_array_unref(((struct watched *)data)->cells);
}

static struct sim_cell *first_of(const struct watched *w)
{
	return g_ptr_array_index(w->cells, 0);
}

static bool joins(const struct sim_stopping *s, struct sim_cell *cell)
{
	for (guint i = 0; i < s->watched->len; i++) {
		const struct watched *w = &g_array_index(s->watched, struct watched, i);

		if (strcmp(sim_cell_iteration(first_of(w)), sim_cell_iteration(cell)) != 0)
			continue;
		g_ptr_array_add(w->cells, cell);
		return true;
	}
	return false;
}

static void watch(struct sim_stopping *s, struct sim_cell *cell)
{
	guint repeat = sim_scenario_repeat(cell->scenario);
	guint most = (guint)sim_value(sim_cell_values(cell), "precision.max-replications")->count;
	struct watched w = {.cells = g_ptr_array_new(), .rule = sim_sequential_start(repeat, most)};

	w.n = sim_sequential_next(&w.rule, 0);
	g_ptr_array_add(w.cells, cell);
	g_array_append_val(s->watched, w);
}

struct sim_stopping *sim_stopping_new(struct sim_campaign *campaign, bool together)
{
	struct sim_stopping *s = g_new0(struct sim_stopping, 1);

	s->campaign = campaign;
	s->watched = g_array_new(FALSE, FALSE, sizeof(struct watched));
	g_array_set_clear_func(s->watched, watched_clear);
	for (guint i = 0; i < campaign->cells->len; i++) {
		struct sim_cell *cell = g_ptr_array_index(campaign->cells, i);

		if (precision_of(cell) != NULL && cell->jobs->len >= sim_scenario_repeat(cell->scenario) &&
		    !(together && joins(s, cell)))
			watch(s, cell);
	}
	if (s->watched->len > 0)
		return s;
	sim_stopping_free(s);
	return NULL;
}

void sim_stopping_free(struct sim_stopping *s)
{
	if (s == NULL)
		return;
	g_array_unref(s->watched);
	g_free(s);
}

static double value_of(const struct sim_job *job, const struct sim_summary_row *row, bool *there)
{
	const struct sim_row key = {row->module, row->flow, row->metric, row->statistic, "", 0};
	const struct sim_row *found = sim_record_find(&job->record, &key);

	*there = found != NULL;
	return found != NULL ? found->value : 0;
}

/* Of the cell's first n replications. */
static bool estimate(const struct sim_cell *cell, guint replications, const struct sim_summary_row *row,
		     struct sim_estimate *e)
{
	g_autoptr(GPtrArray) jobs = sim_cell_finished(cell);
	g_autofree double *values = g_new(double, jobs->len + 1);
	size_t n = 0;

	for (guint i = 0; i < jobs->len; i++) {
		const struct sim_job *job = g_ptr_array_index(jobs, i);
		bool there = false;

		if (job->replication >= replications)
			break;
		values[n] = value_of(job, row, &there);
		n += there;
	}
	if (n > 0)
		*e = sim_estimate_mean(values, n, sim_cell_is_deterministic(cell));
	return n > 0;
}

static bool holds(const struct sim_cell *cell, guint n, const struct sim_target *target, const GArray *summary,
		  bool *held, GError **error)
{
	g_autofree char *reason = NULL;
	const struct sim_summary_row *row = sim_precision_find(summary, cell->number, target, &reason);
	struct sim_estimate e;

	if (row == NULL)
		sim_value_complain(sim_cell_values(cell), "precision", error, "%s", reason);
	else
		*held = estimate(cell, n, row, &e) && sim_sequential_holds(&e, target->share) && *held;
	return row != NULL;
}

/* Does the cell hold all its targets at n replications? */
static bool look_at(const struct sim_cell *cell, guint n, const GArray *summary, bool *held, GError **error)
{
	g_autofree char *reason = NULL;
	g_autoptr(GPtrArray) targets = sim_precision_parse(precision_of(cell), &reason);

	g_assert(targets != NULL); /* judged when the scenario was loaded */
	for (guint i = 0; i < targets->len; i++)
		if (!holds(cell, n, g_ptr_array_index(targets, i), summary, held, error))
			return false;
	return true;
}

/* Nothing to look at: all runs of a cell have failed. */
static bool is_void(const struct watched *w)
{
	for (guint i = 0; i < w->cells->len; i++)
		if (sim_cell_count(g_ptr_array_index(w->cells, i), SIM_JOB_FINISHED) == 0)
			return true;
	return false;
}

static bool look(struct watched *w, const GArray *summary, GError **error)
{
	bool held = true, nothing = is_void(w);

	for (guint i = 0; i < w->cells->len && !nothing; i++)
		if (!look_at(g_ptr_array_index(w->cells, i), w->n, summary, &held, error))
			return false;
	w->verdict = nothing ? SIM_SEQUENTIAL_GIVEN_UP : sim_sequential_judge(&w->rule, w->n, held);
	return true;
}

static bool has_ended(const struct sim_cell *cell, guint replication)
{
	const struct sim_job *job = replication < cell->jobs->len ? g_ptr_array_index(cell->jobs, replication) : NULL;

	return job != NULL && job->state != SIM_JOB_WAITING && job->state != SIM_JOB_INTERRUPTED;
}

/* Have the replications of this look come to their end? */
static bool is_due(const struct watched *w)
{
	for (guint i = 0; i < w->cells->len; i++)
		for (guint r = 0; r < w->n; r++)
			if (!has_ended(g_ptr_array_index(w->cells, i), r))
				return false;
	return true;
}

bool sim_stopping_extend(struct sim_stopping *s, GError **error)
{
	g_autoptr(GArray) summary = sim_summarise(s->campaign);
	bool more = false;

	for (guint i = 0; i < s->watched->len; i++) {
		struct watched *w = &g_array_index(s->watched, struct watched, i);

		while (w->verdict == SIM_SEQUENTIAL_MORE && is_due(w)) {
			if (!look(w, summary, error))
				return false;
			if (w->verdict == SIM_SEQUENTIAL_MORE)
				w->n = sim_sequential_next(&w->rule, w->n);
		}
		if (w->verdict != SIM_SEQUENTIAL_MORE)
			continue;
		more = true;
		for (guint k = 0; k < w->cells->len; k++)
			sim_campaign_extend(s->campaign, g_ptr_array_index(w->cells, k), w->n);
	}
	return more;
}

static void mark(const struct sim_cell *cell, GArray *summary)
{
	g_autofree char *reason = NULL;
	g_autoptr(GPtrArray) targets = sim_precision_parse(precision_of(cell), &reason);

	for (guint i = 0; i < targets->len; i++) {
		g_autofree char *absent = NULL;
		const struct sim_summary_row *row =
		    sim_precision_find(summary, cell->number, g_ptr_array_index(targets, i), &absent);

		if (row == NULL)
			continue;
		struct sim_summary_row *its = &g_array_index(
		    summary, struct sim_summary_row, row - &g_array_index(summary, struct sim_summary_row, 0));

		its->estimate.verdict = "precision not reached";
	}
}

guint sim_stopping_mark(const struct sim_stopping *s, GArray *summary)
{
	guint missed = 0;

	for (guint i = 0; i < s->watched->len; i++) {
		const struct watched *w = &g_array_index(s->watched, struct watched, i);

		if (w->verdict == SIM_SEQUENTIAL_REACHED)
			continue;
		for (guint k = 0; k < w->cells->len; k++)
			mark(g_ptr_array_index(w->cells, k), summary);
		missed += w->cells->len;
	}
	return missed;
}
