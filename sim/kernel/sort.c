#include "sim/kernel/sort.h"

#include <assert.h>
#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	FEW = 512,  /* below, a comparison sort is as fast */
	DIGIT = 11, /* bits */
	DIGITS = 1 << DIGIT,
};

static int compare(const void *a, const void *b)
{
	sim_time x = *(const sim_time *)a, y = *(const sim_time *)b;

	return (x > y) - (x < y);
}

/* What is sorted begins with its time, and is of a size that the compiler knows: each of these is inlined. */
#define SIZED static inline __attribute__((always_inline))

SIZED sim_time time_at(const char *values, size_t i, size_t size)
{
	sim_time time;

	memcpy(&time, values + i * size, sizeof time);
	return time;
}

static unsigned digit_of(sim_time value, unsigned shift)
{
	return (unsigned)((uint64_t)value >> shift) & (DIGITS - 1);
}

/* Moves values[0..n) to `to`, in the order of one digit, and otherwise as they were. */
SIZED void pass(const char *values, char *to, size_t n, size_t size, unsigned shift)
{
	size_t start[DIGITS] = {0}, sum = 0;

	for (size_t i = 0; i < n; i++)
		start[digit_of(time_at(values, i, size), shift)]++;
	for (unsigned d = 0; d < DIGITS; d++) {
		size_t count = start[d];

		start[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		memcpy(to + start[digit_of(time_at(values, i, size), shift)]++ * size, values + i * size, size);
}

SIZED void radix_sort(void *values, size_t n, size_t size)
{
	char *spare = g_malloc_n(n, size), *from = values, *to = spare;
	uint64_t differ = 0;

	for (size_t i = 0; i < n; i++) {
		assert(time_at(values, i, size) >= 0);
		differ |= (uint64_t)(time_at(values, i, size) ^ time_at(values, 0, size));
	}
	for (unsigned shift = 0; shift < 64; shift += DIGIT) {
		if ((differ >> shift & (DIGITS - 1)) == 0)
			continue;
		pass(from, to, n, size, shift);
		char *swap = from;

		from = to;
		to = swap;
	}
	if (from != values)
		memcpy(values, from, n * size);
	g_free(spare);
}

static bool is_sorted(const sim_time *values, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (values[i - 1] > values[i])
			return false;
	return true;
}

void sim_sort_times(sim_time *values, size_t n)
{
	if (is_sorted(values, n)) /* what one statistic has sorted comes to the next one */
		return;
	if (n < FEW)
		qsort(values, n, sizeof *values, compare);
	else
		radix_sort(values, n, sizeof *values);
}

void sim_sort_timed(struct sim_timed *values, size_t n)
{
	radix_sort(values, n, sizeof *values);
}
