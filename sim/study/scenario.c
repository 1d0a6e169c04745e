#include "sim/study/scenario.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/study/judge.h"
#include "sim/study/plan.h"
#include "sim/study/study.h"
#include "sim/study/sweep.h"

#define MAX_ITERATIONS 100000
#define MAX_RUNS 10000000

struct sim_scenario {
	struct sim_table *table;
	const struct sim_known_metric *metrics; /* the model's */
	struct ini_file *file;
	struct plan *plan;
	GArray *overrides; /* of struct plan_override */
	GPtrArray *values; /* of struct sim_values, per iteration */
	GPtrArray *names;  /* of char *, per iteration */
	GPtrArray *warnings;
	char *path, *config, *folder, *stem;
};

/* The octets of a file, one more than allowed at the most; "-" is standard input. */
static GString *read_octets(const char *path, GError **error)
{
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	g_autoptr(GString) text = g_string_new(NULL);
	char piece[4096];
	size_t n;

	if (in == NULL) {
		g_set_error(error, SIM_SCENARIO_ERROR, 0, "%s: cannot be read: %s", path, g_strerror(errno));
		return NULL;
	}
	while (text->len <= INI_MAX_OCTETS && (n = fread(piece, 1, sizeof(piece), in)) > 0)
		g_string_append_len(text, piece, (gssize)n);
	int failed = ferror(in) ? errno : 0;

	if (in != stdin)
		fclose(in);
	if (failed != 0) {
		g_set_error(error, SIM_SCENARIO_ERROR, 0, "%s: cannot be read: %s", path, g_strerror(failed));
		return NULL;
	}
	return g_steal_pointer(&text);
}

static bool read_file(struct sim_scenario *s, const char *given, GError **error)
{
	bool from_stdin = strcmp(s->path, "-") == 0;
	g_autoptr(GString) text = given != NULL ? g_string_new(given) : read_octets(s->path, error);

	if (text == NULL)
		return false;
	g_autofree char *base = g_path_get_basename(from_stdin ? "stdin" : s->path);
	char *dot = strrchr(base, '.');

	if (dot != NULL && dot != base)
		*dot = '\0';
	s->stem = g_steal_pointer(&base);
	s->folder = from_stdin || given != NULL ? NULL : g_path_get_dirname(s->path);
	s->file = ini_file_new(from_stdin ? "stdin" : s->path, text->str, text->len, error);
	return s->file != NULL;
}

static void override_clear(gpointer data)
{
	struct plan_override *override = data;

	g_free(override->name);
	g_free(override->value);
}

static bool add_override(struct sim_scenario *s, const char *name, const char *value, GError **error)
{
	if (sim_table_find(s->table, name) < 0) {
		const char *near = sim_nearest(name, s->table->names);

		g_set_error(error, SIM_SCENARIO_ERROR, 0, "--set %s: unknown parameter%s%s%s", name,
			    near != NULL ? ": did you mean " : "", near != NULL ? near : "",
			    near != NULL ? "?" : " (see cpns-sim params)");
		return false;
	}
	struct plan_override override = {g_strdup(name), g_strdup(value)};

	g_array_append_val(s->overrides, override);
	return true;
}

static bool take_overrides(struct sim_scenario *s, const struct sim_request *request, GError **error)
{
	for (guint i = 0; request->sets != NULL && request->sets[i] != NULL; i++) {
		const char *set = request->sets[i], *equals = strchr(set, '=');

		if (equals == NULL || !g_utf8_validate(set, -1, NULL)) {
			g_set_error(error, SIM_SCENARIO_ERROR, 0, "--set %s: write --set name=value",
				    equals == NULL ? set : "(bad UTF-8)");
			return false;
		}
		g_autofree char *name = g_strstrip(g_strndup(set, (gsize)(equals - set)));
		g_autofree char *value = g_strstrip(g_strdup(equals + 1));

		if (!add_override(s, name, value, error))
			return false;
	}
	return request->seed == NULL || add_override(s, "seed", request->seed, error);
}

static bool find_config(const struct sim_scenario *s, GError **error)
{
	if (strcmp(s->config, "General") == 0 || ini_file_group(s->file, s->config) != NULL)
		return true;
	g_autofree const char **configs = ini_file_configs(s->file);
	const char *near = sim_nearest(s->config, configs);
	g_autofree char *known = g_strjoinv(", ", (char **)(uintptr_t)configs);

	g_set_error(error, SIM_SCENARIO_ERROR, 0, "%s: there is no [Config %s]%s%s: it has %s", s->file->label,
		    s->config, near != NULL ? ", did you mean " : "", near != NULL ? near : "",
		    *known != '\0' ? known : "none");
	return false;
}

/* Without -c, General runs; where that has nothing to run, the configs are what the user is after. */
static void hint_at_configs(const struct sim_scenario *s, GError **error)
{
	g_autofree const char **configs = ini_file_configs(s->file);
	g_autofree char *known = g_strjoinv(", ", (char **)(uintptr_t)configs);

	if (strcmp(s->config, "General") != 0 || configs[0] == NULL || strcmp(known, "General") == 0 || error == NULL)
		return;
	char *longer = g_strdup_printf("%s; or choose a config with -c: %s", (*error)->message, known);

	g_free((*error)->message);
	(*error)->message = longer;
}

static bool make_values(struct sim_scenario *s, GError **error)
{
	if (s->plan->iterations > MAX_ITERATIONS) {
		g_set_error(error, SIM_SCENARIO_ERROR, 0,
			    "%s: more than %d iterations: make the lists of ${} shorter", s->file->label,
			    MAX_ITERATIONS);
		return false;
	}
	for (guint i = 0; i < s->plan->iterations; i++) {
		struct sim_values *values = plan_values(s->plan, i, error);

		if (values == NULL)
			return false;
		g_ptr_array_add(s->values, values);
		g_ptr_array_add(s->names, plan_iteration(s->plan, i));
		if (!judge_required(s->table, values, s->file->label, s->config, error)) {
			hint_at_configs(s, error);
			return false;
		}
		if (!sim_study_check(values, s->metrics, error))
			return false;
	}
	if ((guint64)s->plan->iterations * sim_scenario_repeat(s) <= MAX_RUNS)
		return true;
	g_set_error(
	    error, SIM_SCENARIO_ERROR, 0,
	    "%s: %u iterations of %u replications are more than %d runs: lower repeat, or make the lists of ${} "
	    "shorter",
	    s->file->label, (guint)s->plan->iterations, sim_scenario_repeat(s), MAX_RUNS);
	return false;
}

static bool load(struct sim_scenario *s, const struct sim_request *request, GError **error)
{
	if (!read_file(s, request->text, error) || !judge_names(s->table, s->file, error) ||
	    !take_overrides(s, request, error) || !find_config(s, error))
		return false;
	s->plan = plan_new(s->table, s->file, s->folder, s->config,
			   (const struct plan_override *)(const void *)s->overrides->data, s->overrides->len, error);
	return s->plan != NULL && make_values(s, error) &&
	       judge_readable(s->plan, s->config, s->values, s->warnings, error);
}

static void values_free(gpointer values)
{
	sim_values_free(values);
}

struct sim_scenario *sim_scenario_load(const struct sim_model *model, const struct sim_request *request,
				       GError **error)
{
	struct sim_scenario *s = g_new0(struct sim_scenario, 1);

	s->table = sim_table_new(sim_study_params, sim_study_n_params, model->params, model->n_params);
	s->metrics = model->metrics;
	s->path = g_strdup(request->path);
	s->config = g_strdup(request->config != NULL ? request->config : "General");
	s->overrides = g_array_new(FALSE, FALSE, sizeof(struct plan_override));
	g_array_set_clear_func(s->overrides, override_clear);
	s->values = g_ptr_array_new_with_free_func(values_free);
	s->names = g_ptr_array_new_with_free_func(g_free);
	s->warnings = g_ptr_array_new_with_free_func(g_free);
	if (load(s, request, error))
		return s;
	sim_scenario_free(s);
	return NULL;
}

void sim_scenario_free(struct sim_scenario *s)
{
	if (s == NULL)
		return;
	plan_free(s->plan);
	ini_file_free(s->file);
	g_ptr_array_unref(s->values);
	g_ptr_array_unref(s->names);
	g_ptr_array_unref(s->warnings);
	g_array_unref(s->overrides);
	sim_table_free(s->table);
	g_free(s->path);
	g_free(s->config);
	g_free(s->folder);
	g_free(s->stem);
	g_free(s);
}

const char *sim_scenario_path(const struct sim_scenario *s)
{
	return s->path;
}

const char *sim_scenario_stem(const struct sim_scenario *s)
{
	return s->stem;
}

const char *sim_scenario_config(const struct sim_scenario *s)
{
	return s->config;
}

guint sim_scenario_repeat(const struct sim_scenario *s)
{
	return (guint)sim_value(g_ptr_array_index(s->values, 0), "repeat")->count;
}

guint sim_scenario_stride(const struct sim_scenario *s)
{
	const struct sim_values *values = g_ptr_array_index(s->values, 0);
	guint repeat = sim_scenario_repeat(s);

	if (strcmp(sim_value(values, "precision")->text, "none") == 0)
		return repeat;
	return MAX(repeat, (guint)sim_value(values, "precision.max-replications")->count);
}

guint sim_scenario_iterations(const struct sim_scenario *s)
{
	return s->values->len;
}

const GPtrArray *sim_scenario_variables(const struct sim_scenario *s)
{
	return s->plan->variables;
}

const struct sim_table *sim_scenario_table(const struct sim_scenario *s)
{
	return s->table;
}

const GPtrArray *sim_scenario_warnings(const struct sim_scenario *s)
{
	return s->warnings;
}

const struct sim_values *sim_scenario_values(const struct sim_scenario *s, guint iteration)
{
	return g_ptr_array_index(s->values, iteration);
}

const char *sim_scenario_iteration(const struct sim_scenario *s, guint iteration)
{
	return g_ptr_array_index(s->names, iteration);
}

const char *sim_scenario_variable(const struct sim_scenario *s, guint iteration, const char *name)
{
	const GPtrArray *variables = s->plan->variables;
	g_autofree guint *chosen = g_new0(guint, variables->len + 1);

	plan_choose(s->plan, iteration, chosen);
	for (guint i = 0; i < variables->len; i++) {
		const struct sweep_variable *variable = g_ptr_array_index(variables, i);

		if (strcmp(variable->name, name) == 0)
			return g_ptr_array_index(variable->values, chosen[i]);
	}
	return NULL;
}

static bool anyone_reads(const struct sim_scenario *s, guint row)
{
	for (guint i = 0; i < s->values->len; i++)
		if (sim_values_readable(g_ptr_array_index(s->values, i), row))
			return true;
	return false;
}

char *sim_scenario_print(const struct sim_scenario *s)
{
	GString *out = g_string_new(NULL);
	bool general = strcmp(s->config, "General") == 0;

	g_string_append_printf(out, "# Effective scenario of %s, config %s.", s->file->label, s->config);
	g_string_append_printf(out, "%s%s\n[General]\n", s->folder != NULL ? " Its relative paths start at " : "",
			       s->folder != NULL ? s->folder : "");
	for (guint i = 0; i < s->plan->n_order; i++) {
		guint row = s->plan->order[i];

		if (anyone_reads(s, row))
			g_string_append_printf(out, "%s = %s\n", s->table->names[row], s->plan->source[row].text);
	}
	g_string_append(out, "\n# by default\n");
	for (guint row = 0; row < s->table->n; row++) {
		const char *fallback = s->table->rows[row]->fallback;

		if (s->plan->source[row].text == NULL && *fallback != '\0' && anyone_reads(s, row))
			g_string_append_printf(out, "%s = %s\n", s->table->names[row], fallback);
	}
	if (!general)
		g_string_append_printf(out, "\n[Config %s]\n", s->config);
	return g_string_free(out, FALSE);
}
