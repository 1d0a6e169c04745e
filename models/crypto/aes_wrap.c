/* A key wrap is 24 AES blocks, each of which waits for the one before, under a key that is used once. To be called
 * for one block at a time makes OpenSSL almost twice as slow: 680 ns to wrap and 705 to unwrap by EVP_CipherUpdate
 * (see openssl.c), 375 and 390 here, on a Xeon of 2023; the rounds alone, of three cycles each, take 350. */
#include "models/crypto/aes_wrap.h"

#include <stddef.h>

#if defined(__x86_64__)

#include <immintrin.h>

#define WITH_AES __attribute__((target("aes")))
#define INLINE static inline __attribute__((always_inline)) WITH_AES

enum { ROUNDS = 14, SEMIBLOCKS = CPNS_HASH / 8, STEPS = 6 * SEMIBLOCKS };

/* FIPS 197, 5.2, four words at a time: each is the XOR of the word before and that of eight before. */
INLINE __m128i next_words(__m128i eight_before, __m128i before)
{
	__m128i sum = _mm_xor_si128(eight_before, _mm_slli_si128(eight_before, 4));

	return _mm_xor_si128(_mm_xor_si128(sum, _mm_slli_si128(sum, 8)), before);
}

INLINE __m128i rotated_and_substituted(__m128i words, int round_constant)
{
	return _mm_xor_si128(_mm_shuffle_epi32(_mm_aeskeygenassist_si128(words, 0), 0xff),
			     _mm_set1_epi32(round_constant));
}

INLINE __m128i substituted(__m128i words)
{
	return _mm_shuffle_epi32(_mm_aeskeygenassist_si128(words, 0), 0xaa);
}

INLINE void expand_key(const uint8_t key[CPNS_HASH], __m128i k[ROUNDS + 1])
{
	k[0] = _mm_loadu_si128((const void *)key);
	k[1] = _mm_loadu_si128((const void *)(key + 16));
	for (int i = 2; i < ROUNDS; i += 2) {
		k[i] = next_words(k[i - 2], rotated_and_substituted(k[i - 1], 1 << (i / 2 - 1)));
		k[i + 1] = next_words(k[i - 1], substituted(k[i]));
	}
	k[ROUNDS] = next_words(k[ROUNDS - 2], rotated_and_substituted(k[ROUNDS - 1], 1 << (ROUNDS / 2 - 1)));
}

INLINE __m128i encrypt(__m128i block, const __m128i k[ROUNDS + 1])
{
	block = _mm_xor_si128(block, k[0]);
	for (int i = 1; i < ROUNDS; i++)
		block = _mm_aesenc_si128(block, k[i]);
	return _mm_aesenclast_si128(block, k[ROUNDS]);
}

/* With the keys of rounds 1 to 13 prepared by _mm_aesimc_si128 (FIPS 197, 5.3.5). */
INLINE __m128i decrypt(__m128i block, const __m128i k[ROUNDS + 1])
{
	block = _mm_xor_si128(block, k[ROUNDS]);
	for (int i = ROUNDS - 1; i > 0; i--)
		block = _mm_aesdec_si128(block, k[i]);
	return _mm_aesdeclast_si128(block, k[0]);
}

/* A XOR t, where t is big-endian and A the first half of a block. */
INLINE __m128i count(__m128i a, int t)
{
	return _mm_xor_si128(a, _mm_slli_epi64(_mm_cvtsi32_si128(t), 56));
}

INLINE void load_semiblocks(const uint8_t *at, __m128i r[SEMIBLOCKS])
{
	for (int i = 0; i < SEMIBLOCKS; i++)
		r[i] = _mm_loadl_epi64((const void *)(at + 8 * i));
}

INLINE void store_semiblocks(const __m128i r[SEMIBLOCKS], uint8_t *at)
{
	for (int i = 0; i < SEMIBLOCKS; i++)
		_mm_storel_epi64((void *)(at + 8 * i), r[i]);
}

WITH_AES static void wrap(const uint8_t kek[CPNS_HASH], const uint8_t key[CPNS_HASH], uint8_t out[CPNS_WRAPPED])
{
	__m128i k[ROUNDS + 1], r[SEMIBLOCKS], a = _mm_set1_epi8((char)0xa6);

	expand_key(kek, k);
	load_semiblocks(key, r);
	for (int t = 1; t <= STEPS; t++) {
		__m128i *semiblock = &r[(t - 1) % SEMIBLOCKS];
		__m128i block = encrypt(_mm_unpacklo_epi64(a, *semiblock), k);

		*semiblock = _mm_unpackhi_epi64(block, block);
		a = count(block, t);
	}
	_mm_storel_epi64((void *)out, a);
	store_semiblocks(r, out + 8);
}

WITH_AES static bool unwrap(const uint8_t kek[CPNS_HASH], const uint8_t in[CPNS_WRAPPED], uint8_t key[CPNS_HASH])
{
	__m128i k[ROUNDS + 1], r[SEMIBLOCKS], a = _mm_loadl_epi64((const void *)in);

	expand_key(kek, k);
	for (int i = 1; i < ROUNDS; i++)
		k[i] = _mm_aesimc_si128(k[i]);
	load_semiblocks(in + 8, r);
	for (int t = STEPS; t >= 1; t--) {
		__m128i *semiblock = &r[(t - 1) % SEMIBLOCKS];

		a = decrypt(_mm_unpacklo_epi64(count(a, t), *semiblock), k);
		*semiblock = _mm_unpackhi_epi64(a, a);
	}
	if ((uint64_t)_mm_cvtsi128_si64(a) != UINT64_C(0xa6a6a6a6a6a6a6a6))
		return false;
	store_semiblocks(r, key);
	return true;
}

static const struct aes_wrap *available(void)
{
	static const struct aes_wrap functions = {wrap, unwrap};

	__builtin_cpu_init();
	return __builtin_cpu_supports("aes") ? &functions : NULL;
}

#else

static const struct aes_wrap *available(void)
{
	return NULL;
}

#endif

static const struct aes_wrap *chosen;

bool aes_wrap_use_instructions(bool wanted)
{
	chosen = wanted ? available() : NULL;
	return chosen != NULL;
}

__attribute__((constructor)) static void choose(void)
{
	aes_wrap_use_instructions(true);
}

const struct aes_wrap *aes_wrap_instructions(void)
{
	return chosen;
}
