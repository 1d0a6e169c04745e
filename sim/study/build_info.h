/* What this program was built from and with. */
#ifndef SIM_STUDY_BUILD_INFO_H
#define SIM_STUDY_BUILD_INFO_H

#include <stdbool.h>

struct sim_build_info {
	const char *version;
	char commit[64]; /* "unknown" outside of a repository */
	bool dirty;      /* built from files that the commit does not hold */
	const char *build_type, *compiler, *event_queue;
};

struct sim_build_info sim_build_info(void);

/* Lines about the libraries that this layer uses: "GLib 2.74.6", NULL-terminated; the caller's to g_strfreev. */
char **sim_build_libraries(void);

#endif
