/* The program as its users meet it: exit codes, what it prints, what it leaves in the folder. Each story starts in a
 * folder of its own. */
#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/suite.h"

#define SCENARIO                                                                             \
	"[General]\nstudy = terminating\ncustomers = 50\narrivals = storm(1s)\nrepeat = 4\n" \
	"[Config sweep]\nservice.time = ${s=30ms,45ms}\n"

struct place {
	char *folder, *out, *err;
	int code;
};

static void put(const struct place *p, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(p->folder, name, NULL);

	CU_ASSERT(g_file_set_contents(path, text, -1, NULL));
}

static char *get(const struct place *p, const char *name)
{
	g_autofree char *path = g_build_filename(p->folder, name, NULL);
	char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return g_strdup("");
	return text;
}

static bool exists(const struct place *p, const char *name)
{
	g_autofree char *path = g_build_filename(p->folder, name, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

static struct place start(void)
{
	struct place p = {.folder = g_dir_make_tmp("cpns-test-XXXXXX", NULL)};

	put(&p, "toy.ini", SCENARIO);
	return p;
}

static void forget(struct place *p)
{
	g_clear_pointer(&p->out, g_free);
	g_clear_pointer(&p->err, g_free);
}

static void finish(struct place *p)
{
	const char *argv[] = {"rm", "-r", p->folder, NULL};

	g_spawn_sync(NULL, (char **)(uintptr_t)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
	forget(p);
	g_free(p->folder);
}

/* The program, wherever it lies (a folder's name may hold blanks), and the words of `line`. g_strfreev. */
static char **command_line(const char *line)
{
	g_autofree char *trimmed = g_strchomp(g_strdup(line));
	g_auto(GStrv) words = g_strsplit(trimmed, " ", -1);
	g_autoptr(GStrvBuilder) argv = g_strv_builder_new();

	g_strv_builder_add(argv, g_getenv("TOY_SIM"));
	g_strv_builder_addv(argv, (const char **)(uintptr_t)words);
	return g_strv_builder_end(argv);
}

/* Runs the program with the words of `line` (no quoting). Returns its exit code. */
static int call(struct place *p, const char *line)
{
	g_auto(GStrv) argv = command_line(line);
	int status = 0;

	forget(p);
	CU_ASSERT_FATAL(
	    g_spawn_sync(p->folder, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &p->out, &p->err, &status, NULL));
	p->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return p->code;
}

static bool said(const char *text, const char *part)
{
	bool found = strstr(text, part) != NULL;

	if (!found)
		printf("\n    not in it: %s\n    %s", part, text);
	return found;
}

static void test_help(void)
{
	static const struct {
		const char *call, *file;
	} rows[] = {
	    {"--help", "help.txt"},
	    {"-h", "help.txt"},
	    {"help", "help.txt"},
	    {"run --help", "help-run.txt"},
	    {"help run", "help-run.txt"},
	    {"run x.ini -h", "help-run.txt"},
	    {"compare --help", "help-compare.txt"},
	    {"capacity --help", "help-capacity.txt"},
	    {"report --help", "help-report.txt"},
	    {"merge --help", "help-merge.txt"},
	    {"export --help", "help-export.txt"},
	    {"calibrate --help", "help-calibrate.txt"},
	    {"params --help", "help-params.txt"},
	    {"help version", "help-version.txt"},
	    {"selftest --help", "help-selftest.txt"},
	    {"bench --help", "help-bench.txt"},
	};
	struct place p = start(), golden = {.folder = g_strdup(g_getenv("GOLDEN"))};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *expected = get(&golden, rows[i].file);

		CU_ASSERT_EQUAL(call(&p, rows[i].call), 0);
		CU_ASSERT_STRING_EQUAL(p.out, expected);
		CU_ASSERT_STRING_EQUAL(p.err, "");
	}
	g_free(golden.folder);
	finish(&p);
}

static void test_usage(void)
{
	static const struct {
		const char *call, *said;
	} rows[] = {
	    {"", "Usage: cpns-sim"},
	    {"rnu", "unknown command \"rnu\": did you mean run"},
	    {"--frobnicate", "unknown option \"--frobnicate\""},
	    {"compare", "compare: an argument is missing"},
	    {"compare toy.ini", "compare: two configs are compared"},
	    {"compare toy.ini -c sweep -c sweep", "-c sweep stands twice"},
	    {"compare toy.ini -c sweep -c General", "sweep has the iteration s=30ms"},
	    {"compare toy.ini -c sweep -c swep", "did you mean sweep"},
	    {"capacity toy.ini", "capacity: what is asked of the system?"},
	    {"capacity toy.ini --slo=wait.mean<=1s", "what grows?"},
	    {"capacity toy.ini --slo=wait.mean<=1s --vray rate", "did you mean --vary"},
	    {"selftest x", "selftest: \"x\" is one argument too many"},
	    {"selftest --quik", "unknown option --quik: did you mean --quick"},
	    {"selftest -j 0", "selftest: -j 0"},
	    {"selftest --seed=-1", "selftest: --seed -1"},
	    {"calibrate --stores=sqlite-wal-ful", "did you mean sqlite-wal-full?"},
	    {"calibrate x", "one argument too many"},
	    {"bench x", "bench: unknown benchmark \"x\""},
	    {"report", "report: an argument is missing"},
	    {"report x y", "\"y\" is one argument too many"},
	    {"report x", "x: is not a folder: name one that `run` has written"},
	    {"report . --outptu y", "did you mean --output"},
	    {"help rnu", "did you mean run"},
	    {"run", "an argument is missing"},
	    {"run a b", "\"b\" is one argument too many"},
	    {"run toy.ini --resmue", "unknown option --resmue: did you mean --resume"},
	    {"run toy.ini --resume --force", "--resume continues what the folder holds, --force removes it"},
	    {"run toy.ini -x", "unknown option -x"},
	    {"run toy.ini -c", "Missing argument"},
	    {"run toy.ini -j 0", "-j 0"},
	    {"run toy.ini -jx", "-j"},
	    {"run toy.ini -q walks", "-q runs or -q config"},
	    {"run toy.ini --progress=jsno", "did you mean json?"},
	    {"run toy.ini -c sweep -c General", "one config at a time"},
	    {"run toy.ini -c swep", "did you mean sweep"},
	    {"run toy.ini -r 99", "there are only the runs 0..3"},
	    {"run toy.ini -r replication=9", "takes none of the runs"},
	    {"run toy.ini --seed 1s", "--set seed: \"1s\" is not a whole number"},
	    {"run toy.ini --set place=file.csv", "--set place: file.csv: cannot be read"},
	    {"run absent.ini", "absent.ini: cannot be read"},
	    {"params x", "one argument too many"},
	    {"version --x", "unknown option --x"},
	};
	struct place p = start();

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (call(&p, rows[i].call) != 2)
			printf("\n    %s: exit code %d", rows[i].call, p.code);
		CU_ASSERT_EQUAL(p.code, 2);
		CU_ASSERT(said(p.err, rows[i].said));
		CU_ASSERT_STRING_EQUAL(p.out, "");
	}
	CU_ASSERT_FALSE(exists(&p, "results"));
	finish(&p);
}

/* The manifest without the object that may differ. */
static char *without_provenance(const char *manifest)
{
	g_autoptr(JsonNode) root = json_from_string(manifest, NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(root);
	CU_ASSERT(json_object_has_member(json_node_get_object(root), "provenance"));
	json_object_remove_member(json_node_get_object(root), "provenance");
	return json_to_string(root, TRUE);
}

static bool same_results(const struct place *p, const char *a, const char *b)
{
	static const char *const files[] = {"runs.csv", "summary.csv", "manifest.json"};
	bool same = true;

	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *first = g_build_filename(a, files[i], NULL),
				*second = g_build_filename(b, files[i], NULL);
		g_autofree char *x = get(p, first), *y = get(p, second);

		CU_ASSERT(*x != '\0' && *y != '\0');
		if (i == 2) {
			g_autofree char *left = without_provenance(x), *right = without_provenance(y);

			same = same && strcmp(left, right) == 0;
		} else {
			same = same && strcmp(x, y) == 0;
		}
	}
	return same;
}

static void test_bytes(void)
{
	struct place p = start();

	CU_ASSERT_EQUAL(call(&p, "run toy.ini -c sweep -j1 -o one"), 0);
	CU_ASSERT_EQUAL(call(&p, "run toy.ini -c sweep -j 2 -o two --quiet"), 0);
	CU_ASSERT_STRING_EQUAL(p.out, "");
	CU_ASSERT_STRING_EQUAL(p.err, "");
	CU_ASSERT(same_results(&p, "one", "two"));
	CU_ASSERT_EQUAL(call(&p, "run toy.ini -c sweep -o three --seed=2"), 0);
	CU_ASSERT_FALSE(same_results(&p, "one", "three"));
	finish(&p);
}

static void test_report(void)
{
	struct place p = start();

	CU_ASSERT_EQUAL(call(&p, "run toy.ini"), 0);
	CU_ASSERT(said(p.out, "toy, config General: terminating study, n = 4 replications, seed 1"));
	CU_ASSERT(said(p.out, "all              north         south\n"));
	CU_ASSERT(said(p.out, "\n  customers served              50 ± 0             25 ± 0        12 ± 0\n"));
	CU_ASSERT(said(p.out, "bytes per customer"));
	CU_ASSERT(said(p.out, "n too small to rely on"));
	CU_ASSERT(said(p.out, "Results: results/toy-General/summary.csv"));
	CU_ASSERT(said(p.out, "Runs ended by: nothing left to do (4)\n"));
	CU_ASSERT(said(p.out, "Wall time"));
	CU_ASSERT_PTR_NULL(strstr(p.out, "absent"));
	CU_ASSERT(exists(&p, "results/toy-General/manifest.json"));
	CU_ASSERT_EQUAL(call(&p, "run toy.ini -c sweep"), 0);
	CU_ASSERT(said(p.out, "s=30ms"));
	CU_ASSERT(exists(&p, "results/toy-sweep/runs.csv"));
	finish(&p);
}

static void test_queries(void)
{
	struct place p = start();

	CU_ASSERT_EQUAL(call(&p, "run toy.ini -c sweep -r s=45ms,replication=1 -q runs"), 0);
	CU_ASSERT_STRING_EQUAL(p.out, "5\tsweep\ts=45ms\t1\t1\n");
	CU_ASSERT_EQUAL(call(&p, "run toy.ini --config=sweep --query=config --set=factor=3"), 0);
	put(&p, "effective.ini", p.out);
	CU_ASSERT_FALSE(exists(&p, "results"));
	CU_ASSERT_EQUAL(call(&p, "run toy.ini -c sweep --set factor=3 --quiet -o one"), 0);
	CU_ASSERT_EQUAL(call(&p, "run effective.ini -c sweep --quiet -o two"), 0);
	g_autofree char *x = get(&p, "one/summary.csv"), *y = get(&p, "two/summary.csv");

	CU_ASSERT_STRING_EQUAL(x, y);
	CU_ASSERT(strlen(x) > 1000);
	finish(&p);
}

/* Replaces only what is ours, and only when told to. */
static void test_folder(void)
{
	struct place p = start();

	CU_ASSERT_EQUAL(call(&p, "run toy.ini -o out --quiet"), 0);
	CU_ASSERT_EQUAL(call(&p, "run toy.ini -o out"), 2);
	CU_ASSERT(said(p.err, "is not empty"));
	put(&p, "out/notes.txt", "mine");
	CU_ASSERT_EQUAL(call(&p, "run toy.ini -o out --force --quiet --seed 5"), 0);
	g_autofree char *notes = get(&p, "out/notes.txt"), *manifest = get(&p, "out/manifest.json");

	CU_ASSERT_STRING_EQUAL(notes, "mine");
	CU_ASSERT(said(manifest, "\"seed\" : 5"));
	g_autofree char *other = g_build_filename(p.folder, "other", NULL);

	g_mkdir(other, 0777);
	CU_ASSERT_EQUAL(call(&p, "run toy.ini -o other --quiet"), 0); /* empty */
	put(&p, "other/manifest.json", "{\"format\": \"something else\"}");
	CU_ASSERT_EQUAL(call(&p, "run toy.ini -o other --force"), 2);
	CU_ASSERT(said(p.err, "no results of ours"));
	CU_ASSERT(exists(&p, "other/runs.csv"));
	put(&p, "other/manifest.json", "no JSON");
	CU_ASSERT_EQUAL(call(&p, "run toy.ini -o other --force"), 2);
	CU_ASSERT_EQUAL(call(&p, "run toy.ini -o toy.ini --force"), 2);
	CU_ASSERT_EQUAL(call(&p, "run toy.ini -o toy.ini/x"), 1);
	CU_ASSERT_EQUAL(call(&p, "run toy.ini -o fresh --set pause=5"), 2);
	CU_ASSERT_FALSE(exists(&p, "fresh"));
	finish(&p);
}

static void test_failures(void)
{
	struct place p = start();

	CU_ASSERT_EQUAL(call(&p, "run toy.ini -o some --set fail=,1,"), 6);
	CU_ASSERT(said(p.err, "run 1 (replication 1) failed: the accounts of ,1, do not balance"));
	CU_ASSERT(said(p.err, "1 of 4 replications failed"));
	CU_ASSERT(said(p.out, "n = 3 replications"));
	g_autofree char *manifest = get(&p, "some/manifest.json"), *runs = get(&p, "some/runs.csv");

	CU_ASSERT(said(manifest, "\"ended\" : \"failed\""));
	CU_ASSERT(said(manifest, "\"reason\" : \"the accounts of ,1, do not balance\""));
	CU_ASSERT_PTR_NULL(strstr(runs, "General,,1,1,"));
	CU_ASSERT_EQUAL(call(&p, "run toy.ini -o all --set fail=all"), 1);
	finish(&p);
}

static void test_deterministic(void)
{
	struct place p = start();

	CU_ASSERT_EQUAL(call(&p, "run toy.ini -o out --set luck=none"), 0);
	CU_ASSERT(said(p.err, "warning: config General: all 4 replications are the same run"));
	g_autofree char *manifest = get(&p, "out/manifest.json"), *summary = get(&p, "out/summary.csv");

	CU_ASSERT(said(manifest, "all 4 replications are the same run"));
	CU_ASSERT(said(summary, ",served,total,50,50,50,0.94999999999999996,4,student-t,1,deterministic\n"));
	finish(&p);
}

/* Starts the program, sends signals after a while, and waits for it. */
static int call_and_signal(const struct place *p, const char *line, int number, int times)
{
	g_auto(GStrv) argv = command_line(line);
	GPid pid;
	int status;

	CU_ASSERT_FATAL(
	    g_spawn_async(p->folder, argv, NULL,
			  G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
			  NULL, &pid, NULL));
	for (int i = 0; i < times; i++) {
		g_usleep(1000000);
		kill(pid, number);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static guint count_ended(const struct place *p, const char *file, const char *ended)
{
	g_autofree char *text = get(p, file), *part = g_strdup_printf("\"ended\" : \"%s\"", ended);
	g_auto(GStrv) parts = g_strsplit(text, part, -1);

	return g_strv_length(parts) - 1;
}

/* The first replications are done when the signal comes; one is on its way, the last ones have not begun. */
static void test_interrupt(void)
{
	struct place p = start();

	CU_ASSERT_EQUAL(call_and_signal(&p, "run toy.ini -j 1 -o out --set pause=100ms --set repeat=60", SIGINT, 1),
			130);
	g_autofree char *manifest = get(&p, "out/manifest.json"), *runs = get(&p, "out/runs.csv");

	CU_ASSERT(said(manifest, "\"state\" : \"interrupted\""));
	CU_ASSERT(said(runs, "General,,0,0,all,all,served,total,50,1"));
	CU_ASSERT_EQUAL(count_ended(&p, "out/manifest.json", "interrupted"), 1);
	CU_ASSERT(count_ended(&p, "out/manifest.json", "nothing left to do") >= 1);
	CU_ASSERT_EQUAL(call(&p, "run toy.ini -o out --force --quiet"), 0);
	CU_ASSERT_EQUAL(call_and_signal(&p, "run toy.ini -j 2 -o term --set pause=60s", SIGTERM, 1), 143);
	g_autofree char *summary = get(&p, "term/summary.csv");

	CU_ASSERT(g_str_has_prefix(summary, "config,iteration,module") && strchr(summary, '\n')[1] == '\0');
	finish(&p);
}

/* A run that does not stop: the second signal ends the program at once. */
static void test_second_signal(void)
{
	struct place p = start();

	CU_ASSERT_EQUAL(call_and_signal(&p, "run toy.ini -o out --set pause=1h", SIGINT, 2), 130);
	finish(&p);
}

/* A folder whose campaign was killed outright holds a manifest: --force knows it as ours. */
static void test_killed(void)
{
	struct place p = start();

	CU_ASSERT_EQUAL(call_and_signal(&p, "run toy.ini -o out --set pause=60s", SIGKILL, 1), -1);
	g_autofree char *manifest = get(&p, "out/manifest.json");

	CU_ASSERT(said(manifest, "\"state\" : \"running\""));
	CU_ASSERT_EQUAL(call(&p, "run toy.ini -o out --force --quiet"), 0);
	finish(&p);
}

static void test_progress(void)
{
	struct place p = start();

	CU_ASSERT_EQUAL(call(&p, "run toy.ini --progress=json"), 0);
	g_auto(GStrv) lines = g_strsplit(g_strchomp(p.err), "\n", -1);
	guint n = g_strv_length(lines);

	CU_ASSERT_FATAL(n >= 2);
	for (guint i = 0; i < n; i++) {
		g_autoptr(JsonNode) node = json_from_string(lines[i], NULL);

		CU_ASSERT(node != NULL && JSON_NODE_HOLDS_OBJECT(node));
	}
	CU_ASSERT(said(lines[0], "\"event\":\"start\""));
	CU_ASSERT(said(lines[n - 1], "\"event\":\"end\",\"done\":4,\"total\":4"));
	finish(&p);
}

static void test_standard_input(void)
{
	struct place p = start();
	g_autofree char *program = g_shell_quote(g_getenv("TOY_SIM"));
	g_autofree char *line = g_strdup_printf("cat toy.ini | %s run - --quiet && ls results", program);
	const char *argv[] = {"sh", "-c", line, NULL};

	g_spawn_sync(p.folder, (char **)(uintptr_t)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &p.out, &p.err,
		     &p.code, NULL);
	CU_ASSERT_STRING_EQUAL(p.out, "stdin-General\n");
	CU_ASSERT_STRING_EQUAL(p.err, "");
	finish(&p);
}

static void test_tables(void)
{
	struct place p = start();

	CU_ASSERT_EQUAL(call(&p, "params"), 0);
	CU_ASSERT(said(p.out, "study\n"));
	CU_ASSERT(said(
	    p.out, "      required when place is made; whole number; 1 to 1000000\n      read when place is made\n"));
	g_auto(GStrv) lines = g_strsplit(p.out, "\n", -1);

	for (guint i = 0; lines[i] != NULL; i++)
		CU_ASSERT(g_utf8_strlen(lines[i], -1) <= 100);
	CU_ASSERT_EQUAL(call(&p, "version"), 0);
	CU_ASSERT(said(p.out, "cpns-sim 0."));
	CU_ASSERT(said(p.out, "Toys 1.0"));
	finish(&p);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"help, as it is printed", test_help},
	    {"wrong command lines and scenarios", test_usage},
	    {"the same bytes with -j 1 and -j 2", test_bytes},
	    {"the table of results", test_report},
	    {"-q", test_queries},
	    {"the folder and --force", test_folder},
	    {"failed replications", test_failures},
	    {"deterministic replications", test_deterministic},
	    {"interrupted", test_interrupt},
	    {"interrupted twice", test_second_signal},
	    {"killed", test_killed},
	    {"progress as JSON", test_progress},
	    {"standard input", test_standard_input},
	    {"params and version", test_tables},
	    {NULL, NULL},
	};

	return suite_run("command", cases);
}
