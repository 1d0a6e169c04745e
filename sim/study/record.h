/* What one replication reports: its values, one statistic a row, and how it ended. Filled by the model, read by
 * results. Durations go in as integer nanoseconds and come out in seconds. */
#ifndef SIM_STUDY_RECORD_H
#define SIM_STUDY_RECORD_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/kernel/fingerprint.h"
#include "sim/kernel/vtime.h"

/* One value of runs.csv. The strings are not copied: they must outlive the record (literals, or a model's tables). */
struct sim_row {
	const char *module, *flow, *metric, *statistic, *unit;
	double value;
};

/* One point of a curve of one replication: of cdf.csv, where x is a share and value the metric's quantile there (no
 * statistic), or of series.csv, where x is the virtual time in seconds at which a period ends, and value the
 * statistic over that period. Strings as above. */
struct sim_point {
	const char *module, *flow, *metric, *statistic, *unit;
	double x, value;
};

/* With `warmup = auto`: what MSER-5 took off a metric's observations in the pilot. The replication's warm-up is the
 * latest of these times. Strings as above. */
struct sim_cut {
	const char *module, *flow, *metric;
	size_t values, cut; /* observations, and how many of the first of them */
	sim_time time;      /* where the rest begins; 0 for a cut of 0 */
};

struct sim_record {
	GArray *rows;      /* of struct sim_row, in any order */
	GArray *quantiles; /* of struct sim_point, each curve's by growing x: cdf.csv */
	GArray *series;    /* the same: series.csv */
	GArray *cuts;      /* of struct sim_cut, in the model's order; empty unless `warmup = auto` */
	struct sim_fingerprint fingerprint;
	GPtrArray *notes;       /* of interned lines: what a reader of the rows must know, see sim_record_note */
	const char *unsteady;   /* a literal: why the run has no steady state; NULL: nothing speaks against one */
	const char *ended;      /* why: "nothing left to do", "sim-time-limit", "interrupted", ... */
	uint64_t events;        /* handled, for the progress line */
	uint64_t draws;         /* blocks of random words (sim/kernel/stream.h) */
	uint64_t entities;      /* simulated, for what each takes in memory; 0: unknown */
	uint64_t pending_max;   /* provenance: kernel.pending-max */
	int64_t crypto_wall_ns; /* provenance: wall time inside the cryptography, 0 if not measured */
};

/* Orders rows by module, flow, metric, statistic: a GCompareFunc. */
int sim_row_compare(const void *a, const void *b);

/* The row of that module, flow, metric and statistic in a record whose rows are sorted, or NULL. */
const struct sim_row *sim_record_find(const struct sim_record *record, const struct sim_row *key);

/* What a row is about. */
struct sim_metric {
	const char *module, *flow, *name;
};

void sim_record_init(struct sim_record *record);
void sim_record_clear(struct sim_record *record);

/* statistic `total`, as an integer count of `unit`. */
void sim_record_counter(struct sim_record *record, struct sim_metric metric, uint64_t total, const char *unit);

/* statistic `total`, of nanoseconds, in seconds. */
void sim_record_total_time(struct sim_record *record, struct sim_metric metric, uint64_t total_ns);

/* statistic `total`, of an integer count of 1 / `per` of a `unit`. */
void sim_record_total(struct sim_record *record, struct sim_metric metric, unsigned __int128 total, double per,
		      const char *unit);

/* A line that is shown with the results and kept in the manifest: what the rows do not say, such as why one is not
 * there. Copied. */
void sim_record_note(struct sim_record *record, const char *line);

/* statistic `mean` of a rate or share: numerator / denominator; no row when the denominator is 0. */
void sim_record_share(struct sim_record *record, struct sim_metric metric, double numerator, double denominator,
		      const char *unit);

/* statistics `mean` and `max` of a time-weighted value: integral (value x ns) over the window; no rows when it is 0.
 */
void sim_record_weighted(struct sim_record *record, struct sim_metric metric, unsigned __int128 integral,
			 sim_time window, double scale, uint64_t max, const char *unit);

/* A tally of durations: `count mean min max p50` from n >= 1, `sd` from 2, `p90` from 10, `p99` from 100, `p999` from
 * 1000; quantile q is the ceil(q n)-th smallest. Without values no rows. Sorts `values` in place. */
void sim_record_tally(struct sim_record *record, struct sim_metric metric, sim_time *values, size_t n);

/* The quantiles of those durations for cdf.csv: at 0.01, 0.05 .. 0.95, 0.99, 0.995, 0.999, as far as n carries them:
 * with a value or more on either side of the share, as the tally's (the median from n >= 1). Sorts likewise. */
void sim_record_quantiles(struct sim_record *record, struct sim_metric metric, sim_time *values, size_t n);

/* The most periods of a time series in one replication. */
#define SIM_SERIES_MAX 10000

/* A point of a series: `value` over the period that ends at `time`. */
void sim_record_point(struct sim_record *record, struct sim_metric metric, const char *statistic, const char *unit,
		      sim_time time, double value);

/* A tally of integers in another unit. */
void sim_record_tally_of(struct sim_record *record, struct sim_metric metric, int64_t *values, size_t n,
			 const char *unit);

#endif
