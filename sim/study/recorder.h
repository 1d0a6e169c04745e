/* A campaign and its folder: what is claimed before it runs, kept while it runs, and written when it ends.
 *
 * Each run that ends well goes into the journal at once, so that nothing of it is lost whatever happens to the
 * program. With `resume`, and from other folders with `reuse`, what an earlier life of the same campaign left (its
 * journal, or its tables when it had ended) is remembered: a run that stands there is not run again. */
#ifndef SIM_STUDY_RECORDER_H
#define SIM_STUDY_RECORDER_H

#include "sim/study/campaign.h"
#include "sim/study/progress.h"

struct sim_recorder;

/* What a campaign looks for whose cells come while it runs. */
struct sim_sought {
	const char *variable;       /* the iteration variable, named last, whose values they are */
	const char *const *targets; /* what each value is held against, as it was asked; NULL-terminated */
};

/* All borrowed during the life of the recorder. */
struct sim_recorder_options {
	const char *program; /* how it calls itself, for messages */
	const char *folder;
	bool force, resume;
	const char *const *reuse;        /* other folders of the same campaign, whose finished runs are taken;
					  * NULL-terminated, or NULL */
	bool gather;                     /* runs nothing: takes what is remembered */
	const struct sim_sought *sought; /* NULL: all cells are there */
	guint at_once;
	enum sim_progress_form progress;
	const char *command;      /* as the program was called; provenance, as are: */
	const char *const *sets;  /* what was set over the file, NULL-terminated, or NULL */
	const char *seed;         /* or NULL */
	const volatile int *stop; /* non-zero: end early */
};

/* What can go wrong beside SIM_SCENARIO_ERROR (the folder is not ours, or not empty, or of another scenario) and
 * G_FILE_ERROR. */
#define SIM_RECORDER_ERROR sim_recorder_error_quark()
GQuark sim_recorder_error_quark(void);
enum {
	SIM_RECORDER_DIFFERS, /* this build does not repeat a run that is to be continued from */
};

/* Claims the folder (parents included) and writes the manifest. An empty or absent one always; one that holds our
 * manifest with `force` (its files are removed, and nothing else) or `resume`. The campaign's cells that are there
 * must have been prepared. All that is remembered of them is taken, replications that the campaign did not ask for
 * included; what it can have no place for is refused (SIM_SCENARIO_ERROR), and then the folder is as it was. Nobody
 * else can open a recorder in the folder until this one is freed. NULL with *error. */
struct sim_recorder *sim_recorder_open(const struct sim_recorder_options *options, struct sim_campaign *campaign,
				       GError **error);
void sim_recorder_free(struct sim_recorder *recorder);

/* Takes a warning: to standard error, and into the manifest. */
void sim_recorder_warn(struct sim_recorder *recorder, char *warning);

/* Runs what waits, except for what is remembered. Returns false with *error if the journal cannot be written. */
bool sim_recorder_run(struct sim_recorder *recorder, GError **error);

/* Were runs asked for that did not come to their end? */
bool sim_recorder_interrupted(const struct sim_recorder *recorder);

/* Tells failures and warnings, writes all tables and the manifest, ends progress and journal. `summary` as of
 * sim_summarise. */
bool sim_recorder_close(struct sim_recorder *recorder, const GArray *summary, GError **error);

/* Wall time since the recorder was opened. */
int64_t sim_recorder_wall_ns(const struct sim_recorder *recorder);

#endif
