/* A model to drive studies with: customers at a counter, one after the other (Lindley's recursion). Its parameters
 * have one of each kind. */
#ifndef TESTS_STUDY_TOY_H
#define TESTS_STUDY_TOY_H

#include "sim/study/model.h"

extern const struct sim_model toy_model;

#endif
