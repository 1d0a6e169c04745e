/* An exchange by itself: what answers it, and what it keeps. How it repeats itself is told in the stories. */
#include <string.h>

#include "models/protocol/exchange.h"
#include "tests/lib/suite.h"
#include "tests/protocol/memory.h"

static const struct cpns_rules rules = {.timeout = 1000, .backoff = 2, .jitter = 1, .retries = 1};
static const struct cpns_env env; /* without jitter nothing is drawn */

static struct cpns_msg message(uint32_t transaction)
{
	struct cpns_msg msg = {.type = CPNS_USE_REQUEST, .transaction = transaction};

	cpns_msg_set(&msg, CPNS_ENTITY_ID, "pne:0001", 8);
	return msg;
}

static void test_matches(void)
{
	struct cpns_msg zero = message(0), seven = message(7), eight = message(8);
	struct cpns_exchange ex;
	struct cpns_out out;

	cpns_exchange_init(&ex);
	CU_ASSERT_FALSE(cpns_exchange_matches(&ex, &zero)); /* its number is 0, but it is idle */
	cpns_out_init(&out);
	cpns_exchange_begin(&ex, &seven, 1, rules.timeout, &rules, &env, &out);
	CU_ASSERT_TRUE(cpns_exchange_matches(&ex, &seven));
	CU_ASSERT_FALSE(cpns_exchange_matches(&ex, &eight));
	cpns_exchange_clear(&ex);
	CU_ASSERT_FALSE(cpns_exchange_matches(&ex, &seven));
	CU_ASSERT_EQUAL(ex.deadline, CPNS_NEVER);
}

/* The same octets each time, at 1000 and 2000 ns after the last one has left; then it is given up. */
static void test_repetition(void)
{
	struct cpns_msg msg = message(7);
	struct cpns_exchange ex;
	struct cpns_out first, out;

	cpns_exchange_init(&ex);
	cpns_out_init(&first);
	cpns_exchange_begin(&ex, &msg, 1, rules.timeout, &rules, &env, &first);
	cpns_out_left(&first, 50);
	CU_ASSERT_EQUAL(ex.leaves, 50);
	CU_ASSERT_EQUAL(ex.deadline, 1050);
	cpns_out_init(&out);
	cpns_exchange_repeat(&ex, &out); /* does not touch the timer */
	cpns_out_left(&out, 70);
	CU_ASSERT_EQUAL(ex.deadline, 1050);
	cpns_out_init(&out);
	CU_ASSERT_TRUE(cpns_exchange_may_repeat(&ex, &rules));
	CU_ASSERT_TRUE(cpns_exchange_again(&ex, &rules, &env, &out));
	cpns_out_left(&out, 1050);
	CU_ASSERT_EQUAL(ex.deadline, 3050);
	CU_ASSERT_EQUAL(out.length, first.length);
	CU_ASSERT_EQUAL(memcmp(out.bytes, first.bytes, first.length), 0);
	CU_ASSERT_FALSE(cpns_exchange_may_repeat(&ex, &rules));
	CU_ASSERT_FALSE(cpns_exchange_again(&ex, &rules, &env, &out));
	cpns_exchange_clear(&ex);
}

/* "Server busy" about that transaction, with the time to wait. */
static struct cpns_msg busy(uint32_t transaction, uint64_t retry_after)
{
	static const uint8_t status = CPNS_SERVER_BUSY;
	static uint8_t time[8];
	struct cpns_msg msg = {.type = CPNS_USE_RESULT, .transaction = transaction};

	cpns_put64(time, retry_after);
	cpns_msg_set(&msg, CPNS_STATUS, &status, 1);
	cpns_msg_set(&msg, CPNS_RETRY_AFTER, time, sizeof(time));
	return msg;
}

/* An exchange sent at 0 with timeouts of 1000, 2000 and 4000 hears of a busy server; returns when it goes on. */
static int64_t after_busy(struct cpns_exchange *ex, const struct cpns_rules *patient, int64_t now,
			  uint64_t retry_after)
{
	struct cpns_msg msg = message(7), no = busy(7, retry_after);
	struct cpns_out out;

	cpns_exchange_init(ex);
	cpns_out_init(&out);
	cpns_exchange_begin(ex, &msg, 1, patient->timeout, patient, &env, &out);
	cpns_out_left(&out, 0);
	CU_ASSERT_EQUAL(cpns_exchange_hold_off(ex, now, &no, patient, &env), CPNS_REFUSED);
	return ex->deadline;
}

/* Not before the timer that runs, not after the longest one, once for each transmission; and it goes on. */
static void test_busy(void)
{
	static const struct cpns_rules patient = {.timeout = 1000, .backoff = 2, .jitter = 1, .retries = 2};
	struct cpns_msg other = busy(8, 3000), no = busy(7, 4000), silent = busy(7, 0);
	struct cpns_exchange ex;
	struct cpns_out out;

	silent.has &= ~(UINT32_C(1) << CPNS_RETRY_AFTER);
	CU_ASSERT_EQUAL(after_busy(&ex, &patient, 100, 0), 1000);
	cpns_exchange_clear(&ex);
	CU_ASSERT_EQUAL(after_busy(&ex, &patient, 100, UINT64_MAX), 4100);
	cpns_exchange_clear(&ex);
	CU_ASSERT_EQUAL(after_busy(&ex, &patient, 100, 3000), 3100);
	CU_ASSERT_EQUAL(cpns_exchange_hold_off(&ex, 200, &no, &patient, &env), CPNS_REFUSED);
	CU_ASSERT_EQUAL(ex.deadline, 3100);
	for (int64_t i = 1; i <= 2; i++) { /* it is one of its retransmissions, with the timeout of that one */
		cpns_out_init(&out);
		CU_ASSERT_TRUE(cpns_exchange_again(&ex, &patient, &env, &out));
		cpns_out_left(&out, 10000 * i);
		CU_ASSERT_EQUAL(ex.deadline, 12000 * i);
		CU_ASSERT_EQUAL(cpns_exchange_hold_off(&ex, 10000 * i, &other, &patient, &env), CPNS_DUPLICATE);
		CU_ASSERT_EQUAL(cpns_exchange_hold_off(&ex, 10000 * i, &silent, &patient, &env), CPNS_REFUSED);
		CU_ASSERT_EQUAL(ex.deadline, 12000 * i);
	}
	CU_ASSERT_EQUAL(cpns_exchange_hold_off(&ex, 20000, &no, &patient, &env), CPNS_REFUSED);
	CU_ASSERT_EQUAL(ex.deadline, 24000); /* nothing is sent after this one */
	CU_ASSERT_FALSE(cpns_exchange_again(&ex, &patient, &env, &out));
	cpns_exchange_clear(&ex);
}

/* Timeouts that grow beyond what the clock can tell wait ten years. */
static void test_busy_for_ever(void)
{
	static const struct cpns_rules stoic = {
	    .timeout = INT64_C(300000000000000000), .backoff = 2, .jitter = 1, .retries = 5};
	struct cpns_exchange ex;

	CU_ASSERT_EQUAL(after_busy(&ex, &stoic, 100, UINT64_MAX), INT64_C(315000000000000100));
	cpns_exchange_clear(&ex);
}

static struct cpns_msg message_of(size_t octets)
{
	static const uint8_t id[CPNS_ID_MAX] = {'p'};
	struct cpns_msg msg = message(7);

	cpns_msg_set(&msg, CPNS_ENTITY_ID, id, octets - CPNS_HEADER - 3);
	return msg;
}

/* Long and short ones, one after another: what was kept before is forgotten. */
static void test_lengths(void)
{
	static const size_t lengths[] = {
	    20, CPNS_EXCHANGE_FEW, CPNS_EXCHANGE_FEW + 1, 200, 250, 13, CPNS_EXCHANGE_FEW, 210, 14};
	struct cpns_exchange ex;
	struct cpns_out first, out;

	cpns_exchange_init(&ex);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct cpns_msg msg = message_of(lengths[i]);

		cpns_out_init(&first);
		cpns_exchange_begin(&ex, &msg, 1, rules.timeout, &rules, &env, &first);
		CU_ASSERT_EQUAL(first.length, lengths[i]);
		cpns_out_init(&out);
		CU_ASSERT_TRUE(cpns_exchange_again(&ex, &rules, &env, &out));
		CU_ASSERT_TRUE(out.length == lengths[i] && memcmp(out.bytes, first.bytes, out.length) == 0);
		CU_ASSERT_EQUAL(ex.bytes == ex.few, lengths[i] <= CPNS_EXCHANGE_FEW);
	}
	cpns_exchange_clear(&ex);
}

static void begin(void *context)
{
	struct cpns_msg msg = message_of(CPNS_EXCHANGE_FEW + 1);
	struct cpns_out out;

	cpns_out_init(&out);
	cpns_exchange_begin(context, &msg, 1, rules.timeout, &rules, &env, &out);
}

static void test_no_memory(void)
{
	struct cpns_exchange ex;

	cpns_exchange_init(&ex);
	CU_ASSERT_TRUE(memory_ends(begin, &ex));
	begin(&ex);
	CU_ASSERT_EQUAL(ex.sent, 1);
	cpns_exchange_clear(&ex);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"what answers it", test_matches},
	    {"repetition", test_repetition},
	    {"a busy server", test_busy},
	    {"a busy server, for ever", test_busy_for_ever},
	    {"short and long octets", test_lengths},
	    {"without memory the process ends", test_no_memory},
	    {0},
	};

	return suite_run("exchange", cases);
}
