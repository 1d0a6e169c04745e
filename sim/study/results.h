/* The folder of a campaign: manifest.json, runs.csv, summary.csv; cdf.csv and series.csv where there are such points.
 * Each file is replaced as a whole, the manifest last, so that a campaign that was interrupted leaves valid files.
 *
 * Rows of runs.csv are sorted by (config, iteration's index, replication, module, flow, metric, statistic), those of
 * summary.csv by the same without replication; texts by strcmp. Numbers have 17 significant digits. Two campaigns of
 * the same scenario write the same bytes outside of the manifest's `provenance`. */
#ifndef SIM_STUDY_RESULTS_H
#define SIM_STUDY_RESULTS_H

#include "sim/study/campaign.h"
#include "sim/study/summary.h"

/* What the manifest says beside the campaign. */
struct sim_account {
	const char *state;          /* "running", "finished", "interrupted" */
	const GPtrArray *warnings;  /* of char * */
	const char *const *targets; /* what was sought has to meet, NULL-terminated; NULL: nothing was */
	/* provenance */
	const char *command; /* as it was called */
	const char *started; /* date */
	int64_t wall_ns;
	guint at_once;
	const char *const *sets; /* what was set over the file, NULL-terminated, or NULL */
	const char *seed;        /* or NULL */
};

/* Makes `folder` ready for a campaign, parents included. Refuses (SIM_SCENARIO_ERROR) one that is not empty, unless
 * it holds our manifest and `force` or `resume` is set, and one that another program has claimed. With `force` the
 * files of that campaign are removed, and nothing else. The claim lasts until *lock is closed or the program ends; -1
 * where the file system knows no locks. */
bool sim_results_claim(const char *folder, bool force, bool resume, int *lock, GError **error);

/* Does the folder hold a campaign of ours? */
bool sim_results_held(const char *folder);

/* Writes the files: all of them, or with a NULL summary the manifest alone. */
bool sim_results_write(const char *folder, const struct sim_campaign *campaign, const GArray *summary,
		       const struct sim_account *account, GError **error);

/* The texts of the files; g_string_free. The last two may have a header only: then there is no such file. */
GString *sim_results_runs_csv(const struct sim_campaign *campaign);
GString *sim_results_summary_csv(const struct sim_campaign *campaign, const GArray *summary);
GString *sim_results_cdf_csv(const struct sim_campaign *campaign);
GString *sim_results_series_csv(const struct sim_campaign *campaign);

#endif
