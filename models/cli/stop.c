#include "models/cli/stop.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

volatile int cli_stop_signal;

static void on_signal(int number)
{
	if (cli_stop_signal != 0)
		_exit(128 + number);
	cli_stop_signal = number;
}

void cli_catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}
