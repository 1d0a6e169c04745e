/* What the machines do when things go wrong, told in virtual time. Unless a story says otherwise it ends with nothing
 * running and with no key on one side only. */
#include <string.h>

#include "tests/protocol/story.h"

/* Losses */

/* One message is lost: whoever waits asks again after its first timeout, and all is as without the loss, only later.
 */
static void lose_one(struct variant v, const struct wire *calm, int index)
{
	const struct wire_message *m = wire_at(calm, index);
	const char *story = name_step(calm, index, "is lost");
	enum wire_node entity = entity_of(v.flow);
	bool installing = m->msg.type == CPNS_INSTALLATION_REQUEST || m->msg.type == CPNS_INSTALLATION_RESPONSE;
	int64_t late = installing ? WIRE_S(10) : m->msg.type == CPNS_NOTIFICATION_ACK ? 0 : WIRE_S(2);
	struct wire w;

	init(&w, v);
	wire_hook(&w, m->leg, m->msg.type, ordinal(calm, index), WIRE_LOSE, 0);
	go(&w, v.flow, alice, password);
	wire_run(&w);
	EXPECT(wire_idle(&w));
	EXPECT(w.server.keys_issued == 1);
	EXPECT(repeats_faithfully(&w));
	EXPECT(repetitions_are_free(&w));
	EXPECT(same_work(&w.ops[WIRE_SERVER], &calm->ops[WIRE_SERVER]));
	if (m->msg.type == CPNS_NOTIFICATION && !v.hardened) {
		/* 6.3.2.2 has no acknowledgement: the server believes that the PNE is keyed, and nobody notices */
		EXPECT(nothing_stored(&w));
		EXPECT(wire_diverged(&w, entity));
		EXPECT(w.now == calm->now); /* one first timeout after sending */
	} else {
		EXPECT(agreed(&w, v));
		EXPECT(w.stored_at == calm->stored_at + late);
	}
	wire_clear(&w);
}

static void test_losses(void)
{
	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire calm;

		init(&calm, v);
		go(&calm, v.flow, alice, password);
		wire_run(&calm);
		for (int k = 0; k < (int)calm.messages->len; k++)
			lose_one(v, &calm, k);
		wire_clear(&calm);
	}
}

/* Repetitions */

/* One message arrives twice: nothing is computed again, and what is answered again is answered in the same octets. */
static void repeat_one(struct variant v, const struct wire *calm, int index, int64_t gap)
{
	const struct wire_message *m = wire_at(calm, index);
	const char *story = name_step(calm, index, gap < WIRE_S(1) ? "comes twice" : "comes again much later");
	struct wire w;

	init(&w, v);
	wire_hook(&w, m->leg, m->msg.type, ordinal(calm, index), WIRE_REPEAT, gap);
	go(&w, v.flow, alice, password);
	wire_run(&w);
	EXPECT(wire_idle(&w));
	EXPECT(w.server.keys_issued == 1);
	EXPECT(agreed(&w, v));
	EXPECT(w.stored_at == calm->stored_at);
	EXPECT(repeats_faithfully(&w));
	EXPECT(repetitions_are_free(&w));
	for (int node = 0; node < WIRE_NODES; node++)
		EXPECT(same_work(&w.ops[node], &calm->ops[node]));
	for (guint i = 1; i < w.messages->len; i++) {
		const struct wire_message *copy = wire_at(&w, (int)i), *first = wire_at(&w, (int)i - 1);

		if (!copy->copy)
			continue;
		EXPECT(copy->handled);
		if (copy->answer >= 0 && first->answer >= 0)
			EXPECT(same_bytes(wire_at(&w, copy->answer), wire_at(&w, first->answer)));
		if (copy->leg == WIRE_G_S)
			EXPECT(copy->verdict == CPNS_DUPLICATE && copy->answer >= 0);
	}
	wire_clear(&w);
}

static void test_repetitions(void)
{
	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire calm;

		if (v.flow == INSECURE_PAN && !v.hardened)
			continue; /* a notification without freshness is taken each time: told below */
		init(&calm, v);
		go(&calm, v.flow, alice, password);
		wire_run(&calm);
		for (int k = 0; k < (int)calm.messages->len; k++) {
			repeat_one(v, &calm, k, WIRE_MS(1));
			repeat_one(v, &calm, k, WIRE_S(8));
		}
		wire_clear(&calm);
	}
}

/* The work on each message takes 100 ms and it comes again after 1 ms: whoever works on it drops the second one. */
static void test_while_being_worked_on(void)
{
	static const char story[] = "repeated while being worked on";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire calm;

		init(&calm, v);
		for (int node = 0; node < WIRE_NODES; node++)
			calm.work[node] = WIRE_MS(100);
		go(&calm, v.flow, alice, password);
		wire_run(&calm);
		for (int k = 0; k < (int)calm.messages->len; k++) {
			const struct wire_message *m = wire_at(&calm, k);
			bool worked_on = !wire_no_cryptography(&m->ops) && m->answer >= 0;
			struct wire w;

			if (!worked_on)
				continue;
			init(&w, v);
			for (int node = 0; node < WIRE_NODES; node++)
				w.work[node] = WIRE_MS(100);
			wire_hook(&w, m->leg, m->msg.type, ordinal(&calm, k), WIRE_REPEAT, WIRE_MS(1));
			go(&w, v.flow, alice, password);
			wire_run(&w);
			EXPECT(wire_idle(&w));
			EXPECT(agreed(&w, v));
			EXPECT(w.server.keys_issued == 1);
			EXPECT(w.messages->len == calm.messages->len + 1);
			for (int node = 0; node < WIRE_NODES; node++)
				EXPECT(same_work(&w.ops[node], &calm.ops[node]));
			for (guint c = 0; c < w.messages->len; c++) {
				const struct wire_message *copy = wire_at(&w, (int)c);

				if (copy->copy && m->msg.type != CPNS_RESPONSE &&
				    m->msg.type != CPNS_RESPONSE_FOR_PNE && m->msg.type != CPNS_INSTALLATION_RESPONSE)
					EXPECT(copy->verdict == CPNS_BUSY);
				EXPECT(!copy->copy || copy->answer < 0);
			}
			wire_clear(&w);
		}
		wire_clear(&calm);
	}
}

/* Giving up */

static void expect_times(const struct wire *w, struct variant v, const char *what, enum wire_leg leg,
			 enum cpns_type type, int64_t from, int64_t first)
{
	int64_t due = from, timeout = first;

	expect(wire_count(w, leg, type) == w->rules.retries + 1, "retries + 1 transmissions", __LINE__, __FILE__, w,
	       v, what);
	for (unsigned k = 1; k <= w->rules.retries + 1; k++, timeout *= 2) {
		const struct wire_message *m = wire_find(w, leg, type, k);

		if (m == NULL)
			return;
		expect(m->sent_at == due, "sent when due", __LINE__, __FILE__, w, v, what);
		due += timeout;
	}
	expect(w->now == due, "given up at the end of the last timeout", __LINE__, __FILE__, w, v, what);
}

/* Nothing arrives on a leg: 5 transmissions 2, 4, 8 and 16 s apart, given up 32 s after the last. */
static void test_giving_up(void)
{
	static const struct {
		enum flow flow;
		enum wire_leg leg;
		enum cpns_type type;
		bool installed;
		int64_t first;
	} cases[] = {
	    {PNE_UI, WIRE_P_G, CPNS_REQUEST, false, WIRE_S(2)},
	    {SECURE_PAN, WIRE_G_P, CPNS_INSTALLATION_REQUEST, false, WIRE_S(10)},
	    {SECURE_PAN, WIRE_G_P, CPNS_TRIGGER, true, WIRE_S(2)},
	    {INSECURE_PAN, WIRE_G_S, CPNS_REQUEST_FOR_PNE, false, WIRE_S(2)},
	    {GATEWAY, WIRE_G_S, CPNS_REQUEST, false, WIRE_S(2)},
	};
	static const unsigned retries[] = {4, 0, 1};
	const char *story = "nobody answers";

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (unsigned k = 0; k < 2 * sizeof retries / sizeof *retries; k++) {
			struct variant v = {cases[i].flow, k & 1, false};
			struct wire w;

			init(&w, v);
			w.rules.retries = retries[k / 2];
			w.work[WIRE_PNE] = w.work[WIRE_GW] = WIRE_MS(700);
			if (cases[i].installed)
				wire_install(&w, WIRE_PNE, alice, password);
			wire_hook(&w, cases[i].leg, cases[i].type, 0, WIRE_LOSE, 0);
			go(&w, v.flow, alice, password);
			wire_run(&w);
			EXPECT(wire_idle(&w));
			EXPECT(nothing_stored(&w));
			EXPECT(nothing_issued(&w));
			EXPECT(repeats_faithfully(&w) || cases[i].type == CPNS_TRIGGER);
			if (cases[i].type !=
			    CPNS_TRIGGER) /* the timer starts when the work is done; octets kept cost none */
				expect_times(&w, v, story, cases[i].leg, cases[i].type, WIRE_MS(700), cases[i].first);
			else
				EXPECT(wire_count(&w, WIRE_G_P, CPNS_TRIGGER) == w.rules.retries + 1);
			wire_clear(&w);
		}
}

/* A trigger is made anew for each repetition, whose work comes before its timer. */
static void test_giving_up_triggers(void)
{
	static const char story[] = "triggers are lost";

	for (unsigned hard = 0; hard < 2; hard++) {
		struct variant v = {SECURE_PAN, hard, false};
		struct wire w;

		init(&w, v);
		wire_install(&w, WIRE_PNE, alice, password);
		wire_hook(&w, WIRE_G_P, CPNS_TRIGGER, 0, WIRE_LOSE, 0);
		go(&w, v.flow, alice, password);
		wire_run(&w);
		expect_times(&w, v, story, WIRE_G_P, CPNS_TRIGGER, 0, WIRE_S(2));
		EXPECT(repeats_faithfully(&w));
		EXPECT(nothing_stored(&w) && nothing_issued(&w) && wire_idle(&w));
		wire_clear(&w);
	}
}

/* The acknowledgements are all lost: the notification goes out 5 times in the same octets, the PNE acknowledges each
 * time and keeps its one key. */
static void test_acknowledgements_lost(void)
{
	static const char story[] = "acknowledgements are lost";
	struct variant v = {INSECURE_PAN, true, false};
	struct wire w;

	init(&w, v);
	wire_hook(&w, WIRE_P_G, CPNS_NOTIFICATION_ACK, 0, WIRE_LOSE, 0);
	go(&w, v.flow, alice, password);
	wire_run(&w);
	EXPECT(wire_count(&w, WIRE_G_P, CPNS_NOTIFICATION) == 5);
	EXPECT(wire_count(&w, WIRE_P_G, CPNS_NOTIFICATION_ACK) == 5);
	EXPECT(repeats_faithfully(&w) && repetitions_are_free(&w));
	EXPECT(agreed(&w, v) && wire_idle(&w));
	wire_clear(&w);
}

/* With jitter each timeout is between once and 1.5 times its nominal length, and they differ. */
static void test_jitter(void)
{
	static const char story[] = "jitter";

	for (unsigned flow = 0; flow < FLOWS; flow++) {
		static const enum wire_leg legs[] = {WIRE_P_G, WIRE_G_P, WIRE_G_S, WIRE_G_S};
		struct variant v = {(enum flow)flow, true, false};
		int64_t nominal = flow == SECURE_PAN ? WIRE_S(10) : WIRE_S(2);
		bool exact = true;
		struct wire w;

		init(&w, v);
		w.rules.jitter = 1.5;
		wire_hook(&w, legs[flow], (enum cpns_type)0, 0, WIRE_LOSE, 0);
		go(&w, v.flow, alice, password);
		wire_run(&w);
		EXPECT(w.messages->len == 5);
		for (guint i = 0; i < w.messages->len; i++, nominal *= 2) {
			int64_t until = i + 1 < w.messages->len ? wire_at(&w, (int)i + 1)->sent_at : w.now;
			int64_t waited = until - wire_at(&w, (int)i)->sent_at;

			EXPECT(waited >= nominal && waited <= nominal + nominal / 2);
			exact = exact && waited == nominal;
		}
		EXPECT(!exact);
		EXPECT(w.same_draws == 0);
		wire_clear(&w);
	}
}

/* Refusals */

/* A wrong password creates no key, is counted once however often the request comes, and ends the assignment. */
static void test_wrong_password(void)
{
	static const char story[] = "wrong password";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire w;

		if (v.flow == SECURE_PAN)
			continue; /* the PNE notices first: told below */
		init(&w, v);
		go(&w, v.flow, alice, wrong);
		wire_run(&w);
		const struct wire_message *last =
		    wire_find(&w, WIRE_S_G, v.flow == INSECURE_PAN ? CPNS_RESPONSE_FOR_PNE : CPNS_RESPONSE,
			      v.challenge && v.flow != INSECURE_PAN ? 2 : 1);

		EXPECT(wire_status(last) == CPNS_AUTHENTICATION_FAILED);
		EXPECT(nothing_stored(&w));
		EXPECT(nothing_issued(&w));
		EXPECT(wire_failures(&w) == 1);
		EXPECT(wire_idle(&w));
		EXPECT(last != NULL && !cpns_msg_has(&last->msg, CPNS_ENC_EUKEY) &&
		       !cpns_msg_has(&last->msg, CPNS_EUKEY) && !cpns_msg_has(&last->msg, CPNS_TEMPORARY_KEY));

		/* the right one works at once */
		go(&w, v.flow, alice, password);
		wire_run(&w);
		EXPECT(agreed(&w, v));
		EXPECT(w.server.keys_issued == 1);
		wire_clear(&w);
	}
}

/* 6.3.2.1 step 8: a trigger of somebody who does not know the installed password is dropped; no request is made. */
static void test_foreign_trigger(void)
{
	static const char story[] = "trigger with a wrong password";

	for (unsigned hard = 0; hard < 2; hard++) {
		struct variant v = {SECURE_PAN, hard, false};
		struct wire w;

		init(&w, v);
		wire_install(&w, WIRE_PNE, alice, password);
		go(&w, v.flow, alice, wrong);
		wire_run(&w);
		EXPECT(wire_count(&w, WIRE_P_G, (enum cpns_type)0) == 0);
		EXPECT(wire_find(&w, WIRE_G_P, CPNS_TRIGGER, 1)->verdict == CPNS_BAD_PROOF);
		EXPECT(nothing_stored(&w) && nothing_issued(&w) && wire_idle(&w));
		go(&w, v.flow, "mallory@cpns.examp", wrong); /* and of another user */
		wire_run(&w);
		EXPECT(wire_count(&w, WIRE_P_G, (enum cpns_type)0) == 0);
		EXPECT(nothing_stored(&w) && nothing_issued(&w) && wire_idle(&w));
		wire_clear(&w);
	}
}

/* The user has changed the password at the server after the installation. Hardened: the server notices, status 3.
 * Literal: RAND_PNE proves nothing, the server issues a key that the PNE cannot open: it is current on one side only.
 */
static void test_changed_password(void)
{
	static const char story[] = "password changed after installation";

	for (unsigned hard = 0; hard < 2; hard++) {
		struct variant v = {SECURE_PAN, hard, false};
		struct wire w;

		init(&w, v);
		wire_install(&w, WIRE_PNE, alice, password);
		wire_know(&w, "another battery");
		go(&w, v.flow, alice, password);
		wire_run(&w);
		EXPECT(nothing_stored(&w));
		EXPECT(wire_idle(&w));
		EXPECT(w.server.keys_issued == !hard);
		EXPECT(wire_diverged(&w, WIRE_PNE) == !hard);
		EXPECT(wire_failures(&w) == hard);
		EXPECT(wire_status(wire_find(&w, WIRE_G_P, CPNS_RESPONSE, 1)) ==
		       (hard ? CPNS_AUTHENTICATION_FAILED : CPNS_SUCCESS));
		wire_clear(&w);
	}
}

/* A user whom the server does not know is answered in the same octets, and for the same work, as one who errs. */
static void test_unknown_user(void)
{
	static const char story[] = "unknown user";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire known, w;

		if (v.flow == SECURE_PAN && !v.hardened)
			continue; /* nothing is proved there, so nothing can be wrong but the user */
		init(&known, v);
		init(&w, v);
		if (v.flow == SECURE_PAN) {
			wire_install(&known, WIRE_PNE, alice, wrong);
			wire_install(&w, WIRE_PNE, "nobody@cpns.exampl", wrong);
		}
		go(&known, v.flow, alice, wrong);
		wire_run(&known);
		go(&w, v.flow, "nobody@cpns.exampl", wrong);
		wire_run(&w);
		EXPECT(w.messages->len == known.messages->len);
		for (guint k = 0; k < MIN(w.messages->len, known.messages->len); k++) {
			const struct wire_message *a = wire_at(&w, (int)k), *b = wire_at(&known, (int)k);

			EXPECT(a->leg == b->leg && a->sent_at == b->sent_at);
			if (a->leg == WIRE_S_G || (a->leg == WIRE_G_P && a->msg.type == CPNS_RESPONSE))
				EXPECT(same_bytes(a, b));
			if (a->leg == WIRE_G_S)
				EXPECT(memcmp(&a->ops, &b->ops, sizeof a->ops) == 0);
		}
		EXPECT(nothing_stored(&w) && nothing_issued(&w) && wire_idle(&w));
		wire_clear(&known);
		wire_clear(&w);
	}
}

/* The server does not know the PNE: status 4 where its owner or its Temporary Key is needed; otherwise it learns of
 * it. */
static void test_unknown_entity(void)
{
	static const char story[] = "unknown entity";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		bool refused = v.flow == INSECURE_PAN || (v.flow == SECURE_PAN && v.hardened);
		struct wire w;

		if (v.flow == GATEWAY)
			continue;
		init(&w, v);
		w.pne[WIRE_PNE2].id = wire_octets("pne:0009");
		w.entities[WIRE_PNE2] = cpns_gw_entity_of(w.pne[WIRE_PNE2].id, w.entities[WIRE_PNE2].pan.secret);
		if (v.flow == PNE_UI)
			wire_start(&w, WIRE_PNE2, alice, password);
		else if (v.flow == SECURE_PAN)
			wire_trigger(&w, WIRE_PNE2, alice, password);
		else
			wire_ask_for(&w, WIRE_PNE2, alice, password);
		wire_run(&w);
		EXPECT(last_status(&w) == (refused ? CPNS_UNKNOWN_ENTITY : CPNS_SUCCESS));
		EXPECT(w.server.keys_issued == !refused);
		EXPECT(w.stored[WIRE_PNE2] == !refused);
		EXPECT(wire_idle(&w));
		if (!refused) {
			const struct cpns_store *store = memory_store_interface(w.store);
			const struct cpns_entity *learnt = store->entity(store->self, wire_octets("pne:0009"), false);

			EXPECT(learnt != NULL && cpns_entity_has(learnt, w.pne[WIRE_PNE2].eukey));
		} else {
			EXPECT(w.now < WIRE_S(1)); /* a final refusal, believed at once */
		}
		wire_clear(&w);
	}
}

/* 6.3.2.2 without a Temporary Key at the server: status 9 and no key. At the PNE: it cannot read its notification. */
static void test_no_temporary_key(void)
{
	static const char story[] = "no Temporary Key";

	for (unsigned hard = 0; hard < 2; hard++) {
		struct variant v = {INSECURE_PAN, hard, false};
		struct wire w;

		init(&w, v);
		cpns_entity_set_tk(w.record[WIRE_PNE], (struct cpns_octets){NULL, 0});
		go(&w, v.flow, alice, password);
		wire_run(&w);
		EXPECT(last_status(&w) == CPNS_NO_TEMPORARY_KEY);
		EXPECT(wire_count(&w, WIRE_G_P, (enum cpns_type)0) == 0);
		EXPECT(nothing_stored(&w) && nothing_issued(&w) && wire_idle(&w));
		wire_clear(&w);

		for (unsigned other = 0; other < 2; other++) { /* none, or another one than the server's */
			static const uint8_t odd[16] = {9, 9};

			init(&w, v);
			w.pne[WIRE_PNE].tk = (struct cpns_octets){other ? odd : NULL, other ? sizeof odd : 0};
			go(&w, v.flow, alice, password);
			wire_run(&w);
			EXPECT(nothing_stored(&w) && wire_idle(&w));
			EXPECT(wire_count(&w, WIRE_P_G, (enum cpns_type)0) == 0);
			EXPECT(w.server.keys_issued == 1);
			EXPECT(wire_diverged(&w, WIRE_PNE) == !hard); /* a pending key alone is none */
			wire_clear(&w);
		}
	}
}

/* A PNE of somebody else. 6.3.2.x: status 5 with the check, the key goes through without. 6.3.1 has no such rule. */
static void test_foreign_entity(void)
{
	static const char story[] = "another user's PNE";

	for (unsigned i = 0; i < VARIANTS; i++)
		for (unsigned check = 0; check < 2; check++) {
			struct variant v = variant(i);
			bool refused = check && (v.flow == SECURE_PAN || v.flow == INSECURE_PAN);
			struct wire w;

			init(&w, v);
			w.rules.ownership_check = check;
			cpns_entity_set_owner(w.record[entity_of(v.flow)], wire_octets("bob@cpns.example"));
			go(&w, v.flow, alice, password);
			wire_run(&w);
			EXPECT(last_status(&w) == (refused ? CPNS_NOT_OWNER : CPNS_SUCCESS));
			EXPECT(refused ? nothing_stored(&w) && nothing_issued(&w) : agreed(&w, v));
			EXPECT(wire_idle(&w));
			EXPECT(wire_failures(&w) == 0);
			if (refused)
				EXPECT(w.now < WIRE_S(1));
			wire_clear(&w);
		}
}

/* A User ID that begins like the owner's is not the owner. */
static void test_almost_the_owner(void)
{
	static const char story[] = "almost the owner";
	static const char *const owners[] = {"alice@cpns.exampl", "alice@cpns.example.org", "alice@cpns.examplf", ""};

	for (size_t i = 0; i < 4; i++) {
		struct variant v = {INSECURE_PAN, true, false};
		struct wire w;

		init(&w, v);
		cpns_entity_set_owner(w.record[WIRE_PNE], wire_octets(owners[i]));
		go(&w, v.flow, alice, password);
		wire_run(&w);
		EXPECT(last_status(&w) == CPNS_NOT_OWNER);
		EXPECT(nothing_stored(&w) && nothing_issued(&w) && wire_idle(&w));
		wire_clear(&w);
	}
}

/* Registration */

static bool known(const struct wire *w, const char *user)
{
	const struct cpns_store *store = memory_store_interface(w->store);

	return store->user(store->self, wire_octets(user), false) != NULL;
}

/* C249: without step 0 there is no registration; nor under another session key than the server's. */
static void test_registration_without_session(void)
{
	static const uint8_t other[32] = {7};

	for (unsigned kind = 0; kind < 2; kind++)
		for (unsigned hard = 0; hard < 2; hard++)
			for (unsigned none = 0; none < 2; none++) {
				struct variant v = {kind ? SECURE_PAN : PNE_UI, hard, false};
				const char *story = none ? "no session" : "another session";
				struct wire w;

				init(&w, v);
				w.session.leg.secret = none ? NULL : other;
				wire_register(&w, WIRE_PNE, (enum cpns_registration)kind, "carol", password);
				wire_run(&w);
				EXPECT(wire_at(&w, 0)->verdict == (none ? CPNS_NO_SESSION : CPNS_BAD_PROOF));
				EXPECT(last_status(&w) > 0);
				EXPECT(w.registered == 0 && w.registration_failed == 1);
				EXPECT(!known(&w, "carol"));
				EXPECT(w.ops[WIRE_SERVER].pbkdf2_iterations == 0 && w.ops[WIRE_SERVER].sha256 == 0);
				EXPECT(wire_idle(&w));
				wire_clear(&w);
			}
}

/* A registration whose request or response is lost, comes twice, or comes twice while the server hashes. */
static void test_registration_troubles(void)
{
	static const struct {
		const char *story;
		enum wire_leg leg;
		enum wire_action action;
		int64_t argument, late;
	} cases[] = {
	    {"registration request lost", WIRE_G_S, WIRE_LOSE, 0, WIRE_S(2)},
	    {"registration response lost", WIRE_S_G, WIRE_LOSE, 0, WIRE_S(2)},
	    {"registration request twice", WIRE_G_S, WIRE_REPEAT, WIRE_S(1), 0},
	    {"registration request twice at once", WIRE_G_S, WIRE_REPEAT, WIRE_MS(1), 0},
	    {"registration response twice", WIRE_S_G, WIRE_REPEAT, WIRE_MS(1), 0},
	};

	for (unsigned kind = 0; kind < 2; kind++)
		for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
			struct variant v = {PNE_UI, true, false};
			const char *story = cases[i].story;
			struct wire w;

			init(&w, v);
			w.work[WIRE_SERVER] = WIRE_MS(100);
			wire_hook(&w, cases[i].leg, (enum cpns_type)0, 1, cases[i].action, cases[i].argument);
			wire_register(&w, WIRE_PNE, (enum cpns_registration)kind, "carol", password);
			wire_run(&w);
			EXPECT(w.registered == 1 && w.registration_failed == 0);
			EXPECT(known(&w, "carol"));
			EXPECT(repeats_faithfully(&w) && repetitions_are_free(&w));
			EXPECT(w.ops[WIRE_SERVER].pbkdf2_iterations == w.rules.iterations);
			EXPECT(w.ops[WIRE_SERVER].gcm == 1);
			EXPECT(wire_find(&w, WIRE_G_S, wire_at(&w, 0)->msg.type, 1 + (cases[i].late != 0)) != NULL);
			for (guint k = 0; k < w.messages->len; k++) {
				const struct wire_message *m = wire_at(&w, (int)k);
				bool soon = cases[i].argument < w.work[WIRE_SERVER];

				if (m->copy && m->leg == WIRE_G_S)
					EXPECT(m->verdict == (soon ? CPNS_BUSY : CPNS_DUPLICATE));
			}
			EXPECT(wire_idle(&w));
			wire_clear(&w);
		}
}

/* A server that is never reached: the registration has failed, 62 s later. */
static void test_registration_given_up(void)
{
	static const char story[] = "registration requests are lost";
	struct variant v = {PNE_UI, true, false};
	struct wire w;

	init(&w, v);
	wire_hook(&w, WIRE_G_S, (enum cpns_type)0, 0, WIRE_LOSE, 0);
	wire_register(&w, CPNS_GW_SELF, CPNS_ID_PWD_REGISTRATION, "carol", password);
	wire_run(&w);
	expect_times(&w, v, story, WIRE_G_S, CPNS_ID_PWD_REGISTRATION_REQUEST, 0, WIRE_S(2));
	EXPECT(w.registered == 0 && w.registration_failed == 1 && wire_idle(&w));
	wire_clear(&w);
}

/* 6.3.2.1 step 5: an Installation Request that the PNE cannot or should not obey leaves it as it was. */
static void test_refused_installation(void)
{
	static const struct {
		const char *story;
		int64_t at; /* from the end; its last 21 octets are HashParams: algorithm 1, iterations 4, salt 16 */
		enum cpns_verdict verdict;
	} cases[] = {
	    {"a thousand million iterations", -20, CPNS_MALFORMED},
	    {"an algorithm that nobody knows", -21, CPNS_MALFORMED},
	    {"a damaged password", -21 - 3 - 16 - 1, CPNS_BAD_PROOF},
	    {"a damaged tag", -21 - 3 - 1, CPNS_BAD_PROOF},
	};

	for (unsigned hard = 0; hard < 2; hard++)
		for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
			struct variant v = {SECURE_PAN, hard, false};
			const char *story = cases[i].story;
			struct wire w;

			init(&w, v);
			wire_hook(&w, WIRE_G_P, CPNS_INSTALLATION_REQUEST, 0, WIRE_CORRUPT, cases[i].at);
			go(&w, v.flow, alice, password);
			wire_run(&w);
			EXPECT(wire_at(&w, 0)->verdict == cases[i].verdict);
			EXPECT(w.ops[WIRE_PNE].pbkdf2_iterations == 0);
			EXPECT(w.pne[WIRE_PNE].account == NULL);
			EXPECT(wire_count(&w, WIRE_P_G, (enum cpns_type)0) == 0);
			EXPECT(wire_count(&w, WIRE_G_P, (enum cpns_type)0) == 5);
			EXPECT(nothing_stored(&w) && nothing_issued(&w) && wire_idle(&w));
			wire_clear(&w);
		}
	for (unsigned hard = 0; hard < 2; hard++) { /* a PNE without a session on its leg */
		static const char story[] = "no session on the PAN";
		struct variant v = {SECURE_PAN, hard, false};
		struct wire w;

		init(&w, v);
		w.pne[WIRE_PNE].pan.secret = NULL;
		go(&w, v.flow, alice, password);
		wire_run(&w);
		EXPECT(wire_at(&w, 0)->verdict == CPNS_NO_SESSION && wire_at(&w, 0)->answer < 0);
		EXPECT(w.pne[WIRE_PNE].account == NULL);
		EXPECT(nothing_stored(&w) && nothing_issued(&w) && wire_idle(&w));
		wire_clear(&w);
	}
}

/* Relaying keeps no state: a PN GW that begins anew at any moment of 6.3.1 changes nothing. */
static void test_forgetful_gateway(void)
{
	static const char story[] = "the PN GW begins anew";

	for (unsigned i = 0; i < 4; i++)
		for (int64_t when = 0; when < WIRE_MS(250); when += WIRE_MS(5)) {
			struct variant v = variant(i);
			struct wire w;

			init(&w, v);
			go(&w, v.flow, alice, password);
			wire_run_until(&w, when);
			struct cpns_leg session = w.gw.wan;

			cpns_gw_clear(&w.gw);
			cpns_gw_init(&w.gw, &w.rules, &w.env[WIRE_GW], wire_octets("gw:01"), w.entities, 2);
			w.gw.wan = session;
			wire_run(&w);
			EXPECT(agreed(&w, v) && wire_idle(&w));
			EXPECT(w.server.keys_issued == 1);
			EXPECT(w.now < WIRE_S(1));
			wire_clear(&w);
		}
}

/* Two PNEs ask, one after the other: each gets its own answer, in whatever order the answers come. */
static void test_two_pnes(void)
{
	static const char story[] = "two PNEs at once";

	for (unsigned hard = 0; hard < 2; hard++)
		for (int64_t apart = 0; apart <= WIRE_MS(100); apart += WIRE_MS(20)) {
			struct variant v = {PNE_UI, hard, true};
			struct wire w;

			init(&w, v);
			wire_start(&w, WIRE_PNE, alice, password);
			wire_run_until(&w, w.now + apart);
			wire_start(&w, WIRE_PNE2, alice, password);
			wire_run(&w);
			for (enum wire_node node = WIRE_PNE; node <= WIRE_PNE2; node++)
				EXPECT(hard ? wire_pending(&w, node) : wire_current(&w, node));
			EXPECT(w.server.keys_issued == 2 && w.now < WIRE_S(1));
			wire_clear(&w);
		}
}

int main(int argc, char **argv)
{
	static const struct suite_case cases[] = {
	    {"any one message is lost", test_losses},
	    {"any one message comes twice", test_repetitions},
	    {"it comes while the first is being worked on", test_while_being_worked_on},
	    {"nobody answers: back-off and giving up", test_giving_up},
	    {"triggers are lost", test_giving_up_triggers},
	    {"acknowledgements are lost", test_acknowledgements_lost},
	    {"jitter", test_jitter},
	    {"wrong password", test_wrong_password},
	    {"trigger of somebody else", test_foreign_trigger},
	    {"password changed after installation", test_changed_password},
	    {"unknown user", test_unknown_user},
	    {"unknown entity", test_unknown_entity},
	    {"no Temporary Key", test_no_temporary_key},
	    {"another user's PNE", test_foreign_entity},
	    {"almost the owner", test_almost_the_owner},
	    {"registration without a session", test_registration_without_session},
	    {"registration on a bad wire", test_registration_troubles},
	    {"registration given up", test_registration_given_up},
	    {"installation refused", test_refused_installation},
	    {"the PN GW begins anew", test_forgetful_gateway},
	    {"two PNEs at once", test_two_pnes},
	    {0},
	};

	wire_mode(argc > 1 ? argv[1] : "real");
	return suite_run("stories", cases);
}
