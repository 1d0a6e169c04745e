#include "tests/deployment/run_of.h"

#include "models/deployment/model.h"
#include "sim/study/replicate.h"
#include "sim/study/scenario.h"
#include "tests/lib/suite.h"

char *run_of(const char *config, const char *text, const char *const *sets, struct sim_record *record)
{
	struct sim_request request = {
	    .path = SOURCE_ROOT "/tests/house/cross-build.ini", .config = config, .text = text, .sets = sets};
	g_autoptr(GError) error = NULL;
	struct sim_scenario *s = sim_scenario_load(&cpns_model, &request, &error);

	if (s == NULL)
		g_error("%s", error->message);
	const struct sim_values *values = sim_scenario_values(s, 0);
	void *prepared = cpns_model.prepare(values, &error);
	static const volatile int stop;
	const struct sim_run run = {.random = sim_random_of(1, 0), .stop = &stop};

	if (prepared == NULL)
		g_error("%s", error->message);
	sim_record_init(record);
	bool fine = sim_replicate(&cpns_model, values, prepared, &run, record, &error);

	CU_ASSERT_EQUAL(fine, error == NULL);
	for (guint i = 0; i < record->rows->len; i++) {
		struct sim_row *row = &g_array_index(record->rows, struct sim_row, i);

		row->module = g_intern_string(row->module);
	}
	cpns_model.release(prepared);
	sim_scenario_free(s);
	return error != NULL ? g_strdup(error->message) : NULL;
}
