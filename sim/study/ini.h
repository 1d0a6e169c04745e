/* A scenario file as it is written: groups of keys, each with the line that it stands on. Nothing is judged here but
 * the form of the lines; GKeyFile would forget the lines, let the last duplicate win and merge equal groups. */
#ifndef SIM_STUDY_INI_H
#define SIM_STUDY_INI_H

#include <glib.h>

struct ini_entry {
	char *key, *value; /* trimmed */
	unsigned line;     /* from 1 */
};

/* [General], or [Config NAME]. */
struct ini_group {
	char *name; /* "General" or NAME */
	unsigned line;
	char **parents; /* of `extends`, NULL-terminated; NULL without */
	unsigned parents_line;
	GPtrArray *entries; /* of struct ini_entry; `extends` is none */
};

struct ini_file {
	char *label;       /* how complaints call the file */
	GPtrArray *groups; /* of struct ini_group, in order */
};

#define INI_MAX_OCTETS (1 << 20)

/* Reads the text of a file. Refuses, with SIM_SCENARIO_ERROR and "label:line: reason": NULs, bad UTF-8, more than
 * INI_MAX_OCTETS, lines of no known form, keys before the first group, duplicate keys and groups, and `extends` of
 * unknown configs or in cycles. */
struct ini_file *ini_file_new(const char *label, const char *text, gsize length, GError **error);
void ini_file_free(struct ini_file *file);

/* The group of that name, or NULL. */
const struct ini_group *ini_file_group(const struct ini_file *file, const char *name);

/* The groups that a config reads its keys from, nearest first: itself, its parents (left to right, theirs behind
 * them, each behind all that extend it), General. NULL if there is no such config; "General" need not exist. The
 * groups are borrowed; g_ptr_array_unref. */
GPtrArray *ini_file_lineage(const struct ini_file *file, const char *config);

/* The names of all configs, General first if the file has it; NULL-terminated, the names are borrowed. g_free. */
const char **ini_file_configs(const struct ini_file *file);

#endif
