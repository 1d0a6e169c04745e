/* What the parts of `cpns-sim calibrate` share: its options, what it measures, and the files that it writes. */
#ifndef CPNS_CLI_CALIBRATE_H
#define CPNS_CLI_CALIBRATE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/study/progress.h"

/* Of a figure that was measured several times. */
struct calibrate_spread {
	double median, min, max;
};

/* Sorts the n >= 1 values. */
struct calibrate_spread calibrate_spread_of(double *values, guint n);

/* A store that can be measured. */
struct calibrate_store {
	const char *name;       /* sqlite-wal-full */
	const char *program;    /* cpns-store-sqlite, beside cpns-sim */
	const char *options[4]; /* NULL-terminated */
	bool on_disc, encrypted;
};

extern const struct calibrate_store calibrate_stores[];
extern const size_t calibrate_n_stores;

struct calibrate_options {
	char *folder, *data, *class;
	GPtrArray *stores; /* of const struct calibrate_store * */
	GArray *threads;   /* of guint, ascending */
	double seconds;    /* of each measurement of a store */
	int repeats;
	bool quick, force, quiet;
	bool check; /* measure nothing: hold the models against what lies in the folder */
	enum sim_progress_form progress;
};

/* CLI_DONE, and *options for calibrate_options_clear in any case; or CLI_USAGE, having said why. */
int calibrate_options_parse(struct calibrate_options *options, int argc, char **argv);
void calibrate_options_clear(struct calibrate_options *options);

/* Where and with what it was measured. */
struct calibrate_machine {
	char *cpu, *kernel, *file_system, *date;
	guint cores;
	double load;   /* threads that wanted to run in the last minute, when it began; negative: unknown */
	char *program; /* version, commit, build type and compiler of cpns-sim */
};

struct calibrate_machine calibrate_machine_of(const char *data);
void calibrate_machine_clear(struct calibrate_machine *machine);

/* Cryptography */

/* What cost profiles are made of (topologies/profiles/devices.csv). */
enum calibrate_unit {
	CALIBRATE_COMPRESSION,
	CALIBRATE_PBKDF2_ITERATION,
	CALIBRATE_AES_KEY,
	CALIBRATE_AES_BLOCK,
	CALIBRATE_GHASH_BLOCK,
	CALIBRATE_RANDOM_OCTET,
	CALIBRATE_UNITS,
};

struct calibrate_operation {
	const char *name;
	unsigned octets;                 /* of its input */
	unsigned units[CALIBRATE_UNITS]; /* what the protocol reports for it */
	struct calibrate_spread ns;      /* of one */
	guint n;                         /* performed in all */
};

#define CALIBRATE_OPERATIONS 11

struct calibrate_crypto {
	struct calibrate_operation operations[CALIBRATE_OPERATIONS];
	struct calibrate_spread units[CALIBRATE_UNITS]; /* ns */
	guint rounds;
};

/* Measures in `rounds` rounds, each of which performs every operation for about `ms` milliseconds of CPU time. False
 * when it was interrupted. */
bool calibrate_crypto_measure(struct calibrate_crypto *crypto, guint rounds, guint ms, struct sim_progress *progress);

/* What the profile charges for an operation, ns. */
double calibrate_charged(const struct calibrate_crypto *crypto, const struct calibrate_operation *operation);

/* Stores */

/* One measurement, in the words of the program's answer (models/keystore/load.h). */
enum calibrate_figure {
	CALIBRATE_THROUGHPUT, /* assignments a second */
	CALIBRATE_ASSIGNMENTS,
	CALIBRATE_BUSY,
	CALIBRATE_TIMEOUTS,
	CALIBRATE_LOOK_MEAN,
	CALIBRATE_LOOK_P50,
	CALIBRATE_LOOK_P99,
	CALIBRATE_LOOK_MAX,
	CALIBRATE_INSERT_MEAN,
	CALIBRATE_INSERT_P50,
	CALIBRATE_INSERT_P99,
	CALIBRATE_INSERT_MAX,
	CALIBRATE_FIGURES,
};

struct calibrate_point {
	guint threads;
	double *figures[CALIBRATE_FIGURES]; /* of each repetition */
	struct calibrate_spread spread[CALIBRATE_FIGURES];
};

struct calibrate_curve {
	const struct calibrate_store *store;
	char *library, *flags;
	guint entities;
	GArray *points; /* of struct calibrate_point */
};

/* How long a flush of 4 KiB takes, ns. */
struct calibrate_flush {
	double p50, p99;
};

bool calibrate_flush_measure(struct calibrate_flush *flush, const char *data, guint n, GError **error);

/* Measures a store. False with *error, or with none when it was interrupted. */
bool calibrate_store_measure(struct calibrate_curve *curve, const struct calibrate_store *store,
			     const struct calibrate_options *options, struct sim_progress *progress, GError **error);
void calibrate_curve_clear(struct calibrate_curve *curve);

/* How many steps of progress a store takes. */
guint calibrate_store_steps(const struct calibrate_options *options);

/* Models against reality (calibrate_check.c): prints what the models of stores say, beside what the files in the
 * folder say; the exit code. */
int calibrate_check(const struct calibrate_options *options);

/* Files */

#define CALIBRATE_DEVICES "devices.csv"
#define CALIBRATE_OPERATIONS_FILE "operations.csv"

/* "store-NAME.csv", the caller's to g_free. */
char *calibrate_store_file(const struct calibrate_store *store);

/* Each file is there as a whole, or not at all. */
bool calibrate_write_crypto(const struct calibrate_options *options, const struct calibrate_machine *machine,
			    const struct calibrate_crypto *crypto, GError **error);
bool calibrate_write_curve(const struct calibrate_options *options, const struct calibrate_machine *machine,
			   const struct calibrate_curve *curve, const struct calibrate_flush *flush, GError **error);

#endif
