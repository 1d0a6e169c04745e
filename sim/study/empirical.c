#include "sim/study/empirical.h"

#include "sim/study/columns.h"

enum column { VALUE, WEIGHT, COLUMNS };

static const char *const column_names[] = {[VALUE] = "value", [WEIGHT] = "weight", [COLUMNS] = NULL};

static const double WEIGHT_MAX = 1e15; /* so that sums over any file are finite */

struct numbers {
	double *value, *weight;
	double total; /* of the weights */
};

static bool read_value(const struct sim_columns *c, const struct csv_row *row, enum sim_dist dist, double *value,
		       GError **error)
{
	const char *cell = sim_columns_cell(c, row, VALUE);
	g_autofree char *reason = NULL;

	if (*cell == '\0')
		return sim_columns_complain(c, row, VALUE, error, "is empty: write a value, or remove the row");
	return sim_parse_element(cell, dist, value, &reason) ||
	       sim_columns_complain(c, row, VALUE, error, "\"%s\" %s", cell, reason);
}

static bool read_weight(const struct sim_columns *c, const struct csv_row *row, double *weight, GError **error)
{
	const char *cell = sim_columns_cell(c, row, WEIGHT);
	g_autofree char *reason = NULL;

	*weight = 1;
	if (c->at[WEIGHT] == G_MAXUINT)
		return true;
	if (*cell == '\0')
		return sim_columns_complain(c, row, WEIGHT, error,
					    "is empty: write how often the value comes, as a number");
	if (!sim_parse_factor(cell, weight, &reason))
		return sim_columns_complain(c, row, WEIGHT, error, "\"%s\" %s", cell, reason);
	return (*weight >= 0 && *weight <= WEIGHT_MAX) ||
	       sim_columns_complain(c, row, WEIGHT, error, "\"%s\" is out of range: a weight lies between 0 and 1e15",
				    cell);
}

static bool read_rows(const struct sim_columns *c, enum sim_dist dist, struct numbers *numbers, GError **error)
{
	const struct csv_row *head = c->rows->at;
	guint n = c->rows->n - 1;

	for (guint i = 0; i < n; i++) {
		const struct csv_row *row = &c->rows->at[i + 1];

		if (!read_value(c, row, dist, &numbers->value[i], error) ||
		    !read_weight(c, row, &numbers->weight[i], error))
			return false;
		numbers->total += numbers->weight[i];
	}
	if (n == 0)
		return sim_columns_complain(c, head, VALUE, error, "has no row below it: add at least one");
	if (numbers->total > 0)
		return true;
	return sim_columns_complain(c, head, WEIGHT, error, "is 0 in every row: give one value more than that");
}

struct sim_empirical *empirical_parse(const char *path, const char *text, gsize n, enum sim_dist dist, GError **error)
{
	struct sim_columns columns;
	struct sim_empirical *table = NULL;

	if (!sim_columns_read(&columns, path, text, n, column_names, WEIGHT, error))
		return NULL;
	struct numbers numbers = {g_new(double, columns.rows->n), g_new(double, columns.rows->n), 0};

	if (read_rows(&columns, dist, &numbers, error))
		table = sim_empirical_new(numbers.value, numbers.weight, columns.rows->n - 1);
	g_free(numbers.value);
	g_free(numbers.weight);
	sim_columns_clear(&columns);
	return table;
}
