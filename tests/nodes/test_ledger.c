#include "models/nodes/ledger.h"

#include <string.h>

#include "models/nodes/hop_counts.h"
#include "models/nodes/world.h"
#include "tests/lib/suite.h"

/* Nobody works on it any more and no key was stored: failed. */
static void test_failed(void)
{
	struct ledger l;

	ledger_init(&l, false, 0);
	uint32_t a = ledger_start(&l, 3, 0, FLOW_PNE_UI, 100);

	CU_ASSERT_FALSE(ledger_working(&l, a, WORKER_PNE, true, 100));
	CU_ASSERT_FALSE(ledger_working(&l, a, WORKER_USER, false, 100));
	CU_ASSERT_FALSE(ledger_working(&l, a, WORKER_GATEWAY, false, 150));
	CU_ASSERT_TRUE(ledger_working(&l, a, WORKER_PNE, false, 200));
	CU_ASSERT_EQUAL(ledger_at(&l, a)->state, ASSIGNMENT_FAILED);
	CU_ASSERT_EQUAL(ledger_at(&l, a)->ended, 200);
	CU_ASSERT_EQUAL(l.last_end, 200);
	CU_ASSERT_EQUAL(l.first_arrival, 100);
	/* What comes late neither completes nor ends it again. */
	CU_ASSERT_FALSE(ledger_stored(&l, a, 300));
	CU_ASSERT_FALSE(ledger_working(&l, a, WORKER_PNE, true, 300));
	CU_ASSERT_FALSE(ledger_working(&l, a, WORKER_PNE, false, 310));
	CU_ASSERT_EQUAL(ledger_at(&l, a)->ended, 200);
	ledger_clear(&l);
}

/* A key that was stored completes it, whatever happens to the acknowledgement. */
static void test_completed(void)
{
	struct ledger l;

	ledger_init(&l, false, 0);
	uint32_t a = ledger_start(&l, 0, 0, FLOW_INSECURE_PAN, 0);

	ledger_working(&l, a, WORKER_GATEWAY, true, 0);
	ledger_working(&l, a, WORKER_USER, false, 0);
	CU_ASSERT_TRUE(ledger_stored(&l, a, 90));
	CU_ASSERT_FALSE(ledger_stored(&l, a, 95));
	CU_ASSERT_FALSE(ledger_at(&l, a)->over);
	CU_ASSERT_FALSE(ledger_working(&l, a, WORKER_GATEWAY, false, 5000));
	CU_ASSERT_TRUE(ledger_at(&l, a)->over);
	CU_ASSERT_EQUAL(ledger_at(&l, a)->state, ASSIGNMENT_COMPLETED);
	CU_ASSERT_EQUAL(ledger_at(&l, a)->ended, 90);
	ledger_clear(&l);
}

/* Messages of an assignment that arrived before the warm-up are in the balance, not in the results. */
static void test_warmup(void)
{
	struct ledger l;

	ledger_init(&l, true, 1000);
	uint32_t early = ledger_start(&l, 0, 0, FLOW_GATEWAY, 999), in = ledger_start(&l, 0, 1, FLOW_GATEWAY, 1000);

	ledger_sent(&l, early, &(struct crossing){.leg = LEG_WAN, .sent = {1, 50}, .lost = true}, 1000);
	ledger_sent(&l, in, &(struct crossing){.leg = LEG_WAN, .sent = {1, 60}}, 1000);
	ledger_asked(&l, early);
	ledger_asked(&l, in);
	CU_ASSERT_EQUAL(l.put[LEG_WAN], 2);
	CU_ASSERT_EQUAL(l.lost[LEG_WAN], 1);
	CU_ASSERT_EQUAL(l.legs[FLOW_GATEWAY][LEG_WAN].messages, 1);
	CU_ASSERT_EQUAL(l.legs[FLOW_GATEWAY][LEG_WAN].bytes, 60);
	CU_ASSERT_EQUAL(l.legs[FLOW_GATEWAY][LEG_WAN].lost, 0);
	CU_ASSERT_EQUAL(l.attempts[FLOW_GATEWAY], 1);
	ledger_clear(&l);
}

/* What is done while no assignment is open counts only if another one ends later, or the window is longer. */
static void test_work_in_the_window(void)
{
	const struct cpns_ops ops = {.sha256 = 1};

	for (int to_the_end = 0; to_the_end < 2; to_the_end++) {
		struct ledger l;

		ledger_init(&l, false, 0);
		uint32_t a = ledger_start(&l, 0, 0, FLOW_PNE_UI, 0), b = ledger_start(&l, 1, 0, FLOW_PNE_UI, 0);

		ledger_charge(&l, KIND_PNE, 3, &ops, 5, 10);
		ledger_stored(&l, a, 22);
		ledger_charge(&l, KIND_PNE, 3, &ops, 5, 15); /* b is open */
		ledger_stored(&l, b, 20);
		ledger_charge(&l, KIND_PNE, 3, &ops, 5, 22); /* a has been completed for this time */
		ledger_served(&l, 1, 2, 0, 25);
		ledger_judged(&l, CPNS_DUPLICATE, 30);
		CU_ASSERT_EQUAL(l.work.kinds[KIND_PNE].sha256, 3);
		CU_ASSERT_EQUAL(l.work.services, 0);
		uint32_t c = ledger_start(&l, 2, 0, FLOW_PNE_UI, 32);

		ledger_charge(&l, KIND_PNE, 3, &ops, 5, 35);
		ledger_stored(&l, c, 40);
		CU_ASSERT_EQUAL(l.work.kinds[KIND_PNE].sha256, 4);
		CU_ASSERT_EQUAL(l.work.services, 1);
		CU_ASSERT_EQUAL(l.work.verdicts[CPNS_DUPLICATE], 1);
		ledger_served(&l, 1, 2, 3, 50);
		ledger_close(&l, to_the_end == 1);
		CU_ASSERT_EQUAL(l.work.services, 1u + (unsigned)to_the_end);
		CU_ASSERT_EQUAL(l.work.pending_dropped, 3u * (unsigned)to_the_end);
		ledger_clear(&l);
	}
}

/* Frames count under their kind, leg, preset and way, in the window by when they are sent. */
static void test_frames(void)
{
	static const struct air_account none;
	struct ledger l;
	const struct kind_account *pne = &l.work.kinds[KIND_PNE], *gw = &l.work.kinds[KIND_GATEWAY];

	ledger_init(&l, false, 10);
	uint32_t a = ledger_start(&l, 0, 0, FLOW_PNE_UI, 10);

	struct crossing up = {.leg = LEG_PAN, .from = KIND_PNE, .to = KIND_GATEWAY, .preset = 2};
	struct crossing wan = {.leg = LEG_WAN, .from = KIND_GATEWAY, .to = KIND_SERVER, .preset = 7};

	up.sent = (struct air_account){3, 300};
	ledger_sent(&l, a, &up, 9);
	ledger_stored(&l, a, 100);
	up.sent = up.heard = (struct air_account){2, 150};
	ledger_sent(&l, a, &up, 50);
	up.sent = (struct air_account){1, 20};
	up.heard = none;
	ledger_sent(&l, a, &up, 100);
	wan.sent = wan.heard = (struct air_account){1, 60};
	ledger_sent(&l, a, &wan, 50);
	wan.sent = (struct air_account){1, 1000};
	ledger_sent(&l, a, &wan, 101);
	ledger_close(&l, false);
	CU_ASSERT(pne->air[LEG_PAN][2][WAY_SENT].frames == 3 && pne->air[LEG_PAN][2][WAY_SENT].octets == 170);
	CU_ASSERT(gw->air[LEG_PAN][2][WAY_RECEIVED].frames == 2 && gw->air[LEG_PAN][2][WAY_RECEIVED].octets == 150);
	CU_ASSERT(gw->air[LEG_WAN][7][WAY_SENT].frames == 1 && gw->air[LEG_WAN][7][WAY_SENT].octets == 60);
	CU_ASSERT(gw->air[LEG_WAN][7][WAY_SENT].frames == 1 && gw->air[LEG_WAN][7][WAY_SENT].octets == 60);
	CU_ASSERT_EQUAL(memcmp(&l.work.kinds[KIND_SERVER].air[LEG_WAN][7][WAY_RECEIVED], &none, sizeof(none)), 0);
	ledger_clear(&l);
}

/* Draws of a hop are addressed by how many of a kind it was given before, in that assignment; never twice alike. */
static void test_hop_address(void)
{
	struct device devices[] = {{.number = 77}};
	struct world world = {.devices = devices};
	struct packet request = {.type = CPNS_REQUEST}, trigger = {.type = CPNS_TRIGGER};

	ledger_init(&world.ledger, false, 0);
	hop_counts_init(&world.counts);
	hop_counts_hold(&world, 0);
	ledger_start(&world.ledger, 0, 0, FLOW_SECURE_PAN, 0);
	ledger_start(&world.ledger, 0, 1, FLOW_SECURE_PAN, 0);
	ledger_start(&world.ledger, 0, 2, FLOW_SECURE_PAN, 0);
	struct sim_address a = hop_address(&world, PURPOSE_PAN_UP, 5, &request);
	struct sim_address b = hop_address(&world, PURPOSE_PAN_UP, 5, &request);
	struct sim_address c = hop_address(&world, PURPOSE_PAN_UP, 5, &trigger);

	CU_ASSERT_TRUE(a.entity == 5 && a.item == 77 && a.ordinal == 0 && a.purpose == PURPOSE_PAN_UP);
	CU_ASSERT_TRUE(a.attempt == 0 && b.attempt == 1 && c.attempt == 0 && c.type == CPNS_TRIGGER);
	request.assignment = 1; /* the next assignment counts from 0 */
	a = hop_address(&world, PURPOSE_PAN_UP, 5, &request);
	CU_ASSERT_TRUE(a.ordinal == 1 && a.attempt == 0);
	request.assignment = 0; /* late ones of the first are told apart from those before */
	a = hop_address(&world, PURPOSE_PAN_UP, 5, &request);
	b = hop_address(&world, PURPOSE_PAN_UP, 5, &request);
	CU_ASSERT_TRUE(a.ordinal == 0 && a.attempt >= 0x8000 && b.attempt == a.attempt + 1);
	request.assignment = 1;
	a = hop_address(&world, PURPOSE_PAN_UP, 5, &request);
	CU_ASSERT_TRUE(a.ordinal == 1 && a.attempt == 1);
	request.assignment = 2; /* a third one has begun, and the first still has late ones */
	hop_address(&world, PURPOSE_PAN_UP, 5, &request);
	request.assignment = 0;
	a = hop_address(&world, PURPOSE_PAN_UP, 5, &request);
	CU_ASSERT_TRUE(a.ordinal == 0 && a.attempt == b.attempt + 1);
	b = hop_address(&world, PURPOSE_WAN_DOWN, 5, &request); /* another hop, another count */
	CU_ASSERT_EQUAL(b.attempt, 0);
	/* Nothing of the device is under way for a while: its counts are gone, but late ones are still told apart. */
	hop_counts_let_go(&world, 0);
	CU_ASSERT_EQUAL(sim_pool_taken(world.counts.pool), sim_pool_released(world.counts.pool));
	hop_counts_hold(&world, 0);
	request.assignment = 2;
	hop_address(&world, PURPOSE_PAN_UP, 5, &request);
	request.assignment = 1;
	b = hop_address(&world, PURPOSE_PAN_UP, 5, &request);
	CU_ASSERT_EQUAL(b.attempt, a.attempt + 1);
	hop_counts_clear(&world.counts);
	ledger_clear(&world.ledger);
}

/* However many kinds of messages there are, each hop counts each for itself, and begins anew with each assignment. */
static void test_many_kinds(void)
{
	struct device devices[] = {{.number = 77}};
	struct world world = {.devices = devices};
	bool fine = true;

	ledger_init(&world.ledger, false, 0);
	hop_counts_init(&world.counts);
	hop_counts_hold(&world, 0);
	for (uint32_t assignment = 0; assignment < 3; assignment++) {
		ledger_start(&world.ledger, 0, assignment, FLOW_SECURE_PAN, 0);
		for (uint16_t n = 0; n < 3; n++)
			for (uint8_t hop = PURPOSE_PAN_UP; hop <= PURPOSE_WAN_DOWN; hop++)
				for (uint8_t type = 1; type < 60; type++) {
					struct packet p = {.type = type, .assignment = assignment};

					fine = fine && hop_address(&world, hop, 5, &p).attempt == n;
				}
	}
	CU_ASSERT_TRUE(fine);
	hop_counts_let_go(&world, 0);
	CU_ASSERT_EQUAL(sim_pool_taken(world.counts.pool), sim_pool_released(world.counts.pool));
	hop_counts_clear(&world.counts);
	ledger_clear(&world.ledger);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"failed when nobody works on it", test_failed},
	    {"completed when the key is stored", test_completed},
	    {"before the warm-up", test_warmup},
	    {"work in the window", test_work_in_the_window},
	    {"frames", test_frames},
	    {"addresses of a hop's draws", test_hop_address},
	    {"many kinds of messages", test_many_kinds},
	    {NULL, NULL},
	};

	return suite_run("ledger", cases);
}
