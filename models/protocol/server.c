#include "models/protocol/server.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "models/protocol/answers.h"
#include "models/protocol/keys.h"
#include "models/protocol/msg.h"
#include "models/protocol/server_request.h"

enum {
	DRAW_RAND_SERVER = 1, /* index of that draw of an exchange */
};

/* Index 1: the only key of a set of one (a chain counts from 1). */
static const uint32_t KEY_INDEX = 1;

struct cpns_work cpns_request_work(const struct cpns_request *r)
{
	return (struct cpns_work){r->server->env->crypto, &r->out->ops};
}

static void draw(const struct cpns_request *r, enum cpns_draw what, uint16_t index, uint8_t *out, size_t n)
{
	const struct cpns_env *env = r->server->env;

	env->random(env->host, what, r->msg->transaction, index, out, n);
	r->out->ops.random_octets += (uint32_t)n;
}

/* A verifier that is cold is where the store keeps it, but costs what hashing the password does. */
void cpns_request_user(struct cpns_request *r)
{
	const struct cpns_store *store = r->server->store;

	r->out->ops.store_reads++;
	r->user = store->user(store->self, r->who.user, false);
	if (r->user == NULL || !r->user->cold)
		return;
	r->user->cold = false;
	if (r->server->rules->stretched_password)
		r->out->ops.pbkdf2_iterations += r->server->rules->iterations;
}

const uint8_t *cpns_request_prk(struct cpns_request *r)
{
	if (!r->has_prk)
		cpns_prk(cpns_request_work(r), r->user->pwh, r->prk);
	r->has_prk = true;
	return r->prk;
}

void cpns_server_init(struct cpns_server *server, const struct cpns_rules *rules, const struct cpns_env *env,
		      const struct cpns_store *store)
{
	*server = (struct cpns_server){.rules = rules, .env = env, .store = store};
}

void cpns_server_restart(struct cpns_server *server)
{
	cpns_answer_log_forget(&server->answers);
}

void cpns_server_clear(struct cpns_server *server)
{
	cpns_answer_log_clear(&server->answers);
}

/* ---- answers, and duplicates of what they answer ---- */

void cpns_entity_clear(struct cpns_entity *entity)
{
	cpns_keyring_clear(entity);
}

static bool refuses(const struct cpns_msg *reply)
{
	return cpns_msg_has(reply, CPNS_STATUS) && cpns_msg_status(reply) > CPNS_CHALLENGE;
}

void cpns_request_answer(const struct cpns_request *r, struct cpns_msg *reply, bool keep)
{
	cpns_msg_set(reply, CPNS_ENTITY_ID, r->who.entity.at, r->who.entity.n);
	r->out->length = (uint16_t)cpns_msg_encode(reply, r->out->bytes);
	r->out->to = CPNS_GATEWAY;
	if (r->entity != NULL && keep)
		cpns_answers_keep(&r->server->answers, &r->entity->answers, r->now, r->msg, refuses(reply), r->out);
}

/* ---- refusals ---- */

static enum cpns_type reply_type(enum cpns_type request)
{
	if (request == CPNS_REQUEST_FOR_PNE)
		return CPNS_RESPONSE_FOR_PNE;
	return request == CPNS_REQUEST ? CPNS_RESPONSE : CPNS_USE_RESULT;
}

enum cpns_verdict cpns_request_refuse(struct cpns_request *r, enum cpns_status status, bool authenticated)
{
	struct cpns_msg reply;
	uint8_t octet = (uint8_t)status, tag[CPNS_TAG];
	const uint8_t *rand_pne = cpns_msg_get(r->msg, CPNS_RAND_PNE).at;

	cpns_msg_begin(&reply, reply_type(r->msg->type), r->msg->transaction);
	cpns_msg_set(&reply, CPNS_STATUS, &octet, 1);
	if (authenticated && reply.type == CPNS_RESPONSE && rand_pne != NULL &&
	    r->server->rules->response_freshness) {
		cpns_response_proof(cpns_request_work(r), cpns_request_prk(r), &r->who, rand_pne,
				    (struct cpns_octets){0}, octet, (struct cpns_octets){0}, tag);
		cpns_msg_set(&reply, CPNS_AUTH_DATA, tag, sizeof(tag));
	}
	cpns_request_answer(r, &reply, status != CPNS_SESSION_EXPIRED);
	return CPNS_REFUSED;
}

/* A wrong proof and an unknown user are answered alike, in the same octets and after the same work, so that nobody
 * learns which users exist: a failure is written down for either. */
enum cpns_verdict cpns_request_refuse_proof(struct cpns_request *r)
{
	struct cpns_failures *failures = r->server->store->failures(r->server->store->self, &r->who, true);
	uint32_t registrations = r->user != NULL ? r->user->registrations : 0;

	*failures =
	    (struct cpns_failures){failures->registrations == registrations ? failures->n + 1 : 1, registrations};
	r->out->ops.store_writes++;
	cpns_request_refuse(r, CPNS_AUTHENTICATION_FAILED, false);
	return CPNS_BAD_PROOF;
}

/* Have there been too many wrong proofs of this user for this entity? Then no more is looked at until the user
 * registers anew. Unknown users are locked out alike. */
bool cpns_request_locked_out(const struct cpns_request *r)
{
	const struct cpns_store *store = r->server->store;
	const struct cpns_failures *failures = store->failures(store->self, &r->who, false);
	uint32_t lockout = r->server->rules->lockout;

	return lockout > 0 && failures != NULL && failures->n >= lockout &&
	       failures->registrations == (r->user != NULL ? r->user->registrations : 0);
}

/* The right proof, and not an old one where that can be told: only failures one after another count. */
void cpns_request_forgive(const struct cpns_request *r)
{
	const struct cpns_store *store = r->server->store;
	struct cpns_failures *failures = store->failures(store->self, &r->who, false);

	if (failures != NULL)
		failures->n = 0;
}

/* ---- is it the user? ---- */

/* What T_req covers beside names and RAND_PNE. A request for a PNE has how many keys it asks for, said or not, so
 * that nobody makes one of a request that an entity has made for itself. */
static struct cpns_octets fresh_of(const struct cpns_msg *msg)
{
	static const uint8_t one_key[4] = {0, 0, 0, 1};

	if (msg->type == CPNS_REQUEST_FOR_PNE)
		return cpns_msg_has(msg, CPNS_KEY_COUNT) ? cpns_msg_get(msg, CPNS_KEY_COUNT)
							 : (struct cpns_octets){one_key, sizeof(one_key)};
	return cpns_msg_has(msg, CPNS_NONCE) ? cpns_msg_get(msg, CPNS_NONCE) : cpns_msg_get(msg, CPNS_RAND_T);
}

static bool mac_verifies(struct cpns_request *r, const uint8_t pwh[CPNS_HASH])
{
	const struct cpns_msg *msg = r->msg;
	uint8_t tag[CPNS_TAG];

	cpns_prk(cpns_request_work(r), pwh, r->prk);
	r->has_prk = true;
	cpns_request_proof(cpns_request_work(r), r->prk, &r->who, cpns_msg_at(msg, CPNS_RAND_PNE), fresh_of(r->msg),
			   tag);
	return cpns_same(tag, cpns_msg_at(msg, CPNS_AUTH_DATA), CPNS_TAG);
}

static bool digest_verifies(struct cpns_request *r, const uint8_t pwh[CPNS_HASH])
{
	const struct cpns_msg *msg = r->msg;
	uint8_t expected[CPNS_HASH];

	cpns_digest(cpns_request_work(r), r->server->rules, pwh, &r->who, cpns_msg_get(msg, CPNS_NONCE),
		    cpns_msg_at(msg, CPNS_RAND_PNE), expected);
	return cpns_same(expected, cpns_msg_at(msg, CPNS_DIGEST), CPNS_HASH);
}

/* 6.3.1 step 9, 6.3.2.1 step 10, 6.3.2.2 step 2, 6.3.3 step 4. The work is the same for an unknown user. In the
 * literal 6.3.2.1 RAND_PNE is all the proof there is, and proves nothing: the user must only exist. */
static bool authentic(struct cpns_request *r)
{
	static const uint8_t nobody[CPNS_HASH];
	const struct cpns_msg *msg = r->msg;
	const uint8_t *pwh = r->user != NULL ? r->user->pwh : nobody;
	bool verified;

	if (r->server->rules->mac_proof)
		verified = mac_verifies(r, pwh);
	else if (cpns_msg_has(msg, CPNS_PASSWORD_HASH))
		verified = cpns_same(pwh, cpns_msg_at(msg, CPNS_PASSWORD_HASH), CPNS_HASH);
	else
		verified = !cpns_msg_has(msg, CPNS_DIGEST) || digest_verifies(r, pwh);
	return verified && r->user != NULL;
}

/* The server makes no larger sets than it is set up for. */
static bool count_is_legal(const struct cpns_request *r)
{
	const uint8_t *count = cpns_msg_get(r->msg, CPNS_KEY_COUNT).at;

	return count == NULL || cpns_get32(count) == 1 ||
	       (cpns_get32(count) > 1 && cpns_get32(count) <= r->server->rules->chain.length);
}

/* Does the request hold what the rules ask of its kind, and nothing that belongs to another? */
static bool complete(const struct cpns_request *r)
{
	const struct cpns_msg *msg = r->msg;
	bool mac = r->server->rules->mac_proof;

	if (mac && (!cpns_msg_has(msg, CPNS_AUTH_DATA) || !cpns_msg_has(msg, CPNS_RAND_PNE)))
		return false;
	if (r->msg->type == CPNS_REQUEST_FOR_PNE)
		return mac != cpns_msg_has(msg, CPNS_PASSWORD_HASH) && count_is_legal(r) &&
		       (!r->server->rules->one_kek || cpns_msg_has(msg, CPNS_RAND_PNE));
	if (cpns_msg_has(msg, CPNS_RAND_T) && (cpns_get64(cpns_msg_at(msg, CPNS_RAND_T)) & CPNS_NONCE_BIT) != 0)
		return false;
	return cpns_msg_has(msg, CPNS_RAND_PNE) && !(mac && cpns_msg_has(msg, CPNS_DIGEST)) &&
	       !(cpns_msg_has(msg, CPNS_NONCE) && cpns_msg_has(msg, CPNS_RAND_T));
}

bool cpns_request_by_owner(const struct cpns_request *r)
{
	const struct cpns_octets *owner = &r->entity->owner;

	return owner->n == r->who.user.n && memcmp(owner->at, r->who.user.at, owner->n) == 0;
}

/* The checks that every request for a key passes before one is made, in this order: whole, from its user, about an
 * entity that is known and, where `owned`, the user's own. Otherwise false, refused with *verdict. */
static bool admit(struct cpns_request *r, bool owned, enum cpns_verdict *verdict)
{
	if (!complete(r)) {
		cpns_request_refuse(r, CPNS_MALFORMED_STATUS, false);
		*verdict = CPNS_MALFORMED;
		return false;
	}
	cpns_request_user(r);
	if (cpns_request_locked_out(r)) {
		*verdict = cpns_request_refuse(r, CPNS_LOCKED_OUT, false);
		return false;
	}
	if (!authentic(r)) {
		*verdict = cpns_request_refuse_proof(r);
		return false;
	}
	if (r->entity == NULL)
		*verdict = cpns_request_refuse(r, CPNS_UNKNOWN_ENTITY, true);
	else if (owned && !cpns_request_by_owner(r))
		*verdict = cpns_request_refuse(r, CPNS_NOT_OWNER, true);
	else
		return true;
	return false;
}

/* ---- keys ---- */

/* 6.3.1 step 10, 6.3.2.1 step 11, 6.3.2.2 step 3, 6.3.3 step 5: a single key, or a set that `eukey` stands for. */
static void keep_key(const struct cpns_request *r, const uint8_t eukey[CPNS_HASH], struct cpns_chain *set)
{
	if (r->entity->owner.n == 0) /* nobody's yet: stored with the User ID, as the steps say */
		r->entity->owner = r->user->id;
	r->server->keys_issued++;
	r->out->ops.store_writes++;
	r->out->ops.store_octets += (set != NULL ? cpns_chain_cells(set) : 1) * CPNS_HASH;
	r->server->pending_dropped += cpns_keyring_add(r->entity, r->server->rules->two_phase_key, eukey, set);
}

static void create_key(const struct cpns_request *r, uint8_t eukey[CPNS_HASH])
{
	draw(r, CPNS_DRAW_KEY, 0, eukey, CPNS_HASH);
	keep_key(r, eukey, NULL);
}

/* ---- requests of an entity for itself: 6.3.1, 6.3.2.1, 6.3.3 ---- */

enum cpns_verdict cpns_request_challenge(const struct cpns_request *r, struct cpns_msg *reply, bool digest)
{
	static const uint8_t sha256 = 1;
	const struct cpns_octets *realm = &r->server->rules->realm;
	uint8_t nonce[16];

	cpns_challenge_nonce(cpns_request_work(r), r->server->secret, r->who.entity, (uint64_t)r->now, nonce);
	cpns_msg_set(reply, CPNS_NONCE, nonce, sizeof(nonce));
	if (digest) {
		cpns_msg_set(reply, CPNS_REALM, realm->at, realm->n);
		cpns_msg_set(reply, CPNS_ALGORITHM, &sha256, 1);
	}
	cpns_request_answer(r, reply, true);
	return CPNS_ACCEPTED;
}

static enum cpns_verdict challenge(const struct cpns_request *r)
{
	static const uint8_t status = CPNS_CHALLENGE;
	struct cpns_msg reply;

	cpns_msg_begin(&reply, CPNS_RESPONSE, r->msg->transaction);
	cpns_msg_set(&reply, CPNS_STATUS, &status, 1);
	return cpns_request_challenge(r, &reply, true);
}

enum cpns_status cpns_request_nonce(const struct cpns_request *r, const uint8_t nonce[16], uint64_t *used)
{
	uint64_t made = cpns_get64(nonce) & ~CPNS_NONCE_BIT, now = (uint64_t)r->now;
	uint8_t ours[16];

	cpns_challenge_nonce(cpns_request_work(r), r->server->secret, r->who.entity, made, ours);
	if (!cpns_same(nonce, ours, sizeof(ours)))
		return CPNS_STALE_NONCE;
	/* A nonce made at time 0 is told from none by the one that is added. */
	if (made < *used)
		return CPNS_REPLAY;
	if (now - made >= CPNS_EXCHANGE_LIFETIME)
		return CPNS_STALE_NONCE;
	*used = made + 1;
	r->out->ops.store_writes++;
	return CPNS_SUCCESS;
}

/* Is what should be fresh in an authenticated request indeed new? A nonce serves once; a RAND_T counter only grows.
 */
static enum cpns_status freshness(const struct cpns_request *r)
{
	const uint8_t *nonce = cpns_msg_get(r->msg, CPNS_NONCE).at, *rand_t = cpns_msg_get(r->msg, CPNS_RAND_T).at;

	if (nonce != NULL)
		return cpns_request_nonce(r, nonce, &r->entity->challenge_used);
	if (rand_t != NULL) {
		uint64_t counter = cpns_get64(rand_t);

		if (counter <= r->entity->trigger_counter)
			return CPNS_REPLAY;
		r->entity->trigger_counter = counter;
		r->out->ops.store_writes++;
	}
	return CPNS_SUCCESS;
}

/* The EUKey, or what a set follows from, under the KEK that the request's RAND_PNE and this RAND_Server give. */
struct under_kek {
	uint8_t rand_server[16], wrapped[CPNS_WRAPPED];
};

static void put_under_kek(const struct cpns_request *r, const uint8_t eukey[CPNS_HASH], struct cpns_msg *reply,
			  struct under_kek *under)
{
	uint8_t kek[CPNS_HASH];

	draw(r, CPNS_DRAW_NONCE, DRAW_RAND_SERVER, under->rand_server, sizeof(under->rand_server));
	cpns_kek(cpns_request_work(r), r->user->pwh, &r->who, cpns_msg_at(r->msg, CPNS_RAND_PNE), under->rand_server,
		 kek);
	cpns_key_wrap(cpns_request_work(r), kek, eukey, under->wrapped);
	cpns_msg_set(reply, CPNS_RAND_SERVER, under->rand_server, sizeof(under->rand_server));
	cpns_msg_set(reply, CPNS_ENC_EUKEY, under->wrapped, sizeof(under->wrapped));
}

/* 6.3.1 step 11, 6.3.2.1 step 12, 6.3.3 step 6: the EUKey under the KEK or, as the change requests have it in 6.3.1
 * and 6.3.3, under what hangs on the password alone. */
static void deliver(struct cpns_request *r, bool triggered)
{
	static const uint8_t status = CPNS_SUCCESS;
	bool fresh = r->server->rules->response_freshness;
	const uint8_t *rand_pne = cpns_msg_at(r->msg, CPNS_RAND_PNE);
	struct cpns_msg reply;
	struct under_kek under;
	uint8_t eukey[CPNS_HASH], key[CPNS_HASH], wrapped[CPNS_WRAPPED], tag[CPNS_TAG];

	cpns_msg_begin(&reply, CPNS_RESPONSE, r->msg->transaction);
	create_key(r, eukey);
	if (fresh || triggered || r->server->rules->one_kek) {
		put_under_kek(r, eukey, &reply, &under);
	} else {
		cpns_wrap_key(cpns_request_work(r), cpns_request_prk(r), &r->who, key);
		cpns_key_wrap(cpns_request_work(r), key, eukey, wrapped);
		cpns_msg_set(&reply, CPNS_ENC_EUKEY, wrapped, sizeof(wrapped));
	}
	cpns_msg_set(&reply, CPNS_STATUS, &status, 1);
	if (fresh) {
		cpns_response_proof(cpns_request_work(r), cpns_request_prk(r), &r->who, rand_pne,
				    cpns_msg_get(&reply, CPNS_RAND_SERVER), status,
				    cpns_msg_get(&reply, CPNS_ENC_EUKEY), tag);
		cpns_msg_set(&reply, CPNS_AUTH_DATA, tag, sizeof(tag));
	}
	cpns_request_answer(r, &reply, true);
}

static enum cpns_verdict take_request(struct cpns_request *r)
{
	const struct cpns_msg *msg = r->msg;
	const struct cpns_rules *rules = r->server->rules;
	/* Only 6.3.2.1 has a RAND_T, or, as the change requests have it, no proof beside RAND_PNE. */
	bool triggered = rules->mac_proof ? cpns_msg_has(msg, CPNS_RAND_T)
					  : cpns_msg_has(msg, CPNS_RAND_PNE) && !cpns_msg_has(msg, CPNS_DIGEST);
	bool checked = triggered && rules->ownership_check;
	enum cpns_verdict verdict;

	if (r->entity == NULL && !checked)
		r->entity = r->server->store->entity(r->server->store->self, r->who.entity, true);
	if (rules->challenge && !triggered && !cpns_msg_has(msg, CPNS_NONCE))
		return challenge(r);
	if (!admit(r, checked, &verdict))
		return verdict;
	enum cpns_status status = freshness(r);

	if (status != CPNS_SUCCESS) {
		cpns_request_refuse(r, status, true);
		return CPNS_REPLAYED;
	}
	if (rules->mac_proof || !triggered) /* otherwise there was no proof */
		cpns_request_forgive(r);
	deliver(r, triggered);
	return CPNS_ACCEPTED;
}

/* ---- requests of a PN GW for a PNE: 6.3.2.2 ---- */

/* How many keys are asked for. */
static uint32_t key_count(const struct cpns_request *r)
{
	const uint8_t *count = cpns_msg_get(r->msg, CPNS_KEY_COUNT).at;

	return count != NULL ? cpns_get32(count) : 1;
}

/* n random keys, or one and what follows from it; `eukey` is the first that was drawn. */
static struct cpns_chain *create_set(const struct cpns_request *r, uint32_t n, uint8_t eukey[CPNS_HASH])
{
	const struct cpns_chain_rules *rules = &r->server->rules->chain;

	draw(r, CPNS_DRAW_KEY, 0, eukey, CPNS_HASH);
	if (!rules->independent)
		return cpns_chain_from_seed(cpns_request_work(r), rules, r->who.entity, n, eukey);
	uint8_t *keys = malloc((size_t)n * CPNS_HASH);

	if (keys == NULL)
		abort();
	memcpy(keys, eukey, CPNS_HASH);
	for (uint32_t i = 1; i < n; i++)
		draw(r, CPNS_DRAW_KEY, (uint16_t)i, keys + (size_t)i * CPNS_HASH, CPNS_HASH);
	struct cpns_chain *set = cpns_chain_from_keys(rules, n, keys);

	free(keys);
	return set;
}

/* What the PN GW makes keys of: in the clear, as the change requests have it, or under the KEK. */
static void put_eukey(const struct cpns_request *r, const uint8_t eukey[CPNS_HASH], struct cpns_msg *reply,
		      struct under_kek *under)
{
	if (r->server->rules->one_kek)
		put_under_kek(r, eukey, reply, under);
	else
		cpns_msg_set(reply, CPNS_EUKEY, eukey, CPNS_HASH);
}

/* The response with what *reply holds of the keys; its Counter is the first of as many as there are keys. */
static void answer_for_pne(const struct cpns_request *r, struct cpns_msg *reply, uint32_t n)
{
	static const uint8_t status = CPNS_SUCCESS;
	uint8_t index[4], counter[8];

	cpns_put32(index, KEY_INDEX);
	cpns_put64(counter, r->entity->notice_counter + 1);
	r->entity->notice_counter += n;
	cpns_msg_set(reply, CPNS_STATUS, &status, 1);
	cpns_msg_set(reply, CPNS_TEMPORARY_KEY, r->entity->tk.at, r->entity->tk.n);
	cpns_msg_set(reply, CPNS_KEY_INDEX, index, sizeof(index));
	cpns_msg_set(reply, CPNS_COUNTER, counter, sizeof(counter));
	cpns_request_answer(r, reply, true);
}

static void deliver_for_pne(const struct cpns_request *r)
{
	struct under_kek under;
	struct cpns_msg reply;
	uint8_t eukey[CPNS_HASH];

	cpns_msg_begin(&reply, CPNS_RESPONSE_FOR_PNE, r->msg->transaction);
	create_key(r, eukey);
	put_eukey(r, eukey, &reply, &under);
	answer_for_pne(r, &reply, 1);
}

/* A set travels whole, or as the one key that all others follow from. */
static void deliver_set_for_pne(const struct cpns_request *r, uint32_t n)
{
	struct under_kek under;
	struct cpns_msg reply;
	uint8_t eukey[CPNS_HASH], count[4], *keys = NULL;
	struct cpns_chain *set = create_set(r, n, eukey);

	cpns_msg_begin(&reply, CPNS_RESPONSE_FOR_PNE, r->msg->transaction);
	if (r->server->rules->chain.carry_set) {
		keys = malloc((size_t)n * CPNS_HASH);
		if (keys == NULL)
			abort();
		cpns_chain_keys(set, cpns_request_work(r), r->who.entity, keys);
		cpns_msg_set(&reply, CPNS_EUKEY_SET, keys, (size_t)n * CPNS_HASH);
	} else {
		put_eukey(r, eukey, &reply, &under);
	}
	cpns_put32(count, n);
	cpns_msg_set(&reply, CPNS_KEY_COUNT, count, sizeof(count));
	keep_key(r, eukey, set);
	answer_for_pne(r, &reply, n);
	free(keys);
}

static enum cpns_verdict take_request_for_pne(struct cpns_request *r)
{
	enum cpns_verdict verdict;

	if (!admit(r, r->server->rules->ownership_check, &verdict))
		return verdict;
	cpns_request_forgive(r);
	if (r->entity->tk.n == 0)
		return cpns_request_refuse(r, CPNS_NO_TEMPORARY_KEY, true);
	if (key_count(r) > 1)
		deliver_set_for_pne(r, key_count(r));
	else
		deliver_for_pne(r);
	return CPNS_ACCEPTED;
}

/* ---- registration: 6.3.1 steps 2 to 4, 6.3.2.1 steps 1 to 3 ---- */

static void send_registered(const struct cpns_request *r, enum cpns_status status)
{
	bool subscription = r->msg->type == CPNS_SUBSCRIPTION_REQUEST;
	struct cpns_msg reply;
	uint8_t octet = (uint8_t)status;

	cpns_msg_begin(&reply, subscription ? CPNS_SUBSCRIPTION_RESPONSE : CPNS_ID_PWD_REGISTRATION_RESPONSE,
		       r->msg->transaction);
	cpns_msg_set(&reply, CPNS_STATUS, &octet, 1);
	r->out->length = (uint16_t)cpns_msg_encode(&reply, r->out->bytes);
	r->out->to = CPNS_GATEWAY;
}

static enum cpns_verdict take_registration(struct cpns_request *r)
{
	const struct cpns_store *store = r->server->store;
	const uint8_t *session = cpns_leg_key(&r->from->leg, r->server->rules, r->now);
	enum cpns_verdict verdict;
	uint8_t password[32];
	size_t n;

	if (cpns_answers_again(&r->server->answers, r->from->answers, r->now, r->msg, r->out, &verdict))
		return verdict;
	if (session == NULL) { /* C249: only after the PN GW and the server have authenticated each other */
		send_registered(r, r->server->rules->run_step_0 ? CPNS_SESSION_EXPIRED : CPNS_AUTHENTICATION_FAILED);
		return CPNS_NO_SESSION;
	}
	if (!cpns_password_open(cpns_request_work(r), session, cpns_msg_get(r->msg, CPNS_ENC_PASSWORD), password,
				&n)) {
		send_registered(r, CPNS_AUTHENTICATION_FAILED);
		return CPNS_BAD_PROOF;
	}
	struct cpns_user *user = store->user(store->self, r->who.user, true);

	cpns_password_hash(cpns_request_work(r), r->server->rules, r->who.user, (struct cpns_octets){password, n},
			   user->pwh);
	user->registrations++;
	user->cold = false;
	r->out->ops.store_reads++;
	r->out->ops.store_writes++;
	send_registered(r, CPNS_SUCCESS);
	cpns_answers_keep(&r->server->answers, &r->from->answers, r->now, r->msg, false, r->out);
	return CPNS_ACCEPTED;
}

/* ---- */

/* Step 0: the answers are kept with the PN GW, for no user and no entity is named yet. */
static enum cpns_verdict take_step_0(struct cpns_request *r)
{
	struct cpns_msg reply = {.transaction = r->msg->transaction};
	struct cpns_bootstrap_values values;
	enum cpns_verdict verdict;

	if (cpns_answers_again(&r->server->answers, r->from->answers, r->now, r->msg, r->out, &verdict))
		return verdict;
	verdict = cpns_bootstrap_serve(r->server->rules, r->server->env, r->from, r->now, r->msg, &reply, &values,
				       &r->out->ops);
	if (reply.type == 0) /* not from a PN GW that the server knows: no word */
		return verdict;
	r->out->length = (uint16_t)cpns_msg_encode(&reply, r->out->bytes);
	r->out->to = CPNS_GATEWAY;
	if (verdict == CPNS_ACCEPTED) /* a forged copy must not answer for the genuine one that comes after it */
		cpns_answers_keep(&r->server->answers, &r->from->answers, r->now, r->msg, false, r->out);
	return verdict;
}

/* Requests need a session on the WAN leg, but for the PN GW's own: in 6.3.3 the server is authenticated by TLS. */
static bool lacks_session(const struct cpns_request *r)
{
	struct cpns_octets self = r->from->id;

	return r->server->rules->run_step_0 && cpns_leg_key(&r->from->leg, r->server->rules, r->now) == NULL &&
	       !(self.n > 0 && cpns_msg_equal(r->msg, CPNS_ENTITY_ID, self));
}

typedef enum cpns_verdict step_fn(struct cpns_request *r);

/* What the server does with a message. It has no states: an entry per type; one without is out of place. */
static step_fn *const steps[CPNS_TYPES] = {
    [CPNS_ID_PWD_REGISTRATION_REQUEST] = take_registration,
    [CPNS_SUBSCRIPTION_REQUEST] = take_registration,
    [CPNS_REQUEST] = take_request,
    [CPNS_REQUEST_FOR_PNE] = take_request_for_pne,
    [CPNS_USE_REQUEST] = cpns_request_use,
    [CPNS_USE_PROOF] = cpns_request_use,
    [CPNS_BOOTSTRAP_REQUEST] = take_step_0,
    [CPNS_BOOTSTRAP_ANSWER] = take_step_0,
    [CPNS_SESSION_REQUEST] = take_step_0,
};

enum cpns_verdict cpns_server_on_message(struct cpns_server *server, int64_t now, struct cpns_session *from,
					 const uint8_t *buf, size_t n, struct cpns_out *out)
{
	struct cpns_msg msg;
	enum cpns_verdict verdict;

	if (!cpns_msg_decode(&msg, buf, n))
		return CPNS_MALFORMED;
	if (steps[msg.type] == NULL)
		return CPNS_OUT_OF_PLACE;
	struct cpns_request r = {.server = server, .now = now, .from = from, .msg = &msg, .out = out};

	r.who = (struct cpns_names){cpns_msg_get(&msg, CPNS_USER_ID), cpns_msg_get(&msg, CPNS_ENTITY_ID)};
	if (r.who.entity.at != NULL) {
		out->ops.store_reads++;
		r.entity = server->store->entity(server->store->self, r.who.entity, false);
		if (r.entity != NULL &&
		    cpns_answers_again(&server->answers, r.entity->answers, now, &msg, out, &verdict))
			return verdict;
		if (lacks_session(&r)) {
			cpns_request_refuse(&r, CPNS_SESSION_EXPIRED, false);
			return CPNS_NO_SESSION;
		}
	}
	return steps[msg.type](&r);
}
