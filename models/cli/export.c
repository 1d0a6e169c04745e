#include <stdio.h>

#include "models/cli/cli.h"
#include "sim/study/omnetpp.h"

static int export_folder(const struct cli_folder *folder)
{
	g_autoptr(GError) error = NULL;
	struct sim_archive *archive = sim_archive_read(folder->name, &error);
	guint n;

	if (archive == NULL)
		return cli_fail(error);
	g_autofree char *where =
	    folder->output != NULL ? g_strdup(folder->output) : g_build_filename(folder->name, "omnetpp", NULL);
	bool good = sim_omnetpp_write(archive, where, &n, &error);

	sim_archive_free(archive);
	if (!good)
		return cli_fail(error);
	if (!folder->quiet)
		printf("%u run%s: %s/*.sca, *.vec\n", n, n == 1 ? "" : "s", where);
	return CLI_DONE;
}

int cli_export(int argc, char **argv, const struct sim_model *model)
{
	struct cli_folder folder;
	int code = cli_folder_parse(&folder, argc, argv);

	(void)model;
	if (code == CLI_DONE)
		code = export_folder(&folder);
	cli_folder_clear(&folder);
	return code;
}
