#include "models/cli/table.h"

#include <string.h>

#include "sim/study/human.h"

#define ABREAST 5 /* columns; more would not fit the width of a terminal */
#define MOST 40

struct column {
	const char *title, *flow;
	const struct sim_cell *cell;
};

struct table {
	const struct sim_campaign *campaign;
	const GArray *summary;
	const struct column *columns;
	guint n;
	GPtrArray *cells; /* of char *: for each line its label and its n cells */
};

char *table_value(const GArray *summary, const struct sim_headline *line, const char *flow,
		  const struct sim_cell *cell)
{
	struct sim_metric metric = {line->module, flow, line->metric};
	const struct sim_summary_row *row = sim_summary_find(summary, cell->number, &metric, line->statistic);
	struct sim_estimate ratio;

	if (row == NULL)
		return g_strdup("");
	if (line->per == NULL)
		return human_estimate(&row->estimate, line->show != NULL ? line->show : row->unit);
	struct sim_metric divisor = {"all", flow, line->per};

	if (!sim_summary_ratio(cell, &metric, &divisor, &ratio))
		return g_strdup("");
	return human_estimate(&ratio, line->show != NULL ? line->show : row->unit);
}

/* A line without any cell is left out. */
static void add_line(struct table *t, const struct sim_headline *line)
{
	guint start = t->cells->len;
	bool any = false;

	g_ptr_array_add(t->cells, g_strdup(line->label));
	for (guint i = 0; i < t->n; i++) {
		char *cell = table_value(t->summary, line, t->columns[i].flow, t->columns[i].cell);

		any = any || *cell != '\0';
		g_ptr_array_add(t->cells, cell);
	}
	if (!any)
		g_ptr_array_set_size(t->cells, (int)start);
}

static const char *cell_at(const struct table *t, guint line, guint column)
{
	return g_ptr_array_index(t->cells, line * (t->n + 1) + column);
}

static int width_of(const struct table *t, guint column)
{
	glong width = column > 0 ? g_utf8_strlen(t->columns[column - 1].title, -1) : 0;

	for (guint i = 0; i < t->cells->len / (t->n + 1); i++)
		width = MAX(width, g_utf8_strlen(cell_at(t, i, column), -1));
	return (int)width;
}

static void print_right(FILE *out, const char *text, int width)
{
	fprintf(out, "  %*s%s", width - (int)g_utf8_strlen(text, -1), "", text);
}

static void print_lines(FILE *out, const struct table *t)
{
	int first = width_of(t, 0);

	fprintf(out, "\n  %*s", first, "");
	for (guint k = 0; k < t->n; k++)
		print_right(out, t->columns[k].title, width_of(t, k + 1));
	fputc('\n', out);
	for (guint i = 0; i < t->cells->len / (t->n + 1); i++) {
		const char *label = cell_at(t, i, 0);

		guint last = t->n; /* no blanks behind the last cell that holds anything */

		while (last > 0 && *cell_at(t, i, last) == '\0')
			last--;
		fprintf(out, "  %s%*s", label, first - (int)g_utf8_strlen(label, -1), "");
		for (guint k = 0; k < last; k++)
			print_right(out, cell_at(t, i, k + 1), width_of(t, k + 1));
		fputc('\n', out);
	}
}

static void add_all_metrics(struct table *t)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < t->summary->len; i++) {
		const struct sim_summary_row *row = &g_array_index(t->summary, struct sim_summary_row, i);
		g_autofree char *label = g_strdup_printf("%s %s", row->metric, row->statistic);
		struct sim_headline line = {label, "all", row->metric, row->statistic, NULL, NULL, NULL, NULL};

		if (strcmp(row->module, "all") == 0 && g_hash_table_add(seen, g_strdup(label)))
			add_line(t, &line);
	}
}

static void print_abreast(FILE *out, const struct sim_campaign *campaign, const GArray *summary,
			  const struct column *columns, guint n)
{
	struct table t = {campaign, summary, columns, n, g_ptr_array_new_with_free_func(g_free)};
	const struct sim_headline *line = campaign->model->headline;

	for (; line != NULL && line->label != NULL; line++)
		add_line(&t, line);
	if (campaign->model->headline == NULL)
		add_all_metrics(&t);
	print_lines(out, &t);
	g_ptr_array_unref(t.cells);
}

static void add_flows(GArray *columns, const GArray *summary, const struct sim_cell *cell)
{
	g_autoptr(GPtrArray) flows = sim_summary_flows(summary, cell->number);
	bool single = flows->len == 2; /* then it is all of them */

	for (guint i = 0; i < (single ? 1 : flows->len); i++) {
		struct column column = {g_ptr_array_index(flows, single ? 1 : i), g_ptr_array_index(flows, i), cell};

		g_array_append_val(columns, column);
	}
}

static void add_iterations(GArray *columns, const struct sim_campaign *campaign)
{
	for (guint i = 0; i < campaign->cells->len; i++) {
		const struct sim_cell *cell = g_ptr_array_index(campaign->cells, i);
		struct column column = {sim_cell_iteration(cell), "all", cell};

		if (sim_cell_count(cell, SIM_JOB_FINISHED) > 0)
			g_array_append_val(columns, column);
	}
}

void table_print(FILE *out, const struct sim_campaign *campaign, const GArray *summary)
{
	g_autoptr(GArray) columns = g_array_new(FALSE, FALSE, sizeof(struct column));

	if (campaign->cells->len == 1)
		add_flows(columns, summary, g_ptr_array_index(campaign->cells, 0));
	else
		add_iterations(columns, campaign);
	guint shown = MIN(columns->len, MOST);

	for (guint i = 0; i < shown; i += ABREAST)
		print_abreast(out, campaign, summary, &g_array_index(columns, struct column, i),
			      MIN(ABREAST, shown - i));
	if (shown < columns->len)
		fprintf(out, "\n  %u more iterations: see summary.csv\n", columns->len - shown);
}
