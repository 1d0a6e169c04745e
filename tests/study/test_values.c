/* Values as users write them: what each kind takes, and what it says when it refuses. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "sim/study/parse.h"
#include "sim/study/study.h"
#include "sim/study/text.h"
#include "sim/study/values.h"
#include "tests/lib/suite.h"
#include "tests/study/toy.h"

/* One value for a parameter of the toy; `number` is what comes out, `refusal` (not NULL) a part of the reason. */
struct input {
	const char *parameter, *text;
	double number;
	const char *refusal;
};

static double number_of(const struct sim_value *value, enum sim_param_type type)
{
	if (type == SIM_DURATION)
		return (double)value->duration;
	if (type == SIM_COUNT || type == SIM_SIZE)
		return (double)value->count;
	if (type == SIM_DURATION_DIST || type == SIM_COUNT_DIST)
		return value->variate.a;
	if (type == SIM_WORD || type == SIM_CALL)
		return value->word;
	return value->number;
}

static const struct input inputs[] = {
    {"pause", "0s", 0, NULL},
    {"pause", "7ns", 7, NULL},
    {"pause", "250us", 250e3, NULL},
    {"pause", "10ms", 10e6, NULL},
    {"pause", " 10 ms ", 10e6, NULL},
    {"pause", "1.1ms", 1100000, NULL},
    {"pause", "2s", 2e9, NULL},
    {"pause", "1min", 60e9, NULL},
    {"pause", "1h", 3600e9, NULL},
    {"pause", "2d", 172800e9, NULL},
    {"pause", "1e3ms", 1e9, NULL},
    {"pause", "0", 0, "\"0\" has no unit: a duration needs one"},
    {"pause", "5", 0, "has no unit"},
    {"pause", "5sec", 0, "unknown unit \"sec\": a duration has one of ns us ms s min h d"},
    {"pause", "-1s", 0, "is negative"},
    {"pause", "600000h", 0, NULL},
    {"pause", "300000000h", 0, "out of range"},
    {"pause", "0x10s", 0, "is not a duration"},
    {"pause", "infs", 0, "is not a duration"},
    {"pause", "nan", 0, "is not a duration"},
    {"pause", "soon", 0, "is not a duration: write for example 250us"},
    {"pause", "", 0, "is empty"},
    {"pause", "10ms # short", 0, "comments stand on their own line"},
    {"speed", "250kbit/s", 250e3, NULL},
    {"speed", "10Mbit/s", 10e6, NULL},
    {"speed", "1Gbit/s", 1e9, NULL},
    {"speed", "5bit/s", 5, NULL},
    {"speed", "5kbps", 0, "unknown unit \"kbps\""},
    {"speed", "5", 0, "has no unit"},
    {"rate", "200/s", 200, NULL},
    {"rate", "12/min", 0.2, NULL},
    {"rate", "36/h", 0.01, NULL},
    {"rate", "200", 0, "has no unit: a frequency needs one, write for example 200/s"},
    {"rate", "200Hz", 0, "unknown unit"},
    {"share", "2%", 0.02, NULL},
    {"share", "0.02", 0.02, NULL},
    {"share", "100 %", 1, NULL},
    {"share", "101%", 0, "between 0% and 100%"},
    {"share", "2", 0, "out of range"},
    {"share", "-1%", 0, "out of range"},
    {"share", "half", 0, "is not a share"},
    {"size", "256B", 256, NULL},
    {"size", "4KiB", 4096, NULL},
    {"size", "1.5kB", 1500, NULL},
    {"size", "2MiB", 2097152, NULL},
    {"size", "256", 0, "has no unit"},
    {"size", "0.5B", 0, "whole number of octets"},
    {"customers", "1", 1, NULL},
    {"customers", "1000000", 1000000, NULL},
    {"customers", "0", 0, "must lie between 1 and 1000000"},
    {"customers", "1000001", 0, "must lie between"},
    {"customers", "-3", 0, "it must be 0 or more"},
    {"customers", "1.5", 0, "is not a whole number"},
    {"customers", "10s", 0, "is not a whole number"},
    {"customers", "99999999999999999999", 0, "out of range"},
    {"factor", "1.5", 1.5, NULL},
    {"factor", "0.5", 0, "it must be 1 or more"},
    {"factor", "2s", 0, "without a unit"},
    {"service.time", "40ms", 40e6, NULL},
    {"service.time", "constant(40ms)", 40e6, NULL},
    {"service.time", "uniform(5ms,30ms)", 5e6, NULL},
    {"service.time", "exponential( 10ms )", 10e6, NULL},
    {"service.time", "normal(10ms, 2ms)", 10e6, NULL},
    {"service.time", "lognormal(10ms,2ms)", 10e6, NULL},
    {"service.time", "pareto(1ms,1.5,1s)", 1e6, NULL},
    {"service.time", "uniform(30ms,5ms)", 0, "needs from <= to"},
    {"service.time", "uniform(5ms)", 0, "write uniform(from, to)"},
    {"service.time", "uniform(5ms,6)", 0, "\"6\" has no unit"},
    {"service.time", "exponential(0s)", 0, "has mean 0"},
    {"service.time", "exponential()", 0, "wrong number of arguments"},
    {"service.time", "pareto(1ms,1.5,1ms)", 0, "cap > scale"},
    {"service.time", "weibull(1ms,2)", 1e6, NULL},
    {"service.time", "weibull(1ms)", 0, "write weibull(scale, shape)"},
    {"service.time", "weibull(1ms,0)", 0, "needs scale > 0, shape > 0"},
    {"service.time", "weibull(0s,2)", 0, "needs scale > 0, shape > 0"},
    {"service.time", "weibull(1,2)", 0, "\"1\" has no unit"},
    {"service.time", "empirical(no-such.csv)", 0, "names a file that cannot be used: Failed"},
    {"service.time", "empirical()", 0, "names no file: write empirical(file.csv)"},
    {"service.time", "empirical(.)", 0, "names ., which is not a file"},
    {"service.time", "unifrom(1ms,2ms)", 0, "did you mean uniform?"},
    {"service.time", "uniform(1ms,2ms", 0, "is not a distribution"},
    {"service.time", "40", 0, "has no unit"},
    {"group", "7", 7, NULL},
    {"group", "uniform(2,9)", 2, NULL},
    {"group", "uniform(2s,9s)", 0, "without a unit"},
    {"group", "-1", 0, "out of range"},
    {"arrivals", "storm(60s)", 0, NULL},
    {"arrivals", "poisson", 1, NULL},
    {"arrivals", "poisson(200/s)", 1, NULL},
    {"arrivals", "poison", 0, "did you mean poisson?"},
    {"arrivals", "storm(60s", 0, "name(argument)"},
    {"luck", "none", 1, NULL},
    {"luck", "luck", 0, "known are: random, none, twins"},
    {"queue-limit", "none", 0, NULL},
    {"queue-limit", "5", 5, NULL},
    {"warmup", "none", 0, NULL},
    {"warmup", "5s", 5e9, NULL},
    {"warmup", "auto", 0, NULL},
    {"warmup", "aut", 0, "is not a duration"},
    {"precision", "none", 0, NULL},
    {"precision.max-replications", "50", 50, NULL},
    {"precision.max-replications", "0", 0, "must lie between 1"},
    {"series.period", "none", 0, NULL},
    {"series.period", "5s", 5e9, NULL},
    {"repeat", "0", 0, "must lie between 1"},
};

static struct sim_table *toy_table(void)
{

	return sim_table_new(sim_study_params, sim_study_n_params, toy_model.params, toy_model.n_params);
}

static void test_inputs(void)
{
	struct sim_table *table = toy_table();
	struct sim_values *values = sim_values_new(table, "file.ini", NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(inputs); i++) {
		const struct input *in = &inputs[i];
		int row = sim_table_find(table, in->parameter);
		g_autofree char *reason = NULL;
		bool good = sim_values_set(values, (size_t)row, in->text, "file.ini", 7, &reason);

		bool expected = in->refusal == NULL ? good : !good && strstr(reason, in->refusal) != NULL;

		if (in->refusal == NULL && good && in->number != 0) {
			double got = number_of(sim_value(values, in->parameter), table->rows[row]->type);

			expected = got - in->number < 1e-9 && in->number - got < 1e-9;
		}
		if (!expected)
			printf("\n    %s = %s: %s", in->parameter, in->text, reason != NULL ? reason : "taken");
		CU_ASSERT(expected);
		CU_ASSERT_EQUAL(good, reason == NULL);
	}
	sim_values_free(values);
	sim_table_free(table);
}

static void test_none_is_unset(void)
{
	struct sim_table *table = toy_table();
	struct sim_values *values = sim_values_new(table, "file.ini", NULL);
	size_t row = (size_t)sim_table_find(table, "queue-limit");
	char *reason = NULL;

	CU_ASSERT(sim_values_set(values, row, "none", "file.ini", 7, &reason));
	CU_ASSERT_FALSE(sim_value(values, "queue-limit")->set);
	CU_ASSERT(sim_value(values, "queue-limit")->given);
	sim_values_free(values);
	sim_table_free(table);
}

static void test_mix(void)
{
	struct sim_mix mix = {0};
	g_autofree char *reason = NULL;

	CU_ASSERT(sim_parse_mix("ble 50%, zigbee 30%, wifi 20%", &mix, &reason));
	CU_ASSERT_EQUAL(mix.n, 3);
	CU_ASSERT_STRING_EQUAL(mix.parts[2].name, "wifi");
	CU_ASSERT_DOUBLE_EQUAL(mix.parts[2].share, 0.2, 1e-12);
	sim_mix_clear(&mix);
	CU_ASSERT(sim_parse_mix("ble", &mix, &reason));
	CU_ASSERT_EQUAL(mix.parts[0].share, 1);
	sim_mix_clear(&mix);
	CU_ASSERT(sim_parse_mix("a 33.3333333%, b 33.3333333%, c 33.3333333%", &mix, &reason));
	sim_mix_clear(&mix);

	static const struct {
		const char *text, *refusal;
	} bad[] = {
	    {"ble 50%, zigbee 30%", "sum to 80 %"},
	    {"ble, zigbee", "without a share"},
	    {"ble 50%, ble 50%", "names ble twice"},
	    {"ble half, zigbee 50%", "\"half\" is not a share"},
	    {"b/e 100%", "not a name"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autofree char *why = NULL;

		CU_ASSERT_FALSE(sim_parse_mix(bad[i].text, &mix, &why));
		CU_ASSERT_PTR_NOT_NULL(strstr(why, bad[i].refusal));
		CU_ASSERT_EQUAL(mix.n, 0);
	}
}

static void test_distributions(void)
{
	struct sim_variate v = {0};
	char *file = NULL, *reason = NULL;

	CU_ASSERT(sim_parse_dist("pareto(1ms, 1.5, 2s)", SIM_DIST_DURATION, &v, &file, &reason));
	CU_ASSERT(v.kind == SIM_PARETO && v.a == 1e6 && v.b == 1.5 && v.c == 2e9);
	CU_ASSERT(sim_parse_dist("weibull(40ms, 0.7)", SIM_DIST_DURATION, &v, &file, &reason));
	CU_ASSERT(v.kind == SIM_WEIBULL && v.a == 40e6 && v.b == 0.7);
	CU_ASSERT(sim_parse_dist("normal(10, 2)", SIM_DIST_COUNT, &v, &file, &reason));
	CU_ASSERT(v.kind == SIM_NORMAL && v.a == 10 && v.b == 2);
	CU_ASSERT_PTR_NULL(file);
	CU_ASSERT(sim_parse_dist("empirical( a, b (2).csv )", SIM_DIST_COUNT, &v, &file, &reason));
	CU_ASSERT(v.kind == SIM_EMPIRICAL);
	CU_ASSERT_STRING_EQUAL(file, "a, b (2).csv");
	g_free(file);
}

/* A file with that text, until the next one. */
static void put(const char *path, const char *text)
{
	CU_ASSERT_FATAL(g_file_set_contents(path, text, -1, NULL));
}

/* A table is read once, lives with the values, and is another one for another kind of value; what was read stays
 * noted, and must not change. */
static void test_files(void)
{
	g_autofree char *folder = g_dir_make_tmp("cpns-test-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "t.csv", NULL);
	struct sim_table *table = toy_table();
	struct sim_values *values = sim_values_new(table, "file.ini", folder);
	size_t row = (size_t)sim_table_find(table, "service.time");
	const char *sha256 = NULL;
	char *reason = NULL;
	struct sim_variate again;
	g_autoptr(GError) error = NULL;
	struct sim_file file;

	put(path, "value\n7ns\n");
	CU_ASSERT_PTR_NULL(sim_values_file(values, 0, &sha256));
	CU_ASSERT_TRUE_FATAL(sim_values_set(values, row, "empirical(t.csv)", "file.ini", 7, &reason));
	CU_ASSERT_EQUAL(sim_variate_mean(&sim_value(values, "service.time")->variate), 7);
	CU_ASSERT_STRING_EQUAL(sim_values_file(values, 0, &sha256), "t.csv");
	/* printf 'value\n7ns\n' | sha256sum */
	CU_ASSERT_STRING_EQUAL(sha256, "404b24d7ff757e0e51367f79ab6cd55932ec3cde7b46187a726dbfe699b988b1");

	CU_ASSERT_TRUE(sim_value_read(values, "service.time", "t.csv", &file, &error));
	CU_ASSERT_STRING_EQUAL(file.text, "value\n7ns\n");
	CU_ASSERT_STRING_EQUAL(file.path, path);
	sim_file_clear(&file);
	put(path, "value\n8ns\n");
	CU_ASSERT_FALSE(sim_value_read(values, "service.time", "t.csv", &file, &error));
	CU_ASSERT_TRUE(g_error_matches(error, SIM_SCENARIO_ERROR, 0) &&
		       strstr(error->message, "has changed") != NULL);
	sim_file_clear(&file);
	CU_ASSERT_TRUE(sim_value_duration_dist(values, "service.time", "empirical(t.csv)", &again, &reason));
	CU_ASSERT_PTR_EQUAL(again.table, sim_value(values, "service.time")->variate.table);
	CU_ASSERT_PTR_NULL(sim_values_file(values, 1, &sha256));

	CU_ASSERT_FALSE(sim_values_set(values, (size_t)sim_table_find(table, "group"), "empirical(t.csv)", "file.ini",
				       8, &reason));
	CU_ASSERT_PTR_NOT_NULL(strstr(reason, "has changed"));
	g_clear_pointer(&reason, g_free);
	put(path, "value\n7ns\n");
	CU_ASSERT_FALSE(sim_values_set(values, (size_t)sim_table_find(table, "group"), "empirical(t.csv)", "file.ini",
				       8, &reason));
	CU_ASSERT_PTR_NOT_NULL(strstr(reason, "t.csv:2: column `value`: \"7ns\" has \"ns\" behind its number"));
	g_clear_pointer(&reason, g_free);

	g_remove(path);
	g_clear_error(&error);
	CU_ASSERT_FALSE(sim_value_read(values, "service.time", "t.csv", &file, &error));
	CU_ASSERT_TRUE(error->domain == G_FILE_ERROR);
	sim_file_clear(&file);
	g_rmdir(folder);
	sim_values_free(values);
	sim_table_free(table);
}

static void test_call(void)
{
	struct sim_table *table = toy_table();
	struct sim_values *values = sim_values_new(table, "file.ini", NULL);
	size_t row = (size_t)sim_table_find(table, "arrivals");
	char *reason = NULL;

	CU_ASSERT(sim_values_set(values, row, "poisson(200/s)", "file.ini", 7, &reason));
	CU_ASSERT_STRING_EQUAL(sim_value(values, "arrivals")->argument, "200/s");
	CU_ASSERT(sim_value_is(values, "arrivals", "poisson"));
	CU_ASSERT(sim_values_set(values, row, "storm", "file.ini", 7, &reason));
	CU_ASSERT_STRING_EQUAL(sim_value(values, "arrivals")->argument, "");
	sim_values_free(values);
	sim_table_free(table);
}

static void test_nearest(void)
{
	static const char *const names[] = {"gateways", "pnes-per-gateway", "sim-time-limit", "pan.loss", NULL};
	static const struct {
		const char *text, *near;
	} rows[] = {
	    {"gatewyas", "gateways"},
	    {"gateway", "gateways"},
	    {"GATEWAYS", "gateways"},
	    {"pan.los", "pan.loss"},
	    {"limit", "sim-time-limit"},
	    {"sim-time", "sim-time-limit"},
	    {"something-else", NULL},
	    {"x", NULL},
	    {"", NULL},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		CU_ASSERT_EQUAL(g_strcmp0(sim_nearest(rows[i].text, names), rows[i].near), 0);
}

static void test_split(void)
{
	g_auto(GStrv) parts = sim_split("a, f(1,2) ,\"x, y\", ");

	CU_ASSERT_EQUAL(g_strv_length(parts), 4);
	CU_ASSERT_STRING_EQUAL(parts[0], "a");
	CU_ASSERT_STRING_EQUAL(parts[1], "f(1,2)");
	CU_ASSERT_STRING_EQUAL(parts[2], "x, y");
	CU_ASSERT_STRING_EQUAL(parts[3], "");
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"every kind of value, taken and refused", test_inputs},
	    {"none leaves a value unset", test_none_is_unset},
	    {"mixes", test_mix},
	    {"distributions", test_distributions},
	    {"files", test_files},
	    {"calls with and without argument", test_call},
	    {"the nearest name", test_nearest},
	    {"lists split outside of parentheses and quotes", test_split},
	    {NULL, NULL},
	};

	return suite_run("values", cases);
}
