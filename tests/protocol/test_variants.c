/* What reviewers of 6.3 asked for: an installation that carries the trigger (C254), discovery of the Entity ID and
 * what comes of a mistyped one (C274), one KEK for all flows (C247). Off, nothing of it is there: that is every other
 * test. */
#include <string.h>

#include "tests/protocol/story.h"

static const int64_t PAN = WIRE_MS(10), WAN = WIRE_MS(50);

static struct variant v; /* of the story that is told */
static const char *story;

static void begin(struct wire *w, enum flow flow, bool hardened, const char *name)
{
	v = (struct variant){flow, hardened, false};
	story = name;
	init(w, v);
}

static bool same_field(const struct wire_message *a, const struct wire_message *b, enum cpns_field field)
{
	return cpns_msg_equal(&a->msg, field, cpns_msg_get(&b->msg, field));
}

/* ---- C254 ---- */

static void begin_merged(struct wire *w, bool hardened, const char *name)
{
	begin(w, SECURE_PAN, hardened, name);
	w->rules.merged_trigger = true;
}

/* Steps 4 to 8 are two messages in place of four; the next assignment is triggered as ever. */
static void test_merged(void)
{
	for (int hardened = 0; hardened < 2; hardened++) {
		struct wire w;

		begin_merged(&w, hardened, "merged");
		go(&w, SECURE_PAN, alice, password);
		wire_run(&w);
		EXPECT(agreed(&w, v) && w.stored_at == 3 * PAN + 2 * WAN);
		EXPECT(wire_count(&w, WIRE_G_P, 0) == 2 && wire_count(&w, WIRE_P_G, 0) == 1);
		EXPECT(wire_count(&w, WIRE_G_P, CPNS_INSTALLATION_TRIGGER) == 1);
		EXPECT(w.entities[0].installed && wire_idle(&w));
		go(&w, SECURE_PAN, alice, password);
		wire_run(&w);
		EXPECT(w.stored[WIRE_PNE] == 2 && wire_count(&w, WIRE_G_P, CPNS_INSTALLATION_TRIGGER) == 1);
		EXPECT(wire_count(&w, WIRE_G_P, CPNS_TRIGGER) == 1 && w.same_draws == 0);
		wire_clear(&w);
	}
}

/* What is repeated is the same installation, hashed once, with a trigger of its own. */
static void test_merged_repeats(void)
{
	static const struct {
		enum wire_leg leg;
		enum cpns_type type;
		int64_t later;
		unsigned installations;
	} lost[] = {
	    {WIRE_G_P, CPNS_INSTALLATION_TRIGGER, WIRE_S(10), 2},
	    {WIRE_P_G, CPNS_REQUEST, WIRE_S(2), 1}, /* the PNE's own timer is the shorter one */
	    {WIRE_G_P, CPNS_RESPONSE, WIRE_S(2), 1},
	};

	for (size_t i = 0; i < sizeof(lost) / sizeof(*lost); i++) {
		struct wire w;

		begin_merged(&w, true, "merged, and one lost");
		wire_hook(&w, lost[i].leg, lost[i].type, 1, WIRE_LOSE, 0);
		go(&w, SECURE_PAN, alice, password);
		wire_run(&w);
		EXPECT(agreed(&w, v) && w.entities[0].installed && w.same_draws == 0);
		EXPECT(w.stored_at == lost[i].later + 3 * PAN + 2 * WAN ||
		       w.stored_at == lost[i].later + 3 * PAN + 2 * WAN + PAN);
		EXPECT(wire_count(&w, WIRE_G_P, CPNS_INSTALLATION_TRIGGER) == lost[i].installations);
		EXPECT(w.ops[WIRE_PNE].pbkdf2_iterations == w.rules.iterations);
		if (lost[i].installations == 2) {
			struct wire_message a = copy_of(&w, WIRE_G_P, CPNS_INSTALLATION_TRIGGER, 1),
					    b = copy_of(&w, WIRE_G_P, CPNS_INSTALLATION_TRIGGER, 2);

			cpns_msg_decode(&a.msg, a.bytes, a.n);
			cpns_msg_decode(&b.msg, b.bytes, b.n);
			EXPECT(same_field(&a, &b, CPNS_ENC_PASSWORD) && !same_field(&a, &b, CPNS_RAND_T));
			EXPECT(a.msg.transaction == b.msg.transaction);
		}
		wire_clear(&w);
	}
}

/* What its receiver made of the message that arrived twice, the second time. */
static enum cpns_verdict verdict_on_copy(const struct wire *w)
{
	for (guint i = 0; i < w->messages->len; i++)
		if (wire_at(w, (int)i)->copy)
			return wire_at(w, (int)i)->verdict;
	return CPNS_VERDICT_COUNT;
}

/* While the PNE hashes, a copy is dropped; a later one makes it send its request again. */
static void test_merged_twice(void)
{
	struct wire w;

	begin_merged(&w, true, "merged, and twice");
	w.work[WIRE_PNE] = WIRE_S(1);
	wire_hook(&w, WIRE_G_P, CPNS_INSTALLATION_TRIGGER, 1, WIRE_REPEAT, WIRE_MS(500));
	go(&w, SECURE_PAN, alice, password);
	wire_run(&w);
	EXPECT(agreed(&w, v) && wire_count(&w, WIRE_P_G, CPNS_REQUEST) == 1);
	EXPECT(verdict_on_copy(&w) == CPNS_BUSY);
	wire_clear(&w);
	begin_merged(&w, true, "merged, and twice");
	wire_hook(&w, WIRE_G_P, CPNS_INSTALLATION_TRIGGER, 1, WIRE_REPEAT, WIRE_MS(15));
	go(&w, SECURE_PAN, alice, password);
	wire_run(&w);
	EXPECT(agreed(&w, v) && wire_count(&w, WIRE_P_G, CPNS_REQUEST) == 2);
	EXPECT(verdict_on_copy(&w) == CPNS_DUPLICATE);
	EXPECT(w.ops[WIRE_PNE].pbkdf2_iterations == w.rules.iterations);
	EXPECT(same_bytes(wire_find(&w, WIRE_P_G, CPNS_REQUEST, 1), wire_find(&w, WIRE_P_G, CPNS_REQUEST, 2)));
	wire_clear(&w);
}

/* All but the user's password is proved: RAND_T and GWID by T_trg, the password and the user's name with it. */
static void test_merged_changed(void)
{
	/* octets of the message: GWID, RAND_T, T_trg, the sealed password (header 9; User ID 3 + 18, GWID 3 + 5, ...)
	 */
	static const struct {
		int64_t at;
		enum cpns_verdict verdict;
	} changed[] = {
	    {9 + 21 + 3, CPNS_BAD_PROOF},
	    {9 + 21 + 8 + 3, CPNS_BAD_PROOF},
	    {9 + 21 + 8 + 19 + 3, CPNS_BAD_PROOF},
	    {9 + 21 + 8 + 19 + 19 + 3 + 20, CPNS_BAD_PROOF},
	};

	for (size_t i = 0; i < sizeof(changed) / sizeof(*changed); i++) {
		struct wire w;

		begin_merged(&w, true, "merged, and changed");
		wire_hook(&w, WIRE_G_P, CPNS_INSTALLATION_TRIGGER, 1, WIRE_CORRUPT, changed[i].at);
		go(&w, SECURE_PAN, alice, password);
		wire_run_until(&w, WIRE_S(9));
		EXPECT(wire_at(&w, 0)->verdict == changed[i].verdict && nothing_stored(&w));
		wire_run(&w);
		EXPECT(agreed(&w, v));
		wire_clear(&w);
	}
}

/* The server refuses the password that was installed: the next one is installed anew. */
static void test_merged_wrong_password(void)
{
	struct wire w;

	begin_merged(&w, true, "merged, and the wrong password");
	go(&w, SECURE_PAN, alice, wrong);
	wire_run(&w);
	EXPECT(nothing_stored(&w) && last_status(&w) == CPNS_AUTHENTICATION_FAILED && wire_idle(&w));
	go(&w, SECURE_PAN, alice, password);
	wire_run(&w);
	EXPECT(agreed(&w, v) && wire_count(&w, WIRE_G_P, CPNS_INSTALLATION_TRIGGER) == 2);
	wire_clear(&w);
}

/* Step 0 first; the PNE has lost the session's key meanwhile: paired anew, sealed anew. */
static void test_merged_step_0(void)
{
	struct wire w;

	v = (struct variant){SECURE_PAN, true, false};
	story = "merged, with step 0";
	init_step_0(&w, v);
	w.rules.merged_trigger = true;
	wire_hook(&w, WIRE_G_P, CPNS_INSTALLATION_TRIGGER, 1, WIRE_LOSE, 0);
	wire_hook(&w, WIRE_G_P, CPNS_INSTALLATION_TRIGGER, 2, WIRE_LOSE, 0);
	go(&w, SECURE_PAN, alice, password);
	wire_run_until(&w, WIRE_S(5));
	wire_expire(&w, WIRE_PNE);
	wire_run(&w);
	EXPECT(agreed(&w, v) && pairing(&w) == 8 && w.same_draws == 0);
	EXPECT(w.ops[WIRE_PNE].pbkdf2_iterations == w.rules.iterations);
	wire_clear(&w);
}

/* An Installation Response, which nobody has sent, changes nothing. */
static void test_merged_forged(void)
{
	static const uint8_t success = CPNS_SUCCESS;
	uint8_t bytes[CPNS_MESSAGE_MAX];
	struct cpns_msg answer;
	struct wire w;

	begin_merged(&w, true, "merged, and a forged answer");
	w.work[WIRE_PNE] = WIRE_S(1);
	go(&w, SECURE_PAN, alice, password);
	cpns_msg_begin(&answer, CPNS_INSTALLATION_RESPONSE, wire_at(&w, 0)->msg.transaction);
	cpns_msg_set(&answer, CPNS_ENTITY_ID, w.entities[0].id, w.entities[0].id_n);
	cpns_msg_set(&answer, CPNS_STATUS, &success, 1);
	wire_inject(&w, WIRE_P_G, WIRE_PNE, bytes, cpns_msg_encode(&answer, bytes));
	wire_run(&w);
	EXPECT(forged(&w)->verdict == CPNS_DUPLICATE && forged(&w)->answer < 0);
	EXPECT(agreed(&w, v) && wire_count(&w, WIRE_G_P, CPNS_TRIGGER) == 0);
	wire_clear(&w);
}

/* Nobody who has it switched off takes it. */
static void test_merged_off(void)
{
	struct wire w;

	begin_merged(&w, true, "merged, but not at the PNE");
	go(&w, SECURE_PAN, alice, password);
	struct wire_message m = copy_of(&w, WIRE_G_P, CPNS_INSTALLATION_TRIGGER, 1);

	wire_clear(&w);
	begin(&w, SECURE_PAN, true, "merged, but switched off");
	wire_inject(&w, WIRE_G_P, WIRE_PNE, m.bytes, m.n);
	wire_run(&w);
	EXPECT(forged(&w)->verdict == CPNS_OUT_OF_PLACE && w.pne[0].account == NULL);
	wire_clear(&w);
}

/* ---- C274 ---- */

static void test_discovery(void)
{
	for (int hardened = 0; hardened < 2; hardened++) {
		struct wire w;

		begin(&w, INSECURE_PAN, hardened, "discovery");
		w.rules.discovery = true;
		go(&w, INSECURE_PAN, alice, password);
		wire_run(&w);
		EXPECT(agreed(&w, v) && w.stored_at == 3 * PAN + 2 * WAN);
		EXPECT(wire_count(&w, WIRE_G_P, CPNS_DISCOVERY_REQUEST) == 1);
		EXPECT(wire_count(&w, WIRE_P_G, CPNS_DISCOVERY_RESPONSE) == 1);
		wire_clear(&w);
	}
}

/* It is repeated until it is answered, and given up; nothing is asked for before. */
static void test_discovery_lost(void)
{
	struct wire w;

	begin(&w, INSECURE_PAN, true, "discovery, lost");
	w.rules.discovery = true;
	wire_hook(&w, WIRE_P_G, CPNS_DISCOVERY_RESPONSE, 1, WIRE_LOSE, 0);
	go(&w, INSECURE_PAN, alice, password);
	wire_run(&w);
	EXPECT(agreed(&w, v) && w.stored_at == WIRE_S(2) + 3 * PAN + 2 * WAN && repeats_faithfully(&w));
	wire_clear(&w);
	begin(&w, INSECURE_PAN, true, "discovery, never answered");
	w.rules.discovery = true;
	wire_hook(&w, WIRE_G_P, CPNS_DISCOVERY_REQUEST, 0, WIRE_LOSE, 0);
	go(&w, INSECURE_PAN, alice, password);
	wire_run(&w);
	EXPECT(nothing_stored(&w) && wire_idle(&w) && wire_count(&w, WIRE_G_S, 0) == 0);
	EXPECT(wire_count(&w, WIRE_G_P, CPNS_DISCOVERY_REQUEST) == w.rules.retries + 1);
	wire_clear(&w);
}

/* It comes before step 0, and is not given up for want of a session. */
static void test_discovery_step_0(void)
{
	struct wire w;

	v = (struct variant){INSECURE_PAN, true, false};
	story = "discovery, with step 0";
	init_step_0(&w, v);
	w.rules.discovery = true;
	wire_hook(&w, WIRE_G_P, CPNS_DISCOVERY_REQUEST, 1, WIRE_LOSE, 0);
	go(&w, INSECURE_PAN, alice, password);
	wire_run(&w);
	EXPECT(agreed(&w, v) && wire_count(&w, WIRE_G_P, CPNS_DISCOVERY_REQUEST) == 2);
	EXPECT(w.stored_at == WIRE_S(2) + 2 * PAN + time_of_step_0(&w, INSECURE_PAN) + 2 * WAN + PAN);
	wire_clear(&w);
}

/* Under a name that is nobody's: status 4, or the like of it where the user is not authenticated first; the same
 * assignment under the right name then goes well. */
static void test_named_nobody(void)
{
	for (int hardened = 0; hardened < 2; hardened++) {
		struct wire w;

		begin(&w, INSECURE_PAN, hardened, "named like nobody");
		wire_ask_for_named(&w, WIRE_PNE, "pne:0009", alice, password);
		wire_run(&w);
		EXPECT(nothing_stored(&w) && nothing_issued(&w) && last_status(&w) == CPNS_UNKNOWN_ENTITY);
		EXPECT(wire_idle(&w) && w.now == 2 * WAN);
		go(&w, INSECURE_PAN, alice, password);
		wire_run(&w);
		EXPECT(agreed(&w, v));
		wire_clear(&w);
	}
}

/* Under the other PNE's name, which asks for itself meanwhile: the server issues a key for that one, this one cannot
 * open the notification and says nothing; the other one gets its own. Where a new key is current at once, the server
 * may be left with one that nobody holds. */
static void test_named_like_another(void)
{
	for (int hardened = 0; hardened < 2; hardened++) {
		struct wire w;

		begin(&w, INSECURE_PAN, hardened, "named like another");
		wire_ask_for(&w, WIRE_PNE2, alice, password);
		wire_ask_for_named(&w, WIRE_PNE, "pne:0002", alice, password);
		wire_run(&w);
		EXPECT(w.stored[WIRE_PNE] == 0 && w.stored[WIRE_PNE2] == 1 && wire_idle(&w));
		EXPECT(w.server.keys_issued == 2 && w.record[0]->n_pending == 0 && !w.record[0]->keyed);
		EXPECT(wire_diverged(&w, WIRE_PNE2) == !hardened);
		EXPECT(wire_count(&w, WIRE_G_P, CPNS_NOTIFICATION) == (hardened ? w.rules.retries + 2 : 2));
		wire_clear(&w);
	}
}

/* Another user's: status 5 where that is checked, his Temporary Key and a new key for his PNE where it is not. */
static void test_named_like_a_foreign_one(void)
{
	for (int hardened = 0; hardened < 2; hardened++) {
		struct wire w;

		begin(&w, INSECURE_PAN, hardened, "named like a foreign one");
		cpns_entity_set_owner(w.record[1], wire_octets("bob@cpns.example"));
		wire_ask_for_named(&w, WIRE_PNE, "pne:0002", alice, password);
		wire_run(&w);
		EXPECT(nothing_stored(&w) && w.server.keys_issued == (hardened ? 0 : 1));
		EXPECT(last_status(&w) == (hardened ? CPNS_NOT_OWNER : CPNS_SUCCESS));
		EXPECT(wire_diverged(&w, WIRE_PNE2) == !hardened);
		wire_clear(&w);
	}
}

/* ---- C247 ---- */

/* In every flow the response has RAND_Server and EncEUKey, and no key in the clear. */
static void test_one_kek(void)
{
	for (unsigned i = 0; i < VARIANTS; i++) {
		struct wire w;
		const struct wire_message *m;

		v = variant(i);
		story = "one KEK";
		init(&w, v);
		w.rules.one_kek = true;
		go(&w, v.flow, alice, password);
		wire_run(&w);
		EXPECT(agreed(&w, v));
		m = wire_find(&w, WIRE_S_G, v.flow == INSECURE_PAN ? CPNS_RESPONSE_FOR_PNE : CPNS_RESPONSE,
			      v.challenge && v.flow != INSECURE_PAN && v.flow != SECURE_PAN ? 2 : 1);
		EXPECT(cpns_msg_has(&m->msg, CPNS_RAND_SERVER) && cpns_msg_has(&m->msg, CPNS_ENC_EUKEY));
		EXPECT(!cpns_msg_has(&m->msg, CPNS_EUKEY));
		EXPECT(cpns_msg_has(&m->msg, CPNS_AUTH_DATA) == (v.hardened && v.flow != INSECURE_PAN));
		wire_clear(&w);
	}
}

/* In 6.3.2.2 what was damaged does not open at the PN GW, which asks again. */
static void test_one_kek_damaged(void)
{
	struct wire w;

	begin(&w, INSECURE_PAN, true, "one KEK, damaged");
	w.rules.one_kek = true;
	/* header 9, Entity ID 3 + 8, status 4, RAND_Server 3 + 16: in EncEUKey */
	wire_hook(&w, WIRE_S_G, CPNS_RESPONSE_FOR_PNE, 1, WIRE_CORRUPT, 9 + 11 + 4 + 19 + 3 + 7);
	go(&w, INSECURE_PAN, alice, password);
	wire_run(&w);
	EXPECT(wire_find(&w, WIRE_S_G, CPNS_RESPONSE_FOR_PNE, 1)->verdict == CPNS_BAD_KEY);
	EXPECT(agreed(&w, v) && w.server.keys_issued == 1);
	wire_clear(&w);
}

/* A request without RAND_PNE, as the literal profile has it otherwise, gives no KEK. */
static void test_one_kek_no_rand(void)
{
	struct wire w;

	begin(&w, INSECURE_PAN, false, "a request without RAND_PNE");
	go(&w, INSECURE_PAN, alice, password);
	struct wire_message m = copy_of(&w, WIRE_G_S, CPNS_REQUEST_FOR_PNE, 1);

	wire_clear(&w);
	begin(&w, INSECURE_PAN, false, "one KEK, and a request without RAND_PNE");
	w.rules.one_kek = true;
	wire_inject(&w, WIRE_G_S, WIRE_PNE, m.bytes, m.n);
	wire_run(&w);
	EXPECT(forged(&w)->verdict == CPNS_MALFORMED && last_status(&w) == CPNS_MALFORMED_STATUS);
	EXPECT(nothing_issued(&w));
	wire_clear(&w);
}

/* A set's seed goes the same way. */
static void test_one_kek_set(void)
{
	struct wire w;

	begin(&w, INSECURE_PAN, true, "one KEK, a set");
	w.rules.one_kek = true;
	w.rules.chain = (struct cpns_chain_rules){.length = 4, .strategy = CPNS_SEED_ONLY, .window = 2};
	go(&w, INSECURE_PAN, alice, password);
	wire_run(&w);
	EXPECT(w.stored[WIRE_PNE] == 1);
	for (unsigned k = 1; k <= 3; k++) {
		wire_use(&w, WIRE_PNE, alice, password);
		wire_run(&w);
		EXPECT(w.used[WIRE_PNE] == k && w.stored[WIRE_PNE] == k + 1);
	}
	wire_clear(&w);
}

int main(int argc, char **argv)
{
	static const struct suite_case cases[] = {
	    {"merged trigger", test_merged},
	    {"merged trigger: repetitions", test_merged_repeats},
	    {"merged trigger: copies", test_merged_twice},
	    {"merged trigger: changed on the way", test_merged_changed},
	    {"merged trigger: wrong password", test_merged_wrong_password},
	    {"merged trigger: step 0", test_merged_step_0},
	    {"merged trigger: forged answer", test_merged_forged},
	    {"merged trigger: switched off", test_merged_off},
	    {"discovery", test_discovery},
	    {"discovery: losses", test_discovery_lost},
	    {"discovery: step 0", test_discovery_step_0},
	    {"named like nobody", test_named_nobody},
	    {"named like another", test_named_like_another},
	    {"named like a foreign one", test_named_like_a_foreign_one},
	    {"one KEK", test_one_kek},
	    {"one KEK: damage", test_one_kek_damaged},
	    {"one KEK: no RAND_PNE", test_one_kek_no_rand},
	    {"one KEK: sets", test_one_kek_set},
	    {0},
	};

	wire_mode(argc > 1 ? argv[1] : "real");
	return suite_run("variants", cases);
}
