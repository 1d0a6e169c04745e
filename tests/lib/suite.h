/* One test program: a CUnit suite of named stories. */
#ifndef TESTS_LIB_SUITE_H
#define TESTS_LIB_SUITE_H

#include <CUnit/CUnit.h>

struct suite_case {
	const char *name;
	void (*run)(void);
};

/* Runs the cases up to the one without a name and prints failures. Returns the exit status for main: 0 when each
 * passed. */
int suite_run(const char *name, const struct suite_case *cases);

#endif
