/* Numbers for people. */
#include <glib.h>

#include "sim/study/human.h"
#include "tests/lib/suite.h"

static void test_estimates(void)
{
	static const struct {
		double mean, half; /* half < 0: no interval */
		const char *unit, *text;
	} rows[] = {
	    {0.4123, 0.0121, "s", "412.3 ± 12.1 ms"},
	    {2.5, -1, "s", "2.500 s"},
	    {0, 0, "s", "0 ± 0 s"},
	    {3e-6, -1, "s", "3 us"},
	    {1200, -1, "s", "20 min"},
	    {0.0123, 0.001, "%", "1.230 ± 0.100 %"},
	    {200, 0, "1", "200 ± 0"},
	    {998.4, 1.25, "1", "998.4 ± 1.2"},
	    {123456, -1, "1", "123456"},
	    {20480, -1, "B", "20 KiB"},
	    {100, -1, "B", "100 B"},
	    {203.14, 1, "1/s", "203.1 ± 1.0 /s"},
	    {7, -1, "furlong", "7"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		double half = rows[i].half < 0 ? 0 : rows[i].half;
		struct sim_estimate e = {
		    .mean = rows[i].mean, .low = rows[i].mean - half, .high = rows[i].mean + half};

		e.interval = rows[i].half >= 0;
		g_autofree char *text = human_estimate(&e, rows[i].unit);

		if (g_strcmp0(text, rows[i].text) != 0)
			printf("\n    %s, not %s", text, rows[i].text);
		CU_ASSERT_STRING_EQUAL(text, rows[i].text);
	}
}

int main(void)
{
	static const struct suite_case cases[] = {{"estimates with units", test_estimates}, {NULL, NULL}};

	return suite_run("human", cases);
}
