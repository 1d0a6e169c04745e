#include <stdio.h>

#include "models/cli/cli.h"
#include "sim/study/report.h"

static int report(const char *folder, const char *output, bool quiet, const struct sim_model *model)
{
	g_autoptr(GError) error = NULL;
	struct sim_archive *archive = sim_archive_read(folder, &error);

	if (archive == NULL)
		return cli_refuse("%s", error->message);
	const char *where = output != NULL ? output : folder;
	bool fine = sim_report_write(archive, model, where, &error);

	sim_archive_free(archive);
	if (!fine) {
		cli_refuse("%s", error->message);
		return error->domain == SIM_REPORT_ERROR ? CLI_FAILED : CLI_USAGE;
	}
	if (!quiet)
		printf("%s" G_DIR_SEPARATOR_S "report.html\n", where);
	return CLI_DONE;
}

int cli_report(int argc, char **argv, const struct sim_model *model)
{
	g_autofree char *output = NULL;
	g_auto(GStrv) arguments = NULL;
	gboolean quiet = FALSE;
	const GOptionEntry entries[] = {
	    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output, NULL, NULL},
	    {"quiet", 0, 0, G_OPTION_ARG_NONE, &quiet, NULL, NULL},
	    {NULL, 0, 0, 0, NULL, NULL, NULL},
	};
	int code = cli_options(entries, argc, argv, 1, &arguments);

	return code == CLI_DONE ? report(arguments[0], output, quiet, model) : code;
}
