/* bench: runs the benchmarks of models/bench and measures them. Each runs in a process of its own, so that its memory
 * is its own, and what one leaves behind is not the next one's. The clock is that of the process's CPU time: what
 * else goes on in the machine does not count, as far as it leaves the caches alone. */
#include "models/cli/bench.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "models/cli/cli.h"
#include "models/cli/stop.h"
#include "sim/study/wall.h"

#define REPETITIONS_LEAST 3

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Octets that this process has in memory. */
static double resident_now(void)
{
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	bool read = file != NULL && fscanf(file, "%*d %ld", &pages) == 1;

	if (file != NULL)
		fclose(file);
	return read ? (double)pages * (double)sysconf(_SC_PAGESIZE) : 0;
}

static double resident_peak(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_maxrss * 1024;
}

/* ---- one benchmark ---- */

struct trial {
	const struct bench *bench;
	const struct bench_options *options;
	struct bench_outcome outcome; /* of the first repetition, which all have */
	double *values, *walls;
	guint n;
	double resident; /* most of it that the first repetition took */
};

/* How long something took, s. */
struct taken {
	double cpu, wall;
};

/* The work alone, under a name that callgrind can be told of (bench_against.c). */
__attribute__((noinline)) void bench_do_work(const struct bench *bench, void *task)
{
	bench->work(task);
	__asm__ volatile(""); /* no jump into the work, but a call from here */
}

/* The work once. */
static struct taken once(const struct bench *bench, uint64_t size, uint64_t seed, struct bench_outcome *outcome)
{
	void *task = bench->set_up(bench, size, seed);
	int64_t wall = sim_wall_ns();
	double cpu = cpu_seconds();

	bench_do_work(bench, task);
	const struct taken taken = {cpu_seconds() - cpu, (double)(sim_wall_ns() - wall) / 1e9};

	*outcome = (struct bench_outcome){0};
	bench->finish(task, outcome);
	return taken;
}

/* In the benchmark's unit. */
static double value_of(const struct bench *bench, double seconds, uint64_t work)
{
	return strcmp(bench->unit, "ns") == 0 ? seconds * 1e9 / (double)work : (double)work / seconds;
}

static bool goes_on(const struct trial *t, double taken)
{
	const struct bench_options *o = t->options;

	if (o->repeat > 0)
		return t->n < (guint)o->repeat;
	return t->n < REPETITIONS_LEAST || (taken < o->seconds && t->n < BENCH_REPETITIONS_MOST);
}

/* False if a repetition did not come to the same result as the first one. */
static bool repeat(struct trial *t)
{
	const struct bench *bench = t->bench;
	uint64_t seed = (uint64_t)t->options->seed;
	struct bench_outcome outcome;

	once(bench, bench->tiny, seed, &outcome); /* so that its code is in memory */
	double before = resident_now(), begun = cpu_seconds();

	for (t->n = 0; goes_on(t, cpu_seconds() - begun); t->n++) {
		struct taken taken = once(bench, bench->size, seed, &outcome);

		if (t->n == 0) {
			t->outcome = outcome;
			t->resident = MAX(resident_peak() - before, 0);
		}
		if (outcome.hash != t->outcome.hash || outcome.work != t->outcome.work)
			return false;
		t->values[t->n] = value_of(bench, taken.cpu, outcome.work);
		t->walls[t->n] = value_of(bench, taken.wall, outcome.work);
	}
	return true;
}

static void print_trial(const struct trial *t, const struct sim_model *model)
{
	const struct bench_outcome *outcome = &t->outcome;
	struct bench_figure figure = {.unit = t->bench->unit, .values = t->values, .walls = t->walls, .n = t->n};

	bench_print_figure(t->bench, &figure, outcome, t->options->seed, model);
	for (guint i = 0; i < outcome->n_asides; i++) {
		double value = outcome->asides[i].value;

		figure = (struct bench_figure){outcome->asides[i].suffix, outcome->asides[i].unit, &value, NULL, 1};
		bench_print_figure(t->bench, &figure, outcome, t->options->seed, model);
	}
	if (t->bench->thing == NULL || outcome->things == 0)
		return;
	g_autofree char *unit = g_strconcat("B/", t->bench->thing, NULL);
	double value = t->resident / (double)outcome->things;

	figure = (struct bench_figure){"memory", unit, &value, NULL, 1};
	bench_print_figure(t->bench, &figure, outcome, t->options->seed, model);
}

static int measure(const struct bench *bench, const struct bench_options *o, const struct sim_model *model)
{
	struct trial t = {.bench = bench,
			  .options = o,
			  .values = g_new(double, BENCH_REPETITIONS_MOST),
			  .walls = g_new(double, BENCH_REPETITIONS_MOST)};
	bool same = repeat(&t);

	if (same)
		print_trial(&t, model);
	else
		cli_refuse("bench: %s: another repetition, another result: it is not deterministic", bench->name);
	g_free(t.walls);
	g_free(t.values);
	if (!same)
		return CLI_DIFFERENT;
	if (ferror(stdout) == 0)
		return CLI_DONE;
	cli_refuse("bench: %s: standard output cannot be written", bench->name);
	return CLI_FAILED;
}

static int look(const struct bench *bench, const struct bench_options *o)
{
	struct bench_outcome outcome;

	once(bench, bench->tiny, (uint64_t)o->seed, &outcome);
	bench_print_outcome(bench, &outcome);
	return CLI_DONE;
}

/* ---- all of them ---- */

/* Waits for the process of a benchmark, and ends it if we are to end. Returns its exit code. */
static int wait_for(pid_t child, const char *name)
{
	int status = 0;

	while (waitpid(child, &status, 0) != child) {
		if (errno != EINTR)
			g_error("bench: %s: %s", name, g_strerror(errno));
		if (cli_stop_signal != 0)
			kill(child, SIGKILL);
	}
	if (cli_stop_signal != 0)
		return 128 + cli_stop_signal;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (WTERMSIG(status) == SIGPIPE)
		raise(SIGPIPE); /* nobody listens any more */
	cli_refuse("bench: %s: ended by signal %d (%s)", name, WTERMSIG(status), strsignal(WTERMSIG(status)));
	return CLI_FAILED;
}

static int measure_apart(const struct bench *bench, const struct bench_options *o, const struct sim_model *model)
{
	fflush(stdout);
	pid_t child = fork();

	if (child < 0) {
		cli_refuse("bench: %s: no process for it: %s", bench->name, g_strerror(errno));
		return CLI_FAILED;
	}
	if (child > 0)
		return wait_for(child, bench->name);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	exit(measure(bench, o, model));
}

/* A signal ends the waiting for a benchmark. */
static void catch_signals(void)
{
	static const int signals[] = {SIGINT, SIGTERM};

	cli_catch_signals();
	for (size_t i = 0; i < G_N_ELEMENTS(signals); i++) {
		struct sigaction action;

		sigaction(signals[i], NULL, &action);
		action.sa_flags &= ~SA_RESTART;
		sigaction(signals[i], &action, NULL);
	}
}

static int bench(const struct bench_options *o, const struct sim_model *model)
{
	int worst = CLI_DONE;

	catch_signals();
	if (o->against != NULL)
		return bench_against(o, model);
	for (guint i = 0; i < o->suite->len && cli_stop_signal == 0; i++) {
		const struct bench *b = &g_array_index(o->suite, struct bench, i);
		int code = o->tiny ? look(b, o) : measure_apart(b, o, model);

		worst = MAX(worst, code);
	}
	return cli_stop_signal != 0 ? 128 + cli_stop_signal : worst;
}

int cli_bench(int argc, char **argv, const struct sim_model *model)
{
	struct bench_options options;
	int code = bench_options_parse(&options, argc, argv);

	if (code == CLI_DONE && options.list)
		bench_print_list(options.suite);
	else if (code == CLI_DONE)
		code = bench(&options, model);
	bench_options_clear(&options);
	return code;
}
