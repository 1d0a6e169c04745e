#include "sim/study/sweep.h"

#include <string.h>

#include "sim/study/param.h"
#include "sim/study/text.h"

static void variable_free(gpointer data)
{
	struct sweep_variable *variable = data;

	g_free(variable->name);
	g_ptr_array_unref(variable->values);
	g_free(variable);
}

GPtrArray *sweep_new(void)
{
	return g_ptr_array_new_with_free_func(variable_free);
}

static bool refuse(char **reason, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool refuse(char **reason, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	*reason = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	return false;
}

static int find_variable(const GPtrArray *variables, const char *name)
{
	for (guint i = 0; i < variables->len; i++)
		if (strcmp(((const struct sweep_variable *)g_ptr_array_index(variables, i))->name, name) == 0)
			return (int)i;
	return -1;
}

/* A number of a range as a whole count of its last digit, so that 0.1..0.5 step 0.1 ends at 0.5 and prints so. */
struct decimal {
	gint64 mantissa;
	guint digits;     /* behind the point */
	const char *unit; /* what follows the number */
};

static bool parse_decimal(const char *text, struct decimal *d)
{
	const char *p = text;
	bool point = false;

	*d = (struct decimal){0};
	if (*p == '-')
		p++;
	if (!g_ascii_isdigit(*p))
		return false;
	for (; g_ascii_isdigit(*p) || (*p == '.' && !point && g_ascii_isdigit(p[1])); p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		if (d->mantissa > G_MAXINT64 / 1000 || d->digits >= 9)
			return false;
		d->mantissa = d->mantissa * 10 + (*p - '0');
		d->digits += point;
	}
	if (*text == '-')
		d->mantissa = -d->mantissa;
	d->unit = p;
	return true;
}

static bool rescale(struct decimal *d, guint digits)
{
	for (; d->digits < digits; d->digits++)
		if (__builtin_mul_overflow(d->mantissa, 10, &d->mantissa))
			return false;
	return true;
}

static char *print_decimal(gint64 mantissa, guint digits, const char *unit)
{
	gint64 scale = 1;

	for (guint i = 0; i < digits; i++)
		scale *= 10;
	gint64 size = mantissa < 0 ? -mantissa : mantissa;
	const char *sign = mantissa < 0 ? "-" : "";

	if (digits == 0)
		return g_strdup_printf("%s%" G_GINT64_FORMAT "%s", sign, size, unit);
	return g_strdup_printf("%s%" G_GINT64_FORMAT ".%0*" G_GINT64_FORMAT "%s", sign, size / scale, (int)digits,
			       size % scale, unit);
}

static bool add_range(GPtrArray *values, const char *from, const char *to, const char *step, char **reason)
{
	struct decimal a, b, s;

	if (!parse_decimal(from, &a) || !parse_decimal(to, &b) || !parse_decimal(step, &s))
		return refuse(reason, "has a range that is wrong: write from..to or from..to step width, in numbers");
	if (*a.unit == '\0')
		a.unit = b.unit; /* 1..5ms */
	if (strcmp(a.unit, b.unit) != 0 || (*s.unit != '\0' && strcmp(a.unit, s.unit) != 0))
		return refuse(reason, "has a range with different units: write from, to and step in the same");
	guint digits = MAX(a.digits, MAX(b.digits, s.digits));

	if (!rescale(&a, digits) || !rescale(&b, digits) || !rescale(&s, digits))
		return refuse(reason, "has a range whose numbers are too long");
	if (s.mantissa <= 0 || a.mantissa > b.mantissa)
		return refuse(reason, "has an empty range: it needs from <= to and a step above 0");
	if ((b.mantissa - a.mantissa) / s.mantissa >= SWEEP_MAX_VALUES)
		return refuse(reason, "has a range of more than %d values", SWEEP_MAX_VALUES);
	for (gint64 i = 0; i <= (b.mantissa - a.mantissa) / s.mantissa; i++)
		g_ptr_array_add(values, print_decimal(a.mantissa + i * s.mantissa, digits, a.unit));
	return true;
}

static bool add_values(GPtrArray *values, const char *text, char **reason)
{
	g_autofree char *copy = g_strdup(text);
	char *dots = strstr(copy, ".."), *step;

	/* "../a.csv" is a path, not a range */
	if (dots == NULL || (!g_ascii_isdigit(*text) && *text != '-')) {
		if (*text == '\0')
			return refuse(reason, "has an empty value in its list");
		if (strchr(text, ';') != NULL || strchr(text, '$') != NULL)
			return refuse(reason, "has a ; or $ in its list, which would make runs ambiguous");
		g_ptr_array_add(values, g_steal_pointer(&copy));
		return true;
	}
	*dots = '\0';
	step = strstr(dots + 2, "step");
	if (step != NULL)
		*step = '\0';
	return add_range(values, g_strstrip(copy), g_strstrip(dots + 2), step != NULL ? g_strstrip(step + 4) : "1",
			 reason);
}

/* `list` up to the `!`, and the variable behind it; -1 without one. */
static bool cut_leader(const GPtrArray *variables, char *list, const char *name, int *leader, char **reason)
{
	char *mark = strchr(list, '!');

	*leader = -1;
	if (mark == NULL)
		return true;
	*mark = '\0';
	const char *other = g_strstrip(mark + 1);

	*leader = find_variable(variables, other);
	if (*leader < 0)
		return refuse(reason, "lets %s go along with %s, which no line before declares", name, other);
	while (((const struct sweep_variable *)g_ptr_array_index(variables, *leader))->leader >= 0)
		*leader = ((const struct sweep_variable *)g_ptr_array_index(variables, *leader))->leader;
	return true;
}

static bool goes_along(const GPtrArray *variables, const struct sweep_variable *variable, char **reason)
{
	const struct sweep_variable *leader = g_ptr_array_index(variables, variable->leader);

	if (leader->values->len == variable->values->len)
		return true;
	return refuse(reason, "gives %s %u values, and %s, with which it goes along, %u", variable->name,
		      variable->values->len, leader->name, leader->values->len);
}

/* Iterations are told apart by these values. */
static bool are_different(const struct sweep_variable *variable, char **reason)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < variable->values->len; i++)
		if (!g_hash_table_add(seen, g_ptr_array_index(variable->values, i)))
			return refuse(reason, "names the value %s twice: variable %s",
				      (const char *)g_ptr_array_index(variable->values, i), variable->name);
	return true;
}

static bool declare(GPtrArray *variables, const char *name, const char *list, char **reason)
{
	g_autofree char *inner = NULL, *own = g_strdup(list);
	int leader;

	if (!sim_is_name(name))
		return refuse(reason, "declares an iteration variable without a name: write ${name=1,2,3}");
	if (strcmp(name, "replication") == 0)
		return refuse(reason, "declares the variable replication, which -r knows already: use another name");
	if (find_variable(variables, name) >= 0)
		return refuse(reason, "declares the variable %s a second time: refer to the first as ${%s}", name,
			      name);
	if (!cut_leader(variables, own, name, &leader, reason))
		return false;
	struct sweep_variable *variable = g_new0(struct sweep_variable, 1);

	variable->name = g_strdup(name);
	variable->leader = leader;
	variable->values = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(variables, variable);
	g_auto(GStrv) parts = sim_split(own);

	for (guint i = 0; parts[i] != NULL; i++)
		if (!add_values(variable->values, parts[i], &inner))
			return refuse(reason, "%s: variable %s", inner, name);
	if (variable->values->len > SWEEP_MAX_VALUES)
		return refuse(reason, "has more than %d values: variable %s", SWEEP_MAX_VALUES, name);
	return leader >= 0 ? goes_along(variables, variable, reason) : are_different(variable, reason);
}

/* Finds the next ${...} in *p: moves *p behind it and returns what stands inside, the caller's to g_free. *before is
 * where it begins. NULL without *reason: there is none. */
static char *next_braces(const char **p, const char **before, char **reason)
{
	const char *open = strstr(*p, "${"), *close;

	if (open == NULL)
		return NULL;
	close = strchr(open, '}');
	if (close == NULL || memchr(open + 2, '{', (size_t)(close - open - 2)) != NULL) {
		refuse(reason, "has a ${ without its own }: write ${name=1,2,3} or ${name}");
		return NULL;
	}
	*before = open;
	*p = close + 1;
	return g_strstrip(g_strndup(open + 2, (gsize)(close - open - 2)));
}

bool sweep_declare(GPtrArray *variables, const char *text, char **reason)
{
	const char *before;
	char *inside;

	*reason = NULL;
	while ((inside = next_braces(&text, &before, reason)) != NULL) {
		g_autofree char *owned = inside;
		char *equals = strchr(owned, '=');

		if (equals == NULL && sim_is_name(owned))
			continue;
		if (equals == NULL)
			return refuse(reason, "declares an iteration variable without a name: write ${name=1,2,3}");
		*equals = '\0';
		if (!declare(variables, g_strchomp(owned), equals + 1, reason))
			return false;
	}
	return *reason == NULL;
}

char *sweep_replace(const GPtrArray *variables, const guint *chosen, const char *text, char **reason)
{
	g_autoptr(GString) out = g_string_new(NULL);
	const char *before, *from = text;
	char *inside;

	*reason = NULL;
	while ((inside = next_braces(&text, &before, reason)) != NULL) {
		g_autofree char *name = inside;

		name[strcspn(name, "=")] = '\0';
		int found = find_variable(variables, g_strchomp(name));

		if (found < 0) {
			refuse(reason, "refers to the variable %s, which nothing declares: write ${%s=1,2,3} once",
			       name, name);
			return NULL;
		}
		const struct sweep_variable *variable = g_ptr_array_index(variables, found);

		g_string_append_len(out, from, before - from);
		g_string_append(out, g_ptr_array_index(variable->values, chosen[found]));
		from = text;
	}
	if (*reason != NULL)
		return NULL;
	g_string_append(out, from);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

guint64 sweep_size(const GPtrArray *variables)
{
	guint64 size = 1;

	for (guint i = 0; i < variables->len; i++) {
		const struct sweep_variable *variable = g_ptr_array_index(variables, i);

		size *= variable->leader < 0 ? variable->values->len : 1;
		size = MIN(size, G_MAXUINT);
	}
	return size;
}

void sweep_choose(const GPtrArray *variables, guint index, guint *chosen)
{
	for (guint i = variables->len; i-- > 0;) {
		const struct sweep_variable *variable = g_ptr_array_index(variables, i);

		if (variable->leader >= 0)
			continue;
		chosen[i] = index % variable->values->len;
		index /= variable->values->len;
	}
	for (guint i = 0; i < variables->len; i++) {
		int leader = ((const struct sweep_variable *)g_ptr_array_index(variables, i))->leader;

		chosen[i] = leader >= 0 ? chosen[leader] : chosen[i];
	}
}
