#include "sim/study/text.h"

#include <string.h>

#include "sim/study/param.h"

static char *take_part(const char *start, const char *end)
{
	char *part = g_strstrip(g_strndup(start, (gsize)(end - start)));
	size_t n = strlen(part);

	if (n >= 2 && part[0] == '"' && part[n - 1] == '"') {
		memmove(part, part + 1, n - 2);
		part[n - 2] = '\0';
		g_strstrip(part);
	}
	return part;
}

char **sim_split(const char *text)
{
	GPtrArray *parts = g_ptr_array_new();
	const char *start = text, *p;
	int depth = 0;
	bool quoted = false;

	for (p = text; *p != '\0'; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (!quoted && (*p == '(' || *p == '{'))
			depth++;
		else if (!quoted && (*p == ')' || *p == '}'))
			depth--;
		else if (!quoted && depth == 0 && *p == ',') {
			g_ptr_array_add(parts, take_part(start, p));
			start = p + 1;
		}
	}
	g_ptr_array_add(parts, take_part(start, p));
	g_ptr_array_add(parts, NULL);
	return (char **)g_ptr_array_free(parts, FALSE);
}

bool sim_is_name(const char *text)
{
	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++)
		if (!g_ascii_isalnum(*text) && strchr("_-.", *text) == NULL)
			return false;
	return true;
}

bool sim_parse_call(const char *text, char **name, char **argument)
{
	g_autofree char *whole = g_strstrip(g_strdup(text));
	size_t n = strlen(whole);
	char *open = strchr(whole, '(');

	if (open == NULL) {
		if (!sim_is_name(whole))
			return false;
		*name = g_steal_pointer(&whole);
		*argument = NULL;
		return true;
	}
	if (whole[n - 1] != ')')
		return false;
	g_autofree char *head = g_strchomp(g_strndup(whole, (gsize)(open - whole)));

	if (!sim_is_name(head))
		return false;
	whole[n - 1] = '\0';
	*name = g_steal_pointer(&head);
	*argument = g_strstrip(g_strdup(open + 1));
	return true;
}

/* Edits (insert, delete, replace, swap of neighbours) that make `a` of `b`, regardless of case. */
static guint distance(const char *a, const char *b)
{
	size_t m = strlen(b), width = m + 1;
	g_autofree guint *rows = g_new0(guint, 3 * width);
	guint *before = rows, *above = rows + width, *row = rows + 2 * width;

	for (size_t j = 0; j <= m; j++)
		row[j] = (guint)j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		guint *spare = before;

		before = above;
		above = row;
		row = spare;
		row[0] = (guint)i;
		for (size_t j = 1; j <= m; j++) {
			char x = g_ascii_tolower(a[i - 1]), y = g_ascii_tolower(b[j - 1]);

			row[j] = MIN(MIN(above[j], row[j - 1]) + 1, above[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == g_ascii_tolower(b[j - 2]) && y == g_ascii_tolower(a[i - 2]))
				row[j] = MIN(row[j], before[j - 2] + 1);
		}
	}
	return row[m];
}

/* A name that continues what was written, or that ends in it behind a dot, is near too: `limit` for
 * `sim-time-limit`. */
static bool contains_word(const char *name, const char *text)
{
	size_t n = strlen(text), whole = strlen(name);

	if (n < 4 || n >= whole)
		return false;
	return g_str_has_prefix(name, text) ||
	       (g_str_has_suffix(name, text) && strchr(".-", name[whole - n - 1]) != NULL);
}

const char *sim_nearest(const char *text, const char *const *names)
{
	const char *best = NULL;
	guint least = (guint)MAX(1, MIN(strlen(text), 64) / 3) + 1;

	if (strlen(text) > 64)
		return NULL;
	for (size_t i = 0; names[i] != NULL; i++) {
		guint d = distance(text, names[i]);

		if (d < least) {
			least = d;
			best = names[i];
		}
	}
	for (size_t i = 0; best == NULL && names[i] != NULL; i++)
		if (contains_word(names[i], text))
			best = names[i];
	return best;
}
