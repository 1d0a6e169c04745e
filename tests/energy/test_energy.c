#include "models/energy/energy.h"

#include <stdio.h>
#include <string.h>

#include "models/crypto/cost.h"
#include "models/energy/energy_table.h"
#include "models/network/preset.h"
#include "tests/lib/suite.h"
#include "tests/network/profile_rows.h"

enum { PART, NAME, FIGURE, VALUE, BASIS, SOURCE, NOTE };

#define HEAD "part,name,figure,value,basis,source,note\n"

static uint32_t pan(const char *name)
{
	return link_preset_find(LINK_PAN, name)->up.preset;
}

static uint32_t wan(const char *name)
{
	return link_preset_find(LINK_WAN, name)->up.preset;
}

static uint32_t class_of(const char *name)
{
	return cost_profile_number(cost_profile_find(name));
}

/* Built-in figures with these rows in their place. */
static struct energy_table *with(const char *rows)
{
	g_autofree char *text = g_strconcat(HEAD, rows, NULL);
	struct energy_table *table = energy_table_new(NULL, NULL);
	g_autoptr(GError) error = NULL;

	if (!energy_table_read(table, "rows", text, false, &error))
		g_error("%s", error->message);
	return table;
}

/* The numbers of presets and classes are their places among the names, and accounts have room for them. */
static void test_numbers(void)
{
	for (int part = 0; energy_parts[part] != NULL; part++) {
		const char *const *names = energy_names(part);
		uint32_t n = 0;

		for (; names[n] != NULL; n++)
			CU_ASSERT_EQUAL(part == LEG_PAN   ? pan(names[n])
					: part == LEG_WAN ? wan(names[n])
							  : class_of(names[n]),
					n);
		CU_ASSERT(n <= (part < LEGS ? LEDGER_PRESETS : LEDGER_CLASSES));
	}
	for (const char *const *name = link_preset_names(LINK_WAN); *name != NULL; name++)
		CU_ASSERT_EQUAL(link_preset_find(LINK_WAN, *name)->down.preset, wan(*name));
}

static void check_row(const struct energy_figure *figure, char *const *row, double unit)
{
	double value = g_ascii_strtod(row[VALUE], NULL) * unit;

	CU_ASSERT_EQUAL(figure->known, strcmp(row[VALUE], "unknown") != 0);
	CU_ASSERT_DOUBLE_EQUAL((double)figure->value, value, 0.5);
	if (strcmp(row[NAME], "ideal") == 0 || strcmp(row[NAME], "free") == 0)
		CU_ASSERT(figure->known && figure->value == 0);
}

/* Every row of the file, read a second way, is what is used, and says where it comes from; nothing is left out. */
static void test_file(void)
{
	g_autofree struct energy_table *table = energy_table_new(NULL, NULL);
	g_autoptr(GPtrArray) rows = profile_rows("energy.csv");

	CU_ASSERT_EQUAL(rows->len, (5 + 7) * 4 + 16);
	for (guint i = 0; i < rows->len; i++) {
		char **row = rows->pdata[i];
		int figure = 0;

		CU_ASSERT_EQUAL_FATAL(g_strv_length(row), 7);
		CU_ASSERT_TRUE(profile_sources_known(row[SOURCE]));
		CU_ASSERT(strlen(row[NOTE]) > 5);
		if (strcmp(row[PART], "cpu") == 0) {
			check_row(&table->power[class_of(row[NAME])], row, 1e3);
			continue;
		}
		while (strcmp(energy_radio_figures[figure], row[FIGURE]) != 0)
			figure++;
		if (strcmp(row[PART], "pan") == 0)
			check_row(&table->radio[LEG_PAN][pan(row[NAME])][figure], row, 1e6);
		else
			check_row(&table->radio[LEG_WAN][wan(row[NAME])][figure], row, 1e6);
	}
}

/* 6.3.2.1 once, over BLE and LTE, with an 18-octet User ID and Entity IDs of 8 and 5: on the PAN a trigger of 76
 * octets down, a request of 98 up, a response of 105 down, with 21 octets of framing each; on the WAN the request and
 * the response, with 28 each. The PN GW hashes for 14.2 ms. */
#define FIGURES                                           \
	"pan,ble,send_event_nj,1000,assumed,-,test\n"     \
	"pan,ble,send_octet_nj,10,assumed,-,test\n"       \
	"pan,ble,receive_event_nj,2000,assumed,-,test\n"  \
	"pan,ble,receive_octet_nj,7,assumed,-,test\n"     \
	"wan,lte,send_event_nj,500000,assumed,-,test\n"   \
	"wan,lte,send_octet_nj,30,assumed,-,test\n"       \
	"wan,lte,receive_event_nj,7e5,assumed,-,test\n"   \
	"wan,lte,receive_octet_nj,11.25,assumed,-,test\n" \
	"cpu,a53_1400,power_mw,2000.5,assumed,-,test\n"

static struct kind_account pn_gw_by_hand(void)
{
	struct kind_account work = {0};

	work.cpu_ns[class_of("a53_1400")] = 14200000;
	work.air[LEG_PAN][pan("ble")][WAY_SENT] = (struct air_account){2, 76 + 21 + 105 + 21};
	work.air[LEG_PAN][pan("ble")][WAY_RECEIVED] = (struct air_account){1, 98 + 21};
	work.air[LEG_WAN][wan("lte")][WAY_SENT] = (struct air_account){1, 98 + 28};
	work.air[LEG_WAN][wan("lte")][WAY_RECEIVED] = (struct air_account){1, 105 + 28};
	return work;
}

static void test_assignment_by_hand(void)
{
	g_autofree struct energy_table *table = with(FIGURES);
	struct kind_account work = pn_gw_by_hand();
	struct energy_gaps gaps = {0};
	struct energy e = energy_of(table, &work, &gaps);

	CU_ASSERT(e.known[ENERGY_FRAMES] && e.known[ENERGY_OCTETS] && e.known[ENERGY_CPU]);
	/* 2 x 1000 + 2000 + 500000 + 700000 nJ */
	CU_ASSERT(e.fj[ENERGY_FRAMES] == UINT64_C(1204000) * 1000000);
	/* 223 x 10 + 119 x 7 + 126 x 30 + 133 x 11.25 nJ */
	CU_ASSERT(e.fj[ENERGY_OCTETS] == UINT64_C(833925) * 10000);
	/* 14.2 ms x 2.0005 W = 28.4071 mJ */
	CU_ASSERT(e.fj[ENERGY_CPU] == UINT64_C(284071) * 100000000);
	CU_ASSERT_PTR_NULL(energy_gaps_describe(&gaps));
}

/* Whether accounts are merged or energies added, the sum is the same. */
static void test_merging(void)
{
	g_autofree struct energy_table *table = with(FIGURES);
	struct kind_account a = pn_gw_by_hand(), b = {0};
	struct energy_gaps gaps = {0};

	b.air[LEG_PAN][pan("ble")][WAY_RECEIVED] = (struct air_account){3, 333};
	b.cpu_ns[class_of("a53_1400")] = 1;
	b.cpu_ns[class_of("free")] = 1000;
	struct energy one = energy_of(table, &a, &gaps), other = energy_of(table, &b, &gaps);

	kind_account_add(&a, &b);
	CU_ASSERT_EQUAL(kind_account_cpu(&a), 14200000 + 1 + 1000);
	struct energy both = energy_of(table, &a, &gaps);

	energy_add(&one, &other);
	for (int t = 0; t < ENERGY_TERMS; t++)
		CU_ASSERT(one.fj[t] == both.fj[t] && one.known[t] && both.known[t]);
}

/* The largest counts times the largest figures stay within 128 bits. */
static void test_no_overflow(void)
{
	g_autofree struct energy_table *table = with("wan,lte,send_octet_nj,1e12,assumed,-,test\n"
						     "wan,lte,send_event_nj,1e12,assumed,-,test\n"
						     "cpu,m4_80,power_mw,1e9,assumed,-,test\n");
	const unsigned __int128 octets = (unsigned __int128)UINT64_MAX * UINT64_C(1000000000000000000);
	struct kind_account work = {0};
	struct energy_gaps gaps = {0};

	work.air[LEG_WAN][wan("lte")][WAY_SENT] = (struct air_account){UINT64_MAX, UINT64_MAX};
	work.cpu_ns[class_of("m4_80")] = UINT64_MAX;
	struct energy e = energy_of(table, &work, &gaps);

	CU_ASSERT(e.fj[ENERGY_OCTETS] == octets && octets / UINT64_MAX == UINT64_C(1000000000000000000));
	CU_ASSERT(e.fj[ENERGY_FRAMES] == octets);
	CU_ASSERT(e.fj[ENERGY_CPU] == (unsigned __int128)UINT64_MAX * UINT64_C(1000000000000));
}

/* Unknown figures make unknown what needs them, nothing else; they are named in the order of the file. */
static void test_unknown(void)
{
	g_autofree struct energy_table *table = with("cpu,m4_80,power_mw,24,assumed,-,test\n");
	struct kind_account idle = {0}, work = {0}, mere_cpu = {0};
	struct energy_gaps gaps = {0};
	struct energy none = energy_of(table, &idle, &gaps);

	CU_ASSERT(none.known[ENERGY_FRAMES] && none.known[ENERGY_OCTETS] && none.known[ENERGY_CPU]);
	CU_ASSERT_PTR_NULL(energy_gaps_describe(&gaps));
	work.air[LEG_PAN][pan("ble")][WAY_SENT] = (struct air_account){1, 100};
	work.air[LEG_PAN][pan("ideal")][WAY_SENT] = (struct air_account){9, 900};
	work.cpu_ns[class_of("m4_80")] = 5;
	struct energy e = energy_of(table, &work, &gaps);

	CU_ASSERT_FALSE(e.known[ENERGY_FRAMES]);
	CU_ASSERT(e.known[ENERGY_OCTETS] && e.fj[ENERGY_OCTETS] == UINT64_C(15360000000));
	CU_ASSERT(e.known[ENERGY_CPU] && e.fj[ENERGY_CPU] == 120000);
	mere_cpu.cpu_ns[class_of("x86_shani")] = 1;
	mere_cpu.air[LEG_WAN][wan("dsl")][WAY_RECEIVED] = (struct air_account){1, 1};
	struct energy other = energy_of(table, &mere_cpu, &gaps);
	g_autofree char *words = energy_gaps_describe(&gaps);

	energy_add(&e, &other);
	CU_ASSERT_FALSE(e.known[ENERGY_FRAMES] || e.known[ENERGY_OCTETS] || e.known[ENERGY_CPU]);
	CU_ASSERT_STRING_EQUAL(words, "pan ble send_event_nj, wan dsl receive_event_nj receive_octet_nj, "
				      "cpu x86_shani power_mw");
}

/* A file's rows stand in place of the built-in ones; it may also take back what they say. */
static void test_replacing(void)
{
	g_autofree struct energy_table *table = with("pan,ble,receive_octet_nj,unknown,unknown,-,not mine\n"
						     "pan,ble,send_octet_nj,0.0000014,measured,me,rounded\n");

	CU_ASSERT_FALSE(table->radio[LEG_PAN][pan("ble")][ENERGY_RECEIVE_OCTET].known);
	CU_ASSERT_EQUAL(table->radio[LEG_PAN][pan("ble")][ENERGY_SEND_OCTET].value, 1);
	CU_ASSERT_EQUAL(table->radio[LEG_PAN][pan("zigbee")][ENERGY_SEND_OCTET].value, 614400000);
}

#define ROW(value, basis, source) HEAD "cpu,m4_80,power_mw," value "," basis "," source ",n\n"

static void test_malformed(void)
{
	static const struct {
		const char *why, *text, *complaint; /* NULL: is accepted */
	} cases[] = {
	    {"whole", ROW("1", "measured", "me"), NULL},
	    {"nothing given", HEAD, NULL},
	    {"without a source", ROW("1", "assumed", "-"), NULL},
	    {"empty", "", "t:1: the header is not"},
	    {"other header", "part,name,figure,value\n", "t:1: the header is not"},
	    {"column missing", HEAD "cpu,m4_80,power_mw,1,assumed,-\n", "t:2: 6 columns instead of 7"},
	    {"no such part", HEAD "lan,ble,send_event_nj,1,assumed,-,n\n",
	     "t:2: column `part`: `lan` is unknown: did you mean `pan`?; there are pan, wan, cpu"},
	    {"no such preset", HEAD "pan,blee,send_event_nj,1,assumed,-,n\n",
	     "t:2: column `name`: `blee` is unknown: did you mean `ble`?"},
	    {"preset of the other leg", HEAD "pan,lte,send_event_nj,1,assumed,-,n\n", "t:2: column `name`: `lte`"},
	    {"no such class", HEAD "cpu,m4_8,power_mw,1,assumed,-,n\n", "t:2: column `name`: `m4_8` is unknown"},
	    {"no such figure", HEAD "pan,ble,send_octets_nj,1,assumed,-,n\n",
	     "t:2: column `figure`: `send_octets_nj` is unknown: did you mean `send_octet_nj`?"},
	    {"figure of the other part", HEAD "cpu,m4_80,send_event_nj,1,assumed,-,n\n", "t:2: column `figure`"},
	    {"twice", ROW("1", "assumed", "-") "cpu,m4_80,power_mw,1,assumed,-,n\n",
	     "t:3: column `figure`: power_mw of m4_80 is given twice"},
	    {"negative", ROW("-1", "assumed", "-"), "t:2: column `value`: `-1` is not a number"},
	    {"unit", ROW("24mW", "assumed", "-"), "t:2: column `value`: `24mW` is not a number"},
	    {"no value", ROW("", "assumed", "-"), "t:2: column `value`: `` is not a number"},
	    {"endless", ROW("inf", "assumed", "-"), "t:2: column `value`: `inf` is not a number"},
	    {"not a number", ROW("nan", "assumed", "-"), "t:2: column `value`: `nan` is not a number"},
	    {"too much", ROW("1.1e9", "assumed", "-"), "t:2: column `value`: `1.1e9` is not a number"},
	    {"no such basis", ROW("1", "guessed", "-"), "t:2: column `basis`: `guessed` is unknown"},
	    {"known and unknown", ROW("1", "unknown", "-"), "t:2: column `basis`: `unknown` does not go with"},
	    {"unknown and known", ROW("unknown", "measured", "me"), "t:2: column `basis`: `measured` does not go"},
	    {"no source", ROW("1", "measured", ""), "t:2: column `source` is empty"},
	    {"measured by nobody", ROW("1", "measured", "-"), "t:2: column `source`: a figure without one"},
	    {"no note", HEAD "cpu,m4_80,power_mw,1,assumed,-,\n", "t:2: column `note` is empty"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct energy_table table = {0};
		g_autoptr(GError) error = NULL;
		bool fine = energy_table_read(&table, "t", cases[i].text, false, &error);
		bool right = cases[i].complaint == NULL
				 ? fine && error == NULL
				 : !fine && error != NULL && g_str_has_prefix(error->message, cases[i].complaint);

		if (!right)
			printf("\n    %s: %s", cases[i].why, error ? error->message : "accepted");
		CU_ASSERT_TRUE(right);
	}
}

/* The built-in table must be whole. */
static void test_incomplete(void)
{
	struct energy_table table = {0};
	g_autoptr(GError) error = NULL;

	CU_ASSERT_FALSE(energy_table_read(&table, "t", ROW("1", "assumed", "-"), true, &error));
	CU_ASSERT_STRING_EQUAL(error->message, "t:2: no row for pan ble send_event_nj");
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"numbers are places among the names", test_numbers},
	    {"the file's figures are used, each with basis and source", test_file},
	    {"an assignment by hand", test_assignment_by_hand},
	    {"merging", test_merging},
	    {"no overflow", test_no_overflow},
	    {"unknown stays unknown", test_unknown},
	    {"a file in place of the built-in figures", test_replacing},
	    {"malformed tables", test_malformed},
	    {"incomplete tables", test_incomplete},
	    {0},
	};

	return suite_run("energy", cases);
}
