/* The four flows as tables to be read beside the clauses: who sends what to whom, in which order, with which fields.
 * What the machines exchange on a wire without losses must be exactly that, and the key must then be at both ends. */
#include <stdio.h>
#include <string.h>

#include "tests/lib/suite.h"
#include "tests/protocol/wire.h"

#define F(name) (1u << CPNS_##name)

/* When a row takes place */
enum {
	ALWAYS = 0,
	CHALLENGE = 1,    /* with a digest challenge round */
	HARDENED = 2,     /* in the hardened profile */
	INSTALLATION = 4, /* the PNE is not installed yet */
	REGISTRATION = 8, /* the user is not registered yet */
};

struct step {
	const char *clause;
	enum wire_leg leg;
	enum cpns_type type;
	int status; /* -1: the message has none */
	bool asks;  /* an EUKeyAssignmentRequest sent by its originator */
	unsigned when;
	uint32_t fields, literal, hardened, challenge; /* in every variant, and in addition */
};

/* What the two requests and the responses to them carry besides IDs and status */
#define CHALLENGE_FIELDS F(ENTITY_ID) | F(STATUS) | F(NONCE) | F(REALM) | F(ALGORITHM)
#define PROOF F(USER_ID) | F(ENTITY_ID) | F(RAND_PNE), F(DIGEST), F(AUTH_DATA), F(NONCE)
#define DELIVERY F(ENTITY_ID) | F(STATUS) | F(ENC_EUKEY), 0, F(RAND_SERVER) | F(AUTH_DATA), 0

static const struct step pne_ui[] = {
    {"2", WIRE_G_S, CPNS_ID_PWD_REGISTRATION_REQUEST, -1, false, REGISTRATION, F(USER_ID) | F(ENC_PASSWORD)},
    {"4", WIRE_S_G, CPNS_ID_PWD_REGISTRATION_RESPONSE, 0, false, REGISTRATION, F(STATUS)},
    {"7, no credentials", WIRE_P_G, CPNS_REQUEST, -1, true, CHALLENGE, F(USER_ID) | F(ENTITY_ID)},
    {"8, no credentials", WIRE_G_S, CPNS_REQUEST, -1, false, CHALLENGE, F(USER_ID) | F(ENTITY_ID)},
    {"9, challenge", WIRE_S_G, CPNS_RESPONSE, 1, false, CHALLENGE, CHALLENGE_FIELDS},
    {"9, challenge relayed", WIRE_G_P, CPNS_RESPONSE, 1, false, CHALLENGE, CHALLENGE_FIELDS},
    {"7", WIRE_P_G, CPNS_REQUEST, -1, true, ALWAYS, PROOF},
    {"8", WIRE_G_S, CPNS_REQUEST, -1, false, ALWAYS, PROOF},
    {"11", WIRE_S_G, CPNS_RESPONSE, 0, false, ALWAYS, DELIVERY},
    {"12", WIRE_G_P, CPNS_RESPONSE, 0, false, ALWAYS, DELIVERY},
    {NULL},
};

static const struct step secure_pan[] = {
    {"1", WIRE_G_S, CPNS_SUBSCRIPTION_REQUEST, -1, false, REGISTRATION, F(USER_ID) | F(ENC_PASSWORD)},
    {"3", WIRE_S_G, CPNS_SUBSCRIPTION_RESPONSE, 0, false, REGISTRATION, F(STATUS)},
    {"4", WIRE_G_P, CPNS_INSTALLATION_REQUEST, -1, false, INSTALLATION,
     F(USER_ID) | F(ENC_PASSWORD) | F(HASH_PARAMS_F)},
    {"6", WIRE_P_G, CPNS_INSTALLATION_RESPONSE, 0, false, INSTALLATION, F(STATUS) | F(ENTITY_ID)},
    {"7", WIRE_G_P, CPNS_TRIGGER, -1, false, ALWAYS, F(USER_ID) | F(GW_ID) | F(RAND_T) | F(AUTH_DATA)},
    {"8", WIRE_P_G, CPNS_REQUEST, -1, true, ALWAYS, F(USER_ID) | F(ENTITY_ID) | F(RAND_PNE), 0,
     F(RAND_T) | F(AUTH_DATA)},
    {"9", WIRE_G_S, CPNS_REQUEST, -1, false, ALWAYS, F(USER_ID) | F(ENTITY_ID) | F(RAND_PNE), 0,
     F(RAND_T) | F(AUTH_DATA)},
    {"12", WIRE_S_G, CPNS_RESPONSE, 0, false, ALWAYS, F(ENTITY_ID) | F(STATUS) | F(RAND_SERVER) | F(ENC_EUKEY), 0,
     F(AUTH_DATA)},
    {"13, to the PNE", WIRE_G_P, CPNS_RESPONSE, 0, false, ALWAYS,
     F(ENTITY_ID) | F(STATUS) | F(RAND_SERVER) | F(ENC_EUKEY), 0, F(AUTH_DATA)},
    {NULL},
};

static const struct step insecure_pan[] = {
    {"registration", WIRE_G_S, CPNS_ID_PWD_REGISTRATION_REQUEST, -1, false, REGISTRATION,
     F(USER_ID) | F(ENC_PASSWORD)},
    {"registration", WIRE_S_G, CPNS_ID_PWD_REGISTRATION_RESPONSE, 0, false, REGISTRATION, F(STATUS)},
    {"1", WIRE_G_S, CPNS_REQUEST_FOR_PNE, -1, true, ALWAYS, F(USER_ID) | F(ENTITY_ID), F(PASSWORD_HASH),
     F(RAND_PNE) | F(AUTH_DATA)},
    {"5", WIRE_S_G, CPNS_RESPONSE_FOR_PNE, 0, false, ALWAYS,
     F(ENTITY_ID) | F(STATUS) | F(EUKEY) | F(TEMPORARY_KEY) | F(KEY_INDEX) | F(COUNTER)},
    {"6", WIRE_G_P, CPNS_NOTIFICATION, -1, false, ALWAYS, F(ENTITY_ID) | F(ENC_EUKEY), 0,
     F(RAND_N) | F(KEY_INDEX) | F(COUNTER)},
    {"ours, acknowledgement", WIRE_P_G, CPNS_NOTIFICATION_ACK, -1, false, HARDENED,
     F(ENTITY_ID) | F(COUNTER) | F(AUTH_DATA)},
    {NULL},
};

static const struct step gateway[] = {
    {"registration", WIRE_G_S, CPNS_ID_PWD_REGISTRATION_REQUEST, -1, false, REGISTRATION,
     F(USER_ID) | F(ENC_PASSWORD)},
    {"registration", WIRE_S_G, CPNS_ID_PWD_REGISTRATION_RESPONSE, 0, false, REGISTRATION, F(STATUS)},
    {"3, no credentials", WIRE_G_S, CPNS_REQUEST, -1, true, CHALLENGE, F(USER_ID) | F(ENTITY_ID)},
    {"4, challenge", WIRE_S_G, CPNS_RESPONSE, 1, false, CHALLENGE, CHALLENGE_FIELDS},
    {"3", WIRE_G_S, CPNS_REQUEST, -1, true, ALWAYS, PROOF},
    {"6", WIRE_S_G, CPNS_RESPONSE, 0, false, ALWAYS, DELIVERY},
    {NULL},
};

/* How often the password is stretched at PNE, PN GW and server: once per assignment, per installation, per
 * registration. */
struct stretches {
	unsigned pne, gw, server;
};

struct flow {
	const char *name;
	const struct step *steps;
	enum wire_node entity;
	enum cpns_registration registration;
	unsigned variants; /* of INSTALLATION and REGISTRATION */
	struct stretches assignment, installation;
};

static const struct flow flows[] = {
    {"6.3.1", pne_ui, WIRE_PNE, CPNS_ID_PWD_REGISTRATION, REGISTRATION, {1, 0, 0}},
    {"6.3.2.1",
     secure_pan,
     WIRE_PNE,
     CPNS_SUBSCRIPTION_REGISTRATION,
     INSTALLATION | REGISTRATION,
     {0, 1, 0},
     {1, 0, 0}},
    {"6.3.2.2", insecure_pan, WIRE_PNE, CPNS_ID_PWD_REGISTRATION, REGISTRATION, {0, 1, 0}},
    {"6.3.3", gateway, WIRE_GW, CPNS_ID_PWD_REGISTRATION, REGISTRATION, {0, 1, 0}},
};

static const char password[] = "correct horse battery";

static uint32_t fields_of(const struct wire_message *m)
{
	uint32_t fields = 0;

	for (unsigned f = 0; f < CPNS_FIELDS; f++)
		fields |= (uint32_t)cpns_msg_has(&m->msg, f) << f;
	return fields;
}

static bool takes_place(const struct step *step, unsigned variant)
{
	return (step->when & ~variant) == 0;
}

static void expect_exactly(const struct wire *w, const struct flow *flow, unsigned variant)
{
	const struct wire_message *before = NULL;
	guint i = 0;
	bool as_told = true;

	for (const struct step *step = flow->steps; step->clause != NULL; step++) {
		if (!takes_place(step, variant))
			continue;
		if (i == w->messages->len) {
			printf("\n    %s step %s is missing", flow->name, step->clause);
			as_told = false;
			break;
		}
		const struct wire_message *m = wire_at(w, (int)i++);
		uint32_t fields = step->fields | (variant & HARDENED ? step->hardened : step->literal) |
				  (variant & CHALLENGE ? step->challenge : 0);
		bool relayed = before != NULL && before->msg.type == m->msg.type;

		if (m->leg != step->leg || m->msg.type != step->type || wire_status(m) != step->status ||
		    fields_of(m) != fields || m->asks != step->asks || m->verdict != CPNS_ACCEPTED) {
			printf("\n    %s step %s is not as told", flow->name, step->clause);
			as_told = false;
		}
		if (relayed && (m->n != before->n || memcmp(m->bytes, before->bytes, m->n) != 0)) {
			printf("\n    %s step %s is not relayed as it came", flow->name, step->clause);
			as_told = false;
		}
		before = m;
	}
	if (i < w->messages->len) {
		printf("\n    %s goes on after its last step", flow->name);
		as_told = false;
	}
	if (!as_told) {
		printf("\n");
		wire_print(w);
		CU_FAIL("messages of a flow");
	}
}

static void start(struct wire *w, const struct flow *flow, const char *user)
{
	if (flow->steps == pne_ui)
		wire_start(w, WIRE_PNE, user, password);
	else if (flow->steps == secure_pan)
		wire_trigger(w, WIRE_PNE, user, password);
	else if (flow->steps == insecure_pan)
		wire_ask_for(w, WIRE_PNE, user, password);
	else
		wire_ask(w, user, password);
}

static void expect_stretches(const struct wire *w, const struct flow *flow, unsigned variant)
{
	struct stretches sum = flow->assignment;

	if (variant & INSTALLATION)
		sum.pne += flow->installation.pne;
	if (variant & REGISTRATION)
		sum.server++;
	if (!(variant & HARDENED)) /* the literal password hash is one SHA-256 */
		sum = (struct stretches){0};
	CU_ASSERT_EQUAL(w->ops[WIRE_PNE].pbkdf2_iterations, sum.pne * w->rules.iterations);
	CU_ASSERT_EQUAL(w->ops[WIRE_GW].pbkdf2_iterations, sum.gw * w->rules.iterations);
	CU_ASSERT_EQUAL(w->ops[WIRE_SERVER].pbkdf2_iterations, sum.server * w->rules.iterations);
}

static void run(const struct flow *flow, unsigned variant)
{
	const char *user = variant & REGISTRATION ? "carol@cpns.example" : "alice@cpns.example";
	struct cpns_entity *record;
	struct wire w;

	wire_init(&w, variant & HARDENED ? WIRE_HARDENED : WIRE_LITERAL, variant & CHALLENGE);
	record = w.record[flow->entity];
	if (flow->variants & INSTALLATION && !(variant & INSTALLATION))
		wire_install(&w, WIRE_PNE, user, password);
	if (variant & REGISTRATION) {
		cpns_entity_set_owner(record, wire_octets(user));
		wire_register(&w, flow->entity == WIRE_GW ? CPNS_GW_SELF : WIRE_PNE, flow->registration, user,
			      password);
		wire_run(&w);
		CU_ASSERT_EQUAL(w.registered, 1);
	}
	start(&w, flow, user);
	CU_ASSERT_FALSE(wire_idle(&w));
	wire_run(&w);
	expect_exactly(&w, flow, variant);
	expect_stretches(&w, flow, variant);

	/* One key, at that entity alone, and the server holds it as the profile says. */
	CU_ASSERT_EQUAL(w.server.keys_issued, 1);
	for (enum wire_node node = WIRE_PNE; node < WIRE_SERVER; node++) {
		CU_ASSERT_EQUAL(w.stored[node], node == flow->entity);
		CU_ASSERT_EQUAL(wire_keyed(&w, node), node == flow->entity);
		CU_ASSERT_FALSE(wire_diverged(&w, node));
	}
	CU_ASSERT_EQUAL(wire_current(&w, flow->entity), !(variant & HARDENED));
	CU_ASSERT_EQUAL(wire_pending(&w, flow->entity), (variant & HARDENED) != 0);
	CU_ASSERT_TRUE(cpns_entity_has(record, wire_key(&w, flow->entity)));
	CU_ASSERT_TRUE(wire_idle(&w));
	CU_ASSERT_EQUAL(w.same_draws, 0);
	wire_clear(&w);
}

static void every_variant(const struct flow *flow)
{
	for (unsigned variant = 0; variant < 16; variant++)
		if ((variant & (INSTALLATION | REGISTRATION) & ~flow->variants) == 0)
			run(flow, variant);
}

static void test_pne_ui(void)
{
	every_variant(&flows[0]);
}

static void test_secure_pan(void)
{
	every_variant(&flows[1]);
}

static void test_insecure_pan(void)
{
	every_variant(&flows[2]);
}

static void test_gateway(void)
{
	every_variant(&flows[3]);
}

/* Messages per leg as Decision 3 counts them: 6.3.2.1 takes 3 and 2, with installation 5 and 2, with registration too
 * 5 and 4; 6.3.1 2 and 2, twice that with a challenge; 6.3.2.2 2 and 1, one more with the acknowledgement; 6.3.3 2
 * or 4. */
static void test_counts(void)
{
	static const struct {
		unsigned flow, variant, pan, wan;
	} cases[] = {
	    {0, 0, 2, 2},
	    {0, CHALLENGE, 4, 4},
	    {1, HARDENED, 3, 2},
	    {1, HARDENED | INSTALLATION, 5, 2},
	    {1, HARDENED | INSTALLATION | REGISTRATION, 5, 4},
	    {2, 0, 1, 2},
	    {2, HARDENED, 2, 2},
	    {3, 0, 0, 2},
	    {3, CHALLENGE, 0, 4},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned pan = 0, wan = 0;

		for (const struct step *step = flows[cases[i].flow].steps; step->clause != NULL; step++)
			if (takes_place(step, cases[i].variant))
				*(step->leg == WIRE_P_G || step->leg == WIRE_G_P ? &pan : &wan) += 1;
		CU_ASSERT_EQUAL(pan, cases[i].pan);
		CU_ASSERT_EQUAL(wan, cases[i].wan);
	}
}

/* Both PNEs and the PN GW at once: exchanges for different entities run side by side and do not mix. */
static void test_side_by_side(void)
{
	for (unsigned hard = 0; hard < 2; hard++) {
		struct wire w;

		wire_init(&w, hard ? WIRE_HARDENED : WIRE_LITERAL, true);
		wire_start(&w, WIRE_PNE, "alice@cpns.example", password);
		wire_trigger(&w, WIRE_PNE2, "alice@cpns.example", password);
		wire_ask(&w, "alice@cpns.example", password);
		wire_run(&w);
		CU_ASSERT_EQUAL(w.server.keys_issued, 3);
		for (enum wire_node node = WIRE_PNE; node < WIRE_SERVER; node++) {
			CU_ASSERT_EQUAL(w.stored[node], 1);
			CU_ASSERT_TRUE(hard ? wire_pending(&w, node) : wire_current(&w, node));
			for (enum wire_node other = WIRE_PNE; other < node; other++)
				CU_ASSERT_NOT_EQUAL(memcmp(wire_key(&w, node), wire_key(&w, other), CPNS_HASH), 0);
		}
		CU_ASSERT_EQUAL(w.messages->len, 8 + 7 + 4);
		wire_clear(&w);
	}
}

/* One after the other for the same PNE: each time another key, and the last one counts. The PNE asks by itself, or
 * its PN GW acts for it in either way; which of the two is a property of the PNE and does not change. */
static void test_one_after_the_other(void)
{
	static const unsigned orders[][6] = {{0, 0, 0, 0, 0, 0}, {1, 2, 1, 1, 2, 2}};

	for (unsigned hard = 0; hard < 2; hard++)
		for (unsigned o = 0; o < 2; o++) {
			uint8_t keys[6][CPNS_HASH];
			struct wire w;

			wire_init(&w, hard ? WIRE_HARDENED : WIRE_LITERAL, true);
			for (unsigned i = 0; i < 6; i++) {
				start(&w, &flows[orders[o][i]], "alice@cpns.example");
				wire_run(&w);
				CU_ASSERT_EQUAL(w.stored[WIRE_PNE], i + 1);
				CU_ASSERT_TRUE(hard ? wire_pending(&w, WIRE_PNE) : wire_current(&w, WIRE_PNE));
				memcpy(keys[i], wire_key(&w, WIRE_PNE), CPNS_HASH);
				for (unsigned k = 0; k < i; k++)
					CU_ASSERT_NOT_EQUAL(memcmp(keys[i], keys[k], CPNS_HASH), 0);
			}
			CU_ASSERT_EQUAL(w.server.keys_issued, 6);
			CU_ASSERT_EQUAL(w.same_draws, 0);
			wire_clear(&w);
		}
}

int main(int argc, char **argv)
{
	static const struct suite_case cases[] = {
	    {"6.3.1: PNE with UI", test_pne_ui},
	    {"6.3.2.1: no UI, secure PAN", test_secure_pan},
	    {"6.3.2.2: no UI, insecure PAN", test_insecure_pan},
	    {"6.3.3: PN GW", test_gateway},
	    {"messages per leg", test_counts},
	    {"three entities side by side", test_side_by_side},
	    {"one flow after the other", test_one_after_the_other},
	    {0},
	};

	wire_mode(argc > 1 ? argv[1] : "real");
	return suite_run("flows", cases);
}
