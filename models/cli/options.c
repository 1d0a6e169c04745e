#include <stdio.h>
#include <string.h>

#include "models/cli/cli.h"
#include "sim/study/recorder.h"

int cli_refuse(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *message = g_strdup_vprintf(format, arguments);

	va_end(arguments);
	fprintf(stderr, CLI_NAME ": %s\n", message);
	return CLI_USAGE;
}

int cli_fail(const GError *error)
{
	cli_refuse("%s", error->message);
	if (error->domain == SIM_SCENARIO_ERROR)
		return CLI_USAGE;
	return error->domain == SIM_RECORDER_ERROR ? CLI_DIFFERENT : CLI_FAILED;
}

/* The option of `entries` that was probably meant, with its dashes; or NULL. */
static char *nearest_option(const GOptionEntry *entries, const char *written)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *name = g_strdup(written + strspn(written, "-"));

	name[strcspn(name, "=")] = '\0';
	for (const GOptionEntry *e = entries; e->long_name != NULL; e++)
		g_ptr_array_add(names, (gpointer)(uintptr_t)e->long_name);
	g_ptr_array_add(names, NULL);
	const char *near = sim_nearest(name, (const char *const *)(const void *)names->pdata);

	return near != NULL ? g_strconcat("--", near, NULL) : NULL;
}

static int refuse_option(const GOptionEntry *entries, const char *command, const char *option)
{
	g_autofree char *near = nearest_option(entries, option);

	return cli_refuse("%s: unknown option %s%s%s (%s %s --help lists them)", command, option,
			  near != NULL ? ": did you mean " : "", near != NULL ? near : "", CLI_NAME, command);
}

/* Does an option of that letter take a value? */
static bool takes_value(const GOptionEntry *entries, char letter)
{
	for (; letter != '\0' && entries->long_name != NULL; entries++)
		if (entries->short_name == letter)
			return entries->arg != G_OPTION_ARG_NONE;
	return false;
}

/* A copy of argv in which `-j4` is `-j 4`: GLib knows only the latter. g_strfreev. */
static char **copy_arguments(const GOptionEntry *entries, int argc, char **argv)
{
	GPtrArray *copy = g_ptr_array_new();
	bool options = true, value = false;

	for (int i = 0; i < argc; i++) {
		const char *a = argv[i];

		if (i > 0 && options && !value && a[0] == '-' && a[1] != '-' && takes_value(entries, a[1]) &&
		    a[2] != '\0') {
			g_ptr_array_add(copy, g_strndup(a, 2));
			a += a[2] == '=' ? 3 : 2;
		} else {
			value = i > 0 && !value && a[0] == '-' && a[1] != '-' && takes_value(entries, a[1]);
		}
		options = options && strcmp(a, "--") != 0;
		g_ptr_array_add(copy, g_strdup(a));
	}
	g_ptr_array_add(copy, NULL);
	return (char **)g_ptr_array_free(copy, FALSE);
}

int cli_options(const GOptionEntry *entries, int argc, char **argv, guint arguments, char ***rest)
{
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) copy = copy_arguments(entries, argc, argv);
	const char *command = argv[0];

	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_set_ignore_unknown_options(context, TRUE);
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse_strv(context, &copy, &error))
		return cli_refuse("%s: %s", command, error->message);
	for (guint i = 1; copy[i] != NULL; i++)
		if (copy[i][0] == '-' && copy[i][1] != '\0')
			return refuse_option(entries, command, copy[i]);
	if (g_strv_length(copy) - 1 > arguments)
		return cli_refuse("%s: \"%s\" is one argument too many", command, copy[arguments + 1]);
	if (arguments != CLI_ANY && (arguments == CLI_SOME ? copy[1] == NULL : g_strv_length(copy) - 1 < arguments))
		return cli_refuse("%s: an argument is missing (%s %s --help)", command, CLI_NAME, command);
	if (rest != NULL)
		*rest = g_strdupv(copy + 1);
	return CLI_DONE;
}

int cli_folder_parse(struct cli_folder *folder, int argc, char **argv)
{
	g_auto(GStrv) arguments = NULL;
	const GOptionEntry entries[] = {
	    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &folder->output, NULL, NULL},
	    {"quiet", 0, 0, G_OPTION_ARG_NONE, &folder->quiet, NULL, NULL},
	    {NULL},
	};

	*folder = (struct cli_folder){0};
	int code = cli_options(entries, argc, argv, 1, &arguments);

	folder->name = code == CLI_DONE ? g_strdup(arguments[0]) : NULL;
	return code;
}

void cli_folder_clear(struct cli_folder *folder)
{
	g_free(folder->name);
	g_free(folder->output);
}
