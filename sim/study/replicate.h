/* One replication, as its scenario asks for it: with `warmup = auto` it is run twice, first as a pilot without a
 * warm-up, in which MSER-5 finds one, and then with that as its warm-up. So every window and balance is as exact as
 * with a time that somebody wrote, and no observation has to be sorted out afterwards. */
#ifndef SIM_STUDY_REPLICATE_H
#define SIM_STUDY_REPLICATE_H

#include "sim/study/model.h"

/* Runs it and fills *record, initialised; record->cuts says what MSER-5 found, and the warm-up is the latest of them.
 * False with *error if the model says so, or if the run is too short: a sequence of the pilot has some values but too
 * few for MSER-5, or its minimum lies at the half; or if there is no steady state that a warm-up could lead to. `run`
 * asks for no pilot and for no warm-up of its own (asserted).
 */
bool sim_replicate(const struct sim_model *model, const struct sim_values *values, const void *prepared,
		   const struct sim_run *run, struct sim_record *record, GError **error);

#endif
