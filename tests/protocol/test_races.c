/* Two PN GWs of one user ask for the same PNE at the same time (6.3.2.2): both are given its Temporary Key. */
#include <string.h>

#include "tests/protocol/story.h"

/* The second PN GW, whose messages are carried by hand; the PNE and the server are those of the wire. */
struct second {
	struct cpns_env env;
	struct cpns_gw_entity pne;
	struct cpns_gw gw;
	uint8_t draws;
};

static void draw(void *host, enum cpns_draw what, uint32_t exchange, uint16_t index, uint8_t *out, size_t n)
{
	struct second *s = host;

	(void)what;
	(void)exchange;
	(void)index;
	memset(out, 0xd0 + s->draws++, n);
}

/* It has asked for the PNE before, so its transactions are not the other's. */
static void second_init(struct second *s, struct wire *w)
{
	*s = (struct second){.env = {w->crypto, s, draw}};
	s->pne = cpns_gw_entity_of(cpns_gw_entity_id(&w->entities[WIRE_PNE]), NULL);
	s->pne.exchanges = 100;
	cpns_gw_init(&s->gw, &w->rules, &s->env, wire_octets("gw:02"), &s->pne, 1);
	s->gw.wan = w->gw.wan;
}

/* What the receiver answered to the message injected last, or NULL. */
static const struct wire_message *answer(const struct wire *w)
{
	const struct wire_message *last = NULL;

	for (guint i = 0; i < w->messages->len; i++)
		if (wire_at(w, (int)i)->forged)
			last = wire_at(w, (int)i);
	g_assert(last != NULL);
	return last->answer >= 0 ? wire_at(w, last->answer) : NULL;
}

/* Asks, and takes the server's answer: *out is the notification. */
static void second_asks(struct second *s, struct wire *w, struct cpns_out *out)
{
	uint32_t about;

	cpns_out_init(out);
	cpns_gw_ask_for(&s->gw, w->now, 0, (struct cpns_octets){0}, wire_octets(alice), wire_octets(password), out);
	cpns_out_left(out, w->now);
	wire_inject(w, WIRE_G_S, WIRE_PNE, out->bytes, out->length);
	wire_run_until(w, w->now);
	const struct wire_message *response = answer(w);

	CU_ASSERT_PTR_NOT_NULL_FATAL(response);
	cpns_out_init(out);
	CU_ASSERT_EQUAL(cpns_gw_from_server(&s->gw, w->now, response->bytes, response->n, &about, out),
			CPNS_ACCEPTED);
	cpns_out_left(out, w->now);
	CU_ASSERT_EQUAL(out->to, CPNS_PNE);
}

static void second_takes(struct second *s, int64_t now, const struct wire_message *ack)
{
	struct cpns_out out;

	cpns_out_init(&out);
	CU_ASSERT_EQUAL(cpns_gw_from_pne(&s->gw, now, 0, ack->bytes, ack->n, &out), CPNS_ACCEPTED);
	CU_ASSERT_FALSE(cpns_gw_active(&s->gw, 0));
}

/* The second PN GW's request reaches the server later, so its key is the newer one. Its notification arrives first,
 * or last. Hardened: the server's counter says which is newer, and the PNE keeps that; the earlier PN GW's is ignored
 * as replayed, however often it comes, and given up. Literal: the PNE keeps what comes last; that may be the older
 * key, which the server has replaced. */
static void test_race(void)
{
	for (unsigned i = 0; i < 4; i++) {
		struct variant v = {INSECURE_PAN, i & 1, false};
		bool first_is_late = i & 2;
		const char *story =
		    first_is_late ? "the earlier key's notification comes last" : "the newer key's comes last";
		const uint8_t *key;
		struct second other;
		struct cpns_out notification;
		struct wire w;

		init(&w, v);
		second_init(&other, &w);
		if (first_is_late)
			wire_hook(&w, WIRE_G_P, CPNS_NOTIFICATION, 1, WIRE_DELAY, WIRE_MS(500));
		go(&w, v.flow, alice, password); /* reaches the server at 50 ms, its key the PNE at 110 or 610 ms */
		wire_run_until(&w, WIRE_MS(60));
		second_asks(&other, &w, &notification);
		EXPECT(w.server.keys_issued == 2 && w.record[WIRE_PNE]->notice_counter == 2);
		wire_run_until(&w, WIRE_MS(300));
		EXPECT(wire_keyed(&w, WIRE_PNE) == !first_is_late);
		wire_inject(&w, WIRE_G_P, WIRE_PNE, notification.bytes, notification.length);
		wire_run_until(&w, WIRE_MS(301));
		key = w.pne[WIRE_PNE].eukey;
		EXPECT(w.stored[WIRE_PNE] == (first_is_late ? 1 : 2) && !wire_diverged(&w, WIRE_PNE));
		if (v.hardened) {
			EXPECT(answer(&w) != NULL && answer(&w)->msg.type == CPNS_NOTIFICATION_ACK);
			EXPECT(memcmp(key, cpns_entity_pending(w.record[WIRE_PNE])[1], CPNS_HASH) == 0);
			second_takes(&other, w.now, answer(&w));
		} else {
			EXPECT(wire_current(&w, WIRE_PNE));
		}

		wire_run(&w);
		EXPECT(wire_idle(&w));
		EXPECT(wire_diverged(&w, WIRE_PNE) == (first_is_late && !v.hardened));
		if (v.hardened) {
			EXPECT(w.record[WIRE_PNE]->n_pending == 2);
			EXPECT(memcmp(key, cpns_entity_pending(w.record[WIRE_PNE])[1], CPNS_HASH) == 0);
			EXPECT(w.stored[WIRE_PNE] == (first_is_late ? 1 : 2));
			EXPECT(wire_count(&w, WIRE_G_P, CPNS_NOTIFICATION) == (first_is_late ? 5 : 1));
			for (unsigned k = 1; first_is_late && k <= 5; k++) {
				const struct wire_message *m = wire_find(&w, WIRE_G_P, CPNS_NOTIFICATION, k);

				EXPECT(m != NULL && m->verdict == CPNS_REPLAYED && m->answer < 0 &&
				       wire_no_cryptography(&m->ops));
			}
		} else {
			EXPECT(w.stored[WIRE_PNE] == 2);
		}
		cpns_gw_clear(&other.gw);
		wire_clear(&w);
	}
}

int main(int argc, char **argv)
{
	static const struct suite_case cases[] = {
	    {"two PN GWs race for one PNE", test_race},
	    {0},
	};

	wire_mode(argc > 1 ? argv[1] : "real");
	return suite_run("races", cases);
}
