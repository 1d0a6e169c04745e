/* manifest.json: what ran, with what, how it ended; and in `provenance` all that may differ between equal campaigns.
 */
#ifndef SIM_STUDY_MANIFEST_H
#define SIM_STUDY_MANIFEST_H

#include "sim/study/results.h"

#define SIM_MANIFEST_FORMAT "cpns-sim campaign"

/* The text, the caller's to g_free. */
char *sim_manifest_print(const struct sim_campaign *campaign, const struct sim_account *account);

/* Is the file at `path` such a manifest? */
bool sim_manifest_is_ours(const char *path);

#endif
