#include "sim/kernel/occupancy.h"

#include "tests/lib/suite.h"

/* One enters at 10 and leaves at 30, another is inside from 20 to 50. */
static struct sim_occupancy *two_stays(sim_time begin)
{
	struct sim_occupancy *o = sim_occupancy_new(begin);

	sim_occupancy_set(o, 10, 1);
	sim_occupancy_set(o, 20, 2);
	sim_occupancy_set(o, 30, 1);
	sim_occupancy_stay(o, 10, 30);
	sim_occupancy_set(o, 50, 0);
	sim_occupancy_stay(o, 20, 50);
	return o;
}

static void check(const struct sim_occupancy *o, uint64_t integral, uint64_t max)
{
	CU_ASSERT_EQUAL((uint64_t)sim_occupancy_integral(o), integral);
	CU_ASSERT_EQUAL((uint64_t)sim_occupancy_stays(o), integral);
	CU_ASSERT_EQUAL(sim_occupancy_max(o), max);
}

static void test_whole(void)
{
	struct sim_occupancy *o = two_stays(0);

	sim_occupancy_extend(o, 60);
	check(o, 20 + 30, 2);
	sim_occupancy_free(o);
}

/* From time 0, whatever the window. */
static void test_until(void)
{
	for (sim_time begin = 0; begin <= 40; begin += 40) {
		struct sim_occupancy *o = sim_occupancy_new(begin);

		CU_ASSERT_EQUAL((uint64_t)sim_occupancy_until(o, 5), 0);
		sim_occupancy_set(o, 10, 1);
		sim_occupancy_set(o, 20, 2);
		CU_ASSERT_EQUAL((uint64_t)sim_occupancy_until(o, 20), 10);
		CU_ASSERT_EQUAL((uint64_t)sim_occupancy_until(o, 25), 20);
		sim_occupancy_extend(o, 25);
		sim_occupancy_set(o, 50, 0);
		CU_ASSERT_EQUAL((uint64_t)sim_occupancy_until(o, 50), 70);
		CU_ASSERT_EQUAL((uint64_t)sim_occupancy_until(o, 99), 70);
		sim_occupancy_free(o);
	}
}

/* Window ends that cut a stay, fall on a change, or move on little by little, give what one end alone gives. */
static void test_ends(void)
{
	static const struct {
		sim_time end;
		uint64_t integral, max;
	} cases[] = {{0, 0, 0},   {10, 0, 0},  {15, 5, 1},  {20, 10, 1},
		     {25, 20, 2}, {30, 30, 2}, {45, 45, 2}, {50, 50, 2}};
	struct sim_occupancy *moving = two_stays(0);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sim_occupancy *once = two_stays(0);

		sim_occupancy_extend(once, cases[i].end);
		check(once, cases[i].integral, cases[i].max);
		sim_occupancy_free(once);
		sim_occupancy_extend(moving, cases[i].end);
		check(moving, cases[i].integral, cases[i].max);
	}
	sim_occupancy_free(moving);
}

/* Changes that wait while others are done, in more room than there was at first. */
static void test_many(void)
{
	struct sim_occupancy *o = sim_occupancy_new(0);
	uint64_t integral = 0;

	for (uint64_t k = 1; k <= 1000; k++) {
		sim_occupancy_set(o, (sim_time)(10 * k), k % 7);
		integral += 10 * ((k - 1) % 7);
		if (k % 13 == 0)
			sim_occupancy_extend(o, (sim_time)(10 * k - 35));
	}
	sim_occupancy_extend(o, 10 * 1000);
	CU_ASSERT_EQUAL((uint64_t)sim_occupancy_integral(o), integral);
	CU_ASSERT_EQUAL(sim_occupancy_max(o), 6);
	sim_occupancy_free(o);
}

static void test_begin(void)
{
	struct sim_occupancy *o = two_stays(25);

	sim_occupancy_extend(o, 40);
	check(o, 5 + 15, 2);
	CU_ASSERT_EQUAL(sim_occupancy_clip(o, 0, 100), 15);
	CU_ASSERT_EQUAL(sim_occupancy_clip(o, 30, 33), 3);
	CU_ASSERT_EQUAL(sim_occupancy_clip(o, 41, 50), 0);
	sim_occupancy_free(o);
	o = two_stays(35); /* the maximum of before the window does not count */
	sim_occupancy_extend(o, 60);
	check(o, 15, 1);
	sim_occupancy_free(o);
}

/* A level that lasts no time is no maximum: a message that comes when a worker is free has not queued. */
static void test_no_time(void)
{
	struct sim_occupancy *o = sim_occupancy_new(0);

	sim_occupancy_set(o, 5, 1);
	sim_occupancy_set(o, 5, 0);
	sim_occupancy_stay(o, 5, 5);
	sim_occupancy_extend(o, 10);
	check(o, 0, 0);
	sim_occupancy_free(o);
}

/* What is still inside at the end is accounted for by a stay that never ends. */
static void test_still_inside(void)
{
	struct sim_occupancy *o = sim_occupancy_new(0);

	sim_occupancy_set(o, 5, 1);
	sim_occupancy_extend(o, 10);
	CU_ASSERT_EQUAL((uint64_t)sim_occupancy_integral(o), 5);
	CU_ASSERT_EQUAL((uint64_t)sim_occupancy_stays(o), 0);
	sim_occupancy_stay(o, 5, SIM_NEVER);
	check(o, 5, 1);
	sim_occupancy_free(o);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"a window that holds all", test_whole},
	    {"from time 0", test_until},
	    {"windows that end early, or late by steps", test_ends},
	    {"many changes", test_many},
	    {"a window that begins late", test_begin},
	    {"a level that lasts no time", test_no_time},
	    {"what is still inside", test_still_inside},
	    {NULL, NULL},
	};

	return suite_run("occupancy", cases);
}
