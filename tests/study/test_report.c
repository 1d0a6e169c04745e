/* Reports: which figures there are, what stands in their files, and a page that is sound whatever the files hold. */
#include "sim/study/report.h"

#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/study/factor.h"
#include "sim/study/plot.h"
#include "sim/study/results.h"
#include "tests/lib/suite.h"
#include "tests/study/toy.h"

#define CDF "config,iteration,replication,run,module,flow,metric,share,value,unit\n"
#define SERIES "config,iteration,replication,run,module,flow,metric,statistic,time,value,unit\n"
#define HEAD "[General]\nstudy = terminating\narrivals = storm(1s)\nservice.time = exponential(60ms)\n"

static const volatile int never;

static bool ignore(void *context, const struct sim_job *job)
{
	(void)context;
	(void)job;
	return true;
}

static void drop(const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	g_unlink(path);
}

/* A campaign's folder, without curves. */
static char *folder_of(const char *scenario, const char *warning)
{
	struct sim_request request = {.path = "<toy>.ini", .text = scenario};
	g_autoptr(GPtrArray) warnings = g_ptr_array_new();
	struct sim_account account = {"finished", warnings, NULL, "run toy.ini", "2020-01-01T00:00:00Z", 1500, 2};
	char *folder = g_dir_make_tmp("cpns-test-XXXXXX", NULL);
	GError *error = NULL;

	if (warning != NULL)
		g_ptr_array_add(warnings, (gpointer)(guintptr)warning);
	struct sim_scenario *loaded = sim_scenario_load(&toy_model, &request, &error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(loaded);
	struct sim_campaign *campaign = sim_campaign_new(&toy_model);

	CU_ASSERT_FATAL(sim_campaign_add(campaign, loaded, NULL, 0, &error));

	CU_ASSERT(sim_campaign_prepare(campaign, &error));
	sim_campaign_run(campaign, 2, &never, ignore, NULL);
	g_autoptr(GArray) summary = sim_summarise(campaign);

	CU_ASSERT(sim_results_write(folder, campaign, summary, &account, &error));
	drop(folder, "cdf.csv"); /* a test brings its own */
	drop(folder, "series.csv");
	sim_campaign_free(campaign);
	sim_scenario_free(loaded);
	return folder;
}

static void put(const char *folder, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	CU_ASSERT(g_file_set_contents(path, text, -1, NULL));
}

static char *get(const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return g_strdup("");
	return text;
}

static void forget(char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(dir)) != NULL) {
		char *path = g_build_filename(folder, name, NULL);

		if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
			forget(path);
			continue;
		}
		g_unlink(path);
		g_free(path);
	}
	g_dir_close(dir);
	CU_ASSERT_EQUAL(g_rmdir(folder), 0);
	g_free(folder);
}

static struct sim_archive *open_folder(const char *folder)
{
	g_autoptr(GError) error = NULL;
	struct sim_archive *a = sim_archive_read(folder, &error);

	if (a == NULL)
		printf("\n    %s", error->message);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	return a;
}

/* "name: line=y y,line=y; name: ..." of the figures of a folder, with 3 digits; and the notes. */
static char *figures_of(const char *folder)
{
	struct sim_archive *a = open_folder(folder);
	g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) figures = plots_make(a, &toy_model, notes);
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < figures->len; i++) {
		const struct figure *f = figures->pdata[i];

		g_string_append_printf(out, "%s%s:", i > 0 ? "; " : "", f->name);
		for (guint k = 0; k < f->lines->len; k++) {
			const struct figure_line *line = f->lines->pdata[k];

			g_string_append_printf(out, "%s%s@", k > 0 ? "," : "", line->label);
			for (guint j = 0; j < line->points->len; j++) {
				const struct figure_point *p = &g_array_index(line->points, struct figure_point, j);

				g_string_append_printf(out, "%s%.3g", j > 0 ? " " : "", p->x);
			}
		}
	}
	for (guint i = 0; i < notes->len; i++)
		g_string_append_printf(out, " (%s)", (const char *)notes->pdata[i]);
	sim_archive_free(a);
	return g_string_free(out, FALSE);
}

static void check_figures(const char *why, const char *scenario, const char *cdf, const char *series,
			  const char *expected)
{
	char *folder = folder_of(scenario, NULL);

	if (cdf != NULL)
		put(folder, "cdf.csv", cdf);
	if (series != NULL)
		put(folder, "series.csv", series);
	g_autofree char *found = figures_of(folder);

	if (strcmp(found, expected) != 0)
		printf("\n    %s: %s", why, found);
	CU_ASSERT_STRING_EQUAL(found, expected);
	forget(folder);
}

static void test_figures(void)
{
	check_figures("one case", HEAD "customers = 20\nrepeat = 2\n", NULL, NULL, "");
	check_figures("a number", HEAD "customers = ${n=400,20}\nrepeat = 2\n", NULL, NULL,
		      "wait:mean@20 400,p90@20 400");
	check_figures("beside another", HEAD "customers = ${n=20,40}\nqueue-limit = ${q=none,7}\nrepeat = 2\n", NULL,
		      NULL, "wait-mean:q=none@20 40,q=7@20 40; wait-p90:q=none@20 40,q=7@20 40");
	check_figures("what is asked for", HEAD "share = ${s=1%,2%}\ncustomers = ${n=20,40}\nrepeat = 2\n", NULL,
		      NULL, "wait-mean:s=1%@20 40,s=2%@20 40; wait-p90:s=1%@20 40,s=2%@20 40");
	check_figures("another number", HEAD "share = ${s=1%,2%}\ncustomers = 20\nrepeat = 2\n", NULL, NULL,
		      "wait:mean@0.01 0.02,p90@0.01 0.02");
	check_figures("nothing was sought, and one is part of a value",
		      "[General]\nstudy = terminating\narrivals = storm(1s)\nservice.time = "
		      "exponential(${t=80ms,60ms})\ncustomers = ${n=40,20}\nrepeat = 2\n",
		      NULL, NULL, "wait-mean:t=80ms@20 40,t=60ms@20 40; wait-p90:t=80ms@20 40,t=60ms@20 40");
	check_figures("no number", HEAD "customers = 20\nluck = ${l=random,none}\nrepeat = 2\n", NULL, NULL,
		      "wait:mean@0 1,p90@0 1");
}

/* More lines than fit a figure, and more figures than anybody looks at. */
static void test_many(void)
{
	char *folder = folder_of(HEAD "customers = ${n=20,40}\nqueue-limit = ${q=1..40}\nrepeat = 1\n", NULL);
	g_autofree char *found = figures_of(folder);

	CU_ASSERT(g_str_has_prefix(found, "wait-mean-1:q=1@20 40,q=2@20 40"));
	CU_ASSERT_PTR_NOT_NULL(strstr(found, ",q=8@20 40; wait-mean-2:q=9@20 40,"));
	CU_ASSERT(g_str_has_suffix(found, ",q=32@20 40 (Wait: 32 of 40 lines are drawn; the tables have all.)"));
	forget(folder);
}

#define Q(run, share, value) "General,," run "," run ",all,all,wait," share "," value ",s\n"
#define S(run, time, value) "General,," run "," run ",all,all,queue,mean," time "," value ",1\n"

static void test_curves(void)
{
	static const char one[] = HEAD "customers = 20\nrepeat = 3\n";

	check_figures("a distribution", one, CDF Q("0", "0.5", "1") Q("1", "0.5", "3") Q("1", "1", "4"), NULL,
		      "wait-cdf:all@2 4");
	check_figures("what most replications tell", one, NULL,
		      SERIES S("0", "1", "2") S("0", "2", "4") S("0", "3", "9") S("1", "1", "4") S("1", "2", "4")
			  S("2", "1", "6"),
		      "queue-time:queue@1 2");
	check_figures("a curve of one point", one, NULL, SERIES S("0", "1", "2") S("1", "1", "3"),
		      " (Not drawn, since there is but one point: Queue.)");
	check_figures("zeros", one, NULL, SERIES S("0", "1", "0") S("0", "2", "0") S("1", "1", "0") S("1", "2", "0"),
		      " (Not drawn, since all of it is 0: Queue.)");
}

static struct figure *small(guint n, double low, double high)
{
	struct figure *f = figure_new(FIGURE_SWEEP);
	struct figure_line *line = figure_add_line(f, "it's");
	struct figure_point first = {1, 0.25, low, high, NULL, n}, second = {2, 0.5, low, high, NULL, n};

	f->name = g_strdup("small");
	f->title = g_strdup("Wait: 'a'\n\"b\"");
	f->about = g_strdup("toy");
	f->x_label = g_strdup("rate");
	f->x_unit = g_strdup("1/s");
	f->y_label = g_strdup("wait");
	f->y_unit = g_strdup("s");
	f->confidence = 0.95;
	f->method = "student-t";
	figure_add_point(line, &first);
	figure_add_point(line, &second);
	return f;
}

static void check_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		printf("\n    not in it: %s\n    %s", part, text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, part));
}

static void test_files(void)
{
	struct figure *f = small(5, 0.125, 0.75);
	g_autofree char *data = figure_print_data(f), *script = figure_print_script(f), *said = figure_describe(f);

	check_has(data, "# it's\n1 250 125 750 5\n2 500 125 750 5\n");
	check_has(data, "# columns: rate in 1/s, wait in ms, low, high (of the interval of y), n\n");
	check_has(script, "set label 1 'Wait: ''a'' \"b\"' at screen");
	check_has(script, "set xlabel 'rate, 1/s'");
	check_has(script, "set ylabel 'wait, ms'");
	check_has(script, "title 'it''s'");
	check_has(script, "set output 'small.svg'\n");
	CU_ASSERT_STRING_EQUAL(said, "n = 5 replications; bars: 95 % Student-t intervals of the mean");
	CU_ASSERT_PTR_NULL(strstr(script, "exploratory"));
	figure_free(f);
}

/* Ticks stand at all points, labels where they don't meet. */
static void test_ticks(void)
{
	static const double close[] = {118.2, 189.2, 200, 219.7, 236.5, 244.9, 306.1, 489.8}, far[] = {1, 2, 4, 8};
	struct figure *f = small(5, 0.1, 0.2);

	for (size_t i = 0; i < G_N_ELEMENTS(close); i++)
		figure_add_point(f->lines->pdata[0], &(struct figure_point){close[i], 1, 1, 1, NULL, 5});
	g_array_remove_range(((struct figure_line *)f->lines->pdata[0])->points, 0, 2);
	g_autofree char *script = figure_print_script(f);

	check_has(script, "set xtics ('118.2' 118.2, '189.2' 189.2, '' 200, '219.7' 219.7, '' 236.5, '' 244.9, "
			  "'306.1' 306.1, '489.8' 489.8)\n");
	figure_free(f);
	f = small(5, 0.1, 0.2);
	for (size_t i = 0; i < G_N_ELEMENTS(far); i++)
		figure_add_point(f->lines->pdata[0], &(struct figure_point){far[i], 1, 1, 1, NULL, 5});
	g_autofree char *wide = figure_print_script(f);

	check_has(wide, "set logscale x 2\n");
	check_has(wide, "set xtics ('1' 1, '2' 2, '4' 4, '8' 8)\n");
	figure_free(f);
}

/* Without an interval, and only then. */
static void test_exploratory(void)
{
	struct figure *f = small(1, (double)NAN, (double)NAN);
	g_autofree char *script = figure_print_script(f), *said = figure_describe(f), *data = figure_print_data(f);

	check_has(script, "set label 4 'exploratory'");
	CU_ASSERT_STRING_EQUAL(said, "n = 1 replication; exploratory: no interval");
	check_has(data, "1 250 250 250 1\n"); /* a bar of no width */
	figure_free(f);
	f = small(3, 0.1, 0.2);
	g_autofree char *few = figure_describe(f);

	check_has(few, "n = 3 replications (few); bars");
	figure_free(f);
}

static void test_numbers(void)
{
	static const struct {
		const char *texts, *unit;
		double second;
	} cases[] = {
	    {"1 2.5", "1", 2.5},  {"500ms 1min", "s", 60},  {"50/s 60/min", "1/s", 1},
	    {"1% 20%", "%", 0.2}, {"256B 4KiB", "B", 4096}, {"250kbit/s 1Mbit/s", "bit/s", 1e6},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(GStrv) parts = g_strsplit(cases[i].texts, " ", -1);
		g_autoptr(GPtrArray) texts = g_ptr_array_new();
		const char *unit;

		g_ptr_array_add(texts, parts[0]);
		g_ptr_array_add(texts, parts[1]);
		g_autofree double *numbers = factor_numbers(texts, &unit);

		CU_ASSERT_PTR_NOT_NULL_FATAL(numbers);
		CU_ASSERT_STRING_EQUAL(unit, cases[i].unit);
		CU_ASSERT_DOUBLE_EQUAL(numbers[1], cases[i].second, 1e-12);
		texts->pdata[0] = (gpointer)(guintptr) "none";
		CU_ASSERT_PTR_NULL(factor_numbers(texts, &unit));
	}
}

static bool report(const char *folder, GError **error)
{
	struct sim_archive *a = open_folder(folder);
	bool fine = sim_report_write(a, &toy_model, folder, error);

	sim_archive_free(a);
	return fine;
}

/* Texts of files are text on the page, and nothing of it calls for anything else. */
static void test_page(void)
{
	char *folder =
	    folder_of(HEAD "customers = ${n=20,40}\nrepeat = 3\nfail = ,1,\n", "<script>alert('&')</script>");

	CU_ASSERT(report(folder, NULL));
	g_autofree char *page = get(folder, "report.html"), *plot = get(folder, "plots/wait.svg");

	check_has(page, "&lt;script&gt;alert(&apos;&amp;&apos;)&lt;/script&gt;");
	check_has(page, "&lt;toy&gt;.ini");
	check_has(page, "the accounts of ,1, do not balance");
	check_has(page, "src=\"data:image/svg+xml;base64,");
	CU_ASSERT_PTR_NULL(strstr(page, "<script"));
	CU_ASSERT_PTR_NULL(strstr(page, "http:"));
	CU_ASSERT_PTR_NULL(strstr(page, "https:"));
	check_has(plot, "</svg>");
	CU_ASSERT(report(folder, NULL));
	g_autofree char *again = get(folder, "report.html"), *same = get(folder, "plots/wait.svg");

	CU_ASSERT_STRING_EQUAL(page, again);
	CU_ASSERT_STRING_EQUAL(plot, same);
	forget(folder);
}

/* Figures that are not made any more go, what is not ours stays. */
static void test_old_figures(void)
{
	char *folder = folder_of(HEAD "customers = ${n=20,40}\nrepeat = 2\n", NULL);
	g_autofree char *plots = g_build_filename(folder, "plots", NULL);

	g_mkdir(plots, 0700);
	put(plots, "old.gp", FIGURE_SCRIPT_MARK "\n");
	put(plots, "old.svg", "");
	put(plots, "own.gp", "plot x\n");
	put(plots, "own.svg", "");
	CU_ASSERT(report(folder, NULL));
	g_autofree char *old = g_build_filename(plots, "old.svg", NULL),
			*own = g_build_filename(plots, "own.svg", NULL);

	CU_ASSERT_FALSE(g_file_test(old, G_FILE_TEST_EXISTS));
	CU_ASSERT(g_file_test(own, G_FILE_TEST_EXISTS));
	forget(folder);
}

/* With what stands in `bin` as the only program. */
static void check_failure(const char *why, const char *gnuplot, const char *complaint)
{
	char *folder = folder_of(HEAD "customers = ${n=20,40}\nrepeat = 2\n", NULL);
	char *bin = g_dir_make_tmp("cpns-test-XXXXXX", NULL);
	g_autofree char *path = g_strdup(g_getenv("PATH")), *program = g_build_filename(bin, "gnuplot", NULL);
	g_autoptr(GError) error = NULL;

	if (gnuplot != NULL) {
		put(bin, "gnuplot", gnuplot);
		g_chmod(program, 0700);
	}
	g_setenv("PATH", bin, TRUE);
	CU_ASSERT_FALSE(report(folder, &error));
	g_setenv("PATH", path, TRUE);
	bool right = error != NULL && error->domain == SIM_REPORT_ERROR && strstr(error->message, complaint) != NULL;

	if (!right)
		printf("\n    %s: %s", why, error != NULL ? error->message : "was fine");
	CU_ASSERT(right);
	forget(folder);
	forget(bin);
}

static void test_gnuplot(void)
{
	check_failure("missing", NULL, "gnuplot cannot be started: ");
	check_failure("fails", "#!/bin/sh\necho 'no\nluck' >&2\nexit 3\n",
		      "wait.gp: gnuplot failed (Child process exited with code 3): no luck");
	check_failure("does nothing", "#!/bin/sh\n", "wait.svg: gnuplot did not write it");
}

static void test_other_model(void)
{
	char *folder = folder_of(HEAD "customers = 20\nrepeat = 2\n", NULL);
	struct sim_archive *a = open_folder(folder);
	g_autoptr(GError) error = NULL;

	a->model = "zoo";
	CU_ASSERT_FALSE(sim_report_write(a, &toy_model, folder, &error));
	CU_ASSERT_EQUAL(error->domain, SIM_SCENARIO_ERROR);
	check_has(error->message, "manifest.json: model: is zoo, not toy");
	sim_archive_free(a);
	forget(folder);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"figures over what was varied", test_figures},
	    {"more than can be drawn", test_many},
	    {"figures of curves", test_curves},
	    {"files for gnuplot", test_files},
	    {"ticks", test_ticks},
	    {"exploratory", test_exploratory},
	    {"numbers of variables", test_numbers},
	    {"the page", test_page},
	    {"figures of an earlier report", test_old_figures},
	    {"gnuplot fails", test_gnuplot},
	    {"another model", test_other_model},
	    {NULL, NULL},
	};

	return suite_run("report", cases);
}
