/* Durations: what is added comes back, short or long. */
#include <glib.h>

#include "models/nodes/durations.h"
#include "tests/lib/suite.h"

/* Around the longest of the short ones, in an order of their own, enough for both arrays to grow. */
static sim_time value(uint32_t i)
{
	static const sim_time edges[] = {0, UINT32_MAX - 1, UINT32_MAX, (sim_time)UINT32_MAX + 1, SIM_HORIZON, 7};

	return edges[i * 5 % G_N_ELEMENTS(edges)] + (i % 7 == 3 ? i : 0);
}

static void test_all(void)
{
	enum { N = 1000 };
	struct durations d = {0};

	for (uint32_t i = 0; i < N; i++)
		durations_add(&d, value(i));
	g_autofree sim_time *copy = durations_copy(&d, N - 1);

	CU_ASSERT_EQUAL(d.n, N);
	for (uint32_t i = 0; i < N; i++)
		if (durations_at(&d, i) != value(i) || (i < N - 1 && copy[i] != value(i)))
			CU_FAIL("another value");
	durations_clear(&d);
	CU_ASSERT_EQUAL(d.n, 0);
}

static void test_none(void)
{
	struct durations d = {0};
	g_autofree sim_time *copy = durations_copy(&d, 0);

	durations_clear(&d);
	CU_ASSERT_EQUAL(d.n, 0);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"short and long ones", test_all}, {"none", test_none}, {NULL, NULL}};

	return suite_run("durations", cases);
}
