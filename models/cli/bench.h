/* What the parts of `cpns-sim bench` share. */
#ifndef CPNS_CLI_BENCH_H
#define CPNS_CLI_BENCH_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "models/bench/bench.h"
#include "sim/study/bootstrap.h"
#include "sim/study/model.h"

#define BENCH_REPETITIONS_MOST 1000

struct bench_options {
	gboolean list, tiny;
	double seconds; /* for each benchmark */
	gint64 seed;
	int repeat;            /* repetitions of each; -1: as many as there is time for */
	char *against;         /* another build of this program; NULL: none */
	int pairs;             /* rounds in which both are run; -1: the usual number */
	gboolean instructions; /* count them in place of measuring time */
	GArray *suite;         /* of struct bench: those that were asked for */
};

/* A benchmark's work, where its time is measured and its instructions are counted. */
void bench_do_work(const struct bench *bench, void *task);

/* CLI_DONE, and *options for bench_options_clear in any case; or CLI_USAGE, having said why. */
int bench_options_parse(struct bench_options *options, int argc, char **argv);
void bench_options_clear(struct bench_options *options);

/* What was measured of a benchmark: the n > 0 values of its repetitions, or an aside that is always the same. */
struct bench_figure {
	const char *suffix, *unit; /* suffix NULL: the benchmark's own */
	double *values;            /* will be sorted */
	double *walls;             /* the same by real time, n of them too; NULL: of what is no time */
	guint n;
};

/* Prints a line to standard output, at once: an object with the figure and all that it depends on. */
void bench_print_figure(const struct bench *bench, const struct bench_figure *figure,
			const struct bench_outcome *outcome, gint64 seed, const struct sim_model *model);

/* The same of a benchmark that was run for its result alone: what must not differ between builds or machines. */
void bench_print_outcome(const struct bench *bench, const struct bench_outcome *outcome);

/* How much more a benchmark costs here than in another build. */
struct bench_ratio {
	const char *measure;    /* "time", "instructions" */
	struct sim_ratio ratio; /* this build's cost / the other's */
	double noise;        /* what is taken for no difference, as a share: of time, how far the other build is from
			      * itself; of instructions, a hundredth */
	guint n;             /* rounds */
	const char *against; /* the other build's commit */
	bool same_result;    /* do both come to the same? */
	const char *verdict; /* "slower", "faster", "same": is the interval beyond 1 by more than the noise? */
};
void bench_print_ratio(const struct bench *bench, const struct bench_ratio *ratio, gint64 seed,
		       const struct sim_model *model);

/* Compares each benchmark with the other build (bench_against.c); the exit code: CLI_THRESHOLD if one is slower. */
int bench_against(const struct bench_options *options, const struct sim_model *model);

/* A table of names, units and what is measured. */
void bench_print_list(const GArray *suite);

#endif
