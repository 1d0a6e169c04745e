#include "models/network/burst.h"

#include <math.h>

#include "tests/lib/suite.h"

static struct sim_random run;

#define STEP (3 * SIM_MS)

static struct sim_address hop(uint64_t entity)
{
	return (struct sim_address){.entity = entity, .purpose = 12};
}

/* What a long look at a chain shows. */
struct trace {
	uint64_t steps, bad, bursts;
};

/* Asks `every`-th step of a chain. */
static struct trace watch(const struct burst *burst, const struct sim_address *own, uint64_t steps, uint64_t every)
{
	struct trace trace = {.steps = steps};
	uint64_t length = 0;

	for (uint64_t i = 0; i < steps; i++) {
		bool bad = burst_bad(burst, &run, own, (sim_time)(i * every) * burst->step);

		length = bad ? length + 1 : 0;
		trace.bad += bad;
		trace.bursts += length == 1;
	}
	return trace;
}

static bool within(double value, double wanted, double share)
{
	return fabs(value - wanted) <= share * wanted;
}

/* Mean loss and mean length of a burst are what was asked, within 2 %: long bursts and short ones, also those shorter
 * than chance would have them (1 / (1 - L)), at the edge where bad and good take turns, and where each step is drawn
 * anew. */
static void test_loss_and_length(void)
{
	static const struct {
		double loss, mean;
	} cases[] = {
	    {0.1, 3}, {0.05, 3}, {0.3, 8}, {0.9, 12}, {0.3, 1.2}, {0.5, 2}, {0.75, 3},
	};

	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct burst burst = burst_of(cases[c].loss, cases[c].mean, STEP);
		struct sim_address own = hop(c);
		struct trace t = watch(&burst, &own, 1000000, 1);

		CU_ASSERT_TRUE(burst_possible(cases[c].loss, cases[c].mean));
		CU_ASSERT(within((double)t.bad / (double)t.steps, cases[c].loss, 0.02));
		CU_ASSERT(within((double)t.bad / (double)t.bursts, cases[c].mean, 0.02));
	}
}

/* Lengths of bursts are geometric: how many last at least n steps falls by the same factor with each step. */
static void test_geometric(void)
{
	static const struct {
		double loss, mean;
	} cases[] = {{0.1, 4}, {0.5, 1.25}};

	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct burst burst = burst_of(cases[c].loss, cases[c].mean, STEP);
		struct sim_address own = hop(100 + c);
		uint64_t at_least[12] = {0}, length = 0;

		for (sim_time i = 0; i < 500000; i++) {
			length = burst_bad(&burst, &run, &own, i * STEP) ? length + 1 : 0;
			if (length > 0 && length <= 11)
				at_least[length]++;
		}
		for (int n = 1; n < 11 && at_least[n + 1] > 100; n++) {
			double expected = (double)at_least[n] * (1 - 1 / cases[c].mean), p = 1 / cases[c].mean;
			double deviation = sqrt((double)at_least[n] * p * (1 - p));

			CU_ASSERT(fabs((double)at_least[n + 1] - expected) < 4 * deviation);
		}
	}
}

/* What a state says of the one n steps later: (1 - p - r)^n, also across many blocks. */
static void test_memory(void)
{
	struct burst burst = burst_of(0.5, 16, STEP);
	struct sim_address own = hop(1);
	const uint64_t n = 200000;

	for (uint64_t lag = 1; lag <= 64; lag *= 4) {
		uint64_t alike = 0;

		for (uint64_t i = 0; i < n; i++)
			alike += burst_bad(&burst, &run, &own, (sim_time)i * STEP) ==
				 burst_bad(&burst, &run, &own, (sim_time)(i + lag) * STEP);
		double correlation = 2 * (double)alike / (double)n - 1;

		CU_ASSERT_DOUBLE_EQUAL(correlation, pow(1 - 2. / 16, (double)lag), 0.03);
	}
}

/* A run can begin in a burst: many hops at time 0, and soon after. */
static void test_start(void)
{
	static const double losses[] = {0.2, 0.55};
	const uint64_t n = 20000;

	for (int c = 0; c < 2; c++) {
		struct burst burst = burst_of(losses[c], c == 0 ? 10 : 1.3, STEP);

		for (sim_time step = 0; step < 4; step++) {
			uint64_t bad = 0;

			for (uint64_t i = 0; i < n; i++) {
				struct sim_address own = hop(i);

				bad += burst_bad(&burst, &run, &own, step * STEP);
			}
			CU_ASSERT_DOUBLE_EQUAL((double)bad / (double)n, losses[c], 4 * sqrt(0.25 / (double)n));
		}
	}
}

/* The state at a time is the same whoever asks, in whatever order, and all through a step. */
static void test_who_asks(void)
{
	struct burst burst = burst_of(0.3, 5, STEP);
	struct sim_address own = hop(1), other = hop(1);
	bool forwards[1000];
	uint64_t equal = 0;

	other.item = 12345;
	for (int i = 0; i < 1000; i++)
		forwards[i] = burst_bad(&burst, &run, &own, i * STEP);
	for (int i = 999; i >= 0; i--) {
		CU_ASSERT_EQUAL(burst_bad(&burst, &run, &other, i * STEP + STEP - 1), forwards[i]);
		equal += burst_bad(&burst, &run, &(struct sim_address){.entity = 2, .purpose = 12}, i * STEP) ==
			 forwards[i];
	}
	CU_ASSERT(equal > 400 && equal < 800); /* another hop has other bursts: 0.58 are alike by chance */
}

/* After a year without traffic, with steps of a millisecond: as quick as at once, and in the same share. */
static void test_long_idle(void)
{
	const sim_time year = 365 * 86400 * SIM_S;
	struct burst burst = burst_of(0.1, 3, SIM_MS);
	struct sim_address own = hop(3);
	uint64_t bad = 0;

	for (int i = 0; i < 50000; i++)
		bad += burst_bad(&burst, &run, &own, year + i * (year / 50000));
	CU_ASSERT_DOUBLE_EQUAL((double)bad / 50000, 0.1, 4 * sqrt(0.09 / 50000));
	CU_ASSERT_EQUAL(burst_bad(&burst, &run, &own, SIM_HORIZON), burst_bad(&burst, &run, &own, SIM_HORIZON));
}

/* Sparse traffic meets bursts of a length in time: steps far apart are lost independently. */
static void test_sparse(void)
{
	struct burst burst = burst_of(0.2, 10, STEP);
	struct sim_address own = hop(4);
	struct trace t = watch(&burst, &own, 200000, 200);

	CU_ASSERT(within((double)t.bad / (double)t.steps, 0.2, 0.02));
	CU_ASSERT(within((double)t.bad / (double)t.bursts, 1.25, 0.02));
}

/* Bursts of extreme length and shares: no crash, no endless loop. */
static void test_extremes(void)
{
	static const struct {
		double loss, mean;
	} cases[] = {{1e-300, 3}, {1e-6, 1e9}, {0.999999, 1e9}, {0.5, 1 + 1e-15}, {0.5, 1.000001}, {1e-9, 1 + 1e-15}};

	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct burst burst = burst_of(cases[c].loss, cases[c].mean, 1);
		struct sim_address own = hop(c);
		uint64_t bad = 0;

		for (int i = 0; i < 1000; i++)
			bad += burst_bad(&burst, &run, &own, i * (SIM_HORIZON / 1000));
		CU_ASSERT(cases[c].loss > 0.1 || bad < 5);
		CU_ASSERT(cases[c].loss < 0.9 || bad > 995);
	}
}

static void test_possible(void)
{
	static const struct {
		double loss, mean;
		bool possible, bursts;
	} cases[] = {
	    {0, 5, true, false},      {1, 5, true, false},    {0.9, 1, true, false},
	    {0.5, 1, true, false},    {0.9, 5, false, false}, {0.8, 4, true, true},
	    {0.801, 4, false, false}, {0.5, 1.5, true, true}, {0.601, 1.5, false, false},
	};

	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		CU_ASSERT_EQUAL(burst_possible(cases[c].loss, cases[c].mean), cases[c].possible);
		if (cases[c].possible)
			CU_ASSERT_EQUAL(burst_of(cases[c].loss, cases[c].mean, STEP).step,
					cases[c].bursts ? STEP : 0);
	}
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"mean loss and mean length of a burst", test_loss_and_length},
	    {"lengths are geometric", test_geometric},
	    {"how long it remembers", test_memory},
	    {"the start of a run", test_start},
	    {"who asks, and when, changes nothing", test_who_asks},
	    {"after a long time idle", test_long_idle},
	    {"sparse traffic", test_sparse},
	    {"extremes", test_extremes},
	    {"which loss can come in which bursts", test_possible},
	    {0},
	};

	run = sim_random_of(7, 3);
	return suite_run("burst", cases);
}
