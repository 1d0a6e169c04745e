/* The scenario reader: a scenario or a reason that begins with the file's name. What is loaded can be printed, and
 * the print loads as the same scenario. A first line "#set NAME=VALUE" is a --set; besides General, the first config
 * of the file is loaded. */
#include <stdlib.h>
#include <string.h>

#include "models/deployment/model.h"
#include "sim/study/scenario.h"
#include "tests/fuzz/target.h"

enum { ITERATIONS_MAX = 64 }; /* as many as are looked at: a file may ask for 100 000 */

static struct sim_scenario *load(const uint8_t *data, size_t n, const char *config, const char *set)
{
	g_autoptr(GError) error = NULL;
	const char *path = fuzz_file(data, n), *sets[] = {set, NULL};
	struct sim_request request = {path, config, sets, NULL};
	struct sim_scenario *s = sim_scenario_load(&cpns_model, &request, &error);

	fuzz_file_close();
	FUZZ_HOLDS((s == NULL) == (error != NULL), "a scenario or a reason");
	FUZZ_HOLDS(s != NULL || g_str_has_prefix(error->message, path) ||
		       (set != NULL && g_str_has_prefix(error->message, "--set ")),
		   "a reason begins with the file's name");
	return s;
}

static void same(const struct sim_scenario *a, const struct sim_scenario *b)
{
	guint n = sim_scenario_iterations(a);

	FUZZ_HOLDS(sim_scenario_iterations(b) == n, "the print has as many iterations");
	for (guint i = 0; i < MIN(n, ITERATIONS_MAX); i++)
		FUZZ_HOLDS(strcmp(sim_scenario_iteration(a, i), sim_scenario_iteration(b, i)) == 0,
			   "the print has the same iterations");
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The lines of a print but its comments, sorted: what was a default stands elsewhere in the second print. */
static char *sorted(const char *print)
{
	g_auto(GStrv) lines = g_strsplit(print, "\n", -1);

	for (char **line = lines; *line != NULL; line++)
		if (**line == '#')
			**line = '\0';
	qsort(lines, g_strv_length(lines), sizeof(lines[0]), by_text);
	g_autofree char *joined = g_strjoinv("\n", lines);

	return g_strdup(g_strchug(joined));
}

static void try(const uint8_t *data, size_t n, const char *config, const char *set)
{
	struct sim_scenario *s = load(data, n, config, set);

	if (s == NULL)
		return;
	FUZZ_HOLDS(sim_scenario_iterations(s) >= 1, "there is something to run");
	g_autofree char *print = sim_scenario_print(s);
	struct sim_scenario *again = load((const uint8_t *)print, strlen(print), config, NULL);

	FUZZ_HOLDS(again != NULL, "the print is a scenario");
	g_autofree char *second = sim_scenario_print(again);

	same(s, again);
	g_autofree char *first_keys = sorted(print), *second_keys = sorted(second);

	FUZZ_HOLDS(strcmp(first_keys, second_keys) == 0, "the print prints the same");
	sim_scenario_free(again);
	sim_scenario_free(s);
}

/* What stands between `before` and `end` in the text, or NULL. */
static char *between(const char *text, const char *before, const char *end)
{
	const char *at = strstr(text, before);

	return at != NULL ? g_strndup(at + strlen(before), strcspn(at + strlen(before), end)) : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	g_autofree char *text = g_strndup(n > 0 ? (const char *)data : "", n);
	g_autofree char *set = g_str_has_prefix(text, "#set ") ? between(text, "#set ", "\r\n") : NULL;
	g_autofree char *config = between(text, "[Config ", "]\r\n");

	try(data, n, NULL, set);
	if (config != NULL)
		try(data, n, config, set);
	return 0;
}
