#include "models/network/backlog.h"
#include "models/network/hop.h"
#include "tests/lib/suite.h"

#define MESSAGES 20000

static struct sim_random run;

static const struct sim_variate nothing = {SIM_CONSTANT, 0, 0, 0};

static struct hop_draws message(uint32_t ordinal)
{
	return (struct hop_draws){
	    &run, {.entity = 5, .item = 40, .ordinal = ordinal, .purpose = 2, .type = 5}, .own = 9, .link = 9};
}

static struct sim_variate constant(sim_time ns)
{
	return (struct sim_variate){SIM_CONSTANT, (double)ns, 0, 0};
}

static bool share_is(uint64_t hits, uint64_t n, double share)
{
	double d = (double)hits - share * (double)n;

	return d * d < 16 * share * (1 - share) * (double)n;
}

/* ---- duplication and reordering ---- */

static void test_duplication(void)
{
	struct hop hop = {0};
	struct hop_figures f = {.latency = {SIM_UNIFORM, 1e6, 3e6, 0}, .loss = 0.25, .rate = 8e6};
	uint64_t twice = 0, arrived = 0, later = 0;

	f.faults.duplication = 0.3;
	for (uint32_t i = 0; i < MESSAGES; i++) {
		struct hop_draws draws = message(i);
		struct hop_fate fate = hop_admit(&hop, &f, &draws, i * SIM_S, 1000);
		sim_time left = i * SIM_S + SIM_MS;

		if (!fate.arrives)
			CU_ASSERT_FALSE(fate.arrives_again); /* what is lost is lost altogether */
		arrived += fate.arrives;
		twice += fate.arrives_again;
		CU_ASSERT_EQUAL(fate.octets, 1000); /* a copy is made behind the air */
		CU_ASSERT_EQUAL(hop.busy_until, left);
		if (fate.arrives_again)
			CU_ASSERT(fate.second_arrival >= left + SIM_MS && fate.second_arrival <= left + 3 * SIM_MS);
		later += fate.arrives_again && fate.second_arrival > fate.arrival;
	}
	CU_ASSERT(share_is(arrived, MESSAGES, 0.75));
	CU_ASSERT(share_is(twice, arrived, 0.3));
	CU_ASSERT(share_is(later, twice, 0.5)); /* either may be first: latencies of their own */
}

static void test_reordering(void)
{
	struct hop hop = {0};
	struct hop_figures f = {.latency = constant(5 * SIM_MS)};
	uint64_t held = 0, overtaken = 0;
	sim_time latest = 0;

	f.faults.reordering = 0.2;
	f.faults.reordering_delay = (struct sim_variate){SIM_UNIFORM, 20e6, 40e6, 0};
	for (uint32_t i = 0; i < MESSAGES; i++) {
		struct hop_draws draws = message(i);
		sim_time now = i * 10 * SIM_MS;
		struct hop_fate fate = hop_admit(&hop, &f, &draws, now, 100);
		sim_time delay = fate.arrival - now - 5 * SIM_MS;

		CU_ASSERT_TRUE(fate.arrives);
		CU_ASSERT(delay == 0 || (delay >= 20 * SIM_MS && delay <= 40 * SIM_MS));
		held += delay > 0;
		overtaken += fate.arrival < latest;
		latest = fate.arrival > latest ? fate.arrival : latest;
	}
	CU_ASSERT(share_is(held, MESSAGES, 0.2));
	CU_ASSERT(overtaken > MESSAGES / 5);
}

/* A share of 100 % concerns all, and a copy is not held back. */
static void test_always(void)
{
	struct hop hop = {0};
	struct hop_figures f = {.latency = constant(5 * SIM_MS)};

	f.faults.reordering = f.faults.duplication = 1;
	f.faults.reordering_delay = constant(50 * SIM_MS);
	for (uint32_t i = 0; i < 1000; i++) {
		struct hop_draws draws = message(i);
		struct hop_fate fate = hop_admit(&hop, &f, &draws, 0, 100);

		CU_ASSERT_TRUE(fate.arrives && fate.arrives_again);
		CU_ASSERT_EQUAL(fate.arrival, 55 * SIM_MS);
		CU_ASSERT_EQUAL(fate.second_arrival, 5 * SIM_MS);
	}
}

/* A fault moves no draw of anything else: losses and latencies stay what they are, and so does each fault. */
static void test_aligned(void)
{
	struct hop_figures plain = {.latency = {SIM_UNIFORM, 1e6, 3e6, 0}, .loss = 0.3, .mtu = 30};

	for (uint32_t i = 0; i < 2000; i++) {
		struct hop_figures f = plain;
		struct hop hops[4] = {{0}};
		struct hop_draws draws = message(i);
		struct hop_fate a = hop_admit(&hops[0], &f, &draws, 0, 100);

		f.faults.duplication = 0.5;
		struct hop_fate b = hop_admit(&hops[1], &f, &draws, 0, 100);

		f.faults.reordering = 0.5;
		f.faults.reordering_delay = constant(SIM_S);
		struct hop_fate c = hop_admit(&hops[2], &f, &draws, 0, 100);

		f.faults.duplication = 0;
		struct hop_fate d = hop_admit(&hops[3], &f, &draws, 0, 100);

		CU_ASSERT(a.arrives == b.arrives && b.arrives == c.arrives && c.arrives == d.arrives);
		if (!a.arrives)
			continue;
		CU_ASSERT_EQUAL(a.arrival, b.arrival);
		CU_ASSERT(c.arrival == a.arrival || c.arrival == a.arrival + SIM_S);
		CU_ASSERT_EQUAL(c.arrival, d.arrival);
		CU_ASSERT(b.arrives_again == c.arrives_again && b.second_arrival == c.second_arrival);
	}
}

/* ---- who waits ---- */

/* One octet a millisecond, two may wait: of five at once one is sent, two wait, two are lost and use no air. */
static void test_queue_limit(void)
{
	struct hop hop = {0};
	struct hop_figures f = {.rate = 8000, .overhead = 2};
	static const struct {
		sim_time at;
		bool arrives;
		sim_time arrival;
	} offers[] = {
	    {0, true, 10},  {0, true, 20},  {0, true, 30},  {0, false, 0},  {9, false, 0},      {10, true, 40},
	    {10, false, 0}, {39, true, 50}, {39, true, 60}, {39, false, 0}, {1000, true, 1010},
	};

	f.faults.queue_limited = true;
	f.faults.queue_limit = 2;
	for (uint32_t i = 0; i < sizeof offers / sizeof *offers; i++) {
		struct hop_draws draws = message(i);
		struct hop_fate fate = hop_admit(&hop, &f, &draws, offers[i].at * SIM_MS, 8);

		CU_ASSERT_EQUAL(fate.arrives, offers[i].arrives);
		CU_ASSERT_EQUAL(fate.frames, offers[i].arrives);
		CU_ASSERT_EQUAL(fate.octets, offers[i].arrives ? 10 : 0);
		if (fate.arrives)
			CU_ASSERT_EQUAL(fate.arrival, offers[i].arrival * SIM_MS);
	}
	hop_clear(&hop);
	CU_ASSERT_PTR_NULL(hop.memory);
}

/* None may wait: who finds the hop busy is lost. And where nothing is ever busy, none waits. */
static void test_no_queue(void)
{
	struct hop busy = {0}, ideal = {0};
	struct hop_figures f = {.rate = 8000}, g = {.rate = 0};

	f.faults.queue_limited = g.faults.queue_limited = true;
	for (uint32_t i = 0; i < 100; i++) {
		struct hop_draws draws = message(i);

		CU_ASSERT_EQUAL(hop_admit(&busy, &f, &draws, i * SIM_MS, 5).arrives, i % 5 == 0);
		CU_ASSERT_TRUE(hop_admit(&ideal, &g, &draws, 0, 5).arrives);
	}
	CU_ASSERT_PTR_NULL(ideal.memory);
	hop_clear(&busy);
}

/* The backlog against a plain list of all times. */
static void test_backlog(void)
{
	struct sim_address address = {.purpose = 3};
	struct sim_stream stream = sim_stream_at(&run, &address);
	struct backlog backlog = {0};
	sim_time starts[5000], now = 0, start = 0;
	uint32_t n = 0, begun = 0;

	while (n < 5000) {
		now += (sim_time)sim_stream_below(&stream, n % 500 < 250 ? 10 : 40);
		start = (start > now ? start : now) + (sim_time)sim_stream_below(&stream, 20);
		while (begun < n && starts[begun] <= now)
			begun++;
		CU_ASSERT_EQUAL(backlog_at(&backlog, now), n - begun);
		starts[n++] = start;
		backlog_add(&backlog, start);
	}
	CU_ASSERT(backlog.room < 1024); /* room for those that wait, not for all */
	backlog_clear(&backlog);
}

/* ---- outages ---- */

/* Up for 10 s, out for 2 s, and again: what counts is when the transmission begins. */
static void test_outages(void)
{
	struct hop hop = {0};
	struct hop_figures f = {.rate = 8000}; /* 1 ms an octet */

	f.faults.outages = (struct outage_figures){true, constant(10 * SIM_S), constant(2 * SIM_S)};
	for (uint32_t ms = 0; ms < 50000; ms += 100) {
		struct hop_draws draws = message(ms);
		struct hop_fate fate = hop_admit(&hop, &f, &draws, ms * SIM_MS, 10);

		CU_ASSERT_EQUAL(fate.arrives, ms % 12000 < 10000);
		CU_ASSERT_EQUAL(fate.octets, 10); /* what is lost has used the air */
	}
	hop_clear(&hop);
	struct hop slow = {0};
	struct hop_draws draws = message(1);

	CU_ASSERT_TRUE(hop_admit(&slow, &f, &draws, 9 * SIM_S, 1500).arrives);      /* begins before the outage */
	CU_ASSERT_FALSE(hop_admit(&slow, &f, &draws, 9500 * SIM_MS, 1500).arrives); /* had to wait until it */
	CU_ASSERT_TRUE(hop_admit(&slow, &f, &draws, 9500 * SIM_MS, 10).arrives);    /* until 12 s */
	hop_clear(&slow);
}

static bool out(struct outage *outage, const struct outage_figures *figures, uint64_t entity, sim_time at)
{
	struct sim_address own = {.entity = entity, .purpose = 9, .part = 1};

	return outage_at(outage, figures, &run, &own, at);
}

/* The share of the time, and the same outages for whoever looks more rarely. */
static void test_drawn_outages(void)
{
	const struct outage_figures figures = {true, {SIM_EXPONENTIAL, 30e9, 0, 0}, {SIM_UNIFORM, 2e9, 8e9, 0}};
	struct outage often = {0}, rare = {0}, other = {0};
	uint64_t hits = 0, same = 0;
	const uint64_t n = 400000;

	for (uint64_t i = 0; i < n; i++) {
		sim_time at = (sim_time)i * SIM_S / 4;
		bool now = out(&often, &figures, 1, at);

		hits += now;
		same += now == out(&other, &figures, 2, at);
		if (i % 1000 == 777)
			CU_ASSERT_EQUAL(out(&rare, &figures, 1, at), now);
	}
	CU_ASSERT_DOUBLE_EQUAL((double)hits / (double)n, 5. / 35, 0.01);
	CU_ASSERT_DOUBLE_EQUAL((double)same / (double)n, 25. / 49 + 12. / 49, 0.02); /* (6/7)^2 + (1/7)^2 */
}

/* Never up; never out; and the end of time. */
static void test_extreme_outages(void)
{
	const struct outage_figures never_up = {true, nothing, constant(SIM_S)};
	const struct outage_figures never_out = {true, constant(SIM_S), nothing};
	struct outage a = {0}, b = {0};

	for (sim_time at = 0; at < 100 * SIM_S; at += SIM_S / 2) {
		CU_ASSERT_TRUE(out(&a, &never_up, 1, at));
		CU_ASSERT_FALSE(out(&b, &never_out, 1, at));
	}
	(void)out(&a, &never_up, 1, SIM_HORIZON);
}

/* ---- bursts on a hop ---- */

/* A message is lost if the chain is bad when one of its fragments has left. */
static void test_fragments_in_bursts(void)
{
	struct hop_figures f = {.rate = 8e6, .mtu = 90, .overhead = 10, .loss = 0.2}; /* 100 us a full fragment */
	struct sim_address own = {.entity = 5, .purpose = 9};
	struct hop hop = {0};
	uint64_t lost = 0;

	CU_ASSERT_EQUAL(hop_step(&f), 100 * SIM_US);
	f.burst = burst_of(f.loss, 4, hop_step(&f));
	for (uint32_t i = 0; i < MESSAGES; i++) {
		struct hop_draws draws = message(i);
		sim_time now = i * 10 * SIM_MS;
		bool bad = burst_bad(&f.burst, &run, &own, now + 100 * SIM_US) ||
			   burst_bad(&f.burst, &run, &own, now + 200 * SIM_US) ||
			   burst_bad(&f.burst, &run, &own, now + 230 * SIM_US);

		CU_ASSERT_EQUAL(hop_admit(&hop, &f, &draws, now, 200).arrives, !bad); /* 90 + 90 + 20 octets */
		lost += bad;
	}
	/* They leave in two steps, the last two in the same: 1 - (1 - L) (1 - p) with p = L / (4 (1 - L)). */
	CU_ASSERT(share_is(lost, MESSAGES, 0.25));
	CU_ASSERT_PTR_NULL(hop.memory);
}

/* Messages at once, on a link without limits, are all lost or none; the step is a millisecond. */
static void test_bursts_unlimited(void)
{
	struct hop_figures f = {.loss = 0.5};
	struct hop hop = {0};
	uint64_t lost = 0;

	CU_ASSERT_EQUAL(hop_step(&f), SIM_MS);
	f.rate = 8000;
	CU_ASSERT_EQUAL(hop_step(&f), SIM_MS);
	f = (struct hop_figures){.loss = 0.5, .mtu = 7};
	CU_ASSERT_EQUAL(hop_step(&f), SIM_MS);
	f.burst = burst_of(f.loss, 4, hop_step(&f));
	for (uint32_t i = 0; i < MESSAGES; i++) {
		struct hop_draws draws = message(i);
		bool first = hop_admit(&hop, &f, &draws, i * SIM_MS, 70).arrives;

		draws.message.type++;
		CU_ASSERT_EQUAL(hop_admit(&hop, &f, &draws, i * SIM_MS + 999999, 7).arrives, first);
		lost += !first;
	}
	CU_ASSERT_DOUBLE_EQUAL((double)lost / MESSAGES, 0.5, 0.04);
}

/* Bursts belong to the hop: another message, the other direction of a medium, meet the same ones. */
static void test_whose_bursts(void)
{
	struct hop_figures f = {.loss = 0.5};
	uint64_t alike = 0;

	f.burst = burst_of(f.loss, 4, hop_step(&f));
	for (uint32_t i = 0; i < 2000; i++) {
		struct hop_draws a = message(i), b = message(i), c = message(i), d = message(i);
		struct hop hop[4] = {{0}};

		b.message.purpose = 3;
		b.message.item = 2;
		c.own = c.link = 10;
		d.message.entity = 6;
		bool arrives = hop_admit(&hop[0], &f, &a, i * SIM_S, 9).arrives;

		CU_ASSERT_EQUAL(hop_admit(&hop[1], &f, &b, i * SIM_S, 9).arrives, arrives);
		alike += hop_admit(&hop[2], &f, &c, i * SIM_S, 9).arrives == arrives;
		alike += hop_admit(&hop[3], &f, &d, i * SIM_S, 9).arrives == arrives;
	}
	CU_ASSERT(share_is(alike, 4000, 0.5));
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"messages that arrive twice", test_duplication},
	    {"messages that are held back", test_reordering},
	    {"shares of 100 %", test_always},
	    {"a fault moves no other draw", test_aligned},
	    {"a limit of who may wait", test_queue_limit},
	    {"none may wait", test_no_queue},
	    {"the backlog against a list", test_backlog},
	    {"outages, and when a transmission begins", test_outages},
	    {"drawn outages", test_drawn_outages},
	    {"never up, never out", test_extreme_outages},
	    {"fragments in bursts", test_fragments_in_bursts},
	    {"bursts where nothing is limited", test_bursts_unlimited},
	    {"whose bursts", test_whose_bursts},
	    {0},
	};

	run = sim_random_of(7, 3);
	return suite_run("hop faults", cases);
}
