/* Step 0 on a bad wire, and among strangers: its messages lost, repeated, late, damaged, cut, replayed and forged.
 * What the flows make of the sessions is told in test_step_0.c. */
#include <string.h>

#include "tests/protocol/story.h"

/* The flow with step 0 and no troubles: what the others are compared with. */
static void calm_run(struct wire *w, struct variant v)
{
	init_step_0(w, v);
	go(w, v.flow, alice, password);
	wire_run(w);
}

static bool of_step_0(const struct wire_message *m)
{
	return is_bootstrapping(m) || is_pairing(m);
}

/* Calls `story` for each message of step 0 in each variant. */
static void each_message(void (*story)(struct variant v, const struct wire *calm, int index))
{
	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire calm;

		calm_run(&calm, v);
		for (int k = 0; k < (int)calm.messages->len; k++)
			if (of_step_0(wire_at(&calm, k)))
				story(v, &calm, k);
		wire_clear(&calm);
	}
}

/* All sessions of the flow are up, and nothing but the flow has happened. */
static bool as_usual(const struct wire *w, struct variant v)
{
	return agreed(w, v) && wire_idle(w) && w->server.keys_issued == 1 && wan_is_up(w) &&
	       (v.flow == SECURE_PAN) == pan_is_up(w, WIRE_PNE) && wire_pan(w, WIRE_PNE2, WIRE_PNE2) == NULL;
}

/* Another assignment needs no step 0: the sessions are good. */
static bool sessions_serve(struct wire *w, struct variant v)
{
	unsigned wan = bootstrapping(w), pan = pairing(w);

	go(w, v.flow, alice, password);
	wire_run(w);
	return w->stored[WIRE_PNE] == 2 && bootstrapping(w) == wan && pairing(w) == pan;
}

/* Lost once: sent again after the first timeout, in the same octets, and all is as usual, only later. Work on what
 * comes again is not done again. */
static void lose(struct variant v, const struct wire *calm, int index)
{
	const struct wire_message *m = wire_at(calm, index);
	const char *story = name_step(calm, index, "is lost");
	struct wire w;

	init_step_0(&w, v);
	wire_hook(&w, m->leg, m->msg.type, 1, WIRE_LOSE, 0);
	go(&w, v.flow, alice, password);
	wire_run(&w);
	EXPECT(as_usual(&w, v));
	EXPECT(w.stored_at == calm->stored_at + WIRE_S(2));
	EXPECT(repeats_faithfully(&w) && repetitions_are_free(&w));
	for (int node = 0; node < WIRE_NODES; node++)
		EXPECT(same_work(&w.ops[node], &calm->ops[node]));
	EXPECT(sessions_serve(&w, v));
	wire_clear(&w);
}

static void test_losses(void)
{
	each_message(lose);
}

/* Lost each time: given up like any other request, retries + 1 transmissions. */
static void lose_all(struct variant v, const struct wire *calm, int index)
{
	const struct wire_message *m = wire_at(calm, index);
	const char *story = name_step(calm, index, "is always lost");
	struct wire w;

	init_step_0(&w, v);
	wire_hook(&w, m->leg, m->msg.type, 0, WIRE_LOSE, 0);
	go(&w, v.flow, alice, password);
	wire_run(&w);
	EXPECT(wire_idle(&w) && nothing_stored(&w) && nothing_issued(&w));
	EXPECT(wire_count(&w, m->leg, m->msg.type) >= w.rules.retries + 1);
	EXPECT(repeats_faithfully(&w) && repetitions_are_free(&w));
	EXPECT(w.now < WIRE_S(100));
	EXPECT(is_pairing(m) ? wan_is_up(&w) : wire_wan(&w, WIRE_GW) == NULL);
	EXPECT(wire_pan(&w, WIRE_GW, WIRE_PNE) == NULL);
	wire_clear(&w);
}

static void test_always_lost(void)
{
	each_message(lose_all);
}

static void repeat_after(struct variant v, const struct wire *calm, int index, int64_t gap)
{
	const struct wire_message *m = wire_at(calm, index);
	const char *story = name_step(calm, index, gap < WIRE_S(1) ? "comes twice" : "comes again much later");
	struct wire w;

	init_step_0(&w, v);
	wire_hook(&w, m->leg, m->msg.type, 1, WIRE_REPEAT, gap);
	go(&w, v.flow, alice, password);
	wire_run(&w);
	EXPECT(as_usual(&w, v));
	EXPECT(w.stored_at == calm->stored_at);
	EXPECT(repeats_faithfully(&w) && repetitions_are_free(&w));
	for (int node = 0; node < WIRE_NODES; node++)
		EXPECT(same_work(&w.ops[node], &calm->ops[node]));
	for (guint i = 1; i < w.messages->len; i++) {
		const struct wire_message *copy = wire_at(&w, (int)i), *first = wire_at(&w, (int)i - 1);

		if (!copy->copy)
			continue;
		EXPECT(copy->verdict == CPNS_DUPLICATE);
		/* requests are answered twice; answers have been taken already */
		EXPECT((copy->answer >= 0) == (copy->leg == WIRE_G_S || copy->leg == WIRE_G_P));
		if (copy->answer >= 0 && first->answer >= 0)
			EXPECT(same_bytes(wire_at(&w, copy->answer), wire_at(&w, first->answer)));
	}
	EXPECT(sessions_serve(&w, v));
	wire_clear(&w);
}

static void repeat(struct variant v, const struct wire *calm, int index)
{
	repeat_after(v, calm, index, WIRE_MS(1));
	repeat_after(v, calm, index, WIRE_S(8));
}

static void test_repetitions(void)
{
	each_message(repeat);
}

/* The work on each message takes 100 ms and it comes again after 1 ms: dropped, for nothing. */
static void repeat_while_busy(struct variant v, const struct wire *calm, int index)
{
	const struct wire_message *m = wire_at(calm, index);
	const char *story = name_step(calm, index, "comes while it is being worked on");
	bool request = m->leg == WIRE_G_S || m->leg == WIRE_G_P;
	struct wire w;

	init_step_0(&w, v);
	for (int node = 0; node < WIRE_NODES; node++)
		w.work[node] = WIRE_MS(100);
	wire_hook(&w, m->leg, m->msg.type, 1, WIRE_REPEAT, WIRE_MS(1));
	go(&w, v.flow, alice, password);
	wire_run(&w);
	EXPECT(as_usual(&w, v));
	EXPECT(w.messages->len == calm->messages->len + 1);
	for (int node = 0; node < WIRE_NODES; node++)
		EXPECT(same_work(&w.ops[node], &calm->ops[node]));
	for (guint i = 0; i < w.messages->len; i++)
		if (wire_at(&w, (int)i)->copy)
			EXPECT(wire_at(&w, (int)i)->verdict == (request ? CPNS_BUSY : CPNS_DUPLICATE) &&
			       wire_at(&w, (int)i)->answer < 0);
	wire_clear(&w);
}

static void test_while_busy(void)
{
	each_message(repeat_while_busy);
}

/* So late that it has been sent again; so late that all is over; so late that nobody remembers it. */
static void delay(struct variant v, const struct wire *calm, int index)
{
	static const int64_t delays[] = {WIRE_MS(1500), WIRE_S(3), WIRE_S(20), WIRE_S(300)};
	const struct wire_message *m = wire_at(calm, index);

	for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
		const char *story = name_step(calm, index, "is late");
		struct wire w;

		init_step_0(&w, v);
		wire_hook(&w, m->leg, m->msg.type, 1, WIRE_DELAY, delays[i]);
		go(&w, v.flow, alice, password);
		wire_run(&w);
		EXPECT(as_usual(&w, v));
		EXPECT(w.stored_at == calm->stored_at + MIN(delays[i], WIRE_S(2)));
		EXPECT(repetitions_are_free(&w));
		EXPECT(repeats_faithfully(&w) || delays[i] > CPNS_EXCHANGE_LIFETIME);
		EXPECT(sessions_serve(&w, v));
		wire_clear(&w);
	}
}

static void test_delays(void)
{
	each_message(delay);
}

/* Damage */

enum part { HEADER, TRANSACTION, FIELD_HEADER, VALUE };

/* Which part of the message is octet `at`? *field: whose value it is. */
static enum part part_of(const struct wire_message *m, size_t at, unsigned *field)
{
	if (at < CPNS_HEADER)
		return at >= 3 && at < 7 ? TRANSACTION : HEADER;
	for (*field = 0; *field < CPNS_FIELDS; ++*field) {
		struct cpns_octets f = cpns_msg_get(&m->msg, *field);

		if (f.at != NULL && m->bytes + at >= f.at && m->bytes + at < f.at + f.n)
			return VALUE;
	}
	return FIELD_HEADER;
}

/* What the receiver says to it: not a message; about somebody else; an answer to nothing that was asked; a proof that
 * does not fit. Nobody can see a change of what is not proved before the next message: the nonces that are hashed
 * later, the PN GW's name in its Pairing Request, a lifetime that is repeated under the session's key. */
static enum cpns_verdict verdict_on_damage(const struct wire_message *m, size_t at)
{
	bool request = m->leg == WIRE_G_S || m->leg == WIRE_G_P;
	unsigned field;

	switch (part_of(m, at, &field)) {
	case HEADER:
	case FIELD_HEADER:
		return CPNS_MALFORMED;
	case TRANSACTION:
		return request ? CPNS_ACCEPTED : CPNS_DUPLICATE;
	case VALUE:
		break;
	}
	switch (field) {
	case CPNS_GW_ID:
		return m->msg.type == CPNS_PAIRING_REQUEST ? CPNS_ACCEPTED : CPNS_NOT_FOR_US;
	case CPNS_ENTITY_ID:
		return CPNS_NOT_FOR_US;
	case CPNS_STATUS:
		return CPNS_REFUSED;
	case CPNS_COMMITMENT:
	case CPNS_RAND_PNE:
		return CPNS_ACCEPTED;
	case CPNS_RAND_GW:
		return m->msg.type == CPNS_BOOTSTRAP_REQUEST ? CPNS_ACCEPTED : CPNS_BAD_PROOF;
	case CPNS_LIFETIME:
		return m->msg.type == CPNS_BOOTSTRAP_RESULT ? CPNS_ACCEPTED : CPNS_BAD_PROOF;
	case CPNS_B_TID:
		return request ? CPNS_REPLAYED : CPNS_BAD_PROOF;
	default:
		return CPNS_BAD_PROOF;
	}
}

/* The first message of that type on that leg, and what became of it. */
static const struct wire_message *damaged(const struct wire *w, int index)
{
	return wire_at(w, index); /* nothing differs before it */
}

/* Up to and including the arrival of the damaged message there is no session that was not there before. */
static bool no_session_from_it(struct wire *w, const struct wire_message *m)
{
	wire_run_until(w, m->arrives_at);
	switch (m->leg) {
	case WIRE_G_S:
		return wire_wan(w, WIRE_SERVER) == NULL;
	case WIRE_S_G:
		return wire_wan(w, WIRE_GW) == NULL;
	case WIRE_G_P:
		return wire_pan(w, WIRE_PNE, WIRE_PNE) == NULL;
	case WIRE_P_G:
	case WIRE_LEGS:
		break;
	}
	return wire_pan(w, WIRE_GW, WIRE_PNE) == NULL;
}

/* Each octet of it is changed: no session and no key comes of that, and the flow completes. */
static void damage(struct variant v, const struct wire *calm, int index)
{
	static const uint8_t by[] = {0x01, 0x40, 0xff};
	const struct wire_message *m = wire_at(calm, index);

	for (size_t at = 0; at < m->n; at++)
		for (size_t i = 0; i < sizeof by; i++) {
			enum cpns_verdict verdict = verdict_on_damage(m, at);
			/* the proof holds: only its transaction is another one, so the answer is not recognised */
			bool whole = verdict == CPNS_ACCEPTED;
			char story[100];
			struct wire w;

			g_snprintf(story, sizeof story, "octet %zu of %s is changed", at, name_step(calm, index, ""));
			init_step_0(&w, v);
			w.damage = by[i];
			wire_hook(&w, m->leg, m->msg.type, 1, WIRE_CORRUPT, (int64_t)at);
			go(&w, v.flow, alice, password);
			EXPECT(no_session_from_it(&w, m) || whole);
			wire_run(&w);
			EXPECT(damaged(&w, index)->verdict == verdict);
			EXPECT(as_usual(&w, v));
			EXPECT(w.stored_at <= calm->stored_at + WIRE_S(7));
			wire_clear(&w);
		}
}

static void test_damage(void)
{
	each_message(damage);
}

/* Cut short anywhere, it is no message; it is sent again. */
static void cut(struct variant v, const struct wire *calm, int index)
{
	const struct wire_message *m = wire_at(calm, index);

	for (size_t n = 0; n < m->n; n++) {
		const char *story = name_step(calm, index, "is cut");
		struct wire w;

		init_step_0(&w, v);
		wire_hook(&w, m->leg, m->msg.type, 1, WIRE_CUT, (int64_t)n);
		go(&w, v.flow, alice, password);
		EXPECT(no_session_from_it(&w, m));
		wire_run(&w);
		EXPECT(damaged(&w, index)->verdict == CPNS_MALFORMED && damaged(&w, index)->answer < 0);
		EXPECT(wire_no_cryptography(&damaged(&w, index)->ops));
		EXPECT(as_usual(&w, v) && w.stored_at == calm->stored_at + WIRE_S(2));
		wire_clear(&w);
	}
}

static void test_cuts(void)
{
	each_message(cut);
}

/* Replays and strangers */

/* The keys of all sessions, of both ends of both legs. */
static void keys_of(const struct wire *w, uint8_t keys[4][CPNS_HASH])
{
	const uint8_t *at[4] = {wire_wan(w, WIRE_GW), wire_wan(w, WIRE_SERVER), wire_pan(w, WIRE_GW, WIRE_PNE),
				wire_pan(w, WIRE_PNE, WIRE_PNE)};

	memset(keys, 0, sizeof(uint8_t[4][CPNS_HASH]));
	for (int i = 0; i < 4; i++)
		if (at[i] != NULL)
			memcpy(keys[i], at[i], CPNS_HASH);
}

static bool same_keys(const struct wire *w, uint8_t before[4][CPNS_HASH])
{
	uint8_t now[4][CPNS_HASH];

	keys_of(w, now);
	return memcmp(before, now, sizeof now) == 0;
}

/* Each message again, when all is over. While the answer is remembered it is given again, in the same octets and for
 * nothing; later it opens no session. The sessions that there are stay in any case, and serve. */
static void replay(struct variant v, const struct wire *calm, int index)
{
	static const int64_t later[] = {WIRE_S(10), WIRE_S(200), WIRE_S(260), WIRE_S(2000)};

	for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
		const char *story = name_step(calm, index, "is replayed");
		bool known = later[i] < WIRE_S(247);
		uint8_t keys[4][CPNS_HASH];
		struct wire w;

		calm_run(&w, v);
		w.unlike_draws = true;
		wire_run_until(&w, later[i]);
		keys_of(&w, keys);
		struct wire_message m = *wire_at(&w, index);

		wire_replay(&w, &m);
		wire_run(&w);
		EXPECT(same_keys(&w, keys));
		EXPECT(wire_idle(&w) && agreed(&w, v));
		if (m.leg == WIRE_P_G || m.leg == WIRE_S_G) {
			EXPECT(forged(&w)->verdict == CPNS_DUPLICATE && forged(&w)->answer < 0);
			EXPECT(wire_no_cryptography(&forged(&w)->ops));
		} else if (m.leg == WIRE_G_S && known) {
			EXPECT(forged(&w)->verdict == CPNS_DUPLICATE);
			EXPECT(forged(&w)->answer >= 0 &&
			       same_bytes(wire_at(&w, forged(&w)->answer), wire_at(&w, m.answer)));
			EXPECT(wire_no_cryptography(&forged(&w)->ops));
		} else if (m.leg == WIRE_G_S && m.msg.type != CPNS_BOOTSTRAP_REQUEST) {
			EXPECT(forged(&w)->verdict == CPNS_REPLAYED);
		}
		EXPECT(sessions_serve(&w, v));
		wire_clear(&w);
	}
}

static void test_replays(void)
{
	each_message(replay);
}

/* All requests of step 0 again, in their order, by somebody who only recorded them: with the nonces that the server
 * and the PNE draw now, none of the old proofs fits. */
static void test_recorded(void)
{
	for (unsigned i = 0; i < VARIANTS; i++) {
		static const char story[] = "recorded step 0";
		struct variant v = variant(i);
		uint8_t keys[4][CPNS_HASH];
		struct wire w;

		calm_run(&w, v);
		w.unlike_draws = true;
		wire_run_until(&w, WIRE_S(400));
		keys_of(&w, keys);
		guint n = w.messages->len;

		for (guint k = 0; k < n; k++) {
			struct wire_message m = *wire_at(&w, (int)k);

			if (!of_step_0(&m) || m.leg == WIRE_P_G || m.leg == WIRE_S_G)
				continue;
			wire_replay(&w, &m);
			wire_run(&w);
			EXPECT(same_keys(&w, keys));
		}
		if (v.flow != GATEWAY)
			EXPECT(sessions_serve(&w, v));
		wire_clear(&w);
	}
}

/* A recorded step 0 once the sessions have expired: they stay so. */
static void test_recorded_after_expiry(void)
{
	static const char story[] = "recorded step 0 after expiry";
	struct variant v = {SECURE_PAN, true, false};
	struct wire w;

	init_step_0(&w, v);
	w.unlike_draws = true;
	w.rules.session_lifetime = WIRE_S(300);
	go(&w, v.flow, alice, password);
	wire_run(&w);
	wire_run_until(&w, WIRE_S(400));
	for (int k = 0; k < 10; k++) {
		struct wire_message m = *wire_at(&w, k);

		EXPECT(of_step_0(&m));
		wire_replay(&w, &m);
		wire_run(&w);
	}
	EXPECT(wire_wan(&w, WIRE_SERVER) == NULL && wire_wan(&w, WIRE_GW) == NULL);
	EXPECT(wire_pan(&w, WIRE_PNE, WIRE_PNE) == NULL && wire_pan(&w, WIRE_GW, WIRE_PNE) == NULL);
	go(&w, v.flow, alice, password);
	wire_run(&w);
	EXPECT(w.stored[WIRE_PNE] == 2 && wan_is_up(&w) && pan_is_up(&w, WIRE_PNE) && wire_idle(&w));
	wire_clear(&w);
}

/* A Pairing Request of a stranger, who calls himself what he likes. */
static void stranger_pairs(struct wire *w, const char *name)
{
	static const uint8_t commitment[CPNS_HASH] = {1, 2, 3};
	struct cpns_msg msg = {.type = CPNS_PAIRING_REQUEST, .transaction = 77};
	uint8_t bytes[CPNS_MESSAGE_MAX];

	cpns_msg_set(&msg, CPNS_GW_ID, name, strlen(name));
	cpns_msg_set(&msg, CPNS_COMMITMENT, commitment, sizeof commitment);
	wire_inject(w, WIRE_G_P, WIRE_PNE, bytes, cpns_msg_encode(&msg, bytes));
}

static void stranger_opens(struct wire *w)
{
	static const uint8_t zeros[16];
	struct cpns_msg msg = {.type = CPNS_PAIRING_OPENING, .transaction = 78};
	uint8_t bytes[CPNS_MESSAGE_MAX];

	cpns_msg_set(&msg, CPNS_RAND_GW, zeros, 16);
	cpns_msg_set(&msg, CPNS_AUTH_DATA, zeros, CPNS_TAG);
	wire_inject(w, WIRE_G_P, WIRE_PNE, bytes, cpns_msg_encode(&msg, bytes));
}

/* He is answered, for anybody may ask, but the session that there is stays, and serves; what he opens does not fit
 * his commitment, and to say so costs one hash. */
static void test_stranger(void)
{
	static const char *const names[] = {"gw:01", "gw:66"};
	static const char story[] = "a stranger pairs";
	struct variant v = {SECURE_PAN, true, false};

	for (unsigned i = 0; i < 2; i++) {
		uint8_t keys[4][CPNS_HASH];
		struct wire w;

		calm_run(&w, v);
		keys_of(&w, keys);
		stranger_pairs(&w, names[i]);
		wire_run(&w);
		EXPECT(forged(&w)->verdict == CPNS_ACCEPTED && forged(&w)->answer >= 0);
		EXPECT(same_keys(&w, keys));
		stranger_opens(&w);
		wire_run(&w);
		EXPECT(forged(&w)->verdict == CPNS_BAD_PROOF && forged(&w)->answer < 0);
		EXPECT(forged(&w)->ops.sha256 == 1 && forged(&w)->ops.hmac == 0);
		EXPECT(same_keys(&w, keys) && pan_is_up(&w, WIRE_PNE));
		EXPECT(sessions_serve(&w, v) && wire_idle(&w));
		wire_clear(&w);
	}
}

/* An Opening before any Request; without a session nothing can come of it. */
static void test_opening_first(void)
{
	static const char story[] = "an opening without a request";
	struct variant v = {SECURE_PAN, true, false};
	struct wire w;

	init_step_0(&w, v);
	stranger_opens(&w);
	wire_run(&w);
	EXPECT(forged(&w)->verdict == CPNS_OUT_OF_PLACE && forged(&w)->answer < 0);
	EXPECT(wire_no_cryptography(&forged(&w)->ops));
	go(&w, v.flow, alice, password);
	wire_run(&w);
	EXPECT(as_usual(&w, v));
	wire_clear(&w);
}

/* He comes between the two round trips of a pairing, at any moment: it takes longer, but completes. */
static void test_stranger_in_between(void)
{
	struct variant v = {SECURE_PAN, true, false};

	for (unsigned opens = 0; opens < 2; opens++)
		for (int64_t when = WIRE_MS(295); when <= WIRE_MS(365); when += WIRE_MS(5)) {
			char story[60];
			struct wire w;

			g_snprintf(story, sizeof story, "a stranger pairs after %d ms", (int)(when / WIRE_MS(1)));
			init_step_0(&w, v);
			go(&w, v.flow, alice, password);
			wire_run_until(&w, when);
			stranger_pairs(&w, "gw:66");
			if (opens)
				stranger_opens(&w);
			wire_run(&w);
			EXPECT(as_usual(&w, v));
			EXPECT(w.stored_at < WIRE_S(10));
			wire_clear(&w);
		}
}

/* The PN GW opens another nonce than it committed itself to, with a proof that fits the new one: refused. */
static void test_other_nonce(void)
{
	static const char story[] = "another nonce than committed to";
	struct variant v = {SECURE_PAN, true, false};
	struct wire w;

	init_step_0(&w, v);
	wire_hook(&w, WIRE_G_P, CPNS_PAIRING_REQUEST, 0, WIRE_CORRUPT, -1); /* the commitment's last octet */
	go(&w, v.flow, alice, password);
	wire_run(&w);
	for (unsigned k = 1; k <= wire_count(&w, WIRE_G_P, CPNS_PAIRING_OPENING); k++)
		EXPECT(wire_find(&w, WIRE_G_P, CPNS_PAIRING_OPENING, k)->verdict == CPNS_BAD_PROOF &&
		       wire_find(&w, WIRE_G_P, CPNS_PAIRING_OPENING, k)->answer < 0);
	EXPECT(wire_count(&w, WIRE_G_P, CPNS_PAIRING_OPENING) > 0);
	EXPECT(wire_pan(&w, WIRE_PNE, WIRE_PNE) == NULL && wire_pan(&w, WIRE_GW, WIRE_PNE) == NULL);
	EXPECT(nothing_stored(&w) && nothing_issued(&w) && wire_idle(&w));
	wire_clear(&w);
}

/* A copy of a message to the server in which something is changed comes before the genuine one. The PN GW may believe
 * the refusal that it is answered with, which has no proof, but then begins anew; the genuine one is not answered
 * with it. */
static void test_forged_before(void)
{
	static const enum cpns_type types[] = {CPNS_BOOTSTRAP_REQUEST, CPNS_BOOTSTRAP_ANSWER, CPNS_SESSION_REQUEST};
	struct variant v = {INSECURE_PAN, true, false};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		struct wire calm;

		calm_run(&calm, v);
		struct wire_message genuine = copy_of(&calm, WIRE_G_S, types[i], 1);

		for (size_t at = 3; at < genuine.n; at++) {
			unsigned field;
			char story[80];
			struct wire w;

			if (part_of(wire_find(&calm, WIRE_G_S, types[i], 1), at, &field) != VALUE)
				continue;
			g_snprintf(story, sizeof story, "%s forged in octet %zu", cpns_type_name(types[i]), at);
			init_step_0(&w, v);
			go(&w, v.flow, alice, password);
			while (wire_find(&w, WIRE_G_S, types[i], 1) == NULL)
				wire_run_until(&w, w.now + WIRE_MS(1));
			struct wire_message m = copy_of(&w, WIRE_G_S, types[i], 1);

			m.bytes[at] ^= 1;
			wire_replay(&w, &m);
			wire_run(&w);
			EXPECT(as_usual(&w, v));
			EXPECT(w.stored_at <= calm.stored_at + WIRE_MS(500));
			const struct wire_message *g = wire_find(&w, WIRE_G_S, types[i], 1);

			EXPECT(g->verdict == CPNS_ACCEPTED && g->answer >= 0 &&
			       wire_status(wire_at(&w, g->answer)) <= 0);
			wire_clear(&w);
		}
		wire_clear(&calm);
	}
}

/* Octets of other flows and legs: step 0's messages given to everybody, while idle and in the middle of it. */
static void test_everywhere(void)
{
	static const char story[] = "step 0 everywhere";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire calm, w;

		calm_run(&calm, (struct variant){SECURE_PAN, v.hardened, v.challenge});
		init_step_0(&w, v);
		go(&w, v.flow, alice, password);
		for (int k = 0; k < 10; k++)
			for (int leg = 0; leg < WIRE_LEGS; leg++) {
				struct wire_message m = *wire_at(&calm, k);

				if (leg == (int)m.leg)
					continue;
				m.leg = (enum wire_leg)leg;
				wire_replay(&w, &m);
				wire_run_until(&w, w.now + WIRE_MS(7));
				EXPECT(wire_no_cryptography(&forged(&w)->ops) && forged(&w)->answer < 0);
			}
		wire_run(&w);
		EXPECT(agreed(&w, v) && wire_idle(&w) && w.stored_at == w.stored_when[entity_of(v.flow)]);
		EXPECT(v.flow == GATEWAY || as_usual(&w, v));
		wire_clear(&w);
		wire_clear(&calm);
	}
}

int main(int argc, char **argv)
{
	static const struct suite_case cases[] = {
	    {"any one message is lost", test_losses},
	    {"any one message is lost each time", test_always_lost},
	    {"any one message comes twice", test_repetitions},
	    {"it comes while the first is being worked on", test_while_busy},
	    {"any one message is late", test_delays},
	    {"any octet is changed", test_damage},
	    {"any message is cut", test_cuts},
	    {"any message is replayed", test_replays},
	    {"step 0 recorded and replayed", test_recorded},
	    {"the same when the sessions have expired", test_recorded_after_expiry},
	    {"a stranger pairs", test_stranger},
	    {"an opening without a request", test_opening_first},
	    {"a stranger in between", test_stranger_in_between},
	    {"another nonce than committed to", test_other_nonce},
	    {"a forged copy comes first", test_forged_before},
	    {"step 0 everywhere", test_everywhere},
	    {0},
	};

	wire_mode(argc > 1 ? argv[1] : "real");
	return suite_run("troubles of step 0", cases);
}
