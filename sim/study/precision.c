#include "sim/study/precision.h"

#include <string.h>

#include "sim/study/text.h"

static const char *const statistics[] = {"count", "max",  "mean", "min",   "p50", "p90",
					 "p99",   "p999", "sd",   "total", NULL};

static void target_free(gpointer data)
{
	struct sim_target *target = data;

	g_free(target->metric);
	g_free(target->statistic);
	g_free(target);
}

bool sim_metric_split(const char *name, char **metric, char **statistic)
{
	const char *dot = strrchr(name, '.');

	*metric = *statistic = NULL;
	if (!sim_is_name(name) || dot == name || (dot != NULL && dot[1] == '\0'))
		return false;
	if (dot == NULL || !g_strv_contains(statistics, dot + 1)) {
		*metric = g_strdup(name);
		return true;
	}
	*metric = g_strndup(name, (gsize)(dot - name));
	*statistic = g_strdup(dot + 1);
	return true;
}

#define EXAMPLE "write, for instance, assignment.latency.mean 5%%" /* in a format */

/* One target, or NULL with *reason. */
static struct sim_target *parse_target(const char *part, char **reason)
{
	g_auto(GStrv) words = g_strsplit_set(part, " \t", -1);
	guint n = 0;
	struct sim_target *target = g_new0(struct sim_target, 1);
	g_autofree char *why = NULL;

	for (guint i = 0; words[i] != NULL; i++)
		if (*words[i] != '\0')
			words[n++] = words[i];
		else
			g_free(words[i]);
	words[n] = NULL;
	if (n != 2)
		*reason = g_strdup_printf("\"%s\" is not a metric and a share: " EXAMPLE, part);
	else if (!sim_metric_split(words[0], &target->metric, &target->statistic))
		*reason = g_strdup_printf("\"%s\" is not the name of a metric: " EXAMPLE, words[0]);
	else if (!sim_parse_share(words[1], &target->share, &why))
		*reason = g_strdup_printf("of \"%s\": %s", words[0], why);
	else if (target->share <= 0)
		*reason = g_strdup_printf("of \"%s\": a half-width of 0 is never reached: " EXAMPLE, words[0]);
	else
		return target;
	target_free(target);
	return NULL;
}

static bool same(const struct sim_target *a, const struct sim_target *b)
{
	return strcmp(a->metric, b->metric) == 0 && g_strcmp0(a->statistic, b->statistic) == 0;
}

GPtrArray *sim_precision_parse(const char *text, char **reason)
{
	g_auto(GStrv) parts = sim_split(text);
	g_autoptr(GPtrArray) targets = g_ptr_array_new_with_free_func(target_free);

	for (guint i = 0; parts[i] != NULL; i++) {
		struct sim_target *target = parse_target(parts[i], reason);

		if (target == NULL)
			return NULL;
		for (guint k = 0; k < targets->len; k++) {
			if (!same(g_ptr_array_index(targets, k), target))
				continue;
			*reason = g_strdup_printf("\"%s\" is about what another part is about: leave one", parts[i]);
			target_free(target);
			return NULL;
		}
		g_ptr_array_add(targets, target);
	}
	return g_steal_pointer(&targets);
}

const struct sim_summary_row *sim_precision_find(const GArray *summary, guint iteration,
						 const struct sim_target *target, char **reason)
{
	const struct sim_metric metric = {"all", "all", target->metric};
	const char *statistic = target->statistic != NULL ? target->statistic : "total";
	const struct sim_summary_row *row = sim_summary_find(summary, iteration, &metric, statistic);

	if (row != NULL)
		return row;
	if (target->statistic != NULL) {
		*reason = g_strdup_printf("there is no %s of %s in the results", statistic, target->metric);
		return NULL;
	}
	row = sim_summary_find(summary, iteration, &metric, "mean");
	if (row == NULL)
		*reason = g_strdup_printf("there is no %s in the results", target->metric);
	return row;
}
