/* What a machine does when there is no memory left: for tests linked with --wrap=malloc and --wrap=realloc. */
#ifndef TESTS_PROTOCOL_MEMORY_H
#define TESTS_PROTOCOL_MEMORY_H

#include <stdbool.h>

/* Calls run(context) without any memory to be had: does it end the process? Here it only ends the call; what it had
 * begun is left as it was then. */
bool memory_ends(void (*run)(void *context), void *context);

#endif
