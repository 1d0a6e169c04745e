/* The CPNS Server's side of EUKey use (use.h): challenges an entity, and judges its proof by the keys that it holds
 * of it, or by its owner's password (C281). A proof by a pending key is that key's confirmation. */
#include "models/protocol/keyring.h"
#include "models/protocol/keys.h"
#include "models/protocol/server_request.h"
#include "models/protocol/use_keys.h"

/* The server proves that it holds the same key, and says which key of a set comes next. */
static void confirm(const struct cpns_request *r, const uint8_t key[CPNS_HASH], const struct cpns_use_context *use,
		    const struct cpns_key_set *set)
{
	static const uint8_t status = CPNS_SUCCESS;
	struct cpns_msg reply;
	uint8_t next[4], count[4], tag[CPNS_TAG];

	cpns_msg_begin(&reply, CPNS_USE_RESULT, r->msg->transaction);
	r->out->ops.store_writes++;
	cpns_msg_set(&reply, CPNS_STATUS, &status, 1);
	if (set != NULL) {
		cpns_put32(next, set->next);
		cpns_put32(count, cpns_chain_length(set->chain));
		cpns_msg_set(&reply, CPNS_KEY_INDEX, next, sizeof(next));
		cpns_msg_set(&reply, CPNS_KEY_COUNT, count, sizeof(count));
	}
	cpns_use_result_proof(cpns_request_work(r), key, use, status, cpns_msg_get(&reply, CPNS_KEY_INDEX),
			      cpns_msg_get(&reply, CPNS_KEY_COUNT), tag);
	cpns_msg_set(&reply, CPNS_AUTH_DATA, tag, sizeof(tag));
	cpns_request_answer(r, &reply, true);
}

/* Is the nonce in a proof that verifies a fresh one? Otherwise it is refused. Nobody else can use a nonce up. */
static bool is_fresh(struct cpns_request *r)
{
	enum cpns_status status =
	    cpns_request_nonce(r, cpns_msg_at(r->msg, CPNS_NONCE), &r->entity->use_challenge_used);

	if (status != CPNS_SUCCESS)
		cpns_request_refuse(r, status, false);
	return status == CPNS_SUCCESS;
}

/* By which of the keys that the server holds was this made? */
static enum cpns_verdict judge_key(struct cpns_request *r, const struct cpns_use_context *use)
{
	const struct cpns_chain_rules *rules = &r->server->rules->chain;
	struct cpns_candidate c = {.named = use->index};
	uint8_t tag[CPNS_TAG];

	while (cpns_keyring_next(r->entity, cpns_request_work(r), rules, use->entity, &c)) {
		cpns_use_proof(cpns_request_work(r), c.key, use, tag);
		if (!cpns_same(tag, cpns_msg_at(r->msg, CPNS_AUTH_DATA), CPNS_TAG))
			continue;
		if (!is_fresh(r))
			return CPNS_REPLAYED;
		confirm(r, c.key, use, cpns_keyring_used(r->entity, &c));
		return CPNS_ACCEPTED;
	}
	cpns_request_refuse(r, CPNS_AUTHENTICATION_FAILED, false);
	return CPNS_BAD_PROOF;
}

/* An unknown user is answered as a wrong password is, after the same work. */
static enum cpns_verdict judge_password(struct cpns_request *r, const struct cpns_use_context *use)
{
	static const uint8_t nobody[CPNS_HASH];
	const struct cpns_msg *msg = r->msg;
	uint8_t expected[CPNS_HASH], key[CPNS_HASH];

	cpns_request_user(r);
	if (cpns_request_locked_out(r))
		return cpns_request_refuse(r, CPNS_LOCKED_OUT, false);
	cpns_use_digest(cpns_request_work(r), r->server->rules, r->user != NULL ? r->user->pwh : nobody, &r->who,
			cpns_msg_get(msg, CPNS_NONCE), use->rand, expected);
	if (!cpns_same(expected, cpns_msg_at(msg, CPNS_DIGEST), CPNS_HASH) || r->user == NULL)
		return cpns_request_refuse_proof(r);
	if (!is_fresh(r))
		return CPNS_REPLAYED;
	cpns_request_forgive(r);
	if (r->entity->owner_n > 0 && !cpns_request_by_owner(r))
		return cpns_request_refuse(r, CPNS_NOT_OWNER, false);
	cpns_subkey(cpns_request_work(r), cpns_request_prk(r), "rsp", key);
	confirm(r, key, use, NULL);
	return CPNS_ACCEPTED;
}

/* A proof by the EUKey, or one by the password, and nothing of both. */
static bool complete(const struct cpns_request *r)
{
	const struct cpns_msg *msg = r->msg;

	if (r->who.user.at != NULL)
		return cpns_msg_has(msg, CPNS_DIGEST) && !cpns_msg_has(msg, CPNS_AUTH_DATA) &&
		       !cpns_msg_has(msg, CPNS_KEY_INDEX);
	return !cpns_msg_has(msg, CPNS_DIGEST) && cpns_msg_has(msg, CPNS_AUTH_DATA) &&
	       (!cpns_msg_has(msg, CPNS_KEY_INDEX) || cpns_msg_number(r->msg, CPNS_KEY_INDEX) > 0);
}

static enum cpns_verdict take_proof(struct cpns_request *r)
{
	const struct cpns_msg *msg = r->msg;

	if (!complete(r)) {
		cpns_request_refuse(r, CPNS_MALFORMED_STATUS, false);
		return CPNS_MALFORMED;
	}
	struct cpns_use_context use = {
	    .entity = r->who.entity, .nonce = cpns_msg_at(msg, CPNS_NONCE), .rand = cpns_msg_at(msg, CPNS_RAND_PNE)};

	if (cpns_msg_has(msg, CPNS_KEY_INDEX))
		use.index = (uint32_t)cpns_msg_number(r->msg, CPNS_KEY_INDEX);
	return r->who.user.at != NULL ? judge_password(r, &use) : judge_key(r, &use);
}

enum cpns_verdict cpns_request_use(struct cpns_request *r)
{
	if (r->entity == NULL)
		return cpns_request_refuse(r, CPNS_UNKNOWN_ENTITY, false);
	if (r->msg->type == CPNS_USE_PROOF)
		return take_proof(r);
	/* A User ID asks for what a digest needs beside the nonce. Whether the user exists, nobody is told. */
	struct cpns_msg reply;

	cpns_msg_begin(&reply, CPNS_USE_CHALLENGE, r->msg->transaction);
	return cpns_request_challenge(r, &reply, r->who.user.at != NULL);
}
