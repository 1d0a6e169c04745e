#include "tests/fuzz/stage.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "models/crypto/crypto.h"
#include "models/protocol/gw.h"
#include "models/protocol/keys.h"
#include "models/protocol/pne.h"
#include "models/protocol/server.h"
#include "models/protocol/session_keys.h"
#include "models/protocol/use_keys.h"
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
	bool refused;
};

/* Something that a session key hangs on, made by an honest machine. */
enum nonce_kind { SERVER_RAND, ASKED_B_TID, OPENED_RAND_GW, GIVEN_RAND_PNE };

struct nonce {
	enum nonce_kind kind;
	uint32_t pne;
	uint8_t octets[16];
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
    [CPNS_INSTALLATION_TRIGGER] = {F(USER_ID) | F(GW_ID) | F(RAND_T) | F(AUTH_DATA) | F(ENC_PASSWORD) |
				       F(HASH_PARAMS_F),
				   0},
    [CPNS_DISCOVERY_REQUEST] = {F(GW_ID) | F(MODE), 0},
    [CPNS_DISCOVERY_RESPONSE] = {F(ENTITY_ID) | F(MODE), 0},
    [CPNS_USE_REQUEST] = {F(ENTITY_ID), F(USER_ID)},
    [CPNS_USE_CHALLENGE] = {F(ENTITY_ID) | F(NONCE), F(REALM) | F(ALGORITHM)},
    [CPNS_USE_PROOF] = {F(ENTITY_ID) | F(NONCE) | F(RAND_PNE), F(AUTH_DATA)},
    [CPNS_USE_RESULT] = {F(ENTITY_ID) | F(STATUS), F(AUTH_DATA)},
    [CPNS_BOOTSTRAP_REQUEST] = {F(GW_ID) | F(RAND_GW), 0},
    [CPNS_BOOTSTRAP_CHALLENGE] = {F(RAND_SERVER) | F(AUTH_DATA), 0},
    [CPNS_BOOTSTRAP_ANSWER] = {F(GW_ID) | F(AUTH_DATA), 0},
    [CPNS_BOOTSTRAP_RESULT] = {F(STATUS), F(B_TID) | F(LIFETIME)},
    [CPNS_SESSION_REQUEST] = {F(RAND_GW) | F(B_TID) | F(AUTH_DATA), 0},
    [CPNS_SESSION_RESPONSE] = {F(STATUS), F(AUTH_DATA) | F(LIFETIME)},
    [CPNS_PAIRING_REQUEST] = {F(GW_ID) | F(COMMITMENT), 0},
    [CPNS_PAIRING_RESPONSE] = {F(ENTITY_ID) | F(RAND_PNE), 0},
    [CPNS_PAIRING_OPENING] = {F(RAND_GW) | F(AUTH_DATA), 0},
    [CPNS_PAIRING_CONFIRMATION] = {F(ENTITY_ID) | F(AUTH_DATA), 0},
};
static const uint8_t lengths[CPNS_FIELDS] = {
    [CPNS_USER_ID] = 5,        [CPNS_ENTITY_ID] = 8,         [CPNS_GW_ID] = 5,
    [CPNS_STATUS] = 1,         [CPNS_RAND_PNE] = 16,         [CPNS_RAND_SERVER] = 16,
    [CPNS_RAND_T] = 16,        [CPNS_RAND_N] = 16,           [CPNS_NONCE] = 16,
    [CPNS_REALM] = 12,         [CPNS_ALGORITHM] = 1,         [CPNS_DIGEST] = 32,
    [CPNS_PASSWORD_HASH] = 32, [CPNS_AUTH_DATA] = 16,        [CPNS_ENC_PASSWORD] = 60,
    [CPNS_HASH_PARAMS_F] = 21, [CPNS_SUBSCRIPTION_INFO] = 3, [CPNS_ENC_EUKEY] = 40,
    [CPNS_EUKEY] = 32,         [CPNS_TEMPORARY_KEY] = 16,    [CPNS_KEY_COUNT] = 4,
    [CPNS_KEY_INDEX] = 4,      [CPNS_COUNTER] = 8,           [CPNS_RAND_GW] = 16,
    [CPNS_B_TID] = 16,         [CPNS_COMMITMENT] = 32,       [CPNS_LIFETIME] = 8,
    [CPNS_MODE] = 1,
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
	unsigned confirmed[ENTITIES], used[ENTITIES]; /* uses: taken by the server, known to be so by the entity */
	bool notifying[PNES];                         /* the PN GW's task for that PNE has sent its notification */
	uint64_t trigger_counter[PNES], notice_counter[PNES];

	unsigned machine;                    /* that is at work */
	int64_t deadlines[ENTITIES];         /* of the PN GW's tasks, after the call made last */
	uint8_t wan_key[2][CPNS_HASH];       /* sessions, found good: at PN GW and server; */
	uint8_t pan_key[2][PNES][CPNS_HASH]; /* at PN GW and PNE */

	unsigned n_flying, n_sent, n_answered, n_issued, n_nonces;
	struct cpns_msg request;           /* that the server is working on */
	struct message last_request[PNES]; /* of each PNE, for itself */
	struct message flying[FLYING_MAX];
	struct message sent[SENT_MAX]; /* number k of all at k % SENT_MAX */
	struct answered answered[CALLS_MAX];
	struct issued issued[CALLS_MAX];
	struct nonce nonces[2 * CALLS_MAX];
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
	struct cpns_octets x = cpns_msg_get(a, field);

	return x.at == NULL ? !cpns_msg_has(b, field) : cpns_msg_equal(b, field, x);
}

/* As the codec would, but whatever the fields are. */
static void encode(const struct cpns_msg *msg, struct message *m)
{
	uint8_t *at = m->bytes + CPNS_HEADER, *limit = m->bytes + LONGEST;

	for (unsigned i = 0; i < CPNS_FIELDS; i++) {
		struct cpns_octets f = cpns_msg_get(msg, i);

		if (f.at == NULL || (size_t)(limit - at) < f.n + 3)
			continue;
		*at++ = (uint8_t)(i + 1);
		*at++ = (uint8_t)(f.n >> 8);
		*at++ = (uint8_t)f.n;
		memcpy(at, f.at, f.n);
		at += f.n;
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

		if (cpns_msg_decode(&msg, m->bytes, m->n) && cpns_msg_has(&msg, field))
			return cpns_msg_get(&msg, field);
	}
	return (struct cpns_octets){0};
}

/* ---- what is checked ---- */

static void note(struct stage *s, enum nonce_kind kind, uint32_t pne, const uint8_t octets[16])
{
	struct nonce *n = &s->nonces[s->n_nonces++];

	n->kind = kind;
	n->pne = pne;
	memcpy(n->octets, octets, 16);
}

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
	if (what == CPNS_DRAW_NONCE && s->machine == SERVER && n == 16)
		note(s, SERVER_RAND, 0, out);
	if (what != CPNS_DRAW_KEY)
		return;
	struct issued *key = &s->issued[s->n_issued++];
	struct cpns_octets entity = cpns_msg_get(&s->request, CPNS_ENTITY_ID);

	FUZZ_HOLDS(n == CPNS_HASH && entity.at != NULL, "a key is issued for an entity");
	memcpy(key->key, out, n);
	memcpy(key->entity, entity.at, entity.n);
	key->entity_n = entity.n;
}

/* Is it the key that was drawn, or one of the set that follows from it? */
static bool follows(const struct stage *s, unsigned entity, const uint8_t *eukey, const struct issued *issued)
{
	struct cpns_ops ops = {0};
	uint8_t key[CPNS_HASH];
	uint32_t more = s->rules.chain.length;

	for (memcpy(key, issued->key, sizeof(key)); memcmp(key, eukey, CPNS_HASH) != 0; more--) {
		if (more <= 1)
			return false;
		cpns_chain_hash((struct cpns_work){s->crypto, &ops}, ids[entity], key, key);
	}
	return true;
}

static void check_stored(const struct stage *s, unsigned entity, const uint8_t *eukey)
{
	for (unsigned i = 0; i < s->n_issued; i++)
		if (s->issued[i].entity_n == ids[entity].n &&
		    memcmp(s->issued[i].entity, ids[entity].at, ids[entity].n) == 0 &&
		    follows(s, entity, eukey, &s->issued[i]))
			return;
	FUZZ_HOLDS(false, "a stored key was issued by the server for that entity");
}

/* Has a message with the same fields as this one, of those in `proved`, been sent? */
static bool is_sent(const struct stage *s, const struct cpns_msg *msg, uint32_t proved)
{
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

/* Was this request made by an honest machine, up to what no proof covers? */
static bool was_made(const struct stage *s, const struct cpns_msg *msg)
{
	static const uint32_t mac = F(USER_ID) | F(ENTITY_ID) | F(RAND_PNE) | F(RAND_T) | F(NONCE) | F(AUTH_DATA),
			      digest = F(USER_ID) | F(ENTITY_ID) | F(RAND_PNE) | F(NONCE) | F(DIGEST),
			      hash = F(USER_ID) | F(PASSWORD_HASH);
	uint32_t proved = s->rules.mac_proof ? mac : msg->type == CPNS_REQUEST ? digest : hash;

	return is_sent(s, msg, proved);
}

/* Does its proof verify, by the password that the server knew before? */
/* What T_req must cover beside names and RAND_PNE: in 6.3.2.2 how many keys are asked for, one if nothing is said. */
static struct cpns_octets fresh_of(const struct cpns_msg *msg)
{
	static const uint8_t one[4] = {0, 0, 0, 1};

	if (msg->type == CPNS_REQUEST_FOR_PNE)
		return cpns_msg_has(msg, CPNS_KEY_COUNT) ? cpns_msg_get(msg, CPNS_KEY_COUNT)
							 : (struct cpns_octets){one, 4};
	return cpns_msg_has(msg, CPNS_NONCE) ? cpns_msg_get(msg, CPNS_NONCE) : cpns_msg_get(msg, CPNS_RAND_T);
}

static bool verifies(const struct stage *s, const struct cpns_msg *msg, const uint8_t pwh[CPNS_HASH])
{
	struct cpns_ops ops = {0};
	struct cpns_work work = {s->crypto, &ops};
	struct cpns_names who = {cpns_msg_get(msg, CPNS_USER_ID), cpns_msg_get(msg, CPNS_ENTITY_ID)};
	uint8_t prk[CPNS_HASH], proof[CPNS_HASH];

	if (s->rules.mac_proof) {
		cpns_prk(work, pwh, prk);
		cpns_request_proof(work, prk, &who, cpns_msg_at(msg, CPNS_RAND_PNE), fresh_of(msg), proof);
		return cpns_msg_equal(msg, CPNS_AUTH_DATA, (struct cpns_octets){proof, CPNS_TAG});
	}
	if (cpns_msg_has(msg, CPNS_PASSWORD_HASH))
		return cpns_msg_equal(msg, CPNS_PASSWORD_HASH, (struct cpns_octets){pwh, CPNS_HASH});
	cpns_digest(work, &s->rules, pwh, &who, cpns_msg_get(msg, CPNS_NONCE), cpns_msg_at(msg, CPNS_RAND_PNE),
		    proof);
	return cpns_msg_equal(msg, CPNS_DIGEST, (struct cpns_octets){proof, CPNS_HASH});
}

/* The server has just issued a key for s->request. */
static void check_issued(const struct stage *s, const uint8_t *pwh)
{
	const struct cpns_msg *msg = &s->request;
	bool unproved = !s->rules.mac_proof && msg->type == CPNS_REQUEST && !cpns_msg_has(msg, CPNS_DIGEST);

	FUZZ_HOLDS(pwh != NULL, "no key without a user");
	if (unproved) /* RAND_PNE is all there is in the literal 6.3.2.1 */
		return;
	FUZZ_HOLDS(was_made(s, msg), "no key for a proof that nobody made");
	FUZZ_HOLDS(verifies(s, msg, pwh), "no key without a valid proof");
	if (s->rules.ownership_check && (msg->type == CPNS_REQUEST_FOR_PNE || cpns_msg_has(msg, CPNS_RAND_T)))
		FUZZ_HOLDS(cpns_msg_equal(msg, CPNS_USER_ID, users[0]), "no key for somebody else's entity");
}

static void check_timers(const struct stage *s)
{
	for (unsigned e = 0; e < ENTITIES + PNES; e++) {
		bool pne = e >= ENTITIES;
		uint32_t entity = e == GW ? CPNS_GW_SELF : e;
		int64_t deadline = pne ? cpns_pne_deadline(&s->pne[e - ENTITIES]) : cpns_gw_deadline(&s->gw, entity);
		const struct cpns_pne *own = pne ? &s->pne[e - ENTITIES] : NULL;
		bool active = pne ? cpns_pne_active(own) || cpns_pne_using(own) : cpns_gw_active(&s->gw, entity);
		bool waits = !pne && active && s->gw.runner != CPNS_GW_NO_RUNNER && s->gw.runner != entity;

		FUZZ_HOLDS(active == (deadline != CPNS_NEVER) || (waits && deadline == CPNS_NEVER),
			   "whoever waits has a deadline or waits for somebody, and nobody else");
		FUZZ_HOLDS(deadline >= s->now || (!pne && deadline == 0), "a deadline is not in the past");
	}
	FUZZ_HOLDS(s->gw.runner == CPNS_GW_NO_RUNNER ||
		       (cpns_gw_active(&s->gw, s->gw.runner) && cpns_gw_deadline(&s->gw, s->gw.runner) != CPNS_NEVER),
		   "who runs step 0 for all is at it");
}

/* Does the WAN leg's key hang on its secret and on a RAND of the server; is it one that the PN GW asked for, if that
 * matters? */
static bool wan_key_is_good(const struct stage *s, const uint8_t *key, bool asked)
{
	struct cpns_ops ops = {0};
	struct cpns_work work = {s->crypto, &ops};
	uint8_t ks[CPNS_HASH], made[CPNS_HASH];
	unsigned found = 0;

	for (unsigned i = 0; i < s->n_nonces; i++) {
		const struct nonce *n = &s->nonces[i];

		if (n->kind != SERVER_RAND && n->kind != ASKED_B_TID)
			continue;
		cpns_aka_ks(work, sessions[GW], ids[GW], n->octets, ks);
		cpns_ks_naf(work, ks, n->octets, ids[GW], s->rules.realm, made);
		if (memcmp(made, key, CPNS_HASH) == 0)
			found |= 1u << n->kind;
	}
	return (found & 1u << SERVER_RAND) && (!asked || (found & 1u << ASKED_B_TID));
}

/* Does the PAN leg's key hang on its secret and on nonces of both ends? */
static bool pan_key_is_good(const struct stage *s, const uint8_t *key, uint32_t pne)
{
	struct cpns_ops ops = {0};
	struct cpns_work work = {s->crypto, &ops};
	uint8_t made[CPNS_HASH];

	for (unsigned i = 0; i < s->n_nonces; i++) {
		const struct nonce *g = &s->nonces[i];

		if (g->kind != OPENED_RAND_GW || g->pne != pne)
			continue;
		for (unsigned k = 0; k < s->n_nonces; k++) {
			const struct nonce *p = &s->nonces[k];

			if (p->kind != GIVEN_RAND_PNE || p->pne != pne)
				continue;
			cpns_pairing_key(work, sessions[pne], ids[GW], ids[pne], g->octets, p->octets, made);
			if (memcmp(made, key, CPNS_HASH) == 0)
				return true;
		}
	}
	return false;
}

/* Is it another key than the one that was found good last? Then it is the one now. */
static bool is_another(uint8_t last[CPNS_HASH], const uint8_t *key)
{
	if (key == NULL || memcmp(last, key, CPNS_HASH) == 0)
		return false;
	memcpy(last, key, CPNS_HASH);
	return true;
}

static void check_sessions(struct stage *s)
{
	const struct cpns_leg *wan[2] = {&s->gw.wan, &s->session.leg};

	if (!s->rules.run_step_0)
		return;
	for (unsigned end = 0; end < 2; end++)
		if (is_another(s->wan_key[end], cpns_leg_key(wan[end], &s->rules, s->now)))
			FUZZ_HOLDS(wan_key_is_good(s, s->wan_key[end], end == 1),
				   "a session on the WAN leg hangs on its secret");
	for (unsigned p = 0; p < PNES; p++) {
		const struct cpns_leg *pan[2] = {&s->entities[p].pan, &s->pne[p].pan};

		for (unsigned end = 0; end < 2; end++)
			if (is_another(s->pan_key[end][p], cpns_leg_key(pan[end], &s->rules, s->now)))
				FUZZ_HOLDS(pan_key_is_good(s, s->pan_key[end][p], p),
					   "a session on a PAN leg hangs on its secret");
	}
}

/* What honest machines send towards a session. */
static void note_sent(struct stage *s, const struct message *m)
{
	struct cpns_msg msg;

	if (!cpns_msg_decode(&msg, m->bytes, m->n))
		return;
	if (msg.type == CPNS_SESSION_REQUEST)
		note(s, ASKED_B_TID, 0, cpns_msg_at(&msg, CPNS_B_TID));
	else if (msg.type == CPNS_PAIRING_OPENING)
		note(s, OPENED_RAND_GW, m->pne, cpns_msg_at(&msg, CPNS_RAND_GW));
	else if (msg.type == CPNS_PAIRING_RESPONSE)
		note(s, GIVEN_RAND_PNE, m->pne, cpns_msg_at(&msg, CPNS_RAND_PNE));
}

/* A call about `entity` has ended: which deadlines may be others now? */
static void check_deadlines(struct stage *s, unsigned entity, bool others)
{
	for (unsigned e = 0; e < ENTITIES; e++) {
		int64_t deadline = cpns_gw_deadline(&s->gw, e == GW ? CPNS_GW_SELF : e);

		FUZZ_HOLDS(others || (s->machine == GW && e == entity) || deadline == s->deadlines[e],
			   "nobody else's deadline changes unless it is said");
		s->deadlines[e] = deadline;
	}
}

static void check_state(struct stage *s)
{
	check_timers(s);
	check_sessions(s);
	for (unsigned e = 0; e < ENTITIES; e++) {
		FUZZ_HOLDS(s->record[e]->n_pending <= CPNS_PENDING_MAX, "no more pending keys than allowed");
		FUZZ_HOLDS(!s->rules.two_phase_key || !s->record[e]->keyed || s->confirmed[e] > 0,
			   "no key is current before its first use");
		for (unsigned i = 0; i < s->record[e]->n_pending; i++)
			check_stored(s, e, cpns_entity_pending(s->record[e])[i]);
		if (s->record[e]->keyed)
			check_stored(s, e, cpns_entity_key(s->record[e], 0));
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

/* An answer is kept for a duplicate until it expires; none is kept for an entity that is unknown. */
static void check_taken_for_duplicate(const struct stage *s, const struct message *request, enum cpns_verdict verdict)
{
	struct cpns_msg msg;

	if (!cpns_msg_decode(&msg, request->bytes, request->n) ||
	    (cpns_msg_has(&msg, CPNS_ENTITY_ID) &&
	     s->server.store->entity(s->server.store->self, cpns_msg_get(&msg, CPNS_ENTITY_ID), false) == NULL))
		return;
	for (unsigned i = s->n_answered; i-- > 0;) {
		const struct answered *a = &s->answered[i];

		if (a->request.leg == TO_SERVER && a->at + CPNS_EXCHANGE_LIFETIME > s->now &&
		    same_octets(&a->request, request))
			FUZZ_HOLDS(verdict == CPNS_DUPLICATE || verdict == CPNS_BUSY, "a duplicate is known as one");
	}
}

/* The first 16 octets of the first of these fields that there is. */
static const uint8_t *mark_of(const struct cpns_msg *msg, const enum cpns_field *field, size_t n)
{
	static const uint8_t none[16];

	for (size_t i = 0; i < n; i++)
		if (cpns_msg_has(msg, field[i]))
			return cpns_msg_at(msg, field[i]);
	return none;
}

static bool same_mark(const struct cpns_msg *a, const struct cpns_msg *b)
{
	static const enum cpns_field rand[] = {CPNS_RAND_PNE, CPNS_RAND_GW};
	static const enum cpns_field proof[] = {CPNS_AUTH_DATA, CPNS_DIGEST, CPNS_PASSWORD_HASH};
	const uint8_t *x = cpns_msg_get(a, CPNS_ENC_PASSWORD).at, *y = cpns_msg_get(b, CPNS_ENC_PASSWORD).at;

	if (x != NULL && y != NULL) /* the seal's tag */
		return memcmp(x + CPNS_SEALED - CPNS_TAG, y + CPNS_SEALED - CPNS_TAG, CPNS_TAG) == 0;
	return memcmp(mark_of(a, rand, 2), mark_of(b, rand, 2), 16) == 0 &&
	       memcmp(mark_of(a, proof, 3), mark_of(b, proof, 3), 16) == 0;
}

/* Is `b`, by the rules, a duplicate of what was answered? To the server, what has the type, transaction, nonce, proof
 * and entity of a request is one; where that was refused, what has all its octets. */
static bool duplicates(const struct answered *a, const struct message *b)
{
	struct cpns_msg x, y;

	if (a->request.leg != b->leg)
		return false;
	if (a->request.leg != TO_SERVER)
		return a->request.pne == b->pne && same_octets(&a->request, b);
	if (!cpns_msg_decode(&x, a->request.bytes, a->request.n) || !cpns_msg_decode(&y, b->bytes, b->n) ||
	    a->refused)
		return same_octets(&a->request, b);
	return x.type == y.type && x.transaction == y.transaction && same_field(&x, &y, CPNS_ENTITY_ID) &&
	       same_mark(&x, &y);
}

static void check_duplicate(const struct stage *s, const struct message *request, const struct message *answer)
{
	if (request->leg == TO_PNE &&
	    (request->bytes[1] == CPNS_TRIGGER || request->bytes[1] == CPNS_INSTALLATION_TRIGGER)) {
		FUZZ_HOLDS(same_octets(answer, &s->last_request[request->pne]), "a trigger's request is repeated");
		return;
	}
	for (unsigned i = s->n_answered; i-- > 0;)
		if (duplicates(&s->answered[i], request)) {
			FUZZ_HOLDS(same_octets(answer, &s->answered[i].answer),
				   "a duplicate is answered in the same octets");
			return;
		}
	FUZZ_HOLDS(request->leg != TO_SERVER, "what is taken for a duplicate is one");
}

/* What will be repeated to a duplicate: all but a refused registration or step 0, and the want of a session. */
static bool is_kept(const struct message *answer, enum cpns_verdict verdict)
{
	struct cpns_msg msg;

	if (verdict == CPNS_ACCEPTED)
		return true;
	return cpns_msg_decode(&msg, answer->bytes, answer->n) && cpns_msg_has(&msg, CPNS_ENTITY_ID) &&
	       (!cpns_msg_has(&msg, CPNS_STATUS) || cpns_msg_at(&msg, CPNS_STATUS)[0] != CPNS_SESSION_EXPIRED);
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
		s->answered[s->n_answered++] = (struct answered){*in, *reply, s->now, verdict != CPNS_ACCEPTED};
}

/* ---- calls of machines ---- */

/* After a call of s->machine about `pne`. */
static void after(struct stage *s, uint32_t pne, const struct message *in, enum cpns_verdict verdict,
		  struct cpns_out *out)
{
	unsigned machine = s->machine;
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
		if (!out->relay)
			note_sent(s, &reply);
		fly(s, &reply);
	}
	check_out(s, in, verdict, out, out->to != CPNS_NOBODY ? &reply : NULL);
	if (out->happening == CPNS_USED)
		FUZZ_HOLDS(++s->used[machine] <= s->confirmed[machine],
			   "no use succeeds that the server has not taken");
	check_deadlines(s, pne == CPNS_GW_SELF ? GW : pne, out->others);
	check_state(s);
}

/* The server has taken a use: was its proof made by an honest machine? Nobody else holds a key. */
static void check_confirmed(struct stage *s, const struct cpns_out *out)
{
	static const uint32_t proved =
	    F(USER_ID) | F(ENTITY_ID) | F(NONCE) | F(RAND_PNE) | F(KEY_INDEX) | F(AUTH_DATA) | F(DIGEST);
	struct cpns_msg reply;

	if (!cpns_msg_decode(&reply, out->bytes, out->length) || reply.type != CPNS_USE_RESULT ||
	    cpns_msg_status(&reply) != CPNS_SUCCESS)
		return;
	FUZZ_HOLDS(s->request.type == CPNS_USE_PROOF && is_sent(s, &s->request, proved),
		   "no use for a proof that nobody made");
	for (unsigned e = 0; e < ENTITIES; e++)
		s->confirmed[e] += cpns_msg_equal(&reply, CPNS_ENTITY_ID, ids[e]);
}

static enum cpns_verdict to_server(struct stage *s, const struct message *m, const uint8_t *bytes,
				   struct cpns_out *out)
{
	uint64_t issued = s->server.keys_issued;
	uint8_t pwh[CPNS_HASH];
	const struct cpns_user *user = NULL;

	s->request = (struct cpns_msg){0};
	if (cpns_msg_decode(&s->request, m->bytes, m->n) && cpns_msg_has(&s->request, CPNS_USER_ID))
		user = s->server.store->user(s->server.store->self, cpns_msg_get(&s->request, CPNS_USER_ID), false);
	if (user != NULL)
		memcpy(pwh, user->pwh, CPNS_HASH);
	bool wanting = s->rules.run_step_0 && cpns_leg_key(&s->session.leg, &s->rules, s->now) == NULL;
	enum cpns_verdict verdict = cpns_server_on_message(&s->server, s->now, &s->session, bytes, m->n, out);

	FUZZ_HOLDS(s->server.keys_issued - issued <= (verdict == CPNS_ACCEPTED), "a key for what is accepted alone");
	FUZZ_HOLDS(s->server.keys_issued == issued || !wanting ||
		       cpns_msg_equal(&s->request, CPNS_ENTITY_ID, ids[GW]),
		   "no key for a PNE without a session");
	if (s->server.keys_issued > issued)
		check_issued(s, user != NULL ? pwh : NULL);
	if (verdict == CPNS_ACCEPTED)
		check_confirmed(s, out);
	check_taken_for_duplicate(s, m, verdict);
	return verdict;
}

static void arrive(struct stage *s, struct message *flown)
{
	struct message m = *flown;
	uint8_t *bytes = malloc(m.n > 0 ? m.n : 1); /* exactly as long: a sanitizer sees looks beyond it */
	enum cpns_verdict verdict = CPNS_MALFORMED;
	uint32_t about = m.pne;
	struct cpns_out out;

	land(s, flown);
	s->machine = m.leg == TO_PNE ? m.pne : m.leg == TO_SERVER ? SERVER : GW;
	memcpy(bytes, m.bytes, m.n);
	cpns_out_init(&out);
	switch (m.leg) {
	case TO_PNE:
		verdict = cpns_pne_on_message(&s->pne[m.pne], s->now, bytes, m.n, &out);
		break;
	case FROM_PNE:
		verdict = cpns_gw_from_pne(&s->gw, s->now, m.pne, bytes, m.n, &out);
		break;
	case TO_SERVER:
		verdict = to_server(s, &m, bytes, &out);
		break;
	case FROM_SERVER:
		verdict = cpns_gw_from_server(&s->gw, s->now, bytes, m.n, &about, &out);
		FUZZ_HOLDS(about == CPNS_GW_SELF || about < PNES, "about an entity that there is");
		break;
	}
	memset(bytes, 0xee, m.n); /* nobody may go on reading what was lent for the call */
	free(bytes);
	after(s, about, &m, verdict, &out);
}

/* A mistyped Entity ID: nobody's, or another entity's. */
static struct cpns_octets typed(struct stage *s)
{
	static const struct cpns_octets names[] = {STRING("pne:0003"), STRING("pne:0001"), STRING("pne:0002"),
						   STRING("gw:01")};

	return names[pick(s, 4)];
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
	s->machine = what == 's' ? e : GW;
	switch (what) {
	case 's':
		cpns_pne_start(&s->pne[e], s->now, user, password, &out);
		break;
	case 't':
		s->notifying[e] = false;
		cpns_gw_trigger(&s->gw, s->now, e, user, password, &out);
		break;
	case 'f':
	case 'j':
		s->notifying[e] = false;
		cpns_gw_ask_for(&s->gw, s->now, e, what == 'j' ? typed(s) : (struct cpns_octets){0}, user, password,
				&out);
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
	after(s, e, NULL, CPNS_ACCEPTED, &out);
}

/* An entity uses its key; the PN GW, while it has none, what the user types. */
static void use_key(struct stage *s)
{
	unsigned e = pick(s, ENTITIES);
	struct cpns_octets user = users[pick(s, 3)], password = passwords[pick(s, 3)];
	struct cpns_out out;

	cpns_out_init(&out);
	if (e == GW ? cpns_gw_active(&s->gw, CPNS_GW_SELF) : !s->pne[e].keyed || cpns_pne_using(&s->pne[e]))
		return;
	s->machine = e;
	if (e == GW)
		cpns_gw_use(&s->gw, s->now, user, password, &out);
	else
		cpns_pne_use(&s->pne[e], s->now, &out);
	after(s, e, NULL, CPNS_ACCEPTED, &out);
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
	s->machine = timer < ENTITIES ? GW : timer - ENTITIES;
	if (timer < ENTITIES)
		cpns_gw_on_time(&s->gw, s->now, timer == GW ? CPNS_GW_SELF : timer, &out);
	else
		cpns_pne_on_time(&s->pne[timer - ENTITIES], s->now, &out);
	after(s, timer % ENTITIES, NULL, CPNS_ACCEPTED, &out);
	FUZZ_HOLDS(deadline_of(s, timer) > s->now ||
		       (timer >= ENTITIES && cpns_pne_use_is_due(&s->pne[timer - ENTITIES], s->now)),
		   "the next deadline lies ahead, or it is that of the PNE's other exchange");
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
		if (deadline_of(s, first) > s->now)
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

		if (deadline_of(s, t) <= s->now)
			continue; /* it waits to be looked at now */
		on_time(s, t);
		FUZZ_HOLDS(s->n_sent == before, "nothing happens before its time");
	}
}

/* ---- sessions and restarts ---- */

/* What has happened outside of a call may have changed any deadline. */
static void look_again(struct stage *s)
{
	for (unsigned e = 0; e < ENTITIES; e++)
		s->deadlines[e] = cpns_gw_deadline(&s->gw, e == GW ? CPNS_GW_SELF : e);
	check_state(s);
}

static void lose_session(struct stage *s, unsigned which)
{
	if (which == 0)
		cpns_leg_down(&s->session.leg);
	else if (which == 1)
		cpns_leg_down(&s->gw.wan);
	else if (which < 2 + PNES)
		cpns_leg_down(&s->pne[which - 2].pan);
	else
		cpns_leg_down(&s->entities[which - 2 - PNES].pan);
	look_again(s);
}

static void restart(struct stage *s, unsigned machine)
{
	if (machine == GW)
		cpns_gw_restart(&s->gw);
	else
		cpns_pne_restart(&s->pne[machine]);
	for (unsigned p = 0; p < PNES && machine == GW; p++)
		s->notifying[p] = false;
	look_again(s);
}

/* ---- attacks ---- */

static void change_octet(struct stage *s, struct message *m)
{
	unsigned at = pick(s, 256), by = next(s);

	if (m != NULL && attacked(s, m->leg) && m->n > 0)
		m->bytes[at % m->n] ^= (uint8_t)by;
}

/* The field is these octets now, or absent. */
static void put_field(struct cpns_msg *msg, unsigned field, struct cpns_octets octets)
{
	msg->has &= ~(1u << field);
	if (octets.at != NULL)
		cpns_msg_set(msg, field, octets.at, octets.n);
}

static void change_field(struct stage *s, struct message *m)
{
	unsigned field = pick(s, CPNS_FIELDS), kind = pick(s, 4);
	uint8_t value = next(s), content[256];
	struct cpns_msg msg;
	struct message changed;

	if (m == NULL || !attacked(s, m->leg) || !cpns_msg_decode(&msg, m->bytes, m->n))
		return;
	struct cpns_octets f = cpns_msg_get(&msg, field);
	size_t n = f.at != NULL ? f.n : lengths[field];

	memset(content, value, sizeof(content));
	if (kind == 0) {
		f = (struct cpns_octets){0};
	} else if (kind == 3) {
		f = overheard(s, field, value % 16);
	} else {
		if (kind == 2 && f.at != NULL && n > 0) {
			memcpy(content, f.at, n);
			content[n - 1] ^= value;
		}
		f = (struct cpns_octets){content, n};
	}
	put_field(&msg, field, f);
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
		put_field(&msg, f, overheard(s, f, variant / 2));
		if (!cpns_msg_has(&msg, f))
			cpns_msg_set(&msg, f, zeros, lengths[f]);
	}
	if (fields & F(ENTITY_ID))
		put_field(&msg, CPNS_ENTITY_ID, ids[variant / 2 % 4 == 3 ? GW : way % PNES]);
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
	case 'j':
	case 'a':
	case 'r':
		use(s, what);
		break;
	case 'u':
		use_key(s);
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
	case 'o':
		lose_session(s, pick(s, 2 + 2 * PNES));
		break;
	case 'z':
		restart(s, pick(s, GW + 1));
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

/* EUKey sets of all strategies, or single keys. */
static const struct cpns_chain_rules sets[8] = {
    [2] = {.length = 9, .strategy = CPNS_STORE_ALL, .window = 3},
    [3] = {.length = 9, .strategy = CPNS_SEED_ONLY, .window = 3},
    [4] = {.length = 9, .strategy = CPNS_CHECKPOINT, .spacing = 4, .window = 3},
    [5] = {.length = 9, .strategy = CPNS_PEBBLE, .window = 3},
    [6] = {.length = 5, .strategy = CPNS_PEBBLE, .window = 8, .carry_set = true},
    [7] = {.length = 9, .strategy = CPNS_PEBBLE, .window = 3, .unsafe = true},
};

static void set_up(struct stage *s)
{
	unsigned setting = pick(s, 256);
	bool hard = setting & 1, no_sessions = setting & 4, variants = setting >> 5 == 1;

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
	    .run_step_0 = setting & 16,
	    .session_lifetime = 600000 * MS,
	    .lockout = 6,
	    .chain = sets[setting >> 5],
	    .merged_trigger = variants,
	    .one_kek = variants,
	    .discovery = variants,
	};
	s->crypto = cpns_crypto_counted_new();
	s->env = (struct cpns_env){s->crypto, s, draw};
	s->store = memory_store_new();
	for (unsigned p = 0; p < PNES; p++) {
		cpns_pne_init(&s->pne[p], &s->rules, &s->env, ids[p]);
		s->pne[p].tk = (struct cpns_octets){temporary[p], sizeof(temporary[p])};
		s->pne[p].pan.secret = no_sessions ? NULL : sessions[p];
		s->entities[p] = cpns_gw_entity_of(ids[p], s->pne[p].pan.secret);
	}
	cpns_gw_init(&s->gw, &s->rules, &s->env, ids[GW], s->entities, PNES);
	s->gw.wan.secret = no_sessions ? NULL : sessions[GW];
	s->session = (struct cpns_session){.id = ids[GW], .leg = {.secret = s->gw.wan.secret}};
	cpns_server_init(&s->server, &s->rules, &s->env, memory_store_interface(s->store));
	for (unsigned u = 0; u < 2; u++)
		hash(s, memory_store_add_user(s->store, users[u]), passwords[0]);
	for (unsigned e = 0; e < ENTITIES; e++) {
		s->record[e] = memory_store_add_entity(s->store, ids[e]);
		cpns_entity_set_owner(s->record[e], users[0]);
		if (e < PNES)
			cpns_entity_set_tk(s->record[e], s->pne[e].tk);
		s->deadlines[e] = CPNS_NEVER;
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
