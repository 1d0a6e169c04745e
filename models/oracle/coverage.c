#include "models/oracle/coverage.h"

#include <string.h>

#include "sim/kernel/portable_math.h"
#include "sim/kernel/stream.h"
#include "sim/kernel/variate.h"
#include "sim/study/paired.h"
#include "sim/study/queueing.h"
#include "sim/study/sequential.h"
#include "sim/study/stats.h"

#define FALSE_ALARM 0.001
#define SEQUENTIAL_COVERAGE 0.92 /* looking more than once costs that much, at the most */
#define REPLICATIONS 10
#define WORKERS_MAX 8

const struct oracle_coverage_extent oracle_coverage_quick = {.cheap = 2000, .intervals = 200, .customers = 2000};
const struct oracle_coverage_extent oracle_coverage_full = {.cheap = 20000, .intervals = 1000, .customers = 20000};

/* ---- where values come from ---- */

/* A row: intervals of one kind. */
struct row {
	const char *name;
	bool (*covers)(const struct row *row,
		       struct sim_stream *stream); /* one more interval: does it hold the truth? */
	size_t n;                                  /* values of each */
	double q;                                  /* which quantile */
	struct sim_mmc queue;
	struct sim_variate of;
	double truth;
	unsigned customers;
};

/* so far from 0 that none is ever cut off there */
static const struct sim_variate normal = {.kind = SIM_NORMAL, .a = 1000, .b = 1};
static const struct sim_variate exponential = {.kind = SIM_EXPONENTIAL, .a = 1};

static bool within(const struct sim_estimate *e, double truth)
{
	return e->interval && e->low <= truth && truth <= e->high;
}

/* The mean wait of `customers` who come one by one to the first of c workers that is free. */
static double mean_wait(const struct sim_mmc *queue, unsigned customers, struct sim_stream *stream)
{
	const struct sim_variate gap = {.kind = SIM_EXPONENTIAL, .a = 1 / queue->rate};
	const struct sim_variate service = {.kind = SIM_EXPONENTIAL, .a = queue->service};
	unsigned before = customers / 10;
	double free_at[WORKERS_MAX] = {0}, now = 0, sum = 0;

	for (unsigned i = 0; i < before + customers; i++) {
		unsigned first = 0;

		now += sim_variate_draw(&gap, stream);
		for (unsigned w = 1; w < queue->workers; w++)
			first = free_at[w] < free_at[first] ? w : first;
		double start = MAX(now, free_at[first]);

		free_at[first] = start + sim_variate_draw(&service, stream);
		sum += i >= before ? start - now : 0;
	}
	return sum / customers;
}

/* ---- procedures ---- */

static bool mean_covers(const struct row *row, struct sim_stream *stream)
{
	g_autofree double *values = g_new(double, row->n);

	for (size_t k = 0; k < row->n; k++)
		values[k] = sim_variate_draw(&row->of, stream);
	struct sim_estimate e = sim_estimate_mean(values, row->n, false);

	return within(&e, row->truth);
}

static bool queue_covers(const struct row *row, struct sim_stream *stream)
{
	double values[REPLICATIONS];

	for (size_t k = 0; k < REPLICATIONS; k++)
		values[k] = mean_wait(&row->queue, row->customers, stream);
	struct sim_estimate e = sim_estimate_mean(values, REPLICATIONS, false);

	return within(&e, row->truth);
}

static bool quantile_covers(const struct row *row, struct sim_stream *stream)
{
	g_autofree double *values = g_new(double, row->n);

	for (size_t k = 0; k < row->n; k++)
		values[k] = sim_variate_draw(&row->of, stream);
	struct sim_estimate e = sim_estimate_quantile(values, row->n, row->q);

	return within(&e, row->truth);
}

static bool pair_covers(const struct row *row, struct sim_stream *stream)
{
	double a[REPLICATIONS], b[REPLICATIONS];

	for (size_t k = 0; k < REPLICATIONS; k++) {
		double shared = sim_variate_draw(&normal, stream);

		a[k] = shared + sim_variate_draw(&normal, stream);
		b[k] = shared + 2 * sim_variate_draw(&normal, stream);
	}
	struct sim_paired p = sim_pair(a, b, REPLICATIONS, false);

	return p.low <= row->truth && row->truth <= p.high;
}

/* Until the mean is known to `q` of itself. */
static bool sequential_covers(const struct row *row, struct sim_stream *stream)
{
	const unsigned most = 1000;
	struct sim_sequential s = sim_sequential_start(REPLICATIONS, most);
	g_autofree double *values = g_new(double, most), *sorted = g_new(double, most);
	struct sim_estimate e;

	for (unsigned n = 0;;) {
		unsigned next = sim_sequential_next(&s, n);

		for (; n < next; n++)
			values[n] = sim_variate_draw(&row->of, stream);
		memcpy(sorted, values, n * sizeof(*values));
		e = sim_estimate_mean(sorted, n, false);
		if (sim_sequential_judge(&s, n, sim_sequential_holds(&e, row->q)) != SIM_SEQUENTIAL_MORE)
			return within(&e, row->truth);
	}
}

/* ---- rows ---- */

static struct oracle_coverage count(const struct row *row, uint64_t seed, uint64_t number, size_t intervals)
{
	const struct sim_random random = sim_random_of(seed, number);
	struct oracle_coverage c = {.name = row->name, .intervals = intervals, .expected = SIM_CONFIDENCE};
	bool sequential = row->covers == sequential_covers;

	for (size_t i = 0; i < intervals; i++) {
		const struct sim_address address = {.entity = i};
		struct sim_stream stream = sim_stream_at(&random, &address);

		c.covered += row->covers(row, &stream);
	}
	if (row->covers == quantile_covers) {
		struct sim_ranks ranks = {0};

		sim_quantile_ranks(row->n, row->q, SIM_CONFIDENCE, &ranks);
		c.expected = ranks.coverage;
	} else if (sequential) {
		c.expected = SEQUENTIAL_COVERAGE;
	}
	c.least = sim_binomial_quantile(intervals, c.expected, FALSE_ALARM / 2);
	c.most = sequential ? intervals : sim_binomial_quantile(intervals, c.expected, 1 - FALSE_ALARM / 2);
	return c;
}

static void add_queues(GArray *out, uint64_t seed, const struct oracle_coverage_extent *extent)
{
	struct row rows[] = {
	    {.name = "mean wait of M/M/1 at 0.5", .queue = {1, 0.5, 1}},
	    {.name = "mean wait of M/M/1 at 0.7", .queue = {1, 0.7, 1}},
	    {.name = "mean wait of M/M/4 at 0.7", .queue = {4, 2.8, 1}},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		rows[i].covers = queue_covers;
		rows[i].truth = sim_mmc_wait(&rows[i].queue);
		rows[i].customers = extent->customers;
		struct oracle_coverage c = count(&rows[i], seed, out->len, extent->intervals);

		g_array_append_val(out, c);
	}
}

GArray *oracle_coverages(uint64_t seed, const struct oracle_coverage_extent *extent)
{
	const struct sim_variate uniform = {.kind = SIM_UNIFORM, .a = 0, .b = 1};
	const struct sim_variate broad = {.kind = SIM_NORMAL, .a = 1000, .b = 150};
	const struct sim_variate skewed = {.kind = SIM_WEIBULL, .a = 1, .b = 2}; /* its mean is sqrt(pi) / 2 */
	const struct row rows[] = {
	    {.name = "interval of 2 normal values", .covers = mean_covers, .n = 2, .of = normal, .truth = 1000},
	    {.name = "interval of 5 normal values", .covers = mean_covers, .n = 5, .of = normal, .truth = 1000},
	    {.name = "interval of 10 normal values", .covers = mean_covers, .n = 10, .of = normal, .truth = 1000},
	    {.name = "paired difference of 10 normal values", .covers = pair_covers, .truth = 1000},
	    {.name = "median of 6 uniform values",
	     .covers = quantile_covers,
	     .n = 6,
	     .q = 0.5,
	     .of = uniform,
	     .truth = 0.5},
	    {.name = "median of 10 exponential values",
	     .covers = quantile_covers,
	     .n = 10,
	     .q = 0.5,
	     .of = exponential,
	     .truth = sim_log(2)},
	    {.name = "p99 of 368 exponential values",
	     .covers = quantile_covers,
	     .n = 368,
	     .q = 0.99,
	     .of = exponential,
	     .truth = sim_log(100)},
	    {.name = "p99 of 1000 uniform values",
	     .covers = quantile_covers,
	     .n = 1000,
	     .q = 0.99,
	     .of = uniform,
	     .truth = 0.99},
	    {.name = "sequential stopping, normal values",
	     .covers = sequential_covers,
	     .q = 0.05,
	     .of = broad,
	     .truth = 1000},
	    {.name = "sequential stopping, skewed values",
	     .covers = sequential_covers,
	     .q = 0.1,
	     .of = skewed,
	     .truth = sim_sqrt(3.14159265358979323846) / 2},
	};
	GArray *out = g_array_new(FALSE, FALSE, sizeof(struct oracle_coverage));

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct oracle_coverage c = count(&rows[i], seed, i, extent->cheap);

		g_array_append_val(out, c);
	}
	add_queues(out, seed, extent);
	return out;
}
