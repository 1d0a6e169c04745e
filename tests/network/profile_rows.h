/* A second, plain reader of the tables in topologies/profiles, to hold against the loaders of the simulator. */
#ifndef TESTS_NETWORK_PROFILE_ROWS_H
#define TESTS_NETWORK_PROFILE_ROWS_H

#include <glib.h>
#include <stdbool.h>

/* The rows of the file topologies/profiles/NAME without its header, each a NULL-terminated array of cells. The
 * caller's to unref. */
GPtrArray *profile_rows(const char *name);

/* Does each word of `sources` have a place in SOURCES.md? `-` and `definition` do. */
bool profile_sources_known(const char *sources);

#endif
