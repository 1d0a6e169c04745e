/* The log of answers: what is found again, until when, and what of it is still kept then. */
#include <string.h>

#include "models/protocol/answers.h"
#include "models/protocol/rules.h"
#include "tests/lib/suite.h"

enum { LISTS = 300, ANSWERS = 3000 };

static struct cpns_msg request(uint32_t transaction)
{
	return (struct cpns_msg){.type = CPNS_REQUEST, .transaction = transaction};
}

/* Keeps an answer of `n` octets, each the transaction's lowest; it leaves at once. */
static void keep(struct cpns_answer_log *log, cpns_answers *list, int64_t now, uint32_t transaction, uint16_t n)
{
	struct cpns_msg msg = request(transaction);
	struct cpns_out out;

	cpns_out_init(&out);
	memset(out.bytes, (int)(transaction & 0xff), n);
	out.length = n;
	cpns_answers_keep(log, list, now, &msg, &out);
	cpns_out_left(&out, now);
}

static bool found(struct cpns_answer_log *log, cpns_answers list, int64_t now, uint32_t transaction, uint16_t n)
{
	struct cpns_msg msg = request(transaction);
	enum cpns_verdict verdict;
	struct cpns_out out;

	cpns_out_init(&out);
	if (!cpns_answers_again(log, list, now, &msg, &out, &verdict))
		return false;
	CU_ASSERT_EQUAL(verdict, CPNS_DUPLICATE);
	CU_ASSERT(out.length == n && out.bytes[0] == (transaction & 0xff) && out.bytes[n / 2] == out.bytes[0]);
	return true;
}

static uint16_t length_of(uint32_t transaction)
{
	return (uint16_t)(9 + transaction * 7 % 1500);
}

/* Many answers in many lists: each is found in its own list until it expires, and in no other. */
static void test_many(void)
{
	struct cpns_answer_log log = {0};
	cpns_answers lists[LISTS] = {0};
	static const uint32_t ages[] = {0, 1, 1000, 2469, 2470, 2471, 2490, 2900}; /* tenths of a second */
	int64_t second = 1000000000;

	for (uint32_t i = 0; i < ANSWERS; i++) {
		int64_t now = i * second / 10;

		keep(&log, &lists[i % LISTS], now, i, length_of(i));
		CU_ASSERT_FALSE(found(&log, lists[(i + 1) % LISTS], now, i, 0));
		for (size_t k = 0; k < sizeof(ages) / sizeof(ages[0]) && ages[k] <= i; k++) {
			bool fresh = ages[k] * (second / 10) < CPNS_EXCHANGE_LIFETIME;
			uint32_t old = i - ages[k];

			CU_ASSERT_EQUAL(found(&log, lists[old % LISTS], now, old, length_of(old)), fresh);
		}
	}
	cpns_answer_log_clear(&log);
	CU_ASSERT(log.n == 0 && log.chunks == NULL);
}

/* What has expired is given back, however long a run lasts. */
static void test_given_back(void)
{
	struct cpns_answer_log log = {0};
	cpns_answers list = 0;
	size_t most = 0;

	for (uint32_t i = 0; i < 20000; i++) {
		keep(&log, &list, i * INT64_C(1000000000), i, 1000);
		most = log.n > most ? log.n : most;
	}
	CU_ASSERT(most <= 247 * 1100 / 65536 + 2);
	CU_ASSERT_TRUE(found(&log, list, 20000 * INT64_C(1000000000), 19800, 1000));
	cpns_answer_log_clear(&log);
}

static void test_empty(void)
{
	struct cpns_answer_log log = {0};

	CU_ASSERT_FALSE(found(&log, 0, 0, 1, 0));
	cpns_answer_log_clear(&log);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"many", test_many}, {"given back", test_given_back}, {"empty", test_empty}, {NULL, NULL}};

	return suite_run("answers", cases);
}
