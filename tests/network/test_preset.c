#include "models/network/preset.h"

#include <stdio.h>
#include <string.h>

#include "models/network/preset_table.h"
#include "tests/lib/suite.h"
#include "tests/network/profile_rows.h"

enum { PRESET, LEG, DIRECTION, FIGURE, VALUE, BASIS, SOURCE, NOTE };

static void test_names(void)
{
	static const char *const pan[] = {"ble", "zigbee", "bluetooth-edr", "wifi", "ideal", NULL};
	static const char *const wan[] = {"lte", "lte-m", "nb-iot", "3g", "edge", "dsl", "ideal", NULL};

	CU_ASSERT_TRUE(g_strv_equal(link_preset_names(LINK_PAN), pan));
	CU_ASSERT_TRUE(g_strv_equal(link_preset_names(LINK_WAN), wan));
	for (int i = 0; pan[i] != NULL; i++) {
		const struct link_preset *p = link_preset_find(LINK_PAN, pan[i]);

		CU_ASSERT_PTR_NOT_NULL_FATAL(p);
		CU_ASSERT_STRING_EQUAL(p->name, pan[i]);
		CU_ASSERT_EQUAL(p->shared, strcmp(pan[i], "ideal") != 0);
		CU_ASSERT_EQUAL(memcmp(&p->up, &p->down, sizeof p->up), 0);
	}
	for (int i = 0; wan[i] != NULL; i++) {
		const struct link_preset *p = link_preset_find(LINK_WAN, wan[i]);

		CU_ASSERT_PTR_NOT_NULL_FATAL(p);
		CU_ASSERT_STRING_EQUAL(p->name, wan[i]);
		CU_ASSERT_FALSE(p->shared);
	}
	CU_ASSERT_PTR_NULL(link_preset_find(LINK_PAN, "lte"));
	CU_ASSERT_PTR_NULL(link_preset_find(LINK_WAN, "ble"));
	CU_ASSERT_PTR_NULL(link_preset_find(LINK_WAN, ""));
}

/* Nothing is limited on an ideal link. */
static void test_ideal(void)
{
	for (int leg = 0; leg < 2; leg++) {
		const struct hop_figures *f = &link_preset_find((enum link_leg)leg, "ideal")->up;

		CU_ASSERT_EQUAL(f->latency.kind, SIM_CONSTANT);
		CU_ASSERT(f->latency.a == 0 && f->rate == 0 && f->loss == 0 && f->mtu == 0 && f->overhead == 0);
	}
}

/* A few figures by hand, so that the units cannot all be wrong together. */
static void test_figures_by_hand(void)
{
	const struct hop_figures *wifi = &link_preset_find(LINK_PAN, "wifi")->up;
	const struct link_preset *edge = link_preset_find(LINK_WAN, "edge");

	CU_ASSERT_EQUAL(wifi->latency.kind, SIM_PARETO);
	CU_ASSERT_DOUBLE_EQUAL(wifi->latency.a, 1.37e6, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(wifi->latency.b, 0.885, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(wifi->latency.c, 1e9, 1e-6);
	CU_ASSERT_EQUAL(link_preset_find(LINK_PAN, "ble")->up.mtu, 244);
	CU_ASSERT_DOUBLE_EQUAL(edge->up.rate, 200e3, 0);
	CU_ASSERT_DOUBLE_EQUAL(edge->down.rate, 240e3, 0);
	CU_ASSERT_DOUBLE_EQUAL(edge->up.latency.a, 440e6, 0);
	CU_ASSERT_DOUBLE_EQUAL(edge->down.latency.a, 400e6, 0);
	CU_ASSERT_DOUBLE_EQUAL(edge->up.loss, 0.01, 0);
}

static void check_latency(const struct sim_variate *v, const char *text)
{
	static const char *const kinds[] = {
	    [SIM_CONSTANT] = "constant", [SIM_UNIFORM] = "uniform",     [SIM_EXPONENTIAL] = "exponential",
	    [SIM_NORMAL] = "normal",     [SIM_LOGNORMAL] = "lognormal", [SIM_PARETO] = "pareto"};
	char kind[16] = "";
	double a = 0, b = 0, c = 0;

	CU_ASSERT(sscanf(text, "%15[a-z](%lf,%lf,%lf)", kind, &a, &b, &c) >= 2);
	CU_ASSERT_STRING_EQUAL(kind, kinds[v->kind]);
	CU_ASSERT_DOUBLE_EQUAL(v->a, a * 1e6, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(v->b, v->kind == SIM_PARETO ? b : b * 1e6, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(v->c, c * 1e6, 1e-6);
}

static void check_figure(const struct hop_figures *f, const char *figure, const char *text)
{
	double value = g_ascii_strtod(text, NULL);

	if (strcmp(figure, "latency_ms") == 0)
		check_latency(&f->latency, text);
	else if (strcmp(figure, "rate_bit_s") == 0)
		CU_ASSERT_DOUBLE_EQUAL(f->rate, value, 0)
	else if (strcmp(figure, "loss") == 0)
		CU_ASSERT_DOUBLE_EQUAL(f->loss, value, 0)
	else if (strcmp(figure, "mtu_octets") == 0)
		CU_ASSERT_DOUBLE_EQUAL(f->mtu, value, 0)
	else if (strcmp(figure, "overhead_octets") == 0)
		CU_ASSERT_DOUBLE_EQUAL(f->overhead, value, 0)
	else
		CU_ASSERT_STRING_EQUAL(figure, "shared");
}

/* Every row of the file, read a second way, is what the simulator uses, and says where it comes from. */
static void test_file(void)
{
	static const char *const bases[] = {"measured", "specified", "profile", "derived",
					    "assumed",  "defined",   NULL};
	g_autoptr(GPtrArray) rows = profile_rows("links.csv");

	CU_ASSERT(rows->len > 90);
	for (guint i = 0; i < rows->len; i++) {
		char **row = rows->pdata[i];

		CU_ASSERT_EQUAL_FATAL(g_strv_length(row), 8);
		const struct link_preset *p =
		    link_preset_find(strcmp(row[LEG], "pan") == 0 ? LINK_PAN : LINK_WAN, row[PRESET]);

		CU_ASSERT_PTR_NOT_NULL_FATAL(p);
		CU_ASSERT_TRUE(g_strv_contains(bases, row[BASIS]));
		CU_ASSERT_TRUE(profile_sources_known(row[SOURCE]));
		CU_ASSERT(strlen(row[NOTE]) > 5);
		if (strcmp(row[DIRECTION], "down") != 0)
			check_figure(&p->up, row[FIGURE], row[VALUE]);
		if (strcmp(row[DIRECTION], "up") != 0)
			check_figure(&p->down, row[FIGURE], row[VALUE]);
	}
}

#define HEAD "preset,leg,direction,figure,value,basis,source,note\n"
#define REST                                                                                                        \
	"x,pan,both,rate_bit_s,1,assumed,-,n\nx,pan,both,loss,0,assumed,-,n\nx,pan,both,mtu_octets,1,assumed,-,n\n" \
	"x,pan,both,overhead_octets,1,assumed,-,n\nx,pan,both,shared,yes,assumed,-,n\n"
#define LATENCY(value) HEAD "x,pan,both,latency_ms," value ",assumed,-,n\n" REST

static void test_malformed(void)
{
	static const struct {
		const char *why, *text, *complaint; /* NULL: is accepted */
	} cases[] = {
	    {"whole", LATENCY("constant(5)"), NULL},
	    {"quoted", LATENCY("\"uniform(1,5)\""), NULL},
	    {"no last newline", HEAD "x,pan,both,rate_bit_s,1,assumed,-,n",
	     "t:2: no row for latency_ms of x on the pan"},
	    {"empty", "", "t:1: the header is not"},
	    {"other header", "preset\n", "t:1: the header is not"},
	    {"column missing", HEAD "x,pan,both,loss,0,assumed,-\n", "t:2: 7 columns instead of 8"},
	    {"blank line", HEAD "\n" REST, "t:7: no row for latency_ms of x on the pan"},
	    {"no such leg", HEAD "x,lan,both,loss,0,assumed,-,n\n", "t:2: unknown leg 'lan'"},
	    {"no such figure", HEAD "x,pan,both,lost,0,assumed,-,n\n", "t:2: unknown figure 'lost'"},
	    {"no such direction", HEAD "x,wan,left,loss,0,assumed,-,n\n", "t:2: unknown direction 'left'"},
	    {"half a PAN", HEAD "x,pan,up,loss,0,assumed,-,n\n", "t:2: the direction is not 'both'"},
	    {"half a WAN", HEAD "x,wan,up,latency_ms,constant(1),assumed,-,n\n", "t:2: no row for latency_ms"},
	    {"no such basis", HEAD "x,pan,both,loss,0,guessed,-,n\n", "t:2: unknown basis 'guessed'"},
	    {"no source", HEAD "x,pan,both,loss,0,assumed,,n\n", "t:2: preset, source or note is empty"},
	    {"no note", HEAD "x,pan,both,loss,0,assumed,-,\n", "t:2: preset, source or note is empty"},
	    {"measured by nobody", HEAD "x,pan,both,loss,0,measured,-,n\n", "t:2: a figure without a source"},
	    {"twice", LATENCY("constant(5)") "x,pan,both,loss,0,assumed,-,n\n", "t:8: loss of x is given twice"},
	    {"certainty exceeded", HEAD "x,pan,both,loss,1.1,assumed,-,n\n", "t:2: not a value of loss: '1.1'"},
	    {"negative", HEAD "x,pan,both,rate_bit_s,-1,assumed,-,n\n", "t:2: not a value of rate_bit_s: '-1'"},
	    {"half an octet", HEAD "x,pan,both,mtu_octets,1.5,assumed,-,n\n", "t:2: not a value of mtu_octets"},
	    {"unit", HEAD "x,pan,both,mtu_octets,1B,assumed,-,n\n", "t:2: not a value of mtu_octets"},
	    {"perhaps", HEAD "x,pan,both,shared,maybe,assumed,-,n\n", "t:2: not a value of shared"},
	    {"bare number", LATENCY("5"), "t:2: not a value of latency_ms: '5'"},
	    {"one argument of two", LATENCY("uniform(5)"), "t:2: not a value of latency_ms"},
	    {"two arguments of one", LATENCY("\"constant(5,6)\""), "t:2: not a value of latency_ms"},
	    {"no such distribution", LATENCY("gamma(5)"), "t:2: not a value of latency_ms"},
	    {"something behind", LATENCY("constant(5)s"), "t:2: not a value of latency_ms"},
	    {"no number", LATENCY("constant()"), "t:2: not a value of latency_ms"},
	    {"infinite", LATENCY("constant(inf)"), "t:2: not a value of latency_ms"},
	    {"stray quote", HEAD "x,pan,bo\"th,loss,0,assumed,-,n\n", "t:2: "},
	    {"open quote", HEAD "x,pan,both,loss,0,assumed,-,\"n\n", "t:2: "},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GPtrArray) table = preset_table_read("t", cases[i].text, &error);
		bool right = cases[i].complaint == NULL ? table != NULL && error == NULL
							: table == NULL && error != NULL &&
							      g_str_has_prefix(error->message, cases[i].complaint);

		if (!right)
			printf("\n    %s: %s", cases[i].why, error ? error->message : "accepted");
		CU_ASSERT_TRUE(right);
	}
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"every named preset exists, on its leg alone", test_names},
	    {"ideal limits nothing", test_ideal},
	    {"figures by hand", test_figures_by_hand},
	    {"the file's numbers are the simulator's, each with basis and source", test_file},
	    {"malformed tables", test_malformed},
	    {0},
	};

	return suite_run("preset", cases);
}
