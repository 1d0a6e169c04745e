/* The self-test's rows: do they notice what they are there for? */
#include <string.h>

#include "models/crypto/crypto.h"
#include "models/deployment/model.h"
#include "models/oracle/coverage.h"
#include "models/oracle/known_answers.h"
#include "models/oracle/oracle.h"
#include "sim/study/campaign.h"
#include "sim/study/summary.h"
#include "tests/lib/suite.h"

static enum oracle_verdict judge(double low, double high, size_t values, double expected)
{
	const struct sim_estimate e = {
	    .mean = (low + high) / 2, .low = low, .high = high, .n = values, .interval = values > 1};

	return oracle_judge(&e, expected, 36);
}

static void test_judge(void)
{
	CU_ASSERT_EQUAL(judge(9, 11, 10, 10), ORACLE_OK);
	CU_ASSERT_EQUAL(judge(9, 11, 10, 9), ORACLE_OK);
	CU_ASSERT_EQUAL(judge(9, 11, 10, 11), ORACLE_OK);
	CU_ASSERT_EQUAL(judge(9, 11, 10, 11.01), ORACLE_MISSED);
	/* t of 9 degrees is 2.262 at 95 %, 7.775 at 1 - 0.001 / 36 */
	CU_ASSERT_EQUAL(judge(9, 11, 10, 13.4), ORACLE_MISSED);
	CU_ASSERT_EQUAL(judge(9, 11, 10, 13.5), ORACLE_WRONG);
	CU_ASSERT_EQUAL(judge(9, 11, 10, 6.5), ORACLE_WRONG);
	CU_ASSERT_EQUAL(judge(10, 10, 10, 10), ORACLE_OK);
	CU_ASSERT_EQUAL(judge(10, 10, 10, 10.01), ORACLE_WRONG);
	CU_ASSERT_EQUAL(judge(10, 10, 1, 10.01), ORACLE_WRONG);
	CU_ASSERT_EQUAL(oracle_misses_allowed(36, 1), 7);
	CU_ASSERT(oracle_misses_allowed(36, 5) > 7);
}

static void test_known_answers(void)
{
	struct cpns_crypto *const bodies[] = {cpns_crypto_openssl_new(), cpns_crypto_counted_new()};

	for (int counted = 0; counted < 2; counted++) {
		g_autoptr(GArray) answers = oracle_known_answers(bodies[counted]);

		CU_ASSERT_EQUAL(answers->len, 24);
		for (guint i = 0; i < answers->len; i++) {
			const struct oracle_answer *a = &g_array_index(answers, struct oracle_answer, i);

			CU_ASSERT_EQUAL(strlen(a->found), strlen(a->expected));
			CU_ASSERT_EQUAL(strcmp(a->found, a->expected) == 0, counted == 0);
		}
		cpns_crypto_free(bodies[counted]);
	}
}

static void test_coverage(void)
{
	g_autoptr(GArray) rows = oracle_coverages(1, &oracle_coverage_quick);
	g_autoptr(GArray) others = oracle_coverages(2, &oracle_coverage_quick);
	guint different = 0;

	for (guint i = 0; i < rows->len; i++) {
		const struct oracle_coverage *c = &g_array_index(rows, struct oracle_coverage, i);

		CU_ASSERT(c->covered >= c->least && c->covered <= c->most);
		CU_ASSERT(c->expected >= 0.92 && c->expected < 1);
		CU_ASSERT((double)c->least < c->expected * (double)c->intervals);
		CU_ASSERT((double)c->least > (c->expected - 0.08) * (double)c->intervals);
		different += g_array_index(others, struct oracle_coverage, i).covered != c->covered;
		if (strcmp(c->name, "median of 10 exponential values") == 0) /* what its ranks give */
			CU_ASSERT_DOUBLE_EQUAL(c->expected, 0.978516, 1e-6);
	}
	CU_ASSERT(different > rows->len / 2);
}

static void test_cases(void)
{
	g_autoptr(GPtrArray) quick = oracle_cases(&oracle_quick), full = oracle_cases(&oracle_full);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	CU_ASSERT(quick->len < full->len);
	for (guint i = 0; i < full->len; i++) {
		const struct oracle_case *c = g_ptr_array_index(full, i);

		CU_ASSERT_TRUE(g_hash_table_add(seen, c->name));
		CU_ASSERT_TRUE(g_hash_table_add(seen, strstr(c->scenario->str, "seed = ")));
		for (guint k = 0; k < c->checks->len; k++)
			CU_ASSERT(g_array_index(c->checks, struct oracle_check, k).expected > 0);
		CU_ASSERT(c->checks->len > 0);
	}
}

static bool no_tick(void *context, const struct sim_job *job)
{
	(void)context;
	(void)job;
	return true;
}

/* Runs a case, with `right` in its scenario replaced by `wrong`; how many of its checks end so. */
static guint count_verdicts(const struct oracle_case *c, const char *right, const char *wrong,
			    enum oracle_verdict verdict)
{
	static const volatile int stop;
	g_auto(GStrv) parts = g_strsplit(c->scenario->str, right, -1);
	g_autofree char *text = g_strjoinv(wrong, parts);
	struct sim_request request = {.path = c->name, .text = text};
	g_autoptr(GError) error = NULL;
	struct sim_scenario *scenario = sim_scenario_load(&cpns_model, &request, &error);
	guint n = 0;

	if (scenario == NULL)
		g_error("%s", error->message);
	CU_ASSERT_EQUAL(g_strv_length(parts), 2);
	struct sim_campaign *campaign = sim_campaign_new(&cpns_model);

	CU_ASSERT(sim_campaign_add(campaign, scenario, NULL, 0, NULL));

	sim_campaign_run(campaign, 1, &stop, no_tick, NULL);
	g_autoptr(GArray) summary = sim_summarise(campaign);

	for (guint i = 0; i < c->checks->len; i++) {
		const struct oracle_check *check = &g_array_index(c->checks, struct oracle_check, i);
		const struct sim_metric metric = {"all", "all", check->metric};
		const struct sim_summary_row *row = sim_summary_find(summary, 0, &metric, check->statistic);

		CU_ASSERT_PTR_NOT_NULL_FATAL(row);
		const struct sim_estimate e = oracle_measured(check, &row->estimate);

		n += oracle_judge(&e, check->expected, 36) == verdict;
	}
	sim_campaign_free(campaign);
	sim_scenario_free(scenario);
	return n;
}

static const struct oracle_case *find(const GPtrArray *cases, const char *name)
{
	for (guint i = 0; i < cases->len; i++)
		if (strcmp(((const struct oracle_case *)g_ptr_array_index(cases, i))->name, name) == 0)
			return g_ptr_array_index(cases, i);
	g_error("no case is called %s", name);
}

/* One that is right; a service 10 % too long, a worker too many, another distribution of the same mean, a client too
 * many. */
static void test_notices(void)
{
	struct oracle_extent extent = oracle_quick;

	extent.replications = 10;
	extent.customers = 10000;
	g_autoptr(GPtrArray) cases = oracle_cases(&extent);
	const struct oracle_case *two = find(cases, "M/M/2 at 0.7"), *constant = find(cases, "M/D/1 at 0.7"),
				 *closed = find(cases, "M/M/1//8");

	CU_ASSERT_EQUAL(count_verdicts(two, "workers = 2", "workers = 2", ORACLE_WRONG), 0);
	CU_ASSERT(count_verdicts(two, "exponential(1s)", "exponential(1.1s)", ORACLE_WRONG) >= 2);
	CU_ASSERT_EQUAL(count_verdicts(two, "workers = 2", "workers = 3", ORACLE_WRONG), 4);
	CU_ASSERT_EQUAL(count_verdicts(constant, "server.service = 1s", "server.service = 1s", ORACLE_WRONG), 0);
	CU_ASSERT_EQUAL(
	    count_verdicts(constant, "server.service = 1s", "server.service = uniform(0s,2s)", ORACLE_WRONG), 1);
	CU_ASSERT_EQUAL(count_verdicts(closed, "gateways = 8", "gateways = 9", ORACLE_WRONG), 1);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"verdicts", test_judge},  {"known answers", test_known_answers},      {"coverage", test_coverage},
	    {"the cases", test_cases}, {"what is wrong is noticed", test_notices}, {0},
	};

	return suite_run("oracle", cases);
}
