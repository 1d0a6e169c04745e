#include <math.h>
#include <string.h>

#include "sim/kernel/fingerprint.h"
#include "tests/lib/suite.h"

static const struct sim_event example = {
    .time = 1234567890123, .sender = 17, .seq = 4, .receiver = 99, .payload = 5, .length = 300, .kind = 2, .type = 7};

static struct sim_fingerprint of(const struct sim_event *event)
{
	struct sim_fingerprint fingerprint = {{0, 0}};

	sim_fingerprint_add(&fingerprint, event);
	return fingerprint;
}

static bool same(const struct sim_fingerprint *a, const struct sim_fingerprint *b)
{
	return a->half[0] == b->half[0] && a->half[1] == b->half[1];
}

/* Results of years are compared by these digits: they never change. */
static void test_digits(void)
{
	char text[SIM_FINGERPRINT_DIGITS + 1];
	struct sim_fingerprint nothing = {{0, 0}}, one = of(&example);

	sim_fingerprint_print(&nothing, text);
	CU_ASSERT_STRING_EQUAL(text, "00000000000000000000000000000000");
	sim_fingerprint_print(&(struct sim_fingerprint){{0x0123456789abcdef, 0xfedcba9876543210}}, text);
	CU_ASSERT_STRING_EQUAL(text, "0123456789abcdeffedcba9876543210");
	sim_fingerprint_print(&one, text);
	CU_ASSERT_STRING_EQUAL(text, "c0ba4adf91462e9a297b374fe2ba67be");
}

/* Flips the given bit of the fields that are hashed: 64 of time, then 32 each of receiver, sender and seq, and so on.
 */
static struct sim_event flipped(unsigned bit)
{
	struct sim_event event = example;

	if (bit < 64)
		event.time = (sim_time)((uint64_t)event.time ^ UINT64_C(1) << bit);
	else if (bit < 96)
		event.receiver ^= 1U << (bit - 64);
	else if (bit < 128)
		event.sender ^= 1U << (bit - 96);
	else if (bit < 160)
		event.seq ^= 1U << (bit - 128);
	else if (bit < 176)
		event.length = (uint16_t)(event.length ^ 1U << (bit - 160));
	else if (bit < 184)
		event.kind = (uint8_t)(event.kind ^ 1U << (bit - 176));
	else
		event.type = (uint8_t)(event.type ^ 1U << (bit - 184));
	return event;
}

/* Every bit of every field changes about half of the bits of either half; the payload changes none. */
static void test_sensitivity(void)
{
	struct sim_fingerprint base = of(&example);
	struct sim_event event = example;

	for (unsigned bit = 0; bit < 192; bit++) {
		struct sim_event other = flipped(bit);
		struct sim_fingerprint changed = of(&other);

		for (unsigned k = 0; k < 2; k++) {
			int bits = __builtin_popcountll(changed.half[k] ^ base.half[k]);

			CU_ASSERT(bits >= 12 && bits <= 52);
		}
	}
	event.payload++;
	struct sim_fingerprint unchanged = of(&event);

	CU_ASSERT(same(&unchanged, &base));
}

/* Over many events as runs have them, flipping any bit flips each bit of the hash about every second time. */
static void test_avalanche(void)
{
	enum { N = 2000 };
	static unsigned flips[128];

	for (unsigned i = 0; i < N; i++) {
		struct sim_event a = {
		    .time = (sim_time)i * 40000, .sender = i % 50, .seq = i / 50, .receiver = i % 7};
		struct sim_event b = a;

		b.seq++;
		struct sim_fingerprint x = of(&a), y = of(&b);

		for (unsigned k = 0; k < 128; k++)
			flips[k] += (unsigned)((x.half[k / 64] ^ y.half[k / 64]) >> (k % 64) & 1);
	}
	for (unsigned k = 0; k < 128; k++)
		CU_ASSERT(fabs(flips[k] - N / 2.0) < 6 * sqrt(N / 4.0));
}

/* The order of events does not matter, and parts that were hashed apart add up. */
static void test_merge(void)
{
	struct sim_fingerprint forth = {{0, 0}}, back = {{0, 0}}, left = {{0, 0}}, right = {{0, 0}};

	for (unsigned i = 0; i < 192; i++) {
		struct sim_event a = flipped(i), b = flipped(191 - i);

		sim_fingerprint_add(&forth, &a);
		sim_fingerprint_add(&back, &b);
		sim_fingerprint_add(i % 3 ? &left : &right, &a);
	}
	CU_ASSERT(same(&forth, &back));
	CU_ASSERT_FALSE(same(&forth, &left));
	sim_fingerprint_merge(&left, &right);
	CU_ASSERT(same(&forth, &left));
}

/* Two events that swap their times, senders, numbers or receivers are seen: the sum must not be of separate fields.
 */
static void test_swaps(void)
{
	struct sim_event a = {.time = 10, .sender = 1, .seq = 5, .receiver = 3, .length = 20, .kind = 1, .type = 2};
	struct sim_event b = {.time = 11, .sender = 2, .seq = 6, .receiver = 4, .length = 21, .kind = 2, .type = 3};
	struct sim_fingerprint original = of(&a), second = of(&b);

	sim_fingerprint_merge(&original, &second);
	for (unsigned mask = 1; mask < 127; mask++) { /* all 127 would swap the events themselves */
		struct sim_event x = {.time = mask & 1 ? b.time : a.time,
				      .sender = mask & 2 ? b.sender : a.sender,
				      .seq = mask & 4 ? b.seq : a.seq,
				      .receiver = mask & 8 ? b.receiver : a.receiver,
				      .length = mask & 16 ? b.length : a.length,
				      .kind = mask & 32 ? b.kind : a.kind,
				      .type = mask & 64 ? b.type : a.type};
		struct sim_event y = {.time = mask & 1 ? a.time : b.time,
				      .sender = mask & 2 ? a.sender : b.sender,
				      .seq = mask & 4 ? a.seq : b.seq,
				      .receiver = mask & 8 ? a.receiver : b.receiver,
				      .length = mask & 16 ? a.length : b.length,
				      .kind = mask & 32 ? a.kind : b.kind,
				      .type = mask & 64 ? a.type : b.type};
		struct sim_fingerprint swapped = of(&x), rest = of(&y);

		sim_fingerprint_merge(&swapped, &rest);
		CU_ASSERT(swapped.half[0] != original.half[0] && swapped.half[1] != original.half[1]);
	}
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"digits", test_digits},       {"sensitivity", test_sensitivity},
	    {"avalanche", test_avalanche}, {"merging", test_merge},
	    {"swaps", test_swaps},         {NULL, NULL},
	};

	return suite_run("fingerprint", cases);
}
