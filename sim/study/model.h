/* What a study needs from a model: its parameters, and one function that runs a replication. The study layer knows
 * nothing else of it. */
#ifndef SIM_STUDY_MODEL_H
#define SIM_STUDY_MODEL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/kernel/stream.h"
#include "sim/study/metric.h"
#include "sim/study/param.h"
#include "sim/study/record.h"
#include "sim/study/sequence.h"

struct sim_run {
	struct sim_random random; /* of a seed and a replication */
	const volatile int *stop; /* non-zero: end early and say "interrupted" */
	const sim_time *warmup;   /* not NULL: in place of what the values say */
	GPtrArray *pilot; /* not NULL: the run is a pilot, from time 0: add sequences of observations (sequence.h)
			   * of all that may need a warm-up, of module and flow `all`, and record no rows; `ended` and
			   * `unsteady` of the record alone */
};

/* One line of the table that a program prints after a campaign. */
struct sim_headline {
	const char *label, *module, *metric, *statistic;
	const char *per;  /* not NULL: the metric whose total divides this total, e.g. "assignment.completed" */
	const char *show; /* how to show the value, if otherwise than its unit says: "%" of a share */
	const char *more, *less; /* not NULL: a comparison says in words what a difference of it means: "longer",
				  * "shorter" */
};

enum sim_plot_kind {
	SIM_PLOT_SWEEP,  /* of summary.csv: statistics over an iteration variable */
	SIM_PLOT_CDF,    /* of cdf.csv: shares over a metric's value; lines have no statistic */
	SIM_PLOT_SERIES, /* of series.csv: statistics over time */
};

/* One curve of a plot. */
struct sim_plot_line {
	const char *label, *module, *metric, *statistic;
};

#define SIM_PLOT_LINES 6

/* What `report` draws where there is data for it. Lines without data are left out. */
struct sim_plot {
	const char *name; /* of its files: letters, digits and - */
	const char *title;
	enum sim_plot_kind kind;
	const char *axis; /* what the lines are of, in a word or two; its unit is that of the rows */
	const char *show; /* as in a headline: "%" of a share; NULL otherwise */
	const char *x;    /* of a sweep: the parameter that it is best drawn over, if that varies; NULL: any */
	struct sim_plot_line lines[SIM_PLOT_LINES]; /* up to one without label */
};

struct sim_model {
	const char *name;
	const struct sim_param *params; /* the model's rows; those every study has (study.h) come before them */
	size_t n_params;

	const struct sim_known_metric *metrics; /* all that a run may report of module and flow `all` */

	/* Makes what the replications of one iteration share and never change: reads the files that the values name,
	 * and refuses what no single row can (sim_value_complain). The values outlive it. Called more than once for
	 * the same values, first before anything runs. NULL with *error set otherwise. */
	void *(*prepare)(const struct sim_values *values, GError **error);
	void (*release)(void *prepared);

	/* Runs one replication on the calling thread; several may run at once on the same `prepared`.
	 * Fills *record. Returns false with *error set if the replication failed (a balance that broke). */
	bool (*run)(const void *prepared, const struct sim_run *run, struct sim_record *record, GError **error);

	/* One line per library that results depend on ("OpenSSL 3.0.19 ..."), NULL-terminated: for `version` and the
	 * manifest. */
	const char *const *(*libraries)(void);

	/* What results depend on beyond the values as they are written, such as the figures behind a name: one line
	 * each, printed with every result and kept in the manifest. g_strfreev; the member may be NULL. */
	char **(*notes)(const struct sim_values *values);

	/* What to show first, up to a line without label; lines without a row are left out. NULL: all metrics of
	 * module `all`. */
	const struct sim_headline *headline;

	/* What a load makes of the system, as `metric.statistic` (a rate without one) of module and flow `all`: how
	 * much it gets done, and how long that takes. Either may be NULL. */
	const char *goodput, *latency;
	/* What to draw, up to a plot without name; NULL: nothing. */
	const struct sim_plot *plots;

	/* The counter of module `all` for what had begun, and for what of it was still on its way when a run ended:
	 * a report tells how much that was. NULL: there is no such thing. */
	const char *begun, *censored;
};

#endif
