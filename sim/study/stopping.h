/* Sequential stopping of a campaign whose scenario asks for a `precision`: looks at the cells when their runs have
 * ended, and asks for more where it is not reached. What it decides depends on the runs' values alone: a campaign
 * that was interrupted and resumed takes the same looks. */
#ifndef SIM_STUDY_STOPPING_H
#define SIM_STUDY_STOPPING_H

#include "sim/study/campaign.h"
#include "sim/study/summary.h"

struct sim_stopping;

/* Of the campaign's cells that have all `repeat` replications (those of which -r left some out keep what they have).
 * `together`: cells of iterations of the same name, which must ask for the same, go on until all of them have reached
 * it, so that each replication of one has its pair. NULL if no precision is asked. */
struct sim_stopping *sim_stopping_new(struct sim_campaign *campaign, bool together);
void sim_stopping_free(struct sim_stopping *stopping);

/* Gives cells that need more runs as many as the next look wants; false when none does. False with *error of
 * SIM_SCENARIO_ERROR if what is asked for is in no result. */
bool sim_stopping_extend(struct sim_stopping *stopping, GError **error);

/* How many cells have not reached it in the end; their targets' rows of the summary get the verdict "precision not
 * reached". */
guint sim_stopping_mark(const struct sim_stopping *stopping, GArray *summary);

#endif
