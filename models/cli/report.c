#include <stdio.h>

#include "models/cli/cli.h"
#include "sim/study/report.h"

static int report(const struct cli_folder *folder, const struct sim_model *model)
{
	g_autoptr(GError) error = NULL;
	struct sim_archive *archive = sim_archive_read(folder->name, &error);

	if (archive == NULL)
		return cli_refuse("%s", error->message);
	const char *where = folder->output != NULL ? folder->output : folder->name;
	bool fine = sim_report_write(archive, model, where, &error);

	sim_archive_free(archive);
	if (!fine) {
		cli_refuse("%s", error->message);
		return error->domain == SIM_REPORT_ERROR ? CLI_FAILED : CLI_USAGE;
	}
	if (!folder->quiet)
		printf("%s" G_DIR_SEPARATOR_S "report.html\n", where);
	return CLI_DONE;
}

int cli_report(int argc, char **argv, const struct sim_model *model)
{
	struct cli_folder folder;
	int code = cli_folder_parse(&folder, argc, argv);

	if (code == CLI_DONE)
		code = report(&folder, model);
	cli_folder_clear(&folder);
	return code;
}
