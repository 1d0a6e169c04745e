#include "models/nodes/leg.h"

#include <string.h>

#include "tests/lib/suite.h"

/* A PN GW (number 5) that sends to a server, with a ledger of one assignment. */
struct scene {
	struct world world;
	struct device devices[1];
	struct hop hop;
	struct hop_figures figures;
	uint32_t sender, receiver;
	struct {
		sim_time time;
		uint32_t packet;
		bool copy;
	} got[8];
	unsigned n;
};

static bool receive(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct scene *s = state;

	CU_ASSERT_EQUAL(event->kind, EVENT_FROM_WAN);
	CU_ASSERT_EQUAL(event->sender, s->sender);
	CU_ASSERT_FATAL(s->n < 8);
	s->got[s->n].time = sim_engine_now(engine);
	s->got[s->n].packet = event->payload;
	s->got[s->n++].copy = packet_at(&s->world.packets, event->payload)->copy;
	return true;
}

static void begin(struct scene *s)
{
	*s = (struct scene){.devices = {{.number = 77}}};
	s->world.devices = s->devices;
	s->world.random = sim_random_of(7, 0);
	s->world.engine = sim_engine_new();
	s->sender = sim_engine_add(s->world.engine, receive, s);
	s->receiver = sim_engine_add(s->world.engine, receive, s);
	s->figures.latency = (struct sim_variate){SIM_CONSTANT, 5e6, 0, 0};
	packets_init(&s->world.packets, &s->world);
	hop_counts_init(&s->world.counts);
	ledger_init(&s->world.ledger, false, 0);
	ledger_start(&s->world.ledger, 0, 0, FLOW_GATEWAY, 0);
}

/* Sends a message of that length in fragments of 100 octets. */
static struct hop_fate send(struct scene *s, uint16_t length)
{
	struct leg_way way = {
	    .leg = LEG_WAN,
	    .event = EVENT_FROM_WAN,
	    .purpose = PURPOSE_WAN_UP,
	    .own = PURPOSE_WAN_UP_HOP,
	    .link = PURPOSE_WAN_LINK,
	    .gateway = 5,
	    .hop = &s->hop,
	    .figures = &s->figures,
	    .sender = s->sender,
	    .receiver = s->receiver,
	};
	uint8_t bytes[1000];

	memset(bytes, CPNS_REQUEST, sizeof bytes);
	s->figures.mtu = 100;
	s->figures.overhead = 4;
	return leg_send(&s->world, &way, packet_new(&s->world.packets, 0, bytes, length));
}

static void deliver(struct scene *s)
{
	sim_engine_run(s->world.engine, SIM_NEVER, NULL);
}

static void end(struct scene *s)
{
	const struct ledger *l = &s->world.ledger;

	CU_ASSERT_EQUAL(l->put[LEG_WAN] + l->made[LEG_WAN], s->n + l->lost[LEG_WAN]);
	for (unsigned i = 0; i < s->n; i++)
		packet_release(&s->world.packets, s->got[i].packet);
	CU_ASSERT_EQUAL(sim_pool_taken(s->world.packets.pool), sim_pool_released(s->world.packets.pool));
	hop_clear(&s->hop);
	ledger_clear(&s->world.ledger);
	CU_ASSERT_EQUAL(sim_pool_taken(s->world.counts.pool), sim_pool_released(s->world.counts.pool));
	packets_clear(&s->world.packets);
	hop_counts_clear(&s->world.counts);
	sim_engine_free(s->world.engine);
}

static void test_plain(void)
{
	struct scene s;

	begin(&s);
	struct hop_fate fate = send(&s, 250);

	deliver(&s);
	CU_ASSERT_EQUAL(fate.frames, 3);
	CU_ASSERT_EQUAL(fate.octets, 262);
	CU_ASSERT_EQUAL(s.n, 1);
	CU_ASSERT_EQUAL(s.got[0].time, 5 * SIM_MS);
	CU_ASSERT_FALSE(s.got[0].copy);
	const struct leg_account *account = &s.world.ledger.legs[FLOW_GATEWAY][LEG_WAN];

	CU_ASSERT(account->messages == 1 && account->bytes == 262 && account->lost == 0 && account->duplicated == 0);
	end(&s);
}

static void test_lost(void)
{
	struct scene s;

	begin(&s);
	s.figures.loss = 1;
	CU_ASSERT_EQUAL(send(&s, 50).octets, 54);
	deliver(&s);
	CU_ASSERT_EQUAL(s.n, 0);
	const struct leg_account *account = &s.world.ledger.legs[FLOW_GATEWAY][LEG_WAN];

	CU_ASSERT(account->messages == 1 && account->bytes == 54 && account->lost == 1);
	end(&s);
}

/* The copy is a packet of its own, with octets of its own, and counts as no message. */
static void test_twice(void)
{
	static const uint16_t lengths[] = {50, 900};

	for (int i = 0; i < 2; i++) {
		struct scene s;

		begin(&s);
		s.figures.faults.duplication = 1;
		s.figures.faults.reordering = 1;
		s.figures.faults.reordering_delay = (struct sim_variate){SIM_CONSTANT, 50e6, 0, 0};
		send(&s, lengths[i]);
		deliver(&s);
		CU_ASSERT_EQUAL_FATAL(s.n, 2);
		CU_ASSERT(s.got[0].time == 5 * SIM_MS && s.got[0].copy);
		CU_ASSERT(s.got[1].time == 55 * SIM_MS && !s.got[1].copy);
		const struct packet *copy = packet_at(&s.world.packets, s.got[0].packet);
		const struct packet *first = packet_at(&s.world.packets, s.got[1].packet);

		CU_ASSERT(copy->length == first->length && copy->type == first->type);
		CU_ASSERT(packet_bytes(copy) != packet_bytes(first));
		CU_ASSERT_EQUAL(memcmp(packet_bytes(copy), packet_bytes(first), lengths[i]), 0);
		const struct leg_account *account = &s.world.ledger.legs[FLOW_GATEWAY][LEG_WAN];

		CU_ASSERT(account->messages == 1 && account->duplicated == 1 && account->lost == 0);
		end(&s);
	}
}

/* A copy that is relayed is the next leg's message like any other. */
static void test_relayed_copy(void)
{
	struct scene s;

	begin(&s);
	s.figures.faults.duplication = 1;
	send(&s, 50);
	deliver(&s);
	CU_ASSERT_EQUAL_FATAL(s.n, 2);
	uint32_t copy = s.got[s.got[0].copy ? 0 : 1].packet;

	s.figures.faults.duplication = 0;
	leg_send(&s.world,
		 &(struct leg_way){.leg = LEG_WAN,
				   .event = EVENT_FROM_WAN,
				   .purpose = PURPOSE_WAN_UP,
				   .own = PURPOSE_WAN_UP_HOP,
				   .link = PURPOSE_WAN_LINK,
				   .gateway = 5,
				   .hop = &s.hop,
				   .figures = &s.figures,
				   .sender = s.sender,
				   .receiver = s.receiver},
		 copy);
	deliver(&s);
	CU_ASSERT_EQUAL_FATAL(s.n, 3);
	CU_ASSERT_EQUAL(s.got[2].packet, copy);
	CU_ASSERT_FALSE(s.got[2].copy);
	CU_ASSERT_EQUAL(packet_at(&s.world.packets, copy)->attempt, 1);
	s.n--; /* one packet, received twice */
	s.world.ledger.put[LEG_WAN]--;
	end(&s);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"a message that arrives", test_plain},
	    {"one that is lost", test_lost},
	    {"one that arrives twice", test_twice},
	    {"a copy that is relayed", test_relayed_copy},
	    {0},
	};

	return suite_run("leg", cases);
}
