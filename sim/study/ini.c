#include "sim/study/ini.h"

#include <stdbool.h>
#include <string.h>

#include "sim/study/param.h"
#include "sim/study/text.h"

static void entry_free(gpointer data)
{
	struct ini_entry *entry = data;

	g_free(entry->key);
	g_free(entry->value);
	g_free(entry);
}

static void group_free(gpointer data)
{
	struct ini_group *group = data;

	g_free(group->name);
	g_strfreev(group->parents);
	g_ptr_array_unref(group->entries);
	g_free(group);
}

void ini_file_free(struct ini_file *file)
{
	if (file == NULL)
		return;
	g_ptr_array_unref(file->groups);
	g_free(file->label);
	g_free(file);
}

const struct ini_group *ini_file_group(const struct ini_file *file, const char *name)
{
	for (guint i = 0; i < file->groups->len; i++) {
		const struct ini_group *group = g_ptr_array_index(file->groups, i);

		if (strcmp(group->name, name) == 0)
			return group;
	}
	return NULL;
}

const char **ini_file_configs(const struct ini_file *file)
{
	const char **names = g_new0(const char *, file->groups->len + 1);

	for (guint i = 0; i < file->groups->len; i++)
		names[i] = ((const struct ini_group *)g_ptr_array_index(file->groups, i))->name;
	return names;
}

static bool refuse(const struct ini_file *file, unsigned line, GError **error, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

static bool refuse(const struct ini_file *file, unsigned line, GError **error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *reason = g_strdup_vprintf(format, arguments);

	va_end(arguments);
	if (line > 0)
		g_set_error(error, SIM_SCENARIO_ERROR, 0, "%s:%u: %s", file->label, line, reason);
	else
		g_set_error(error, SIM_SCENARIO_ERROR, 0, "%s: %s", file->label, reason);
	return false;
}

static unsigned line_at(const char *text, const char *place)
{
	unsigned line = 1;

	for (; text < place; text++)
		line += *text == '\n';
	return line;
}

static bool check_octets(const struct ini_file *file, const char *text, gsize length, GError **error)
{
	const char *nul = memchr(text, '\0', length), *bad;

	if (length > INI_MAX_OCTETS)
		return refuse(file, 0, error, "is too long for a scenario: more than %d octets", INI_MAX_OCTETS);
	if (nul != NULL)
		return refuse(file, line_at(text, nul), error, "a NUL character: a scenario is plain text");
	if (!g_utf8_validate(text, (gssize)length, &bad))
		return refuse(file, line_at(text, bad), error, "bad UTF-8: save the file with that encoding");
	return true;
}

static bool add_group(struct ini_file *file, char *line, unsigned number, GError **error)
{
	char *end = strrchr(line, ']');

	if (end == NULL || end[1] != '\0')
		return refuse(file, number, error, "a group's line ends with ]: write [General] or [Config NAME]");
	*end = '\0';
	const char *name = g_strstrip(line + 1);

	if (g_str_has_prefix(name, "Config ") || g_str_has_prefix(name, "Config\t"))
		name = g_strchug((char *)(uintptr_t)name + strlen("Config "));
	else if (strcmp(name, "General") != 0)
		return refuse(file, number, error, "unknown group [%s]: write [General] or [Config NAME]", name);
	else
		name = "General";
	if (strcmp(name, "General") == 0 && strstr(line + 1, "Config") != NULL)
		return refuse(file, number, error, "a config cannot be called General: choose another name");
	if (!sim_is_name(name) || *name == '.' || *name == '-')
		return refuse(file, number, error,
			      "\"%s\" is no name for a config: use letters, digits and _ - . (a letter first)", name);
	const struct ini_group *twin = ini_file_group(file, name);

	if (twin != NULL)
		return refuse(file, number, error, "duplicate group [%s%s]: it stands in line %u already",
			      strcmp(name, "General") == 0 ? "" : "Config ", name, twin->line);
	struct ini_group *group = g_new0(struct ini_group, 1);

	group->name = g_strdup(name);
	group->line = number;
	group->entries = g_ptr_array_new_with_free_func(entry_free);
	g_ptr_array_add(file->groups, group);
	return true;
}

static bool set_parents(const struct ini_file *file, struct ini_group *group, const char *value, unsigned number,
			GError **error)
{
	if (strcmp(group->name, "General") == 0)
		return refuse(file, number, error, "extends: [General] extends nothing: every config extends it");
	if (group->parents != NULL)
		return refuse(file, number, error, "duplicate key extends: it stands in line %u already",
			      group->parents_line);
	if (*value == '\0')
		return refuse(file, number, error, "extends: is empty: name a config, or remove the line");
	group->parents = sim_split(value);
	group->parents_line = number;
	return true;
}

static bool add_entry(struct ini_file *file, char *line, unsigned number, GError **error)
{
	char *equals = strchr(line, '=');

	if (equals == NULL)
		return refuse(file, number, error,
			      "\"%s\" is neither a group, nor key = value, nor a comment (# or ; comes first)", line);
	*equals = '\0';
	const char *key = g_strstrip(line), *value = g_strstrip(equals + 1);

	if (!sim_is_name(key))
		return refuse(file, number, error, "\"%s\" is no key: use letters, digits and _ - .", key);
	if (file->groups->len == 0)
		return refuse(file, number, error, "%s stands before the first group: write [General] above it", key);
	struct ini_group *group = g_ptr_array_index(file->groups, file->groups->len - 1);

	if (strcmp(key, "extends") == 0)
		return set_parents(file, group, value, number, error);
	for (guint i = 0; i < group->entries->len; i++) {
		const struct ini_entry *twin = g_ptr_array_index(group->entries, i);

		if (strcmp(twin->key, key) == 0)
			return refuse(file, number, error, "duplicate key %s: it stands in line %u already", key,
				      twin->line);
	}
	struct ini_entry *entry = g_new0(struct ini_entry, 1);

	*entry = (struct ini_entry){g_strdup(key), g_strdup(value), number};
	g_ptr_array_add(group->entries, entry);
	return true;
}

static bool add_lines(struct ini_file *file, const char *text, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (unsigned i = 0; lines[i] != NULL; i++) {
		char *line = g_strstrip(lines[i]);
		bool good = true;

		if (*line == '[')
			good = add_group(file, line, i + 1, error);
		else if (*line != '\0' && *line != '#' && *line != ';')
			good = add_entry(file, line, i + 1, error);
		if (!good)
			return false;
	}
	return true;
}

/* Adds the group and, behind it, what it extends; a group that is met again moves behind all that extend it. False
 * when it extends itself. */
static bool add_lineage(const struct ini_file *file, const struct ini_group *group, GPtrArray *path, GPtrArray *out)
{
	if (g_ptr_array_find(path, group, NULL))
		return false;
	g_ptr_array_add(path, (gpointer)(uintptr_t)group);
	g_ptr_array_remove(out, (gpointer)(uintptr_t)group);
	g_ptr_array_add(out, (gpointer)(uintptr_t)group);
	bool good = true;

	for (guint i = 0; good && group->parents != NULL && group->parents[i] != NULL; i++) {
		const struct ini_group *parent = ini_file_group(file, group->parents[i]);

		if (parent != NULL && strcmp(parent->name, "General") != 0)
			good = add_lineage(file, parent, path, out);
	}
	g_ptr_array_set_size(path, (int)path->len - 1);
	return good;
}

GPtrArray *ini_file_lineage(const struct ini_file *file, const char *config)
{
	g_autoptr(GPtrArray) path = g_ptr_array_new(), out = g_ptr_array_new();
	const struct ini_group *general = ini_file_group(file, "General"), *group = ini_file_group(file, config);

	if (group == NULL && strcmp(config, "General") != 0)
		return NULL;
	if (group != NULL && group != general && !add_lineage(file, group, path, out))
		return NULL;
	if (general != NULL)
		g_ptr_array_add(out, (gpointer)(uintptr_t)general);
	return g_steal_pointer(&out);
}

static bool check_parents(const struct ini_file *file, const struct ini_group *group, GError **error)
{
	g_autofree const char **configs = ini_file_configs(file);

	for (guint i = 0; group->parents != NULL && group->parents[i] != NULL; i++) {
		const char *parent = group->parents[i], *near;

		if (strcmp(parent, "General") == 0 || ini_file_group(file, parent) != NULL)
			continue;
		near = sim_nearest(parent, configs);
		return refuse(file, group->parents_line, error, "extends: there is no [Config %s]%s%s%s", parent,
			      near != NULL ? ": did you mean " : "", near != NULL ? near : "",
			      near != NULL ? "?" : "");
	}
	g_autoptr(GPtrArray) lineage = ini_file_lineage(file, group->name);

	if (lineage == NULL)
		return refuse(file, group->parents_line, error, "extends: [Config %s] extends itself in a cycle",
			      group->name);
	return true;
}

struct ini_file *ini_file_new(const char *label, const char *text, gsize length, GError **error)
{
	struct ini_file *file = g_new0(struct ini_file, 1);

	file->label = g_strdup(label);
	file->groups = g_ptr_array_new_with_free_func(group_free);
	bool good = check_octets(file, text, length, error);

	if (good && length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3; /* the byte order mark that some editors write */
		length -= 3;
	}
	if (good) {
		g_autofree char *copy = g_strndup(text, length);

		good = add_lines(file, copy, error);
	}
	for (guint i = 0; good && i < file->groups->len; i++)
		good = check_parents(file, g_ptr_array_index(file->groups, i), error);
	if (good)
		return file;
	ini_file_free(file);
	return NULL;
}
