/* The help texts; tests/study/golden holds them as they are printed. */
#ifndef CPNS_CLI_HELP_H
#define CPNS_CLI_HELP_H

extern const char cli_help[], cli_help_run[], cli_help_compare[], cli_help_report[], cli_help_merge[],
    cli_help_export[], cli_help_capacity[], cli_help_calibrate[], cli_help_params[], cli_help_selftest[],
    cli_help_version[], cli_help_bench[];

#endif
