/* One run of a scenario, for tests of what it reports. */
#ifndef TESTS_DEPLOYMENT_RUN_OF_H
#define TESTS_DEPLOYMENT_RUN_OF_H

#include "sim/study/record.h"

/* Runs replication 0, of seed 1, of a config of tests/house/cross-build.ini with these settings (NULL-terminated), or
 * of a scenario's `text` in its place. The error's text, the caller's to g_free, or NULL; *record is the caller's to
 * clear in either case. */
char *run_of(const char *config, const char *text, const char *const *sets, struct sim_record *record);

#endif
