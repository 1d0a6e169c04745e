#include "models/crypto/cost.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "models/crypto/cost_table.h"
#include "tests/lib/suite.h"
#include "tests/network/profile_rows.h"

enum { CLASS, OP, LOW, TYPICAL, HIGH, BASIS, SOURCE, NOTE };

static void *find_first(void *found)
{
	*(const struct cost_profile **)found = cost_profile_find("m4_80");
	return NULL;
}

/* The table is read by whoever comes first; must be the first test. */
static void test_two_threads(void)
{
	const struct cost_profile *found[2] = {NULL};
	pthread_t thread[2];

	for (int t = 0; t < 2; t++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[t], NULL, find_first, &found[t]), 0);
	for (int t = 0; t < 2; t++)
		pthread_join(thread[t], NULL);
	CU_ASSERT_PTR_NOT_NULL(found[0]);
	CU_ASSERT_PTR_EQUAL(found[0], found[1]);
}

static void test_names(void)
{
	static const char *const classes[] = {"free",      "m0plus_64", "m0_48",    "m3_72",       "m4_80",
					      "m4_80_hw",  "m4_120",    "m33_160",  "esp32_240",   "esp32_240_hw",
					      "a7_900",    "a7_1370",   "a53_1400", "a53_1400_ce", "a72_1800",
					      "x86_shani", NULL};

	CU_ASSERT_TRUE(g_strv_equal(cost_profile_names(), classes));
	for (int i = 0; classes[i] != NULL; i++) {
		const struct cost_profile *p = cost_profile_find(classes[i]);

		CU_ASSERT_PTR_NOT_NULL_FATAL(p);
		CU_ASSERT_STRING_EQUAL(cost_profile_name(p), classes[i]);
	}
	CU_ASSERT_PTR_NULL(cost_profile_find("m5_80"));
	CU_ASSERT_PTR_NULL(cost_profile_find(""));
}

/* 4 x 73747 + 10000 x 147494 + 26793 + 24 x 49616 + 3 x 14634 + 16 x 3182; store accesses cost no CPU, and the
 * numbers of calls are already in the numbers of compressions and blocks. */
static void test_sum_by_hand(void)
{
	const struct cpns_ops ops = {.sha256 = 9,
				     .hmac = 9,
				     .compressions = 4,
				     .keywrap = 9,
				     .gcm = 9,
				     .aes_keys = 1,
				     .aes_blocks = 24,
				     .ghash_blocks = 3,
				     .random_octets = 16,
				     .store_reads = 9,
				     .store_writes = 9,
				     .pbkdf2_iterations = 10000};

	CU_ASSERT_EQUAL(cost_of(cost_profile_find("m4_80"), &ops), INT64_C(1476547379));
	CU_ASSERT_EQUAL(cost_of(cost_profile_find("free"), &ops), 0);
	CU_ASSERT_EQUAL(cost_of(cost_profile_find("m4_80"), &(struct cpns_ops){0}), 0);
}

/* Rounded once, at the end, to the nearest; halves upwards. */
static void test_rounding(void)
{
	static const struct {
		const char *name;
		uint32_t compressions;
		sim_time cost;
	} cases[] = {
	    {"a53_1400_ce", 1, 109},                       /* 108.8 */
	    {"a53_1400_ce", 3, 326},                       /* 326.4 */
	    {"a53_1400_ce", 5, 544}, {"a72_1800", 1, 770}, /* 769.5 */
	    {"a72_1800", 3, 2309},   {"m0_48", UINT32_MAX, INT64_C(1956537991498890)},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		CU_ASSERT_EQUAL(cost_of(cost_profile_find(cases[i].name),
					&(struct cpns_ops){.compressions = cases[i].compressions}),
				cases[i].cost);
	CU_ASSERT_EQUAL(cost_of(cost_profile_find("x86_shani"), &(struct cpns_ops){.pbkdf2_iterations = 600000}),
			INT64_C(193200000));
}

static struct cpns_ops thousand(const char *op)
{
	struct cpns_ops ops = {0};

	if (strcmp(op, "sha256_compression") == 0)
		ops.compressions = 1000;
	else if (strcmp(op, "pbkdf2_iteration") == 0)
		ops.pbkdf2_iterations = 1000;
	else if (strcmp(op, "aes256_key_schedule") == 0)
		ops.aes_keys = 1000;
	else if (strcmp(op, "aes256_block") == 0)
		ops.aes_blocks = 1000;
	else if (strcmp(op, "ghash_block") == 0)
		ops.ghash_blocks = 1000;
	else if (strcmp(op, "random_octet") == 0)
		ops.random_octets = 1000;
	else if (strcmp(op, "store_read") == 0)
		ops.store_reads = 1000;
	else if (strcmp(op, "store_write") == 0)
		ops.store_writes = 1000;
	else
		CU_FAIL("a row whose operation is never charged");
	return ops;
}

/* Every row of the file, read a second way, is what the simulator charges, and says where it comes from. */
static void test_file(void)
{
	static const char *const bases[] = {"measured", "derived", "defined", NULL};
	g_autoptr(GPtrArray) rows = profile_rows("devices.csv");

	CU_ASSERT_EQUAL(rows->len, 16 * 8);
	for (guint i = 0; i < rows->len; i++) {
		char **row = rows->pdata[i];

		CU_ASSERT_EQUAL_FATAL(g_strv_length(row), 8);
		const struct cpns_ops ops = thousand(row[OP]);
		const struct cost_profile *p = cost_profile_find(row[CLASS]);

		CU_ASSERT_PTR_NOT_NULL_FATAL(p);
		CU_ASSERT_DOUBLE_EQUAL((double)cost_of(p, &ops), 1000 * g_ascii_strtod(row[TYPICAL], NULL), 0.5);
		CU_ASSERT_TRUE(g_strv_contains(bases, row[BASIS]));
		CU_ASSERT_TRUE(profile_sources_known(row[SOURCE]));
		CU_ASSERT(strlen(row[NOTE]) > 5);
		if (strcmp(row[CLASS], "free") != 0 && !g_str_has_prefix(row[OP], "store_"))
			CU_ASSERT(g_ascii_strtod(row[LOW], NULL) > 0);
	}
}

static void test_description(void)
{
	CU_ASSERT_STRING_EQUAL(cost_profile_describe(cost_profile_find("m4_80")),
			       "m4_80: SHA-256 compression 73.7 us (56 us to 190 us, derived), "
			       "PBKDF2 iteration 147 us (112 us to 380 us, derived), "
			       "AES-256 block 49.6 us (20.8 us to 50 us, derived)");
	CU_ASSERT_PTR_NOT_NULL(strstr(cost_profile_describe(cost_profile_find("x86_shani")), "322 ns"));
	CU_ASSERT_PTR_NOT_NULL(strstr(cost_profile_describe(cost_profile_find("m0_48")), "1.18 ms"));
}

#define HEAD "class,op,low,typical,high,basis,source,note\n"
#define ROW(op) "x," op ",1,2,3,measured,S1,n\n"
#define REST                       \
	ROW("pbkdf2_iteration")    \
	ROW("aes256_key_schedule") \
	ROW("aes256_block") ROW("ghash_block") ROW("random_octet") ROW("store_read") ROW("store_write")
#define TABLE(row) HEAD row REST

static void test_malformed(void)
{
	static const struct {
		const char *why, *text, *complaint; /* NULL: is accepted */
	} cases[] = {
	    {"whole", TABLE(ROW("sha256_compression")), NULL},
	    {"empty", "", "t:1: the header is not"},
	    {"header alone", HEAD, "t:1: no rows"},
	    {"other header", "class,op,low,high,typical,basis,source,note\n", "t:1: the header is not"},
	    {"column missing", HEAD "x,ghash_block,1,2,3,measured,S1\n", "t:2: 7 columns instead of 8"},
	    {"no such operation", HEAD ROW("sha512"), "t:2: unknown operation 'sha512'"},
	    {"operation missing", HEAD REST, "t:8: no row for sha256_compression of x"},
	    {"twice", TABLE(ROW("store_read")), "t:8: store_read of x is given twice"},
	    {"no such basis", HEAD "x,ghash_block,1,2,3,guessed,S1,n\n", "t:2: unknown basis 'guessed'"},
	    {"no source", HEAD "x,ghash_block,1,2,3,measured,,n\n", "t:2: a figure without a source"},
	    {"no note", HEAD "x,ghash_block,1,2,3,derived,S1,\n", "t:2: a figure without a note"},
	    {"order", HEAD "x,ghash_block,2,1,3,derived,S1,n\n", "t:2: low, typical and high are not in order"},
	    {"negative", HEAD "x,ghash_block,-1,1,3,derived,S1,n\n", "t:2: not a number of nanoseconds: '-1'"},
	    {"unit", HEAD "x,ghash_block,1,1us,3,derived,S1,n\n", "t:2: not a number of nanoseconds: '1us'"},
	    {"no number", HEAD "x,ghash_block,1,,3,derived,S1,n\n", "t:2: not a number of nanoseconds: ''"},
	    {"endless", HEAD "x,ghash_block,1,2,inf,derived,S1,n\n", "t:2: not a number of nanoseconds: 'inf'"},
	    {"stray quote", HEAD "x,gh\"ash_block,1,2,3,derived,S1,n\n", "t:2: "},
	    {"open quote", HEAD "x,ghash_block,1,2,3,derived,S1,\"n\n", "t:2: "},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GPtrArray) table = cost_table_read("t", cases[i].text, &error);
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
	    {"two threads read the table at once", test_two_threads},
	    {"every named class exists, free first", test_names},
	    {"a sum by hand", test_sum_by_hand},
	    {"rounding", test_rounding},
	    {"the file's numbers are charged, each with basis and source", test_file},
	    {"description", test_description},
	    {"malformed tables", test_malformed},
	    {0},
	};

	return suite_run("cost", cases);
}
