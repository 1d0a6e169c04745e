#include "sim/study/omnetpp.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

/* The fields of a `statistic`, as OMNeT++ calls them. */
static const struct {
	const char *statistic, *field;
} fields[] = {{"count", "count"}, {"mean", "mean"}, {"sd", "stddev"}, {"min", "min"}, {"max", "max"}};

/* A word, in quotes where it needs them. */
static void put_word(GString *out, const char *text)
{
	static const char plain[] = "-_.:;=/%#[]()+*$,~@^|<>";
	bool bare = *text != '\0';

	for (const char *p = text; bare && *p != '\0'; p++)
		bare = g_ascii_isalnum(*p) || strchr(plain, *p) != NULL;
	if (bare) {
		g_string_append(out, text);
		return;
	}
	g_autofree char *escaped = g_strescape(text, NULL);

	g_string_append_printf(out, "\"%s\"", escaped);
}

/* "KIND NAME VALUE" */
static void put_line(GString *out, const char *kind, const char *name, const char *value)
{
	g_string_append_printf(out, "%s %s ", kind, name);
	put_word(out, value);
	g_string_append_c(out, '\n');
}

static void put_number(GString *out, double number)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append(out, g_ascii_formatd(text, sizeof(text), "%.17g", number));
}

/* "a=1;b=2" with other signs around names and between them. */
static char *list_variables(const char *iteration, const char *before, const char *between)
{
	g_auto(GStrv) parts = g_strsplit(iteration, ";", -1);
	GString *out = g_string_new(NULL);

	for (guint i = 0; parts[i] != NULL; i++)
		g_string_append_printf(out, "%s%s%s", i > 0 ? between : "", before, parts[i]);
	return g_string_free(out, FALSE);
}

/* CONFIG-VARIABLES#REPLICATION, fit for a file's name. */
static char *name_file(const struct sim_archive_run *run, const char *suffix)
{
	g_autofree char *variables = list_variables(run->iteration, "", ",");
	char *name = g_strdup_printf("%s-%s%s#%u.%s", run->config, variables, *variables != '\0' ? "-" : "",
				     run->replication, suffix);

	return g_strdelimit(name, "/\\:*?\"<>| ", '_');
}

static void put_attributes(GString *out, const struct sim_archive *a, const struct sim_archive_run *run)
{
	g_autofree char *variables =
	    *run->iteration != '\0' ? list_variables(run->iteration, "$", ", ") : g_strdup("");
	g_autofree char *file = list_variables(run->iteration, "", ",");
	g_autofree char *number = g_strdup_printf("%u", run->run);
	g_autofree char *repetition = g_strdup_printf("%u", run->replication);
	g_autofree char *replication = g_strdup_printf("#%u", run->replication);

	put_line(out, "attr", "configname", run->config);
	put_line(out, "attr", "experiment", run->config);
	put_line(out, "attr", "iterationvars", variables);
	put_line(out, "attr", "iterationvarsf", file);
	put_line(out, "attr", "measurement", variables);
	put_line(out, "attr", "network", a->model);
	put_line(out, "attr", "repetition", repetition);
	put_line(out, "attr", "replication", replication);
	put_line(out, "attr", "runnumber", number);
	put_line(out, "attr", "seedset", repetition);
}

/* What both files of a run begin with. */
static void put_head(GString *out, const struct sim_archive *a, const struct sim_archive_run *run)
{
	g_auto(GStrv) variables = g_strsplit(run->iteration, ";", -1);
	const struct sim_archive_iteration *iteration =
	    &g_array_index(a->iterations, struct sim_archive_iteration, run->at);

	g_string_append(out, "version 3\n");
	/* OMNeT++ puts date and process here; equal runs have equal names */
	g_string_append_printf(out, "run %s-%u-seed%" G_GINT64_FORMAT "\n", run->config, run->run, run->seed);
	put_attributes(out, a, run);
	for (guint i = 0; variables[i] != NULL; i++) {
		char *equals = strchr(variables[i], '=');

		if (equals == NULL)
			continue;
		*equals = '\0';
		put_line(out, "itervar", variables[i], equals + 1);
	}
	for (guint i = 0; i < iteration->parameters->len; i++) {
		const struct sim_archive_parameter *p =
		    &g_array_index(iteration->parameters, struct sim_archive_parameter, i);

		put_line(out, "config", p->name, p->value);
	}
	g_string_append_c(out, '\n');
}

static char *name_module(const struct sim_archive *a, const char *module, const char *flow)
{
	if (strcmp(flow, "all") != 0)
		return g_strdup_printf("%s.flow.%s", a->model, flow);
	return strcmp(module, "all") == 0 ? g_strdup(a->model) : g_strdup_printf("%s.%s", a->model, module);
}

static const char *field_of(const char *statistic)
{
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		if (strcmp(fields[i].statistic, statistic) == 0)
			return fields[i].field;
	return NULL;
}

static bool same_metric(const struct sim_row *a, const struct sim_row *b)
{
	return strcmp(a->module, b->module) == 0 && strcmp(a->flow, b->flow) == 0 &&
	       strcmp(a->metric, b->metric) == 0;
}

/* "KIND MODULE NAME" of a row. */
static void put_kind(GString *out, const struct sim_archive *a, const char *kind, const struct sim_row *row,
		     const char *statistic)
{
	g_autofree char *module = name_module(a, row->module, row->flow);

	g_string_append_printf(out, "%s %s %s%s%s", kind, module, row->metric, statistic != NULL ? ":" : "",
			       statistic != NULL ? statistic : "");
}

/* Rows from .. to - 1, which are of one metric that has a count. */
static void put_tally(GString *out, const struct sim_archive *a, const GArray *rows, guint from, guint to)
{
	const struct sim_row *first = &g_array_index(rows, struct sim_row, from);

	put_kind(out, a, "statistic", first, NULL);
	g_string_append_c(out, '\n');
	for (guint i = from; i < to; i++) {
		const struct sim_row *row = &g_array_index(rows, struct sim_row, i);

		if (field_of(row->statistic) == NULL)
			continue;
		g_string_append_printf(out, "field %s ", field_of(row->statistic));
		put_number(out, row->value);
		g_string_append_c(out, '\n');
	}
}

static void put_scalar(GString *out, const struct sim_archive *a, const struct sim_row *row)
{
	put_kind(out, a, "scalar", row, row->statistic);
	g_string_append_c(out, ' ');
	put_number(out, row->value);
	g_string_append_c(out, '\n');
	if (strcmp(row->unit, "1") != 0)
		put_line(out, "attr", "unit", row->unit);
}

GString *sim_omnetpp_scalars(const struct sim_archive *a, const struct sim_archive_run *run)
{
	const GArray *rows = run->record.rows;
	GString *out = g_string_new(NULL);

	put_head(out, a, run);
	for (guint from = 0, to; from < rows->len; from = to) {
		const struct sim_row *first = &g_array_index(rows, struct sim_row, from);
		bool tally = strcmp(first->statistic, "count") == 0; /* sorted: it comes before the others */

		for (to = from + 1; to < rows->len && same_metric(first, &g_array_index(rows, struct sim_row, to));
		     to++)
			;
		if (tally)
			put_tally(out, a, rows, from, to);
		for (guint i = from; i < to; i++) {
			const struct sim_row *row = &g_array_index(rows, struct sim_row, i);

			if (!tally || field_of(row->statistic) == NULL)
				put_scalar(out, a, row);
		}
	}
	return out;
}

/* Declares vector number `id` for the curve that the point belongs to. */
static void put_vector(GString *out, const struct sim_archive *a, guint id, const struct sim_point *point,
		       const char *what)
{
	g_autofree char *module = name_module(a, point->module, point->flow);

	g_string_append_printf(out, "vector %u %s %s:%s TV\n", id, module, point->metric, what);
	if (strcmp(point->unit, "1") != 0)
		put_line(out, "attr", "unit", point->unit);
}

/* The points as vectors from number *id on. `what`: of quantiles; NULL: the statistic. */
static void put_points(GString *out, const struct sim_archive *a, const GArray *points, const char *what, guint *id)
{
	const struct sim_point *before = NULL;

	for (guint i = 0; i < points->len; i++) {
		const struct sim_point *p = &g_array_index(points, struct sim_point, i);

		if (before == NULL || strcmp(before->module, p->module) != 0 || strcmp(before->flow, p->flow) != 0 ||
		    strcmp(before->metric, p->metric) != 0 || strcmp(before->statistic, p->statistic) != 0)
			put_vector(out, a, (*id)++, p, what != NULL ? what : p->statistic);
		g_string_append_printf(out, "%u\t", *id - 1);
		put_number(out, p->x);
		g_string_append_c(out, '\t');
		put_number(out, p->value);
		g_string_append_c(out, '\n');
		before = p;
	}
}

GString *sim_omnetpp_vectors(const struct sim_archive *a, const struct sim_archive_run *run)
{
	GString *out = g_string_new(NULL);
	guint id = 0;

	put_head(out, a, run);
	put_points(out, a, run->record.series, NULL, &id);
	put_points(out, a, run->record.quantiles, "quantiles", &id);
	return out;
}

static bool write_file(const char *folder, const struct sim_archive_run *run, const char *suffix, GString *text,
		       GError **error)
{
	g_autofree char *name = name_file(run, suffix), *path = g_build_filename(folder, name, NULL);
	bool good = g_file_set_contents(path, text->str, (gssize)text->len, error);

	g_string_free(text, TRUE);
	return good;
}

static bool write_run(const struct sim_archive *a, const struct sim_archive_run *run, const char *folder,
		      GError **error)
{
	bool vectors = run->record.series->len + run->record.quantiles->len > 0;

	return write_file(folder, run, "sca", sim_omnetpp_scalars(a, run), error) &&
	       (!vectors || write_file(folder, run, "vec", sim_omnetpp_vectors(a, run), error));
}

bool sim_omnetpp_write(const struct sim_archive *a, const char *folder, guint *n, GError **error)
{
	*n = 0;
	if (g_mkdir_with_parents(folder, 0777) != 0) {
		g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(errno), "%s: cannot be created: %s",
			    folder, g_strerror(errno));
		return false;
	}
	for (guint i = 0; i < a->runs->len; i++) {
		const struct sim_archive_run *run = &g_array_index(a->runs, struct sim_archive_run, i);

		if (!run->finished)
			continue;
		if (!write_run(a, run, folder, error))
			return false;
		(*n)++;
	}
	return true;
}
