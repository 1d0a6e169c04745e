/* What becomes of EUKeys after their assignment: use, confirmation, sets that are delivered key by key, and what
 * losses, replays, damage and disagreement do to all that. */
#include <string.h>

#include "models/protocol/use_keys.h"
#include "tests/protocol/story.h"

/* What a set can be like. */
struct shape {
	bool independent, unsafe, carry_set;
	enum cpns_chain_strategy strategy;
	uint32_t cells;           /* of a holder */
	uint32_t gateway, server; /* what it hashes until all keys are used */
};

/* For sets of 4, with a checkpoint every 2: store-all 3 to build, seed 3 + 2 + 1, checkpoint 2 and 1 + 1 for each
 * segment, pebble 2 to build and 1 + 1, in the unsafe order 1 + 1 + 1. The PN GW does not build what comes whole; the
 * server hashes once more for each key that it does not hold when all of them travel. */
static const struct shape shapes[] = {
    {false, false, false, CPNS_STORE_ALL, 4, 3, 3},  {false, false, false, CPNS_SEED_ONLY, 1, 6, 6},
    {false, false, false, CPNS_CHECKPOINT, 3, 4, 4}, {false, false, false, CPNS_PEBBLE, 2, 4, 4},
    {false, false, true, CPNS_STORE_ALL, 4, 0, 3},   {false, false, true, CPNS_SEED_ONLY, 1, 6, 9},
    {false, false, true, CPNS_CHECKPOINT, 3, 2, 6},  {false, false, true, CPNS_PEBBLE, 2, 2, 6},
    {false, true, false, CPNS_STORE_ALL, 4, 3, 3},   {false, true, true, CPNS_SEED_ONLY, 1, 6, 9},
    {false, true, false, CPNS_CHECKPOINT, 2, 3, 3},  {false, true, true, CPNS_PEBBLE, 2, 3, 6},
    {true, false, true, CPNS_STORE_ALL, 4, 0, 0},
};

enum { SHAPES = sizeof shapes / sizeof shapes[0], N = 4 };

static void with_sets(struct wire *w, struct shape s, uint32_t window)
{
	w->rules.chain = (struct cpns_chain_rules){.length = N,
						   .independent = s.independent,
						   .unsafe = s.unsafe,
						   .carry_set = s.carry_set,
						   .strategy = s.strategy,
						   .spacing = 2,
						   .window = window};
}

static void assign(struct wire *w, struct variant v)
{
	go(w, v.flow, alice, password);
	wire_run(w);
}

static void use(struct wire *w, enum wire_node node)
{
	wire_use(w, node, alice, password);
	wire_run(w);
}

/* Which key of its set does the server hold the PNE's key to be? 0: none. */
static uint32_t index_of(const struct wire *w)
{
	struct cpns_held held = {.id = w->pne[0].id, .eukey = w->pne[0].eukey};
	struct cpns_chain_rules wide = w->rules.chain;
	struct cpns_candidate found;
	struct cpns_ops ops = {0};

	wide.window = N;
	return cpns_keyring_find(w->record[0], (struct cpns_work){w->crypto, &ops}, &wide, &held, &found)
		   ? found.index
		   : 0;
}

static const struct wire_message *last(const struct wire *w)
{
	return wire_at(w, (int)w->messages->len - 1);
}

/* Every flow's key is used in four messages a leg, and by that confirmed; a single key serves again and again. */
static void test_use(void)
{
	static const char story[] = "used";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		enum wire_node entity = entity_of(v.flow);
		struct wire w;

		init(&w, v);
		assign(&w, v);
		for (unsigned k = 1; k <= 3; k++) {
			unsigned pan = wire_count(&w, WIRE_P_G, 0) + wire_count(&w, WIRE_G_P, 0),
				 wan = wire_count(&w, WIRE_G_S, 0) + wire_count(&w, WIRE_S_G, 0);
			int64_t begun = w.now;

			use(&w, entity);
			EXPECT(w.used[entity] == k && w.refused[entity] == 0);
			EXPECT(w.now - begun == (v.flow == GATEWAY ? WIRE_MS(200) : WIRE_MS(240)));
			EXPECT(wire_count(&w, WIRE_P_G, 0) + wire_count(&w, WIRE_G_P, 0) - pan ==
			       (v.flow == GATEWAY ? 0 : 4));
			EXPECT(wire_count(&w, WIRE_G_S, 0) + wire_count(&w, WIRE_S_G, 0) - wan == 4);
			EXPECT(wire_current(&w, entity) && w.record[entity]->n_pending == 0);
			EXPECT(!wire_diverged(&w, entity) && wire_idle(&w));
		}
		EXPECT(w.stored[entity] == 1 && w.server.keys_issued == 1 && w.same_draws == 0);
		EXPECT(w.record[entity]->keyring == NULL); /* single keys take no more memory */
		wire_clear(&w);
	}
}

/* Each message of a use is lost once, then comes twice at once, and much later: it succeeds, once. */
static void test_losses(void)
{
	for (unsigned i = 0; i < VARIANTS; i++)
		for (int what = 0; what < 3; what++) {
			struct variant v = variant(i);
			enum wire_node entity = entity_of(v.flow);
			struct wire calm;

			init(&calm, v);
			assign(&calm, v);
			int first = (int)calm.messages->len;

			use(&calm, entity);
			for (int k = first; k < (int)calm.messages->len; k++) {
				const struct wire_message *m = wire_at(&calm, k);
				const char *story = name_step(&calm, k,
							      what == 0   ? "is lost"
							      : what == 1 ? "repeated"
									  : "late again");
				struct wire w;

				init(&w, v);
				w.work[WIRE_SERVER] = WIRE_MS(1);
				wire_hook(&w, m->leg, m->msg.type, 1, what == 0 ? WIRE_LOSE : WIRE_REPEAT,
					  what == 1 ? 0 : WIRE_S(20));
				assign(&w, v);
				use(&w, entity);
				EXPECT(w.used[entity] == 1 && w.refused[entity] == 0 && wire_idle(&w));
				EXPECT(wire_current(&w, entity) && w.stored[entity] == 1);
				EXPECT(repeats_faithfully(&w) && repetitions_are_free(&w));
				EXPECT(w.same_draws == 0);
				wire_clear(&w);
			}
			wire_clear(&calm);
		}
}

/* The server never answers: the use is given up, and nothing has changed. */
static void test_silence(void)
{
	static const char story[] = "no answer";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		enum wire_node entity = entity_of(v.flow);
		struct wire w;

		init(&w, v);
		assign(&w, v);
		wire_hook(&w, WIRE_S_G, 0, 0, WIRE_LOSE, 0);
		use(&w, entity);
		EXPECT(w.used[entity] == 0 && w.refused[entity] == 0 && wire_idle(&w));
		EXPECT(wire_count(&w, WIRE_G_S, CPNS_USE_REQUEST) == w.rules.retries + 1);
		EXPECT(agreed(&w, v));
		wire_clear(&w);
	}
}

/* Their keys differ: the server refuses, confirms nothing, and the entity knows that it needs a new one, by which all
 * is well again. */
static void test_other_key(void)
{
	static const char story[] = "the key differs from the server's";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		enum wire_node entity = entity_of(v.flow);
		struct wire w;

		init(&w, v);
		assign(&w, v);
		(entity == WIRE_GW ? w.gw.eukey : w.pne[WIRE_PNE].eukey)[5] ^= 1;
		use(&w, entity);
		EXPECT(w.used[entity] == 0 && w.refused[entity] == 1);
		EXPECT(wire_status(wire_find(&w, WIRE_S_G, CPNS_USE_RESULT, 1)) == CPNS_AUTHENTICATION_FAILED);
		EXPECT(w.record[entity]->keyed == !v.hardened && w.record[entity]->n_pending == v.hardened);
		EXPECT(wire_diverged(&w, entity) && wire_idle(&w) && wire_failures(&w) == 0);
		EXPECT(entity == WIRE_GW ? cpns_gw_needs_key(&w.gw) : cpns_pne_needs_key(&w.pne[WIRE_PNE]));
		w.now += WIRE_S(300);
		assign(&w, v);
		EXPECT(entity == WIRE_GW ? !cpns_gw_needs_key(&w.gw) : !cpns_pne_needs_key(&w.pne[WIRE_PNE]));
		use(&w, entity);
		EXPECT(w.used[entity] == 1 && wire_current(&w, entity));
		wire_clear(&w);
	}
}

/* No key at the server, and an entity that it does not know. */
static void test_unknown(void)
{
	static const char story[] = "the server knows of no key";
	const struct variant v = {PNE_UI, true, false};
	struct wire w;

	init(&w, v);
	memset(w.pne[WIRE_PNE].eukey, 7, CPNS_HASH);
	w.pne[WIRE_PNE].keyed = true;
	use(&w, WIRE_PNE);
	EXPECT(w.refused[WIRE_PNE] == 1 && last_status(&w) == CPNS_AUTHENTICATION_FAILED);
	assign(&w, v);
	cpns_entity_set_owner(w.record[0], wire_octets("bob@cpns.example")); /* an EUKey knows no owner */
	use(&w, WIRE_PNE);
	EXPECT(w.used[WIRE_PNE] == 1);
	wire_clear(&w);

	init(&w, v);
	assign(&w, v);
	use(&w, WIRE_PNE);
	struct wire_message m = *wire_find(&w, WIRE_G_S, CPNS_USE_REQUEST, 1);

	m.bytes[m.n - 1] ^= 1; /* the last of its Entity ID */
	wire_replay(&w, &m);
	wire_run(&w);
	EXPECT(last_status(&w) == CPNS_UNKNOWN_ENTITY);
	wire_clear(&w);
}

/* Two re-keyings since the last use: what is used is current, what is older is gone, what is newer stays pending. */
static void test_confirmation(void)
{
	static const char story[] = "confirmation";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		enum wire_node entity = entity_of(v.flow);
		uint8_t key[3][CPNS_HASH];
		struct wire w;

		if (!v.hardened)
			continue;
		init(&w, v);
		for (int k = 0; k < 3; k++) {
			assign(&w, v);
			w.now += WIRE_S(300);
			memcpy(key[k], wire_key(&w, entity), CPNS_HASH);
		}
		EXPECT(w.record[entity]->n_pending == 3 && !w.record[entity]->keyed);
		memcpy(entity == WIRE_GW ? w.gw.eukey : w.pne[WIRE_PNE].eukey, key[1], CPNS_HASH);
		use(&w, entity);
		EXPECT(w.used[entity] == 1 && wire_current(&w, entity));
		EXPECT(w.record[entity]->n_pending == 1 && cpns_entity_has(w.record[entity], key[2]));
		EXPECT(!cpns_entity_has(w.record[entity], key[0]));
		memcpy(entity == WIRE_GW ? w.gw.eukey : w.pne[WIRE_PNE].eukey, key[2], CPNS_HASH);
		EXPECT(!wire_diverged(&w, entity)); /* current is another one, but this one is pending */
		use(&w, entity);
		EXPECT(w.used[entity] == 2 && wire_current(&w, entity) && w.record[entity]->n_pending == 0);
		wire_clear(&w);
	}
}

/* ---- sets ---- */

/* A set from its first key to its renewal: one use a key, the next key after each, whatever it is like. */
static void test_set(void)
{
	for (unsigned s = 0; s < SHAPES; s++)
		for (unsigned hard = 0; hard < 2; hard++) {
			const struct variant v = {INSECURE_PAN, hard, false};
			char story[40];
			struct wire w;

			g_snprintf(story, sizeof story, "set of shape %u", s);
			init(&w, v);
			with_sets(&w, shapes[s], 2);
			assign(&w, v);
			EXPECT(w.stored[WIRE_PNE] == 1 && index_of(&w) == 1 && w.server.keys_issued == 1);
			EXPECT(cpns_msg_has(&wire_find(&w, WIRE_G_S, CPNS_REQUEST_FOR_PNE, 1)->msg, CPNS_KEY_COUNT));
			EXPECT(
			    cpns_msg_get(&wire_find(&w, WIRE_S_G, CPNS_RESPONSE_FOR_PNE, 1)->msg, CPNS_EUKEY_SET).n ==
			    (shapes[s].carry_set ? N * CPNS_HASH : 0));
			for (uint32_t k = 1; k <= N; k++) {
				EXPECT(!cpns_pne_needs_key(&w.pne[WIRE_PNE]));
				use(&w, WIRE_PNE);
				EXPECT(w.used[WIRE_PNE] == k && w.refused[WIRE_PNE] == 0);
				EXPECT(w.record[0]->keyring->current.next == k + 1 && w.record[0]->n_pending == 0);
				EXPECT(w.stored[WIRE_PNE] == (k < N ? k + 1 : N) && wire_idle(&w));
				EXPECT(index_of(&w) == (k < N ? k + 1 : N) && !wire_diverged(&w, WIRE_PNE));
			}
			EXPECT(wire_count(&w, WIRE_G_P, CPNS_NOTIFICATION) == N);
			EXPECT(wire_count(&w, WIRE_P_G, CPNS_NOTIFICATION_ACK) == (hard ? N : 0));
			EXPECT(w.ops[WIRE_GW].chain_hashes == shapes[s].gateway);
			EXPECT(w.ops[WIRE_SERVER].chain_hashes == shapes[s].server);
			/* The PNE has checked each key but the first, where it is told their numbers. */
			EXPECT(w.ops[WIRE_PNE].chain_hashes == (hard && !shapes[s].independent ? N - 1 : 0));
			EXPECT(cpns_pne_needs_key(&w.pne[WIRE_PNE]));
			use(&w, WIRE_PNE); /* if it asks for none */
			EXPECT(w.refused[WIRE_PNE] == 1);
			w.now += WIRE_S(300);
			assign(&w, v);
			EXPECT(!cpns_pne_needs_key(&w.pne[WIRE_PNE]) && w.server.keys_issued == 2);
			EXPECT(index_of(&w) == 1 && !wire_diverged(&w, WIRE_PNE));
			use(&w, WIRE_PNE);
			EXPECT(w.used[WIRE_PNE] == N + 1 && index_of(&w) == 2 && wire_current(&w, WIRE_PNE));
			EXPECT(w.same_draws == 0 && w.record[0]->keyring->cells == shapes[s].cells);
			wire_clear(&w);
		}
}

/* Results that come twice, at once or much later, ask for no key that has been delivered. */
static void test_result_twice(void)
{
	static const char story[] = "results come twice";

	for (unsigned hard = 0; hard < 2; hard++)
		for (int64_t later = 0; later <= WIRE_S(20); later += WIRE_S(20)) {
			const struct variant v = {INSECURE_PAN, hard, false};
			struct wire w;

			init(&w, v);
			with_sets(&w, shapes[0], 2);
			wire_hook(&w, WIRE_S_G, CPNS_USE_RESULT, 0, WIRE_REPEAT, later);
			assign(&w, v);
			for (uint32_t k = 1; k <= N; k++)
				use(&w, WIRE_PNE);
			EXPECT(w.used[WIRE_PNE] == N && w.stored[WIRE_PNE] == N && wire_idle(&w));
			EXPECT(wire_count(&w, WIRE_G_P, CPNS_NOTIFICATION) == N);
			wire_clear(&w);
		}
}

/* Every notification of K_2 is lost. The PNE goes on with K_1, which the server still takes, and is then given K_3:
 * within a window of 2 it fits, beyond one of 1 it does not, and soon the server refuses K_1 as well. */
static void test_gap(void)
{
	static const char story[] = "K_2 is lost";

	for (unsigned s = 0; s < SHAPES; s++)
		for (uint32_t window = 1; window <= 2; window++) {
			const struct variant v = {INSECURE_PAN, true, false};
			bool hashed = !shapes[s].independent;
			struct wire w;

			init(&w, v);
			with_sets(&w, shapes[s], window);
			for (unsigned k = 2; k <= 2 + w.rules.retries; k++)
				wire_hook(&w, WIRE_G_P, CPNS_NOTIFICATION, k, WIRE_LOSE, 0);
			assign(&w, v);
			use(&w, WIRE_PNE);
			EXPECT(w.used[WIRE_PNE] == 1 && index_of(&w) == 1 && wire_idle(&w));
			EXPECT(!wire_diverged(&w, WIRE_PNE));
			use(&w, WIRE_PNE);
			EXPECT(w.used[WIRE_PNE] == 2 && wire_idle(&w));
			EXPECT(w.ops[WIRE_PNE].chain_hashes == (window == 2 && hashed ? 2 : 0));
			EXPECT(cpns_pne_needs_key(&w.pne[WIRE_PNE]) == (window == 1));
			if (window == 2) {
				EXPECT(index_of(&w) == 3 && w.stored[WIRE_PNE] == 2);
				use(&w, WIRE_PNE);
				EXPECT(w.used[WIRE_PNE] == 3 && index_of(&w) == 4);
			} else {
				EXPECT(index_of(&w) == 1 && w.stored[WIRE_PNE] == 1);
				EXPECT(last(&w)->verdict == CPNS_BAD_KEY && wire_diverged(&w, WIRE_PNE));
				use(&w, WIRE_PNE);
				EXPECT(w.refused[WIRE_PNE] == 1 && w.record[0]->keyring->current.next == 3);
			}
			wire_clear(&w);
		}
}

/* The last key comes late: while the PNE uses the one before it in its place, or when it has done so and knows that
 * the set is used up. It still asks for a new set, and not the server in vain. */
static void test_late_last_key(void)
{
	static const char story[] = "the last key comes late";
	const struct variant v = {INSECURE_PAN, true, false};

	for (int64_t late = WIRE_MS(420); late < WIRE_MS(1000); late += WIRE_MS(20)) {
		struct wire w;

		init(&w, v);
		with_sets(&w, shapes[0], 8);
		w.rules.timeout = WIRE_S(100);
		wire_hook(&w, WIRE_G_P, CPNS_NOTIFICATION, N, WIRE_DELAY, late);
		assign(&w, v);
		for (int k = 1; k <= N; k++) {
			wire_use(&w, WIRE_PNE, alice, password);
			wire_run_until(&w, w.now + WIRE_MS(500));
		}
		wire_run(&w);
		EXPECT(w.used[WIRE_PNE] == N && w.refused[WIRE_PNE] == 0 && index_of(&w) == N);
		EXPECT(cpns_pne_needs_key(&w.pne[WIRE_PNE]) && !wire_diverged(&w, WIRE_PNE));
		wire_clear(&w);
	}
}

/* The result of a use of the old set comes when the first key of a new one is there: the new set stays where it is.
 */
static void test_result_of_old_set(void)
{
	static const char story[] = "a result of the old set";
	const struct variant v = {INSECURE_PAN, true, false};

	for (unsigned kind = 0; kind < SHAPES; kind++) {
		struct wire w;

		init(&w, v);
		with_sets(&w, shapes[kind], 1);
		assign(&w, v);
		use(&w, WIRE_PNE);
		use(&w, WIRE_PNE);
		wire_hook(&w, WIRE_S_G, CPNS_USE_RESULT, 1, WIRE_DELAY, WIRE_S(1));
		wire_use(&w, WIRE_PNE, alice, password);
		wire_run_until(&w, w.now + WIRE_MS(200));
		assign(&w, v);
		EXPECT(w.used[WIRE_PNE] == 3 && index_of(&w) == 1 && wire_idle(&w));
		EXPECT(!cpns_pne_needs_key(&w.pne[WIRE_PNE]) && !wire_diverged(&w, WIRE_PNE));
		use(&w, WIRE_PNE);
		EXPECT(w.used[WIRE_PNE] == 4 && index_of(&w) == 2);
		wire_clear(&w);
	}
}

/* A notification from the past. Hardened, its Counter is too low. Literal, the PNE falls back to a key that has been
 * used: the server takes that within its window, and not beyond. */
static void test_old_notification(void)
{
	static const char story[] = "an old notification";

	for (unsigned hard = 0; hard < 2; hard++)
		for (uint32_t window = 1; window <= 2; window++) {
			const struct variant v = {INSECURE_PAN, hard, false};
			struct wire w;

			init(&w, v);
			with_sets(&w, shapes[0], window);
			assign(&w, v);
			use(&w, WIRE_PNE);
			use(&w, WIRE_PNE);
			EXPECT(index_of(&w) == 3);
			struct wire_message m = *wire_find(&w, WIRE_G_P, CPNS_NOTIFICATION, 1);

			wire_replay(&w, &m);
			wire_run(&w);
			if (hard) {
				EXPECT(last(&w)->verdict == CPNS_REPLAYED && index_of(&w) == 3);
				EXPECT(wire_no_cryptography(&last(&w)->ops));
			} else {
				EXPECT(last(&w)->verdict == CPNS_ACCEPTED && index_of(&w) == 1);
				EXPECT(wire_diverged(&w, WIRE_PNE) == (window == 1));
			}
			use(&w, WIRE_PNE);
			EXPECT(w.used[WIRE_PNE] == (hard || window == 2 ? 3 : 2));
			EXPECT(w.refused[WIRE_PNE] == (hard || window == 2 ? 0 : 1));
			EXPECT(wire_idle(&w));
			wire_clear(&w);
		}
}

/* Two PN GWs have got a set each for one PNE: the one that asked later has the higher block of Counters, and what the
 * other still sends is ignored. */
static void test_race(void)
{
	static const char story[] = "two sets for one PNE";
	const struct variant v = {INSECURE_PAN, true, false};
	struct wire w;

	init(&w, v);
	with_sets(&w, shapes[0], 8);
	for (unsigned k = 2; k <= 2 + w.rules.retries; k++)
		wire_hook(&w, WIRE_G_P, CPNS_NOTIFICATION, k, WIRE_LOSE, 0);
	assign(&w, v);
	use(&w, WIRE_PNE);
	struct wire_message late = *wire_find(&w, WIRE_G_P, CPNS_NOTIFICATION, 2);

	late.lost = false;
	EXPECT(cpns_msg_number(&wire_find(&w, WIRE_G_P, CPNS_NOTIFICATION, 2)->msg, CPNS_COUNTER) == 2);
	assign(&w, v);
	EXPECT(cpns_msg_number(&last(&w)->msg, CPNS_COUNTER) == N + 1);
	EXPECT(w.stored[WIRE_PNE] == 2 && wire_pending(&w, WIRE_PNE));
	wire_replay(&w, &late);
	wire_run(&w);
	EXPECT(last(&w)->verdict == CPNS_REPLAYED && w.stored[WIRE_PNE] == 2);
	use(&w, WIRE_PNE);
	EXPECT(w.used[WIRE_PNE] == 2 && wire_current(&w, WIRE_PNE) && index_of(&w) == 2);
	wire_clear(&w);
}

/* The server makes no larger set than it is set up for, nor one of nothing; and what comes must be what was asked
 * for. */
static void test_counts(void)
{
	static const char story[] = "KeyCount";
	static const uint32_t counts[] = {0, 1, N - 1, N, N + 1, UINT32_MAX};

	for (unsigned hard = 0; hard < 2; hard++)
		for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++) {
			const struct variant v = {INSECURE_PAN, hard, false};
			struct wire w;

			init(&w, v);
			with_sets(&w, shapes[0], 8);
			wire_hook(&w, WIRE_G_S, 0, 0, WIRE_LOSE, 0);
			assign(&w, v);
			struct wire_message m = *wire_find(&w, WIRE_G_S, CPNS_REQUEST_FOR_PNE, 1);
			const struct wire_message *genuine = wire_find(&w, WIRE_G_S, CPNS_REQUEST_FOR_PNE, 1);

			cpns_put32(m.bytes + (cpns_msg_at(&genuine->msg, CPNS_KEY_COUNT) - genuine->bytes),
				   counts[i]);
			m.lost = false;
			wire_replay(&w, &m);
			wire_run(&w);
			bool legal = counts[i] >= 1 && counts[i] <= N;

			/* hardened, the proof is over the count as well */
			EXPECT(last_status(&w) == (!legal                   ? CPNS_MALFORMED_STATUS
						   : hard && counts[i] != N ? CPNS_AUTHENTICATION_FAILED
									    : CPNS_SUCCESS));
			EXPECT(nothing_stored(&w)); /* the PN GW has given up by now */
			wire_clear(&w);
		}
}

/* ---- C281 ---- */

/* A PN GW without an EUKey authenticates by its owner's User ID and password; with one, by that. */
static void test_password(void)
{
	static const char story[] = "C281";

	for (unsigned hard = 0; hard < 2; hard++) {
		const struct variant v = {GATEWAY, hard, false};
		const struct wire_message *m;
		struct wire w;

		init(&w, v);
		use(&w, WIRE_GW);
		EXPECT(w.used[WIRE_GW] == 1 && wire_idle(&w) && nothing_issued(&w));
		EXPECT(w.ops[WIRE_GW].pbkdf2_iterations == (hard ? w.rules.iterations : 0));
		m = wire_find(&w, WIRE_S_G, CPNS_USE_CHALLENGE, 1);
		EXPECT(cpns_msg_equal(&m->msg, CPNS_REALM, w.rules.realm) &&
		       cpns_msg_get(&m->msg, CPNS_ALGORITHM).n == 1);
		m = wire_find(&w, WIRE_G_S, CPNS_USE_PROOF, 1);
		EXPECT(cpns_msg_get(&m->msg, CPNS_DIGEST).n == 32 && !cpns_msg_has(&m->msg, CPNS_AUTH_DATA));
		EXPECT(cpns_msg_equal(&m->msg, CPNS_USER_ID, wire_octets(alice)));
		assign(&w, v);
		use(&w, WIRE_GW);
		EXPECT(w.used[WIRE_GW] == 2);
		m = wire_find(&w, WIRE_G_S, CPNS_USE_PROOF, 2);
		EXPECT(!cpns_msg_has(&m->msg, CPNS_DIGEST) && cpns_msg_get(&m->msg, CPNS_AUTH_DATA).n == CPNS_TAG);
		EXPECT(!cpns_msg_has(&m->msg, CPNS_USER_ID));
		wire_clear(&w);
	}
}

/* What proves a use proves no request for a key, and the other way round: over the same nonces their digests differ.
 */
static void test_two_digests(void)
{
	static const char story[] = "C281, digests";
	const struct variant v = {GATEWAY, false, true};
	const struct cpns_names who = {wire_octets(alice), wire_octets("gw:01")};
	uint8_t nonce[16] = {1}, rand[16] = {2}, pwh[CPNS_HASH] = {3}, one[CPNS_HASH], two[CPNS_HASH];
	struct cpns_ops ops = {0};
	struct wire w;

	init(&w, v);
	struct cpns_work work = {w.crypto, &ops};

	cpns_digest(work, &w.rules, pwh, &who, (struct cpns_octets){nonce, sizeof nonce}, rand, one);
	cpns_use_digest(work, &w.rules, pwh, &who, (struct cpns_octets){nonce, sizeof nonce}, rand, two);
	EXPECT(memcmp(one, two, sizeof one) != 0);
	wire_clear(&w);
}

/* A wrong password, an unknown user, another's PN GW; and after too many wrong ones nobody looks at the right one. */
static void test_wrong_password(void)
{
	static const char story[] = "C281, refused";

	for (unsigned hard = 0; hard < 2; hard++) {
		const struct variant v = {GATEWAY, hard, false};
		struct wire w;

		init(&w, v);
		w.rules.lockout = 3;
		wire_use(&w, WIRE_GW, alice, wrong);
		wire_run(&w);
		EXPECT(last_status(&w) == CPNS_AUTHENTICATION_FAILED && wire_failures(&w) == 1);
		wire_use(&w, WIRE_GW, "nobody@cpns.example", password);
		wire_run(&w);
		EXPECT(last_status(&w) == CPNS_AUTHENTICATION_FAILED && wire_failures(&w) == 1);
		struct cpns_ops known = wire_find(&w, WIRE_G_S, CPNS_USE_PROOF, 1)->ops,
				unknown = wire_find(&w, WIRE_G_S, CPNS_USE_PROOF, 2)->ops;

		known.compressions = unknown.compressions; /* their names differ in length */
		EXPECT(memcmp(&known, &unknown, sizeof known) == 0);
		use(&w, WIRE_GW);
		EXPECT(w.used[WIRE_GW] == 1 && wire_failures(&w) == 0);
		cpns_entity_set_owner(w.record[2], wire_octets("bob@cpns.example"));
		use(&w, WIRE_GW);
		EXPECT(last_status(&w) == CPNS_NOT_OWNER && w.refused[WIRE_GW] == 3);
		cpns_entity_set_owner(w.record[2], wire_octets(alice));
		for (int k = 0; k < 3; k++) {
			wire_use(&w, WIRE_GW, alice, wrong);
			wire_run(&w);
		}
		use(&w, WIRE_GW);
		EXPECT(last_status(&w) == CPNS_LOCKED_OUT && w.used[WIRE_GW] == 1);
		EXPECT(!cpns_gw_needs_key(&w.gw) && wire_idle(&w)); /* it has none that were refused */
		wire_clear(&w);
	}
}

/* ---- time, sessions, restarts ---- */

/* The proof arrives when its nonce has become old: the entity begins anew. */
static void test_stale(void)
{
	static const char story[] = "a late proof";

	for (unsigned i = 0; i < VARIANTS; i++)
		for (int always = 0; always < 2; always++) {
			struct variant v = variant(i);
			enum wire_node entity = entity_of(v.flow);
			struct wire w;

			init(&w, v);
			assign(&w, v);
			w.rules.timeout = WIRE_S(1000);
			wire_hook(&w, WIRE_G_S, CPNS_USE_PROOF, always ? 0 : 1, WIRE_DELAY, WIRE_S(248));
			use(&w, entity);
			EXPECT(wire_status(wire_find(&w, WIRE_S_G, CPNS_USE_RESULT, 1)) == CPNS_STALE_NONCE);
			EXPECT(w.used[entity] == !always && w.refused[entity] == (unsigned)always);
			EXPECT(wire_count(&w, WIRE_G_S, CPNS_USE_REQUEST) == (always ? w.rules.retries + 1 : 2));
			EXPECT(agreed(&w, v) || wire_current(&w, entity));
			wire_clear(&w);
		}
}

/* A proof, a challenge, a result from an earlier use mean nothing in a later one. */
static void test_replays(void)
{
	static const char story[] = "an old use replayed";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		enum wire_node entity = entity_of(v.flow);
		struct wire w;

		init(&w, v);
		assign(&w, v);
		guint first = w.messages->len;

		use(&w, entity);
		guint end = w.messages->len;

		for (int64_t later = 0; later <= WIRE_S(300); later += WIRE_S(300))
			for (guint k = first; k < end; k++) {
				struct wire_message m = *wire_at(&w, (int)k);

				w.now += later;
				wire_replay(&w, &m);
				wire_run(&w);
				EXPECT(w.used[entity] == 1 && w.refused[entity] == 0 && wire_idle(&w));
				if (m.leg == WIRE_G_S && m.msg.type == CPNS_USE_PROOF && later > 0)
					EXPECT(last_status(&w) == CPNS_REPLAY);
			}
		use(&w, entity);
		EXPECT(w.used[entity] == 2 && wire_current(&w, entity));
		wire_clear(&w);
	}
}

/* The PNE asks for a new key while it uses the old one: both go well, and what was old needs no renewal. */
static void test_both_at_once(void)
{
	static const char story[] = "use and assignment at once";
	const struct variant v = {PNE_UI, true, true};

	for (int64_t pause = 0; pause < WIRE_MS(300); pause += WIRE_MS(20)) {
		struct wire w;

		init(&w, v);
		assign(&w, v);
		wire_use(&w, WIRE_PNE, alice, password);
		wire_run_until(&w, w.now + pause);
		go(&w, v.flow, alice, password);
		wire_run(&w);
		EXPECT(w.used[WIRE_PNE] == 1 && w.stored[WIRE_PNE] == 2 && wire_idle(&w));
		EXPECT(!cpns_pne_needs_key(&w.pne[WIRE_PNE]) && wire_pending(&w, WIRE_PNE));
		wire_clear(&w);
	}
}

/* The PNE is being re-keyed, and its notification gets lost; before that is repeated the PNE uses the key that it
 * has. One has nothing to do with the other. */
static void test_use_while_notified(void)
{
	static const char story[] = "a use while a notification is under way";
	const struct variant v = {INSECURE_PAN, true, false};

	for (int step_0 = 0; step_0 < 2; step_0++)
		for (int expired = 0; expired <= step_0; expired++) {
			struct wire w;

			init(&w, v);
			w.rules.run_step_0 = step_0;
			assign(&w, v);
			wire_hook(&w, WIRE_G_P, CPNS_NOTIFICATION, 1, WIRE_LOSE, 0);
			go(&w, v.flow, alice, password);
			wire_run_until(&w, w.now + WIRE_MS(500));
			EXPECT(w.stored[WIRE_PNE] == 1);
			if (expired) {
				wire_expire(&w, WIRE_SERVER);
				cpns_leg_down(&w.gw.wan);
			}
			use(&w, WIRE_PNE);
			EXPECT(w.stored[WIRE_PNE] == 2 && w.used[WIRE_PNE] == 1 && wire_idle(&w));
			EXPECT(wire_find(&w, WIRE_P_G, CPNS_NOTIFICATION_ACK, 2) != NULL);
			EXPECT(!wire_diverged(&w, WIRE_PNE));
			wire_clear(&w);
		}
}

/* Step 0 is run for the first assignment; when its session has expired, the PN GW runs it again and keeps the use
 * meanwhile. Its own uses need no session. */
static void test_session(void)
{
	static const char story[] = "a session that has expired";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		enum wire_node entity = entity_of(v.flow);
		struct wire w;

		init(&w, v);
		w.rules.run_step_0 = true;
		if (v.flow == SECURE_PAN)
			wire_install(&w, WIRE_PNE, alice, password);
		assign(&w, v);
		unsigned before = wire_count(&w, WIRE_G_S, CPNS_SESSION_REQUEST);

		EXPECT(wire_keyed(&w, entity) && before == (v.flow != GATEWAY));
		use(&w, entity);
		EXPECT(w.used[entity] == 1 && wire_count(&w, WIRE_G_S, CPNS_SESSION_REQUEST) == before);
		w.now += WIRE_S(3601);
		use(&w, entity);
		EXPECT(w.used[entity] == 2 && wire_idle(&w));
		EXPECT(wire_count(&w, WIRE_G_S, CPNS_SESSION_REQUEST) == 2 * before);
		wire_expire(&w, WIRE_SERVER); /* and the PN GW has to be told */
		use(&w, entity);
		EXPECT(w.used[entity] == 3 && w.refused[entity] == 0 && wire_idle(&w));
		EXPECT(wire_count(&w, WIRE_G_S, CPNS_SESSION_REQUEST) == 3 * before);
		EXPECT(wire_count(&w, WIRE_P_G, CPNS_USE_REQUEST) == (entity == WIRE_GW ? 0 : 3));
		wire_clear(&w);
	}
}

/* PNE or PN GW restart in the middle of a use, and of a delivery: given up, nothing lost, the next one goes well. */
static void test_restarts(void)
{
	static const char story[] = "a restart in a use";
	const struct variant v = {INSECURE_PAN, true, false};

	for (int who = 0; who < 2; who++)
		for (int64_t pause = 0; pause < WIRE_MS(300); pause += WIRE_MS(15)) {
			struct wire w;

			init(&w, v);
			with_sets(&w, shapes[0], 2);
			assign(&w, v);
			wire_use(&w, WIRE_PNE, alice, password);
			wire_run_until(&w, w.now + pause);
			if (who == 0)
				cpns_pne_restart(&w.pne[WIRE_PNE]);
			else
				cpns_gw_restart(&w.gw);
			wire_run(&w);
			EXPECT(wire_idle(&w) && w.used[WIRE_PNE] + (who == 0) >= 1);
			EXPECT(!wire_diverged(&w, WIRE_PNE) && index_of(&w) >= 1);
			use(&w, WIRE_PNE);
			EXPECT(w.refused[WIRE_PNE] == 0 && w.used[WIRE_PNE] + (who == 0) >= 2);
			EXPECT(index_of(&w) == w.record[0]->keyring->current.next);
			wire_clear(&w);
		}
}

/* ---- damage ---- */

/* Every octet of every message of a use, and of the delivery after it, is changed once; and every one is cut short at
 * every length. The use comes to an end; the key held is one that the server holds too. The WAN leg of a set is
 * protected by step 0, and whoever changes a KeyIndex there makes the PN GW deliver a later key; of the literal
 * profile a notification's key is what opens. A proof in another transaction is a use, of which the PNE hears
 * nothing: it uses its key once more, and skips one. */
static void test_damage(void)
{
	for (unsigned i = 0; i < VARIANTS; i++)
		for (unsigned sets = 0; sets < 2; sets++) {
			struct variant v = variant(i);
			enum wire_node entity = entity_of(v.flow);
			struct wire calm;

			if (sets && v.flow != INSECURE_PAN)
				continue;
			init(&calm, v);
			if (sets)
				with_sets(&calm, shapes[0], 8);
			assign(&calm, v);
			int first = (int)calm.messages->len;

			use(&calm, entity);
			for (int k = first; k < (int)calm.messages->len; k++) {
				const struct wire_message *m = wire_at(&calm, k);
				const char *story = name_step(&calm, k, "is damaged");

				for (int64_t at = 0; at < (int64_t)m->n; at++) {
					struct wire w;

					init(&w, v);
					if (sets)
						with_sets(&w, shapes[0], 8);
					wire_hook(&w, m->leg, m->msg.type, ordinal(&calm, k), WIRE_CORRUPT, at);
					assign(&w, v);
					use(&w, entity);
					EXPECT(wire_idle(&w) && w.used[entity] + w.refused[entity] <= 1);
					EXPECT(!sets ? w.stored[entity] == 1 : w.stored[entity] <= 3);
					EXPECT(sets ? index_of(&w) > 0 : !wire_diverged(&w, entity));
					EXPECT(w.record[entity]->n_pending <= 1);
					wire_clear(&w);
				}
			}
			for (int k = first; k < (int)calm.messages->len; k++)
				for (size_t n = 0; n < wire_at(&calm, k)->n; n++) {
					const char *story = name_step(&calm, k, "is cut short");
					struct wire_message m = *wire_at(&calm, k);
					struct wire w;

					init(&w, v);
					if (sets)
						with_sets(&w, shapes[0], 8);
					assign(&w, v);
					wire_inject(&w, m.leg, m.pne, m.bytes, n);
					wire_run(&w);
					EXPECT(last(&w)->verdict == CPNS_MALFORMED && last(&w)->answer < 0);
					EXPECT(agreed(&w, v) && wire_idle(&w));
					wire_clear(&w);
				}
			wire_clear(&calm);
		}
}

/* Statuses that nobody has proved: a refusal is believed, a success is not. */
static void test_forged_result(void)
{
	static const char story[] = "a forged result";

	for (unsigned status = 0; status < CPNS_STATUSES; status++) {
		const struct variant v = {INSECURE_PAN, true, false};
		uint8_t octet = (uint8_t)status, bytes[CPNS_MESSAGE_MAX];
		struct cpns_msg msg = {.type = CPNS_USE_RESULT};
		struct wire w;

		init(&w, v);
		with_sets(&w, shapes[0], 8);
		assign(&w, v);
		wire_use(&w, WIRE_PNE, alice, password);
		wire_run_until(&w, w.now + WIRE_MS(130)); /* the proof is out */
		msg.transaction = wire_find(&w, WIRE_P_G, CPNS_USE_PROOF, 1)->msg.transaction;
		cpns_msg_set(&msg, CPNS_ENTITY_ID, w.pne[0].id.at, w.pne[0].id.n);
		cpns_msg_set(&msg, CPNS_STATUS, &octet, 1);
		wire_inject(&w, WIRE_G_P, WIRE_PNE, bytes, cpns_msg_encode(&msg, bytes));
		wire_run_until(&w, w.now + WIRE_MS(1));
		EXPECT(w.used[WIRE_PNE] == 0);
		wire_run(&w);
		bool again = status == CPNS_SUCCESS || status == CPNS_REPLAY || status == CPNS_STALE_NONCE ||
			     status == CPNS_SERVER_BUSY;

		EXPECT(w.used[WIRE_PNE] == again && w.refused[WIRE_PNE] == !again && wire_idle(&w));
		/* a new key helps where the server knows none that fits, and not against a stale nonce */
		EXPECT(cpns_pne_needs_key(&w.pne[WIRE_PNE]) ==
		       (status == CPNS_AUTHENTICATION_FAILED || status == CPNS_UNKNOWN_ENTITY));
		EXPECT(!wire_diverged(&w, WIRE_PNE) && index_of(&w) >= 2); /* the server has taken the proof */
		wire_clear(&w);
	}
}

int main(int argc, char **argv)
{
	static const struct suite_case cases[] = {
	    {"use", test_use},
	    {"losses and repetitions", test_losses},
	    {"silence", test_silence},
	    {"another key than the server's", test_other_key},
	    {"no key at the server", test_unknown},
	    {"confirmation", test_confirmation},
	    {"a set from first to last", test_set},
	    {"results twice", test_result_twice},
	    {"a gap in its delivery", test_gap},
	    {"the last key late", test_late_last_key},
	    {"a result of the old set", test_result_of_old_set},
	    {"an old notification", test_old_notification},
	    {"two sets for one PNE", test_race},
	    {"how many keys", test_counts},
	    {"by password", test_password},
	    {"two digests", test_two_digests},
	    {"by a wrong password", test_wrong_password},
	    {"a stale nonce", test_stale},
	    {"old messages", test_replays},
	    {"use and assignment at once", test_both_at_once},
	    {"use while a notification is under way", test_use_while_notified},
	    {"an expired session", test_session},
	    {"restarts", test_restarts},
	    {"damage", test_damage},
	    {"a forged result", test_forged_result},
	    {0},
	};

	wire_mode(argc > 1 ? argv[1] : "real");
	return suite_run("uses", cases);
}
