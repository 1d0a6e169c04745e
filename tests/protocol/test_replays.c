/* Old, forged and damaged messages: what an attacker, or a network with a long memory, can make of the machines.
 * Where the literal profile falls for it, the story says so. */
#include <string.h>

#include "tests/protocol/story.h"

/* The request of a flow that makes the server issue a key, and the answer to it. */
static struct wire_message key_request(const struct wire *w, struct variant v)
{
	if (v.flow == INSECURE_PAN)
		return copy_of(w, WIRE_G_S, CPNS_REQUEST_FOR_PNE, 1);
	return copy_of(w, WIRE_G_S, CPNS_REQUEST, v.challenge && v.flow != SECURE_PAN ? 2 : 1);
}

/* A request is sent again by somebody else, within the time that a network may keep it: answered in the same octets,
 * for nothing; and to whom it is relayed it means nothing any more. */
static void test_request_soon(void)
{
	static const char story[] = "request replayed after 200 s";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire w;

		init(&w, v);
		go(&w, v.flow, alice, password);
		wire_run(&w);
		wire_run_until(&w, WIRE_S(200));
		struct wire_message m = key_request(&w, v);

		wire_replay(&w, &m);
		wire_run(&w);
		EXPECT(forged(&w)->verdict == CPNS_DUPLICATE);
		EXPECT(wire_no_cryptography(&forged(&w)->ops));
		EXPECT(answer_to(&w, forged(&w)) != NULL &&
		       same_bytes(answer_to(&w, forged(&w)), wire_at(&w, m.answer)));
		EXPECT(w.server.keys_issued == 1);
		EXPECT(agreed(&w, v) && wire_idle(&w));
		wire_clear(&w);
	}
}

/* The same when its answer has been forgotten. What is fresh in the request is old now: the nonce of a challenge, the
 * counter of RAND_T. Where nothing is (a single round, 6.3.2.2, the literal 6.3.2.1) another key is issued: a pending
 * one does no harm, a current one locks the entity out. */
static void test_request_late(void)
{
	static const char story[] = "request replayed after 300 s";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		bool fresh = v.flow == SECURE_PAN ? v.hardened : v.flow != INSECURE_PAN && v.challenge;
		enum wire_node entity = entity_of(v.flow);
		struct wire w;

		init(&w, v);
		go(&w, v.flow, alice, password);
		wire_run(&w);
		wire_run_until(&w, WIRE_S(300));
		struct wire_message m = key_request(&w, v);

		w.session.gateway = 0;
		wire_replay(&w, &m);
		wire_run(&w);
		EXPECT(forged(&w)->verdict == (fresh ? CPNS_REPLAYED : CPNS_ACCEPTED));
		EXPECT(last_status(&w) == (fresh ? CPNS_REPLAY : CPNS_SUCCESS));
		EXPECT(w.server.keys_issued == (fresh ? 1 : 2));
		EXPECT(w.stored[entity] == 1 && wire_idle(&w));
		/* draws are addressed: the same request is given the same key again; a real generator would not */
		EXPECT(w.same_draws == 0 || !fresh);
		if (v.hardened)
			EXPECT(wire_pending(&w, entity) && !w.record[entity]->keyed);
		wire_clear(&w);
	}
}

/* Counters of notifications begin with 1: one with 0 is no repetition of any, and not acknowledged. */
static void test_notification_number_0(void)
{
	static const char story[] = "a notification with Counter 0";
	static const uint8_t zeros[CPNS_WRAPPED];
	const struct variant v = {INSECURE_PAN, true, false};
	uint8_t bytes[CPNS_MESSAGE_MAX];
	struct cpns_msg msg = {.type = CPNS_NOTIFICATION};
	struct wire w;

	init(&w, v);
	cpns_msg_set(&msg, CPNS_ENTITY_ID, w.pne[0].id.at, w.pne[0].id.n);
	cpns_msg_set(&msg, CPNS_ENC_EUKEY, zeros, CPNS_WRAPPED);
	cpns_msg_set(&msg, CPNS_RAND_N, zeros, 16);
	cpns_msg_set(&msg, CPNS_KEY_INDEX, zeros, 4);
	cpns_msg_set(&msg, CPNS_COUNTER, zeros, 8);
	wire_inject(&w, WIRE_G_P, WIRE_PNE, bytes, cpns_msg_encode(&msg, bytes));
	wire_run(&w);
	EXPECT(forged(&w)->verdict == CPNS_REPLAYED && answer_to(&w, forged(&w)) == NULL);
	EXPECT(wire_no_cryptography(&forged(&w)->ops) && nothing_stored(&w));
	wire_clear(&w);
}

/* To the nanosecond: 247 s after the request came its answer is no longer known. */
static void test_request_at_the_end(void)
{
	for (unsigned i = 0; i < VARIANTS; i++)
		for (unsigned late = 0; late < 2; late++) {
			const char *story = late ? "request replayed after 247 s" : "replayed just before 247 s";
			struct variant v = variant(i);
			bool fresh = v.flow == SECURE_PAN ? v.hardened : v.flow != INSECURE_PAN && v.challenge;
			struct wire w;

			init(&w, v);
			go(&w, v.flow, alice, password);
			wire_run(&w);
			struct wire_message m = key_request(&w, v);

			wire_run_until(&w, m.arrives_at + WIRE_S(247) - !late);
			wire_replay(&w, &m);
			wire_run(&w);
			if (late)
				EXPECT(forged(&w)->verdict == (fresh ? CPNS_REPLAYED : CPNS_ACCEPTED));
			else
				EXPECT(forged(&w)->verdict == CPNS_DUPLICATE &&
				       same_bytes(answer_to(&w, forged(&w)), wire_at(&w, m.answer)));
			EXPECT(w.stored[entity_of(v.flow)] == 1 && wire_idle(&w));
			wire_clear(&w);
		}
}

/* Never the same octets twice, whatever they are for: a generator as it is outside of a simulation. */
static void draw_anew(void *host, enum cpns_draw what, uint32_t exchange, uint16_t index, uint8_t *out, size_t n)
{
	static uint64_t drawn;

	(void)host;
	(void)what;
	(void)exchange;
	(void)index;
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(++drawn >> i % 8 * 8) ^ 0x5c;
}

/* Where nothing in a request is fresh, the server cannot tell that it is an old one once its answer is forgotten, and
 * issues a key that nobody holds. With keys of two phases that one is never used: the current key, which entity and
 * server agree on, stays. Without them it takes its place. */
static void test_request_late_with_current_key(void)
{
	static const char story[] = "request replayed after 300 s, with a current key";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		enum wire_node entity = entity_of(v.flow);
		struct cpns_entity *record;
		struct wire w;

		if (v.challenge || (v.flow == SECURE_PAN && v.hardened))
			continue; /* told above: status 6 */
		init(&w, v);
		record = w.record[entity];
		go(&w, v.flow, alice, password);
		wire_run(&w);
		record->n_pending = 0; /* it has been used since */
		cpns_keyring_add(record, false, wire_key(&w, entity), NULL);
		w.env[WIRE_SERVER].random = draw_anew;
		wire_run_until(&w, WIRE_S(300));
		struct wire_message m = key_request(&w, v);

		wire_replay(&w, &m);
		wire_run(&w);
		EXPECT(forged(&w)->verdict == CPNS_ACCEPTED);
		EXPECT(w.server.keys_issued == 2 && w.stored[entity] == 1 && wire_idle(&w));
		EXPECT(wire_current(&w, entity) == v.hardened);
		EXPECT(wire_diverged(&w, entity) == !v.hardened);
		EXPECT(record->n_pending == v.hardened);
		wire_clear(&w);
	}
}

/* A trigger from the past is not obeyed: neither the last one nor one before it; and it costs next to nothing. */
static void test_trigger(void)
{
	static const char story[] = "trigger replayed";

	for (unsigned hard = 0; hard < 2; hard++) {
		struct variant v = {SECURE_PAN, hard, false};
		uint8_t key[CPNS_HASH];
		struct wire w;

		init(&w, v);
		for (int i = 0; i < 3; i++) {
			go(&w, v.flow, alice, password);
			wire_run(&w);
			w.now += WIRE_S(300);
		}
		memcpy(key, w.pne[WIRE_PNE].eukey, sizeof key);
		for (unsigned k = 1; k <= 3; k++) {
			struct wire_message m = copy_of(&w, WIRE_G_P, CPNS_TRIGGER, k);

			wire_replay(&w, &m);
			wire_run(&w);
			EXPECT(forged(&w)->verdict == CPNS_REPLAYED);
			EXPECT(forged(&w)->answer < 0);
			EXPECT(forged(&w)->ops.hmac <= 3);
			m.bytes[m.n - CPNS_TAG - 3 - 1] ^= 1; /* last octet of its RAND_T: another nonce, old proof */
			wire_replay(&w, &m);
			m.bytes[m.n - CPNS_TAG - 3 - 16] ^= 0x40; /* and a counter beyond all */
			wire_replay(&w, &m);
			wire_run(&w);
			EXPECT(forged(&w)->verdict == CPNS_BAD_PROOF);
			EXPECT(forged(&w)->answer < 0);
		}
		EXPECT(w.server.keys_issued == 3 && w.stored[WIRE_PNE] == 3);
		EXPECT(memcmp(key, w.pne[WIRE_PNE].eukey, sizeof key) == 0);
		EXPECT(!wire_diverged(&w, WIRE_PNE) && wire_idle(&w));

		/* a counter beyond all with a false proof has not moved the PNE's own: the next trigger is obeyed */
		go(&w, v.flow, alice, password);
		wire_run(&w);
		EXPECT(w.stored[WIRE_PNE] == 4);
		wire_clear(&w);
	}
}

/* The notification before the last one. Hardened: its counter is old. Literal: nothing tells it from a new one, and
 * the PNE goes back to a key that the server no longer holds. */
static void test_notification(void)
{
	static const char story[] = "notification replayed";

	for (unsigned hard = 0; hard < 2; hard++) {
		struct variant v = {INSECURE_PAN, hard, false};
		uint8_t keys[2][CPNS_HASH];
		struct wire w;

		init(&w, v);
		for (int i = 0; i < 2; i++) {
			go(&w, v.flow, alice, password);
			wire_run(&w);
			memcpy(keys[i], w.pne[WIRE_PNE].eukey, CPNS_HASH);
		}
		w.now += WIRE_S(300);
		struct wire_message old = copy_of(&w, WIRE_G_P, CPNS_NOTIFICATION, 1);
		struct wire_message last = copy_of(&w, WIRE_G_P, CPNS_NOTIFICATION, 2);

		wire_replay(&w, &old);
		wire_run(&w);
		EXPECT(memcmp(w.pne[WIRE_PNE].eukey, keys[hard ? 1 : 0], CPNS_HASH) == 0);
		EXPECT(wire_diverged(&w, WIRE_PNE) == !hard);
		EXPECT(forged(&w)->verdict == (hard ? CPNS_REPLAYED : CPNS_ACCEPTED));
		EXPECT(forged(&w)->answer < 0);
		EXPECT(w.stored[WIRE_PNE] == (hard ? 2 : 3));

		wire_replay(&w, &last); /* the last one is acknowledged again, in the same octets, for nothing */
		wire_run(&w);
		EXPECT(memcmp(w.pne[WIRE_PNE].eukey, keys[1], CPNS_HASH) == 0);
		EXPECT(!wire_diverged(&w, WIRE_PNE) && wire_idle(&w));
		if (hard) {
			EXPECT(forged(&w)->verdict == CPNS_DUPLICATE);
			EXPECT(wire_no_cryptography(&forged(&w)->ops));
			EXPECT(
			    answer_to(&w, forged(&w)) != NULL &&
			    same_bytes(answer_to(&w, forged(&w)), wire_find(&w, WIRE_P_G, CPNS_NOTIFICATION_ACK, 2)));
		}

		/* an old one with a counter beyond all does not open, and does not move the PNE's counter */
		if (hard) {
			memset(old.bytes + old.n - 8, 0x7f, 8);
			wire_replay(&w, &old);
			wire_run(&w);
			EXPECT(forged(&w)->verdict == CPNS_BAD_KEY);
			go(&w, v.flow, alice, password);
			wire_run(&w);
			EXPECT(w.stored[WIRE_PNE] == 3);
		}
		wire_clear(&w);
	}
}

/* The next response is lost and an old one comes instead, its transaction made to fit. Where the key hangs on the
 * password alone (literal 6.3.1 and 6.3.3) the entity goes back to the old key; where it hangs on RAND_PNE it ignores
 * the old response and asks again. */
static void test_response(void)
{
	static const char story[] = "response replayed";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		enum wire_node entity = entity_of(v.flow);
		enum wire_leg leg = v.flow == GATEWAY ? WIRE_S_G : WIRE_G_P;
		bool fooled = !v.hardened && v.flow != SECURE_PAN;
		unsigned last = v.challenge && v.flow != SECURE_PAN ? 2 : 1;
		uint8_t old[CPNS_HASH];
		struct wire w;

		if (v.flow == INSECURE_PAN)
			continue;
		init(&w, v);
		go(&w, v.flow, alice, password);
		wire_run(&w);
		memcpy(old, wire_key(&w, entity), sizeof old);
		struct wire_message m = copy_of(&w, leg, CPNS_RESPONSE, last);

		wire_hook(&w, leg, CPNS_RESPONSE, last, WIRE_LOSE, 0); /* counted from now on */
		go(&w, v.flow, alice, password);
		wire_run_until(&w, w.now + WIRE_S(1));
		const struct wire_message *open = wire_find(&w, leg, CPNS_RESPONSE, 2 * last);

		EXPECT(open != NULL && open->lost);
		if (open == NULL)
			break;
		memcpy(m.bytes + 3, open->bytes + 3, 4);
		wire_replay(&w, &m);
		wire_run(&w);
		if (fooled)
			EXPECT(forged(&w)->verdict == CPNS_ACCEPTED);
		else
			EXPECT(forged(&w)->verdict == CPNS_BAD_PROOF || forged(&w)->verdict == CPNS_BAD_KEY);
		EXPECT((memcmp(wire_key(&w, entity), old, sizeof old) == 0) == fooled);
		EXPECT(wire_diverged(&w, entity) == fooled);
		EXPECT(w.stored[entity] == 2 && w.server.keys_issued == 2 && wire_idle(&w));
		wire_clear(&w);
	}
}

/* An old response as it was: without a request in its transaction nobody takes it, under either profile, whether the
 * entity is idle or asks for something else. */
static void test_response_unasked(void)
{
	for (unsigned i = 0; i < VARIANTS; i++)
		for (unsigned asking = 0; asking < 2; asking++) {
			const char *story =
			    asking ? "response to another request replayed" : "response replayed while idle";
			struct variant v = variant(i);
			enum wire_node entity = entity_of(v.flow);
			enum wire_leg leg = v.flow == GATEWAY ? WIRE_S_G : WIRE_G_P;
			uint8_t keys[2][CPNS_HASH];
			struct wire w;

			if (v.flow == INSECURE_PAN)
				continue;
			init(&w, v);
			for (int k = 0; k < 2; k++) {
				go(&w, v.flow, alice, password);
				wire_run(&w);
				memcpy(keys[k], wire_key(&w, entity), CPNS_HASH);
			}
			struct wire_message m =
			    copy_of(&w, leg, CPNS_RESPONSE, v.challenge && v.flow != SECURE_PAN ? 2 : 1);

			if (asking) {
				wire_hook(&w, leg, CPNS_RESPONSE, 0, WIRE_DELAY, WIRE_MS(900));
				go(&w, v.flow, alice, password);
				wire_run_until(&w, w.now + WIRE_MS(500));
			}
			wire_replay(&w, &m);
			wire_run_until(&w, w.now);
			EXPECT(forged(&w)->verdict == (asking ? CPNS_DUPLICATE : CPNS_OUT_OF_PLACE));
			EXPECT(forged(&w)->answer < 0 && wire_no_cryptography(&forged(&w)->ops));
			EXPECT(memcmp(wire_key(&w, entity), keys[1], CPNS_HASH) == 0);
			wire_run(&w);
			EXPECT(w.stored[entity] == 2 + asking && !wire_diverged(&w, entity) && wire_idle(&w));
			wire_clear(&w);
		}
}

/* The request that proves the password, once it has been sent. */
static const struct wire_message *proving_request(struct wire *w, struct variant v)
{
	enum wire_leg up = v.flow == GATEWAY ? WIRE_G_S : WIRE_P_G;
	unsigned k = v.challenge && v.flow != SECURE_PAN ? 2 : 1;

	while (wire_find(w, up, CPNS_REQUEST, k) == NULL)
		wire_run_until(w, w->now + WIRE_MS(1));
	return wire_find(w, up, CPNS_REQUEST, k);
}

/* A response with that status and no key is given to whoever sent `asked`; `tag` may be NULL. */
static void forge_status(struct wire *w, struct variant v, const struct wire_message *asked, uint8_t status,
			 const uint8_t *tag)
{
	struct cpns_msg msg = {.type = CPNS_RESPONSE, .transaction = asked->msg.transaction};
	uint8_t bytes[CPNS_MESSAGE_MAX];

	cpns_msg_set(&msg, CPNS_ENTITY_ID, cpns_msg_at(&asked->msg, CPNS_ENTITY_ID),
		     cpns_msg_get(&asked->msg, CPNS_ENTITY_ID).n);
	cpns_msg_set(&msg, CPNS_STATUS, &status, 1);
	if (tag != NULL)
		cpns_msg_set(&msg, CPNS_AUTH_DATA, tag, CPNS_TAG);
	size_t n = cpns_msg_encode(&msg, bytes);

	wire_inject(w, v.flow == GATEWAY ? WIRE_S_G : WIRE_G_P, v.flow == GATEWAY ? CPNS_GW_SELF : WIRE_PNE, bytes,
		    n);
}

/* What the server says before it knows who asks can have no proof that the entity would take; these end an
 * assignment. */
static bool unprovable(unsigned status)
{
	return status == CPNS_AUTHENTICATION_FAILED || status == CPNS_MALFORMED_STATUS || status == CPNS_LOCKED_OUT;
}

/* An acknowledgement without the Temporary Key, or the one of the notification before: the PN GW notifies again. */
static void test_forged_acknowledgement(void)
{
	static const char story[] = "forged acknowledgement";
	struct variant v = {INSECURE_PAN, true, false};

	for (unsigned old = 0; old < 2; old++) {
		struct wire w;

		init(&w, v);
		go(&w, v.flow, alice, password);
		wire_run(&w);
		struct wire_message m = copy_of(&w, WIRE_P_G, CPNS_NOTIFICATION_ACK, 1);

		wire_hook(&w, WIRE_P_G, CPNS_NOTIFICATION_ACK, 1, WIRE_LOSE, 0);
		go(&w, v.flow, alice, password);
		wire_run_until(&w, w.now + WIRE_S(1));
		const struct wire_message *lost = wire_find(&w, WIRE_P_G, CPNS_NOTIFICATION_ACK, 2);

		EXPECT(lost != NULL && lost->lost);
		memcpy(m.bytes + 3, lost->bytes + 3, 4);
		if (!old) {
			memcpy(m.bytes, lost->bytes, lost->n);
			m.bytes[CPNS_HEADER + 3 + 8 + 3] ^= 1; /* first octet of the proof */
		}
		wire_replay(&w, &m);
		wire_run(&w);
		EXPECT(forged(&w)->verdict == CPNS_BAD_PROOF);
		EXPECT(wire_count(&w, WIRE_G_P, CPNS_NOTIFICATION) == 3);
		EXPECT(w.stored[WIRE_PNE] == 2 && wire_pending(&w, WIRE_PNE) && wire_idle(&w));
		wire_clear(&w);
	}
}

/* A response with a status but without its proof, or a false one, overtakes the true one. Hardened: ignored, the key
 * arrives. Literal: there is nothing to tell it by, and the entity gives up. */
static void test_forged_status(void)
{
	static const uint8_t nonsense[CPNS_TAG] = {1, 2, 3};

	for (unsigned i = 0; i < VARIANTS; i++)
		for (unsigned status = 1; status < 14; status++)
			for (unsigned tagged = 0; tagged < 2; tagged++) {
				struct variant v = variant(i);
				bool busy = status == CPNS_SERVER_BUSY; /* ends nothing in either profile */
				bool believed = !busy && (!v.hardened || unprovable(status));
				char story[40];
				struct wire w;

				if (v.flow == INSECURE_PAN || (!v.hardened && status == CPNS_STALE_NONCE))
					continue;
				g_snprintf(story, sizeof story, "forged status %u, %s", status,
					   tagged ? "false proof" : "no proof");
				init(&w, v);
				wire_install(&w, WIRE_PNE, alice, password);
				go(&w, v.flow, alice, password);
				forge_status(&w, v, proving_request(&w, v), (uint8_t)status,
					     tagged ? nonsense : NULL);
				wire_run(&w);
				EXPECT(w.server.keys_issued == 1 && wire_idle(&w));
				EXPECT(believed ? nothing_stored(&w) : agreed(&w, v));
				EXPECT(forged(&w)->verdict == (believed || busy ? CPNS_REFUSED : CPNS_BAD_PROOF));
				EXPECT(!v.hardened || !wire_diverged(&w, entity_of(v.flow)));
				wire_clear(&w);
			}
}

/* The same before the challenge: nothing that needs a proof can be true there. */
static void test_forged_first_status(void)
{
	for (unsigned i = 0; i < VARIANTS; i++)
		for (unsigned status = 2; status < 14; status++) {
			struct variant v = variant(i);
			char story[40];
			struct wire w;

			if (v.flow == INSECURE_PAN || v.flow == SECURE_PAN || !v.challenge || !v.hardened ||
			    unprovable(status))
				continue;
			g_snprintf(story, sizeof story, "forged status %u first", status);
			init(&w, v);
			go(&w, v.flow, alice, password);
			forge_status(&w, v, wire_at(&w, 0), (uint8_t)status, NULL);
			wire_run(&w);
			EXPECT(agreed(&w, v) && wire_idle(&w));
			wire_clear(&w);
		}
}

/* A response to another transaction, whatever it says, changes nothing in any profile. */
static void test_status_of_another_transaction(void)
{
	static const char story[] = "status of another transaction";

	for (unsigned i = 0; i < VARIANTS; i++)
		for (unsigned status = 0; status < 14; status++) {
			struct variant v = variant(i);
			struct wire_message other;
			struct wire w;

			if (v.flow == INSECURE_PAN)
				continue;
			init(&w, v);
			go(&w, v.flow, alice, password);
			other = *proving_request(&w, v);
			other.msg.transaction += 77;
			forge_status(&w, v, &other, (uint8_t)status, NULL);
			wire_run(&w);
			EXPECT(agreed(&w, v) && wire_idle(&w));
			wire_clear(&w);
		}
}

/* Keys that are never used wait, at most 8 of them; the oldest make room, and the entity's own is the youngest. */
static void test_pending_keys(void)
{
	static const char story[] = "pending keys";

	for (unsigned flow = 0; flow < FLOWS; flow++) {
		struct variant v = {(enum flow)flow, true, true};
		enum wire_node entity = entity_of(v.flow);
		struct cpns_entity *record;
		struct wire w;

		init(&w, v);
		record = w.record[entity];
		for (unsigned i = 1; i <= 11; i++) {
			go(&w, v.flow, alice, password);
			wire_run(&w);
			EXPECT(record->n_pending == (i < 8 ? i : 8));
			EXPECT(w.server.pending_dropped == (i < 8 ? 0 : i - 8));
			EXPECT(memcmp(cpns_entity_pending(record)[record->n_pending - 1], wire_key(&w, entity),
				      CPNS_HASH) == 0);
			EXPECT(!record->keyed && !wire_diverged(&w, entity));
		}
		EXPECT(w.server.keys_issued == 11);
		wire_clear(&w);
	}
}

/* The second request of a challenge round is under way for so long that the nonce is no longer taken: status 11, and
 * the entity begins anew without its user. */
static void test_stale_nonce(void)
{
	static const char story[] = "stale nonce";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		bool stale;

		if (!v.challenge || v.flow == SECURE_PAN || v.flow == INSECURE_PAN)
			continue;
		for (stale = false;; stale = true) {
			struct wire w;

			init(&w, v);
			w.rules.timeout = WIRE_S(1000);
			wire_hook(&w, WIRE_G_S, CPNS_REQUEST, 2, WIRE_DELAY, WIRE_S(stale ? 248 : 246));
			go(&w, v.flow, alice, password);
			wire_run(&w);
			EXPECT(wire_status(wire_find(&w, WIRE_S_G, CPNS_RESPONSE, 2)) ==
			       (stale ? CPNS_STALE_NONCE : CPNS_SUCCESS));
			EXPECT(agreed(&w, v) && wire_idle(&w));
			EXPECT(w.server.keys_issued == 1);
			EXPECT(wire_failures(&w) == 0);
			EXPECT(w.now < WIRE_S(300));
			wire_clear(&w);
			if (stale)
				break;
		}
	}
}

/* A PN GW that begins anew uses a transaction again, for a new password: that is no duplicate. Nor is a registration
 * with a used transaction and anything for a password. */
static void test_registration_again(void)
{
	static const char story[] = "a registration in a used transaction";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire_message m;
		struct wire w;
		uint8_t first[CPNS_HASH];

		init(&w, v);
		wire_register(&w, CPNS_GW_SELF, CPNS_ID_PWD_REGISTRATION, alice, "first");
		wire_run(&w);
		memcpy(first, w.alice->pwh, CPNS_HASH);
		m = copy_of(&w, WIRE_G_S, CPNS_ID_PWD_REGISTRATION_REQUEST, 1);
		m.bytes[m.n - 1] ^= 1;
		wire_replay(&w, &m);
		wire_run(&w);
		EXPECT(wire_status(answer_to(&w, forged(&w))) == CPNS_AUTHENTICATION_FAILED);
		EXPECT(memcmp(first, w.alice->pwh, CPNS_HASH) == 0);
		w.gw.own_transactions = 0;
		wire_register(&w, CPNS_GW_SELF, CPNS_ID_PWD_REGISTRATION, alice, "second");
		wire_run(&w);
		EXPECT(w.registered == 2 && memcmp(first, w.alice->pwh, CPNS_HASH) != 0);
		wire_clear(&w);
	}
}

/* Every nonce is stale when it comes back: the entity begins anew no more often than it would repeat a request. */
static void test_always_stale(void)
{
	static const char story[] = "always stale";

	for (unsigned hard = 0; hard < 2; hard++) {
		struct variant v = {PNE_UI, hard, true};
		struct wire w;

		init(&w, v);
		w.rules.timeout = WIRE_S(1000);
		wire_hook(&w, WIRE_G_S, CPNS_REQUEST, 0, WIRE_DELAY, WIRE_S(248));
		go(&w, v.flow, alice, password);
		wire_run(&w);
		EXPECT(wire_count(&w, WIRE_P_G, CPNS_REQUEST) == 2 * (w.rules.retries + 1));
		EXPECT(nothing_stored(&w) && nothing_issued(&w) && wire_idle(&w));
		EXPECT(wire_failures(&w) == 0);
		wire_clear(&w);
	}
}

/* The user asks again while the first request is under way: the first is given up, its response means nothing. */
static void test_impatient_user(void)
{
	static const char story[] = "impatient user";

	for (unsigned i = 0; i < 4; i++)
		for (int64_t pause = 0; pause < WIRE_MS(250); pause += WIRE_MS(15)) {
			struct variant v = variant(i);
			struct wire w;

			init(&w, v);
			go(&w, v.flow, alice, password);
			wire_run_until(&w, pause);
			if (!cpns_pne_active(&w.pne[WIRE_PNE])) {
				wire_clear(&w);
				break;
			}
			go(&w, v.flow, alice, password);
			wire_run(&w);
			EXPECT(agreed(&w, v) && wire_idle(&w));
			EXPECT(w.server.keys_issued == 1 || w.server.keys_issued == 2);
			wire_clear(&w);
		}
}

/* What is about one PNE means nothing to another, and what belongs on one leg nothing on another: every message of
 * every flow is given to everybody, while idle and while asking. */
static void test_everything_everywhere(void)
{
	static const char story[] = "everything everywhere";

	for (unsigned i = 0; i < VARIANTS; i++)
		for (unsigned busy = 0; busy < 2; busy++) {
			struct variant v = variant(i);
			bool fooled = !v.hardened; /* the replays told above, one by one */
			uint8_t key[CPNS_HASH];
			struct wire w;

			init(&w, v);
			wire_register(&w, WIRE_PNE, CPNS_SUBSCRIPTION_REGISTRATION, "carol", "pw");
			wire_run(&w);
			go(&w, v.flow, alice, password);
			wire_run(&w);
			memcpy(key, wire_key(&w, entity_of(v.flow)), sizeof key);
			guint n = w.messages->len;

			for (guint k = 0; k < n; k++)
				for (unsigned to = 0; to < 5; to++) {
					static const enum wire_leg legs[] = {WIRE_P_G, WIRE_G_P, WIRE_P_G, WIRE_G_P,
									     WIRE_G_S};
					struct wire_message m = *wire_at(&w, (int)k);

					m.leg = legs[to];
					m.pne = to < 2 ? WIRE_PNE : WIRE_PNE2;
					if (busy && !cpns_pne_active(&w.pne[WIRE_PNE2]) &&
					    !cpns_gw_active(&w.gw, WIRE_PNE2))
						wire_start(&w, WIRE_PNE2, alice, password);
					wire_replay(&w, &m);
					m.leg = WIRE_S_G;
					wire_replay(&w, &m);
					wire_run_until(&w, w.now + WIRE_MS(7));
				}
			wire_run(&w);
			EXPECT(wire_idle(&w));
			EXPECT(fooled || (memcmp(key, wire_key(&w, entity_of(v.flow)), sizeof key) == 0 &&
					  !wire_diverged(&w, entity_of(v.flow))));
			EXPECT(wire_keyed(&w, WIRE_PNE2) == busy && w.stored[WIRE_PNE2] >= busy);
			EXPECT(!wire_diverged(&w, WIRE_PNE2));
			wire_clear(&w);
		}
}

/* One octet of one message is damaged: nobody crashes, everything ends, and whoever has stored a key has one that the
 * server holds. Left alone are the legs that step 0 protects in 6.3.2.2 and the passwords' hashing parameters
 * in 6.3.2.1. */
static void test_damage(void)
{
	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire calm;

		init(&calm, v);
		go(&calm, v.flow, alice, password);
		wire_run(&calm);
		for (int k = 0; k < (int)calm.messages->len; k++) {
			const struct wire_message *m = wire_at(&calm, k);
			const char *story = name_step(&calm, k, "is damaged");

			if ((v.flow == INSECURE_PAN && m->leg >= WIRE_G_S) ||
			    m->msg.type == CPNS_INSTALLATION_REQUEST)
				continue;
			for (int64_t at = 0; at < (int64_t)m->n; at++) {
				enum wire_node entity = entity_of(v.flow);
				struct wire w;

				init(&w, v);
				wire_hook(&w, m->leg, m->msg.type, ordinal(&calm, k), WIRE_CORRUPT, at);
				go(&w, v.flow, alice, password);
				wire_run(&w);
				EXPECT(wire_idle(&w));
				/* a trigger whose transaction is another one is obeyed, and so is the next */
				EXPECT(w.stored[entity] <=
				       (m->msg.type == CPNS_TRIGGER && at >= 3 && at < 7 ? 2 : 1));
				EXPECT(!wire_keyed(&w, entity) || wire_current(&w, entity) ||
				       wire_pending(&w, entity));
				EXPECT(!v.hardened || !wire_diverged(&w, entity));
				wire_clear(&w);
			}
		}
		wire_clear(&calm);
	}
}

/* The switches of a profile may be set one by one: every flow completes with every combination, and another user's
 * PNE is refused at once where that is checked. */
static void test_switches(void)
{
	for (unsigned set = 0; set < 128; set++)
		for (unsigned i = 0; i < VARIANTS; i++)
			for (unsigned foreign = 0; foreign < 2; foreign++) {
				struct variant v = variant(i);
				bool refused =
				    foreign && (set & 8) && (v.flow == SECURE_PAN || v.flow == INSECURE_PAN);
				char story[60];
				struct wire w;

				if (v.hardened)
					continue; /* the switches say it all */
				g_snprintf(story, sizeof story, "switches %02x%s", set,
					   foreign ? ", another user's PNE" : "");
				init(&w, v);
				w.rules.stretched_password = set & 1;
				w.rules.mac_proof = set & 2;
				w.rules.response_freshness = set & 4;
				w.rules.ownership_check = set & 8;
				w.rules.notification_ack = set & 16;
				w.rules.notification_freshness = set & 32;
				w.rules.two_phase_key = set & 64;
				wire_know(&w, password);
				if (foreign)
					cpns_entity_set_owner(w.record[WIRE_PNE], wire_octets("bob@cpns.example"));
				go(&w, v.flow, alice, password);
				wire_run(&w);
				EXPECT(wire_idle(&w));
				EXPECT(refused ? nothing_stored(&w) && nothing_issued(&w) : agreed(&w, v));
				EXPECT(!refused || w.now < WIRE_S(1));
				EXPECT(last_status(&w) == (refused ? CPNS_NOT_OWNER : CPNS_SUCCESS));
				wire_clear(&w);
			}
}

static const struct variant acknowledged = {INSECURE_PAN, false, false};

/* 6.3.2.2 literal, but for the acknowledgement: notifications have no Counter. */
static void init_acknowledged(struct wire *w)
{
	init(w, acknowledged);
	w->rules.notification_ack = true;
}

/* Acknowledged but without freshness, a notification that comes twice is known by its octets: it is acknowledged
 * again in the same octets, for nothing, and no key is stored again; while the first is being worked on it is
 * dropped. */
static void test_acknowledged_without_freshness(void)
{
	static const char story[] = "acknowledged without freshness";
	static const int64_t gaps[] = {WIRE_MS(1), WIRE_MS(99), WIRE_MS(100), WIRE_S(8)};
	const struct variant v = acknowledged;
	struct wire calm;

	init_acknowledged(&calm);
	go(&calm, v.flow, alice, password);
	wire_run(&calm);
	for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) {
		bool soon = gaps[i] < WIRE_MS(100);
		struct wire w;

		init_acknowledged(&w);
		w.work[WIRE_PNE] = WIRE_MS(100);
		wire_hook(&w, WIRE_G_P, CPNS_NOTIFICATION, 1, WIRE_REPEAT, gaps[i]);
		go(&w, v.flow, alice, password);
		wire_run(&w);
		EXPECT(agreed(&w, v) && wire_idle(&w));
		EXPECT(w.server.keys_issued == 1);
		EXPECT(wire_count(&w, WIRE_P_G, CPNS_NOTIFICATION_ACK) == (soon ? 1 : 2));
		EXPECT(repeats_faithfully(&w) && repetitions_are_free(&w));
		EXPECT(same_work(&w.ops[WIRE_PNE], &calm.ops[WIRE_PNE]));
		for (guint k = 0; k < w.messages->len; k++)
			if (wire_at(&w, (int)k)->copy)
				EXPECT(wire_at(&w, (int)k)->verdict == (soon ? CPNS_BUSY : CPNS_DUPLICATE));
		wire_clear(&w);
	}
	wire_clear(&calm);
}

/* Its acknowledgements are all lost: it is sent 5 times, acknowledged 5 times, and worked on once. */
static void test_acknowledgements_lost_without_freshness(void)
{
	static const char story[] = "acknowledgements lost, without freshness";
	const struct variant v = acknowledged;
	struct wire w;

	init_acknowledged(&w);
	wire_hook(&w, WIRE_P_G, CPNS_NOTIFICATION_ACK, 0, WIRE_LOSE, 0);
	go(&w, v.flow, alice, password);
	wire_run(&w);
	EXPECT(wire_count(&w, WIRE_G_P, CPNS_NOTIFICATION) == 5);
	EXPECT(wire_count(&w, WIRE_P_G, CPNS_NOTIFICATION_ACK) == 5);
	EXPECT(repeats_faithfully(&w) && repetitions_are_free(&w));
	EXPECT(w.ops[WIRE_PNE].keywrap == 1);
	EXPECT(agreed(&w, v) && wire_idle(&w));
	wire_clear(&w);
}

/* What is no duplicate is taken, for nothing says that it is old: another key in the same transaction, the same key
 * in another one, and a notification before the last. One that does not open leaves the last one known. */
static void test_new_without_freshness(void)
{
	static const char story[] = "new without freshness";
	const struct variant v = acknowledged;
	struct wire_message old, last, odd;
	struct wire w;

	init_acknowledged(&w);
	for (int i = 0; i < 2; i++) {
		go(&w, v.flow, alice, password);
		wire_run(&w);
	}
	old = copy_of(&w, WIRE_G_P, CPNS_NOTIFICATION, 1);
	last = copy_of(&w, WIRE_G_P, CPNS_NOTIFICATION, 2);
	odd = last;
	odd.bytes[odd.n - 1] ^= 1;
	wire_replay(&w, &odd);
	wire_run(&w);
	EXPECT(forged(&w)->verdict == CPNS_BAD_KEY && forged(&w)->answer < 0);
	wire_replay(&w, &last);
	wire_run(&w);
	EXPECT(forged(&w)->verdict == CPNS_DUPLICATE && w.stored[WIRE_PNE] == 2);

	odd = old;
	memcpy(odd.bytes + 3, last.bytes + 3, 4); /* the transaction of the last one, the key of the one before */
	wire_replay(&w, &odd);
	wire_run(&w);
	EXPECT(forged(&w)->verdict == CPNS_ACCEPTED && w.stored[WIRE_PNE] == 3);
	EXPECT(wire_diverged(&w, WIRE_PNE));
	wire_replay(&w, &old); /* the key that it holds now, in its own transaction */
	wire_run(&w);
	EXPECT(forged(&w)->verdict == CPNS_ACCEPTED && w.stored[WIRE_PNE] == 4);
	wire_replay(&w, &last);
	wire_run(&w);
	EXPECT(forged(&w)->verdict == CPNS_ACCEPTED && w.stored[WIRE_PNE] == 5);
	EXPECT(!wire_diverged(&w, WIRE_PNE) && wire_idle(&w));
	wire_clear(&w);
}

/* Octets that are no message at all, given to everybody. */
static void test_noise(void)
{
	static const char story[] = "noise";
	struct variant v = {PNE_UI, true, true};
	struct wire w;

	init(&w, v);
	go(&w, v.flow, alice, password);
	for (size_t n = 0; n < 200; n++) {
		uint8_t noise[200];

		for (size_t i = 0; i < n; i++)
			noise[i] = (uint8_t)(i * i + n * 31 + (i == 0));
		for (int leg = 0; leg < WIRE_LEGS; leg++) {
			wire_inject(&w, (enum wire_leg)leg, WIRE_PNE, noise, n);
			wire_run_until(&w, w.now + 1);
			EXPECT(forged(&w)->verdict == CPNS_MALFORMED && forged(&w)->answer < 0);
			EXPECT(wire_no_cryptography(&forged(&w)->ops));
		}
	}
	wire_run(&w);
	EXPECT(agreed(&w, v) && wire_idle(&w));
	wire_clear(&w);
}

int main(int argc, char **argv)
{
	static const struct suite_case cases[] = {
	    {"a request soon after", test_request_soon},
	    {"a request when its answer is forgotten", test_request_late},
	    {"a request when its answer is just forgotten", test_request_at_the_end},
	    {"the same, with a current key", test_request_late_with_current_key},
	    {"notification number 0", test_notification_number_0},
	    {"an old trigger", test_trigger},
	    {"an old notification", test_notification},
	    {"an old response", test_response},
	    {"an old response that nobody asked for", test_response_unasked},
	    {"a forged acknowledgement", test_forged_acknowledgement},
	    {"a forged status", test_forged_status},
	    {"a forged status before the challenge", test_forged_first_status},
	    {"a status of another transaction", test_status_of_another_transaction},
	    {"pending keys", test_pending_keys},
	    {"a stale nonce", test_stale_nonce},
	    {"nonces that are always stale", test_always_stale},
	    {"a registration in a used transaction", test_registration_again},
	    {"an impatient user", test_impatient_user},
	    {"everything everywhere", test_everything_everywhere},
	    {"one octet damaged", test_damage},
	    {"every combination of switches", test_switches},
	    {"acknowledged without freshness", test_acknowledged_without_freshness},
	    {"acknowledgements lost, without freshness", test_acknowledgements_lost_without_freshness},
	    {"new without freshness", test_new_without_freshness},
	    {"noise", test_noise},
	    {0},
	};

	wire_mode(argc > 1 ? argv[1] : "real");
	return suite_run("replays", cases);
}
