/* A result folder, read back into memory as it is: manifest.json and its tables (results.h writes them). Nothing is
 * guessed: a file that is missing, damaged, or at odds with the manifest is an error. A campaign that is still
 * running, or was interrupted, is read as far as it came; `state` says so.
 *
 * All texts are interned: they outlive the archive. */
#ifndef SIM_STUDY_ARCHIVE_H
#define SIM_STUDY_ARCHIVE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/study/record.h"

/* A value of one parameter. `from`: "default", "line 12", "--set". */
struct sim_archive_parameter {
	const char *name, *value, *from;
};

/* A file that values name: the path as it is written there. */
struct sim_archive_file {
	const char *path, *sha256;
};

struct sim_archive_variable {
	const char *name;
	GPtrArray *values; /* of const char * */
};

struct sim_archive_iteration {
	const char *name;   /* "a=1;b=2" */
	const char *config; /* NULL: it is one of every config */
	GArray *parameters; /* of struct sim_archive_parameter, in the manifest's order */
	GArray *files;      /* of struct sim_archive_file */
	GPtrArray *notes;   /* of const char * */
};

/* One run. Who wants to keep `record` takes its contents and leaves an empty one (sim_record_init). */
struct sim_archive_run {
	const char *config, *iteration;
	guint at; /* of its iteration in the archive */
	guint replication, run;
	int64_t seed;
	bool finished;
	const char *ended, *reason; /* reason: of a failure, or NULL */
	struct sim_record record;   /* empty unless finished; rows, quantiles, series, fingerprint, notes and `ended`
				     * are   restored, in the order of the files */
};

/* A number that may be missing (an empty cell) is NaN. */

/* One row of summary.csv. */
struct sim_archive_estimate {
	const char *config, *iteration, *module, *flow, *metric, *statistic, *unit, *method, *verdict;
	double estimate, low, high, confidence;
	uint64_t n;
	unsigned line;
};

/* One row of compare.csv: b - a. */
struct sim_archive_difference {
	const char *a, *b, *iteration, *module, *flow, *metric, *statistic, *unit, *method, *verdict;
	double difference, low, high, ratio, ratio_low, ratio_high, correlation, variance_ratio;
	uint64_t n;
	unsigned line;
};

/* One row of claims.csv: b - a in a line of the headline; `adjusted` by Holm's procedure over all rows. */
struct sim_archive_claim {
	const char *a, *b, *iteration, *module, *flow, *metric, *statistic, *per, *unit, *verdict; /* per: or "" */
	double difference, low, high, ratio, p, adjusted;
	uint64_t n;
	unsigned line;
};

/* One row of capacity.csv. */
struct sim_archive_bracket {
	const char *config, *iteration, *parameter, *unit, *verdict;
	double lower, upper, confidence;
	unsigned line;
};

/* One member of `provenance`; lists are joined by ", ". */
struct sim_archive_fact {
	const char *name, *text;
};

struct sim_archive {
	const char *folder;
	const char *model, *state, *config, *generator; /* state: "running", "finished", "interrupted" */
	guint repeat, runs_planned;
	double confidence;
	GPtrArray *configs;     /* of const char *: the manifest's, in its order; at least one */
	GArray *variables;      /* of struct sim_archive_variable */
	GArray *iterations;     /* of struct sim_archive_iteration, in order */
	GArray *runs;           /* of struct sim_archive_run, in the manifest's order */
	GPtrArray *targets;     /* of const char *: what was sought has to meet */
	GPtrArray *warnings;    /* of const char * */
	GArray *provenance;     /* of struct sim_archive_fact, in order */
	GArray *estimates;      /* of struct sim_archive_estimate: summary.csv */
	GArray *differences;    /* of struct sim_archive_difference: compare.csv; empty without the file */
	GArray *claims;         /* of struct sim_archive_claim: claims.csv; empty without the file */
	GArray *brackets;       /* of struct sim_archive_bracket: capacity.csv; empty without the file */
	bool compared, sought;  /* are those two files there? */
	bool quantiles, series; /* are cdf.csv and series.csv there? */
	GHashTable *index;      /* private to archive*.c: config, iteration, replication -> position in `runs` + 1 */
};

/* Reads the folder. NULL with SIM_SCENARIO_ERROR, "file:line: reason: remedy", otherwise. */
struct sim_archive *sim_archive_read(const char *folder, GError **error);
void sim_archive_free(struct sim_archive *archive);

/* The run, or NULL. */
struct sim_archive_run *sim_archive_find(const struct sim_archive *archive, const char *config, const char *iteration,
					 guint replication);

/* The value of a parameter in an iteration, or NULL. */
const char *sim_archive_parameter(const struct sim_archive_iteration *iteration, const char *name);

/* The text of a fact, or "". */
const char *sim_archive_fact(const struct sim_archive *archive, const char *name);

/* The row of summary.csv, or NULL. */
const struct sim_archive_estimate *sim_archive_estimate(const struct sim_archive *archive, const char *config,
							const char *iteration, const struct sim_metric *metric,
							const char *statistic);

/* A finite decimal number as the tables hold it, and nothing beside it. */
bool sim_archive_number(const char *text, double *number);

#endif
