#include "sim/study/plan.h"

#include <string.h>

#include "sim/study/constraint.h"
#include "sim/study/sweep.h"

#define PLAN_MAX_COMBINATIONS 10000000

static void take_sources(struct plan *plan, const char *config)
{
	g_autoptr(GPtrArray) lineage = ini_file_lineage(plan->file, config);

	g_assert(lineage != NULL);
	for (guint g = lineage->len; g-- > 0;) {
		const struct ini_group *group = g_ptr_array_index(lineage, g);

		for (guint i = 0; i < group->entries->len; i++) {
			const struct ini_entry *entry = g_ptr_array_index(group->entries, i);
			int row = sim_table_find(plan->table, entry->key);

			if (row >= 0)
				plan->source[row] =
				    (struct plan_source){entry->value, plan->file->label, entry->line, 0, entry};
		}
	}
}

static void take_overrides(struct plan *plan, const struct plan_override *overrides, guint n)
{
	for (guint i = 0; i < n; i++) {
		int row = sim_table_find(plan->table, overrides[i].name);

		g_assert(row >= 0);
		plan->source[row] = (struct plan_source){overrides[i].value, "--set", 0, i, NULL};
	}
}

static int by_place(gconstpointer a, gconstpointer b, gpointer user)
{
	const struct plan *plan = user;
	const struct plan_source *x = &plan->source[*(const guint *)a], *y = &plan->source[*(const guint *)b];

	if ((x->entry == NULL) != (y->entry == NULL))
		return x->entry == NULL ? 1 : -1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static void put_in_order(struct plan *plan)
{
	plan->order = g_new0(guint, plan->table->n);
	for (guint i = 0; i < plan->table->n; i++)
		if (plan->source[i].text != NULL)
			plan->order[plan->n_order++] = i;
	g_qsort_with_data(plan->order, (int)plan->n_order, sizeof(guint), by_place, plan);
}

static void complain(const struct plan *plan, guint row, const char *reason, GError **error)
{
	const struct plan_source *source = &plan->source[row];
	const char *name = plan->table->rows[row]->name;

	if (source->line > 0)
		g_set_error(error, SIM_SCENARIO_ERROR, 0, "%s:%u: %s: %s", source->file, source->line, name, reason);
	else
		g_set_error(error, SIM_SCENARIO_ERROR, 0, "--set %s: %s", name, reason);
}

/* What numbers the runs. */
static bool must_be_one(const char *name)
{
	static const char *const names[] = {"repeat", "precision", "precision.max-replications", NULL};

	return g_strv_contains(names, name);
}

static bool declare_variables(struct plan *plan, GError **error)
{
	for (guint i = 0; i < plan->n_order; i++) {
		g_autofree char *reason = NULL;
		guint row = plan->order[i];

		if (!sweep_declare(plan->variables, plan->source[row].text, &reason)) {
			g_autofree char *sentence = g_strdup_printf("\"%s\" %s", plan->source[row].text, reason);

			complain(plan, row, sentence, error);
			return false;
		}
		if (must_be_one(plan->table->names[row]) && strstr(plan->source[row].text, "${") != NULL) {
			complain(plan, row, "must be the same in all iterations: write a value without variables",
				 error);
			return false;
		}
	}
	plan->iterations = sweep_size(plan->variables);
	return true;
}

/* Does the constraint take this combination? */
static bool judge(const struct plan *plan, guint row, guint combination, guint *chosen, bool *holds, GError **error)
{
	g_autofree char *reason = NULL;

	sweep_choose(plan->variables, combination, chosen);
	g_autofree char *text = sweep_replace(plan->variables, chosen, plan->source[row].text, &reason);

	if (text != NULL && sim_constraint_judge(text, holds, &reason))
		return true;
	g_autofree char *sentence =
	    g_strdup_printf("\"%s\" %s", text != NULL ? text : plan->source[row].text, reason);

	complain(plan, row, sentence, error);
	return false;
}

static bool apply_constraint(struct plan *plan, GError **error)
{
	int row = sim_table_find(plan->table, "constraint");
	g_autofree guint *chosen = g_new0(guint, plan->variables->len + 1);

	if (row < 0 || plan->source[row].text == NULL || strcmp(plan->source[row].text, "none") == 0)
		return true;
	if (plan->iterations > PLAN_MAX_COMBINATIONS) {
		complain(plan, (guint)row,
			 "there are too many combinations to look at: make the lists of ${} shorter", error);
		return false;
	}
	plan->taken = g_array_new(FALSE, FALSE, sizeof(guint));
	for (guint i = 0; i < plan->iterations; i++) {
		bool holds;

		if (!judge(plan, (guint)row, i, chosen, &holds, error))
			return false;
		if (holds)
			g_array_append_val(plan->taken, i);
	}
	plan->iterations = plan->taken->len;
	if (plan->iterations == 0)
		complain(plan, (guint)row, "leaves no iteration", error);
	return plan->iterations > 0;
}

struct plan *plan_new(const struct sim_table *table, const struct ini_file *file, const char *folder,
		      const char *config, const struct plan_override *overrides, guint n, GError **error)
{
	struct plan *plan = g_new0(struct plan, 1);

	*plan = (struct plan){.table = table, .file = file, .folder = folder};
	plan->source = g_new0(struct plan_source, table->n);
	plan->variables = sweep_new();
	take_sources(plan, config);
	take_overrides(plan, overrides, n);
	put_in_order(plan);
	if (declare_variables(plan, error) && apply_constraint(plan, error))
		return plan;
	plan_free(plan);
	return NULL;
}

void plan_free(struct plan *plan)
{
	if (plan == NULL)
		return;
	g_ptr_array_unref(plan->variables);
	g_clear_pointer(&plan->taken, g_array_unref);
	g_free(plan->source);
	g_free(plan->order);
	g_free(plan);
}

void plan_choose(const struct plan *plan, guint iteration, guint *chosen)
{
	sweep_choose(plan->variables, plan->taken != NULL ? g_array_index(plan->taken, guint, iteration) : iteration,
		     chosen);
}

static guint *choose(const struct plan *plan, guint iteration)
{
	guint *chosen = g_new0(guint, plan->variables->len + 1);

	plan_choose(plan, iteration, chosen);
	return chosen;
}

static bool set_default(const struct plan *plan, struct sim_values *values, guint row)
{
	const char *fallback = plan->table->rows[row]->fallback;
	g_autofree char *reason = NULL;

	if (fallback == NULL || *fallback == '\0')
		return true;
	if (!sim_values_set(values, row, fallback, NULL, 0, &reason))
		g_error("the default of %s is wrong: %s", plan->table->names[row], reason);
	return true;
}

/* *lost is set if the reason is a variable that nothing declares. */
static bool set_value(const struct plan *plan, struct sim_values *values, const guint *chosen, guint row, bool *lost,
		      char **reason)
{
	const struct plan_source *source = &plan->source[row];

	if (source->text == NULL)
		return set_default(plan, values, row);
	g_autofree char *inner = NULL;
	g_autofree char *text = sweep_replace(plan->variables, chosen, source->text, &inner);

	if (text == NULL) {
		*reason = g_strdup_printf("\"%s\" %s", source->text, inner);
		*lost = true;
		return false;
	}
	return sim_values_set(values, row, text, source->file, source->line, reason);
}

struct sim_values *plan_values(const struct plan *plan, guint iteration, GError **error)
{
	struct sim_values *values = sim_values_new(plan->table, plan->file->label, plan->folder);
	g_autofree guint *chosen = choose(plan, iteration);

	for (guint row = 0; row < plan->table->n; row++) {
		g_autofree char *reason = NULL;
		bool lost;

		if (!set_value(plan, values, chosen, row, &lost, &reason)) {
			complain(plan, row, reason, error);
			sim_values_free(values);
			return NULL;
		}
	}
	return values;
}

struct sim_values *plan_values_leniently(const struct plan *plan, guint iteration, bool *broken)
{
	struct sim_values *values = sim_values_new(plan->table, plan->file->label, plan->folder);
	g_autofree guint *chosen = choose(plan, iteration);

	for (guint row = 0; row < plan->table->n; row++) {
		g_autofree char *reason = NULL;
		bool lost = false;

		if (!set_value(plan, values, chosen, row, &lost, &reason) && !lost)
			*broken = true;
	}
	return values;
}

char *plan_iteration(const struct plan *plan, guint iteration)
{
	g_autofree guint *chosen = choose(plan, iteration);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < plan->variables->len; i++) {
		const struct sweep_variable *v = g_ptr_array_index(plan->variables, i);
		const char *value = g_ptr_array_index(v->values, chosen[i]);

		g_string_append_printf(text, "%s%s=%s", i > 0 ? ";" : "", v->name, value);
	}
	return g_string_free(text, FALSE);
}
