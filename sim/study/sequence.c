#include "sim/study/sequence.h"

static void sequence_free(gpointer data)
{
	struct sim_sequence *sequence = data;

	g_array_unref(sequence->values);
	g_array_unref(sequence->times);
	g_free(sequence);
}

GPtrArray *sim_sequences_new(void)
{
	return g_ptr_array_new_with_free_func(sequence_free);
}

struct sim_sequence *sim_sequences_add(GPtrArray *sequences, struct sim_metric metric)
{
	struct sim_sequence *sequence = g_new(struct sim_sequence, 1);

	*sequence = (struct sim_sequence){.metric = metric,
					  .values = g_array_new(FALSE, FALSE, sizeof(double)),
					  .times = g_array_new(FALSE, FALSE, sizeof(sim_time))};
	g_ptr_array_add(sequences, sequence);
	return sequence;
}

void sim_sequence_append(struct sim_sequence *sequence, sim_time time, double value)
{
	g_array_append_val(sequence->values, value);
	g_array_append_val(sequence->times, time);
}
