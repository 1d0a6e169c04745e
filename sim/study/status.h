/* status.json: how far a campaign is, for whoever watches it. Replaced as a whole; what may differ between equal
 * campaigns stands in its object `provenance`. */
#ifndef SIM_STUDY_STATUS_H
#define SIM_STUDY_STATUS_H

#include "sim/study/campaign.h"
#include "sim/study/progress.h"

#define SIM_STATUS_FILE "status.json"

/* `state` as in the manifest. False with *error of G_FILE_ERROR. */
bool sim_status_write(const char *folder, const struct sim_campaign *campaign, const char *state,
		      const struct sim_progress *progress, GError **error);

#endif
