/* Replications that are one and the same run, told by their fingerprints. */
#ifndef SIM_STUDY_TWINS_H
#define SIM_STUDY_TWINS_H

#include "sim/study/campaign.h"

/* Adds to `warnings` (of char *) which replications of a cell are one and the same. */
void sim_twins_find(const struct sim_campaign *campaign, GPtrArray *warnings);

/* Have all finished replications of the cell (two or more) the same fingerprint? */
bool sim_cell_is_deterministic(const struct sim_cell *cell);

#endif
