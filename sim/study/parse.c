/* Numbers with units and distributions: the parsers of param.h. */
#include <math.h>
#include <string.h>

#include "sim/study/param.h"
#include "sim/study/parse.h"
#include "sim/study/text.h"

struct unit {
	const char *name;
	double factor;
};

/* A kind of quantity: its units, and how to write one. */
struct quantity {
	const char *what, *example;
	const struct unit *units;
	double limit; /* in the base unit */
};

static const struct unit duration_units[] = {
    {"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"min", 60e9}, {"h", 3600e9}, {"d", 86400e9}, {NULL, 0},
};
static const struct unit frequency_units[] = {{"/s", 1}, {"/min", 1 / 60.0}, {"/h", 1 / 3600.0}, {NULL, 0}};
static const struct unit bitrate_units[] = {
    {"bit/s", 1}, {"kbit/s", 1e3}, {"Mbit/s", 1e6}, {"Gbit/s", 1e9}, {NULL, 0}};
static const struct unit size_units[] = {
    {"B", 1}, {"kB", 1e3}, {"KiB", 1024}, {"MB", 1e6}, {"MiB", 1048576}, {"GiB", 1073741824}, {NULL, 0},
};

static const struct quantity durations = {"a duration", "250us, 10ms, 2s, 1min or 1h", duration_units,
					  (double)SIM_HORIZON};
static const struct quantity frequencies = {"a frequency", "200/s or 12/min", frequency_units, 1e15};
static const struct quantity bitrates = {"a bit rate", "250kbit/s or 10Mbit/s", bitrate_units, 1e15};
static const struct quantity sizes = {"a size", "256B or 4KiB", size_units, 1e15};

/* Moves *p over a plain decimal number. strtod alone would take hexadecimal, infinity and nan too. */
static bool scan_number(const char **p, double *number)
{
	const char *s = *p;
	char *end;

	if (*s == '-' || *s == '+')
		s++;
	if (!g_ascii_isdigit(*s) || (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')))
		return false;
	*number = g_ascii_strtod(*p, &end);
	*p = end;
	return isfinite(*number);
}

static const struct unit *find_unit(const struct unit *units, const char *name)
{
	for (; units->name != NULL; units++)
		if (strcmp(units->name, name) == 0)
			return units;
	return NULL;
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

static bool parse_quantity(const char *text, const struct quantity *q, double *value, char **reason)
{
	g_autofree char *whole = g_strstrip(g_strdup(text));
	const char *p = whole;
	double number;

	if (!scan_number(&p, &number))
		return refuse(reason, "is not %s: write for example %s", q->what, q->example);
	while (*p == ' ' || *p == '\t')
		p++;
	if (*p == '\0')
		return refuse(reason, "has no unit: %s needs one, write for example %s", q->what, q->example);
	const struct unit *unit = find_unit(q->units, p);

	if (unit == NULL) {
		g_autoptr(GString) known = g_string_new(NULL);

		for (const struct unit *u = q->units; u->name != NULL; u++)
			g_string_append_printf(known, " %s", u->name);
		return refuse(reason, "has the unknown unit \"%s\": %s has one of%s", p, q->what, known->str);
	}
	if (number < 0)
		return refuse(reason, "is negative: %s is 0 or more", q->what);
	if (number * unit->factor > q->limit)
		return refuse(reason, "is out of range: too large for %s", q->what);
	*value = number * unit->factor;
	return true;
}

bool sim_parse_duration(const char *text, sim_time *duration, char **reason)
{
	double ns;

	if (!parse_quantity(text, &durations, &ns, reason))
		return false;
	*duration = (sim_time)llround(ns);
	return true;
}

bool sim_parse_frequency(const char *text, double *per_second, char **reason)
{
	return parse_quantity(text, &frequencies, per_second, reason);
}

bool sim_parse_bitrate(const char *text, double *bits_per_second, char **reason)
{
	return parse_quantity(text, &bitrates, bits_per_second, reason);
}

bool sim_parse_size(const char *text, int64_t *octets, char **reason)
{
	double value;

	if (!parse_quantity(text, &sizes, &value, reason))
		return false;
	if (value != floor(value))
		return refuse(reason, "is not a whole number of octets: write for example %s", sizes.example);
	*octets = (int64_t)value;
	return true;
}

bool sim_parse_factor(const char *text, double *number, char **reason)
{
	g_autofree char *whole = g_strstrip(g_strdup(text));
	const char *p = whole;
	double value;

	if (!scan_number(&p, &value))
		return refuse(reason, "is not a number: write for example 1.5");
	if (*p != '\0')
		return refuse(reason, "has \"%s\" behind its number: it is a plain number, without a unit", p);
	*number = value;
	return true;
}

bool sim_parse_count(const char *text, int64_t *count, char **reason)
{
	g_autofree char *whole = g_strstrip(g_strdup(text));
	guint64 value;

	if (whole[0] == '-' && g_ascii_isdigit(whole[1]))
		return refuse(reason, "is out of range: it must be 0 or more");
	for (const char *p = whole; *p != '\0' || p == whole; p++)
		if (!g_ascii_isdigit(*p))
			return refuse(reason, "is not a whole number: write for example 100");
	if (!g_ascii_string_to_unsigned(whole, 10, 0, G_MAXINT64, &value, NULL))
		return refuse(reason, "is out of range: at most %" G_GINT64_FORMAT, G_MAXINT64);
	*count = (int64_t)value;
	return true;
}

bool sim_parse_share(const char *text, double *share, char **reason)
{
	g_autofree char *whole = g_strstrip(g_strdup(text));
	const char *p = whole;
	double value;

	if (!scan_number(&p, &value))
		return refuse(reason, "is not a share: write for example 2%% or 0.02");
	while (*p == ' ')
		p++;
	if (strcmp(p, "%") == 0)
		value /= 100;
	else if (*p != '\0')
		return refuse(reason, "has the unknown unit \"%s\": write a share as 2%% or 0.02", p);
	if (value < 0 || value > 1)
		return refuse(reason, "is out of range: a share lies between 0%% and 100%%");
	*share = value;
	return true;
}

bool sim_parse_element(const char *text, enum sim_dist dist, double *value, char **reason)
{
	sim_time ns;

	if (dist == SIM_DIST_DURATION) {
		if (!sim_parse_duration(text, &ns, reason))
			return false;
		*value = (double)ns;
		return true;
	}
	if (!sim_parse_factor(text, value, reason))
		return false;
	if (*value < 0 || *value > 1e12)
		return refuse(reason, "is out of range: it must be 0 or more, and at most 1e12");
	return true;
}

struct family {
	const char *name;
	enum sim_variate_kind kind;
	unsigned n;
	const char *form;
};

static const struct family families[] = {
    {"constant", SIM_CONSTANT, 1, "constant(value)"},
    {"uniform", SIM_UNIFORM, 2, "uniform(from, to)"},
    {"exponential", SIM_EXPONENTIAL, 1, "exponential(mean)"},
    {"normal", SIM_NORMAL, 2, "normal(mean, standard deviation)"},
    {"lognormal", SIM_LOGNORMAL, 2, "lognormal(mean, standard deviation)"},
    {"pareto", SIM_PARETO, 3, "pareto(scale, shape, cap)"},
    {"weibull", SIM_WEIBULL, 2, "weibull(scale, shape)"},
    {"empirical", SIM_EMPIRICAL, 1, "empirical(file.csv)"},
};

static const char *const family_names[] = {"constant", "uniform", "exponential", "normal", "lognormal",
					   "pareto",   "weibull", "empirical",   NULL};

static const struct family *find_family(const char *name, char **reason)
{
	for (size_t i = 0; i < G_N_ELEMENTS(families); i++)
		if (strcmp(families[i].name, name) == 0)
			return &families[i];
	const char *near = sim_nearest(name, family_names);

	refuse(reason,
	       "names the unknown distribution \"%s\": %s%s%sknown are constant, uniform, exponential, normal, "
	       "lognormal, pareto, weibull and empirical",
	       name, near != NULL ? "did you mean " : "", near != NULL ? near : "", near != NULL ? "? " : "");
	return NULL;
}

static bool judge_variate(const struct sim_variate *v, char **reason)
{
	switch (v->kind) {
	case SIM_UNIFORM:
		return v->a <= v->b || refuse(reason, "is empty: uniform(from, to) needs from <= to");
	case SIM_EXPONENTIAL:
		return v->a > 0 || refuse(reason, "has mean 0: exponential(mean) needs more, or write a constant");
	case SIM_LOGNORMAL:
		return v->a > 0 || refuse(reason, "has mean 0: lognormal(mean, sd) needs more, or write a constant");
	case SIM_PARETO:
		return (v->a > 0 && v->b > 0 && v->c > v->a) ||
		       refuse(reason, "is empty: pareto(scale, shape, cap) needs scale > 0, shape > 0, cap > scale");
	case SIM_WEIBULL:
		return (v->a > 0 && v->b > 0) ||
		       refuse(reason, "is empty: weibull(scale, shape) needs scale > 0, shape > 0");
	case SIM_CONSTANT:
	case SIM_NORMAL:
	case SIM_EMPIRICAL:
		break;
	}
	return true;
}

static bool parse_arguments(const struct family *family, const char *argument, enum sim_dist dist, double *out,
			    char **reason)
{
	g_auto(GStrv) parts = sim_split(argument);

	if (g_strv_length(parts) != family->n || *parts[0] == '\0')
		return refuse(reason, "has the wrong number of arguments: write %s", family->form);
	for (unsigned i = 0; i < family->n; i++) {
		bool shape = (family->kind == SIM_PARETO || family->kind == SIM_WEIBULL) && i == 1;
		g_autofree char *inner = NULL;

		if (shape ? !sim_parse_factor(parts[i], &out[i], &inner)
			  : !sim_parse_element(parts[i], dist, &out[i], &inner))
			return refuse(reason, "has an argument that is wrong: \"%s\" %s", parts[i], inner);
	}
	return true;
}

bool sim_parse_dist(const char *text, enum sim_dist dist, struct sim_variate *variate, char **file, char **reason)
{
	g_autofree char *name = NULL, *argument = NULL;
	double value[3] = {0};

	*file = NULL;
	if (!sim_parse_call(text, &name, &argument) || argument == NULL) {
		if (strchr(text, '(') != NULL)
			return refuse(reason, "is not a distribution: write for example uniform(from, to)");
		if (!sim_parse_element(text, dist, &value[0], reason))
			return false;
		*variate = (struct sim_variate){SIM_CONSTANT, value[0], 0, 0};
		return true;
	}
	const struct family *family = find_family(name, reason);

	if (family == NULL)
		return false;
	if (family->kind == SIM_EMPIRICAL) {
		if (*argument == '\0')
			return refuse(reason, "names no file: write %s", family->form);
		*variate = (struct sim_variate){.kind = SIM_EMPIRICAL};
		*file = g_steal_pointer(&argument);
		return true;
	}
	if (!parse_arguments(family, argument, dist, value, reason))
		return false;
	struct sim_variate v = {family->kind, value[0], value[1], value[2]};

	if (!judge_variate(&v, reason))
		return false;
	*variate = v;
	return true;
}

static bool add_part(GArray *parts, const char *text, bool alone, char **reason)
{
	g_autofree char *copy = g_strstrip(g_strdup(text));
	char *blank = copy + strcspn(copy, " \t");
	struct sim_mix_part part = {NULL, 1};

	if (*blank != '\0') {
		g_autofree char *inner = NULL;

		*blank = '\0';
		if (!sim_parse_share(blank + 1, &part.share, &inner))
			return refuse(reason, "has a part that is wrong: \"%s\" %s", g_strstrip(blank + 1), inner);
	} else if (!alone) {
		return refuse(reason, "has a part without a share: write for example ble 50%%, zigbee 50%%");
	}
	if (!sim_is_name(copy))
		return refuse(reason, "is not a name or a mix: write for example ble, or ble 50%%, zigbee 50%%");
	for (guint i = 0; i < parts->len; i++)
		if (strcmp(g_array_index(parts, struct sim_mix_part, i).name, copy) == 0)
			return refuse(reason, "names %s twice: add up its shares", copy);
	part.name = g_steal_pointer(&copy);
	g_array_append_val(parts, part);
	return true;
}

bool sim_parse_mix(const char *text, struct sim_mix *mix, char **reason)
{
	g_auto(GStrv) texts = sim_split(text);
	GArray *parts = g_array_new(FALSE, TRUE, sizeof(struct sim_mix_part));
	bool good = true;
	double sum = 0;

	for (guint i = 0; good && texts[i] != NULL; i++)
		good = add_part(parts, texts[i], texts[1] == NULL, reason);
	for (guint i = 0; i < parts->len; i++)
		sum += g_array_index(parts, struct sim_mix_part, i).share;
	if (good && fabs(sum - 1) > 1e-6)
		good = refuse(reason, "has shares that sum to %g %%: they must sum to 100 %%", sum * 100);
	struct sim_mix result = {.n = parts->len};

	result.parts = (struct sim_mix_part *)(void *)g_array_free(parts, FALSE);
	if (good)
		*mix = result;
	else
		sim_mix_clear(&result);
	return good;
}

void sim_mix_clear(struct sim_mix *mix)
{
	for (size_t i = 0; i < mix->n; i++)
		g_free(mix->parts[i].name);
	g_free(mix->parts);
	*mix = (struct sim_mix){0};
}
