#include <CUnit/CUnit.h>
#include <stdint.h>
#include <string.h>

#include "sim/kernel/arena.h"
#include "tests/lib/suite.h"

/* What was taken stays where it is, apart from all else and aligned, while pieces grow from the least to huge pages
 * and one piece is asked for that is larger than any. */
static void take_apart(size_t expected)
{
	static const size_t sizes[] = {1, 63, 64, 65, 300, 70000};
	enum { N = 600, LARGE = 5 << 20 };
	struct sim_arena *arena = sim_arena_new();
	static unsigned char *taken[N];

	sim_arena_expect(arena, expected);
	for (unsigned i = 0; i < N; i++) {
		size_t n = i == N / 2 ? LARGE : sizes[i % 6];

		taken[i] = sim_arena_take(arena, n);
		CU_ASSERT_EQUAL((uintptr_t)taken[i] % 64, 0);
		memset(taken[i], (int)(i % 251), n);
	}
	for (unsigned i = 0; i < N; i++) {
		size_t n = i == N / 2 ? LARGE : sizes[i % 6];

		for (size_t k = 0; k < n; k++)
			if (taken[i][k] != i % 251)
				CU_FAIL_FATAL("what was taken overlaps");
	}
	sim_arena_free(arena);
}

static void test_apart(void)
{
	take_apart(0);
}

/* However much was expected. */
static void test_expected(void)
{
	take_apart(1);
	take_apart(3 << 20);
	take_apart((size_t)1 << 40);
}

static void test_empty(void)
{
	sim_arena_free(sim_arena_new());
	sim_arena_free(NULL);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"apart", test_apart}, {"expected", test_expected}, {"empty", test_empty}, {NULL, NULL}};

	return suite_run("arena", cases);
}
