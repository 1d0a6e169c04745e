/* Sorting: against the library's, for few and many, wide and narrow values. */
#include <stdlib.h>
#include <string.h>

#include "sim/kernel/sort.h"
#include "sim/kernel/stream.h"
#include "tests/lib/suite.h"

static int compare_times(const void *a, const void *b)
{
	sim_time x = *(const sim_time *)a, y = *(const sim_time *)b;

	return (x > y) - (x < y);
}

/* n values of `bits` bits from a stream, sorted both ways. */
static void check(size_t n, unsigned bits)
{
	struct sim_random random = sim_random_of(1, n);
	struct sim_address address = {.purpose = (uint8_t)bits};
	struct sim_stream stream = sim_stream_at(&random, &address);
	sim_time *ours = calloc(n + 1, sizeof *ours), *theirs = calloc(n + 1, sizeof *theirs);

	for (size_t i = 0; i < n; i++)
		ours[i] = theirs[i] = (sim_time)(sim_stream_bits(&stream) >> (64 - bits));
	ours[n] = theirs[n] = -1; /* behind them: stays */
	sim_sort_times(ours, n);
	qsort(theirs, n, sizeof *theirs, compare_times);
	CU_ASSERT_EQUAL(memcmp(ours, theirs, (n + 1) * sizeof *ours), 0);
	free(ours);
	free(theirs);
}

static void test_sizes(void)
{
	static const size_t sizes[] = {0, 1, 2, 511, 512, 513, 20000};

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		check(sizes[i], 40);
	sim_sort_times(NULL, 0);
}

static void test_widths(void)
{
	for (unsigned bits = 1; bits <= 63; bits++)
		check(1000, bits);
}

/* Where no two values differ there is nothing to do; where they differ only in their upper digits, little. */
static void test_digits(void)
{
	enum { N = 2000 };
	sim_time values[N];

	for (int i = 0; i < N; i++)
		values[i] = SIM_HORIZON - 5;
	sim_sort_times(values, N);
	CU_ASSERT(values[0] == SIM_HORIZON - 5 && values[N - 1] == SIM_HORIZON - 5);
	for (int i = 0; i < N; i++)
		values[i] = (sim_time)(N - i) << 44 | 7;
	sim_sort_times(values, N);
	for (int i = 0; i < N; i++)
		if (values[i] != ((sim_time)(i + 1) << 44 | 7))
			CU_FAIL("out of order");
}

static int compare_timed(const void *a, const void *b)
{
	const struct sim_timed *x = a, *y = b;
	int order = compare_times(&x->time, &y->time);

	return order != 0 ? order : (x->item > y->item) - (x->item < y->item);
}

/* Items numbered as they stand stay in that order where times are equal. */
static void check_timed(size_t n, unsigned bits)
{
	struct sim_random random = sim_random_of(2, n);
	struct sim_address address = {.purpose = (uint8_t)bits};
	struct sim_stream stream = sim_stream_at(&random, &address);
	struct sim_timed *ours = calloc(n + 1, sizeof *ours), *theirs = calloc(n + 1, sizeof *theirs);

	for (size_t i = 0; i <= n; i++) {
		ours[i].time = (sim_time)(sim_stream_bits(&stream) >> (64 - bits));
		theirs[i].time = ours[i].time;
		ours[i].item = theirs[i].item = (uint32_t)i;
	}
	sim_sort_timed(ours, n);
	qsort(theirs, n, sizeof *theirs, compare_timed);
	for (size_t i = 0; i <= n; i++)
		if (compare_timed(&ours[i], &theirs[i]) != 0)
			CU_FAIL("out of order");
	free(ours);
	free(theirs);
}

static void test_timed(void)
{
	static const size_t sizes[] = {0, 1, 2, 100, 20000};

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		for (unsigned bits = 5; bits <= 60; bits += 11)
			check_timed(sizes[i], bits);
	sim_sort_timed(NULL, 0);
}

int main(void)
{
	static const struct suite_case cases[] = {{"sizes", test_sizes},
						  {"widths", test_widths},
						  {"digits", test_digits},
						  {"timed", test_timed},
						  {NULL, NULL}};

	return suite_run("sort", cases);
}
