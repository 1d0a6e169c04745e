#include <stdint.h>
#include <string.h>

#include "sim/kernel/pool.h"
#include "tests/lib/suite.h"

/* Slots are apart from each other and stay where they are while the pool grows. */
static void test_slots(void)
{
	static const size_t sizes[] = {1, 4, 24, 300};
	enum { N = 5000 };

	for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++) {
		struct sim_pool *pool = sim_pool_new(sizes[s]);
		static uint32_t handles[N];
		static char *places[N];

		for (unsigned i = 0; i < N; i++) {
			handles[i] = sim_pool_take(pool);
			places[i] = sim_pool_at(pool, handles[i]);
			CU_ASSERT_NOT_EQUAL(handles[i], 0);
			CU_ASSERT_EQUAL((uintptr_t)places[i] % 16, 0);
			memset(places[i], (int)(i % 251), sizes[s]);
		}
		for (unsigned i = 0; i < N; i++) {
			CU_ASSERT_PTR_EQUAL(sim_pool_at(pool, handles[i]), places[i]);
			for (size_t k = 0; k < sizes[s]; k++)
				if ((unsigned char)places[i][k] != i % 251)
					CU_FAIL_FATAL("slots overlap");
		}
		sim_pool_free(pool);
	}
	sim_pool_free(NULL);
}

static void test_last_in_first_out(void)
{
	struct sim_pool *pool = sim_pool_new(8);
	uint32_t a = sim_pool_take(pool), b = sim_pool_take(pool), c = sim_pool_take(pool);

	CU_ASSERT(a != b && b != c && a != c);
	sim_pool_release(pool, a);
	sim_pool_release(pool, c);
	CU_ASSERT_EQUAL(sim_pool_take(pool), c);
	CU_ASSERT_EQUAL(sim_pool_take(pool), a);
	CU_ASSERT_EQUAL(sim_pool_taken(pool), 5);
	CU_ASSERT_EQUAL(sim_pool_released(pool), 2);
	sim_pool_free(pool);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"slots", test_slots}, {"last in, first out", test_last_in_first_out}, {NULL, NULL}};

	return suite_run("pool", cases);
}
