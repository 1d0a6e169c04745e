/* What the files of archive*.c share; for others archive.h. */
#ifndef SIM_STUDY_ARCHIVE_PARTS_H
#define SIM_STUDY_ARCHIVE_PARTS_H

#include "sim/study/archive.h"

/* Fills what the manifest says: text[0..n) of the file at `path`. */
bool archive_read_manifest(struct sim_archive *archive, const char *path, const char *text, gsize n, GError **error);

/* The key of a run in `index`, the caller's to g_free. */
char *archive_run_key(const char *config, const char *iteration, guint replication);

/* The tables that a folder may hold. */
enum archive_table {
	ARCHIVE_RUNS,
	ARCHIVE_SUMMARY,
	ARCHIVE_CDF,
	ARCHIVE_SERIES,
	ARCHIVE_COMPARE,
	ARCHIVE_CLAIMS,
	ARCHIVE_CAPACITY,
	ARCHIVE_TABLES,
};

const char *archive_table_file(enum archive_table table);

/* Adds the rows of a table's text, which stands in the file at `path`, to what the manifest says. */
bool archive_read_table(struct sim_archive *archive, enum archive_table table, const char *path, const char *text,
			gsize n, GError **error);

#endif
