/* Sequences of observations in a run, in order of time: what a pilot hands over, for the warm-up to be seen in. */
#ifndef SIM_STUDY_SEQUENCE_H
#define SIM_STUDY_SEQUENCE_H

#include "sim/study/record.h"

struct sim_sequence {
	struct sim_metric metric; /* its strings are not copied: literals */
	GArray *values;           /* of double */
	GArray *times; /* of sim_time, by value, ascending: a window that begins there has it as its first */
};

/* An empty list of them; g_ptr_array_unref. */
GPtrArray *sim_sequences_new(void);

/* A new one in the list, without values. */
struct sim_sequence *sim_sequences_add(GPtrArray *sequences, struct sim_metric metric);

void sim_sequence_append(struct sim_sequence *sequence, sim_time time, double value);

#endif
