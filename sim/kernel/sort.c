#include "sim/kernel/sort.h"

#include <assert.h>
#include <glib.h>
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

static unsigned digit_of(sim_time value, unsigned shift)
{
	return (unsigned)((uint64_t)value >> shift) & (DIGITS - 1);
}

/* Moves values[0..n) to `to`, in the order of one digit, and otherwise as they were. */
static void pass(const sim_time *values, sim_time *to, size_t n, unsigned shift)
{
	size_t start[DIGITS] = {0}, sum = 0;

	for (size_t i = 0; i < n; i++)
		start[digit_of(values[i], shift)]++;
	for (unsigned d = 0; d < DIGITS; d++) {
		size_t count = start[d];

		start[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[start[digit_of(values[i], shift)]++] = values[i];
}

static void radix_sort(sim_time *values, size_t n)
{
	sim_time *spare = g_new(sim_time, n), *from = values, *to = spare;
	uint64_t differ = 0;

	for (size_t i = 0; i < n; i++) {
		assert(values[i] >= 0);
		differ |= (uint64_t)(values[i] ^ values[0]);
	}
	for (unsigned shift = 0; shift < 64; shift += DIGIT) {
		if ((differ >> shift & (DIGITS - 1)) == 0)
			continue;
		pass(from, to, n, shift);
		sim_time *swap = from;

		from = to;
		to = swap;
	}
	if (from != values)
		memcpy(values, from, n * sizeof *values);
	g_free(spare);
}

void sim_sort_times(sim_time *values, size_t n)
{
	if (n < FEW && n > 0)
		qsort(values, n, sizeof *values, compare);
	else if (n > 0)
		radix_sort(values, n);
}
