/* The journal of a campaign on its way: one JSON object a line, first what it is, then one for each run that has
 * ended well, written whole and at once. A program that is killed loses what was on its way, and at most the last
 * line is torn. */
#ifndef SIM_STUDY_JOURNAL_H
#define SIM_STUDY_JOURNAL_H

#include "sim/study/campaign.h"

#define SIM_JOURNAL_FILE "journal.ndjson"

/* A run as it was remembered. Strings are interned. */
struct sim_memory {
	const char *config, *iteration;
	guint replication;
	int64_t seed;
	struct sim_record record; /* sorted, as a job's */
};

void sim_memory_clear(struct sim_memory *memory);

struct sim_journal;

/* Starts the journal of the folder anew, with what the jobs of `campaign` that are finished recorded, and with those
 * of `memories` (of struct sim_memory; NULL: none) that no job has taken yet. NULL with *error of G_FILE_ERROR. */
struct sim_journal *sim_journal_start(const char *folder, const struct sim_campaign *campaign, const GArray *memories,
				      GError **error);

/* Adds a finished job. False with *error: the disk is full, or the like. */
bool sim_journal_add(struct sim_journal *journal, const struct sim_job *job, GError **error);

void sim_journal_close(struct sim_journal *journal);

/* Is there one in the folder? */
bool sim_journal_exists(const char *folder);

/* What stands in the folder's journal, of struct sim_memory; g_array_unref. A torn last line is left out. NULL with
 * *error of SIM_SCENARIO_ERROR, which names file and line, if it is damaged otherwise. */
GArray *sim_journal_read(const char *folder, GError **error);

/* The campaign's tables hold everything: the journal goes. */
void sim_journal_remove(const char *folder);

#endif
