#include <stdio.h>

#include "models/cli/cli.h"
#include "sim/study/build_info.h"

int cli_version(int argc, char **argv, const struct sim_model *model)
{
	static const GOptionEntry none[] = {{NULL}};
	int code = cli_options(none, argc, argv, 0, NULL);

	if (code != CLI_DONE)
		return code;
	struct sim_build_info build = sim_build_info();
	g_auto(GStrv) own = sim_build_libraries();
	const char *const *more = model->libraries != NULL ? model->libraries() : NULL;

	printf(CLI_NAME " %s\n", build.version);
	printf("  commit       %s%s\n", build.commit, build.dirty ? " (with changes that are not committed)" : "");
	printf("  build type   %s\n", build.build_type);
	printf("  compiler     %s\n", build.compiler);
	printf("  event queue  %s\n", build.event_queue);
	for (int i = 0; own[i] != NULL; i++)
		printf("  %-11s  %s\n", i == 0 ? "libraries" : "", own[i]);
	for (int i = 0; more != NULL && more[i] != NULL; i++)
		printf("  %-11s  %s\n", "", more[i]);
	return CLI_DONE;
}
