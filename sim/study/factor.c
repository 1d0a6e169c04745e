#include "sim/study/factor.h"

#include <math.h>
#include <string.h>

#include "sim/study/parse.h"

static void factor_free(gpointer data)
{
	struct factor *factor = data;

	g_free(factor->name);
	g_ptr_array_unref(factor->values);
	g_free(factor->numbers);
	g_free(factor);
}

static struct factor *factor_new(const char *name, gsize n)
{
	struct factor *factor = g_new0(struct factor, 1);

	factor->name = g_strndup(name, n);
	factor->values = g_ptr_array_new_with_free_func(g_free);
	return factor;
}

/* The iterations that have runs, in order; g_ptr_array_unref. */
static GPtrArray *find_iterations(const struct sim_archive *a)
{
	GPtrArray *iterations = g_ptr_array_new();
	g_autofree bool *ran = g_new0(bool, a->iterations->len + 1);

	for (guint i = 0; i < a->runs->len; i++)
		ran[g_array_index(a->runs, struct sim_archive_run, i).at] = true;
	for (guint i = 0; i < a->iterations->len; i++)
		if (ran[i])
			g_ptr_array_add(iterations, &g_array_index(a->iterations, struct sim_archive_iteration, i));
	return iterations;
}

/* ---- numbers ---- */

static bool parse_plain(const char *text, double *number, char **reason)
{
	*reason = NULL;
	return sim_archive_number(text, number);
}

static bool parse_duration(const char *text, double *number, char **reason)
{
	sim_time duration;

	if (!sim_parse_duration(text, &duration, reason))
		return false;
	*number = (double)duration / 1e9;
	return true;
}

static bool parse_size(const char *text, double *number, char **reason)
{
	int64_t octets;

	if (!sim_parse_size(text, &octets, reason))
		return false;
	*number = (double)octets;
	return true;
}

static const struct {
	bool (*parse)(const char *text, double *number, char **reason);
	const char *unit;
} kinds[] = {{parse_plain, "1"},     {parse_duration, "s"}, {sim_parse_frequency, "1/s"},
	     {sim_parse_share, "%"}, {parse_size, "B"},     {sim_parse_bitrate, "bit/s"}};

double *factor_numbers(const GPtrArray *texts, const char **unit)
{
	g_autofree double *numbers = g_new(double, texts->len + 1);

	for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++) {
		bool fine = texts->len > 0;

		for (guint i = 0; fine && i < texts->len; i++) {
			g_autofree char *reason = NULL;

			fine = kinds[k].parse(texts->pdata[i], &numbers[i], &reason) && isfinite(numbers[i]);
		}
		*unit = kinds[k].unit;
		if (fine)
			return g_steal_pointer(&numbers);
	}
	return NULL;
}

/* ---- variables ---- */

/* "name=value" number i of an iteration's name: where it begins, its value, and how long that is. */
static bool nth(const char *iteration, guint i, const char **name, const char **value, gsize *n)
{
	for (; i > 0; i--) {
		iteration = strchr(iteration, ';');
		if (iteration == NULL)
			return false;
		iteration++;
	}
	const char *equals = strchr(iteration, '=');

	*n = strcspn(iteration, ";");
	if (equals == NULL || equals >= iteration + *n)
		return false;
	*name = iteration;
	*value = equals + 1;
	*n -= (gsize)(*value - iteration);
	return true;
}

static bool has_name(const struct factor *factor, const char *name)
{
	gsize n = strlen(factor->name);

	return strncmp(factor->name, name, n) == 0 && name[n] == '=';
}

/* The value's number, added if it is new. */
static guint value_number(struct factor *factor, const char *value, gsize n, bool add)
{
	guint i;

	for (i = 0; i < factor->values->len; i++) {
		const char *other = factor->values->pdata[i];

		if (strlen(other) == n && strncmp(other, value, n) == 0)
			return i;
	}
	if (add)
		g_ptr_array_add(factor->values, g_strndup(value, n));
	return add ? i : 0;
}

guint factor_value(const GPtrArray *factors, guint factor, const char *iteration)
{
	const char *name, *value;
	gsize n;

	return nth(iteration, factor, &name, &value, &n) ? value_number(factors->pdata[factor], value, n, false) : 0;
}

static void name_factors(GPtrArray *factors, const char *iteration)
{
	const char *name, *value;
	gsize n;

	for (guint i = 0; nth(iteration, i, &name, &value, &n); i++)
		g_ptr_array_add(factors, factor_new(name, (gsize)(value - 1 - name)));
}

/* Adds an iteration's values; false if its variables are others. */
static bool add_values(GPtrArray *factors, const char *iteration)
{
	const char *name, *value;
	gsize n;
	guint i;

	for (i = 0; nth(iteration, i, &name, &value, &n); i++) {
		if (i >= factors->len || !has_name(factors->pdata[i], name))
			return false;
		value_number(factors->pdata[i], value, n, true);
	}
	return i == factors->len;
}

/* Has the parameter this variable's value in every iteration? */
static bool follows(const GPtrArray *iterations, const GPtrArray *factors, guint factor, const char *parameter)
{
	const struct factor *f = factors->pdata[factor];

	for (guint i = 0; i < iterations->len; i++) {
		const struct sim_archive_iteration *iteration = iterations->pdata[i];
		const char *value = sim_archive_parameter(iteration, parameter);

		if (value == NULL ||
		    strcmp(value, f->values->pdata[factor_value(factors, factor, iteration->name)]) != 0)
			return false;
	}
	return true;
}

static void find_parameter(const GPtrArray *iterations, const GPtrArray *factors, guint factor)
{
	struct factor *f = factors->pdata[factor];
	const GArray *parameters = ((const struct sim_archive_iteration *)iterations->pdata[0])->parameters;

	for (guint i = 0; f->values->len > 1 && i < parameters->len && f->parameter == NULL; i++) {
		const char *name = g_array_index(parameters, struct sim_archive_parameter, i).name;

		if (follows(iterations, factors, factor, name))
			f->parameter = name;
	}
}

static const char *name_of(const GPtrArray *iterations, guint i)
{
	return ((const struct sim_archive_iteration *)iterations->pdata[i])->name;
}

GPtrArray *factors_find(const struct sim_archive *a)
{
	GPtrArray *factors = g_ptr_array_new_with_free_func(factor_free);
	g_autoptr(GPtrArray) iterations = find_iterations(a);
	bool same = iterations->len > 1;

	if (same)
		name_factors(factors, name_of(iterations, 0));
	for (guint i = 0; same && i < iterations->len; i++)
		same = add_values(factors, name_of(iterations, i));
	if (!same)
		g_ptr_array_set_size(factors, 0);
	for (guint i = 0; i < factors->len; i++) {
		struct factor *f = factors->pdata[i];

		f->numbers = factor_numbers(f->values, &f->unit);
		find_parameter(iterations, factors, i);
	}
	return factors;
}

int factors_sought(const struct sim_archive *a, const GPtrArray *factors)
{
	if (a->brackets->len == 0)
		return -1;
	const char *sought = g_array_index(a->brackets, struct sim_archive_bracket, 0).parameter;

	for (guint i = 0; i < factors->len; i++) {
		const struct factor *f = factors->pdata[i];

		if (f->numbers != NULL && (g_strcmp0(f->parameter, sought) == 0 || strcmp(f->name, sought) == 0))
			return (int)i;
	}
	return -1;
}

char *factors_others(const GPtrArray *factors, guint without, const char *iteration)
{
	GString *out = g_string_new(NULL);
	const char *name, *value;
	gsize n;

	for (guint i = 0; i < factors->len && nth(iteration, i, &name, &value, &n); i++)
		if (i != without)
			g_string_append_printf(out, "%s%.*s", out->len > 0 ? ", " : "", (int)(value + n - name),
					       name);
	return g_string_free(out, FALSE);
}
