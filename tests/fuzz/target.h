/* What every fuzz target is made of. A target is one function, as libFuzzer wants it; driver.c calls it too. */
#ifndef TESTS_FUZZ_TARGET_H
#define TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* Takes any octets; returns 0, or ends the process at a violation. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Ends the process when a promise is broken, in every build. */
#define FUZZ_HOLDS(condition, promise) ((condition) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #condition, promise))
_Noreturn void fuzz_broken(const char *file, int line, const char *condition, const char *promise);

/* A file in memory with these octets: its path. fuzz_file_close closes the last one. */
const char *fuzz_file(const uint8_t *data, size_t n);
void fuzz_file_close(void);

#endif
