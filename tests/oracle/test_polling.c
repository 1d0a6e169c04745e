/* The brute-force program itself, before anything is compared with it. */
#include <glib.h>

#include "models/oracle/polling.h"
#include "tests/lib/suite.h"

/* Sleeps add up to 1, 3, 8, ... ms; with 5 s there are 59 of them, and the last is cut short. */
static void test_schedule(void)
{
	static const sim_time sums[] = {1, 3, 8, 18, 33, 53, 78, 103, 128, 178, 228, 328, 428};
	sim_time slept = 0;
	unsigned tries = 0;

	for (sim_time sleep; (sleep = polling_sleep(tries, 5 * SIM_S)) >= 0; tries++) {
		slept += sleep;
		CU_ASSERT(tries >= G_N_ELEMENTS(sums) || slept == sums[tries] * SIM_MS);
	}
	CU_ASSERT_EQUAL(tries, 59);
	CU_ASSERT_EQUAL(slept, 5 * SIM_S);
	CU_ASSERT_EQUAL(polling_sleep(2, 4 * SIM_MS), SIM_MS);
	CU_ASSERT_EQUAL(polling_sleep(0, 0), -1);
}

static const struct sim_variate ten_ms = {.kind = SIM_CONSTANT, .a = 1e7};

static void test_alone(void)
{
	const struct polling p = {.writers = 1,
				  .pause = {.kind = SIM_CONSTANT, .a = 3e7},
				  .hold = ten_ms,
				  .timeout = SIM_S,
				  .end = 4 * SIM_S};
	struct polling_result r = polling_run(&p);

	CU_ASSERT_EQUAL(r.written, 99); /* the hundredth ends with the run */
	CU_ASSERT(r.busy == 0 && r.timeouts == 0 && r.mean == 0 && r.p99 == 0);
	CU_ASSERT_EQUAL(r.held, SIM_S);
}

/* Two that want the lock all the time: who has it takes it again, and the other, whose tries fall between, starves.
 */
static void test_starvation(void)
{
	const struct polling p = {.writers = 2, .hold = ten_ms, .timeout = 5 * SIM_S, .end = 5 * SIM_S + SIM_MS};
	struct polling_result r = polling_run(&p);

	CU_ASSERT_EQUAL(r.written, 500);
	CU_ASSERT_EQUAL(r.timeouts, 1);
	CU_ASSERT_EQUAL(r.busy, 61); /* a try, 59 after sleeps, and one more after it has given up */
	CU_ASSERT_EQUAL(r.mean, 0);
}

/* Open: all who come write; they wait longer than in a queue (M/D/1: rho S / 2 (1 - rho) = 5 ms), for a poller comes
 * late. */
static void test_open(void)
{
	for (uint64_t seed = 1; seed <= 3; seed++) {
		const struct polling p = {.pause = {.kind = SIM_EXPONENTIAL, .a = 2e7},
					  .hold = ten_ms,
					  .timeout = 50 * SIM_S,
					  .warmup = 10 * SIM_S,
					  .end = 1010 * SIM_S,
					  .seed = seed};
		struct polling_result r = polling_run(&p);

		CU_ASSERT_DOUBLE_EQUAL((double)r.written, 50000, 1000);
		CU_ASSERT_DOUBLE_EQUAL((double)r.held / SIM_S, 500, 10);
		CU_ASSERT_EQUAL(r.timeouts, 0);
		CU_ASSERT(r.mean > 6e6 && r.mean < 2e7);
		CU_ASSERT(r.p99 > 5 * r.mean);
	}
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"the schedule", test_schedule},
	    {"one writer", test_alone},
	    {"two writers, one of whom starves", test_starvation},
	    {"open", test_open},
	    {0},
	};

	return suite_run("polling", cases);
}
