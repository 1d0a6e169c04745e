#include "sim/study/files.h"

#include <string.h>

#include "sim/study/empirical.h"

struct noted {
	char *path, *written, *sha256;
	struct sim_empirical *tables[SIM_DISTS]; /* NULL: not asked for */
};

struct sim_files {
	GPtrArray *noted; /* of struct noted */
};

static void noted_free(gpointer data)
{
	struct noted *noted = data;

	for (int dist = 0; dist < SIM_DISTS; dist++)
		sim_empirical_free(noted->tables[dist]);
	g_free(noted->path);
	g_free(noted->written);
	g_free(noted->sha256);
	g_free(noted);
}

struct sim_files *sim_files_new(void)
{
	struct sim_files *files = g_new0(struct sim_files, 1);

	files->noted = g_ptr_array_new_with_free_func(noted_free);
	return files;
}

void sim_files_free(struct sim_files *files)
{
	g_ptr_array_unref(files->noted);
	g_free(files);
}

static struct noted *find(const struct sim_files *files, const char *path)
{
	for (guint i = 0; i < files->noted->len; i++) {
		struct noted *noted = files->noted->pdata[i];

		if (strcmp(noted->path, path) == 0)
			return noted;
	}
	return NULL;
}

static struct noted *note(struct sim_files *files, const char *written, const char *path, const char *sha256)
{
	struct noted *noted = g_new0(struct noted, 1);

	noted->path = g_strdup(path);
	noted->written = g_strdup(written);
	noted->sha256 = g_strdup(sha256);
	g_ptr_array_add(files->noted, noted);
	return noted;
}

static struct noted *read_file(struct sim_files *files, const char *written, struct sim_file *file, GError **error)
{
	struct noted *before = find(files, file->path);

	if (!g_file_get_contents(file->path, &file->text, &file->n, error))
		return NULL;
	g_autofree char *sha256 = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)file->text, file->n);

	if (before == NULL)
		return note(files, written, file->path, sha256);
	if (strcmp(before->sha256, sha256) == 0)
		return before;
	g_set_error(error, SIM_SCENARIO_ERROR, 0, "%s: has changed since the scenario was read: run it again",
		    file->path);
	return NULL;
}

bool sim_files_read(struct sim_files *files, const char *written, struct sim_file *file, GError **error)
{
	return read_file(files, written, file, error) != NULL;
}

const struct sim_empirical *sim_files_table(struct sim_files *files, const char *written, const char *path,
					    enum sim_dist dist, char **reason)
{
	g_autoptr(GError) error = NULL;
	struct noted *noted = find(files, path);

	if (noted != NULL && noted->tables[dist] != NULL)
		return noted->tables[dist];
	/* Scenarios are looked at more than once before they run: a pipe would be empty by then. */
	if (g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
		*reason = g_strdup_printf("names %s, which is not a file: name a CSV file", path);
		return NULL;
	}
	struct sim_file file = {.path = g_strdup(path)};
	struct sim_empirical *table = NULL;

	noted = read_file(files, written, &file, &error);
	if (noted == NULL)
		*reason = g_strdup_printf("names a file that cannot be used: %s", error->message);
	else if ((table = empirical_parse(path, file.text, file.n, dist, &error)) == NULL)
		*reason = g_strdup_printf("names a file with a mistake: %s", error->message);
	else
		noted->tables[dist] = table;
	sim_file_clear(&file);
	return table;
}

const char *sim_files_at(const struct sim_files *files, guint i, const char **sha256)
{
	if (i >= files->noted->len)
		return NULL;
	const struct noted *noted = files->noted->pdata[i];

	*sha256 = noted->sha256;
	return noted->written;
}
