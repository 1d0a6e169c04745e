#include "models/network/hop.h"

#include <string.h>

#include "tests/lib/suite.h"

#define MESSAGES 20000
#define CHI_SQUARE_1 10.83 /* of one degree of freedom: exceeded by chance once in a thousand */

static struct sim_random run;

static struct hop_figures figures(void)
{
	return (struct hop_figures){.latency = {SIM_CONSTANT, 5e6, 0, 0}, .rate = 8000}; /* 1 ms an octet */
}

static struct sim_address message(uint64_t entity, uint32_t ordinal)
{
	return (struct sim_address){.entity = entity, .item = 40, .ordinal = ordinal, .purpose = 2, .type = 5};
}

/* Offers a message to a hop: does it arrive? If so, when. */
static bool admit(struct hop *hop, const struct hop_figures *f, const struct sim_address *where, sim_time now,
		  uint32_t length, sim_time *arrival, uint64_t *on_air)
{
	struct hop_draws draws = {&run, *where, 9};
	struct hop_fate fate = hop_admit(hop, f, &draws, now, length);

	CU_ASSERT_FALSE(fate.arrives_again);
	CU_ASSERT_EQUAL(fate.frames, f->mtu > 0 ? (length + f->mtu - 1) / f->mtu : 1);
	CU_ASSERT_PTR_NULL(hop->memory);
	*on_air = fate.octets;
	if (fate.arrives)
		*arrival = fate.arrival;
	return fate.arrives;
}

/* Ten octets and two of framing leave within 12 ms and arrive 5 ms later. */
static void test_serialisation(void)
{
	struct hop hop = {0};
	struct hop_figures f = figures();
	struct sim_address where = message(1, 0);
	sim_time arrival = 0;
	uint64_t on_air = 0;

	f.overhead = 2;
	CU_ASSERT_TRUE(admit(&hop, &f, &where, 100 * SIM_MS, 10, &arrival, &on_air));
	CU_ASSERT_EQUAL(on_air, 12);
	CU_ASSERT_EQUAL(hop.busy_until, 112 * SIM_MS);
	CU_ASSERT_EQUAL(arrival, 117 * SIM_MS);
}

/* A time that is no whole number of nanoseconds is rounded once for the message. */
static void test_rounding(void)
{
	struct hop hop = {0};
	struct hop_figures f = {.latency = {SIM_CONSTANT, 0.4, 0, 0}, .rate = 3, .mtu = 1};
	struct sim_address where = message(1, 0);
	sim_time arrival = 0;
	uint64_t on_air = 0;

	CU_ASSERT_TRUE(admit(&hop, &f, &where, 0, 1, &arrival, &on_air));
	CU_ASSERT_EQUAL(arrival, INT64_C(2666666667));
	hop.busy_until = 0;
	CU_ASSERT_TRUE(admit(&hop, &f, &where, 0, 2, &arrival, &on_air));
	CU_ASSERT_EQUAL(arrival, INT64_C(5333333333));
}

static void test_fragments(void)
{
	static const struct {
		uint32_t length, mtu;
		uint64_t on_air;
	} cases[] = {
	    {1, 4, 4}, {4, 4, 7}, {5, 4, 11}, {8, 4, 14}, {9, 4, 18}, {9, 0, 12}, {9, 1, 36}, {9, 9, 12},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hop hop = {0};
		struct hop_figures f = figures();
		struct sim_address where = message(1, 0);
		sim_time arrival = 0;
		uint64_t on_air = 0;

		f.mtu = cases[i].mtu;
		f.overhead = 3;
		CU_ASSERT_TRUE(admit(&hop, &f, &where, 0, cases[i].length, &arrival, &on_air));
		CU_ASSERT_EQUAL(on_air, cases[i].on_air);
		CU_ASSERT_EQUAL(arrival, (sim_time)cases[i].on_air * SIM_MS + 5 * SIM_MS);
	}
}

/* The second waits for the first; the third finds the hop free again. */
static void test_first_in_first_out(void)
{
	struct hop hop = {0};
	struct hop_figures f = figures();
	struct sim_address where = message(1, 0);
	sim_time arrival[3];
	uint64_t on_air;

	CU_ASSERT_TRUE(admit(&hop, &f, &where, 0, 10, &arrival[0], &on_air));
	CU_ASSERT_TRUE(admit(&hop, &f, &where, 4 * SIM_MS, 10, &arrival[1], &on_air));
	CU_ASSERT_TRUE(admit(&hop, &f, &where, 50 * SIM_MS, 10, &arrival[2], &on_air));
	CU_ASSERT_EQUAL(arrival[0], 15 * SIM_MS);
	CU_ASSERT_EQUAL(arrival[1], 25 * SIM_MS);
	CU_ASSERT_EQUAL(arrival[2], 65 * SIM_MS);
}

/* Nothing limited: arrives at once, however much came before. */
static void test_ideal(void)
{
	struct hop hop = {0};
	struct hop_figures f = {0};
	struct sim_address where = message(1, 0);
	sim_time arrival = 0;
	uint64_t on_air = 0;

	for (int i = 0; i < 3; i++) {
		CU_ASSERT_TRUE(admit(&hop, &f, &where, 9, 1000000, &arrival, &on_air));
		CU_ASSERT_EQUAL(arrival, 9);
		CU_ASSERT_EQUAL(on_air, 1000000);
	}
}

/* What is lost has used the air. */
static void test_certain_loss(void)
{
	struct hop hop = {0};
	struct hop_figures f = figures();
	sim_time arrival = -1;
	uint64_t on_air = 0;

	f.loss = 1;
	for (uint32_t i = 0; i < 1000; i++) {
		struct sim_address where = message(1, i);

		CU_ASSERT_FALSE(admit(&hop, &f, &where, 0, 10, &arrival, &on_air));
		CU_ASSERT_EQUAL(on_air, 10);
	}
	CU_ASSERT_EQUAL(arrival, -1);
	CU_ASSERT_EQUAL(hop.busy_until, 10000 * SIM_MS);
	f.loss = 0;
	for (uint32_t i = 0; i < 1000; i++) {
		struct sim_address where = message(1, i);

		CU_ASSERT_TRUE(admit(&hop, &f, &where, 0, 10, &arrival, &on_air));
	}
}

/* Whether the message is lost on a hop without other limits. */
static bool is_lost(const struct sim_address *where, double loss, uint32_t fragments)
{
	struct hop hop = {0};
	struct hop_figures f = {.loss = loss, .mtu = 10};
	sim_time arrival;
	uint64_t on_air;

	return !admit(&hop, &f, where, 0, 10 * fragments, &arrival, &on_air);
}

static double chi_square_of_share(uint64_t hits, uint64_t n, double share)
{
	double expected = share * (double)n, d = (double)hits - expected;

	return d * d / expected + d * d / ((double)n - expected);
}

static void test_loss_share(void)
{
	static const struct {
		double loss;
		uint32_t fragments;
		double share;
	} cases[] = {{0.3, 1, 0.3}, {0.3, 3, 0.657}, {0.02, 1, 0.02}, {0.02, 4, 0.07763184}};

	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		uint64_t lost = 0;

		for (uint32_t i = 0; i < MESSAGES; i++) {
			struct sim_address where = message(c, i);

			lost += is_lost(&where, cases[c].loss, cases[c].fragments);
		}
		CU_ASSERT(chi_square_of_share(lost, MESSAGES, cases[c].share) < CHI_SQUARE_1);
	}
}

/* The same message meets the same fate, whatever its `part` was and whatever else was sent. */
static void test_same_address(void)
{
	for (uint32_t i = 0; i < 1000; i++) {
		struct sim_address where = message(1, i), again = where;

		again.part = 77;
		CU_ASSERT_EQUAL(is_lost(&where, 0.5, 2), is_lost(&again, 0.5, 2));
		CU_ASSERT_EQUAL(where.part, 0);
	}
}

/* Fates of two series of messages whose addresses differ in one field: a table of two by two without association. */
static void test_other_address(void)
{
	for (int field = 0; field < 6; field++) {
		double n[2][2] = {{0}};

		for (uint32_t i = 0; i < MESSAGES; i++) {
			struct sim_address a = message(1, i), b = a;

			b.entity += field == 0;
			b.item += field == 1;
			b.ordinal += field == 2 ? MESSAGES : 0;
			b.attempt = field == 3;
			b.purpose = field == 4 ? 3 : b.purpose;
			b.type = field == 5 ? 6 : b.type;
			n[is_lost(&a, 0.5, 1)][is_lost(&b, 0.5, 1)]++;
		}
		double cross = n[0][0] * n[1][1] - n[0][1] * n[1][0];
		double margins =
		    (n[0][0] + n[0][1]) * (n[1][0] + n[1][1]) * (n[0][0] + n[1][0]) * (n[0][1] + n[1][1]);

		CU_ASSERT(cross * cross * MESSAGES / margins < CHI_SQUARE_1);
	}
}

/* Fragments of one message are lost independently: 2 of 2 arrive as often as chance has it, and a message that loses
 * its only fragment still loses it when a second follows. */
static void test_fragments_aligned(void)
{
	for (uint32_t i = 0; i < 1000; i++) {
		struct sim_address where = message(1, i);

		if (is_lost(&where, 0.3, 1))
			CU_ASSERT_TRUE(is_lost(&where, 0.3, 2));
		if (is_lost(&where, 0.1, 1))
			CU_ASSERT_TRUE(is_lost(&where, 0.3, 1));
	}
}

/* A latency that is drawn: within its bounds, its mean right, the same whatever the MTU, rate and loss are. */
static void test_latency(void)
{
	double sum = 0;

	for (uint32_t i = 0; i < MESSAGES; i++) {
		struct sim_address where = message(1, i);
		struct hop whole = {0}, cut = {0};
		struct hop_figures f = {.latency = {SIM_UNIFORM, 1e6, 3e6, 0}};
		struct hop_figures g = {.latency = f.latency, .rate = 1e6, .mtu = 7, .loss = 1e-12};
		sim_time a = 0, b = 0;
		uint64_t on_air;

		CU_ASSERT_TRUE(admit(&whole, &f, &where, 0, 100, &a, &on_air));
		CU_ASSERT_TRUE(admit(&cut, &g, &where, 0, 100, &b, &on_air));
		CU_ASSERT_EQUAL(a, b - cut.busy_until);
		CU_ASSERT(a >= 1 * SIM_MS && a <= 3 * SIM_MS);
		sum += (double)a;
	}
	CU_ASSERT_DOUBLE_EQUAL(sum / MESSAGES, 2e6, 4 * 577350. / 141.4); /* 4 standard errors */
}

/* Where the draws lie: fragment k at part k, the latency at the last part. */
static void test_places(void)
{
	for (uint32_t i = 0; i < 1000; i++) {
		struct hop hop = {0};
		struct hop_figures f = {.latency = {SIM_UNIFORM, 1e6, 3e6, 0}, .loss = 0.5, .mtu = 10};
		struct sim_address where = message(1, i), place = where;
		bool lost = false;
		sim_time arrival;
		uint64_t on_air;

		for (place.part = 0; place.part < 2; place.part++) {
			struct sim_stream luck = sim_stream_at(&run, &place);

			lost = lost || sim_stream_unit(&luck) < f.loss;
		}
		place.part = 0xffff;
		struct sim_stream delay = sim_stream_at(&run, &place);
		bool arrives = admit(&hop, &f, &where, 0, 20, &arrival, &on_air);

		CU_ASSERT_EQUAL(arrives, !lost);
		if (arrives)
			CU_ASSERT_EQUAL(arrival, sim_variate_duration(&f.latency, &delay));
	}
}

/* Fragments get through each for itself: the message arrives if all do. */
static void test_heard(void)
{
	const struct hop_figures alone = {.loss = 0.3, .mtu = 10, .overhead = 2, .rate = 8000};
	struct hop_figures bursts = alone, deaf = alone;
	uint32_t through[4] = {0};

	bursts.burst = burst_of(bursts.loss, 4, hop_step(&bursts));
	deaf.loss = 1;
	for (uint32_t i = 0; i < 2000; i++) {
		struct hop hop = {0};
		struct hop_draws draws = {&run, message(1, i), 9};
		sim_time now = i * 100 * SIM_MS;
		struct hop_fate fate = hop_admit(&hop, &alone, &draws, now, 25);
		uint32_t frames = 0, octets = 0;

		for (uint16_t part = 0; part < 3; part++) {
			struct sim_address address = draws.message;

			address.part = part;
			struct sim_stream luck = sim_stream_at(&run, &address);
			bool heard = sim_stream_unit(&luck) >= 0.3;

			frames += heard;
			octets += heard ? (part < 2 ? 12 : 7) : 0;
		}
		CU_ASSERT(fate.frames == 3 && fate.octets == 31);
		CU_ASSERT(fate.heard_frames == frames && fate.heard_octets == octets);
		CU_ASSERT_EQUAL(fate.arrives, frames == 3);
		hop = (struct hop){0};
		fate = hop_admit(&hop, &bursts, &draws, now, 25);
		octets = 0;
		for (int part = 0; part < 3; part++) { /* each in or out of a burst when it has left, 12 or 7 ms on */
			const struct sim_address own = {.entity = 1, .purpose = 9};
			sim_time left = now + (part < 2 ? part * 12 + 12 : 31) * SIM_MS;

			octets += burst_bad(&bursts.burst, &run, &own, left) ? 0 : part < 2 ? 12 : 7;
		}
		through[fate.heard_frames]++;
		CU_ASSERT_EQUAL(fate.heard_octets, octets);
		CU_ASSERT_EQUAL(fate.arrives, fate.heard_frames == 3);
		hop = (struct hop){0};
		fate = hop_admit(&hop, &deaf, &draws, now, 25);
		CU_ASSERT(!fate.arrives && fate.frames == 3 && fate.heard_frames == 0 && fate.heard_octets == 0);
	}
	for (int n = 0; n <= 3; n++)
		CU_ASSERT(through[n] > 20);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"a message is serialised and then delayed", test_serialisation},
	    {"the time on the air is rounded once", test_rounding},
	    {"fragments and their framing", test_fragments},
	    {"first in, first out", test_first_in_first_out},
	    {"nothing limited", test_ideal},
	    {"loss of 0 and of 1", test_certain_loss},
	    {"share of lost messages", test_loss_share},
	    {"same address, same fate", test_same_address},
	    {"other address, other luck", test_other_address},
	    {"one more fragment or a lossier link keeps what was lost lost", test_fragments_aligned},
	    {"latency", test_latency},
	    {"where the draws lie", test_places},
	    {"what is heard", test_heard},
	    {0},
	};

	run = sim_random_of(7, 3);
	return suite_run("hop", cases);
}
