/* Replications of a deployment: side by side on one blueprint, and stopped at any time, with accounts that balance.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "models/deployment/blueprint.h"
#include "models/deployment/deployment.h"
#include "models/deployment/model.h"
#include "sim/study/scenario.h"
#include "tests/lib/suite.h"

static struct sim_scenario *scenario(const char *config, const char *const *sets)
{
	struct sim_request request = {
	    .path = SOURCE_ROOT "/tests/house/cross-build.ini", .config = config, .sets = sets};
	g_autoptr(GError) error = NULL;
	struct sim_scenario *s = sim_scenario_load(&cpns_model, &request, &error);

	if (s == NULL)
		g_error("%s", error->message);
	return s;
}

struct run {
	const struct blueprint *blueprint;
	struct sim_random random;
	struct sim_fingerprint fingerprint;
	bool fine;
};

static void *replicate(void *data)
{
	struct run *r = data;
	struct deployment *d = deployment_new(r->blueprint, &r->random, NULL);
	struct sim_record record;

	r->fine = deployment_run(d, NULL, NULL);
	sim_record_init(&record);
	deployment_record(d, &record);
	r->fingerprint = record.fingerprint;
	sim_record_clear(&record);
	deployment_free(d);
	return NULL;
}

/* Two replications on one blueprint and one memo of PBKDF2, at once and one after the other. */
static void test_side_by_side(void)
{
	struct sim_scenario *s = scenario("Storm", NULL);
	struct blueprint *b = blueprint_new(sim_scenario_values(s, 0), NULL);
	struct run at_once[2], alone[2];
	pthread_t threads[2];

	CU_ASSERT_PTR_NOT_NULL_FATAL(b);
	for (uint64_t i = 0; i < 2; i++) {
		at_once[i] = alone[i] = (struct run){.blueprint = b, .random = sim_random_of(1, i)};
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, replicate, &at_once[i]), 0);
	}
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		replicate(&alone[i]);
		CU_ASSERT_TRUE(at_once[i].fine && alone[i].fine);
		CU_ASSERT_EQUAL(memcmp(&at_once[i].fingerprint, &alone[i].fingerprint, sizeof(alone[i].fingerprint)),
				0);
	}
	CU_ASSERT_NOT_EQUAL(memcmp(&alone[0].fingerprint, &alone[1].fingerprint, sizeof(alone[0].fingerprint)), 0);
	blueprint_free(b);
	sim_scenario_free(s);
}

/* Wherever the limit cuts, every message, packet, stay and assignment is accounted for. */
static void test_cut_anywhere(void)
{
	static const char *const sets[] = {"pan.loss=10%", "wan.loss=5%", "crypto.mode=counted", NULL};
	struct sim_scenario *s = scenario("Rekeying", sets);
	struct blueprint *b = blueprint_new(sim_scenario_values(s, 0), NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(b);
	for (sim_time limit = SIM_MS; limit < 60 * SIM_S; limit = limit * 5 / 4 + 17 * SIM_US) {
		const struct sim_random random = sim_random_of(3, (uint64_t)limit);
		g_autoptr(GError) error = NULL;

		b->limit = limit;
		struct deployment *d = deployment_new(b, &random, &error);
		bool fine = deployment_run(d, NULL, &error);

		if (!fine)
			printf("\n    limit %" G_GINT64_FORMAT ": %s", limit, error->message);
		CU_ASSERT_TRUE(fine);
		deployment_free(d);
	}
	blueprint_free(b);
	sim_scenario_free(s);
}

/* Devices that are re-keyed again and again over lossy links: what comes late of one assignment must not leave the
 * next one open for ever. After the last arrival everything ends within the longest chain of timers. */
static void test_nothing_is_stuck(void)
{
	static const char *const sets[] = {"pan.loss=10%", "wan.loss=5%", "crypto.mode=counted",
					   "server.service=profile", NULL};
	struct sim_scenario *s = scenario("Rekeying", sets);
	struct blueprint *b = blueprint_new(sim_scenario_values(s, 0), NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(b);
	b->limit = 900 * SIM_S;
	for (uint64_t replication = 0; replication < 20; replication++) {
		const struct sim_random random = sim_random_of(4, replication);
		struct deployment *d = deployment_new(b, &random, NULL);
		g_autoptr(GError) error = NULL;

		CU_ASSERT_TRUE(deployment_run(d, NULL, &error));
		struct deployment_result r = deployment_result(d);

		for (guint i = 0; i < r.ledger->assignments->len; i++) {
			const struct assignment *a = ledger_at(r.ledger, i);
			bool old = a->arrival < b->limit - 120 * SIM_S;

			if (old && !a->over)
				printf("\n    replication %d: assignment %u is stuck", (int)replication, i);
			CU_ASSERT_FALSE(old && !a->over);
		}
		deployment_free(d);
	}
	blueprint_free(b);
	sim_scenario_free(s);
}

/* Think time k of device d in `thinks`, by d and k; -1: it never came to that. */
static void collect_thinks(const struct ledger *ledger, sim_time *thinks, guint most)
{
	g_autofree sim_time *ended = g_new0(sim_time, ledger->assignments->len + 1); /* by device: at most as many */

	for (guint i = 0; i < ledger->assignments->len; i++) {
		const struct assignment *a = ledger_at(ledger, i);

		CU_ASSERT_FATAL(a->device < ledger->assignments->len);
		CU_ASSERT_TRUE(ended[a->device] != SIM_NEVER); /* the one before is over */
		if (a->ordinal < most)
			thinks[a->device * most + a->ordinal] = a->arrival - ended[a->device];
		ended[a->device] = a->state == ASSIGNMENT_OPEN ? SIM_NEVER : a->ended;
	}
}

/* A closed workload: no device asks while it is being served, and what it thinks the k-th time is the same, however
 * long its assignments take and whoever fails. */
static void test_think_times(void)
{
	enum { DEVICES = 120, MOST = 8 };
	static const char *const quick[] = {"crypto.mode=counted", "wan.loss=0%", NULL}, *const slow[] = {
											     "crypto.mode=counted",
											     "wan.loss=40%",
											     "wan.latency=700ms",
											     NULL};
	const char *const *sets[] = {quick, slow};
	const struct sim_random random = sim_random_of(6, 0);
	sim_time thinks[2][DEVICES * MOST];
	guint compared = 0, different = 0, repeated = 0;

	for (guint i = 0; i < G_N_ELEMENTS(sets); i++) {
		struct sim_scenario *s = scenario("Closed", sets[i]);
		struct blueprint *b = blueprint_new(sim_scenario_values(s, 0), NULL);
		struct deployment *d = deployment_new(b, &random, NULL);

		memset(thinks[i], -1, sizeof(thinks[i]));
		CU_ASSERT_TRUE(deployment_run(d, NULL, NULL));
		collect_thinks(deployment_result(d).ledger, thinks[i], MOST);
		deployment_free(d);
		blueprint_free(b);
		sim_scenario_free(s);
	}
	for (guint k = 0; k < DEVICES * MOST; k++)
		if (thinks[0][k] >= 0 && thinks[1][k] >= 0) {
			compared++;
			different += thinks[0][k] != thinks[1][k] || thinks[0][k] < 1;
			repeated += k > 0 && thinks[0][k] == thinks[0][k - 1];
		}
	CU_ASSERT_TRUE(compared > 100);
	CU_ASSERT_EQUAL(different, 0);
	CU_ASSERT_EQUAL(repeated, 0);
}

/* Told to stop before it begins, a run ends as interrupted, and balances too. */
static void test_stopped(void)
{
	const volatile int stop = 1;
	const struct sim_random random = sim_random_of(1, 0);
	struct sim_scenario *s = scenario("Storm", NULL);
	struct blueprint *b = blueprint_new(sim_scenario_values(s, 0), NULL);
	struct deployment *d = deployment_new(b, &random, NULL);
	struct sim_record record;

	CU_ASSERT_TRUE(deployment_run(d, &stop, NULL));
	sim_record_init(&record);
	deployment_record(d, &record);
	CU_ASSERT_STRING_EQUAL(record.ended, "interrupted");
	sim_record_clear(&record);
	deployment_free(d);
	blueprint_free(b);
	sim_scenario_free(s);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"two at once on one blueprint", test_side_by_side},
	    {"cut off anywhere", test_cut_anywhere},
	    {"nothing is stuck", test_nothing_is_stuck},
	    {"think times", test_think_times},
	    {"stopped", test_stopped},
	    {NULL, NULL},
	};

	return suite_run("runs", cases);
}
