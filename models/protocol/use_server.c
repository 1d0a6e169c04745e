#include "models/protocol/use_server.h"

#include <string.h>

#include "models/protocol/answers.h"
#include "models/protocol/keyring.h"
#include "models/protocol/keys.h"

enum { ALGORITHM_SHA256 = 1 };

/* One message while it is being answered. */
struct taken {
	struct cpns_server *server;
	int64_t now;
	struct cpns_entity *entity;
	const struct cpns_msg *msg;
	struct cpns_out *out;
};

static struct cpns_work work(const struct taken *t)
{
	return (struct cpns_work){t->server->env->crypto, &t->out->ops};
}

static void answer(const struct taken *t, struct cpns_msg *reply)
{
	const struct cpns_octets *id = &t->msg->field[CPNS_ENTITY_ID];

	reply->transaction = t->msg->transaction;
	cpns_msg_set(reply, CPNS_ENTITY_ID, id->at, id->n);
	t->out->length = (uint16_t)cpns_msg_encode(reply, t->out->bytes);
	t->out->to = CPNS_GATEWAY;
	if (t->entity != NULL)
		cpns_answers_keep(&t->entity->answers, t->now, t->msg, t->out);
}

static void refuse(const struct taken *t, enum cpns_status status)
{
	struct cpns_msg reply = {.type = CPNS_USE_RESULT};
	uint8_t octet = (uint8_t)status;

	cpns_msg_set(&reply, CPNS_STATUS, &octet, 1);
	answer(t, &reply);
}

/* A User ID asks for what a digest needs beside the nonce. Whether the user exists, nobody is told. */
static enum cpns_verdict challenge(const struct taken *t)
{
	static const uint8_t algorithm = ALGORITHM_SHA256;
	const struct cpns_env *env = t->server->env;
	const struct cpns_octets *realm = &t->server->rules->realm;
	struct cpns_keyring *ring = cpns_keyring_of(t->entity);
	struct cpns_msg reply = {.type = CPNS_USE_CHALLENGE};

	env->random(env->host, CPNS_DRAW_NONCE, t->msg->transaction, 0, ring->nonce, sizeof(ring->nonce));
	t->out->ops.random_octets += sizeof(ring->nonce);
	t->out->ops.store_writes++;
	ring->nonce_expires = t->now + CPNS_EXCHANGE_LIFETIME;
	cpns_msg_set(&reply, CPNS_NONCE, ring->nonce, sizeof(ring->nonce));
	if (t->msg->field[CPNS_USER_ID].at != NULL) {
		cpns_msg_set(&reply, CPNS_REALM, realm->at, realm->n);
		cpns_msg_set(&reply, CPNS_ALGORITHM, &algorithm, 1);
	}
	answer(t, &reply);
	return CPNS_ACCEPTED;
}

/* The server proves that it holds the same key, and says which key of a set comes next. */
static void confirm(const struct taken *t, const uint8_t key[CPNS_HASH], const struct cpns_use_context *use,
		    const struct cpns_key_set *set)
{
	static const uint8_t status = CPNS_SUCCESS;
	struct cpns_msg reply = {.type = CPNS_USE_RESULT};
	uint8_t next[4], count[4], tag[CPNS_TAG];

	t->out->ops.store_writes++;
	cpns_msg_set(&reply, CPNS_STATUS, &status, 1);
	if (set != NULL) {
		cpns_put32(next, set->next);
		cpns_put32(count, cpns_chain_length(set->chain));
		cpns_msg_set(&reply, CPNS_KEY_INDEX, next, sizeof(next));
		cpns_msg_set(&reply, CPNS_KEY_COUNT, count, sizeof(count));
	}
	cpns_use_result_proof(work(t), key, use, status, reply.field[CPNS_KEY_INDEX], reply.field[CPNS_KEY_COUNT],
			      tag);
	cpns_msg_set(&reply, CPNS_AUTH_DATA, tag, sizeof(tag));
	answer(t, &reply);
}

/* By which of the keys that the server holds was this made? */
static enum cpns_verdict judge_key(const struct taken *t, const struct cpns_use_context *use)
{
	const struct cpns_chain_rules *rules = &t->server->rules->chain;
	struct cpns_candidate c = {.named = use->index};
	uint8_t tag[CPNS_TAG];

	while (cpns_keyring_next(t->entity, work(t), rules, use->entity, &c)) {
		cpns_use_proof(work(t), c.key, use, tag);
		if (!cpns_same(tag, t->msg->field[CPNS_AUTH_DATA].at, CPNS_TAG))
			continue;
		confirm(t, c.key, use, cpns_keyring_used(t->entity, &c));
		return CPNS_ACCEPTED;
	}
	t->out->ops.store_writes++;
	refuse(t, CPNS_AUTHENTICATION_FAILED);
	return CPNS_BAD_PROOF;
}

/* Nobody's entity is anybody's. */
static bool owns(const struct cpns_entity *entity, const struct cpns_user *user)
{
	return entity->owner.n == 0 ||
	       (entity->owner.n == user->id.n && memcmp(entity->owner.at, user->id.at, user->id.n) == 0);
}

/* An unknown user is answered as a wrong password is, after the same work. */
static enum cpns_verdict judge_password(const struct taken *t, const struct cpns_use_context *use)
{
	static const uint8_t nobody[CPNS_HASH];
	const struct cpns_store *store = t->server->store;
	const struct cpns_octets *field = t->msg->field;
	struct cpns_names who = {field[CPNS_USER_ID], use->entity};
	uint8_t expected[CPNS_HASH], prk[CPNS_HASH], key[CPNS_HASH];

	t->out->ops.store_reads++;
	struct cpns_user *user = store->user(store->self, who.user, false);
	const uint8_t *pwh = user != NULL ? user->pwh : nobody;

	cpns_use_digest(work(t), t->server->rules, pwh, &who, field[CPNS_NONCE], use->rand, expected);
	if (cpns_same(expected, field[CPNS_DIGEST].at, CPNS_HASH) && user != NULL) {
		if (!owns(t->entity, user)) {
			refuse(t, CPNS_NOT_OWNER);
			return CPNS_REFUSED;
		}
		cpns_prk(work(t), pwh, prk);
		cpns_subkey(work(t), prk, "rsp", key);
		confirm(t, key, use, NULL);
		return CPNS_ACCEPTED;
	}
	if (user != NULL)
		user->failures++;
	t->out->ops.store_writes++;
	refuse(t, CPNS_AUTHENTICATION_FAILED);
	return CPNS_BAD_PROOF;
}

/* Is the nonce the one given last, in time and for the first time? Whatever comes of it, it has served. */
static enum cpns_status freshness(const struct taken *t)
{
	struct cpns_keyring *ring = t->entity->keyring;

	if (ring == NULL || ring->nonce_expires == 0 ||
	    memcmp(ring->nonce, t->msg->field[CPNS_NONCE].at, sizeof(ring->nonce)) != 0)
		return CPNS_REPLAY;
	bool stale = t->now >= ring->nonce_expires;

	ring->nonce_expires = 0;
	return stale ? CPNS_STALE_NONCE : CPNS_SUCCESS;
}

static enum cpns_verdict take_proof(const struct taken *t)
{
	const struct cpns_octets *field = t->msg->field;
	bool by_password = field[CPNS_USER_ID].at != NULL;

	if (by_password != (field[CPNS_DIGEST].at != NULL) || by_password == (field[CPNS_AUTH_DATA].at != NULL) ||
	    (by_password && field[CPNS_KEY_INDEX].at != NULL) ||
	    (field[CPNS_KEY_INDEX].at != NULL && cpns_msg_number(t->msg, CPNS_KEY_INDEX) == 0)) {
		refuse(t, CPNS_MALFORMED_STATUS);
		return CPNS_MALFORMED;
	}
	enum cpns_status status = freshness(t);

	if (status != CPNS_SUCCESS) {
		refuse(t, status);
		return CPNS_REPLAYED;
	}
	struct cpns_use_context use = {
	    .entity = field[CPNS_ENTITY_ID], .nonce = field[CPNS_NONCE].at, .rand = field[CPNS_RAND_PNE].at};

	if (field[CPNS_KEY_INDEX].at != NULL)
		use.index = (uint32_t)cpns_msg_number(t->msg, CPNS_KEY_INDEX);
	return by_password ? judge_password(t, &use) : judge_key(t, &use);
}

enum cpns_verdict cpns_use_server_take(struct cpns_server *server, int64_t now, struct cpns_entity *entity,
				       const struct cpns_msg *msg, struct cpns_out *out)
{
	const struct taken t = {server, now, entity, msg, out};

	if (entity == NULL) {
		refuse(&t, CPNS_UNKNOWN_ENTITY);
		return CPNS_REFUSED;
	}
	return msg->type == CPNS_USE_REQUEST ? challenge(&t) : take_proof(&t);
}
