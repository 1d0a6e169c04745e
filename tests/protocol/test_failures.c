/* What PROTOCOL section 5 says of attacks on passwords, nonces and batteries: lockout, nonces that serve once, floods
 * of triggers, and a password that was changed after the installation. */
#include <string.h>

#include "models/protocol/keys.h"
#include "tests/protocol/story.h"

static const char no_user[] = "nobody@cpns.exampl"; /* as long as alice's name */

/* Does this flow prove the password to the server? The literal 6.3.2.1 does not. */
static bool proves(struct variant v)
{
	return v.flow != SECURE_PAN || v.hardened;
}

/* The PNE of 6.3.2.1 believes whoever installed it: `word` is wrong to the server alone. */
static void attempt(struct wire *w, struct variant v, const char *user, const char *word)
{
	if (v.flow == SECURE_PAN)
		wire_install(w, WIRE_PNE, user, word);
	go(w, v.flow, user, word);
	wire_run(w);
}

/* The request on the WAN that carries the proof, of the attempt made last. */
static const struct wire_message *last_proof(const struct wire *w)
{
	const struct wire_message *found = NULL;

	for (guint i = 0; i < w->messages->len; i++) {
		const struct wire_message *m = wire_at(w, (int)i);

		if (m->leg == WIRE_G_S && !m->copy && !m->forged &&
		    (m->msg.type == CPNS_REQUEST || m->msg.type == CPNS_REQUEST_FOR_PNE))
			found = m;
	}
	g_assert(found != NULL);
	return found;
}

/* Lockout */

/* Exactly so many wrong proofs one after another; then status 8 for a right one and a wrong one, at no cost. What
 * others do is not affected: another entity of the user, another user of the entity. */
static void lock_out(struct variant v, uint32_t lockout)
{
	enum wire_node entity = entity_of(v.flow);
	char story[40];
	struct wire w;

	g_snprintf(story, sizeof story, "lockout after %u", lockout);
	init(&w, v);
	w.rules.lockout = lockout;
	for (uint32_t k = 1; k <= lockout; k++) {
		attempt(&w, v, alice, wrong);
		EXPECT(last_status(&w) == CPNS_AUTHENTICATION_FAILED);
		EXPECT(last_proof(&w)->verdict == CPNS_BAD_PROOF);
		EXPECT(wire_failures(&w) == k);
	}
	for (unsigned right = 0; right < 2; right++) {
		int64_t from = w.now;

		attempt(&w, v, alice, right ? password : wrong);
		EXPECT(last_status(&w) == CPNS_LOCKED_OUT);
		EXPECT(last_proof(&w)->verdict == CPNS_REFUSED);
		EXPECT(wire_no_cryptography(&last_proof(&w)->ops));
		EXPECT(nothing_stored(&w) && nothing_issued(&w) && wire_idle(&w));
		EXPECT(w.now < from + WIRE_S(1)); /* a final refusal, believed at once */
		EXPECT(wire_failures(&w) == lockout);
	}
	wire_start(&w, WIRE_PNE2, alice, password);
	wire_run(&w);
	EXPECT(w.stored[WIRE_PNE2] == 1);
	if (entity == WIRE_PNE) {
		wire_ask(&w, alice, password);
		wire_run(&w);
		EXPECT(w.stored[WIRE_GW] == 1);
		wire_register(&w, CPNS_GW_SELF, CPNS_ID_PWD_REGISTRATION, "carol", "pw");
		wire_run(&w);
		wire_start(&w, WIRE_PNE, "carol", "pw");
		wire_run(&w);
		EXPECT(w.stored[WIRE_PNE] == 1);
	}
	wire_clear(&w);
}

static void test_lockout(void)
{
	for (unsigned i = 0; i < VARIANTS; i++)
		if (proves(variant(i))) {
			lock_out(variant(i), 1);
			lock_out(variant(i), 3);
		}
	lock_out((struct variant){INSECURE_PAN, true, false}, 100); /* NIST SP 800-63B 5.2.2 */
}

/* Never locked out where the rules say 0. */
static void test_no_lockout(void)
{
	static const char story[] = "no lockout";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire w;

		if (!proves(v))
			continue;
		init(&w, v);
		w.rules.lockout = 0;
		for (int k = 0; k < 5; k++)
			attempt(&w, v, alice, wrong);
		attempt(&w, v, alice, password);
		EXPECT(agreed(&w, v) && wire_idle(&w));
		wire_clear(&w);
	}
}

/* A right proof in between: only failures one after another count. */
static void test_right_in_between(void)
{
	static const char story[] = "a right proof in between";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire w;

		if (!proves(v))
			continue;
		init(&w, v);
		w.rules.lockout = 3;
		for (unsigned round = 1; round <= 3; round++) {
			attempt(&w, v, alice, wrong);
			attempt(&w, v, alice, wrong);
			EXPECT(wire_failures(&w) == 2);
			attempt(&w, v, alice, password);
			EXPECT(last_status(&w) == CPNS_SUCCESS && wire_failures(&w) == 0);
			EXPECT(w.stored[entity_of(v.flow)] == round);
		}
		wire_clear(&w);
	}
}

/* A right proof from the past, which anybody may have recorded, forgives nothing; nor does a request that proves
 * nothing. */
static void test_old_proof_in_between(void)
{
	static const char story[] = "an old right proof in between";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire w;

		if (!proves(v) || v.flow == INSECURE_PAN || (v.flow != SECURE_PAN && !v.challenge))
			continue; /* nothing in the request is fresh */
		init(&w, v);
		w.rules.lockout = 3;
		attempt(&w, v, alice, password);
		struct wire_message right = *last_proof(&w);

		attempt(&w, v, alice, wrong);
		attempt(&w, v, alice, wrong);
		wire_run_until(&w, w.now + WIRE_S(300));
		wire_replay(&w, &right);
		wire_run(&w);
		EXPECT(forged(&w)->verdict == CPNS_REPLAYED && last_status(&w) == CPNS_REPLAY);
		EXPECT(wire_failures(&w) == 2);
		attempt(&w, v, alice, wrong);
		attempt(&w, v, alice, password);
		EXPECT(last_status(&w) == CPNS_LOCKED_OUT && w.server.keys_issued == 1);
		wire_clear(&w);
	}
}

/* The same of a use by the password (C281), and of the literal 6.3.2.1, whose request proves nothing. */
static void test_no_proof_in_between(void)
{
	static const char story[] = "no new proof in between";

	for (unsigned literal = 0; literal < 2; literal++) {
		const struct variant v = {GATEWAY, !literal, true};
		struct wire_message m;
		struct wire w;

		init(&w, v);
		w.rules.lockout = 3;
		if (literal) {
			go(&w, PNE_UI, alice, wrong);
			wire_run(&w);
			go(&w, PNE_UI, alice, wrong);
			wire_run(&w);
			wire_install(&w, WIRE_PNE, alice, password);
			go(&w, SECURE_PAN, alice, password);
			wire_run(&w);
			EXPECT(w.stored[WIRE_PNE] == 1);
		} else {
			wire_use(&w, WIRE_GW, alice, password);
			wire_run(&w);
			EXPECT(w.used[WIRE_GW] == 1);
			m = copy_of(&w, WIRE_G_S, CPNS_USE_PROOF, 1);
			wire_use(&w, WIRE_GW, alice, wrong);
			wire_run(&w);
			wire_use(&w, WIRE_GW, alice, wrong);
			wire_run(&w);
			wire_run_until(&w, w.now + WIRE_S(300));
			wire_replay(&w, &m);
			wire_run(&w);
			EXPECT(last_status(&w) == CPNS_REPLAY);
		}
		EXPECT(wire_failures(&w) == 2);
		wire_clear(&w);
	}
}

/* A new registration forgives: the password may be another one by now, and so many wrong ones are allowed again. */
static void test_registration_forgives(void)
{
	static const char story[] = "a registration forgives";
	static const char other[] = "another battery";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire w;

		if (!proves(v))
			continue;
		init(&w, v);
		w.rules.lockout = 2;
		for (int k = 0; k < 3; k++)
			attempt(&w, v, alice, wrong);
		EXPECT(last_status(&w) == CPNS_LOCKED_OUT);
		wire_register(&w, CPNS_GW_SELF, CPNS_ID_PWD_REGISTRATION, alice, other);
		wire_run(&w);
		attempt(&w, v, alice, wrong);
		EXPECT(last_status(&w) == CPNS_AUTHENTICATION_FAILED);
		attempt(&w, v, alice, other);
		EXPECT(agreed(&w, v) && last_status(&w) == CPNS_SUCCESS);
		for (int k = 0; k < 3; k++)
			attempt(&w, v, alice, wrong);
		EXPECT(last_status(&w) == CPNS_LOCKED_OUT);
		wire_clear(&w);
	}
}

/* A wrong request that comes several times is one failure; a locked-out one is answered in the same octets too. */
static void test_repeated_failures(void)
{
	static const char story[] = "failures that come twice";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire w;

		if (!proves(v))
			continue;
		init(&w, v);
		w.rules.lockout = 3;
		wire_hook(&w, WIRE_G_S, (enum cpns_type)0, 0, WIRE_REPEAT, WIRE_MS(1));
		for (unsigned k = 1; k <= 4; k++) {
			attempt(&w, v, alice, wrong);
			EXPECT(wire_failures(&w) == MIN(k, 3));
		}
		EXPECT(last_status(&w) == CPNS_LOCKED_OUT);
		EXPECT(repeats_faithfully(&w) && repetitions_are_free(&w));
		for (guint k = 0; k < w.messages->len; k++)
			if (wire_at(&w, (int)k)->copy)
				EXPECT(wire_at(&w, (int)k)->verdict == CPNS_DUPLICATE);
		wire_clear(&w);
	}
}

/* A user whom the server does not know is locked out at the same moment, in the same octets, for the same work. */
static void test_unknown_user(void)
{
	static const char story[] = "an unknown user is locked out";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire known, w;

		if (!proves(v))
			continue;
		init(&known, v);
		init(&w, v);
		known.rules.lockout = w.rules.lockout = 3;
		for (int k = 0; k < 5; k++) {
			attempt(&known, v, alice, wrong);
			attempt(&w, v, no_user, wrong);
			EXPECT(last_status(&w) == (k < 3 ? CPNS_AUTHENTICATION_FAILED : CPNS_LOCKED_OUT));
		}
		EXPECT(w.messages->len == known.messages->len);
		for (guint k = 0; k < MIN(w.messages->len, known.messages->len); k++) {
			const struct wire_message *a = wire_at(&w, (int)k), *b = wire_at(&known, (int)k);

			EXPECT(a->leg == b->leg && a->sent_at == b->sent_at && a->verdict == b->verdict);
			if (a->leg == WIRE_S_G)
				EXPECT(same_bytes(a, b));
			if (a->leg == WIRE_G_S)
				EXPECT(memcmp(&a->ops, &b->ops, sizeof a->ops) == 0);
		}
		EXPECT(nothing_stored(&w) && nothing_issued(&w) && wire_idle(&w));
		wire_clear(&known);
		wire_clear(&w);
	}
}

/* Nonces */

/* Flows with a challenge round. */
static bool challenged(struct variant v)
{
	return v.challenge && (v.flow == PNE_UI || v.flow == GATEWAY);
}

/* Somebody asks for a challenge in the entity's name, as often as he likes and at any moment of its own round. */
static void test_strangers_challenge(void)
{
	for (unsigned i = 0; i < VARIANTS; i++)
		for (int64_t when = 0; when <= WIRE_MS(250); when += WIRE_MS(10)) {
			struct variant v = variant(i);
			char story[60];
			struct wire calm, w;

			if (!challenged(v))
				continue;
			g_snprintf(story, sizeof story, "a stranger asks after %d ms", (int)(when / WIRE_MS(1)));
			init(&calm, v);
			go(&calm, v.flow, alice, password);
			wire_run(&calm);
			init(&w, v);
			go(&w, v.flow, alice, password);
			wire_run_until(&w, when);
			struct wire_message m = copy_of(&calm, WIRE_G_S, CPNS_REQUEST, 1);

			for (uint32_t k = 0; k < 20; k++) {
				cpns_put32(m.bytes + 3, 1000 + k);
				wire_replay(&w, &m);
			}
			wire_run(&w);
			EXPECT(agreed(&w, v) && wire_idle(&w) && w.server.keys_issued == 1);
			EXPECT(w.stored_at == calm.stored_at && wire_failures(&w) == 0);
			EXPECT(wire_status(answer_to(&w, forged(&w))) == CPNS_CHALLENGE);
			wire_clear(&w);
			wire_clear(&calm);
		}
}

/* A request with a valid proof over this nonce, in a transaction of its own, put before the server; what it says. */
static int ask_with(struct wire *w, struct variant v, const uint8_t nonce[16], uint32_t transaction)
{
	enum wire_node entity = entity_of(v.flow);
	struct cpns_octets id = entity == WIRE_GW ? cpns_gw_entity_id(&w->gw.self) : w->pne[entity].id,
			   fresh = {nonce, 16};
	struct cpns_names who = {wire_octets(alice), id};
	struct cpns_msg msg = {.type = CPNS_REQUEST, .transaction = transaction};
	uint8_t rand_pne[16] = {9, (uint8_t)transaction}, prk[CPNS_HASH], proof[CPNS_HASH], bytes[CPNS_MESSAGE_MAX];
	struct cpns_ops ops = {0};
	struct cpns_work work = {w->crypto, &ops};

	cpns_msg_set(&msg, CPNS_USER_ID, alice, strlen(alice));
	cpns_msg_set(&msg, CPNS_ENTITY_ID, id.at, id.n);
	cpns_msg_set(&msg, CPNS_RAND_PNE, rand_pne, 16);
	cpns_msg_set(&msg, CPNS_NONCE, nonce, 16);
	if (v.hardened) {
		cpns_prk(work, w->alice->pwh, prk);
		cpns_request_proof(work, prk, &who, rand_pne, fresh, proof);
		cpns_msg_set(&msg, CPNS_AUTH_DATA, proof, CPNS_TAG);
	} else {
		cpns_digest(work, &w->rules, w->alice->pwh, &who, fresh, rand_pne, proof);
		cpns_msg_set(&msg, CPNS_DIGEST, proof, CPNS_HASH);
	}
	wire_inject(w, WIRE_G_S, entity == WIRE_GW ? CPNS_GW_SELF : (uint32_t)entity, bytes,
		    cpns_msg_encode(&msg, bytes));
	wire_run(w);
	return wire_status(answer_to(w, forged(w)));
}

static void nonce_of(const struct wire *w, unsigned k, uint8_t nonce[16])
{
	const struct wire_message *m = wire_find(w, WIRE_S_G, CPNS_RESPONSE, k);

	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_TRUE_FATAL(cpns_msg_has(&m->msg, CPNS_NONCE));
	memcpy(nonce, cpns_msg_at(&m->msg, CPNS_NONCE), 16);
}

/* A nonce serves once, whatever else is new in the request; and one that is older than it does not serve any more. */
static void test_nonce_serves_once(void)
{
	static const char story[] = "a nonce that has served";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		uint8_t older[16], nonce[16], newer[16];
		struct wire w;

		if (!challenged(v))
			continue;
		init(&w, v);
		go(&w, v.flow, alice, wrong);
		wire_run(&w);
		nonce_of(&w, 1, older);
		w.now += WIRE_S(1);
		go(&w, v.flow, alice, password);
		wire_run(&w);
		nonce_of(&w, 3, nonce);
		EXPECT(memcmp(older, nonce, 16) != 0);
		EXPECT(agreed(&w, v) && w.server.keys_issued == 1);

		EXPECT(ask_with(&w, v, nonce, 500) == CPNS_REPLAY && forged(&w)->verdict == CPNS_REPLAYED);
		EXPECT(ask_with(&w, v, older, 501) == CPNS_REPLAY && forged(&w)->verdict == CPNS_REPLAYED);
		EXPECT(w.server.keys_issued == 1 && wire_failures(&w) == 0);
		/* it was not the proof: over a newer nonce, asked for by anybody, it is taken */
		struct wire_message first = copy_of(&w, WIRE_G_S, CPNS_REQUEST, 1);

		cpns_put32(first.bytes + 3, 600);
		wire_replay(&w, &first);
		wire_run(&w);
		memcpy(newer, cpns_msg_at(&answer_to(&w, forged(&w))->msg, CPNS_NONCE), 16);
		EXPECT(ask_with(&w, v, newer, 502) == CPNS_SUCCESS && w.server.keys_issued == 2);
		EXPECT(wire_idle(&w));
		wire_clear(&w);
	}
}

/* A nonce made for another entity, by nobody, or too long ago is stale, though its proof is right. */
static void test_stale(void)
{
	static const char story[] = "a stale nonce";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		uint8_t own[16], other[16];
		struct wire w;

		if (!challenged(v))
			continue;
		init(&w, v);
		wire_run_until(&w, WIRE_S(5));
		wire_start(&w, WIRE_PNE2, alice, wrong);
		wire_run(&w);
		nonce_of(&w, 1, other);
		go(&w, v.flow, alice, wrong);
		wire_run(&w);
		nonce_of(&w, 3, own);
		EXPECT(ask_with(&w, v, other, 500) == CPNS_STALE_NONCE);
		for (unsigned at = 0; at < 16; at++) {
			own[at] ^= 1;
			EXPECT(ask_with(&w, v, own, 501 + at) == CPNS_STALE_NONCE);
			EXPECT(forged(&w)->verdict == CPNS_REPLAYED);
			own[at] ^= 1;
		}
		EXPECT(nothing_issued(&w));
		EXPECT(ask_with(&w, v, own, 600) == CPNS_SUCCESS && w.server.keys_issued == 1);
		wire_clear(&w);

		init(&w, v);
		go(&w, v.flow, alice, wrong);
		wire_run_until(&w, WIRE_MS(60));
		nonce_of(&w, 1, own);
		int64_t made = wire_find(&w, WIRE_S_G, CPNS_RESPONSE, 1)->sent_at;

		wire_run_until(&w, made + CPNS_EXCHANGE_LIFETIME);
		EXPECT(ask_with(&w, v, own, 700) == CPNS_STALE_NONCE && nothing_issued(&w));
		wire_clear(&w);
	}
}

/* The challenge is changed on the way: the proof is right but over a nonce that nobody made. Status 11, and the
 * entity begins anew without its user. */
static void test_changed_challenge(void)
{
	for (unsigned i = 0; i < VARIANTS; i++)
		for (unsigned at = 0; at < 16; at++) {
			static const char story[] = "the nonce is changed on the way";
			struct variant v = variant(i);
			struct wire w, calm;

			if (!challenged(v))
				continue;
			init(&calm, v);
			go(&calm, v.flow, alice, password);
			wire_run(&calm);
			struct wire_message m = copy_of(&calm, WIRE_S_G, CPNS_RESPONSE, 1);
			int64_t where = cpns_msg_at(&wire_find(&calm, WIRE_S_G, CPNS_RESPONSE, 1)->msg, CPNS_NONCE) -
					wire_find(&calm, WIRE_S_G, CPNS_RESPONSE, 1)->bytes;

			EXPECT(m.msg.type == CPNS_RESPONSE);
			init(&w, v);
			wire_hook(&w, WIRE_S_G, CPNS_RESPONSE, 1, WIRE_CORRUPT, where + at);
			go(&w, v.flow, alice, password);
			wire_run(&w);
			EXPECT(wire_status(wire_find(&w, WIRE_S_G, CPNS_RESPONSE, 2)) == CPNS_STALE_NONCE);
			EXPECT(agreed(&w, v) && wire_idle(&w) && w.server.keys_issued == 1);
			EXPECT(w.stored_at == 2 * calm.stored_at && wire_failures(&w) == 0);
			wire_clear(&w);
			wire_clear(&calm);
		}
}

/* Forged copies */

/* A copy of the request that proves the password, with one octet of what it holds changed, comes before the genuine
 * one, and its answer does not reach anybody. The genuine one is answered as if it had come alone. */
static void test_forged_before(void)
{
	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		enum cpns_type type = v.flow == INSECURE_PAN ? CPNS_REQUEST_FOR_PNE : CPNS_REQUEST;
		enum cpns_type answer = v.flow == INSECURE_PAN ? CPNS_RESPONSE_FOR_PNE : CPNS_RESPONSE;
		unsigned k = challenged(v) ? 2 : 1;
		struct wire calm;

		if (!proves(v))
			continue;
		init(&calm, v);
		go(&calm, v.flow, alice, password);
		wire_run(&calm);
		const struct wire_message *genuine = wire_find(&calm, WIRE_G_S, type, k);

		for (unsigned f = 0; f < CPNS_FIELDS; f++) {
			struct cpns_octets field = cpns_msg_get(&genuine->msg, f);

			if (field.at == NULL || f == CPNS_ENTITY_ID)
				continue;
			for (size_t at = 0; at < field.n; at++) {
				char story[80];
				struct wire w;

				g_snprintf(story, sizeof story, "forged before: octet %zu of %s", at,
					   cpns_field_name((enum cpns_field)f));
				init(&w, v);
				go(&w, v.flow, alice, password);
				while (wire_find(&w, WIRE_G_S, type, k) == NULL)
					wire_run_until(&w, w.now + WIRE_MS(1));
				struct wire_message m = copy_of(&w, WIRE_G_S, type, k);

				m.bytes[field.at - genuine->bytes + (ptrdiff_t)at] ^= 1;
				wire_hook(&w, WIRE_S_G, answer, 1, WIRE_LOSE, 0); /* counted from now on */
				wire_replay(&w, &m);
				wire_run(&w);
				EXPECT(forged(&w)->verdict == CPNS_BAD_PROOF);
				EXPECT(agreed(&w, v) && wire_idle(&w) && w.server.keys_issued == 1);
				EXPECT(w.stored_at == calm.stored_at);
				wire_clear(&w);
			}
		}
		wire_clear(&calm);
	}
}

/* Triggers */

/* A trigger of somebody who does not know the password, with a counter beyond all that were ever sent. */
static void forge_trigger(struct wire *w, uint32_t number)
{
	static const uint8_t nonsense[CPNS_TAG] = {4, 2};
	struct cpns_msg msg = {.type = CPNS_TRIGGER, .transaction = 5000 + number};
	uint8_t rand_t[16] = {0x70}, bytes[CPNS_MESSAGE_MAX];

	cpns_put32(rand_t + 4, number);
	cpns_msg_set(&msg, CPNS_USER_ID, alice, strlen(alice));
	cpns_msg_set(&msg, CPNS_GW_ID, w->gw.self.id, w->gw.self.id_n);
	cpns_msg_set(&msg, CPNS_RAND_T, rand_t, 16);
	cpns_msg_set(&msg, CPNS_AUTH_DATA, nonsense, CPNS_TAG);
	wire_inject(w, WIRE_G_P, WIRE_PNE, bytes, cpns_msg_encode(&msg, bytes));
	wire_run_until(w, w->now);
}

/* Step 0 done, or run before the flood. */
static void prepare(struct wire *w, struct variant v, bool step_0)
{
	if (step_0)
		init_step_0(w, v);
	else
		init(w, v);
	go(w, v.flow, alice, password);
	wire_run_until(w, WIRE_S(10));
}

/* Four in a row are verified; from then on one a second, and the others cost nothing. */
static void test_flood(void)
{
	static const char story[] = "a flood of triggers";

	for (unsigned i = 0; i < 4; i++) {
		struct variant v = {SECURE_PAN, i & 1, false};
		int64_t verified_at = 0;
		uint64_t counter;
		struct wire w;

		prepare(&w, v, i & 2);
		EXPECT(agreed(&w, v));
		counter = w.pne[WIRE_PNE].trigger_counter;
		for (uint32_t k = 0; k < 100; k++) {
			bool verified = k < 4 || w.now - verified_at >= WIRE_S(1);

			forge_trigger(&w, k);
			EXPECT(forged(&w)->verdict == (verified ? CPNS_BAD_PROOF : CPNS_THROTTLED));
			EXPECT(wire_no_cryptography(&forged(&w)->ops) == !verified && forged(&w)->answer < 0);
			if (verified)
				verified_at = w.now;
			wire_run_until(&w, w.now + WIRE_MS(70));
		}
		EXPECT(w.pne[WIRE_PNE].trigger_counter == counter);
		EXPECT(w.stored[WIRE_PNE] == 1 && wire_idle(&w));

		/* exactly a second after the last one that was verified */
		wire_run_until(&w, w.now + WIRE_S(2));
		forge_trigger(&w, 200);
		EXPECT(forged(&w)->verdict == CPNS_BAD_PROOF);
		wire_run_until(&w, w.now + WIRE_S(1) - 1);
		forge_trigger(&w, 201);
		EXPECT(forged(&w)->verdict == CPNS_THROTTLED);
		wire_run_until(&w, w.now + 1);
		forge_trigger(&w, 202);
		EXPECT(forged(&w)->verdict == CPNS_BAD_PROOF);
		wire_clear(&w);
	}
}

/* The genuine trigger comes at any moment of a flood of two seconds: dropped unseen if it must be, it is repeated,
 * and the assignment completes; and then four in a row are verified again. */
static void test_genuine_in_a_flood(void)
{
	for (unsigned i = 0; i < 4; i++)
		for (int64_t when = 0; when < WIRE_S(2); when += WIRE_MS(100)) {
			struct variant v = {SECURE_PAN, i & 1, false};
			unsigned throttled = 0;
			char story[60];
			struct wire w;

			g_snprintf(story, sizeof story, "a trigger after %d ms of a flood", (int)(when / WIRE_MS(1)));
			prepare(&w, v, i & 2);
			int64_t from = w.now;

			for (uint32_t k = 0; w.now < from + WIRE_S(2); k++) {
				if (w.now == from + when)
					go(&w, v.flow, alice, password);
				forge_trigger(&w, k);
				wire_run_until(&w, w.now + WIRE_MS(20));
			}
			wire_run(&w);
			EXPECT(w.stored[WIRE_PNE] == 2 && wire_idle(&w));
			EXPECT(w.stored_at <= from + when + WIRE_S(6) + WIRE_S(1));
			for (guint k = 0; k < w.messages->len; k++)
				throttled +=
				    !wire_at(&w, (int)k)->forged && wire_at(&w, (int)k)->verdict == CPNS_THROTTLED;
			EXPECT(throttled <= 2);
			go(&w, v.flow, alice, password);
			wire_run(&w);
			EXPECT(w.stored[WIRE_PNE] == 3);
			for (uint32_t k = 0; k < 5; k++) {
				forge_trigger(&w, 300 + k);
				EXPECT(forged(&w)->verdict == (k < 4 ? CPNS_BAD_PROOF : CPNS_THROTTLED));
			}
			wire_clear(&w);
		}
}

/* Not in a row: the user's own trigger in between lets each of them be verified. What is old is no failure. */
static void test_not_in_a_row(void)
{
	static const char story[] = "not in a row";

	for (unsigned hard = 0; hard < 2; hard++) {
		struct variant v = {SECURE_PAN, hard, false};
		struct wire w;

		prepare(&w, v, false);
		for (unsigned round = 0; round < 4; round++) {
			struct wire_message old = copy_of(&w, WIRE_G_P, CPNS_TRIGGER, 1);

			for (uint32_t k = 0; k < 3; k++) {
				forge_trigger(&w, 10 * round + k);
				EXPECT(forged(&w)->verdict == CPNS_BAD_PROOF);
				wire_replay(&w, &old);
				wire_run_until(&w, w.now);
				EXPECT(forged(&w)->verdict == CPNS_REPLAYED);
				EXPECT(wire_no_cryptography(&forged(&w)->ops));
			}
			go(&w, v.flow, alice, password);
			wire_run(&w);
			EXPECT(w.stored[WIRE_PNE] == round + 2);
		}
		wire_clear(&w);
	}
}

/* The password was changed at the server after the installation. The next request is refused, status 3, and the PN GW
 * then installs anew: with the new password it completes. */
static void test_changed_password(void)
{
	static const char story[] = "password changed after installation";
	static const char other[] = "another battery";

	for (unsigned step_0 = 0; step_0 < 2; step_0++) {
		struct variant v = {SECURE_PAN, true, false};
		struct wire w;

		prepare(&w, v, step_0);
		EXPECT(agreed(&w, v) && wire_count(&w, WIRE_G_P, CPNS_INSTALLATION_REQUEST) == 1);
		wire_register(&w, CPNS_GW_SELF, CPNS_ID_PWD_REGISTRATION, alice, other);
		wire_run(&w);
		go(&w, v.flow, alice, password);
		wire_run(&w);
		EXPECT(last_status(&w) == CPNS_AUTHENTICATION_FAILED && w.stored[WIRE_PNE] == 1);
		EXPECT(wire_find(&w, WIRE_G_P, CPNS_RESPONSE, 2) != NULL);
		EXPECT(wire_count(&w, WIRE_G_P, CPNS_INSTALLATION_REQUEST) == 1 && wire_idle(&w));
		go(&w, v.flow, alice, other);
		wire_run(&w);
		EXPECT(wire_count(&w, WIRE_G_P, CPNS_INSTALLATION_REQUEST) == 2);
		EXPECT(w.stored[WIRE_PNE] == 2 && wire_pending(&w, WIRE_PNE) && wire_idle(&w));
		go(&w, v.flow, alice, other); /* once is enough */
		wire_run(&w);
		EXPECT(wire_count(&w, WIRE_G_P, CPNS_INSTALLATION_REQUEST) == 2 && w.stored[WIRE_PNE] == 3);
		wire_clear(&w);
	}
}

/* A rogue PN GW makes a request for a PNE of the one that the PNE has made for itself, proof and all: for that it
 * would be given the Temporary Key and the EUKey in clear. */
static void test_another_type(void)
{
	static const char story[] = "a request made into one of another type";
	struct variant v = {PNE_UI, true, false};
	struct wire w;

	init(&w, v);
	wire_hook(&w, WIRE_G_S, CPNS_REQUEST, 0, WIRE_LOSE, 0);
	go(&w, v.flow, alice, password);
	wire_run_until(&w, WIRE_MS(500));
	struct wire_message m = copy_of(&w, WIRE_G_S, CPNS_REQUEST, 1);

	m.bytes[1] = CPNS_REQUEST_FOR_PNE;
	wire_replay(&w, &m);
	wire_run_until(&w, WIRE_MS(1000));
	const struct wire_message *answer = answer_to(&w, forged(&w));

	EXPECT(forged(&w)->verdict == CPNS_BAD_PROOF);
	EXPECT(wire_status(answer) == CPNS_AUTHENTICATION_FAILED);
	EXPECT(!cpns_msg_has(&answer->msg, CPNS_TEMPORARY_KEY) && !cpns_msg_has(&answer->msg, CPNS_EUKEY));
	EXPECT(w.server.keys_issued == 0);
	wire_run(&w);
	wire_clear(&w);
}

/* A used request whose nonce comes as a RAND_T: it would be proved, new, and ahead of all triggers to come. */
static void test_nonce_as_rand_t(void)
{
	static const char story[] = "a nonce made into a RAND_T";
	struct variant v = {PNE_UI, true, true};
	struct wire w;
	struct cpns_msg msg;
	uint8_t bytes[CPNS_MESSAGE_MAX];

	init(&w, v);
	go(&w, v.flow, alice, password);
	wire_run(&w);
	struct wire_message m = copy_of(&w, WIRE_G_S, CPNS_REQUEST, 2);

	EXPECT(cpns_msg_decode(&msg, m.bytes, m.n));
	cpns_msg_set(&msg, CPNS_RAND_T, cpns_msg_at(&msg, CPNS_NONCE), 16);
	msg.has &= ~(1u << CPNS_NONCE);
	wire_run_until(&w, WIRE_S(300));
	wire_inject(&w, WIRE_G_S, WIRE_PNE, bytes, cpns_msg_encode(&msg, bytes));
	wire_run(&w);
	EXPECT(forged(&w)->verdict == CPNS_MALFORMED);
	EXPECT(w.server.keys_issued == 1 && w.record[WIRE_PNE]->trigger_counter == 0);
	wire_clear(&w);
}

int main(int argc, char **argv)
{
	static const struct suite_case cases[] = {
	    {"lockout", test_lockout},
	    {"no lockout", test_no_lockout},
	    {"a right proof in between", test_right_in_between},
	    {"an old right proof in between", test_old_proof_in_between},
	    {"no new proof in between", test_no_proof_in_between},
	    {"a registration forgives", test_registration_forgives},
	    {"failures that come twice", test_repeated_failures},
	    {"an unknown user is locked out", test_unknown_user},
	    {"a stranger's challenge", test_strangers_challenge},
	    {"a nonce serves once", test_nonce_serves_once},
	    {"stale nonces", test_stale},
	    {"a changed challenge", test_changed_challenge},
	    {"a forged copy comes first", test_forged_before},
	    {"a flood of triggers", test_flood},
	    {"a genuine trigger in a flood", test_genuine_in_a_flood},
	    {"failures not in a row", test_not_in_a_row},
	    {"password changed after installation", test_changed_password},
	    {"a request made into one of another type", test_another_type},
	    {"a nonce made into a RAND_T", test_nonce_as_rand_t},
	    {0},
	};

	wire_mode(argc > 1 ? argv[1] : "real");
	return suite_run("failures", cases);
}
