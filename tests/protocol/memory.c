#include "tests/protocol/memory.h"

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>

static bool none;
static sigjmp_buf escape;

void *__real_malloc(size_t n);
void *__real_realloc(void *at, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_realloc(void *at, size_t n);

void *__wrap_malloc(size_t n)
{
	return none ? NULL : __real_malloc(n);
}

void *__wrap_realloc(void *at, size_t n)
{
	return none ? NULL : __real_realloc(at, n);
}

static void on_abort(int signal)
{
	(void)signal;
	siglongjmp(escape, 1);
}

bool memory_ends(void (*run)(void *context), void *context)
{
	const struct sigaction action = {.sa_handler = on_abort};
	volatile bool ends = true;
	struct sigaction before;

	sigaction(SIGABRT, &action, &before);
	if (sigsetjmp(escape, 1) == 0) {
		none = true;
		run(context);
		ends = false;
	}
	none = false;
	sigaction(SIGABRT, &before, NULL);
	return ends;
}
