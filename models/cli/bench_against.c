/* bench --against: is this program slower than another build of it? By time, both are run in turns, so that what else
 * the machine does meets both; the other build stands in each round twice, once more under another name, which tells
 * how far two programs seem apart here that are one and the same. By instructions, callgrind counts what a
 * benchmark's work executes, in each build once: that is exact, and the machine may do what it likes. */
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "models/cli/bench.h"
#include "models/cli/cli.h"
#include "models/cli/stop.h"
#include "sim/study/bootstrap.h"

#define CONFIDENCE 0.999 /* of an interval that gives an alarm: there are many in a year of nights */
#define EXACT 0.01       /* what a compiler's mood may do to a count of instructions */

#define COLLECTED "Collected : "

#define BENCH_ERROR g_quark_from_static_string("bench")

/* What a child measured of a benchmark: a value that grows with its cost, and what it did. */
struct sample {
	double cost;
	const char *hash, *commit; /* interned */
};

/* ---- children ---- */

/* The arguments of `PROGRAM bench NAME`, once, behind those of `before`; g_ptr_array_unref. */
static GPtrArray *arguments_of(const char *const *before, const char *program, const struct bench *bench,
			       const struct bench_options *o)
{
	GPtrArray *arguments = g_ptr_array_new_with_free_func(g_free);

	for (; *before != NULL; before++)
		g_ptr_array_add(arguments, g_strdup(*before));
	g_ptr_array_add(arguments, g_strdup(program));
	g_ptr_array_add(arguments, g_strdup("bench"));
	g_ptr_array_add(arguments, g_strdup(bench->name));
	g_ptr_array_add(arguments, g_strdup("--repeat=1"));
	g_ptr_array_add(arguments, g_strdup_printf("--seed=%" G_GINT64_FORMAT, o->seed));
	g_ptr_array_add(arguments, NULL);
	return arguments;
}

static bool run_child(GPtrArray *arguments, char **out, char **err, GError **error)
{
	g_autoptr(GError) reason = NULL;
	int status;

	if (!g_spawn_sync(NULL, (char **)arguments->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, out, err, &status,
			  &reason)) {
		g_set_error(error, BENCH_ERROR, 0, "%s cannot be started: %s%s", (const char *)arguments->pdata[0],
			    reason->message,
			    strcmp(arguments->pdata[0], "valgrind") == 0 ? ": install it (package valgrind)" : "");
		return false;
	}
	if (g_spawn_check_wait_status(status, &reason))
		return true;
	g_autofree char *command = g_strjoinv(" ", (char **)arguments->pdata);

	g_set_error(error, BENCH_ERROR, 0, "%s: %s: %s", command, reason->message, g_strstrip(*err));
	return false;
}

/* The object of that name among the lines; json_object_unref. */
static JsonObject *find_figure(const char *out, const char *name)
{
	g_auto(GStrv) lines = g_strsplit(out, "\n", -1);

	for (guint i = 0; lines[i] != NULL; i++) {
		g_autoptr(JsonNode) node = json_from_string(lines[i], NULL);
		JsonObject *object = node != NULL && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;

		if (object != NULL &&
		    strcmp(json_object_get_string_member_with_default(object, "name", ""), name) == 0)
			return json_object_ref(object);
	}
	return NULL;
}

/* The figure that a program has printed: its value, as a cost. */
static bool read_figure(const char *program, const struct bench *bench, const char *out, struct sample *sample,
			GError **error)
{
	JsonObject *figure = find_figure(out, bench->name);
	double value = figure != NULL ? json_object_get_double_member_with_default(figure, "value", 0) : 0;

	if (!(value > 0) || !isfinite(value)) {
		g_set_error(error, BENCH_ERROR, 0, "%s: has no figure of %s: name another build of this program",
			    program, bench->name);
		g_clear_pointer(&figure, json_object_unref);
		return false;
	}
	*sample = (struct sample){
	    .cost = strcmp(bench->unit, "ns") == 0 ? value : 1 / value,
	    .hash = g_intern_string(json_object_get_string_member_with_default(figure, "hash", "")),
	    .commit = g_intern_string(json_object_get_string_member_with_default(figure, "commit", "unknown")),
	};
	json_object_unref(figure);
	return true;
}

static bool time_of(const char *program, const struct bench *bench, const struct bench_options *o,
		    struct sample *sample, GError **error)
{
	static const char *const nothing[] = {NULL};
	g_autoptr(GPtrArray) arguments = arguments_of(nothing, program, bench, o);
	g_autofree char *out = NULL, *err = NULL;

	return run_child(arguments, &out, &err, error) && read_figure(program, bench, out, sample, error);
}

/* The most of those counts: the process that waits for the benchmark's has one, too. */
static double collected(const char *err)
{
	double most = 0;

	for (const char *at = err; (at = strstr(at, COLLECTED)) != NULL;) {
		at += strlen(COLLECTED);
		most = fmax(most, g_ascii_strtod(at, NULL));
	}
	return most;
}

static bool instructions_of(const char *program, const struct bench *bench, const struct bench_options *o,
			    struct sample *sample, GError **error)
{
	static const char *const callgrind[] = {"valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
						"--toggle-collect=bench_do_work*", NULL};
	g_autoptr(GPtrArray) arguments = arguments_of(callgrind, program, bench, o);
	g_autofree char *out = NULL, *err = NULL;

	if (!run_child(arguments, &out, &err, error) || !read_figure(program, bench, out, sample, error))
		return false;
	sample->cost = collected(err);
	if (sample->cost > 0)
		return true;
	g_set_error(error, BENCH_ERROR, 0, "%s: callgrind counted no instruction of %s: was it stripped?", program,
		    bench->name);
	return false;
}

/* ---- verdicts ---- */

static const char *judge(const struct bench_ratio *r)
{
	if (r->ratio.low > 1 + r->noise)
		return "slower";
	return r->ratio.high < 1 - r->noise ? "faster" : "same";
}

/* The other build, ours, and the other one again; or back. */
static bool run_round(const struct bench *bench, const struct bench_options *o, const char *self, bool back,
		      struct sample *samples, GError **error)
{
	for (int i = 0; i < 3; i++) {
		int which = back ? 2 - i : i; /* ours stands between the two */
		const char *program = which == 1 ? self : o->against;

		if (cli_stop_signal != 0 || !time_of(program, bench, o, &samples[which], error))
			return false;
	}
	return true;
}

static bool compare_times(const struct bench *bench, const struct bench_options *o, const char *self,
			  struct bench_ratio *r, GError **error)
{
	guint n = (guint)o->pairs;
	g_autofree double *other = g_new(double, n), *again = g_new(double, n), *ours = g_new(double, n);
	struct sample samples[3];

	for (guint i = 0; i < n; i++) {
		if (!run_round(bench, o, self, i % 2 == 1, samples, error))
			return false;
		other[i] = samples[0].cost;
		ours[i] = samples[1].cost;
		again[i] = samples[2].cost;
	}
	g_autofree double *mean = g_new(double, n);

	for (guint i = 0; i < n; i++)
		mean[i] = sqrt(other[i] * again[i]); /* what drifts from one to the other meets ours by half */

	*r = (struct bench_ratio){
	    .measure = "time",
	    .ratio = sim_bootstrap_ratio(ours, mean, n, CONFIDENCE),
	    .noise = fabs(sim_bootstrap_ratio(again, other, n, CONFIDENCE).ratio - 1),
	    .n = n,
	    .against = samples[0].commit,
	    .same_result = strcmp(samples[0].hash, samples[1].hash) == 0,
	};
	r->verdict = judge(r);
	return true;
}

static bool compare_instructions(const struct bench *bench, const struct bench_options *o, const char *self,
				 struct bench_ratio *r, GError **error)
{
	struct sample other, ours;

	if (!instructions_of(o->against, bench, o, &other, error) || !instructions_of(self, bench, o, &ours, error))
		return false;
	double ratio = ours.cost / other.cost;

	*r = (struct bench_ratio){
	    .measure = "instructions",
	    .ratio = {ratio, ratio, ratio},
	    .noise = EXACT,
	    .n = 1,
	    .against = other.commit,
	    .same_result = strcmp(other.hash, ours.hash) == 0,
	};
	r->verdict = judge(r);
	return true;
}

int bench_against(const struct bench_options *o, const struct sim_model *model)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autoptr(GError) error = NULL;
	int worst = CLI_DONE;

	for (guint i = 0; i < o->suite->len && cli_stop_signal == 0; i++) {
		const struct bench *bench = &g_array_index(o->suite, struct bench, i);
		struct bench_ratio ratio;
		bool done = o->instructions ? compare_instructions(bench, o, self, &ratio, &error)
					    : compare_times(bench, o, self, &ratio, &error);

		if (cli_stop_signal != 0)
			break;
		if (!done)
			return cli_fail(error);
		bench_print_ratio(bench, &ratio, o->seed, model);
		if (strcmp(ratio.verdict, "slower") == 0)
			worst = CLI_THRESHOLD;
	}
	return cli_stop_signal != 0 ? 128 + cli_stop_signal : worst;
}
