#include "sim/study/replicate.h"

#include <string.h>

#include "sim/study/mser5.h"

#define REMEDY "write a longer sim-time-limit, or a warm-up of your own"

/* Adds the cut of one sequence; false if it has not settled. */
static bool cut(const struct sim_sequence *sequence, GArray *cuts, GError **error)
{
	const struct sim_metric *m = &sequence->metric;
	guint n = sequence->values->len;
	struct sim_cut found = {m->module, m->flow, m->name, n, 0, 0};

	switch (sim_mser5((const double *)(const void *)sequence->values->data, n, &found.cut)) {
	case SIM_MSER5_OK:
		if (found.cut > 0)
			found.time = g_array_index(sequence->times, sim_time, found.cut);
		g_array_append_val(cuts, found);
		return true;
	case SIM_MSER5_TOO_FEW:
		if (n == 0) /* it does not happen in this scenario */
			return true;
		g_set_error(error, SIM_SCENARIO_ERROR, 0,
			    "warmup = auto: %u observations of %s are too few to find a warm-up in, at least %d are "
			    "needed: " REMEDY,
			    n, m->name, SIM_MSER5_LEAST);
		return false;
	case SIM_MSER5_TOO_SHORT:
		g_set_error(
		    error, SIM_SCENARIO_ERROR, 0,
		    "warmup = auto: %s has not settled within the first half of the run, which is too short: " REMEDY,
		    m->name);
		return false;
	}
	g_assert_not_reached();
}

static bool pilot(const struct sim_model *model, const void *prepared, const struct sim_run *run,
		  struct sim_record *record, GError **error)
{
	const sim_time none = 0;
	g_autoptr(GPtrArray) sequences = sim_sequences_new();
	struct sim_run first = *run;
	struct sim_record ignored;

	first.warmup = &none;
	first.pilot = sequences;
	sim_record_init(&ignored);
	bool fine = model->run(prepared, &first, &ignored, error);

	record->ended = ignored.ended;
	record->unsteady = ignored.unsteady;
	sim_record_clear(&ignored);
	if (fine && record->unsteady != NULL) {
		g_set_error(error, SIM_SCENARIO_ERROR, 0, "warmup = auto: %s", record->unsteady);
		return false;
	}
	for (guint i = 0; fine && i < sequences->len; i++)
		fine = strcmp(record->ended, "interrupted") == 0 ||
		       cut(g_ptr_array_index(sequences, i), record->cuts, error);
	return fine;
}

bool sim_replicate(const struct sim_model *model, const struct sim_values *values, const void *prepared,
		   const struct sim_run *run, struct sim_record *record, GError **error)
{
	struct sim_run second = *run;
	sim_time warmup = 0;

	g_assert(run->warmup == NULL && run->pilot == NULL);
	if (!sim_value_is(values, "warmup", "auto"))
		return model->run(prepared, run, record, error);
	if (!pilot(model, prepared, run, record, error))
		return false;
	if (strcmp(record->ended, "interrupted") == 0)
		return true;
	for (guint i = 0; i < record->cuts->len; i++)
		warmup = MAX(warmup, g_array_index(record->cuts, struct sim_cut, i).time);
	second.warmup = &warmup;
	return model->run(prepared, &second, record, error);
}
