#include "sim/study/archive_parts.h"

#include <math.h>
#include <string.h>

#include "sim/csv/csv_rows.h"
#include "sim/study/param.h"

#define MAX_COLUMNS 20

/* Where the reader of a table stands. */
struct reader {
	struct sim_archive *archive;
	const struct table *table;
	const char *path;
	bool begun; /* the header line is behind us */
	const struct csv_row *row;
	const char *last[MAX_COLUMNS]; /* the text interned last, by column: most rows repeat it */
	struct sim_archive_run *run;   /* of the row before this */
	GError **error;
};

struct table {
	const char *file, *header;
	bool (*take)(struct reader *r);
};

/* Sets the error about a cell; false. */
static bool complain(const struct reader *r, guint column, const char *format, ...) G_GNUC_PRINTF(3, 4);

static bool complain(const struct reader *r, guint column, const char *format, ...)
{
	g_auto(GStrv) names = g_strsplit(r->table->header, ",", -1);
	va_list args;

	va_start(args, format);
	g_autofree char *reason = g_strdup_vprintf(format, args);

	va_end(args);
	g_set_error(r->error, SIM_SCENARIO_ERROR, 0, "%s:%u: column `%s`: %s", r->path, r->row->line, names[column],
		    reason);
	return false;
}

static const char *text_at(struct reader *r, guint column)
{
	const char *cell = r->row->cells[column];

	if (r->last[column] == NULL || strcmp(r->last[column], cell) != 0)
		r->last[column] = g_intern_string(cell);
	return r->last[column];
}

/* The texts of the columns from `column` on, one for each of n places. */
static void texts_at(struct reader *r, guint column, const char **const *texts, guint n)
{
	for (guint i = 0; i < n; i++)
		*texts[i] = text_at(r, column + i);
}

bool sim_archive_number(const char *text, double *number)
{
	char *end;

	if (*text == '\0' || strspn(text, "+-.0123456789eE") != strlen(text))
		return false;
	double value = g_ascii_strtod(text, &end);

	if (*end != '\0' || !isfinite(value))
		return false;
	*number = value;
	return true;
}

static bool number_at(struct reader *r, guint column, double *number)
{
	return sim_archive_number(r->row->cells[column], number) ||
	       complain(r, column, "\"%s\" is not a number: the file is damaged; run the scenario again",
			r->row->cells[column]);
}

/* An empty cell is NaN. */
static bool number_or_none_at(struct reader *r, guint column, double *number)
{
	*number = (double)NAN;
	return *r->row->cells[column] == '\0' || number_at(r, column, number);
}

static bool numbers_or_none_at(struct reader *r, guint column, double *const *numbers, guint n)
{
	for (guint i = 0; i < n; i++)
		if (!number_or_none_at(r, column + i, numbers[i]))
			return false;
	return true;
}

static bool count_at(struct reader *r, guint column, uint64_t max, uint64_t *count)
{
	const char *cell = r->row->cells[column];

	return g_ascii_string_to_unsigned(cell, 10, 0, max, count, NULL) ||
	       complain(r, column, "\"%s\" is not a whole number: the file is damaged; run the scenario again", cell);
}

static bool is_run(const struct sim_archive_run *run, char *const *cells, uint64_t replication)
{
	return run != NULL && run->replication == replication && strcmp(run->iteration, cells[1]) == 0 &&
	       strcmp(run->config, cells[0]) == 0;
}

/* The finished run of a row that begins with config,iteration,replication,run. */
static bool run_at(struct reader *r)
{
	char *const *cells = r->row->cells;
	uint64_t replication, run;

	if (!count_at(r, 2, G_MAXUINT, &replication) || !count_at(r, 3, G_MAXUINT, &run))
		return false;
	if (!is_run(r->run, cells, replication))
		r->run = sim_archive_find(r->archive, cells[0], cells[1], (guint)replication);
	if (r->run != NULL && r->run->finished && r->run->run == run)
		return true;
	return complain(r, 3,
			"run %s (config %s, iteration `%s`, replication %s) is not one that the manifest says is "
			"finished: the files are not of one campaign; run the scenario again",
			cells[3], cells[0], cells[1], cells[2]);
}

static int compare_keys(const struct sim_row *x, const struct sim_row *y)
{
	int c = strcmp(x->module, y->module);

	c = c != 0 ? c : strcmp(x->flow, y->flow);
	c = c != 0 ? c : strcmp(x->metric, y->metric);
	return c != 0 ? c : strcmp(x->statistic, y->statistic);
}

static bool complain_of_order(const struct reader *r, guint column)
{
	return complain(r, column,
			"the row stands twice or out of order: the file was changed; run the scenario again");
}

static bool take_run(struct reader *r)
{
	struct sim_row row = {0};
	const char **const names[] = {&row.module, &row.flow, &row.metric, &row.statistic};

	if (!run_at(r) || !number_at(r, 8, &row.value))
		return false;
	GArray *rows = r->run->record.rows;

	texts_at(r, 4, names, G_N_ELEMENTS(names));
	row.unit = text_at(r, 9);
	if (rows->len > 0 && compare_keys(&g_array_index(rows, struct sim_row, rows->len - 1), &row) >= 0)
		return complain_of_order(r, 6);
	g_array_append_val(rows, row);
	return true;
}

static bool follows(const GArray *points, const struct sim_point *next)
{
	if (points->len == 0)
		return true;
	const struct sim_point *last = &g_array_index(points, struct sim_point, points->len - 1);
	struct sim_row x = {.module = last->module, last->flow, last->metric, last->statistic};
	struct sim_row y = {.module = next->module, next->flow, next->metric, next->statistic};
	int c = compare_keys(&x, &y);

	return c < 0 || (c == 0 && last->x < next->x);
}

static bool add_point(struct reader *r, GArray *points, const struct sim_point *point)
{
	if (!follows(points, point))
		return complain_of_order(r, 6);
	g_array_append_vals(points, point, 1);
	return true;
}

static bool take_quantile(struct reader *r)
{
	struct sim_point point = {.statistic = g_intern_static_string("")};
	const char **const names[] = {&point.module, &point.flow, &point.metric};

	if (!run_at(r) || !number_at(r, 7, &point.x) || !number_at(r, 8, &point.value))
		return false;
	if (!(point.x >= 0 && point.x <= 1))
		return complain(r, 7, "%s is not a share from 0 to 1: the file is damaged; run the scenario again",
				r->row->cells[7]);
	texts_at(r, 4, names, G_N_ELEMENTS(names));
	point.unit = text_at(r, 9);
	return add_point(r, r->run->record.quantiles, &point);
}

static bool take_series(struct reader *r)
{
	struct sim_point point = {0};
	const char **const names[] = {&point.module, &point.flow, &point.metric, &point.statistic};

	if (!run_at(r) || !number_at(r, 8, &point.x) || !number_at(r, 9, &point.value))
		return false;
	texts_at(r, 4, names, G_N_ELEMENTS(names));
	point.unit = text_at(r, 10);
	return add_point(r, r->run->record.series, &point);
}

/* Columns `column` and the next are a config and an iteration of the manifest. */
static bool iteration_at(struct reader *r, guint column)
{
	const struct sim_archive *a = r->archive;
	const char *config = r->row->cells[column], *name = r->row->cells[column + 1];

	for (guint i = 0; i < a->runs->len; i++) {
		const struct sim_archive_run *run = &g_array_index(a->runs, struct sim_archive_run, i);

		if (strcmp(run->iteration, name) == 0 && strcmp(run->config, config) == 0)
			return true;
	}
	return complain(r, column + 1,
			"the manifest has no run of config %s, iteration `%s`: the files are not of one campaign; "
			"run the scenario again",
			config, name);
}

static bool is_whole_interval(struct reader *r, guint low, double a, double b)
{
	return isnan(a) == isnan(b) || complain(r, low,
						"one end of the interval is missing: the file is damaged; "
						"run the scenario again");
}

/* The estimate before this row, if it is of the same iteration. */
static const struct sim_archive_estimate *before(const struct reader *r)
{
	const GArray *estimates = r->archive->estimates;

	if (estimates->len == 0)
		return NULL;
	const struct sim_archive_estimate *last =
	    &g_array_index(estimates, struct sim_archive_estimate, estimates->len - 1);

	return strcmp(last->config, r->row->cells[0]) == 0 && strcmp(last->iteration, r->row->cells[1]) == 0 ? last
													     : NULL;
}

static bool comes_after(const struct sim_archive_estimate *e, const struct sim_archive_estimate *last)
{
	struct sim_row x = {.module = last->module, last->flow, last->metric, last->statistic};
	struct sim_row y = {.module = e->module, e->flow, e->metric, e->statistic};

	return compare_keys(&x, &y) < 0;
}

static bool take_estimate(struct reader *r)
{
	const struct sim_archive_estimate *last = before(r);
	struct sim_archive_estimate e = {.line = r->row->line};
	const char **const names[] = {&e.config, &e.iteration, &e.module, &e.flow, &e.metric, &e.statistic};
	const char **const rest[] = {&e.method, &e.unit, &e.verdict};

	if ((last == NULL && !iteration_at(r, 0)) || !number_at(r, 6, &e.estimate) ||
	    !number_or_none_at(r, 7, &e.low) || !number_or_none_at(r, 8, &e.high) ||
	    !number_at(r, 9, &e.confidence) || !count_at(r, 10, G_MAXINT64, &e.n) ||
	    !is_whole_interval(r, 7, e.low, e.high))
		return false;
	texts_at(r, 0, names, G_N_ELEMENTS(names));
	texts_at(r, 11, rest, G_N_ELEMENTS(rest));
	if (last != NULL && !comes_after(&e, last))
		return complain_of_order(r, 4);
	g_array_append_val(r->archive->estimates, e);
	return true;
}

static bool config_at(struct reader *r, guint column)
{
	const char *cell = r->row->cells[column];

	for (guint i = 0; i < r->archive->configs->len; i++)
		if (strcmp(r->archive->configs->pdata[i], cell) == 0)
			return true;
	return complain(r, column, "the manifest has no config %s: the files are not of one campaign; compare again",
			cell);
}

static bool take_difference(struct reader *r)
{
	struct sim_archive_difference d = {.line = r->row->line};
	double *const numbers[] = {&d.low,        &d.high,        &d.ratio,         &d.ratio_low,
				   &d.ratio_high, &d.correlation, &d.variance_ratio};
	const char **const names[] = {&d.a, &d.b, &d.iteration, &d.module, &d.flow, &d.metric, &d.statistic};
	const char **const rest[] = {&d.method, &d.unit, &d.verdict};

	if (!config_at(r, 0) || !config_at(r, 1) || !number_at(r, 7, &d.difference) ||
	    !numbers_or_none_at(r, 8, numbers, G_N_ELEMENTS(numbers)) || !count_at(r, 15, G_MAXINT64, &d.n) ||
	    !is_whole_interval(r, 8, d.low, d.high) || !is_whole_interval(r, 11, d.ratio_low, d.ratio_high))
		return false;
	texts_at(r, 0, names, G_N_ELEMENTS(names));
	texts_at(r, 16, rest, G_N_ELEMENTS(rest));
	g_array_append_val(r->archive->differences, d);
	return true;
}

static bool take_claim(struct reader *r)
{
	struct sim_archive_claim c = {.line = r->row->line};
	double *const interval[] = {&c.low, &c.high, &c.ratio}, *const chances[] = {&c.p, &c.adjusted};
	const char **const names[] = {&c.a, &c.b, &c.iteration, &c.module, &c.flow, &c.metric, &c.statistic, &c.per};

	if (!config_at(r, 0) || !config_at(r, 1) || !number_at(r, 8, &c.difference) ||
	    !numbers_or_none_at(r, 9, interval, G_N_ELEMENTS(interval)) || !count_at(r, 12, G_MAXINT64, &c.n) ||
	    !numbers_or_none_at(r, 13, chances, G_N_ELEMENTS(chances)) || !is_whole_interval(r, 9, c.low, c.high))
		return false;
	texts_at(r, 0, names, G_N_ELEMENTS(names));
	c.unit = text_at(r, 15);
	c.verdict = text_at(r, 16);
	g_array_append_val(r->archive->claims, c);
	return true;
}

static bool take_bracket(struct reader *r)
{
	struct sim_archive_bracket b = {.line = r->row->line};

	if (!config_at(r, 0) || !number_or_none_at(r, 3, &b.lower) || !number_or_none_at(r, 4, &b.upper) ||
	    !number_or_none_at(r, 6, &b.confidence))
		return false;
	b.config = text_at(r, 0);
	b.iteration = text_at(r, 1);
	b.parameter = text_at(r, 2);
	b.unit = text_at(r, 5);
	b.verdict = text_at(r, 7);
	g_array_append_val(r->archive->brackets, b);
	return true;
}

static const struct table tables[] = {
    [ARCHIVE_RUNS] = {"runs.csv", "config,iteration,replication,run,module,flow,metric,statistic,value,unit",
		      take_run},
    [ARCHIVE_SUMMARY] = {"summary.csv",
			 "config,iteration,module,flow,metric,statistic,estimate,low,high,confidence,n,method,unit,"
			 "verdict",
			 take_estimate},
    [ARCHIVE_CDF] = {"cdf.csv", "config,iteration,replication,run,module,flow,metric,share,value,unit",
		     take_quantile},
    [ARCHIVE_SERIES] = {"series.csv", "config,iteration,replication,run,module,flow,metric,statistic,time,value,unit",
			take_series},
    [ARCHIVE_COMPARE] = {"compare.csv",
			 "a,b,iteration,module,flow,metric,statistic,difference,low,high,ratio,ratio_low,ratio_high,"
			 "correlation,variance_ratio,n,method,unit,verdict",
			 take_difference},
    [ARCHIVE_CLAIMS] = {"claims.csv",
			"a,b,iteration,module,flow,metric,statistic,per,difference,low,high,ratio,n,p,adjusted,unit,"
			"verdict",
			take_claim},
    [ARCHIVE_CAPACITY] = {"capacity.csv", "config,iteration,parameter,lower,upper,unit,confidence,verdict",
			  take_bracket},
};

G_STATIC_ASSERT(G_N_ELEMENTS(tables) == ARCHIVE_TABLES);

const char *archive_table_file(enum archive_table table)
{
	return tables[table].file;
}

static guint columns(const char *header)
{
	guint n = 1;

	for (; *header != '\0'; header++)
		n += *header == ',';
	return n;
}

static bool take_header(struct reader *r)
{
	g_autofree char *found = g_strjoinv(",", r->row->cells);

	r->begun = true;
	if (strcmp(found, r->table->header) == 0)
		return true;
	g_set_error(r->error, SIM_SCENARIO_ERROR, 0,
		    "%s:%u: the header line is not `%s`: the file is of another version, or was changed; run the "
		    "scenario again",
		    r->path, r->row->line, r->table->header);
	return false;
}

static bool take_row(const struct csv_row *row, void *data, GError **error)
{
	struct reader *r = data;

	r->row = row;
	r->error = error;
	if (!r->begun)
		return take_header(r);
	if (row->n == columns(r->table->header))
		return r->table->take(r);
	g_set_error(error, SIM_SCENARIO_ERROR, 0,
		    "%s:%u: has %u fields instead of %u: the file is damaged; run the scenario again", r->path,
		    row->line, row->n, columns(r->table->header));
	return false;
}

bool archive_read_table(struct sim_archive *archive, enum archive_table table, const char *path, const char *text,
			gsize n, GError **error)
{
	struct reader r = {.archive = archive, .table = &tables[table], .path = path};

	if (!csv_rows_walk(path, text, n, take_row, &r, error))
		return false;
	if (r.begun && text[n - 1] == '\n')
		return true;
	g_set_error(error, SIM_SCENARIO_ERROR, 0, "%s: %s: the file was cut short; run the scenario again", path,
		    r.begun ? "the last line has no end" : "is empty");
	return false;
}
