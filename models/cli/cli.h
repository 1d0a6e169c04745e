/* cpns-sim's command line: one function a command, and what they share. */
#ifndef CPNS_CLI_CLI_H
#define CPNS_CLI_CLI_H

#include <glib.h>

#include "sim/study/model.h"

#define CLI_NAME "cpns-sim"

/* Exit codes; they are a contract. */
enum {
	CLI_DONE = 0,
	CLI_FAILED = 1,     /* at run time; also when no replication finished, or the self-test fails */
	CLI_USAGE = 2,      /* the command line or the scenario is wrong */
	CLI_PRECISION = 3,  /* the precision was not reached */
	CLI_THRESHOLD = 4,  /* what was asked of the system is not met */
	CLI_DIFFERENT = 5,  /* a run did not repeat */
	CLI_SOME_FAILED = 6 /* some replications failed */
			    /* 130, 143: interrupted by SIGINT, SIGTERM */
};

/* The whole program. Returns its exit code. */
int cli_main(int argc, char **argv, const struct sim_model *model);

/* The commands. argv[0] is the command's own name. */
int cli_run(int argc, char **argv, const struct sim_model *model);
int cli_compare(int argc, char **argv, const struct sim_model *model);
int cli_capacity(int argc, char **argv, const struct sim_model *model);
int cli_report(int argc, char **argv, const struct sim_model *model);
int cli_export(int argc, char **argv, const struct sim_model *model);
int cli_merge(int argc, char **argv, const struct sim_model *model);
int cli_calibrate(int argc, char **argv, const struct sim_model *model);
int cli_params(int argc, char **argv, const struct sim_model *model);
int cli_version(int argc, char **argv, const struct sim_model *model);
int cli_bench(int argc, char **argv, const struct sim_model *model);
int cli_selftest(int argc, char **argv, const struct sim_model *model);

/* Prints "cpns-sim: MESSAGE" to standard error. Returns CLI_USAGE. */
int cli_refuse(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Prints the error. Returns the exit code that belongs to its domain. */
int cli_fail(const GError *error);

#define CLI_SOME G_MAXUINT      /* one argument or more */
#define CLI_ANY (G_MAXUINT - 1) /* as many as there are */

/* Parses a command's options. CLI_DONE, and *rest (unless NULL) its `arguments` arguments, NULL-terminated, the
 * caller's to g_strfreev; or CLI_USAGE, having said why: a wrong option, or more or fewer arguments. */
int cli_options(const GOptionEntry *entries, int argc, char **argv, guint arguments, char ***rest);

/* What commands about one folder of results are called with. */
struct cli_folder {
	char *name, *output; /* output: of --output, or NULL */
	gboolean quiet;
};

/* CLI_DONE, and *folder for cli_folder_clear in any case; or CLI_USAGE, having said why. */
int cli_folder_parse(struct cli_folder *folder, int argc, char **argv);
void cli_folder_clear(struct cli_folder *folder);

#endif
