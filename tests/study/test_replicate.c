/* `warmup = auto`: a pilot, and the same run again with the warm-up found in it. */
#include <glib.h>
#include <string.h>

#include "sim/study/replicate.h"
#include "sim/study/scenario.h"
#include "tests/lib/suite.h"

static const struct sim_param no_params[] = {{.name = "unused", .type = SIM_TEXT, .fallback = "x", .help = "unused"}};

/* What the model is to hand over, and what it saw. */
static struct {
	guint fast, slow; /* how many observations of the two metrics, one a second */
	guint settled;    /* after so many, the slow one has settled */
	const char *unsteady;
	const char *ended; /* the pilot */
	guint pilots, runs;
	sim_time warmup; /* of the last run; -1: what the values say */
} world;

static void *prepare(const struct sim_values *values, GError **error)
{
	(void)error;
	return (void *)(uintptr_t)values;
}

static void release(void *prepared)
{
	(void)prepared;
}

static bool run_model(const void *prepared, const struct sim_run *run, struct sim_record *record, GError **error)
{
	(void)prepared;
	(void)error;
	record->ended = run->pilot != NULL ? world.ended : "done";
	record->unsteady = world.unsteady;
	world.pilots += run->pilot != NULL;
	world.runs += run->pilot == NULL;
	world.warmup = run->warmup != NULL ? *run->warmup : -1;
	if (run->pilot == NULL)
		return true;
	struct sim_sequence *fast = sim_sequences_add(run->pilot, (struct sim_metric){"all", "all", "fast"});
	struct sim_sequence *slow = sim_sequences_add(run->pilot, (struct sim_metric){"all", "all", "slow"});

	sim_sequences_add(run->pilot, (struct sim_metric){"all", "all", "never"});
	for (guint i = 0; i < world.fast; i++)
		sim_sequence_append(fast, i * SIM_S, i < 10 ? 0 : 5 + i % 2);
	for (guint i = 0; i < world.slow; i++)
		sim_sequence_append(slow, i * SIM_S, i < world.settled ? 0 : 5 + i % 2);
	return true;
}

static const struct sim_model model = {
    .name = "steps", .params = no_params, .n_params = 1, .prepare = prepare, .release = release, .run = run_model};

/* Replicates; the error's text, or NULL. */
static char *replicate(const char *warmup, struct sim_record *record)
{
	g_autofree char *text = g_strdup_printf("[General]\nstudy = steady-state\nwarmup = %s\n", warmup);
	struct sim_request request = {.path = "steps.ini", .text = text};
	struct sim_scenario *s = sim_scenario_load(&model, &request, NULL);
	const struct sim_run run = {.random = sim_random_of(1, 0)};
	g_autoptr(GError) error = NULL;

	g_assert(s != NULL);
	sim_record_init(record);
	world.pilots = world.runs = 0;
	bool fine = sim_replicate(&model, sim_scenario_values(s, 0), "", &run, record, &error);

	CU_ASSERT_EQUAL(fine, error == NULL);
	sim_scenario_free(s);
	return error != NULL ? g_strdup(error->message) : NULL;
}

static void test_given(void)
{
	static const char *const warmups[] = {"none", "5s"};
	struct sim_record record;

	for (size_t i = 0; i < G_N_ELEMENTS(warmups); i++) {
		CU_ASSERT_PTR_NULL(replicate(warmups[i], &record));
		CU_ASSERT(world.pilots == 0 && world.runs == 1 && world.warmup == -1 && record.cuts->len == 0);
		sim_record_clear(&record);
	}
}

static void test_auto(void)
{
	struct sim_record record;

	world.fast = 500;
	world.slow = 300;
	world.settled = 60;
	world.ended = "limit";
	CU_ASSERT_PTR_NULL(replicate("auto", &record));
	CU_ASSERT(world.pilots == 1 && world.runs == 1 && world.warmup == 60 * SIM_S); /* the latest */
	CU_ASSERT_STRING_EQUAL(record.ended, "done");
	CU_ASSERT_EQUAL_FATAL(record.cuts->len, 2); /* of what happens at all */
	const struct sim_cut *fast = &g_array_index(record.cuts, struct sim_cut, 0);
	const struct sim_cut *slow = &g_array_index(record.cuts, struct sim_cut, 1);

	CU_ASSERT(strcmp(fast->metric, "fast") == 0 && fast->values == 500 && fast->cut == 10);
	CU_ASSERT(fast->time == 10 * SIM_S);
	CU_ASSERT(strcmp(slow->metric, "slow") == 0 && slow->values == 300 && slow->cut == 60);
	sim_record_clear(&record);
}

static void test_too_short(void)
{
	static const struct {
		guint fast, slow, settled;
		const char *reason;
	} rows[] = {
	    {500, 185, 100, "slow has not settled within the first half of the run"},
	    {49, 300, 60, "49 observations of fast are too few"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct sim_record record;

		world.fast = rows[i].fast;
		world.slow = rows[i].slow;
		world.settled = rows[i].settled;
		g_autofree char *reason = replicate("auto", &record);

		CU_ASSERT_PTR_NOT_NULL_FATAL(reason);
		CU_ASSERT_PTR_NOT_NULL(strstr(reason, rows[i].reason));
		CU_ASSERT_PTR_NOT_NULL(strstr(reason, "write a longer sim-time-limit"));
		CU_ASSERT_EQUAL(world.runs, 0);
		sim_record_clear(&record);
	}
}

static void test_unsteady(void)
{
	struct sim_record record;

	world.fast = world.slow = 300;
	world.settled = 60;
	world.unsteady = "It grows.";
	g_autofree char *reason = replicate("auto", &record);

	CU_ASSERT_STRING_EQUAL(reason, "warmup = auto: It grows.");
	CU_ASSERT(world.pilots == 1 && world.runs == 0);
	sim_record_clear(&record);
	CU_ASSERT_PTR_NULL(replicate("5s", &record)); /* who gives a time is told, and may go on */
	CU_ASSERT_STRING_EQUAL(record.unsteady, "It grows.");
	world.unsteady = NULL;
	sim_record_clear(&record);
}

static void test_interrupted(void)
{
	struct sim_record record;

	world.fast = 3;
	world.ended = "interrupted";
	CU_ASSERT_PTR_NULL(replicate("auto", &record));
	CU_ASSERT_STRING_EQUAL(record.ended, "interrupted");
	CU_ASSERT(world.pilots == 1 && world.runs == 0);
	sim_record_clear(&record);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"a warm-up that is given", test_given},     {"the latest of all cuts", test_auto},
	    {"runs that are too short", test_too_short}, {"no steady state", test_unsteady},
	    {"stopped in the pilot", test_interrupted},  {NULL, NULL},
	};

	return suite_run("replicate", cases);
}
