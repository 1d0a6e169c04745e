#include <string.h>

#include "models/cli/run.h"

static int check(struct run_options *o)
{
	static const char *const queries[] = {"runs", "config", NULL};
	static const char *const forms[] = {"auto", "plain", "json", NULL};

	if (o->resume && o->force)
		return cli_refuse("run: --resume continues what the folder holds, --force removes it: choose one");
	if (o->configs != NULL && o->configs[1] != NULL)
		return cli_refuse("run: -c %s: one config at a time; %s is chosen already", o->configs[1],
				  o->configs[0]);
	if (o->at_once < 1 || o->at_once > 4096)
		return cli_refuse("run: -j %d: write a number of runs at once, 1 or more", o->at_once);
	if (o->query != NULL && !g_strv_contains(queries, o->query))
		return cli_refuse("run: -q %s: write -q runs or -q config", o->query);
	if (!sim_progress_choose(o->form, o->quiet, stderr, &o->progress)) {
		const char *near = sim_nearest(o->form, forms);

		return cli_refuse("run: --progress=%s: %s%s%swrite auto, plain or json", o->form,
				  near != NULL ? "did you mean " : "", near != NULL ? near : "",
				  near != NULL ? "? " : "");
	}
	if (o->folder != NULL && *o->folder == '\0')
		return cli_refuse("run: -o: the folder's name is empty");
	return CLI_DONE;
}

int run_options_parse(struct run_options *o, int argc, char **argv)
{
	const GOptionEntry entries[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME_ARRAY, &o->configs, NULL, NULL},
	    {"runs", 'r', 0, G_OPTION_ARG_FILENAME, &o->filter, NULL, NULL},
	    {"set", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->sets, NULL, NULL},
	    {"seed", 0, 0, G_OPTION_ARG_FILENAME, &o->seed, NULL, NULL},
	    {"jobs", 'j', 0, G_OPTION_ARG_INT, &o->at_once, NULL, NULL},
	    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &o->folder, NULL, NULL},
	    {"force", 0, 0, G_OPTION_ARG_NONE, &o->force, NULL, NULL},
	    {"resume", 0, 0, G_OPTION_ARG_NONE, &o->resume, NULL, NULL},
	    {"query", 'q', 0, G_OPTION_ARG_FILENAME, &o->query, NULL, NULL},
	    {"quiet", 0, 0, G_OPTION_ARG_NONE, &o->quiet, NULL, NULL},
	    {"progress", 0, 0, G_OPTION_ARG_FILENAME, &o->form, NULL, NULL},
	    {NULL},
	};

	*o = (struct run_options){.at_once = (int)g_get_num_processors()};
	int code = cli_options(entries, argc, argv, 1, &o->arguments);

	if (code != CLI_DONE)
		return code;
	return check(o);
}

void run_options_clear(struct run_options *o)
{
	g_strfreev(o->arguments);
	g_strfreev(o->configs);
	g_strfreev(o->sets);
	g_free(o->filter);
	g_free(o->seed);
	g_free(o->folder);
	g_free(o->query);
	g_free(o->form);
}
