#include "tests/fuzz/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int file = -1;

void fuzz_broken(const char *at, int line, const char *condition, const char *promise)
{
	fprintf(stderr, "%s:%d: %s: broken: %s\n", at, line, promise, condition);
	abort();
}

const char *fuzz_file(const uint8_t *data, size_t n)
{
	static char path[40];

	file = memfd_create("fuzz", 0);
	for (size_t done = 0; done < n;) {
		ssize_t wrote = write(file, data + done, n - done);

		if (wrote <= 0)
			abort();
		done += (size_t)wrote;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	return path;
}

void fuzz_file_close(void)
{
	close(file);
	file = -1;
}
