/* Short copies: every length, into exactly as much memory, so that a sanitizer sees each octet that is too far. */
#include <stdlib.h>
#include <string.h>

#include "models/protocol/copy.h"
#include "tests/lib/suite.h"

enum { LONGEST = 100 };

static void test_every_length(void)
{
	for (size_t n = 0; n <= LONGEST; n++) {
		uint8_t *from = malloc(n + 1), *to = malloc(n + 1), *exact = malloc(n != 0 ? n : 1);

		for (size_t i = 0; i <= n; i++) {
			from[i] = (uint8_t)(i + 1);
			to[i] = 0xee;
		}
		memcpy(exact, from, n);
		cpns_copy(to, exact, n);
		CU_ASSERT_EQUAL(memcmp(to, from, n), 0);
		CU_ASSERT_EQUAL(to[n], 0xee);
		cpns_copy(exact, from, n);
		CU_ASSERT_EQUAL(memcmp(exact, from, n), 0);
		free(from);
		free(to);
		free(exact);
	}
}

static void test_nothing_from_nowhere(void)
{
	uint8_t to = 7;

	cpns_copy(&to, NULL, 0);
	CU_ASSERT_EQUAL(to, 7);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"every length", test_every_length},
	    {"nothing from nowhere", test_nothing_from_nowhere},
	    {0},
	};

	return suite_run("copy", cases);
}
