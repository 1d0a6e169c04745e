#include "sim/study/filter.h"

#include <string.h>

#include "sim/study/sweep.h"
#include "sim/study/text.h"

/* One term: runs from..to, or name=value. */
struct term {
	char *name, *value; /* NULL: runs */
	guint64 from, to;
};

struct sim_filter {
	const struct sim_scenario *scenario;
	GArray *terms;
};

static void term_clear(gpointer data)
{
	struct term *term = data;

	g_free(term->name);
	g_free(term->value);
}

static bool refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool refuse(GError **error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *reason = g_strdup_vprintf(format, arguments);

	va_end(arguments);
	g_set_error(error, SIM_SCENARIO_ERROR, 0, "-r %s", reason);
	return false;
}

static bool parse_runs(const struct sim_scenario *scenario, const char *text, struct term *term, GError **error)
{
	guint64 total = (guint64)sim_scenario_iterations(scenario) * sim_scenario_stride(scenario);
	g_auto(GStrv) ends = g_strsplit(text, "..", 2);
	const char *to = ends[0] != NULL && ends[1] != NULL ? ends[1] : ends[0];

	if (to == NULL || !g_ascii_string_to_unsigned(ends[0], 10, 0, G_MAXUINT, &term->from, NULL) ||
	    !g_ascii_string_to_unsigned(to, 10, 0, G_MAXUINT, &term->to, NULL))
		return refuse(error, "%s: write runs as 3, 0..9 or 1,4, or an iteration variable as name=value",
			      text);
	if (term->from > term->to)
		return refuse(error, "%s: the range is empty", text);
	if (term->from >= total)
		return refuse(error, "%s: there are only the runs 0..%" G_GUINT64_FORMAT, text, total - 1);
	return true;
}

static bool parse_value(const struct sim_scenario *scenario, const char *text, struct term *term, GError **error)
{
	const char *equals = strchr(text, '=');
	const GPtrArray *variables = sim_scenario_variables(scenario);

	term->name = g_strchomp(g_strndup(text, (gsize)(equals - text)));
	term->value = g_strchug(g_strdup(equals + 1));
	if (strcmp(term->name, "replication") == 0)
		return true;
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (guint i = 0; i < variables->len; i++)
		g_ptr_array_add(names, ((struct sweep_variable *)g_ptr_array_index(variables, i))->name);
	g_ptr_array_add(names, NULL);
	const char *const *known = (const char *const *)(const void *)names->pdata;

	if (g_strv_contains(known, term->name))
		return true;
	const char *near = sim_nearest(term->name, known);
	g_autofree char *all = g_strjoinv(", ", (char **)names->pdata);

	return refuse(error, "%s: there is no iteration variable %s%s%s (there are: %s)", text, term->name,
		      near != NULL ? ", did you mean " : "", near != NULL ? near : "", *all != '\0' ? all : "none");
}

struct sim_filter *sim_filter_new(const struct sim_scenario *scenario, const char *text, GError **error)
{
	struct sim_filter *filter = g_new0(struct sim_filter, 1);
	g_auto(GStrv) parts = sim_split(text);

	filter->scenario = scenario;
	filter->terms = g_array_new(FALSE, TRUE, sizeof(struct term));
	g_array_set_clear_func(filter->terms, term_clear);
	for (guint i = 0; parts[i] != NULL; i++) {
		g_array_set_size(filter->terms, i + 1);
		struct term *term = &g_array_index(filter->terms, struct term, i);
		bool good = strchr(parts[i], '=') != NULL ? parse_value(scenario, parts[i], term, error)
							  : parse_runs(scenario, parts[i], term, error);

		if (!good) {
			sim_filter_free(filter);
			return NULL;
		}
	}
	return filter;
}

void sim_filter_free(struct sim_filter *filter)
{
	if (filter == NULL)
		return;
	g_array_unref(filter->terms);
	g_free(filter);
}

static bool fits(const struct sim_filter *filter, const struct term *term, guint iteration, guint replication)
{
	char number[16];

	if (term->name == NULL) {
		guint64 run = (guint64)iteration * sim_scenario_stride(filter->scenario) + replication;

		return term->from <= run && run <= term->to;
	}
	g_snprintf(number, sizeof(number), "%u", replication);
	const char *value = strcmp(term->name, "replication") == 0
				? number
				: sim_scenario_variable(filter->scenario, iteration, term->name);

	return strcmp(value, term->value) == 0;
}

bool sim_filter_takes(const struct sim_filter *filter, guint iteration, guint replication)
{
	const GArray *terms = filter->terms;

	/* every name that is mentioned (run numbers are one such) must have a term that fits */
	for (guint i = 0; i < terms->len; i++) {
		const struct term *term = &g_array_index(terms, struct term, i);
		bool any = false;

		for (guint k = 0; !any && k < terms->len; k++) {
			const struct term *other = &g_array_index(terms, struct term, k);

			any = g_strcmp0(term->name, other->name) == 0 && fits(filter, other, iteration, replication);
		}
		if (!any)
			return false;
	}
	return true;
}
