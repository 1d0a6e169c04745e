#include "sim/study/twins.h"

#include <string.h>

static bool same_fingerprint(const struct sim_job *a, const struct sim_job *b)
{
	return memcmp(a->record.fingerprint.half, b->record.fingerprint.half, sizeof(a->record.fingerprint.half)) ==
	       0;
}

static int by_fingerprint(gconstpointer a, gconstpointer b)
{
	const struct sim_job *x = *(const struct sim_job *const *)a, *y = *(const struct sim_job *const *)b;
	int c = memcmp(x->record.fingerprint.half, y->record.fingerprint.half, sizeof(x->record.fingerprint.half));

	return c != 0 ? c : (x->replication > y->replication) - (x->replication < y->replication);
}

bool sim_cell_is_deterministic(const struct sim_cell *cell)
{
	g_autoptr(GPtrArray) jobs = sim_cell_finished(cell);

	for (guint i = 1; i < jobs->len; i++)
		if (!same_fingerprint(g_ptr_array_index(jobs, 0), g_ptr_array_index(jobs, i)))
			return false;
	return jobs->len >= 2;
}

/* The warning about jobs[from .. to - 1], which have one fingerprint. */
static char *warn_of_twins(const char *where, const GPtrArray *jobs, guint from, guint to)
{
	g_autoptr(GString) list = g_string_new(NULL);

	if (to - from == jobs->len)
		return g_strdup_printf(
		    "%s: all %u replications are the same run (equal fingerprints): nothing in it is "
		    "random, and one replication would do",
		    where, jobs->len);
	for (guint i = from; i < to; i++)
		g_string_append_printf(list, "%s%u", i > from ? ", " : "",
				       ((const struct sim_job *)g_ptr_array_index(jobs, i))->replication);
	return g_strdup_printf("%s: replications %s are the same run (equal fingerprints), but count as independent "
			       "ones",
			       where, list->str);
}

/* The finished jobs of a cell, twins side by side; groups of twins by their first replication. */
static GPtrArray *group_twins(const struct sim_cell *cell)
{
	g_autoptr(GPtrArray) sorted = sim_cell_finished(cell), left = g_ptr_array_new();
	GPtrArray *out = g_ptr_array_new();
	g_autoptr(GHashTable) first = g_hash_table_new(NULL, NULL); /* job -> index in `sorted` */

	for (guint i = 0; i < sorted->len; i++)
		g_ptr_array_add(left, g_ptr_array_index(sorted, i));
	g_ptr_array_sort(sorted, by_fingerprint);
	for (guint i = 0; i < sorted->len; i++)
		g_hash_table_insert(first, g_ptr_array_index(sorted, i), GUINT_TO_POINTER(i));
	for (guint i = 0; i < left->len; i++) {
		gpointer job = g_ptr_array_index(left, i);
		guint at = GPOINTER_TO_UINT(g_hash_table_lookup(first, job));

		if (at > 0 && same_fingerprint(job, g_ptr_array_index(sorted, at - 1)))
			continue; /* stands with its elder twin */
		do
			g_ptr_array_add(out, g_ptr_array_index(sorted, at));
		while (++at < sorted->len && same_fingerprint(job, g_ptr_array_index(sorted, at)));
	}
	return out;
}

static void find_in(const struct sim_cell *cell, GPtrArray *warnings)
{
	g_autoptr(GPtrArray) jobs = group_twins(cell);
	const char *name = sim_cell_iteration(cell);
	g_autofree char *where =
	    g_strdup_printf("config %s%s%s", sim_cell_config(cell), *name != '\0' ? ", iteration " : "", name);

	for (guint from = 0, to; from < jobs->len; from = to) {
		for (to = from + 1;
		     to < jobs->len && same_fingerprint(g_ptr_array_index(jobs, from), g_ptr_array_index(jobs, to));
		     to++)
			;
		if (to - from >= 2)
			g_ptr_array_add(warnings, warn_of_twins(where, jobs, from, to));
	}
}

void sim_twins_find(const struct sim_campaign *campaign, GPtrArray *warnings)
{
	for (guint i = 0; i < campaign->cells->len; i++)
		find_in(g_ptr_array_index(campaign->cells, i), warnings);
}
