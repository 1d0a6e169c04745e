#include "sim/study/metric.h"

#include <glib.h>
#include <stdint.h>

#include "sim/study/param.h"

static const char *const *statistics_of(enum sim_metric_kind kind)
{
	static const char *const total[] = {"total", NULL}, *const mean[] = {"mean", NULL},
				 *const level[] = {"mean", "max", NULL}, *const tally[] = {"mean", "count", "min",
											   "max",  "sd",    "p50",
											   "p90",  "p99",   "p999",
											   NULL};
	static const char *const *const all[] = {[SIM_METRIC_TOTAL] = total,
						 [SIM_METRIC_MEAN] = mean,
						 [SIM_METRIC_LEVEL] = level,
						 [SIM_METRIC_TALLY] = tally};

	return all[kind];
}

static const struct sim_known_metric *find(const struct sim_known_metric *table, const char *name)
{
	for (; table->name != NULL; table++)
		if (g_str_equal(table->name, name))
			return table;
	return NULL;
}

static char *no_such_metric(const struct sim_known_metric *table, const char *name)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (; table->name != NULL; table++)
		g_ptr_array_add(names, (gpointer)(uintptr_t)table->name);
	g_ptr_array_add(names, NULL);
	const char *near = sim_nearest(name, (const char *const *)(const void *)names->pdata);

	return near != NULL ? g_strdup_printf("there is no such metric as %s: did you mean %s?", name, near)
			    : g_strdup_printf("there is no such metric as %s: runs.csv of any run names them", name);
}

bool sim_metric_check(const struct sim_known_metric *table, const char *metric, const char *statistic,
		      const char *unit, char **reason)
{
	const struct sim_known_metric *known = find(table, metric);

	if (known == NULL) {
		*reason = no_such_metric(table, metric);
		return false;
	}
	const char *const *statistics = statistics_of(known->kind);
	const char *its_unit = g_strcmp0(statistic, "count") == 0 ? "1" : known->unit;
	g_autofree char *names = g_strjoinv(", ", (char **)(uintptr_t)statistics);

	if (statistic == NULL && statistics[1] != NULL)
		*reason =
		    g_strdup_printf("%s has several statistics, %s: name one, as in %s.mean", metric, names, metric);
	else if (statistic != NULL && !g_strv_contains(statistics, statistic))
		*reason = g_strdup_printf("there is no %s of %s, which has: %s", statistic, metric, names);
	else if (unit != NULL && !g_str_equal(unit, its_unit))
		*reason = g_strdup_printf("%s is in %s, the limit in %s", metric, its_unit, unit);
	else
		return true;
	return false;
}
