/* Which combinations of iteration variables there are: constraints, and variables that go along with others. */
#include <glib.h>
#include <string.h>

#include "sim/study/constraint.h"
#include "sim/study/sweep.h"
#include "tests/lib/suite.h"

static void test_judged(void)
{
	static const struct {
		const char *text;
		bool holds;
	} rows[] = {
	    {"1 < 2", true},
	    {"2 <= 2 && 3 >= 3", true},
	    {"1 > 2 || 2 != 2", false},
	    {"1 == 1 && 2 == 3 || 4 == 4", true},
	    {"1 == 2 && (2 == 3 || 4 == 4)", false},
	    {"2 + 3 * 4 == 14", true},
	    {"(2 + 3) * 4 == 20", true},
	    {"10 - 2 - 3 == 5", true},
	    {"8 / 2 / 2 == 2", true},
	    {"-1 < 0", true},
	    {"2 * 3ms == 6ms", true},
	    {"1s + 500ms == 1.5s", true},
	    {"1min / 2 == 30s", true},
	    {"200/s / 100/s == 2", true},
	    {"200/s<300/min", false},
	    {"250kbit/s < 1Mbit/s", true},
	    {"4KiB == 4096B", true},
	    {"50% >= 0.2 * 100%", true},
	    {"group-commit != lock", true},
	    {"lock == lock", true},
	    {"exponential(10ms) == exponential(10ms)", true},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *reason = NULL;
		bool holds = !rows[i].holds;

		CU_ASSERT(sim_constraint_judge(rows[i].text, &holds, &reason));
		if (holds != rows[i].holds)
			printf("\n    %s: %d %s", rows[i].text, holds, reason != NULL ? reason : "");
		CU_ASSERT_EQUAL(holds, rows[i].holds);
	}
}

static void test_refused(void)
{
	static const struct {
		const char *text, *said;
	} rows[] = {
	    {"", "lacks a value at its end"},
	    {"1 <", "lacks a value at its end"},
	    {"1 < )", "lacks a value before \")\""},
	    {"(1 < 2", "closing parenthesis"},
	    {"1 < 2)", "\")\" too much"},
	    {"1 < 2 < 3", "\"< 3\" too much"},
	    {"7", "is no comparison"},
	    {"1 + (1 < 2) == 2", "not of a kind"},
	    {"10 < 5ms", "not of a kind"},
	    {"1ms + 1 < 2ms", "not of a kind"},
	    {"50% > 0.2", "not of a kind"},
	    {"ble < wifi", "orders words"},
	    {"ble * 2 == 3", "no number"},
	    {"1ms * 1ms == 1ms", "two values with units"},
	    {"2 / 1ms == 1", "two values with units"},
	    {"1 / 0 == 1", "divides by 0"},
	    {"1 < 2 || x", "joins by ||"},
	    {"1parsec == 1", "no number with a unit"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *reason = NULL;
		bool holds = true;

		CU_ASSERT_FALSE(sim_constraint_judge(rows[i].text, &holds, &reason));
		CU_ASSERT_FALSE(holds);
		CU_ASSERT_PTR_NOT_NULL_FATAL(reason);
		if (strstr(reason, rows[i].said) == NULL)
			printf("\n    %s: %s", rows[i].text, reason);
		CU_ASSERT_PTR_NOT_NULL(strstr(reason, rows[i].said));
	}
}

/* "a1 b1;a2 b2" of all combinations. */
static char *combinations(const GPtrArray *variables)
{
	GString *out = g_string_new(NULL);
	g_autofree guint *chosen = g_new0(guint, variables->len);

	for (guint i = 0; i < sweep_size(variables); i++) {
		sweep_choose(variables, i, chosen);
		for (guint v = 0; v < variables->len; v++) {
			const struct sweep_variable *variable = g_ptr_array_index(variables, v);

			g_string_append_printf(out, "%s%s", v > 0 ? " " : "",
					       (const char *)g_ptr_array_index(variable->values, chosen[v]));
		}
		g_string_append_c(out, ';');
	}
	return g_string_free(out, FALSE);
}

static void test_along(void)
{
	static const struct {
		const char *first, *second, *all; /* all NULL: refused, saying `said` */
		const char *said;
	} rows[] = {
	    {"${a=1,2}", "${b=x,y ! a}", "1 x;2 y;", NULL},
	    {"${a=1,2}${b=3,4}", "${c=x,x ! b}", "1 3 x;1 4 x;2 3 x;2 4 x;", NULL},
	    {"${a=1,2}${b=x,y!a}", "${c=5..6 ! b}", "1 x 5;2 y 6;", NULL},
	    {"${a=1,2}", "${b=x ! a}", NULL, "gives b 1 values, and a, with which it goes along, 2"},
	    {"${a=1,2}", "${b=x,y ! c}", NULL, "go along with c, which no line before declares"},
	    {"${a=1,2 ! a}", "", NULL, "go along with a, which no line before declares"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GPtrArray) variables = sweep_new();
		g_autofree char *reason = NULL;
		bool good = sweep_declare(variables, rows[i].first, &reason) &&
			    sweep_declare(variables, rows[i].second, &reason);

		CU_ASSERT_EQUAL(good, rows[i].all != NULL);
		if (!good) {
			CU_ASSERT_PTR_NOT_NULL(strstr(reason, rows[i].said));
			continue;
		}
		g_autofree char *all = combinations(variables);

		CU_ASSERT_STRING_EQUAL(all, rows[i].all);
	}
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"what holds and what does not", test_judged},
	    {"what cannot be understood", test_refused},
	    {"variables that go along with others", test_along},
	    {NULL, NULL},
	};

	return suite_run("constraint", cases);
}
