/* OpenSSL 3.0 calls its low-level SHA-256 deprecated, and offers nothing that comes near: HMAC of a short message
 * costs twice as much over a kept EVP_MAC_CTX and six times as much in one call (tests/crypto/bench_crypto.c). So one
 * of the deprecated functions, SHA256_Transform, is called here and nowhere else.
 *
 * It uses the same instructions as the code below, and takes as long for one block. What it cannot do is to take two
 * blocks side by side (71 ns instead of 82 one after the other, on a Xeon of 2023 where one takes 48), and to take a
 * hash as the words that it left. So an HMAC of one block under a new key takes 210 ns instead of 240, an iteration
 * of PBKDF2 104 instead of 124. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "models/crypto/sha256_block.h"

#include <endian.h>
#include <openssl/sha.h>
#include <string.h>

static void library_block(uint32_t state[8], const uint8_t block[SHA256_BLOCK])
{
	SHA256_CTX c;

	memcpy(c.h, state, sizeof c.h);
	SHA256_Transform(&c, block);
	memcpy(state, c.h, sizeof c.h);
}

static void library_hash_block(uint32_t state[8], const uint32_t hash[8])
{
	uint32_t block[16] = {[8] = htobe32(UINT32_C(1) << 31), [15] = htobe32(8 * (SHA256_BLOCK + 32))};

	for (size_t i = 0; i < 8; i++)
		block[i] = htobe32(hash[i]);
	library_block(state, (const uint8_t *)block);
}

static void library_two_blocks(uint32_t a[8], const uint8_t block_a[SHA256_BLOCK], uint32_t b[8],
			       const uint8_t block_b[SHA256_BLOCK])
{
	library_block(a, block_a);
	library_block(b, block_b);
}

struct functions {
	void (*block)(uint32_t state[8], const uint8_t block[SHA256_BLOCK]);
	void (*two_blocks)(uint32_t a[8], const uint8_t block_a[SHA256_BLOCK], uint32_t b[8],
			   const uint8_t block_b[SHA256_BLOCK]);
	void (*hash_block)(uint32_t state[8], const uint32_t hash[8]);
};

static const struct functions library = {library_block, library_two_blocks, library_hash_block};

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#define WITH_SHA __attribute__((target("sha,sse4.1,ssse3")))
#define INLINE static inline __attribute__((always_inline)) WITH_SHA

/* FIPS 180-4, 4.2.2. */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/* Four rounds of one compression are two sha256rnds2 (Intel, "SHA Extensions", 2013). The state as the instructions
 * want it, words a, b, e, f and c, d, g, h, each vector from its end; and the last 16 words of the schedule. */
struct lane {
	__m128i abef, cdgh, w[4];
};

INLINE __m128i load(const void *at)
{
	return _mm_loadu_si128(at);
}

INLINE void load_state(struct lane *l, const uint32_t state[8])
{
	__m128i cdab = _mm_shuffle_epi32(load(state), 0xb1), efgh = _mm_shuffle_epi32(load(state + 4), 0x1b);

	l->abef = _mm_alignr_epi8(cdab, efgh, 8);
	l->cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
}

/* Adds the lane's state. */
INLINE void add_state(uint32_t state[8], const struct lane *l)
{
	__m128i feba = _mm_shuffle_epi32(l->abef, 0x1b), dchg = _mm_shuffle_epi32(l->cdgh, 0xb1);
	__m128i abcd = _mm_blend_epi16(feba, dchg, 0xf0), efgh = _mm_alignr_epi8(dchg, feba, 8);

	_mm_storeu_si128((void *)state, _mm_add_epi32(load(state), abcd));
	_mm_storeu_si128((void *)(state + 4), _mm_add_epi32(load(state + 4), efgh));
}

INLINE void load_block(struct lane *l, const uint8_t block[SHA256_BLOCK])
{
	const __m128i big_endian = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);

	for (int i = 0; i < 4; i++)
		l->w[i] = _mm_shuffle_epi8(load(block + 16 * i), big_endian);
}

/* Rounds t to t + 3; t = 4 i modulo 16. */
INLINE void rounds(struct lane *l, int i, const uint32_t *constants_t)
{
	__m128i wk = _mm_add_epi32(l->w[i], load(constants_t));

	l->cdgh = _mm_sha256rnds2_epu32(l->cdgh, l->abef, wk);
	l->abef = _mm_sha256rnds2_epu32(l->abef, l->cdgh, _mm_shuffle_epi32(wk, 0x0e));
}

/* Words t + 16 to t + 19 in the place of t to t + 3. */
INLINE void schedule(struct lane *l, int i)
{
	__m128i *w = l->w, last = w[(i + 3) % 4];
	__m128i sum =
	    _mm_add_epi32(_mm_sha256msg1_epu32(w[i], w[(i + 1) % 4]), _mm_alignr_epi8(last, w[(i + 2) % 4], 4));

	w[i] = _mm_sha256msg2_epu32(sum, last);
}

INLINE void four(struct lane *l, int n, int i, const uint32_t *k, bool more)
{
	for (int lane = 0; lane < n; lane++)
		rounds(&l[lane], i, k + 4 * i);
	for (int lane = 0; more && lane < n; lane++)
		schedule(&l[lane], i);
}

INLINE void sixteen(struct lane *l, int n, const uint32_t *k, bool more)
{
	four(l, n, 0, k, more);
	four(l, n, 1, k, more);
	four(l, n, 2, k, more);
	four(l, n, 3, k, more);
}

/* n lanes in turns: an instruction of one runs while the other waits for its own. */
INLINE void compress(struct lane *l, int n)
{
	sixteen(l, n, constants, true);
	sixteen(l, n, constants + 16, true);
	sixteen(l, n, constants + 32, true);
	sixteen(l, n, constants + 48, false);
}

WITH_SHA static void own_block(uint32_t state[8], const uint8_t block[SHA256_BLOCK])
{
	struct lane l;

	load_state(&l, state);
	load_block(&l, block);
	compress(&l, 1);
	add_state(state, &l);
}

WITH_SHA static void own_two_blocks(uint32_t a[8], const uint8_t block_a[SHA256_BLOCK], uint32_t b[8],
				    const uint8_t block_b[SHA256_BLOCK])
{
	struct lane l[2];

	load_state(&l[0], a);
	load_block(&l[0], block_a);
	load_state(&l[1], b);
	load_block(&l[1], block_b);
	compress(l, 2);
	add_state(a, &l[0]);
	add_state(b, &l[1]);
}

WITH_SHA static void own_hash_block(uint32_t state[8], const uint32_t hash[8])
{
	struct lane l;

	load_state(&l, state);
	l.w[0] = load(hash);
	l.w[1] = load(hash + 4);
	l.w[2] = _mm_set_epi32(0, 0, 0, INT32_MIN);
	l.w[3] = _mm_set_epi32(8 * (SHA256_BLOCK + 32), 0, 0, 0);
	compress(&l, 1);
	add_state(state, &l);
}

static const struct functions *available(void)
{
	static const struct functions own = {own_block, own_two_blocks, own_hash_block};
	unsigned eax, ebx, ecx, edx;

	__builtin_cpu_init();
	if (!__builtin_cpu_supports("ssse3") || !__builtin_cpu_supports("sse4.1"))
		return &library;
	/* Not every compiler's __builtin_cpu_supports knows "sha". */
	return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (ebx & bit_SHA) ? &own : &library;
}

#else

static const struct functions *available(void)
{
	return &library;
}

#endif

static const struct functions *chosen = &library;

bool sha256_block_use_instructions(bool wanted)
{
	chosen = wanted ? available() : &library;
	return chosen != &library;
}

__attribute__((constructor)) static void choose(void)
{
	sha256_block_use_instructions(true);
}

void sha256_block(uint32_t state[8], const uint8_t block[SHA256_BLOCK])
{
	chosen->block(state, block);
}

void sha256_two_blocks(uint32_t a[8], const uint8_t block_a[SHA256_BLOCK], uint32_t b[8],
		       const uint8_t block_b[SHA256_BLOCK])
{
	chosen->two_blocks(a, block_a, b, block_b);
}

void sha256_hash_block(uint32_t state[8], const uint32_t hash[8])
{
	chosen->hash_block(state, hash);
}
