/* PBKDF2's memo: one answer per input, computed once, whoever asks first. */
#include <pthread.h>
#include <string.h>

#include "models/crypto/crypto.h"
#include "tests/lib/suite.h"

#define INPUTS 100
#define ITERATIONS 2000

enum { KEPT = CPNS_PBKDF2_KEPT };

static pthread_barrier_t together;

struct asker {
	struct cpns_crypto *crypto;
	uint8_t answer[INPUTS][CPNS_HASH];
	int64_t spent[INPUTS];
};

static void ask(struct cpns_crypto *crypto, uint8_t input, uint8_t out[CPNS_HASH])
{
	const uint8_t password[] = {'p', 'w', input};

	crypto->pbkdf2(crypto->self, password, sizeof password, (const uint8_t *)"salt", 4, ITERATIONS, out);
}

static void *ask_all(void *data)
{
	struct asker *a = data;

	for (uint8_t i = 0; i < INPUTS; i++) {
		int64_t before = cpns_crypto_wall_ns(a->crypto);

		pthread_barrier_wait(&together);
		ask(a->crypto, i, a->answer[i]);
		a->spent[i] = cpns_crypto_wall_ns(a->crypto) - before;
	}
	return NULL;
}

static struct asker askers[2];

static void test_two_threads(void)
{
	pthread_t thread[2];

	pthread_barrier_init(&together, NULL, 2);
	for (int t = 0; t < 2; t++) {
		askers[t].crypto = cpns_crypto_openssl_new();
		CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[t], NULL, ask_all, &askers[t]), 0);
	}
	for (int t = 0; t < 2; t++)
		pthread_join(thread[t], NULL);
	pthread_barrier_destroy(&together);
	for (int i = 0; i < INPUTS; i++) {
		CU_ASSERT_EQUAL(memcmp(askers[0].answer[i], askers[1].answer[i], CPNS_HASH), 0);
		CU_ASSERT_EQUAL((askers[0].spent[i] > 0) + (askers[1].spent[i] > 0), 1);
	}
	for (int t = 0; t < 2; t++)
		cpns_crypto_free(askers[t].crypto);
}

/* A later instance finds all of them, and they are still the right ones. */
static void test_outlives_instances(void)
{
	struct cpns_crypto *crypto = cpns_crypto_openssl_new();
	uint8_t out[CPNS_HASH];

	for (uint8_t i = 0; i < INPUTS; i++) {
		ask(crypto, i, out);
		CU_ASSERT_EQUAL(memcmp(out, askers[0].answer[i], CPNS_HASH), 0);
	}
	CU_ASSERT_EQUAL(cpns_crypto_wall_ns(crypto), 0);
	cpns_crypto_free(crypto);
}

/* No part of an input can be taken for another. */
static void test_inputs_apart(void)
{
	static const struct {
		const char *password, *salt;
		uint32_t iterations;
	} inputs[] = {{"ab", "c", KEPT}, {"a", "bc", KEPT},     {"abc", "", KEPT},
		      {"", "abc", KEPT}, {"ab", "c", KEPT + 1}, {"ab", "d", KEPT}};
	enum { N = sizeof inputs / sizeof *inputs };
	struct cpns_crypto *crypto = cpns_crypto_openssl_new();
	uint8_t out[N][CPNS_HASH];
	int64_t spent = 0;

	for (int i = 0; i < N; i++) {
		crypto->pbkdf2(crypto->self, (const uint8_t *)inputs[i].password, strlen(inputs[i].password),
			       (const uint8_t *)inputs[i].salt, strlen(inputs[i].salt), inputs[i].iterations, out[i]);
		CU_ASSERT(cpns_crypto_wall_ns(crypto) > spent);
		spent = cpns_crypto_wall_ns(crypto);
		for (int k = 0; k < i; k++)
			CU_ASSERT_NOT_EQUAL(memcmp(out[i], out[k], CPNS_HASH), 0);
	}
	cpns_crypto_free(crypto);
}

/* Of many answers each is found again, computed once, and another one's. */
static void test_many(void)
{
	enum { MANY = 5000 };
	static uint8_t answers[MANY][CPNS_HASH];
	struct cpns_crypto *crypto = cpns_crypto_openssl_new();
	uint8_t out[CPNS_HASH];
	int64_t spent = 0;
	bool fine = true;

	for (uint32_t i = 0; i < 2 * MANY; i++) {
		uint32_t k = i % MANY;
		uint8_t *answer = i < MANY ? answers[k] : out;

		crypto->pbkdf2(crypto->self, (const uint8_t *)"pw-of-many", 10, (const uint8_t *)&k, sizeof k, KEPT,
			       answer);
		fine = fine && (cpns_crypto_wall_ns(crypto) > spent) == (i < MANY);
		fine = fine && (i < MANY || memcmp(out, answers[k], CPNS_HASH) == 0);
		fine = fine && (k == 0 || memcmp(answer, answers[k - 1], CPNS_HASH) != 0);
		spent = cpns_crypto_wall_ns(crypto);
	}
	CU_ASSERT_TRUE(fine);
	cpns_crypto_free(crypto);
}

/* What is cheap is computed anew, and is the same. */
static void test_cheap(void)
{
	struct cpns_crypto *crypto = cpns_crypto_openssl_new();
	uint8_t out[2][CPNS_HASH];
	int64_t spent[2] = {0};

	for (uint32_t iterations = KEPT - 1; iterations <= KEPT; iterations++) {
		for (int i = 0; i < 65; i++) { /* one call in 64 is timed */
			crypto->pbkdf2(crypto->self, (const uint8_t *)"cheap", 5, (const uint8_t *)"salt", 4,
				       iterations, out[i % 2]);
			if (i == 0)
				spent[0] = cpns_crypto_wall_ns(crypto);
		}
		spent[1] = cpns_crypto_wall_ns(crypto);
		CU_ASSERT_EQUAL(memcmp(out[0], out[1], CPNS_HASH), 0);
		CU_ASSERT_EQUAL(spent[1] > spent[0], iterations < KEPT);
	}
	cpns_crypto_free(crypto);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"two threads ask for the same: one computes", test_two_threads},
	    {"answers outlive the instance that computed them", test_outlives_instances},
	    {"inputs apart", test_inputs_apart},
	    {"many inputs", test_many},
	    {"few iterations", test_cheap},
	    {0},
	};

	return suite_run("memo", cases);
}
