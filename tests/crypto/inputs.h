/* Inputs for tests over many of them: drawn, but the same in every run. */
#ifndef TESTS_CRYPTO_INPUTS_H
#define TESTS_CRYPTO_INPUTS_H

#include <stddef.h>
#include <stdint.h>

/* 64 bits of SplitMix64; a number below n, as good as uniform; n octets. */
static inline uint64_t bits(void)
{
	static uint64_t state = 1;
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline size_t below(size_t n)
{
	return (size_t)(bits() % n);
}

static inline void fill(uint8_t *at, size_t n)
{
	while (n-- > 0)
		*at++ = (uint8_t)bits();
}

#endif
