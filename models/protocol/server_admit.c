#include <string.h>

#include "models/protocol/server_request.h"

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
	struct cpns_octets owner = cpns_entity_owner(r->entity);

	return owner.n == r->who.user.n && memcmp(owner.at, r->who.user.at, owner.n) == 0;
}

bool cpns_request_admit(struct cpns_request *r, bool owned, enum cpns_verdict *verdict)
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
