/* What runs report is what the model says that they can. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "models/deployment/deployment.h"
#include "tests/deployment/run_of.h"
#include "tests/lib/suite.h"

/* Of all that a run can report, each run here reports a part. */
static const char *const energies = "part,name,figure,value,basis,source,note\n"
				    "pan,ble,send_event_nj,1000,assumed,-,test\n"
				    "pan,ble,send_octet_nj,10,assumed,-,test\n"
				    "pan,ble,receive_event_nj,2000,assumed,-,test\n"
				    "pan,ble,receive_octet_nj,7,assumed,-,test\n"
				    "wan,lte,send_event_nj,500000,assumed,-,test\n"
				    "wan,lte,send_octet_nj,30,assumed,-,test\n"
				    "wan,lte,receive_event_nj,700000,assumed,-,test\n"
				    "wan,lte,receive_octet_nj,11,assumed,-,test\n"
				    "cpu,m4_80,power_mw,24,assumed,-,test\n"
				    "cpu,a53_1400,power_mw,2000,assumed,-,test\n"
				    "cpu,x86_shani,power_mw,50000,assumed,-,test\n";

/* Takes what is known off `left`, a set of names. */
static void look(const struct sim_record *record, GHashTable *left)
{
	for (guint i = 0; i < record->rows->len; i++) {
		const struct sim_row *row = &g_array_index(record->rows, struct sim_row, i);
		g_autofree char *reason = NULL;

		if (strcmp(row->module, "all") != 0 || strcmp(row->flow, "all") != 0)
			continue;
		if (!sim_metric_check(metrics_known, row->metric, row->statistic, row->unit, &reason)) {
			printf("\n    %s.%s: %s", row->metric, row->statistic, reason);
			CU_FAIL("a row that is not known");
		}
		g_hash_table_remove(left, row->metric);
	}
}

static void test_known(void)
{
	static const char *const sharded[] = {"crypto.mode=counted", "store.model=sharded", "store.shards=2",
					      "store.write=1ms", NULL};
	static const char *const groups[] = {"crypto.mode=counted", "store.model=group-commit", "store.write=1ms",
					     NULL};
	static const char *const chains[] = {"crypto.mode=counted",       "flow=pne-insecure-pan", "chain.length=8",
					     "chain.advance=every(1min)", "sim-time-limit=10min",  NULL};
	g_autofree char *path = NULL;
	int file = g_file_open_tmp("energies-XXXXXX.csv", &path, NULL);

	CU_ASSERT_FATAL(file >= 0);
	g_close(file, NULL);
	CU_ASSERT_FATAL(g_file_set_contents(path, energies, -1, NULL));
	g_autofree char *profile = g_strdup_printf("energy.profile=%s", path);
	const char *energy[] = {"crypto.mode=counted", "pan.profile=ble", "wan.profile=lte", profile, NULL};
	const char *const *const runs[] = {sharded, groups, chains, energy};
	g_autoptr(GHashTable) left = g_hash_table_new(g_str_hash, g_str_equal);

	for (const struct sim_known_metric *m = metrics_known; m->name != NULL; m++)
		CU_ASSERT(g_hash_table_add(left, (gpointer)(uintptr_t)m->name));
	for (size_t i = 0; i < G_N_ELEMENTS(runs); i++) {
		struct sim_record record;
		g_autofree char *reason = run_of("Storm", NULL, runs[i], &record);

		if (reason != NULL)
			printf("\n    %s", reason);
		CU_ASSERT_PTR_NULL(reason);
		look(&record, left);
		sim_record_clear(&record);
	}
	GHashTableIter names;
	gpointer name;

	g_hash_table_iter_init(&names, left);
	while (g_hash_table_iter_next(&names, &name, NULL)) {
		printf("\n    %s", (const char *)name);
		CU_FAIL("a metric that no run reports");
	}
	g_remove(path);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"what runs report is known", test_known},
	    {NULL, NULL},
	};

	return suite_run("metrics", cases);
}
