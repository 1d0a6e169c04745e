/* What the parts of `cpns-sim bench` share. */
#ifndef CPNS_CLI_BENCH_H
#define CPNS_CLI_BENCH_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "models/bench/bench.h"
#include "sim/study/model.h"

struct bench_options {
	gboolean list, tiny;
	double seconds; /* for each benchmark */
	gint64 seed;
	int repeat;    /* repetitions of each; 0: as many as there is time for */
	GArray *suite; /* of struct bench: those that were asked for */
};

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

/* A table of names, units and what is measured. */
void bench_print_list(const GArray *suite);

#endif
