/* What a folder holds of an earlier life of a campaign: runs that have ended well, and what they ran with. */
#ifndef SIM_STUDY_RECALL_H
#define SIM_STUDY_RECALL_H

#include "sim/study/journal.h"

struct sim_recall {
	char *folder;
	GArray *memories;  /* of struct sim_memory */
	GHashTable *runs;  /* of them: "config\niteration\nreplication" -> place + 1 */
	GHashTable *cells; /* "config\niteration" -> GHashTable of parameter -> value as written, files included */
	char *build;       /* version, commit and build type of the program that wrote the manifest */
	bool clean;        /* built from that commit alone */
};

/* From the folder's manifest and journal, or, when the campaign had come to its end, its tables. NULL with *error of
 * SIM_SCENARIO_ERROR or G_FILE_ERROR. */
struct sim_recall *sim_recall_load(const char *folder, GError **error);
void sim_recall_free(struct sim_recall *recall);

/* Is the cell what it was then? How many replications there are and what precision is asked may differ, all else not.
 * False with SIM_SCENARIO_ERROR. */
bool sim_recall_fits(const struct sim_recall *recall, const struct sim_cell *cell, GError **error);

/* Hands the waiting job what is remembered of it; false if nothing is. */
bool sim_recall_take(struct sim_recall *recall, struct sim_job *job);

/* Was the finished job taken from it? */
bool sim_recall_holds(const struct sim_recall *recall, const struct sim_job *job);

/* Did this very program write it? */
bool sim_recall_same_build(const struct sim_recall *recall);

#endif
