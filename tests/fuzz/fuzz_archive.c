/* A result folder in which one file is replaced: the input's first line names it, the rest is its text. */
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/study/archive.h"
#include "sim/study/param.h"
#include "tests/fuzz/target.h"

#define RUN "A,n=1,0,0,all,all,"

static const struct {
	const char *name, *text;
} files[] = {
    {"manifest.json",
     "{\"format\":\"cpns-sim campaign\",\"format-version\":1,\"model\":\"m\",\"state\":\"finished\",\"config\":\"A\","
     "\"repeat\":1,\"runs-planned\":1,\"generator\":\"g\",\"confidence\":0.95,\"variables\":[{\"name\":\"n\","
     "\"values\":[\"1\"]}],\"iterations\":[{\"iteration\":\"n=1\",\"parameters\":{\"seed\":{\"value\":\"1\",\"from\":"
     "\"default\"}}}],\"runs\":[{\"config\":\"A\",\"iteration\":\"n=1\",\"replication\":0,\"run\":0,\"seed\":1,"
     "\"fingerprint\":\"00000000000000000000000000000001\",\"ended\":\"done\"}],\"warnings\":[],\"provenance\":{}}"},
    {"runs.csv", "config,iteration,replication,run,module,flow,metric,statistic,value,unit\n" RUN "x,mean,1,s\n"},
    {"summary.csv",
     "config,iteration,module,flow,metric,statistic,estimate,low,high,confidence,n,method,unit,verdict\n"
     "A,n=1,all,all,x,mean,1,,,0.95,1,none,s,n too small\n"},
    {"cdf.csv", "config,iteration,replication,run,module,flow,metric,share,value,unit\n" RUN "x,0.5,1,s\n"},
    {"series.csv",
     "config,iteration,replication,run,module,flow,metric,statistic,time,value,unit\n" RUN "x,mean,1,1,s\n"},
    {"compare.csv", "a,b,iteration,module,flow,metric,statistic,difference,low,high,ratio,ratio_low,ratio_high,"
		    "correlation,variance_ratio,n,method,unit,verdict\n"
		    "A,A,n=1,all,all,x,mean,0,,,1,,,,,1,none,s,n too small\n"},
    {"claims.csv", "a,b,iteration,module,flow,metric,statistic,per,difference,low,high,ratio,n,p,adjusted,unit,"
		   "verdict\nA,A,n=1,all,all,x,mean,,0,,,1,1,,,s,n too small\n"},
    {"capacity.csv", "config,iteration,parameter,lower,upper,unit,confidence,verdict\nA,n=1,rate,1,2,1/s,0.95,ok\n"},
};

static char *folder;

static void put(const char *name, const char *text, gsize n)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	FUZZ_HOLDS(g_file_set_contents_full(path, text, (gssize)n, G_FILE_SET_CONTENTS_NONE, 0600, NULL), "a disc");
}

static void forget(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *path = g_build_filename(folder, files[i].name, NULL);

		g_unlink(path);
	}
	g_rmdir(folder);
	g_free(folder);
}

static void read_folder(bool whole)
{
	g_autoptr(GError) error = NULL;
	struct sim_archive *a = sim_archive_read(folder, &error);

	FUZZ_HOLDS((a == NULL) == (error != NULL), "an archive or a reason");
	FUZZ_HOLDS(a != NULL || (error->domain == SIM_SCENARIO_ERROR && g_str_has_prefix(error->message, folder)),
		   "a reason begins with the file");
	FUZZ_HOLDS(a != NULL || !whole, "what is whole is taken");
	sim_archive_free(a);
}

static void begin(void)
{
	folder = g_dir_make_tmp("cpns-fuzz-XXXXXX", NULL);
	atexit(forget);
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
		put(files[i].name, files[i].text, strlen(files[i].text));
	read_folder(true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *text = n > 0 ? (const char *)data : "";
	const char *end = n > 0 ? memchr(text, '\n', n) : NULL;

	if (folder == NULL)
		begin();
	for (size_t i = 0; end != NULL && i < G_N_ELEMENTS(files); i++) {
		if (strlen(files[i].name) != (size_t)(end - text) ||
		    memcmp(text, files[i].name, (size_t)(end - text)) != 0)
			continue;
		put(files[i].name, end + 1, n - (size_t)(end + 1 - text));
		read_folder(false);
		put(files[i].name, files[i].text, strlen(files[i].text));
	}
	return 0;
}
