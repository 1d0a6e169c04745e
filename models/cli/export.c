#include <stdio.h>

#include "models/cli/cli.h"
#include "sim/study/omnetpp.h"

static int export_folder(const char *folder, const char *output, bool quiet)
{
	g_autoptr(GError) error = NULL;
	struct sim_archive *archive = sim_archive_read(folder, &error);
	guint n;

	if (archive == NULL)
		return cli_fail(error);
	g_autofree char *where = output != NULL ? g_strdup(output) : g_build_filename(folder, "omnetpp", NULL);
	bool good = sim_omnetpp_write(archive, where, &n, &error);

	sim_archive_free(archive);
	if (!good)
		return cli_fail(error);
	if (!quiet)
		printf("%u run%s: %s/*.sca, *.vec\n", n, n == 1 ? "" : "s", where);
	return CLI_DONE;
}

int cli_export(int argc, char **argv, const struct sim_model *model)
{
	g_autofree char *output = NULL;
	g_auto(GStrv) arguments = NULL;
	gboolean quiet = FALSE;
	const GOptionEntry entries[] = {
	    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output, NULL, NULL},
	    {"quiet", 0, 0, G_OPTION_ARG_NONE, &quiet, NULL, NULL},
	    {NULL},
	};
	int code = cli_options(entries, argc, argv, 1, &arguments);

	(void)model;
	return code == CLI_DONE ? export_folder(arguments[0], output, quiet) : code;
}
