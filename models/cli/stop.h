/* Ctrl-C: commands that take long end early, and keep what was finished. */
#ifndef CPNS_CLI_STOP_H
#define CPNS_CLI_STOP_H

/* The signal that asked for an end (SIGINT, SIGTERM), or 0: the program's only global. */
extern volatile int cli_stop_signal;

/* From now on the first such signal is noted there; a second one ends the program at once. */
void cli_catch_signals(void);

#endif
