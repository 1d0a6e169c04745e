/* The files that the values of an iteration name. Each is noted by its SHA-256 when it is first read, so that the
 * manifest can say what a run was made from; the tables of empirical distributions are kept. */
#ifndef SIM_STUDY_FILES_H
#define SIM_STUDY_FILES_H

#include "sim/study/param.h"
#include "sim/study/parse.h"

#define SIM_SHA256_DIGITS 64

struct sim_files;

struct sim_files *sim_files_new(void);
void sim_files_free(struct sim_files *files);

/* Reads the file at file->path, which stands as `written` in the scenario; the path is set already. See
 * sim_value_read. */
bool sim_files_read(struct sim_files *files, const char *written, struct sim_file *file, GError **error);

/* The table of the distribution in the file at `path`: read once, then the same again, until sim_files_free. NULL
 * with *reason, the caller's to g_free. */
const struct sim_empirical *sim_files_table(struct sim_files *files, const char *written, const char *path,
					    enum sim_dist dist, char **reason);

/* File i of those read so far, in order: as it is written, and its SHA-256 in hexadecimal digits. NULL: no more. */
const char *sim_files_at(const struct sim_files *files, guint i, const char **sha256);

#endif
