/* The performance suite: benchmarks of the kernel, the protocol, and whole runs. A benchmark does a fixed amount of
 * work, all of it decided by a size and a seed; it knows no clock: who runs it measures (models/cli/bench.c). */
#ifndef CPNS_BENCH_BENCH_H
#define CPNS_BENCH_BENCH_H

#include <glib.h>
#include <stdint.h>

#include "sim/kernel/fingerprint.h"

#define BENCH_ASIDES 4

/* What one piece of work came to. */
struct bench_outcome {
	uint64_t work;   /* units done: what its time is divided by */
	uint64_t hash;   /* of the results: the same for the same size and seed, in any build, on any machine */
	uint64_t things; /* what memory is told of, such as devices; 0: nothing */

	/* What else is worth knowing of the result: figures of their own, NAME.SUFFIX, always the same too. */
	struct bench_aside {
		const char *suffix, *unit;
		double value;
	} asides[BENCH_ASIDES];
	guint n_asides;
};

struct bench {
	const char *name;    /* "kernel.hold.1000": the part of the program, what is done, and to how much */
	const char *unit;    /* "ns": of one unit of work; else units of work in a second, such as "events/s" */
	const char *what;    /* in a line, for people */
	const char *thing;   /* not NULL: the greatest memory for each of them is a figure too, NAME.memory */
	uint64_t size, tiny; /* the size that is measured, and one for a test of a moment */
	const void *variant; /* the benchmark's own; borrowed */

	void *(*set_up)(const struct bench *bench, uint64_t size, uint64_t seed); /* what the work starts from */
	void (*work)(void *task);                                                 /* what is measured, once */
	void (*finish)(void *task, struct bench_outcome *outcome); /* says what it came to, and frees the task */
};

/* All of them, in the order in which they are run: of struct bench, the caller's to g_array_unref. Names are interned
 * and never go. */
GArray *bench_suite(void);

/* The parts of the suite, each of which appends its own. */
void bench_add_hold(GArray *suite);
void bench_add_kernel(GArray *suite);
void bench_add_star(GArray *suite);
void bench_add_codec(GArray *suite);
void bench_add_crypto(GArray *suite);
void bench_add_chain(GArray *suite);
void bench_add_store(GArray *suite);
void bench_add_topology(GArray *suite);
void bench_add_flows(GArray *suite);
void bench_add_city(GArray *suite);

/* "PREFIX.REST", interned. */
const char *bench_name(const char *prefix, const char *rest);

/* "PREFIX.N", interned. */
const char *bench_name_of_size(const char *prefix, uint64_t n);

/* A figure aside of an outcome. */
void bench_tell(struct bench_outcome *outcome, const char *suffix, const char *unit, double value);

/* The hash of what was hashed before, and of one value more; begin with 0. */
static inline uint64_t bench_hash(uint64_t before, uint64_t value)
{
	return sim_fingerprint_fold(before + UINT64_C(0x9e3779b97f4a7c15), value ^ UINT64_C(0x243f6a8885a308d3));
}

/* The same of octets. */
uint64_t bench_hash_octets(uint64_t before, const uint8_t *at, size_t n);

/* The same of all events of a run. */
static inline uint64_t bench_hash_fingerprint(uint64_t before, const struct sim_fingerprint *fingerprint)
{
	return bench_hash(bench_hash(before, fingerprint->half[0]), fingerprint->half[1]);
}

#endif
