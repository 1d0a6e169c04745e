#include "tests/network/profile_rows.h"

#include <string.h>

static char *read_file(const char *name)
{
	g_autofree char *path = g_build_filename(SOURCE_ROOT, "topologies/profiles", name, NULL);
	char *text = NULL;
	GError *error = NULL;

	if (!g_file_get_contents(path, &text, NULL, &error))
		g_error("%s", error->message);
	return text;
}

static char **cells_of(const char *line)
{
	GStrvBuilder *cells = g_strv_builder_new();
	GString *cell = g_string_new(NULL);
	bool quoted = false;

	for (; *line != '\0'; line++) {
		if (*line == '"') {
			quoted = !quoted;
		} else if (*line == ',' && !quoted) {
			g_strv_builder_add(cells, cell->str);
			g_string_truncate(cell, 0);
		} else {
			g_string_append_c(cell, *line);
		}
	}
	g_strv_builder_add(cells, cell->str);
	g_string_free(cell, TRUE);
	char **row = g_strv_builder_end(cells);

	g_strv_builder_unref(cells);
	return row;
}

GPtrArray *profile_rows(const char *name)
{
	g_autofree char *text = read_file(name);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);

	for (int i = 1; lines[i] != NULL && *lines[i] != '\0'; i++)
		g_ptr_array_add(rows, cells_of(lines[i]));
	return rows;
}

bool profile_sources_known(const char *sources)
{
	g_autofree char *text = read_file("SOURCES.md");
	g_auto(GStrv) words = g_strsplit(sources, " ", -1);

	if (g_str_equal(sources, "-") || g_str_equal(sources, "definition"))
		return true;
	for (int i = 0; words[i] != NULL; i++) {
		g_autofree char *row = g_strdup_printf("\n| %s |", words[i]);
		g_autofree char *within = g_strdup_printf(" %s: ", words[i]);

		if (strstr(text, row) == NULL && strstr(text, within) == NULL)
			return false;
	}
	return words[0] != NULL && *words[0] != '\0';
}
