/* Parameters of a study. Each is declared once, as a row of a table: parsing, errors, `params`, the documentation and
 * the manifest all come from that row.
 *
 * A value keeps the place it was written at, so that a complaint about it can name file and line. */
#ifndef SIM_STUDY_PARAM_H
#define SIM_STUDY_PARAM_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/kernel/variate.h"
#include "sim/kernel/vtime.h"

enum sim_param_type {
	SIM_WORD,          /* one of `words`                          -> word */
	SIM_TEXT,          /* free text: a name or a path             -> text */
	SIM_COUNT,         /* a whole number                          -> count */
	SIM_FACTOR,        /* a plain number                          -> number */
	SIM_SHARE,         /* `2%` or `0.02`: 0 to 1                  -> number */
	SIM_DURATION,      /* `250us 10ms 2s 1min 1h`: 0 or more      -> duration, ns */
	SIM_BITRATE,       /* `250kbit/s 10Mbit/s`                    -> number, bit/s */
	SIM_FREQUENCY,     /* `200/s 12/min`                          -> number, 1/s */
	SIM_SIZE,          /* `256B 4KiB`                             -> count, octets */
	SIM_DURATION_DIST, /* a duration or a distribution of one     -> variate, ns */
	SIM_COUNT_DIST,    /* a number or a distribution of one       -> variate */
	SIM_MIX,           /* a name, or `a 50%, b 30%, c 20%`        -> mix */
	SIM_CALL,          /* `name` or `name(argument)`; name in `words` -> word, argument */
};

/* A share of a mix; shares sum to 1. */
struct sim_mix_part {
	char *name;
	double share;
};

struct sim_mix {
	struct sim_mix_part *parts;
	size_t n;
};

struct sim_value {
	bool set;         /* has a value: written, or by default. false: optional and left out */
	bool given;       /* written in a file or by --set, rather than the default */
	const char *text; /* as written, iteration variables replaced; "" if neither written nor by default */
	const char *file; /* where: a file's name, "--set", or NULL for a default */
	unsigned line;    /* in that file, from 1; 0 where there is none */
	int word;         /* index into the row's words; -1: it is none of them */
	int64_t count;
	double number;
	sim_time duration;
	struct sim_variate variate;
	struct sim_mix mix;
	const char *argument; /* of a SIM_CALL, "" without one; the reader parses it with the functions below */
};

struct sim_values; /* the values of one iteration, of all parameters; see scenario.h */

struct sim_param {
	const char *name;
	enum sim_param_type type;
	const char *fallback;     /* the default as one would write it; "" for none (then optional, see `required`).
				   * "none", unless it is a word: `none` may be written, and leaves the value unset */
	const char *const *words; /* of a SIM_WORD or SIM_CALL, NULL-terminated; of other types: what may stand in
				   * place of a value, or NULL */
	double min,
	    max; /* range of a SIM_COUNT, _FACTOR, _SHARE, _SIZE, _BITRATE, _FREQUENCY; both 0: the type's own */
	const char *help;                                  /* one line */
	const char *condition;                             /* when it is read, in words for `params`; NULL: always */
	bool (*readable)(const struct sim_values *values); /* the same as code; depends on other keys' values alone */
	const char *required; /* when it must be given, in words ("always", "study is steady-state"); NULL: never */
	bool (*must)(const struct sim_values *values); /* the same as code; NULL with `required`: always */
	const char *later; /* not NULL: only the default is accepted yet; what the refusal says of it */
};

/* The value of a parameter by its name, which must be in the table (asserted). Also while conditions are being
 * evaluated, when required keys may still be missing: then its `set` is false. */
const struct sim_value *sim_value(const struct sim_values *values, const char *name);

/* Is the value the word `word`? The word must be in the row (asserted); unset: no. */
bool sim_value_is(const struct sim_values *values, const char *name, const char *word);

/* A path of the scenario, resolved against the folder of the scenario's file (working directory for standard input
 * and --set). The caller's to g_free. */
char *sim_value_path(const struct sim_values *values, const char *name);

/* A file that a scenario names, read whole. */
struct sim_file {
	char *path; /* resolved, for complaints */
	char *text;
	gsize n;
};

/* Reads the file whose path stands in the named value as `written` (the whole value, or a part of it), resolved like
 * sim_value_path. Its SHA-256 is noted for the manifest; a file that is read again must be the same. False with
 * *error of G_FILE_ERROR, which only says that it cannot be read, or SIM_SCENARIO_ERROR. Clear it in either case. */
bool sim_value_read(const struct sim_values *values, const char *name, const char *written, struct sim_file *file,
		    GError **error);
void sim_file_clear(struct sim_file *file);

/* Errors about scenarios: the domain's only code. They end in exit code 2. */
#define SIM_SCENARIO_ERROR sim_scenario_error_quark()
GQuark sim_scenario_error_quark(void);

/* Sets *error to "file:line: name: reason", from where the named value stands. */
void sim_value_complain(const struct sim_values *values, const char *name, GError **error, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* A distribution of a duration that stands in the named value as `text` (the whole value, or a part of it). What the
 * variate points to lives as long as the values. Otherwise like the parsers below. */
bool sim_value_duration_dist(const struct sim_values *values, const char *name, const char *text,
			     struct sim_variate *variate, char **reason);

/* Parsers of single values, for arguments and columns. They take the whole text, spaces around it apart, and return
 * false with *reason set to a sentence's rest ("is not a duration: write ...", the caller's to g_free) otherwise. */
bool sim_parse_duration(const char *text, sim_time *duration, char **reason);
bool sim_parse_frequency(const char *text, double *per_second, char **reason);
bool sim_parse_bitrate(const char *text, double *bits_per_second, char **reason);
bool sim_parse_share(const char *text, double *share, char **reason);
bool sim_parse_size(const char *text, int64_t *octets, char **reason);

/* The entry of `names` (NULL-terminated) nearest to `text` by edits, or NULL when none is near: for "did you mean".
 */
const char *sim_nearest(const char *text, const char *const *names);

#endif
