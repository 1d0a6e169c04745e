#include "sim/study/constraint.h"

#include <glib.h>
#include <string.h>

#include "sim/study/param.h"

enum kind { PLAIN, DURATION, FREQUENCY, BITRATE, SIZE, SHARE, WORD, TRUTH };

struct value {
	enum kind kind;
	double number;
	const char *word; /* of a WORD; interned */
};

/* Reads the text from front to end; the first thing that is wrong stays in `reason`. */
struct reader {
	const char *at;
	char *reason;
};

static const struct value nothing = {PLAIN, 0, NULL};

static struct value read_or(struct reader *r);

static void skip(struct reader *r)
{
	while (g_ascii_isspace(*r->at))
		r->at++;
}

static bool takes(struct reader *r, const char *sign)
{
	skip(r);
	if (!g_str_has_prefix(r->at, sign))
		return false;
	r->at += strlen(sign);
	return true;
}

static struct value refuse(struct reader *r, const char *format, ...) G_GNUC_PRINTF(2, 3);

static struct value refuse(struct reader *r, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (r->reason == NULL)
		r->reason = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	return nothing;
}

/* ---- values ---- */

/* A number's unit may hold a slash: 200/s, 250kbit/s. */
static bool is_per(const char *at)
{
	static const char *const units[] = {"/s", "/min", "/h"};

	for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
		if (g_str_has_prefix(at, units[i]) && !g_ascii_isalnum(at[strlen(units[i])]))
			return true;
	return false;
}

static char *take_number(struct reader *r)
{
	const char *from = r->at;

	while (g_ascii_isdigit(*r->at) || *r->at == '.')
		r->at++;
	while (g_ascii_isalpha(*r->at) || *r->at == '%')
		r->at++;
	if (is_per(r->at))
		for (r->at++; g_ascii_isalpha(*r->at);)
			r->at++;
	return g_strndup(from, (gsize)(r->at - from));
}

/* With what stands in parentheses behind it: exponential(10ms). */
static const char *take_word(struct reader *r)
{
	const char *from = r->at;

	while (g_ascii_isalnum(*r->at) || *r->at == '_' || *r->at == '.' ||
	       (*r->at == '-' && g_ascii_isalpha(r->at[1])))
		r->at++;
	if (*r->at == '(' && strchr(r->at, ')') != NULL)
		r->at = strchr(r->at, ')') + 1;
	g_autofree char *word = g_strndup(from, (gsize)(r->at - from));

	return g_intern_string(word);
}

static bool parse_as(enum kind kind, const char *text, double *number)
{
	g_autofree char *reason = NULL;
	sim_time duration = 0;
	int64_t octets = 0;
	bool good;

	if (kind == FREQUENCY)
		return sim_parse_frequency(text, number, &reason);
	if (kind == BITRATE)
		return sim_parse_bitrate(text, number, &reason);
	if (kind == SHARE)
		return sim_parse_share(text, number, &reason);
	if (kind == SIZE) {
		good = sim_parse_size(text, &octets, &reason);
		*number = (double)octets;
		return good;
	}
	good = sim_parse_duration(text, &duration, &reason);
	*number = (double)duration;
	return good;
}

static struct value value_of(struct reader *r, const char *text)
{
	static const enum kind kinds[] = {DURATION, FREQUENCY, BITRATE, SIZE, SHARE};
	struct value v = nothing;
	char *end;

	v.number = g_ascii_strtod(text, &end);
	if (*end == '\0')
		return v;
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		v.kind = kinds[i];
		if (parse_as(kinds[i], text, &v.number))
			return v;
	}
	return refuse(r, "has %s in it, which is no number with a unit", text);
}

static struct value read_atom(struct reader *r)
{
	g_autofree char *text = NULL;

	if (takes(r, "(")) {
		struct value v = read_or(r);

		if (!takes(r, ")"))
			return refuse(r, "lacks a closing parenthesis");
		return v;
	}
	if (takes(r, "-")) {
		struct value v = read_atom(r);

		v.number = -v.number;
		return v;
	}
	skip(r);
	if (g_ascii_isdigit(*r->at)) {
		text = take_number(r);
		return value_of(r, text);
	}
	if (g_ascii_isalpha(*r->at))
		return (struct value){WORD, 0, take_word(r)};
	if (*r->at == '\0')
		return refuse(r, "lacks a value at its end");
	return refuse(r, "lacks a value before \"%s\"", r->at);
}

/* ---- arithmetic ---- */

static bool is_number(const struct value *v)
{
	return v->kind != WORD && v->kind != TRUTH;
}

static struct value multiply(struct reader *r, struct value a, struct value b, bool divide)
{
	if (!is_number(&a) || !is_number(&b))
		return refuse(r, "multiplies or divides what is no number");
	if (divide && b.number == 0)
		return refuse(r, "divides by 0");
	if (divide && a.kind == b.kind)
		return (struct value){PLAIN, a.number / b.number, NULL};
	if (b.kind != PLAIN && (divide || a.kind != PLAIN))
		return refuse(r, "multiplies or divides two values with units");
	return (struct value){a.kind != PLAIN ? a.kind : b.kind, divide ? a.number / b.number : a.number * b.number,
			      NULL};
}

static struct value read_product(struct reader *r)
{
	struct value v = read_atom(r);

	for (;;) {
		bool times = takes(r, "*");

		if (!times && !takes(r, "/"))
			return v;
		v = multiply(r, v, read_atom(r), !times);
	}
}

static struct value read_sum(struct reader *r)
{
	struct value v = read_product(r);

	for (;;) {
		bool plus = takes(r, "+");

		if (!plus && !takes(r, "-"))
			return v;
		struct value other = read_product(r);

		if (!is_number(&v) || v.kind != other.kind)
			return refuse(r, "adds or subtracts values that are not of a kind");
		v.number += plus ? other.number : -other.number;
	}
}

/* ---- comparing ---- */

static bool compare(struct reader *r, const struct value *a, const struct value *b, const char *sign)
{
	if (a->kind != b->kind || a->kind == TRUTH) {
		refuse(r, "compares values that are not of a kind");
		return false;
	}
	bool words = a->kind == WORD, ordered = sign[0] == '<' || sign[0] == '>';
	int c = words ? strcmp(a->word, b->word) : (a->number > b->number) - (a->number < b->number);

	if (words && ordered)
		refuse(r, "orders words, which are only equal (==) or not (!=)");
	switch (sign[0]) {
	case '<':
		return sign[1] == '=' ? c <= 0 : c < 0;
	case '>':
		return sign[1] == '=' ? c >= 0 : c > 0;
	case '=':
		return c == 0;
	default:
		return c != 0;
	}
}

static struct value read_comparison(struct reader *r)
{
	static const char *const signs[] = {"<=", ">=", "==", "!=", "<", ">"};
	struct value a = read_sum(r);

	for (size_t i = 0; i < G_N_ELEMENTS(signs) && r->reason == NULL; i++) {
		if (!takes(r, signs[i]))
			continue;
		struct value b = read_sum(r);
		bool holds = r->reason == NULL && compare(r, &a, &b, signs[i]);

		return (struct value){TRUTH, holds, NULL};
	}
	return a;
}

/* `a SIGN b SIGN c` of truths. */
static struct value join(struct reader *r, const char *sign, struct value (*part)(struct reader *r), bool all)
{
	struct value v = part(r);

	while (r->reason == NULL && takes(r, sign)) {
		struct value other = part(r);

		if (v.kind != TRUTH || other.kind != TRUTH)
			refuse(r, "joins by %s what is no comparison", sign);
		v.number = all ? v.number != 0 && other.number != 0 : v.number != 0 || other.number != 0;
	}
	return v;
}

static struct value read_and(struct reader *r)
{
	return join(r, "&&", read_comparison, true);
}

static struct value read_or(struct reader *r)
{
	return join(r, "||", read_and, false);
}

bool sim_constraint_judge(const char *text, bool *holds, char **reason)
{
	struct reader r = {.at = text};
	struct value v = read_or(&r);

	skip(&r);
	if (*r.at != '\0')
		refuse(&r, "has \"%s\" too much", r.at);
	if (v.kind != TRUTH)
		refuse(&r, "is no comparison: write, for instance, ${a} <= ${b}");
	*holds = r.reason == NULL && v.number != 0;
	*reason = r.reason;
	return r.reason == NULL;
}
