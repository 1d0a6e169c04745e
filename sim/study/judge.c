#include "sim/study/judge.h"

#include <string.h>

/* Iterations of a config that is not run that are looked at before its keys get the benefit of the doubt. */
#define ENOUGH_ITERATIONS 5000

static const char *group_title(const char *config)
{
	return strcmp(config, "General") == 0 ? "" : "Config ";
}

bool judge_names(const struct sim_table *table, const struct ini_file *file, GError **error)
{
	for (guint g = 0; g < file->groups->len; g++) {
		const struct ini_group *group = g_ptr_array_index(file->groups, g);

		for (guint i = 0; i < group->entries->len; i++) {
			const struct ini_entry *entry = g_ptr_array_index(group->entries, i);

			if (sim_table_find(table, entry->key) >= 0)
				continue;
			const char *near =
			    strcmp(entry->key, "extend") == 0 ? "extends" : sim_nearest(entry->key, table->names);

			g_set_error(error, SIM_SCENARIO_ERROR, 0, "%s:%u: %s: unknown parameter%s%s%s", file->label,
				    entry->line, entry->key, near != NULL ? ": did you mean " : "",
				    near != NULL ? near : "", near != NULL ? "?" : " (see cpns-sim params)");
			return false;
		}
	}
	return true;
}

/* A line that one could add. */
static char *example_line(const struct sim_param *row)
{
	static const char *const examples[] = {
	    [SIM_TEXT] = "...",           [SIM_COUNT] = "100",         [SIM_FACTOR] = "1.5",      [SIM_SHARE] = "50%",
	    [SIM_DURATION] = "60s",       [SIM_BITRATE] = "250kbit/s", [SIM_FREQUENCY] = "200/s", [SIM_SIZE] = "256B",
	    [SIM_DURATION_DIST] = "40ms", [SIM_COUNT_DIST] = "10",     [SIM_MIX] = "NAME",
	};

	if (row->words == NULL || (row->type != SIM_WORD && row->type != SIM_CALL))
		return g_strdup_printf("%s = %s", row->name, examples[row->type]);
	GString *line = g_string_new(NULL);

	g_string_append_printf(line, "%s = %s", row->name, row->words[0]);
	for (int i = 1; row->words[i] != NULL; i++)
		g_string_append_printf(line, "\" or \"%s = %s", row->name, row->words[i]);
	return g_string_free(line, FALSE);
}

bool judge_required(const struct sim_table *table, const struct sim_values *values, const char *label,
		    const char *config, GError **error)
{
	for (guint row = 0; row < table->n; row++) {
		const struct sim_param *r = table->rows[row];

		if (sim_values_at(values, row)->set || !sim_values_required(values, row))
			continue;
		g_autofree char *line = example_line(r);
		const char *when = strcmp(r->required, "always") == 0 ? "always" : r->required;

		g_set_error(error, SIM_SCENARIO_ERROR, 0,
			    "%s: %s is missing, which is required%s%s: add a line such as \"%s\" to [%s%s] (%s)",
			    label, r->name, strcmp(when, "always") == 0 ? "" : " when ",
			    strcmp(when, "always") == 0 ? "" : when, line, group_title(config), config, r->help);
		return false;
	}
	return true;
}

/* Marks in `seen` the file's keys that this config, as written, can read. */
static void mark_config(const struct plan *chosen, const char *config, GHashTable *seen)
{
	struct plan *plan = plan_new(chosen->table, chosen->file, chosen->folder, config, NULL, 0, NULL);

	/* variables that do not fit: these keys get the benefit of the doubt, as they would where a value is wrong */
	if (plan == NULL) {
		g_autoptr(GPtrArray) lineage = ini_file_lineage(chosen->file, config);

		for (guint g = 0; g < lineage->len; g++) {
			const struct ini_group *group = g_ptr_array_index(lineage, g);

			for (guint i = 0; i < group->entries->len; i++)
				g_hash_table_add(seen, g_ptr_array_index(group->entries, i));
		}
		return;
	}
	guint left;
	guint iteration = 0;

	do {
		bool broken = iteration >= ENOUGH_ITERATIONS;
		struct sim_values *values = plan_values_leniently(plan, iteration, &broken);

		left = 0;
		for (guint i = 0; i < plan->n_order; i++) {
			guint row = plan->order[i];
			gpointer entry = (gpointer)(uintptr_t)plan->source[row].entry;

			if (broken || sim_values_readable(values, row))
				g_hash_table_add(seen, entry);
			else
				left += !g_hash_table_contains(seen, entry);
		}
		sim_values_free(values);
	} while (left > 0 && ++iteration < plan->iterations);
	plan_free(plan);
}

static bool refuse_unreadable(const struct plan *plan, const struct ini_entry *entry, GError **error)
{
	const struct sim_param *row = plan->table->rows[sim_table_find(plan->table, entry->key)];

	g_set_error(error, SIM_SCENARIO_ERROR, 0,
		    "%s:%u: %s: no config reads it: it is read when %s; remove the line or change what it depends on",
		    plan->file->label, entry->line, entry->key, row->condition != NULL ? row->condition : "...");
	return false;
}

static bool judge_file(const struct plan *plan, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	g_autofree const char **configs = ini_file_configs(plan->file);

	for (guint i = 0; configs[i] != NULL; i++)
		mark_config(plan, configs[i], seen);
	for (guint g = 0; g < plan->file->groups->len; g++) {
		const struct ini_group *group = g_ptr_array_index(plan->file->groups, g);

		for (guint i = 0; i < group->entries->len; i++)
			if (!g_hash_table_contains(seen, g_ptr_array_index(group->entries, i)))
				return refuse_unreadable(plan, g_ptr_array_index(group->entries, i), error);
	}
	return true;
}

static bool any_reads(const GPtrArray *values, guint row)
{
	for (guint i = 0; i < values->len; i++)
		if (sim_values_readable(g_ptr_array_index(values, i), row))
			return true;
	return false;
}

bool judge_readable(const struct plan *plan, const char *config, const GPtrArray *values, GPtrArray *warnings,
		    GError **error)
{
	if (!judge_file(plan, error))
		return false;
	g_autoptr(GHashTable) before = g_hash_table_new(NULL, NULL);

	mark_config(plan, config, before);
	for (guint i = 0; i < plan->n_order; i++) {
		guint row = plan->order[i];
		const struct plan_source *source = &plan->source[row];
		const struct sim_param *r = plan->table->rows[row];

		if (any_reads(values, row))
			continue;
		if (source->entry == NULL) {
			g_set_error(error, SIM_SCENARIO_ERROR, 0,
				    "--set %s: nothing reads it in [%s%s]: it is read when %s", r->name,
				    group_title(config), config, r->condition != NULL ? r->condition : "...");
			return false;
		}
		if (g_hash_table_contains(before, source->entry))
			g_ptr_array_add(warnings, g_strdup_printf("%s:%u: %s: --set leaves nothing that reads it",
								  source->file, source->line, r->name));
	}
	return true;
}
