#include "models/cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "models/cli/help.h"

struct command {
	const char *name;
	int (*run)(int argc, char **argv, const struct sim_model *model);
	const char *help;
};

static int print_help(int argc, char **argv, const struct sim_model *model);

static const struct command commands[] = {
    {"run", cli_run, cli_help_run},
    {"compare", cli_compare, cli_help_compare},
    {"capacity", cli_capacity, cli_help_capacity},
    {"report", cli_report, cli_help_report},
    {"export", cli_export, cli_help_export},
    {"merge", cli_merge, cli_help_merge},
    {"params", cli_params, cli_help_params},
    {"calibrate", cli_calibrate, cli_help_calibrate},
    {"selftest", cli_selftest, cli_help_selftest},
    {"bench", cli_bench, cli_help_bench},
    {"version", cli_version, cli_help_version},
    {"help", print_help, cli_help},
};

/* The command; or NULL, having said so. */
static const struct command *find_command(const char *name)
{
	const char *names[G_N_ELEMENTS(commands) + 1] = {NULL};

	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
		names[i] = commands[i].name;
		if (strcmp(name, names[i]) == 0)
			return &commands[i];
	}
	const char *near = sim_nearest(name, names);

	cli_refuse("unknown %s \"%s\"%s%s (%s --help lists them)", name[0] == '-' ? "option" : "command", name,
		   near != NULL ? ": did you mean " : "", near != NULL ? near : "", CLI_NAME);
	return NULL;
}

static int print_help(int argc, char **argv, const struct sim_model *model)
{
	(void)model;
	if (argc > 2)
		return cli_refuse("help: \"%s\" is one argument too many", argv[2]);
	const struct command *command = argc == 2 ? find_command(argv[1]) : NULL;

	if (argc == 2 && command == NULL)
		return CLI_USAGE;
	fputs(command != NULL ? command->help : cli_help, stdout);
	return CLI_DONE;
}

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

static int dispatch(int argc, char **argv, const struct sim_model *model)
{
	if (argc < 2) {
		fputs(cli_help, stderr);
		return CLI_USAGE;
	}
	const char *name = argv[1];

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	else if (strcmp(name, "--version") == 0)
		name = "version";
	const struct command *command = find_command(name);

	if (command == NULL)
		return CLI_USAGE;
	if (command->run != print_help && asks_for_help(argc - 1, argv + 1)) {
		fputs(command->help, stdout);
		return CLI_DONE;
	}
	return command->run(argc - 1, argv + 1, model);
}

int cli_main(int argc, char **argv, const struct sim_model *model)
{
	int code = dispatch(argc, argv, model);

	if ((fflush(stdout) != 0 || ferror(stdout)) && code == CLI_DONE) {
		fputs(CLI_NAME ": standard output cannot be written\n", stderr);
		return CLI_FAILED;
	}
	return code;
}
