/* The answers that a server keeps: what is the same request, when its answer is given again, and when it is
 * forgotten.
 */
#include <string.h>

#include "models/protocol/answers.h"
#include "models/protocol/rules.h"
#include "tests/lib/suite.h"
#include "tests/protocol/memory.h"

#define S(x) (INT64_C(1000000000) * (x))
#define LIFETIME S(247) /* EXCHANGE_LIFETIME of RFC 7252 section 4.8.2 */

static struct cpns_answer_log the_log;

static const uint8_t a16[32] = {0xa1, 0xa2}, b16[32] = {0xb1, 0xb2};

static struct cpns_msg request(uint32_t transaction, const uint8_t *rand, const uint8_t *proof)
{
	struct cpns_msg msg = {.type = CPNS_REQUEST, .transaction = transaction};

	cpns_msg_set(&msg, CPNS_USER_ID, "alice", 5);
	cpns_msg_set(&msg, CPNS_ENTITY_ID, "pne:0001", 8);
	if (rand != NULL)
		cpns_msg_set(&msg, CPNS_RAND_PNE, rand, 16);
	if (proof != NULL)
		cpns_msg_set(&msg, CPNS_AUTH_DATA, proof, 16);
	return msg;
}

/* Keeps `length` octets of value `fill` as the answer to a request that came at `now`; it leaves at `leaves`. */
static void keep(cpns_answers *answers, int64_t now, int64_t leaves, const struct cpns_msg *msg, uint8_t fill,
		 uint16_t length)
{
	struct cpns_out out;

	cpns_out_init(&out);
	memset(out.bytes, fill, length);
	out.length = length;
	cpns_answers_keep(&the_log, answers, now, msg, false, &out);
	cpns_out_left(&out, leaves);
}

/* What becomes of a request at `now`: CPNS_ACCEPTED where it is not known; a DUPLICATE's answer must be as kept, and
 * leaves at once; one that is BUSY has none. */
static enum cpns_verdict again(cpns_answers *answers, int64_t now, const struct cpns_msg *msg, uint8_t fill,
			       uint16_t length)
{
	enum cpns_verdict verdict = CPNS_ACCEPTED;
	struct cpns_out out;

	cpns_out_init(&out);
	if (!cpns_answers_again(&the_log, *answers, now, msg, &out, &verdict)) {
		CU_ASSERT_EQUAL(verdict, CPNS_ACCEPTED);
		CU_ASSERT_EQUAL(out.to, CPNS_NOBODY);
		return CPNS_ACCEPTED;
	}
	CU_ASSERT_EQUAL(out.ops.hmac + out.ops.sha256 + out.ops.keywrap + out.ops.random_octets, 0);
	CU_ASSERT_EQUAL(out.to, verdict == CPNS_DUPLICATE ? CPNS_GATEWAY : CPNS_NOBODY);
	CU_ASSERT_EQUAL(out.length, verdict == CPNS_DUPLICATE ? length : 0);
	for (uint16_t i = 0; i < out.length; i++)
		CU_ASSERT_EQUAL(out.bytes[i], fill);
	cpns_out_left(&out, now);
	return verdict;
}

static void test_duplicate(void)
{
	struct cpns_msg msg = request(7, a16, b16);
	cpns_answers answers = 0;

	CU_ASSERT_EQUAL(again(&answers, S(1), &msg, 0, 0), CPNS_ACCEPTED);
	keep(&answers, S(1), S(1), &msg, 0x11, 40);
	for (int64_t t = S(1); t < S(100); t += S(7))
		CU_ASSERT_EQUAL(again(&answers, t, &msg, 0x11, 40), CPNS_DUPLICATE);
	cpns_answer_log_clear(&the_log);
	answers = 0;
	CU_ASSERT_EQUAL(again(&answers, S(100), &msg, 0, 0), CPNS_ACCEPTED);
	cpns_answer_log_clear(&the_log);
}

/* The first is worked on from 1 s to 3 s; and when it is answered again, that too takes until it has left. */
static void test_busy(void)
{
	struct cpns_msg msg = request(7, a16, b16);
	cpns_answers answers = 0;
	enum cpns_verdict verdict;
	struct cpns_out out;

	keep(&answers, S(1), S(3), &msg, 0x11, 40);
	CU_ASSERT_EQUAL(again(&answers, S(1), &msg, 0, 0), CPNS_BUSY);
	CU_ASSERT_EQUAL(again(&answers, S(3) - 1, &msg, 0, 0), CPNS_BUSY);
	CU_ASSERT_EQUAL(again(&answers, S(3), &msg, 0x11, 40), CPNS_DUPLICATE);
	cpns_out_init(&out);
	CU_ASSERT_TRUE(cpns_answers_again(&the_log, answers, S(4), &msg, &out, &verdict));
	cpns_out_left(&out, S(5));
	CU_ASSERT_EQUAL(again(&answers, S(5) - 1, &msg, 0, 0), CPNS_BUSY);
	CU_ASSERT_EQUAL(again(&answers, S(5), &msg, 0x11, 40), CPNS_DUPLICATE);
	cpns_answer_log_clear(&the_log);
}

/* An answer lives for 247 s from the moment that its request came, however often it is given. */
static void test_expiry(void)
{
	struct cpns_msg msg = request(7, a16, b16);
	cpns_answers answers = 0;

	keep(&answers, S(10), S(12), &msg, 0x11, 40);
	CU_ASSERT_EQUAL(again(&answers, S(200), &msg, 0x11, 40), CPNS_DUPLICATE);
	CU_ASSERT_EQUAL(again(&answers, S(10) + LIFETIME - 1, &msg, 0x11, 40), CPNS_DUPLICATE);
	CU_ASSERT_EQUAL(again(&answers, S(10) + LIFETIME, &msg, 0, 0), CPNS_ACCEPTED);
	cpns_answer_log_clear(&the_log);
}

/* What is the same request: type, transaction, nonce and proof; what makes it another one. */
static void test_sameness(void)
{
	static const struct {
		const char *why;
		enum cpns_type type;
		uint32_t transaction;
		enum cpns_field rand, proof; /* CPNS_FIELDS: none */
		const uint8_t *rand_at, *proof_at;
	} cases[] = {
	    {"a request", CPNS_REQUEST, 7, CPNS_RAND_PNE, CPNS_AUTH_DATA, a16, b16},
	    {"another transaction", CPNS_REQUEST, 8, CPNS_RAND_PNE, CPNS_AUTH_DATA, a16, b16},
	    {"another type", CPNS_REQUEST_FOR_PNE, 7, CPNS_RAND_PNE, CPNS_AUTH_DATA, a16, b16},
	    {"another nonce", CPNS_REQUEST, 7, CPNS_RAND_PNE, CPNS_AUTH_DATA, b16, b16},
	    {"another proof", CPNS_REQUEST, 7, CPNS_RAND_PNE, CPNS_AUTH_DATA, a16, a16},
	    {"no proof", CPNS_REQUEST, 7, CPNS_RAND_PNE, CPNS_FIELDS, a16, NULL},
	    {"no nonce", CPNS_REQUEST, 7, CPNS_FIELDS, CPNS_AUTH_DATA, NULL, b16},
	    {"neither", CPNS_REQUEST, 7, CPNS_FIELDS, CPNS_FIELDS, NULL, NULL},
	    {"a hashed password as the proof", CPNS_REQUEST_FOR_PNE, 9, CPNS_FIELDS, CPNS_PASSWORD_HASH, NULL, b16},
	    {"another hashed password", CPNS_REQUEST_FOR_PNE, 9, CPNS_FIELDS, CPNS_PASSWORD_HASH, NULL, a16},
	    {"a digest as the proof", CPNS_REQUEST, 10, CPNS_RAND_PNE, CPNS_DIGEST, a16, b16},
	    {"another digest", CPNS_REQUEST, 10, CPNS_RAND_PNE, CPNS_DIGEST, a16, a16},
	    {"step 0, with the PN GW's nonce", CPNS_SESSION_REQUEST, 11, CPNS_RAND_GW, CPNS_AUTH_DATA, a16, b16},
	    {"step 0, another one", CPNS_SESSION_REQUEST, 11, CPNS_RAND_GW, CPNS_AUTH_DATA, b16, b16},
	};
	enum { N = sizeof cases / sizeof *cases };
	cpns_answers answers = 0;

	for (unsigned round = 0; round < 2; round++)
		for (unsigned i = 0; i < N; i++) {
			struct cpns_msg msg = {.type = cases[i].type, .transaction = cases[i].transaction};

			if (cases[i].rand != CPNS_FIELDS)
				cpns_msg_set(&msg, cases[i].rand, cases[i].rand_at, 16);
			if (cases[i].proof != CPNS_FIELDS)
				cpns_msg_set(&msg, cases[i].proof, cases[i].proof_at,
					     cases[i].proof == CPNS_AUTH_DATA ? 16 : 32);
			/* none is taken for another, and each is known by itself */
			CU_ASSERT_EQUAL(again(&answers, S(1), &msg, (uint8_t)i, (uint16_t)(20 + i)),
					round == 0 ? CPNS_ACCEPTED : CPNS_DUPLICATE);
			if (round == 0)
				keep(&answers, S(1), S(1), &msg, (uint8_t)i, (uint16_t)(20 + i));
		}
	cpns_answer_log_clear(&the_log);
}

/* A forger copies a request that the server has not answered yet, but for its proof: he gets an answer of his own,
 * and the genuine request, which comes later, the genuine one. What else is in the message does not tell them apart.
 */
static void test_forged_copy(void)
{
	struct cpns_msg genuine = request(7, a16, b16), forged = request(7, a16, a16), same = genuine;
	cpns_answers answers = 0;

	keep(&answers, S(1), S(1), &forged, 0x66, 30);
	CU_ASSERT_EQUAL(again(&answers, S(2), &genuine, 0, 0), CPNS_ACCEPTED);
	keep(&answers, S(2), S(2), &genuine, 0x11, 40);
	CU_ASSERT_EQUAL(again(&answers, S(3), &genuine, 0x11, 40), CPNS_DUPLICATE);
	CU_ASSERT_EQUAL(again(&answers, S(3), &forged, 0x66, 30), CPNS_DUPLICATE);
	cpns_msg_set(&same, CPNS_USER_ID, "mallory", 7);
	CU_ASSERT_EQUAL(again(&answers, S(3), &same, 0x11, 40), CPNS_DUPLICATE);
	cpns_answer_log_clear(&the_log);
}

/* A refused request is known again by all its octets: the genuine one, of whose nonce and proof somebody has made
 * another request, is not taken for that. Nor is another one for a refused one that is as long, or shorter, or
 * longer. */
static void test_refused(void)
{
	static const char *const users[] = {"alice", "alicf", "alic", "alices"};
	cpns_answers answers = 0;

	for (size_t i = 0; i < sizeof users / sizeof *users; i++) {
		struct cpns_msg msg = request(7, a16, b16);
		struct cpns_out out;

		cpns_msg_set(&msg, CPNS_USER_ID, users[i], strlen(users[i]));
		CU_ASSERT_EQUAL(again(&answers, S(1), &msg, 0, 0), CPNS_ACCEPTED);
		cpns_out_init(&out);
		memset(out.bytes, (int)i, 30);
		out.length = 30;
		cpns_answers_keep(&the_log, &answers, S(1), &msg, true, &out);
		cpns_out_left(&out, S(1));
	}
	for (size_t i = 0; i < sizeof users / sizeof *users; i++) {
		struct cpns_msg msg = request(7, a16, b16);

		cpns_msg_set(&msg, CPNS_USER_ID, users[i], strlen(users[i]));
		CU_ASSERT_EQUAL(again(&answers, S(2), &msg, (uint8_t)i, 30), CPNS_DUPLICATE);
	}
	cpns_answer_log_clear(&the_log);
}

/* The oldest go first, each when its time has come; a new one is kept beside those that are left. */
static void test_order_of_forgetting(void)
{
	struct cpns_msg msg[4];
	cpns_answers answers = 0;

	for (uint32_t i = 0; i < 4; i++) {
		msg[i] = request(i, a16, b16);
		if (i < 3) /* at 0, 50 and 50 s */
			keep(&answers, i == 0 ? 0 : S(50), i == 0 ? 0 : S(50), &msg[i], (uint8_t)i, 20);
	}
	for (uint32_t i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(again(&answers, LIFETIME - 1, &msg[i], (uint8_t)i, 20), CPNS_DUPLICATE);
	keep(&answers, LIFETIME, LIFETIME, &msg[3], 3, 20);
	CU_ASSERT_EQUAL(again(&answers, LIFETIME, &msg[0], 0, 0), CPNS_ACCEPTED);
	for (uint32_t i = 1; i < 4; i++)
		CU_ASSERT_EQUAL(again(&answers, S(50) + LIFETIME - 1, &msg[i], (uint8_t)i, 20), CPNS_DUPLICATE);
	for (uint32_t i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(again(&answers, S(50) + LIFETIME, &msg[i], 0, 0), CPNS_ACCEPTED);
	CU_ASSERT_EQUAL(again(&answers, S(50) + LIFETIME, &msg[3], 3, 20), CPNS_DUPLICATE);
	CU_ASSERT_EQUAL(again(&answers, 2 * LIFETIME, &msg[3], 0, 0), CPNS_ACCEPTED);
	cpns_answer_log_clear(&the_log);
}

/* Many answers in many lists: each is found in its own list until it expires, and in no other. */
static void test_many(void)
{
	enum { LISTS = 300, ANSWERS = 3000 };
	static const uint32_t ages[] = {0, 1, 1000, 2469, 2470, 2471, 2490, 2900}; /* tenths of a second */
	cpns_answers lists[LISTS] = {0};

	for (uint32_t i = 0; i < ANSWERS; i++) {
		struct cpns_msg msg = request(i, a16, b16);

		keep(&lists[i % LISTS], S(i) / 10, S(i) / 10, &msg, (uint8_t)i, (uint16_t)(9 + i * 7 % 1500));
		CU_ASSERT_EQUAL(again(&lists[(i + 1) % LISTS], S(i) / 10, &msg, 0, 0), CPNS_ACCEPTED);
		for (size_t k = 0; k < sizeof(ages) / sizeof(ages[0]) && ages[k] <= i; k++) {
			uint32_t old = i - ages[k];
			struct cpns_msg it = request(old, a16, b16);

			CU_ASSERT_EQUAL(
			    again(&lists[old % LISTS], S(i) / 10, &it, (uint8_t)old, (uint16_t)(9 + old * 7 % 1500)),
			    S(ages[k]) / 10 < LIFETIME ? CPNS_DUPLICATE : CPNS_ACCEPTED);
		}
	}
	cpns_answer_log_clear(&the_log);
	CU_ASSERT(the_log.n == 0 && the_log.chunks == NULL);
}

/* What has expired is given back, however long a run lasts. */
static void test_given_back(void)
{
	struct cpns_msg msg = request(7, a16, b16);
	cpns_answers answers = 0;
	size_t most = 0;

	for (int64_t t = 0; t < 20000; t++) {
		keep(&answers, S(t), S(t), &msg, 0x11, 1000);
		most = the_log.n > most ? the_log.n : most;
	}
	CU_ASSERT(most <= 247 * 1100 / 65536 + 2);
	CU_ASSERT_EQUAL(again(&answers, S(20000), &msg, 0x11, 1000), CPNS_DUPLICATE);
	cpns_answer_log_clear(&the_log);
}

static void keep_one(void *context)
{
	struct cpns_msg msg = request(7, a16, b16);

	keep(context, 0, 0, &msg, 0x11, 40);
}

static void keep_large(void *context)
{
	struct cpns_msg msg = request(8, a16, b16);

	keep(context, 0, 0, &msg, 0x22, 1000);
}

/* Also where only the next chunk is wanting, not the list of them: the third is full. */
static void test_no_memory_later(void)
{
	struct cpns_msg msg = request(7, a16, b16);
	cpns_answers answers = 0;

	keep_one(&answers);
	while (the_log.n < 3)
		keep_large(&answers);
	while (!memory_ends(keep_large, &answers))
		;
	CU_ASSERT_EQUAL(the_log.n, 3);
	CU_ASSERT_EQUAL(again(&answers, 0, &msg, 0x11, 40), CPNS_DUPLICATE);
	cpns_answer_log_clear(&the_log);
}

static void test_no_memory(void)
{
	struct cpns_msg msg = request(7, a16, b16);
	cpns_answers answers = 0;

	CU_ASSERT_TRUE(memory_ends(keep_one, &answers));
	CU_ASSERT_EQUAL(answers, 0);
	keep_one(&answers);
	CU_ASSERT_EQUAL(again(&answers, 0, &msg, 0x11, 40), CPNS_DUPLICATE);
	cpns_answer_log_clear(&the_log);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"a duplicate is answered in the same octets", test_duplicate},
	    {"while the first is being worked on", test_busy},
	    {"forgotten after 247 s, to the nanosecond", test_expiry},
	    {"what is the same request", test_sameness},
	    {"a forged copy gets an answer of its own", test_forged_copy},
	    {"a refused request is known by all its octets", test_refused},
	    {"the oldest are forgotten first", test_order_of_forgetting},
	    {"many answers in many lists", test_many},
	    {"what has expired is given back", test_given_back},
	    {"without memory the process ends", test_no_memory},
	    {"without more memory, too", test_no_memory_later},
	    {0},
	};

	return suite_run("answers", cases);
}
