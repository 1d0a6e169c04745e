/* Step 0 before the flows (Decisions 2, 3 and 13; section 4.4): what it sends, once for each leg and for all that
 * wait, and again when a session is gone. What becomes of its messages on a bad wire is told in
 * test_step_0_troubles.c. */
#include <string.h>

#include "tests/protocol/story.h"

#define F(name) (1u << CPNS_##name)

static const char no_user[] = "carol@cpns.example";

/* Everything from the start to the end. */
static void run(struct wire *w, struct variant v)
{
	go(w, v.flow, alice, password);
	wire_run(w);
}

static unsigned fields_of(const struct wire_message *m)
{
	unsigned fields = 0;

	for (unsigned f = 0; f < CPNS_FIELDS; f++)
		fields |= (unsigned)cpns_msg_has(&m->msg, f) << f;
	return fields;
}

static const struct {
	enum wire_leg leg;
	enum cpns_type type;
	int status;
	unsigned fields;
} steps[] = {
    {WIRE_G_S, CPNS_BOOTSTRAP_REQUEST, -1, F(GW_ID) | F(RAND_GW)},
    {WIRE_S_G, CPNS_BOOTSTRAP_CHALLENGE, -1, F(RAND_SERVER) | F(AUTH_DATA)},
    {WIRE_G_S, CPNS_BOOTSTRAP_ANSWER, -1, F(GW_ID) | F(AUTH_DATA)},
    {WIRE_S_G, CPNS_BOOTSTRAP_RESULT, 0, F(STATUS) | F(B_TID) | F(LIFETIME)},
    {WIRE_G_S, CPNS_SESSION_REQUEST, -1, F(B_TID) | F(RAND_GW) | F(AUTH_DATA)},
    {WIRE_S_G, CPNS_SESSION_RESPONSE, 0, F(STATUS) | F(LIFETIME) | F(AUTH_DATA)},
    {WIRE_G_P, CPNS_PAIRING_REQUEST, -1, F(GW_ID) | F(COMMITMENT)},
    {WIRE_P_G, CPNS_PAIRING_RESPONSE, -1, F(ENTITY_ID) | F(RAND_PNE)},
    {WIRE_G_P, CPNS_PAIRING_OPENING, -1, F(RAND_GW) | F(AUTH_DATA)},
    {WIRE_P_G, CPNS_PAIRING_CONFIRMATION, -1, F(ENTITY_ID) | F(AUTH_DATA)},
};

/* Step 0's messages, in this order, one after the other; between them, in the order and with the content that they
 * have without it, those of the flow. */
static void test_messages(void)
{
	static const char story[] = "step 0 before the flow";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		unsigned first = v.flow == GATEWAY ? 10 : 0, end = first == 10 || v.flow == SECURE_PAN ? 10 : 6;
		struct wire calm, w;
		guint other = 0;

		init(&calm, v);
		run(&calm, v);
		init_step_0(&w, v);
		run(&w, v);
		EXPECT(bootstrapping(&w) == wan_step_0(v.flow) && pairing(&w) == pan_step_0(v.flow));
		for (guint k = 0; k < w.messages->len; k++) {
			const struct wire_message *m = wire_at(&w, (int)k);

			EXPECT(m->verdict == CPNS_ACCEPTED);
			if (is_bootstrapping(m) || is_pairing(m)) {
				EXPECT(first < end && m->leg == steps[first].leg &&
				       m->msg.type == steps[first].type && wire_status(m) == steps[first].status &&
				       fields_of(m) == steps[first].fields && !m->asks);
				first += first < end;
				continue;
			}
			const struct wire_message *as = wire_at(&calm, (int)MIN(other, calm.messages->len - 1));

			other++;
			EXPECT(m->leg == as->leg && m->msg.type == as->msg.type && m->asks == as->asks &&
			       wire_status(m) == wire_status(as) && fields_of(m) == fields_of(as));
		}
		EXPECT(first == end && other == calm.messages->len);
		EXPECT(agreed(&w, v) && wire_idle(&w) && w.same_draws == 0);
		EXPECT(w.stored_at == calm.stored_at + time_of_step_0(&w, v.flow));
		EXPECT(wan_step_0(v.flow) > 0 ? wan_is_up(&w) : wire_wan(&w, WIRE_GW) == NULL);
		EXPECT(pan_step_0(v.flow) > 0 ? pan_is_up(&w, WIRE_PNE) : wire_pan(&w, WIRE_GW, WIRE_PNE) == NULL);
		EXPECT(wire_pan(&w, WIRE_PNE2, WIRE_PNE2) == NULL); /* nobody paired with that one */
		wire_clear(&w);
		wire_clear(&calm);
	}
}

/* A registration needs the WAN leg's session in every flow (C249); the flow that comes after it then finds it. */
static void test_registration(void)
{
	static const char story[] = "registration first";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire w;

		init_step_0(&w, v);
		for (int e = 0; e < 3; e++)
			cpns_entity_set_owner(w.record[e], wire_octets(no_user));
		wire_register(&w, v.flow == GATEWAY ? CPNS_GW_SELF : WIRE_PNE,
			      v.flow == SECURE_PAN ? CPNS_SUBSCRIPTION_REGISTRATION : CPNS_ID_PWD_REGISTRATION,
			      no_user, password);
		EXPECT(wire_at(&w, 0)->msg.type == CPNS_BOOTSTRAP_REQUEST);
		wire_run(&w);
		EXPECT(w.registered == 1 && w.registration_failed == 0);
		EXPECT(w.messages->len == 6 + 2 && bootstrapping(&w) == 6 && wire_idle(&w));
		go(&w, v.flow, no_user, password);
		wire_run(&w);
		EXPECT(bootstrapping(&w) == 6 && pairing(&w) == pan_step_0(v.flow));
		EXPECT(agreed(&w, v) && wire_idle(&w) && w.same_draws == 0);
		wire_clear(&w);
	}
}

static void go_second(struct wire *w, enum flow flow)
{
	if (flow == PNE_UI)
		wire_start(w, WIRE_PNE2, alice, password);
	else if (flow == SECURE_PAN)
		wire_trigger(w, WIRE_PNE2, alice, password);
	else if (flow == INSECURE_PAN)
		wire_ask_for(w, WIRE_PNE2, alice, password);
	else
		wire_ask(w, alice, password);
}

/* How long an assignment takes where no step 0 is needed on the WAN leg. */
static int64_t time_alone(struct variant v)
{
	struct wire w;

	init_step_0(&w, v);
	wire_register(&w, CPNS_GW_SELF, CPNS_ID_PWD_REGISTRATION, no_user, password);
	wire_run(&w);
	int64_t from = w.now;

	run(&w, v);
	int64_t took = w.stored_at - from;

	wire_clear(&w);
	return took;
}

/* Another assignment begins at any moment of step 0 on the WAN leg, or after it: there is one step 0 for both, and
 * the second goes on at once when it ends. 6.3.3 does not wait. */
static void test_second_assignment(void)
{
	for (unsigned i = 0; i < VARIANTS; i++)
		for (unsigned second = 0; second < FLOWS; second++)
			for (int64_t when = 0; when <= WIRE_MS(340); when += WIRE_MS(10)) {
				struct variant v = variant(i), o = {(enum flow)second, v.hardened, v.challenge};
				enum wire_node entity = second == GATEWAY ? WIRE_GW : WIRE_PNE2;
				/* whose need comes first: a PNE's request is 10 ms on the way */
				int64_t first = v.flow == PNE_UI ? WIRE_MS(10) : 0;
				int64_t then = when + (o.flow == PNE_UI ? WIRE_MS(10) : 0);
				int64_t end = (o.flow == GATEWAY ? first : MIN(first, then)) + WIRE_MS(300), alone;
				char story[60];
				struct wire w;

				if (v.flow == GATEWAY)
					continue;
				g_snprintf(story, sizeof story, "flow %u begins after %d ms", second,
					   (int)(when / WIRE_MS(1)));
				init_step_0(&w, v);
				go(&w, v.flow, alice, password);
				wire_run_until(&w, when);
				go_second(&w, o.flow);
				wire_run(&w);
				EXPECT(bootstrapping(&w) == 6);
				EXPECT(pairing(&w) == pan_step_0(v.flow) + pan_step_0(o.flow));
				EXPECT(agreed(&w, v) && w.stored[entity] == 1 && wire_idle(&w));
				EXPECT(!wire_diverged(&w, entity));
				alone = time_alone(o);
				if (o.flow == PNE_UI) /* its request is on the way meanwhile */
					EXPECT(w.stored_when[entity] == MAX(when, end - WIRE_MS(10)) + alone);
				else if (o.flow == GATEWAY)
					EXPECT(w.stored_when[entity] == when + alone);
				else
					EXPECT(w.stored_when[entity] == MAX(when, end) + alone);
				wire_clear(&w);
			}
}

/* All three entities at once, in every combination of flows, each with a registration of its own on the way. */
static void test_everybody_at_once(void)
{
	for (unsigned i = 0; i < VARIANTS; i++)
		for (unsigned second = 0; second < GATEWAY; second++) {
			struct variant v = variant(i);
			static const char story[] = "everybody at once";
			struct wire w;

			if (v.flow == GATEWAY)
				continue;
			init_step_0(&w, v);
			wire_register(&w, CPNS_GW_SELF, CPNS_ID_PWD_REGISTRATION, no_user, password);
			go(&w, v.flow, alice, password);
			go_second(&w, (enum flow)second);
			wire_run(&w);
			wire_ask(&w, no_user, password);
			wire_run(&w);
			EXPECT(bootstrapping(&w) == 6 && w.registered == 1);
			EXPECT(agreed(&w, v) && w.stored[WIRE_PNE2] == 1 && w.stored[WIRE_GW] == 1);
			EXPECT(!wire_diverged(&w, WIRE_PNE2) && wire_idle(&w));
			wire_clear(&w);
		}
}

/* The session lives from the PN GW's Session Request for its lifetime: until then a later assignment sends nothing of
 * step 0, from then on it begins with it. */
static void test_lifetime(void)
{
	for (unsigned i = 0; i < VARIANTS; i++)
		for (int64_t late = -1; late <= 0; late++) {
			static const char story[] = "session lifetime";
			struct variant v = variant(i);
			struct wire w;

			if (v.flow == GATEWAY)
				continue;
			init_step_0(&w, v);
			w.rules.session_lifetime = WIRE_S(100);
			run(&w, v);
			int64_t asked = wire_find(&w, WIRE_G_S, CPNS_SESSION_REQUEST, 1)->sent_at;
			int64_t needed = asked + WIRE_S(100) + late;
			int next = (int)w.messages->len + (v.flow == PNE_UI);

			wire_run_until(&w, needed - (v.flow == PNE_UI ? WIRE_MS(10) : 0));
			run(&w, v);
			EXPECT(wire_at(&w, next)->sent_at == needed);
			EXPECT((wire_at(&w, next)->msg.type == CPNS_BOOTSTRAP_REQUEST) == (late == 0));
			EXPECT(w.stored[WIRE_PNE] == 2 && wire_idle(&w) && w.same_draws == 0);
			/* with a nanosecond left, what comes later in the flow finds the session gone */
			bool at_once = v.flow == INSECURE_PAN || (v.flow == PNE_UI && !v.challenge);

			EXPECT(bootstrapping(&w) == (late < 0 && at_once ? 6 : 12));
			/* the PAN leg's session is 120 ms younger, and step 0 on the WAN leg takes 300 */
			EXPECT(pairing(&w) == pan_step_0(v.flow) * (late < 0 ? 1 : 2));
			EXPECT(late < 0 || wan_is_up(&w));
			wire_clear(&w);
		}
}

/* Each leg has a session of its own: one that is gone is made anew, the other is left alone. */
static void test_one_leg(void)
{
	static const char story[] = "one leg's session is gone";
	struct variant v = {SECURE_PAN, true, false};

	for (unsigned pan = 0; pan < 2; pan++) {
		struct wire w;

		init_step_0(&w, v);
		run(&w, v);
		cpns_leg_down(pan ? &w.entities[WIRE_PNE].pan : &w.gw.wan);
		run(&w, v);
		EXPECT(w.stored[WIRE_PNE] == 2 && wire_idle(&w));
		EXPECT(bootstrapping(&w) == (pan ? 6 : 12) && pairing(&w) == (pan ? 8 : 4));
		EXPECT(wan_is_up(&w) && pan_is_up(&w, WIRE_PNE));
		wire_clear(&w);
	}
}

/* A lifetime that ends before step 0 has, or within the flow: it is tried a few times, and nothing hangs. With a
 * second and no losses everything completes. */
static void test_short_lifetimes(void)
{
	static const int64_t lifetimes[] = {0,
					    1,
					    WIRE_MS(1),
					    WIRE_MS(50),
					    WIRE_MS(99),
					    WIRE_MS(100),
					    WIRE_MS(101),
					    WIRE_MS(120),
					    WIRE_MS(150),
					    WIRE_MS(200),
					    WIRE_MS(250),
					    WIRE_MS(300),
					    WIRE_MS(500),
					    WIRE_S(1)};

	for (unsigned i = 0; i < VARIANTS; i++)
		for (size_t k = 0; k < sizeof lifetimes / sizeof *lifetimes; k++) {
			struct variant v = variant(i);
			char story[60];
			struct wire w;

			g_snprintf(story, sizeof story, "lifetime %d us", (int)(lifetimes[k] / 1000));
			init_step_0(&w, v);
			w.rules.session_lifetime = lifetimes[k];
			run(&w, v);
			EXPECT(wire_idle(&w) && w.stored[entity_of(v.flow)] <= 1);
			EXPECT(lifetimes[k] < WIRE_S(1) || agreed(&w, v));
			EXPECT(bootstrapping(&w) <= 6 * 5 * (w.rules.retries + 1));
			EXPECT(v.flow != GATEWAY || agreed(&w, v));
			wire_clear(&w);
		}
}

/* The server has no session any more, from some moment of the flow on: it says so, step 0 is run again and the
 * assignment completes, later by that. */
static void test_server_forgets(void)
{
	for (unsigned i = 0; i < VARIANTS; i++)
		for (int64_t when = 0; when <= WIRE_MS(600); when += WIRE_MS(5)) {
			struct variant v = variant(i);
			char story[60];
			struct wire w;

			g_snprintf(story, sizeof story, "the server forgets after %d ms", (int)(when / WIRE_MS(1)));
			init_step_0(&w, v);
			go(&w, v.flow, alice, password);
			wire_run_until(&w, when);
			wire_expire(&w, WIRE_SERVER);
			wire_run(&w);
			EXPECT(agreed(&w, v) && wire_idle(&w) && w.server.keys_issued == 1);
			EXPECT(bootstrapping(&w) <= 2 * wan_step_0(v.flow) && pairing(&w) == pan_step_0(v.flow));
			EXPECT(w.stored_at < WIRE_MS(1500));
			wire_clear(&w);
		}
}

/* The same, just before the k-th request of a type reaches the server. */
static void test_refused_for_want_of_a_session(void)
{
	static const struct {
		const char *story;
		struct variant v;
		enum cpns_type request, response;
		unsigned k;
		int registration; /* its kind, or -1 */
	} cases[] = {
	    {"registration",
	     {PNE_UI, true, true},
	     CPNS_ID_PWD_REGISTRATION_REQUEST,
	     CPNS_ID_PWD_REGISTRATION_RESPONSE,
	     1,
	     CPNS_ID_PWD_REGISTRATION},
	    {"subscription",
	     {SECURE_PAN, true, true},
	     CPNS_SUBSCRIPTION_REQUEST,
	     CPNS_SUBSCRIPTION_RESPONSE,
	     1,
	     CPNS_SUBSCRIPTION_REGISTRATION},
	    {"6.3.1, single round", {PNE_UI, true, false}, CPNS_REQUEST, CPNS_RESPONSE, 1, -1},
	    {"6.3.1, first request", {PNE_UI, true, true}, CPNS_REQUEST, CPNS_RESPONSE, 1, -1},
	    {"6.3.1, second request", {PNE_UI, true, true}, CPNS_REQUEST, CPNS_RESPONSE, 2, -1},
	    {"6.3.1 literal, second request", {PNE_UI, false, true}, CPNS_REQUEST, CPNS_RESPONSE, 2, -1},
	    {"6.3.2.1", {SECURE_PAN, true, false}, CPNS_REQUEST, CPNS_RESPONSE, 1, -1},
	    {"6.3.2.2", {INSECURE_PAN, true, false}, CPNS_REQUEST_FOR_PNE, CPNS_RESPONSE_FOR_PNE, 1, -1},
	    {"6.3.2.2 literal", {INSECURE_PAN, false, false}, CPNS_REQUEST_FOR_PNE, CPNS_RESPONSE_FOR_PNE, 1, -1},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct variant v = cases[i].v;
		const char *story = cases[i].story;
		const struct wire_message *refused;
		struct wire w;

		init_step_0(&w, v);
		if (cases[i].registration >= 0)
			wire_register(&w, WIRE_PNE, (enum cpns_registration)cases[i].registration, no_user, password);
		else
			go(&w, v.flow, alice, password);
		while (wire_find(&w, WIRE_G_S, cases[i].request, cases[i].k) == NULL)
			wire_run_until(&w, w.now + WIRE_MS(1));
		wire_expire(&w, WIRE_SERVER);
		wire_run(&w);
		refused = wire_find(&w, WIRE_S_G, cases[i].response, cases[i].k);
		EXPECT(wire_status(refused) == CPNS_SESSION_EXPIRED && refused->verdict == CPNS_REFUSED);
		EXPECT(wire_find(&w, WIRE_G_S, cases[i].request, cases[i].k)->verdict == CPNS_NO_SESSION);
		EXPECT(wire_no_cryptography(&wire_find(&w, WIRE_G_S, cases[i].request, cases[i].k)->ops));
		EXPECT(bootstrapping(&w) == 12 && wan_is_up(&w));
		EXPECT(wire_find(&w, WIRE_G_P, CPNS_RESPONSE, 1) == NULL ||
		       wire_status(wire_find(&w, WIRE_G_P, CPNS_RESPONSE, 1)) != CPNS_SESSION_EXPIRED);
		if (cases[i].registration >= 0)
			EXPECT(w.registered == 1 && w.registration_failed == 0);
		else
			EXPECT(agreed(&w, v) && w.server.keys_issued == 1);
		EXPECT(wire_idle(&w) && w.stored_at < WIRE_MS(1500));
		wire_clear(&w);
	}
}

/* The PN GW's own session is gone, from some moment of the flow on. */
static void test_gateway_forgets(void)
{
	for (unsigned i = 0; i < VARIANTS; i++)
		for (unsigned pan = 0; pan < 2; pan++)
			for (int64_t when = 0; when <= WIRE_MS(600); when += WIRE_MS(5)) {
				struct variant v = variant(i);
				char story[60];
				struct wire w;

				if (pan && v.flow != SECURE_PAN)
					continue;
				g_snprintf(story, sizeof story, "the PN GW forgets the %s after %d ms",
					   pan ? "PAN" : "WAN", (int)(when / WIRE_MS(1)));
				init_step_0(&w, v);
				go(&w, v.flow, alice, password);
				wire_run_until(&w, when);
				cpns_leg_down(pan ? &w.entities[WIRE_PNE].pan : &w.gw.wan);
				wire_run(&w);
				EXPECT(agreed(&w, v) && wire_idle(&w) && w.server.keys_issued == 1);
				EXPECT(bootstrapping(&w) <= 2 * wan_step_0(v.flow));
				EXPECT(pairing(&w) <= 2 * pan_step_0(v.flow));
				wire_clear(&w);
			}
}

/* The session of the PAN leg expires while an Installation Request or a Trigger is on the way or lost: the legs are
 * paired anew, and the assignment goes on where it was. */
static void test_pan_expires(void)
{
	static const enum cpns_type types[] = {CPNS_INSTALLATION_REQUEST, CPNS_INSTALLATION_RESPONSE, CPNS_TRIGGER,
					       CPNS_REQUEST};
	struct variant v = {SECURE_PAN, true, false};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		const char *story = cpns_type_name(types[i]);
		enum wire_leg leg =
		    types[i] == CPNS_INSTALLATION_REQUEST || types[i] == CPNS_TRIGGER ? WIRE_G_P : WIRE_P_G;
		struct wire w;

		init_step_0(&w, v);
		w.rules.session_lifetime = WIRE_S(1);
		wire_hook(&w, leg, types[i], 1, WIRE_LOSE, 0);
		run(&w, v);
		EXPECT(agreed(&w, v) && wire_idle(&w) && w.server.keys_issued == 1);
		/* the PNE repeats its request by itself; only the WAN leg is needed for that */
		EXPECT(pairing(&w) == (types[i] == CPNS_REQUEST ? 4 : 8) || types[i] == CPNS_REQUEST);
		EXPECT(w.stored_at < WIRE_S(14));
		wire_clear(&w);
	}
}

/* The PNE alone has lost its session, which the PN GW cannot know: the PNE drops what needs one, and when what was
 * sent to it has been repeated in vain the legs are paired anew. */
static void test_pne_forgets(void)
{
	struct variant v = {SECURE_PAN, true, false};

	for (unsigned installed = 0; installed < 2; installed++)
		for (int64_t when = 0; when <= WIRE_MS(600); when += WIRE_MS(5)) {
			char story[60];
			struct wire w;

			g_snprintf(story, sizeof story, "the PNE forgets after %d ms", (int)(when / WIRE_MS(1)));
			init_step_0(&w, v);
			if (installed)
				wire_install(&w, WIRE_PNE, alice, password);
			go(&w, v.flow, alice, password);
			wire_run_until(&w, when);
			wire_expire(&w, WIRE_PNE);
			wire_run(&w);
			EXPECT(agreed(&w, v) && wire_idle(&w) && w.server.keys_issued == 1);
			EXPECT(pairing(&w) <= 8);

			/* and between two assignments */
			wire_expire(&w, WIRE_PNE);
			run(&w, v);
			EXPECT(w.stored[WIRE_PNE] == 2 && wire_idle(&w) && pan_is_up(&w, WIRE_PNE));
			wire_clear(&w);
		}
}

/* No retransmissions at all, and nothing lost: there is no need for one. */
static void test_no_retransmissions(void)
{
	static const char story[] = "no retransmissions";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire w;

		init_step_0(&w, v);
		w.rules.retries = 0;
		run(&w, v);
		EXPECT(agreed(&w, v) && wire_idle(&w));
		EXPECT(bootstrapping(&w) == wan_step_0(v.flow) && pairing(&w) == pan_step_0(v.flow));
		wire_clear(&w);
	}
}

/* Whoever runs step 0 gives it up: the next one in line runs it for the rest. */
static void test_runner_gives_up(void)
{
	for (unsigned i = 0; i < VARIANTS; i++)
		for (unsigned second = 0; second < GATEWAY; second++)
			for (unsigned registering = 0; registering < 2; registering++) {
				static const char story[] = "the runner gives up";
				struct variant v = variant(i), o = {(enum flow)second, v.hardened, v.challenge};
				struct wire w;

				if (v.flow == GATEWAY)
					continue;
				init_step_0(&w, v);
				wire_hook(&w, WIRE_G_S, CPNS_BOOTSTRAP_REQUEST, 0, WIRE_LOSE, 0);
				if (registering)
					wire_register(&w, WIRE_PNE, CPNS_SUBSCRIPTION_REGISTRATION, no_user,
						      password);
				else
					go(&w, v.flow, alice, password);
				wire_run_until(&w, WIRE_S(40));
				go_second(&w, o.flow);
				wire_run_until(&w, WIRE_S(61));
				EXPECT(wire_count(&w, WIRE_G_S, CPNS_BOOTSTRAP_REQUEST) == 5);
				g_array_set_size(w.hooks, 0);
				wire_run(&w);
				EXPECT(w.stored[WIRE_PNE] == 0 && w.registration_failed == registering);
				EXPECT(w.stored[WIRE_PNE2] == 1 && !wire_diverged(&w, WIRE_PNE2));
				EXPECT(bootstrapping(&w) == 5 + 6 && wan_is_up(&w) && wire_idle(&w));
				/* 6.3.1: who gives up is the PNE, but the PN GW goes on for 10 ms */
				EXPECT(w.stored_when[WIRE_PNE2] <=
				       WIRE_S(62) + WIRE_MS(10) + time_alone(o) + WIRE_MS(300));
				wire_clear(&w);
			}
}

/* Nobody reaches the server: each in line tries, and everything ends. */
static void test_everybody_gives_up(void)
{
	static const char story[] = "everybody gives up";

	for (unsigned i = 0; i < VARIANTS; i++) {
		struct variant v = variant(i);
		struct wire w;

		if (v.flow == GATEWAY)
			continue;
		init_step_0(&w, v);
		wire_hook(&w, WIRE_G_S, (enum cpns_type)0, 0, WIRE_LOSE, 0);
		go(&w, v.flow, alice, password);
		go_second(&w, v.flow);
		wire_register(&w, CPNS_GW_SELF, CPNS_ID_PWD_REGISTRATION, no_user, password);
		wire_run(&w);
		EXPECT(nothing_stored(&w) && w.registration_failed == 1 && wire_idle(&w));
		EXPECT(wire_wan(&w, WIRE_GW) == NULL && wire_wan(&w, WIRE_SERVER) == NULL);
		EXPECT(w.now <= WIRE_S(3 * 62) + WIRE_MS(10));
		wire_clear(&w);
	}
}

/* Secrets */

enum leg_end { GW_WAN, SERVER_WAN, GW_PAN, PNE_PAN, ENDS };

static void set_secret(struct wire *w, enum leg_end end, const uint8_t *secret)
{
	struct cpns_leg *legs[ENDS] = {&w->gw.wan, &w->session.leg, &w->entities[WIRE_PNE].pan,
				       &w->pne[WIRE_PNE].pan};

	legs[end]->secret = secret;
}

/* Nothing to start from, or something else than the other end has: no session on that leg, no key, no registration,
 * and nothing goes on for ever. 6.3.3 needs none. */
static void test_secrets(void)
{
	static const uint8_t other[32] = {7};
	static const struct {
		enum cpns_type refused;
		enum cpns_verdict none, wrong;
	} ends[ENDS] = {
	    {CPNS_BOOTSTRAP_CHALLENGE, CPNS_VERDICT_COUNT, CPNS_BAD_PROOF},
	    {CPNS_BOOTSTRAP_REQUEST, CPNS_NO_SESSION, CPNS_VERDICT_COUNT},
	    {CPNS_PAIRING_OPENING, CPNS_VERDICT_COUNT, CPNS_BAD_PROOF},
	    {CPNS_PAIRING_REQUEST, CPNS_NO_SESSION, CPNS_VERDICT_COUNT},
	};

	for (unsigned i = 0; i < VARIANTS; i++)
		for (unsigned end = 0; end < ENDS; end++)
			for (unsigned none = 0; none < 2; none++) {
				struct variant v = variant(i);
				bool pan = end >= GW_PAN;
				bool needed = pan ? v.flow == SECURE_PAN : v.flow != GATEWAY;
				char story[60];
				struct wire w;

				g_snprintf(story, sizeof story, "%s secret at end %u", none ? "no" : "wrong", end);
				init_step_0(&w, v);
				set_secret(&w, (enum leg_end)end, none ? NULL : other);
				run(&w, v);
				EXPECT(wire_idle(&w));
				EXPECT(needed ? nothing_stored(&w) && nothing_issued(&w) : agreed(&w, v));
				if (!needed) {
					wire_clear(&w);
					continue;
				}
				if (none && end == GW_WAN)
					EXPECT(bootstrapping(&w) == 0);
				if (none && end == GW_PAN)
					EXPECT(pairing(&w) == 0);
				for (guint k = 0; k < w.messages->len; k++) {
					const struct wire_message *m = wire_at(&w, (int)k);
					/* whichever end is wrong, it is the same message that shows it */
					unsigned shows = none ? end : end & ~1u;

					if (m->msg.type == ends[shows].refused)
						EXPECT(m->verdict == (none ? ends[shows].none : ends[shows].wrong) &&
						       m->answer < 0);
				}
				EXPECT(pan ? wan_is_up(&w) : wire_wan(&w, WIRE_GW) == NULL);
				EXPECT(pan || wire_wan(&w, WIRE_SERVER) == NULL);
				EXPECT(wire_pan(&w, WIRE_GW, WIRE_PNE) == NULL);
				EXPECT(wire_pan(&w, WIRE_PNE, WIRE_PNE) == NULL);
				EXPECT(w.pne[WIRE_PNE].account == NULL);
				wire_register(&w, WIRE_PNE, CPNS_ID_PWD_REGISTRATION, no_user, password);
				wire_run(&w);
				EXPECT(w.registered == pan && w.registration_failed == !pan && wire_idle(&w));
				wire_clear(&w);
			}
}

/* Restarts */

/* With step 0 to be run, done by messages long ago, or not modelled. */
enum before { TO_BE_RUN, WAS_RUN, DONE, BEFORES };

static void begin(struct wire *w, struct variant v, enum before before)
{
	if (before == DONE)
		init(w, v);
	else
		init_step_0(w, v);
	if (before == WAS_RUN) {
		run(w, v);
		wire_run_until(w, WIRE_S(10));
	}
}

/* Has the PNE a request of its own under way, which it repeats by itself? */
static bool asks_by_itself(const struct wire *w)
{
	return cpns_pne_active(&w->pne[WIRE_PNE]);
}

/* The PN GW starts again at any moment. What a PNE has asked for by then completes, for it asks again; a task of the
 * PN GW is gone, and the next one completes. Counters go on, so the PNE takes the next trigger. */
static void test_gateway_restarts(void)
{
	for (unsigned i = 0; i < VARIANTS; i++)
		for (unsigned before = 0; before < BEFORES; before++)
			for (int64_t when = 0; when <= WIRE_MS(560); when += WIRE_MS(5)) {
				struct variant v = variant(i);
				enum wire_node entity = entity_of(v.flow);
				char story[70];
				struct wire w;

				g_snprintf(story, sizeof story, "the PN GW starts again after %d ms, step 0 %u",
					   (int)(when / WIRE_MS(1)), before);
				begin(&w, v, (enum before)before);
				unsigned stored = w.stored[entity];
				int64_t from = w.now;

				go(&w, v.flow, alice, password);
				wire_run_until(&w, from + when);
				bool asking = asks_by_itself(&w);
				bool over = wire_idle(&w);
				uint64_t counter = w.entities[WIRE_PNE].trigger_counter;

				wire_restart(&w, WIRE_GW);
				EXPECT(w.entities[WIRE_PNE].trigger_counter == counter);
				EXPECT(before == DONE || wire_wan(&w, WIRE_GW) == NULL);
				wire_run(&w);
				EXPECT(wire_idle(&w));
				EXPECT(!asking || w.stored[entity] == stored + 1);
				EXPECT(!over || w.stored[entity] == stored + 1);
				EXPECT(w.stored[entity] <= stored + 1);
				stored = w.stored[entity];
				go(&w, v.flow, alice, password);
				wire_run(&w);
				EXPECT(w.stored[entity] == stored + 1 && wire_idle(&w));
				EXPECT(!v.hardened || !wire_diverged(&w, entity));
				EXPECT(v.flow != SECURE_PAN || w.entities[WIRE_PNE].trigger_counter > counter);
				wire_clear(&w);
			}
}

/* The PNE starts again at any moment: a request of its own is gone; what its PN GW does for it goes on, and the
 * next one completes. */
static void test_pne_restarts(void)
{
	for (unsigned i = 0; i < VARIANTS; i++)
		for (unsigned before = 0; before < BEFORES; before++)
			for (int64_t when = 0; when <= WIRE_MS(560); when += WIRE_MS(5)) {
				struct variant v = variant(i);
				char story[70];
				struct wire w;

				if (v.flow == GATEWAY)
					continue;
				g_snprintf(story, sizeof story, "the PNE starts again after %d ms, step 0 %u",
					   (int)(when / WIRE_MS(1)), before);
				begin(&w, v, (enum before)before);
				unsigned stored = w.stored[WIRE_PNE];
				int64_t from = w.now;

				go(&w, v.flow, alice, password);
				wire_run_until(&w, from + when);
				bool asking = asks_by_itself(&w);
				uint64_t counter = w.pne[WIRE_PNE].trigger_counter;

				wire_restart(&w, WIRE_PNE);
				EXPECT(w.pne[WIRE_PNE].trigger_counter == counter);
				EXPECT(before == DONE || wire_pan(&w, WIRE_PNE, WIRE_PNE) == NULL);
				EXPECT(!asks_by_itself(&w));
				wire_run(&w);
				EXPECT(wire_idle(&w));
				EXPECT(w.stored[WIRE_PNE] == stored + !asking);
				stored = w.stored[WIRE_PNE];
				go(&w, v.flow, alice, password);
				wire_run(&w);
				EXPECT(w.stored[WIRE_PNE] == stored + 1 && wire_idle(&w));
				EXPECT(!v.hardened || !wire_diverged(&w, WIRE_PNE));
				wire_clear(&w);
			}
}

/* What a restart keeps: the key, the account, what is installed where. */
static void test_what_is_kept(void)
{
	static const char story[] = "kept over a restart";
	struct variant v = {SECURE_PAN, true, false};
	uint8_t key[CPNS_HASH];
	struct wire w;

	init_step_0(&w, v);
	run(&w, v);
	memcpy(key, wire_key(&w, WIRE_PNE), sizeof key);
	wire_restart(&w, WIRE_PNE);
	wire_restart(&w, WIRE_GW);
	EXPECT(wire_keyed(&w, WIRE_PNE) && memcmp(key, wire_key(&w, WIRE_PNE), sizeof key) == 0);
	EXPECT(w.pne[WIRE_PNE].account != NULL && w.entities[WIRE_PNE].installed);
	run(&w, v);
	EXPECT(w.stored[WIRE_PNE] == 2 && wire_count(&w, WIRE_G_P, CPNS_INSTALLATION_REQUEST) == 1);
	EXPECT(bootstrapping(&w) == 12 && pairing(&w) == 8);
	wire_clear(&w);
}

int main(int argc, char **argv)
{
	static const struct suite_case cases[] = {
	    {"messages, order and latency", test_messages},
	    {"before a registration", test_registration},
	    {"a second assignment", test_second_assignment},
	    {"everybody at once", test_everybody_at_once},
	    {"session lifetime", test_lifetime},
	    {"one leg's session is gone", test_one_leg},
	    {"short lifetimes", test_short_lifetimes},
	    {"the server forgets its session", test_server_forgets},
	    {"a request without a session", test_refused_for_want_of_a_session},
	    {"the PN GW forgets a session", test_gateway_forgets},
	    {"the PAN leg's session expires", test_pan_expires},
	    {"the PNE forgets its session", test_pne_forgets},
	    {"no retransmissions", test_no_retransmissions},
	    {"the runner gives up", test_runner_gives_up},
	    {"everybody gives up", test_everybody_gives_up},
	    {"no secret, or another one", test_secrets},
	    {"the PN GW starts again", test_gateway_restarts},
	    {"the PNE starts again", test_pne_restarts},
	    {"what a restart keeps", test_what_is_kept},
	    {0},
	};

	wire_mode(argc > 1 ? argv[1] : "real");
	return suite_run("step 0", cases);
}
