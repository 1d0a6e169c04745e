#include "sim/study/build_info.h"

#include <csv.h>
#include <glib.h>
#include <gsl/gsl_version.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "sim/kernel/event_queue.h"
#include "sim/study/commit.h"

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#define DIRTY "-dirty"

static const char commit[] = SIM_COMMIT;

struct sim_build_info sim_build_info(void)
{
	struct sim_build_info info = {
	    .version = SIM_VERSION,
	    .dirty = g_str_has_suffix(commit, DIRTY),
	    .build_type = SIM_BUILD_TYPE,
	    .compiler = SIM_COMPILER,
	    .event_queue = sim_event_queue_kind(),
	};

	g_strlcpy(info.commit, commit, sizeof(info.commit));
	if (info.dirty)
		info.commit[MIN(strlen(commit), sizeof(info.commit) - 1) - strlen(DIRTY)] = '\0';
	return info;
}

char **sim_build_libraries(void)
{
	char **lines = g_new0(char *, 5);

	lines[0] = g_strdup_printf("GLib %u.%u.%u", glib_major_version, glib_minor_version, glib_micro_version);
	lines[1] = g_strdup_printf("GSL %s", gsl_version);
	lines[2] = g_strdup("json-glib " JSON_VERSION_S);
	lines[3] = g_strdup("libcsv " TEXT(CSV_MAJOR) "." TEXT(CSV_MINOR) "." TEXT(CSV_RELEASE));
	return lines;
}
