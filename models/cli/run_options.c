#include <stdio.h>
#include <string.h>

#include "models/cli/run.h"
#include "sim/study/ini.h"

#define MAX_SHARDS 1000000

/* A variable of the environment that holds a number. */
static bool read_number(const char *name, guint64 *number)
{
	const char *text = g_getenv(name);

	return text != NULL && g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32, number, NULL);
}

/* The task's place in its array. */
static int shard_of_slurm(struct run_options *o)
{
	guint64 id, least, count;

	if (!read_number("SLURM_ARRAY_TASK_ID", &id) || !read_number("SLURM_ARRAY_TASK_MIN", &least) ||
	    !read_number("SLURM_ARRAY_TASK_COUNT", &count))
		return cli_refuse(
		    "%s: --shard=slurm: SLURM_ARRAY_TASK_ID, _MIN and _COUNT are not all set to numbers: "
		    "this is no task of an array job; write --shard=K/N",
		    o->command);
	if (id < least || id - least >= count || count > MAX_SHARDS)
		return cli_refuse("%s: --shard=slurm: task %" G_GUINT64_FORMAT " is not one of %" G_GUINT64_FORMAT
				  " from %" G_GUINT64_FORMAT " on: use array jobs without gaps (--array=1-8)",
				  o->command, id, count, least);
	o->shard_k = (guint)(id - least) + 1;
	o->shard_n = (guint)count;
	return CLI_DONE;
}

static int check_shard(struct run_options *o)
{
	if (o->shard == NULL)
		return CLI_DONE;
	if (strcmp(o->shard, "slurm") == 0)
		return shard_of_slurm(o);
	g_auto(GStrv) parts = g_strsplit(o->shard, "/", 2);
	guint64 k, n;

	if (parts[0] == NULL || parts[1] == NULL ||
	    !g_ascii_string_to_unsigned(parts[1], 10, 1, MAX_SHARDS, &n, NULL) ||
	    !g_ascii_string_to_unsigned(parts[0], 10, 1, n, &k, NULL))
		return cli_refuse("%s: --shard=%s: write K/N, part K (from 1) of N, or slurm", o->command, o->shard);
	o->shard_k = (guint)k;
	o->shard_n = (guint)n;
	return CLI_DONE;
}

static int check(struct run_options *o)
{
	static const char *const queries[] = {"runs", "config", NULL};
	static const char *const forms[] = {"auto", "plain", "json", NULL};

	if (o->resume && o->force)
		return cli_refuse("%s: --resume continues what the folder holds, --force removes it: choose one",
				  o->command);
	if (o->at_once < 1 || o->at_once > 4096)
		return cli_refuse("%s: -j %d: write a number of runs at once, 1 or more", o->command, o->at_once);
	if (o->query != NULL && !g_strv_contains(queries, o->query))
		return cli_refuse("%s: -q %s: write -q runs or -q config", o->command, o->query);
	if (!sim_progress_choose(o->form, o->quiet, stderr, &o->progress)) {
		const char *near = sim_nearest(o->form, forms);

		return cli_refuse("%s: --progress=%s: %s%s%swrite auto, plain or json", o->command, o->form,
				  near != NULL ? "did you mean " : "", near != NULL ? near : "",
				  near != NULL ? "? " : "");
	}
	if (o->folder != NULL && *o->folder == '\0')
		return cli_refuse("%s: -o: the folder's name is empty", o->command);
	return check_shard(o);
}

/* Both lists, ended by {NULL}. */
static GOptionEntry *join(const GOptionEntry *first, const GOptionEntry *second)
{
	GArray *all = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));

	for (; first->long_name != NULL; first++)
		g_array_append_vals(all, first, 1);
	for (; second != NULL && second->long_name != NULL; second++)
		g_array_append_vals(all, second, 1);
	return (GOptionEntry *)(void *)g_array_free(all, FALSE);
}

int run_options_parse(struct run_options *o, const GOptionEntry *more, int argc, char **argv)
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
	    {"reuse", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->reuse, NULL, NULL},
	    {"gather", 0, 0, G_OPTION_ARG_NONE, &o->gather, NULL, NULL},
	    {"shard", 0, 0, G_OPTION_ARG_FILENAME, &o->shard, NULL, NULL},
	    {"query", 'q', 0, G_OPTION_ARG_FILENAME, &o->query, NULL, NULL},
	    {"quiet", 0, 0, G_OPTION_ARG_NONE, &o->quiet, NULL, NULL},
	    {"progress", 0, 0, G_OPTION_ARG_FILENAME, &o->form, NULL, NULL},
	    {NULL},
	};

	g_autofree char *line = g_strjoinv(" ", argv);

	*o = (struct run_options){
	    .command = argv[0], .at_once = (int)g_get_num_processors(), .shard_k = 1, .shard_n = 1};
	o->line = g_utf8_make_valid(line, -1);
	g_autofree GOptionEntry *all = join(entries, more);
	int code = cli_options(all, argc, argv, 1, &o->arguments);

	if (code != CLI_DONE)
		return code;
	return check(o);
}

int run_options_keep_input(struct run_options *o)
{
	g_autoptr(GString) text = g_string_new(NULL);
	char piece[4096];
	size_t n;

	if (strcmp(o->arguments[0], "-") != 0)
		return CLI_DONE;
	while (text->len <= INI_MAX_OCTETS && (n = fread(piece, 1, sizeof(piece), stdin)) > 0)
		g_string_append_len(text, piece, (gssize)n);
	if (ferror(stdin))
		return cli_refuse("%s: standard input cannot be read", o->command);
	if (text->len > INI_MAX_OCTETS || strlen(text->str) != text->len)
		return cli_refuse("%s: standard input is no scenario: it is too long, or holds a NUL", o->command);
	o->text = g_string_free(g_steal_pointer(&text), FALSE);
	return CLI_DONE;
}

void run_options_clear(struct run_options *o)
{
	g_free(o->line);
	g_free(o->text);
	g_strfreev(o->arguments);
	g_strfreev(o->configs);
	g_strfreev(o->sets);
	g_strfreev(o->reuse);
	g_free(o->shard);
	g_free(o->filter);
	g_free(o->seed);
	g_free(o->folder);
	g_free(o->query);
	g_free(o->form);
}
