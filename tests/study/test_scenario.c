/* Scenario files: what they come to, and what is said about those that are wrong. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "sim/study/filter.h"
#include "sim/study/ini.h"
#include "sim/study/scenario.h"
#include "sim/study/sweep.h"
#include "tests/lib/suite.h"
#include "tests/study/toy.h"

#define BASE "[General]\nstudy = terminating\ncustomers = 9\narrivals = storm(1s)\n" /* 4 lines */

/* Writes `text` to a file of its own and loads it. */
static struct sim_scenario *load(const char *text, gssize length, const char *config, const char *sets,
				 GError **error)
{
	g_autofree char *path = g_build_filename(g_get_tmp_dir(), "cpns-test-XXXXXX", NULL);
	g_auto(GStrv) list = sets != NULL ? g_strsplit(sets, "|", -1) : NULL;
	int fd = g_mkstemp(path);

	g_close(fd, NULL);
	g_file_set_contents(path, text, length, NULL);
	struct sim_request request = {path, config, (const char *const *)list, NULL};
	struct sim_scenario *scenario = sim_scenario_load(&toy_model, &request, error);

	g_unlink(path);
	return scenario;
}

/* A scenario that is refused. The message must hold `where` (":LINE: ", or "" for no line) and `why`. */
struct refusal {
	const char *text, *config, *sets, *where, *why;
};

static const struct refusal refusals[] = {
    /* form */
    {"study = terminating\n", NULL, NULL, ":1: ", "before the first group"},
    {"# c\n\n[General]\njunk\n", NULL, NULL, ":4: ", "neither a group, nor key = value"},
    {"[General\n", NULL, NULL, ":1: ", "ends with ]"},
    {"[Genral]\n", NULL, NULL, ":1: ", "unknown group"},
    {"[Config ]\n", NULL, NULL, ":1: ", "unknown group"},
    {"[Config a b]\n", NULL, NULL, ":1: ", "is no name"},
    {"[Config ../x]\n", NULL, NULL, ":1: ", "is no name"},
    {"[Config General]\n", NULL, NULL, ":1: ", "cannot be called General"},
    {BASE "[General]\n", NULL, NULL, ":5: ", "it stands in line 1"},
    {BASE "[Config a]\n[Config a]\n", NULL, NULL, ":6: ", "duplicate group [Config a]"},
    {BASE "customers = 3\n", NULL, NULL, ":5: ", "duplicate key customers: it stands in line 3"},
    {BASE "a key = 3\n", NULL, NULL, ":5: ", "is no key"},
    {BASE "luck = \xff\xfe\n", NULL, NULL, ":5: ", "bad UTF-8"},
    /* names */
    {BASE "custmers = 3\n", NULL, NULL, ":5: custmers: ", "did you mean customers?"},
    {BASE "frobnicate = 3\n", NULL, NULL, ":5: frobnicate: ", "unknown parameter (see"},
    {BASE "[Config other]\nlcuk = none\n", NULL, NULL, ":6: lcuk: ", "did you mean luck?"},
    {BASE, NULL, "custmers=3", "--set custmers", "did you mean customers?"},
    {BASE, NULL, "customers", "--set customers", "write --set name=value"},
    /* configs */
    {BASE "[Config storm]\n", "strom", NULL, "", "did you mean storm"},
    {BASE "[Config a]\nextends = b\n", NULL, NULL, ":6: ", "there is no [Config b]"},
    {BASE "[Config a]\nextends = b\n[Config b]\nextends = a\n", NULL, NULL, ":6: ", "in a cycle"},
    {BASE "[Config a]\nextends = a\n", NULL, NULL, ":6: ", "in a cycle"},
    {BASE "extends = a\n[Config a]\n", NULL, NULL, ":5: ", "[General] extends nothing"},
    {BASE "[Config a]\nextend = b\n", NULL, NULL, ":6: extend: ", "did you mean extends?"},
    /* values */
    {BASE "pause = 5\n", NULL, NULL, ":5: pause: ", "\"5\" has no unit"},
    {BASE "[Config a]\npause = 5\n", "a", NULL, ":6: pause: ", "has no unit"},
    {BASE, NULL, "pause=5", "--set pause: ", "has no unit"},
    {BASE "warmup = auto\n", NULL, NULL, ":5: warmup: ", "a terminating study has no warm-up"},
    {BASE "precision = 5%\n", NULL, NULL, ":5: precision: ", "is not a metric and a share"},
    {BASE "precision = .mean 5%\n", NULL, NULL, ":5: precision: ", "is not the name of a metric"},
    {BASE "precision = wait.mean 5%, weit.mean 5%\n", NULL, NULL, ":5: precision: ", "did you mean wait?"},
    {BASE "precision = wait 5%\n", NULL, NULL, ":5: precision: ", "wait has several statistics"},
    {BASE "precision = wait.mean 5%\nprecision.max-replications = 10\n", NULL, NULL,
     ":6: precision.max-replications: ", "the first at 10 replications: write more than 10"},
    {BASE "precision.max-replications = 50\n", NULL, NULL, ":5: precision.max-replications: ", "precision is given"},
    {BASE "series.period = 0s\n", NULL, NULL, ":5: series.period: ", "must be more than 0s"},
    {BASE "warmup = 5s\n", NULL, NULL, ":5: warmup: ", "a terminating study has no warm-up"},
    /* required */
    {"[General]\ncustomers = 9\narrivals = storm(1s)\n", NULL, NULL, "study is missing",
     "\"study = terminating\" or \"study = steady-state\" to [General]"},
    {"[General]\nstudy = terminating\narrivals = storm(1s)\n", NULL, NULL, "customers is missing",
     "when place is made: add a line such as \"customers = 100\""},
    {BASE "[Config a]\nstudy = steady-state\n", "a", NULL, "sim-time-limit is missing", "to [Config a]"},
    {"[Config a]\nstudy = terminating\ncustomers = 9\narrivals = storm(1s)\n", NULL, NULL, "study is missing",
     "choose a config with -c: a"},
    /* what nothing reads */
    {BASE "rate = 5/s\n", NULL, NULL, ":5: rate: ", "it is read when arrivals is poisson"},
    {BASE "[Config a]\nrate = 5/s\n", NULL, NULL, ":6: rate: ", "no config reads it"},
    {BASE, NULL, "rate=5/s", "--set rate: ", "nothing reads it in [General]"},
    {BASE "rate = 5/s\n", NULL, "arrivals=poisson|sim-time-limit=9s", ":5: rate: ", "no config reads it"},
    /* iteration variables */
    {BASE "pause = ${1ms,2ms}\n", NULL, NULL, ":5: pause: ", "without a name"},
    {BASE "pause = ${p=1ms,2ms\n", NULL, NULL, ":5: pause: ", "without its own }"},
    {BASE "pause = ${p}\n", NULL, NULL, ":5: pause: ", "variable p, which nothing declares"},
    {BASE "pause = ${p=}\n", NULL, NULL, ":5: pause: ", "empty value"},
    {BASE "pause = ${p=3..1}\n", NULL, NULL, ":5: pause: ", "empty range"},
    {BASE "pause = ${p=1..2s step 1ms}\n", NULL, NULL, ":5: pause: ", "different units"},
    {BASE "pause = ${p=1ms..5s step 1ms}\n", NULL, NULL, ":5: pause: ", "different units"},
    {BASE "pause = ${p=1..x}\n", NULL, NULL, ":5: pause: ", "range that is wrong"},
    {BASE "pause = ${p=1ms}\nfactor = ${p=2}\n", NULL, NULL, ":6: factor: ", "a second time"},
    {BASE "pause = ${replication=1ms}\n", NULL, NULL, ":5: pause: ", "which -r knows"},
    {BASE "repeat = ${n=1,2}\n", NULL, NULL, ":5: repeat: ", "the same in all iterations"},
    {BASE "pause = ${p=1ms,2}\n", NULL, NULL, ":5: pause: ", "\"2\" has no unit"},
    {BASE "seed = ${s=1..100000}\nfactor = ${f=1..3}\n", NULL, NULL, "", "more than 100000 iterations"},
};

static void test_refusals(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
		const struct refusal *r = &refusals[i];
		g_autoptr(GError) error = NULL;
		struct sim_scenario *scenario = load(r->text, -1, r->config, r->sets, &error);

		CU_ASSERT_PTR_NULL(scenario);
		sim_scenario_free(scenario);
		const char *said = error != NULL ? error->message : "(nothing)";
		bool good = error != NULL && error->domain == SIM_SCENARIO_ERROR && strstr(said, r->where) != NULL &&
			    strstr(said, r->why) != NULL;

		if (!good)
			printf("\n    row %zu: %s", i, said);
		CU_ASSERT(good);
	}
}

static void test_octets(void)
{
	static const char nul[] = BASE "luck = no\0ne\n";
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) long_error = NULL;
	g_autofree char *filler = g_strnfill(INI_MAX_OCTETS, '#');

	CU_ASSERT_PTR_NULL(load(nul, sizeof(nul) - 1, NULL, NULL, &error));
	CU_ASSERT(error != NULL && strstr(error->message, ":5: a NUL") != NULL);
	g_autofree char *whole = g_strconcat(BASE, filler, NULL);

	CU_ASSERT_PTR_NULL(load(whole, -1, NULL, NULL, &long_error));
	CU_ASSERT(long_error != NULL && strstr(long_error->message, "too long") != NULL);
}

static void test_missing_file(void)
{
	g_autoptr(GError) error = NULL;
	struct sim_request missing = {"/nonexistent/a.ini", NULL, NULL, NULL}, folder = {"/tmp", NULL, NULL, NULL};

	CU_ASSERT_PTR_NULL(sim_scenario_load(&toy_model, &missing, &error));
	CU_ASSERT(error != NULL && strstr(error->message, "/nonexistent/a.ini: cannot be read") != NULL);
	g_clear_error(&error);
	CU_ASSERT_PTR_NULL(sim_scenario_load(&toy_model, &folder, &error));
	CU_ASSERT(error != NULL && strstr(error->message, "cannot be read") != NULL);
}

/* What a parameter comes to, in the first iteration of a config. */
struct inheritance {
	const char *config, *parameter, *text;
};

static void test_inheritance(void)
{
	static const char text[] = "\xef\xbb\xbf; a comment\r\n" BASE "factor = 2\r\n"
				   "[Config x]\nfactor = 3\nshare = 3%\n"
				   "[Config a]\nextends = x\nshare = 4%\nsize = 4B\n"
				   "[Config b]\nextends = x\nfactor = 5\nsize = 5B\n"
				   "[Config c]\nextends = a, b\n";
	static const struct inheritance rows[] = {{NULL, "factor", "2"},  {NULL, "share", "0%"}, {"x", "factor", "3"},
						  {"a", "factor", "3"},   {"a", "share", "4%"},  {"b", "factor", "5"},
						  {"c", "factor", "5"},   {"c", "share", "4%"},  {"c", "size", "4B"},
						  {"c", "customers", "9"}};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		struct sim_scenario *s = load(text, -1, rows[i].config, NULL, &error);

		CU_ASSERT_PTR_NOT_NULL_FATAL(s);
		CU_ASSERT_STRING_EQUAL(sim_value(sim_scenario_values(s, 0), rows[i].parameter)->text, rows[i].text);
		sim_scenario_free(s);
	}
}

static void check_iterations(const char *text, const char *sets, const char *const *names)
{
	g_autoptr(GError) error = NULL;
	struct sim_scenario *s = load(text, -1, NULL, sets, &error);

	if (s == NULL)
		printf("\n    %s", error->message);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_EQUAL(sim_scenario_iterations(s), g_strv_length((char **)(uintptr_t)names));
	for (guint i = 0; i < sim_scenario_iterations(s) && names[i] != NULL; i++)
		CU_ASSERT_STRING_EQUAL(sim_scenario_iteration(s, i), names[i]);
	sim_scenario_free(s);
}

static void test_sweeps(void)
{
	static const char *const none[] = {"", NULL};
	static const char *const two[] = {"a=1;b=5ms", "a=1;b=6ms", "a=2;b=5ms", "a=2;b=6ms", NULL};
	static const char *const ranges[] = {"f=1", "f=2", "f=4", "f=12", "f=20", "f=28", NULL};
	static const char *const units[] = {"t=10ms", "t=20ms", "t=30ms", NULL};
	static const char *const decimals[] = {"f=1.5", "f=1.6", "f=1.7", NULL};
	static const char *const calls[] = {"s=uniform(1ms,2ms)", "s=40ms", NULL};
	static const char *const mixes[] = {"p=ble 50%, wifi 50%", "p=ble", NULL};
	static const char *const last[] = {"f=2;n=1", "f=2;n=2", NULL};

	check_iterations(BASE, NULL, none);
	check_iterations(BASE "factor = ${a=1,2}\npause = ${b=5ms,6ms}\nservice.time = ${b}\n", NULL, two);
	check_iterations(BASE "factor = ${ f = 1,2,4..32 step 8 }\n", NULL, ranges);
	check_iterations(BASE "pause = ${t=10ms..30ms step 10ms}\n", NULL, units);
	check_iterations(BASE "pause = ${t=10..30ms step 10}\n", NULL, units);
	check_iterations(BASE "factor = ${f=1.5..1.7 step 0.1}\n", NULL, decimals);
	check_iterations(BASE "service.time = ${s=uniform(1ms,2ms),40ms}\n", NULL, calls);
	check_iterations(BASE "profile = ${p=\"ble 50%, wifi 50%\",ble}\n", NULL, mixes);
	check_iterations(BASE "factor = ${f=2}\n", "customers=${n=1,2}", last);
}

static void test_overrides(void)
{
	g_autoptr(GError) error = NULL;
	struct sim_scenario *s = load(BASE "pause = ${t=1ms,2ms}\n", -1, NULL, "pause=3ms|pause=4ms", &error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_EQUAL(sim_scenario_iterations(s), 1);
	const struct sim_value *pause = sim_value(sim_scenario_values(s, 0), "pause");

	CU_ASSERT(pause->duration == 4 * SIM_MS && pause->given && pause->line == 0);
	CU_ASSERT_STRING_EQUAL(pause->file, "--set");
	CU_ASSERT_FALSE(sim_value(sim_scenario_values(s, 0), "factor")->given);
	sim_scenario_free(s);
}

static void test_readable_somewhere(void)
{
	static const char text[] = BASE "rate = 5/s\n[Config busy]\narrivals = poisson\nsim-time-limit = 9s\n";
	static const char swept[] = "[General]\nstudy = terminating\ncustomers = 9\nsim-time-limit = 9s\n"
				    "arrivals = ${a=storm(1s),poisson}\nrate = 5/s\n";
	static const char broken[] = BASE "[Config busy]\narrivals = poisoned\nrate = 5/s\n";
	static const char later[] =
	    BASE "rate = 5/s\n[Config busy]\narrivals = ${how=storm,poisson}\nsim-time-limit = 9s\n";
	const char *const texts[] = {text, swept, broken, later};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;
		struct sim_scenario *s = load(texts[i], -1, NULL, NULL, &error);

		if (s == NULL)
			printf("\n    %s", error->message);
		CU_ASSERT_PTR_NOT_NULL_FATAL(s);
		CU_ASSERT_EQUAL(sim_scenario_warnings(s)->len, 0);
		sim_scenario_free(s);
	}
}

/* --set takes the reader of a key away: a warning, for the file by itself is right. */
static void test_made_unreadable(void)
{
	static const char text[] = "[General]\nstudy = terminating\ncustomers = 9\narrivals = poisson\nrate = 5/s\n"
				   "sim-time-limit = 9s\n";
	g_autoptr(GError) error = NULL;
	struct sim_scenario *s = load(text, -1, NULL, "arrivals=storm(1s)", &error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_EQUAL_FATAL(sim_scenario_warnings(s)->len, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(g_ptr_array_index(sim_scenario_warnings(s), 0), ":5: rate: --set"));
	sim_scenario_free(s);
}

/* The effective scenario, loaded again, is the same effective scenario, with -c and without. */
static void test_print(void)
{
	static const char text[] = BASE "rate = 5/s\n[Config busy]\nrepeat = 3\nsim-time-limit = 9s\n"
					"factor = ${b=1,2}\narrivals = ${a=poisson,storm(1s)}\n";
	g_autoptr(GError) error = NULL;
	struct sim_scenario *s = load(text, -1, "busy", "size=4KiB|share=${c=1%,2%}", &error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	g_autofree char *first = sim_scenario_print(s);
	struct sim_scenario *general = load(first, -1, NULL, NULL, &error);
	struct sim_scenario *named = load(first, -1, "busy", NULL, &error);

	if (error != NULL)
		printf("\n    %s\n%s", error->message, first);
	CU_ASSERT_FATAL(general != NULL && named != NULL);
	CU_ASSERT_EQUAL(sim_scenario_repeat(general), 3);
	for (guint i = 0; i < 8; i++)
		CU_ASSERT_STRING_EQUAL(sim_scenario_iteration(named, i), sim_scenario_iteration(s, i));
	CU_ASSERT_PTR_NOT_NULL(strstr(first, "size = 4KiB\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(first, "queue-limit = none\n"));
	sim_scenario_free(s);
	sim_scenario_free(general);
	sim_scenario_free(named);
}

static void test_paths(void)
{
	g_autoptr(GError) error = NULL;
	struct sim_scenario *s = load(BASE "place = made\n", -1, NULL, NULL, &error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	g_autofree char *path = sim_value_path(sim_scenario_values(s, 0), "place");
	g_autofree char *expected = g_build_filename(g_get_tmp_dir(), "made", NULL);

	CU_ASSERT_STRING_EQUAL(path, expected);
	sim_scenario_free(s);
	s = load(BASE, -1, NULL, "place=made", &error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	g_autofree char *plain = sim_value_path(sim_scenario_values(s, 0), "place");

	CU_ASSERT_STRING_EQUAL(plain, "made");
	sim_scenario_free(s);
}

/* Runs of 2 x 3 iterations with 2 replications, as the filter takes them. */
static void test_filters(void)
{
	static const struct {
		const char *filter, *runs; /* runs NULL: refused */
	} rows[] = {
	    {"3", "3 "},
	    {"0..3", "0 1 2 3 "},
	    {"1,4", "1 4 "},
	    {"10..99", "10 11 "},
	    {"a=1", "0 1 2 3 4 5 "},
	    {"a=2,b=6ms", "8 9 "},
	    {"b=5ms,b=7ms", "0 1 4 5 6 7 10 11 "},
	    {"replication=1,a=1", "1 3 5 "},
	    {"a=1,0..2", "0 1 2 "},
	    {"a=9", ""},
	    {"12", NULL},
	    {"x", NULL},
	    {"c=1", NULL},
	    {"5..3", NULL},
	    {"", NULL},
	    {"-1", NULL},
	};
	g_autoptr(GError) error = NULL;
	struct sim_scenario *s =
	    load(BASE "repeat = 2\nfactor = ${a=1,2}\npause = ${b=5ms..7ms step 1ms}\n", -1, NULL, NULL, &error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) taken = g_string_new(NULL);
		struct sim_filter *filter = sim_filter_new(s, rows[i].filter, NULL);

		CU_ASSERT_EQUAL(filter == NULL, rows[i].runs == NULL);
		for (guint run = 0; filter != NULL && run < 12; run++)
			if (sim_filter_takes(filter, run / 2, run % 2))
				g_string_append_printf(taken, "%u ", run);
		if (g_strcmp0(taken->str, rows[i].runs != NULL ? rows[i].runs : "") != 0)
			printf("\n    -r %s: %s", rows[i].filter, taken->str);
		CU_ASSERT_STRING_EQUAL(taken->str, rows[i].runs != NULL ? rows[i].runs : "");
		sim_filter_free(filter);
	}
	sim_scenario_free(s);
}

/* The text of a scenario that no file holds. */
static void test_text(void)
{
	struct sim_request request = {.path = "nowhere", .text = BASE "seed = 7\n"};
	g_autoptr(GError) error = NULL;
	struct sim_scenario *s = sim_scenario_load(&toy_model, &request, &error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_EQUAL(sim_value(sim_scenario_values(s, 0), "seed")->count, 7);
	CU_ASSERT_STRING_EQUAL(sim_scenario_stem(s), "nowhere");
	sim_scenario_free(s);
	request.text = BASE "custmers = 3\n";
	CU_ASSERT_PTR_NULL(sim_scenario_load(&toy_model, &request, &error));
	CU_ASSERT_PTR_NOT_NULL(strstr(error->message, "nowhere:5: custmers: "));
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"what is refused, and with which line", test_refusals},
	    {"NULs and files that are too long", test_octets},
	    {"files that cannot be read", test_missing_file},
	    {"the nearest value wins", test_inheritance},
	    {"iteration variables", test_sweeps},
	    {"--set over the file", test_overrides},
	    {"a key that some config or iteration reads", test_readable_somewhere},
	    {"a key that --set made unreadable", test_made_unreadable},
	    {"the effective scenario reproduces itself", test_print},
	    {"paths start at the file", test_paths},
	    {"which runs -r takes", test_filters},
	    {"a text without a file", test_text},
	    {NULL, NULL},
	};

	return suite_run("scenario", cases);
}
