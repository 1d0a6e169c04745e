#include "models/deployment/blueprint_store.h"

#include <stdlib.h>

#include "sim/study/columns.h"

static enum store_kind kind_of(const struct sim_values *v)
{
	static const char *const names[] = {
	    [STORE_FREE] = "free",       [STORE_LOCK] = "lock", [STORE_SHARDED] = "sharded",
	    [STORE_POLLING] = "polling", [STORE_MVCC] = "mvcc", [STORE_GROUP_COMMIT] = "group-commit",
	    [STORE_CURVE] = "curve",
	};
	enum store_kind kind = STORE_FREE;

	while (!sim_value_is(v, "store.model", names[kind]))
		kind++;
	return kind;
}

/* ---- a measured curve ---- */

enum column { CONCURRENCY, THROUGHPUT, COLUMNS };

static const char *const column_names[] = {
    [CONCURRENCY] = "concurrency", [THROUGHPUT] = "throughput", [COLUMNS] = SIM_COLUMNS_OTHERS, NULL};

/* A positive number that fills the cell. */
static bool read_number(const struct sim_columns *columns, const struct csv_row *row, enum column column,
			double *number, GError **error)
{
	const char *cell = sim_columns_cell(columns, row, column);
	char *end;

	*number = g_ascii_strtod(cell, &end);
	if (end != cell && *end == '\0' && *number > 0 && *number <= 1e12)
		return true;
	return sim_columns_complain(columns, row, column, error, "`%s` is not a positive number: write %s", cell,
				    column == CONCURRENCY ? "how many were at work at once, as 8"
							  : "how many a second were done, as 1250.5");
}

static bool read_point(const struct sim_columns *columns, const struct csv_row *row, GArray *points, GError **error)
{
	const struct store_point *last =
	    points->len > 0 ? &g_array_index(points, struct store_point, points->len - 1) : NULL;
	double concurrency, throughput;

	if (!read_number(columns, row, CONCURRENCY, &concurrency, error) ||
	    !read_number(columns, row, THROUGHPUT, &throughput, error))
		return false;
	if (concurrency > 1e6 || concurrency != (double)(uint32_t)concurrency)
		return sim_columns_complain(columns, row, CONCURRENCY, error,
					    "`%s` is not a whole number up to 1000000",
					    sim_columns_cell(columns, row, CONCURRENCY));
	struct store_point point = {(uint32_t)concurrency, throughput};

	if (last != NULL && point.concurrency <= last->concurrency)
		return sim_columns_complain(columns, row, CONCURRENCY, error,
					    "%u does not follow %u: order the rows by concurrency, one row each",
					    point.concurrency, last->concurrency);
	g_array_append_val(points, point);
	return true;
}

static bool take_points(struct store_figures *figures, struct sim_columns *columns, GError **error)
{
	g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(struct store_point));

	for (guint i = 1; i < columns->rows->n; i++)
		if (!read_point(columns, &columns->rows->at[i], points, error))
			return false;
	if (points->len == 0)
		return sim_columns_complain(columns, columns->rows->at, CONCURRENCY, error,
					    "has no rows: write one for each measured concurrency");
	figures->n_points = points->len;
	figures->curve = (struct store_point *)(gpointer)g_array_free(g_steal_pointer(&points), FALSE);
	return true;
}

static bool read_curve(struct store_figures *figures, const struct sim_values *v, GError **error)
{
	g_autoptr(GError) reason = NULL;
	struct sim_columns columns;
	struct sim_file file = {0};
	bool fine = false;

	if (sim_value_read(v, "store.curve", sim_value(v, "store.curve")->text, &file, &reason)) {
		if (sim_columns_read(&columns, file.path, file.text, file.n, column_names, COLUMNS, error)) {
			fine = take_points(figures, &columns, error);
			sim_columns_clear(&columns);
		}
	} else if (reason->domain == G_FILE_ERROR) {
		sim_value_complain(v, "store.curve", error,
				   "%s: name a CSV file with the columns concurrency and throughput",
				   reason->message);
	} else {
		g_propagate_error(error, g_steal_pointer(&reason));
	}
	sim_file_clear(&file);
	return fine;
}

/* ---- */

bool blueprint_read_store(struct store_figures *figures, const struct sim_values *v, GError **error)
{
	*figures = (struct store_figures){
	    .kind = kind_of(v),
	    .read = sim_value(v, "store.read")->variate,
	    .write = sim_value(v, "store.write")->variate,
	    .flush = sim_value(v, "store.flush")->variate,
	    .write_octet = sim_value(v, "store.write-octet")->duration,
	    .timeout = sim_value(v, "store.timeout")->duration,
	    .batch_delay = sim_value(v, "store.batch-delay")->duration,
	    .shards = 1,
	};
	if (figures->kind == STORE_SHARDED) {
		figures->shards = (uint32_t)sim_value(v, "store.shards")->count;
		figures->shard_ends = store_shard_ends(figures->shards, sim_value(v, "store.skew")->number);
	}
	return figures->kind != STORE_CURVE || read_curve(figures, v, error);
}

void blueprint_clear_store(struct store_figures *figures)
{
	g_free(figures->shard_ends);
	g_free(figures->curve);
	*figures = (struct store_figures){0};
}
