#include "tests/fuzz/stage.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "models/crypto/crypto.h"
#include "models/protocol/gw.h"
#include "models/protocol/keys.h"
#include "models/protocol/pne.h"
#include "models/protocol/server.h"
#include "models/store/memory.h"
#include "tests/fuzz/target.h"

#define MS INT64_C(1000000)
#define STRING(text) ((struct cpns_octets){(const uint8_t *)(text), sizeof(text) - 1})

enum {
	PNES = 2,
	GW = 2, /* as an entity, after the PNEs */
	ENTITIES = 3,
	SERVER = 3, /* as a machine */
	MACHINES = 4,
	FLYING_MAX = 32,
	SENT_MAX = 64,   /* remembered: the newest */
	CALLS_MAX = 600, /* of machines, in one script */
	LONGEST = 1600,  /* some octets longer than any message */
};

enum leg { TO_PNE, FROM_PNE, TO_SERVER, FROM_SERVER };

struct message {
	enum leg leg;
	uint32_t pne; /* at its PN GW; on the WAN nobody looks */
	size_t n;
	uint8_t bytes[LONGEST];
};

/* A request that got an answer. */
struct answered {
	struct message request, answer;
	int64_t at;
};

struct issued {
	uint8_t key[CPNS_HASH];
	uint8_t entity[CPNS_ID_MAX];
	size_t entity_n;
};

static const struct cpns_octets ids[ENTITIES] = {STRING("pne:0001"), STRING("pne:0002"), STRING("gw:01")};
static const struct cpns_octets users[] = {STRING("alice@cpns.example"), STRING("mallory@cpns.example"),
					   STRING("nobody@cpns.example")};
static const struct cpns_octets passwords[] = {STRING("correct horse battery"), STRING("wrong"), STRING("")};
static const uint8_t sessions[ENTITIES][32] = {{0x31, 1, 7}, {0x31, 2, 7}, {0x32, 7}};
static const uint8_t temporary[PNES][16] = {{0xa0, 1, 9}, {0xa0, 2, 9}};

/* What a message of a type must and may have, and what an invented field is as long as. */
#define F(name) (1u << CPNS_##name)
static const struct {
	uint32_t must, may;
} shapes[CPNS_TYPES] = {
    [CPNS_ID_PWD_REGISTRATION_REQUEST] = {F(USER_ID) | F(ENC_PASSWORD), 0},
    [CPNS_ID_PWD_REGISTRATION_RESPONSE] = {F(STATUS), 0},
    [CPNS_SUBSCRIPTION_REQUEST] = {F(USER_ID) | F(ENC_PASSWORD), F(SUBSCRIPTION_INFO)},
    [CPNS_SUBSCRIPTION_RESPONSE] = {F(STATUS), 0},
    [CPNS_INSTALLATION_REQUEST] = {F(USER_ID) | F(ENC_PASSWORD) | F(HASH_PARAMS_F), 0},
    [CPNS_INSTALLATION_RESPONSE] = {F(ENTITY_ID) | F(STATUS), 0},
    [CPNS_TRIGGER] = {F(USER_ID) | F(GW_ID) | F(RAND_T) | F(AUTH_DATA), 0},
    [CPNS_REQUEST] = {F(USER_ID) | F(ENTITY_ID), F(RAND_PNE) | F(AUTH_DATA)},
    [CPNS_RESPONSE] = {F(ENTITY_ID) | F(STATUS), F(RAND_SERVER) | F(AUTH_DATA) | F(ENC_EUKEY)},
    [CPNS_REQUEST_FOR_PNE] = {F(USER_ID) | F(ENTITY_ID), F(RAND_PNE) | F(AUTH_DATA)},
    [CPNS_RESPONSE_FOR_PNE] = {F(ENTITY_ID) | F(STATUS), F(EUKEY) | F(TEMPORARY_KEY) | F(KEY_INDEX) | F(COUNTER)},
    [CPNS_NOTIFICATION] = {F(ENTITY_ID) | F(ENC_EUKEY), F(RAND_N) | F(KEY_INDEX) | F(COUNTER)},
    [CPNS_NOTIFICATION_ACK] = {F(ENTITY_ID) | F(AUTH_DATA), F(COUNTER)},
};
static const uint8_t lengths[CPNS_FIELDS] = {
    [CPNS_USER_ID] = 5,        [CPNS_ENTITY_ID] = 8,         [CPNS_GW_ID] = 5,
    [CPNS_STATUS] = 1,         [CPNS_RAND_PNE] = 16,         [CPNS_RAND_SERVER] = 16,
    [CPNS_RAND_T] = 16,        [CPNS_RAND_N] = 16,           [CPNS_NONCE] = 16,
    [CPNS_REALM] = 12,         [CPNS_ALGORITHM] = 1,         [CPNS_DIGEST] = 32,
    [CPNS_PASSWORD_HASH] = 32, [CPNS_AUTH_DATA] = 16,        [CPNS_ENC_PASSWORD] = 60,
    [CPNS_HASH_PARAMS_F] = 21, [CPNS_SUBSCRIPTION_INFO] = 3, [CPNS_ENC_EUKEY] = 40,
    [CPNS_EUKEY] = 32,         [CPNS_TEMPORARY_KEY] = 16,    [CPNS_KEY_COUNT] = 4,
    [CPNS_KEY_INDEX] = 4,      [CPNS_COUNTER] = 8,
};

struct stage {
	enum stage_target target;
	const uint8_t *script, *end;
	struct cpns_rules rules;
	struct cpns_crypto *crypto;
	struct cpns_env env;
	struct cpns_pne pne[PNES];
	struct cpns_gw_entity entities[PNES];
	struct cpns_gw gw;
	struct memory_store *store;
	struct cpns_server server;
	struct cpns_entity *record[ENTITIES];
	struct cpns_session session;
	int64_t now, work[MACHINES];
	uint64_t draws;
	unsigned calls;
	bool notifying[PNES]; /* the PN GW's task for that PNE has sent its notification */
	uint64_t trigger_counter[PNES], notice_counter[PNES];

	unsigned n_flying, n_sent, n_answered, n_issued;
	struct cpns_msg request;           /* that the server is working on */
	struct message last_request[PNES]; /* of each PNE, for itself */
	struct message flying[FLYING_MAX];
	struct message sent[SENT_MAX]; /* number k of all at k % SENT_MAX */
	struct answered answered[CALLS_MAX];
	struct issued issued[CALLS_MAX];
};

static struct stage the_stage; /* large: kept from one script to the next */

/* ---- the script ---- */

static bool more(const struct stage *s)
{
	return s->script < s->end && s->calls < CALLS_MAX;
}

static uint8_t next(struct stage *s)
{
	return s->script < s->end ? *s->script++ : '0';
}

/* An argument below `n`. */
static unsigned pick(struct stage *s, unsigned n)
{
	return (uint8_t)(next(s) - '0') % n;
}

static struct message *flying(struct stage *s)
{
	return s->n_flying > 0 ? &s->flying[pick(s, s->n_flying)] : NULL;
}

static const struct message *sent(struct stage *s)
{
	unsigned kept = s->n_sent < SENT_MAX ? s->n_sent : SENT_MAX;

	return kept > 0 ? &s->sent[(s->n_sent - 1 - pick(s, kept)) % SENT_MAX] : NULL;
}

/* May the script attack what comes this way? */
static bool attacked(const struct stage *s, enum leg leg)
{
	switch (s->target) {
	case STAGE_PNE:
		return leg == TO_PNE;
	case STAGE_GW:
		return leg == FROM_PNE || leg == FROM_SERVER;
	case STAGE_SERVER:
		break;
	}
	return leg == TO_SERVER;
}

/* ---- messages ---- */

static struct message message_of(enum leg leg, uint32_t pne, const uint8_t *bytes, size_t n)
{
	struct message m;

	m.leg = leg;
	m.pne = pne;
	m.n = n;
	memcpy(m.bytes, bytes, n);
	return m;
}

static bool same_octets(const struct message *a, const struct message *b)
{
	return a->n == b->n && memcmp(a->bytes, b->bytes, a->n) == 0;
}

static void fly(struct stage *s, const struct message *m)
{
	if (s->n_flying < FLYING_MAX)
		s->flying[s->n_flying++] = *m;
}

static void land(struct stage *s, struct message *m)
{
	memmove(m, m + 1, (size_t)(&s->flying[s->n_flying] - (m + 1)) * sizeof(*m));
	s->n_flying--;
}

static bool same_field(const struct cpns_msg *a, const struct cpns_msg *b, enum cpns_field field)
{
	const struct cpns_octets *x = &a->field[field];

	return x->at == NULL ? b->field[field].at == NULL : cpns_msg_equal(b, field, *x);
}

/* As the codec would, but whatever the fields are. */
static void encode(const struct cpns_msg *msg, struct message *m)
{
	uint8_t *at = m->bytes + CPNS_HEADER, *limit = m->bytes + LONGEST;

	for (unsigned i = 0; i < CPNS_FIELDS; i++) {
		const struct cpns_octets *f = &msg->field[i];

		if (f->at == NULL || (size_t)(limit - at) < f->n + 3)
			continue;
		*at++ = (uint8_t)(i + 1);
		*at++ = (uint8_t)(f->n >> 8);
		*at++ = (uint8_t)f->n;
		memcpy(at, f->at, f->n);
		at += f->n;
	}
	m->n = (size_t)(at - m->bytes);
	m->bytes[0] = 1;
	m->bytes[1] = (uint8_t)msg->type;
	m->bytes[2] = 0;
	cpns_put32(m->bytes + 3, msg->transaction);
	m->bytes[7] = (uint8_t)((m->n - CPNS_HEADER) >> 8);
	m->bytes[8] = (uint8_t)(m->n - CPNS_HEADER);
}

/* The newest field of that kind that was ever sent, from `skip` messages ago; or none. */
static struct cpns_octets overheard(const struct stage *s, unsigned field, unsigned skip)
{
	unsigned kept = s->n_sent < SENT_MAX ? s->n_sent : SENT_MAX;
	struct cpns_msg msg;

	for (unsigned k = skip; k < kept; k++) {
		const struct message *m = &s->sent[(s->n_sent - 1 - k) % SENT_MAX];

		if (cpns_msg_decode(&msg, m->bytes, m->n) && msg.field[field].at != NULL)
			return msg.field[field];
	}
	return (struct cpns_octets){0};
}

/* ---- what is checked ---- */

static void draw(void *host, enum cpns_draw what, uint32_t exchange, uint16_t index, uint8_t *out, size_t n)
{
	struct stage *s = host;

	(void)exchange;
	(void)index;
	for (size_t i = 0; i < n; i++) { /* splitmix64: no two draws are alike */
		uint64_t x = ++s->draws * UINT64_C(0x9e3779b97f4a7c15);

		x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
		out[i] = (uint8_t)(x >> 56);
	}
	if (what != CPNS_DRAW_KEY)
		return;
	struct issued *key = &s->issued[s->n_issued++];
	struct cpns_octets entity = s->request.field[CPNS_ENTITY_ID];

	FUZZ_HOLDS(n == CPNS_HASH && entity.at != NULL, "a key is issued for an entity");
	memcpy(key->key, out, n);
	memcpy(key->entity, entity.at, entity.n);
	key->entity_n = entity.n;
}

static void check_stored(const struct stage *s, unsigned entity, const uint8_t *eukey)
{
	for (unsigned i = 0; i < s->n_issued; i++)
		if (s->issued[i].entity_n == ids[entity].n &&
		    memcmp(s->issued[i].entity, ids[entity].at, ids[entity].n) == 0 &&
		    memcmp(s->issued[i].key, eukey, CPNS_HASH) == 0)
			return;
	FUZZ_HOLDS(false, "a stored key was issued by the server for that entity");
}

/* Was this request made by an honest machine, up to what no proof covers? */
static bool was_made(const struct stage *s, const struct cpns_msg *msg)
{
	static const uint32_t mac = F(USER_ID) | F(ENTITY_ID) | F(RAND_PNE) | F(RAND_T) | F(NONCE) | F(AUTH_DATA),
			      digest = F(USER_ID) | F(ENTITY_ID) | F(RAND_PNE) | F(NONCE) | F(DIGEST),
			      hash = F(USER_ID) | F(PASSWORD_HASH);
	uint32_t proved = s->rules.mac_proof ? mac : msg->type == CPNS_REQUEST ? digest : hash;
	unsigned kept = s->n_sent < SENT_MAX ? s->n_sent : SENT_MAX;

	for (unsigned i = 0; i < kept; i++) {
		struct cpns_msg made;
		bool same = cpns_msg_decode(&made, s->sent[i].bytes, s->sent[i].n);

		for (unsigned f = 0; same && f < CPNS_FIELDS; f++)
			same = !(proved >> f & 1) || same_field(&made, msg, (enum cpns_field)f);
		if (same)
			return true;
	}
	return s->n_sent > SENT_MAX; /* too long ago to be remembered */
}

/* Does its proof verify, by the password that the server knew before? */
static bool verifies(const struct stage *s, const struct cpns_msg *msg, const uint8_t pwh[CPNS_HASH])
{
	const struct cpns_octets *field = msg->field;
	struct cpns_ops ops = {0};
	struct cpns_work work = {s->crypto, &ops};
	struct cpns_names who = {field[CPNS_USER_ID], field[CPNS_ENTITY_ID]};
	uint8_t prk[CPNS_HASH], proof[CPNS_HASH];

	if (s->rules.mac_proof) {
		cpns_prk(work, pwh, prk);
		cpns_request_proof(work, prk, &who, field[CPNS_RAND_PNE].at,
				   field[CPNS_NONCE].at != NULL ? field[CPNS_NONCE] : field[CPNS_RAND_T], proof);
		return cpns_msg_equal(msg, CPNS_AUTH_DATA, (struct cpns_octets){proof, CPNS_TAG});
	}
	if (field[CPNS_PASSWORD_HASH].at != NULL)
		return cpns_msg_equal(msg, CPNS_PASSWORD_HASH, (struct cpns_octets){pwh, CPNS_HASH});
	cpns_digest(work, &s->rules, pwh, &who, field[CPNS_NONCE], field[CPNS_RAND_PNE].at, proof);
	return cpns_msg_equal(msg, CPNS_DIGEST, (struct cpns_octets){proof, CPNS_HASH});
}

/* The server has just issued a key for s->request. */
static void check_issued(const struct stage *s, const uint8_t *pwh)
{
	const struct cpns_msg *msg = &s->request;
	bool unproved = !s->rules.mac_proof && msg->type == CPNS_REQUEST && msg->field[CPNS_DIGEST].at == NULL;

	FUZZ_HOLDS(pwh != NULL, "no key without a user");
	if (unproved) /* RAND_PNE is all there is in the literal 6.3.2.1 */
		return;
	FUZZ_HOLDS(was_made(s, msg), "no key for a proof that nobody made");
	FUZZ_HOLDS(verifies(s, msg, pwh), "no key without a valid proof");
	if (s->rules.ownership_check && (msg->type == CPNS_REQUEST_FOR_PNE || msg->field[CPNS_RAND_T].at != NULL))
		FUZZ_HOLDS(cpns_msg_equal(msg, CPNS_USER_ID, users[0]), "no key for somebody else's entity");
}

static void check_timers(const struct stage *s)
{
	for (unsigned e = 0; e < ENTITIES + PNES; e++) {
		bool pne = e >= ENTITIES;
		uint32_t entity = e == GW ? CPNS_GW_SELF : e;
		int64_t deadline = pne ? cpns_pne_deadline(&s->pne[e - ENTITIES]) : cpns_gw_deadline(&s->gw, entity);
		bool active = pne ? cpns_pne_active(&s->pne[e - ENTITIES]) : cpns_gw_active(&s->gw, entity);

		FUZZ_HOLDS(active == (deadline != CPNS_NEVER), "whoever waits has a deadline, and nobody else");
		FUZZ_HOLDS(deadline >= s->now, "a deadline is not in the past");
	}
}

static void check_state(struct stage *s)
{
	check_timers(s);
	for (unsigned e = 0; e < ENTITIES; e++) {
		FUZZ_HOLDS(s->record[e]->n_pending <= CPNS_PENDING_MAX, "no more pending keys than allowed");
		FUZZ_HOLDS(!s->rules.two_phase_key || !s->record[e]->keyed, "no key is current before its first use");
		for (unsigned i = 0; i < s->record[e]->n_pending; i++)
			check_stored(s, e, s->record[e]->pending[i]);
		if (s->record[e]->keyed)
			check_stored(s, e, s->record[e]->current);
	}
	/* The PN GW takes the server's word for a PNE's key: what the WAN's session is for. */
	for (unsigned p = 0; p < PNES; p++) {
		if (s->pne[p].keyed && s->target != STAGE_GW)
			check_stored(s, p, s->pne[p].eukey);
		FUZZ_HOLDS(s->pne[p].trigger_counter >= s->trigger_counter[p] &&
			       s->pne[p].notice_counter >= s->notice_counter[p],
			   "counters only grow");
		s->trigger_counter[p] = s->pne[p].trigger_counter;
		s->notice_counter[p] = s->pne[p].notice_counter;
	}
	if (s->gw.keyed)
		check_stored(s, GW, s->gw.eukey);
}

/* An answer kept for a duplicate may have been pushed out by eight newer ones, or expired; none is kept for an entity
 * that is unknown. */
static void check_taken_for_duplicate(const struct stage *s, const struct message *request, enum cpns_verdict verdict)
{
	struct cpns_msg msg, newer;
	unsigned since = 0;

	if (!cpns_msg_decode(&msg, request->bytes, request->n) || msg.field[CPNS_ENTITY_ID].at == NULL ||
	    s->server.store->entity(s->server.store->self, msg.field[CPNS_ENTITY_ID], false) == NULL)
		return;
	for (unsigned i = s->n_answered; i-- > 0 && since < 8;) {
		const struct answered *a = &s->answered[i];

		if (a->request.leg != TO_SERVER || a->at + CPNS_EXCHANGE_LIFETIME <= s->now ||
		    !cpns_msg_decode(&newer, a->request.bytes, a->request.n) ||
		    !same_field(&newer, &msg, CPNS_ENTITY_ID))
			continue;
		if (same_octets(&a->request, request))
			FUZZ_HOLDS(verdict == CPNS_DUPLICATE || verdict == CPNS_BUSY, "a duplicate is known as one");
		since++;
	}
}

static bool same_rand_pne(const struct cpns_msg *a, const struct cpns_msg *b)
{
	static const uint8_t none[16];
	const uint8_t *x = a->field[CPNS_RAND_PNE].at, *y = b->field[CPNS_RAND_PNE].at;

	return memcmp(x != NULL ? x : none, y != NULL ? y : none, 16) == 0;
}

/* Is `b`, by the rules, a duplicate of `a`? To the server, what has the type, transaction, RAND_PNE and entity of a
 * request for a key is one, whatever its proof. */
static bool duplicates(const struct message *a, const struct message *b)
{
	struct cpns_msg x, y;

	if (a->leg != b->leg)
		return false;
	if (a->leg != TO_SERVER)
		return a->pne == b->pne && same_octets(a, b);
	return cpns_msg_decode(&x, a->bytes, a->n) && cpns_msg_decode(&y, b->bytes, b->n) && x.type == y.type &&
	       x.transaction == y.transaction &&
	       (x.field[CPNS_ENTITY_ID].at != NULL ? same_field(&x, &y, CPNS_ENTITY_ID) && same_rand_pne(&x, &y)
						   : same_octets(a, b));
}

static void check_duplicate(const struct stage *s, const struct message *request, const struct message *answer)
{
	if (request->leg == TO_PNE && request->bytes[1] == CPNS_TRIGGER) {
		FUZZ_HOLDS(same_octets(answer, &s->last_request[request->pne]), "a trigger's request is repeated");
		return;
	}
	for (unsigned i = s->n_answered; i-- > 0;)
		if (duplicates(&s->answered[i].request, request)) {
			FUZZ_HOLDS(same_octets(answer, &s->answered[i].answer),
				   "a duplicate is answered in the same octets");
			return;
		}
}

/* What will be repeated to a duplicate: all but a refused registration. */
static bool is_kept(const struct message *answer, enum cpns_verdict verdict)
{
	return verdict == CPNS_ACCEPTED || (answer->bytes[1] != CPNS_ID_PWD_REGISTRATION_RESPONSE &&
					    answer->bytes[1] != CPNS_SUBSCRIPTION_RESPONSE);
}

/* A machine has taken *in (NULL: it was not a message) and said `verdict`. */
static void check_out(struct stage *s, const struct message *in, enum cpns_verdict verdict,
		      const struct cpns_out *out, const struct message *reply)
{
	bool answers = in != NULL && in->leg == TO_SERVER; /* also what it turns away */
	struct cpns_msg msg;

	FUZZ_HOLDS(out->to != CPNS_NOBODY || (out->length == 0 && !out->relay), "a message has a receiver");
	FUZZ_HOLDS(verdict == CPNS_ACCEPTED || out->happening != CPNS_KEY_STORED, "only what is accepted is stored");
	FUZZ_HOLDS(verdict != CPNS_BUSY || reply == NULL, "who is busy says nothing");
	if (verdict != CPNS_ACCEPTED && verdict != CPNS_DUPLICATE && verdict != CPNS_REFUSED)
		FUZZ_HOLDS(answers || reply == NULL, "what is turned away is not answered");
	if (reply == NULL)
		return;
	FUZZ_HOLDS(cpns_msg_decode(&msg, reply->bytes, reply->n), "what goes out is well-formed");
	if (in == NULL || out->relay)
		return;
	if (verdict == CPNS_DUPLICATE)
		check_duplicate(s, in, reply);
	else if (is_kept(reply, verdict))
		s->answered[s->n_answered++] = (struct answered){*in, *reply, s->now};
}

/* ---- calls of machines ---- */

/* After a call of `machine` about `pne`. */
static void after(struct stage *s, unsigned machine, uint32_t pne, const struct message *in,
		  enum cpns_verdict verdict, struct cpns_out *out)
{
	struct message reply;
	enum leg leg = machine == SERVER ? FROM_SERVER : machine < GW ? FROM_PNE : TO_PNE;

	if (out->to == CPNS_SERVER)
		leg = TO_SERVER;
	if (out->to != CPNS_NOBODY && !out->relay)
		reply = message_of(leg, leg == TO_PNE ? out->pne : pne, out->bytes, out->length);
	else if (out->to != CPNS_NOBODY)
		reply = message_of(leg, leg == TO_PNE ? out->pne : pne, in->bytes, in->n);
	FUZZ_HOLDS(out->to == CPNS_NOBODY || leg != TO_PNE || out->pne < PNES, "a message to a PNE that there is");
	cpns_out_left(out, s->now + s->work[machine]);
	s->calls++;
	if (out->to != CPNS_NOBODY) {
		if (machine < GW && reply.bytes[1] == CPNS_REQUEST && verdict != CPNS_DUPLICATE)
			s->last_request[machine] = reply;
		if (leg == TO_PNE && !out->relay)
			s->notifying[out->pne] = reply.bytes[1] == CPNS_NOTIFICATION;
		s->sent[s->n_sent++ % SENT_MAX] = reply;
		fly(s, &reply);
	}
	check_out(s, in, verdict, out, out->to != CPNS_NOBODY ? &reply : NULL);
	check_state(s);
}

static enum cpns_verdict to_server(struct stage *s, const struct message *m, const uint8_t *bytes,
				   struct cpns_out *out)
{
	uint64_t issued = s->server.keys_issued;
	uint8_t pwh[CPNS_HASH];
	const struct cpns_user *user = NULL;

	s->request = (struct cpns_msg){0};
	if (cpns_msg_decode(&s->request, m->bytes, m->n) && s->request.field[CPNS_USER_ID].at != NULL)
		user = s->server.store->user(s->server.store->self, s->request.field[CPNS_USER_ID], false);
	if (user != NULL)
		memcpy(pwh, user->pwh, CPNS_HASH);
	enum cpns_verdict verdict = cpns_server_on_message(&s->server, s->now, &s->session, bytes, m->n, out);

	FUZZ_HOLDS(s->server.keys_issued - issued <= (verdict == CPNS_ACCEPTED), "a key for what is accepted alone");
	if (s->server.keys_issued > issued)
		check_issued(s, user != NULL ? pwh : NULL);
	check_taken_for_duplicate(s, m, verdict);
	return verdict;
}

static void arrive(struct stage *s, struct message *flown)
{
	struct message m = *flown;
	uint8_t *bytes = malloc(m.n > 0 ? m.n : 1); /* exactly as long: a sanitizer sees looks beyond it */
	enum cpns_verdict verdict = CPNS_MALFORMED;
	uint32_t about = m.pne;
	unsigned machine = GW;
	struct cpns_out out;

	land(s, flown);
	memcpy(bytes, m.bytes, m.n);
	cpns_out_init(&out);
	switch (m.leg) {
	case TO_PNE:
		machine = m.pne;
		verdict = cpns_pne_on_message(&s->pne[m.pne], s->now, bytes, m.n, &out);
		break;
	case FROM_PNE:
		verdict = cpns_gw_from_pne(&s->gw, s->now, m.pne, bytes, m.n, &out);
		break;
	case TO_SERVER:
		machine = SERVER;
		verdict = to_server(s, &m, bytes, &out);
		break;
	case FROM_SERVER:
		verdict = cpns_gw_from_server(&s->gw, s->now, bytes, m.n, &about, &out);
		FUZZ_HOLDS(about == CPNS_GW_SELF || about < PNES, "about an entity that there is");
		break;
	}
	memset(bytes, 0xee, m.n); /* nobody may go on reading what was lent for the call */
	free(bytes);
	after(s, machine, about, &m, verdict, &out);
}

/* The user's part. A PN GW's host begins a task where there is none, or one that only waits for a notification. */
static void use(struct stage *s, char what)
{
	unsigned e = what == 'a' ? GW : pick(s, what == 'r' ? ENTITIES : PNES);
	uint32_t entity = e == GW ? CPNS_GW_SELF : e;
	enum cpns_registration kind = what == 'r' ? (enum cpns_registration)pick(s, 2) : CPNS_ID_PWD_REGISTRATION;
	struct cpns_octets user = users[pick(s, 3)], password = passwords[pick(s, 3)];
	struct cpns_out out;

	cpns_out_init(&out);
	if (what != 's' && cpns_gw_active(&s->gw, entity) && (what == 'r' || e == GW || !s->notifying[e]))
		return;
	switch (what) {
	case 's':
		cpns_pne_start(&s->pne[e], s->now, user, password, &out);
		break;
	case 't':
		s->notifying[e] = false;
		cpns_gw_trigger(&s->gw, s->now, e, user, password, &out);
		break;
	case 'f':
		s->notifying[e] = false;
		cpns_gw_ask_for(&s->gw, s->now, e, user, password, &out);
		break;
	case 'a':
		cpns_gw_ask(&s->gw, s->now, user, password, &out);
		break;
	default:
		if (e < PNES)
			s->notifying[e] = false;
		cpns_gw_register(&s->gw, s->now, entity, kind, user, password, &out);
		break;
	}
	after(s, what == 's' ? e : GW, e, NULL, CPNS_ACCEPTED, &out);
}

/* ---- time ---- */

static int64_t deadline_of(const struct stage *s, unsigned timer)
{
	return timer < ENTITIES ? cpns_gw_deadline(&s->gw, timer == GW ? CPNS_GW_SELF : timer)
				: cpns_pne_deadline(&s->pne[timer - ENTITIES]);
}

static void on_time(struct stage *s, unsigned timer)
{
	struct cpns_out out;

	cpns_out_init(&out);
	if (timer < ENTITIES)
		cpns_gw_on_time(&s->gw, s->now, timer == GW ? CPNS_GW_SELF : timer, &out);
	else
		cpns_pne_on_time(&s->pne[timer - ENTITIES], s->now, &out);
	after(s, timer < ENTITIES ? GW : timer - ENTITIES, timer % ENTITIES, NULL, CPNS_ACCEPTED, &out);
	FUZZ_HOLDS(deadline_of(s, timer) > s->now, "the next deadline lies ahead");
}

static void wait(struct stage *s, int64_t duration)
{
	int64_t end = s->now + duration;

	for (;;) {
		unsigned first = 0;

		for (unsigned t = 1; t < ENTITIES + PNES; t++)
			if (deadline_of(s, t) < deadline_of(s, first))
				first = t;
		if (deadline_of(s, first) > end || s->calls >= CALLS_MAX)
			break;
		s->now = deadline_of(s, first);
		on_time(s, first);
	}
	if (s->calls < CALLS_MAX)
		s->now = end;
}

static void too_early(struct stage *s)
{
	for (unsigned t = 0; t < ENTITIES + PNES && s->calls < CALLS_MAX; t++) {
		unsigned before = s->n_sent;

		on_time(s, t);
		FUZZ_HOLDS(s->n_sent == before, "nothing happens before its time");
	}
}

/* ---- attacks ---- */

static void change_octet(struct stage *s, struct message *m)
{
	unsigned at = pick(s, 256), by = next(s);

	if (m != NULL && attacked(s, m->leg) && m->n > 0)
		m->bytes[at % m->n] ^= (uint8_t)by;
}

static void change_field(struct stage *s, struct message *m)
{
	unsigned field = pick(s, CPNS_FIELDS), kind = pick(s, 4);
	uint8_t value = next(s), content[256];
	struct cpns_msg msg;
	struct message changed;

	if (m == NULL || !attacked(s, m->leg) || !cpns_msg_decode(&msg, m->bytes, m->n))
		return;
	struct cpns_octets *f = &msg.field[field];
	size_t n = f->at != NULL ? f->n : lengths[field];

	memset(content, value, sizeof(content));
	if (kind == 0) {
		*f = (struct cpns_octets){0};
	} else if (kind == 3) {
		*f = overheard(s, field, value % 16);
	} else {
		if (kind == 2 && f->at != NULL && n > 0) {
			memcpy(content, f->at, n);
			content[n - 1] ^= value;
		}
		*f = (struct cpns_octets){content, n};
	}
	changed = *m;
	encode(&msg, &changed);
	*m = changed;
}

/* Of a message, its type or its transaction. */
static void change_header(struct stage *s, struct message *m, char what)
{
	uint8_t type = (uint8_t)pick(s, CPNS_TYPES);
	const struct message *other = what == 'n' ? sent(s) : NULL;

	if (m == NULL || !attacked(s, m->leg) || m->n < CPNS_HEADER)
		return;
	if (what == 'y')
		m->bytes[1] = type;
	else if (other != NULL && other->n >= CPNS_HEADER)
		memcpy(m->bytes + 3, other->bytes + 3, 4);
}

static enum leg leg_of_attack(const struct stage *s, unsigned way)
{
	if (s->target == STAGE_GW)
		return way % 2 == 0 ? FROM_PNE : FROM_SERVER;
	return s->target == STAGE_PNE ? TO_PNE : TO_SERVER;
}

/* Invents a message out of what was overheard, and of zeros where nothing was. */
static void invent(struct stage *s)
{
	static const uint8_t zeros[64];
	unsigned way = pick(s, 2 * PNES);
	struct cpns_msg msg = {.type = (enum cpns_type)pick(s, CPNS_TYPES)};
	unsigned variant = pick(s, 32);
	const struct message *other = sent(s);
	uint32_t fields = shapes[msg.type].must | (variant % 2 == 1 ? shapes[msg.type].may : 0);
	struct message m = {.leg = leg_of_attack(s, way / PNES), .pne = way % PNES};

	if (other != NULL && other->n >= CPNS_HEADER)
		msg.transaction = cpns_get32(other->bytes + 3);
	for (unsigned f = 0; f < CPNS_FIELDS; f++) {
		if (!(fields >> f & 1))
			continue;
		msg.field[f] = overheard(s, f, variant / 2);
		if (msg.field[f].at == NULL)
			msg.field[f] = (struct cpns_octets){zeros, lengths[f]};
	}
	if (fields & F(ENTITY_ID))
		msg.field[CPNS_ENTITY_ID] = ids[variant / 2 % 4 == 3 ? GW : way % PNES];
	encode(&msg, &m);
	fly(s, &m);
}

static void inject(struct stage *s)
{
	unsigned way = pick(s, 2 * PNES);
	size_t n = next(s), left = (size_t)(s->end - s->script);
	struct message m = message_of(leg_of_attack(s, way / PNES), way % PNES, s->script, n < left ? n : left);

	s->script += m.n;
	fly(s, &m);
}

/* ---- */

static void step(struct stage *s)
{
	char what = (char)next(s);
	struct message *m = strchr("dlxmyn", what) != NULL && what != '\0' ? flying(s) : NULL;
	const struct message *old;
	unsigned machine;

	switch (what) {
	case 's':
	case 't':
	case 'f':
	case 'a':
	case 'r':
		use(s, what);
		break;
	case 'd':
		if (m != NULL)
			arrive(s, m);
		break;
	case 'l':
		if (m != NULL)
			land(s, m);
		break;
	case 'c':
		old = sent(s);
		if (old != NULL)
			fly(s, old);
		break;
	case 'w':
		wait(s, pick(s, 256) * 100 * MS);
		break;
	case 'W':
		wait(s, pick(s, 256) * 10000 * MS);
		break;
	case 'k':
		machine = pick(s, MACHINES);
		s->work[machine] = pick(s, 64) * 100 * MS;
		break;
	case 'e':
		too_early(s);
		break;
	case 'x':
		change_octet(s, m);
		break;
	case 'm':
		change_field(s, m);
		break;
	case 'y':
	case 'n':
		change_header(s, m, what);
		break;
	case 'g':
		invent(s);
		break;
	case 'b':
		inject(s);
		break;
	default:
		break;
	}
}

static void hash(const struct stage *s, struct cpns_user *user, struct cpns_octets password)
{
	struct cpns_ops ops = {0};

	cpns_password_hash((struct cpns_work){s->crypto, &ops}, &s->rules, user->id, password, user->pwh);
}

static void set_up(struct stage *s)
{
	unsigned setting = pick(s, 16);
	bool hard = setting & 1, no_sessions = setting & 4;

	s->rules = (struct cpns_rules){
	    .stretched_password = hard,
	    .mac_proof = hard,
	    .response_freshness = hard,
	    .ownership_check = hard,
	    .notification_ack = hard,
	    .notification_freshness = hard,
	    .two_phase_key = hard,
	    .challenge = setting & 2,
	    .realm = STRING("cpns.example"),
	    .iterations = 10,
	    .timeout = 2000 * MS,
	    .installation_timeout = 10000 * MS,
	    .backoff = 2,
	    .jitter = setting & 8 ? 1.5 : 1,
	    .retries = 4,
	};
	s->crypto = cpns_crypto_counted_new();
	s->env = (struct cpns_env){s->crypto, s, draw};
	s->store = memory_store_new();
	for (unsigned p = 0; p < PNES; p++) {
		cpns_pne_init(&s->pne[p], &s->rules, &s->env, ids[p]);
		s->pne[p].tk = (struct cpns_octets){temporary[p], sizeof(temporary[p])};
		s->pne[p].pan.secret = no_sessions ? NULL : sessions[p];
		s->entities[p] = (struct cpns_gw_entity){.id = ids[p], .pan = {.secret = s->pne[p].pan.secret}};
	}
	cpns_gw_init(&s->gw, &s->rules, &s->env, ids[GW], s->entities, PNES);
	s->gw.wan.secret = no_sessions ? NULL : sessions[GW];
	s->session = (struct cpns_session){.id = ids[GW], .leg = {.secret = s->gw.wan.secret}};
	cpns_server_init(&s->server, &s->rules, &s->env, memory_store_interface(s->store));
	for (unsigned u = 0; u < 2; u++)
		hash(s, memory_store_add_user(s->store, users[u]), passwords[0]);
	for (unsigned e = 0; e < ENTITIES; e++) {
		s->record[e] = memory_store_add_entity(s->store, ids[e]);
		s->record[e]->owner = users[0];
		if (e < PNES)
			s->record[e]->tk = s->pne[e].tk;
	}
}

static void tear_down(struct stage *s)
{
	for (unsigned p = 0; p < PNES; p++)
		cpns_pne_clear(&s->pne[p]);
	cpns_gw_clear(&s->gw);
	cpns_session_clear(&s->session);
	cpns_server_clear(&s->server);
	memory_store_free(s->store);
	cpns_crypto_free(s->crypto);
}

void stage_play(enum stage_target target, const uint8_t *script, size_t n)
{
	struct stage *s = &the_stage;

	memset(s, 0, offsetof(struct stage, flying)); /* what follows is counted by what comes before */
	s->target = target;
	s->script = script;
	s->end = script + n;
	set_up(s);
	while (more(s))
		step(s);
	tear_down(s);
}
