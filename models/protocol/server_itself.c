#include "models/protocol/server_request.h"

/* Requests of an entity for itself: 6.3.1, 6.3.2.1, 6.3.3. */

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

/* 6.3.1 step 11, 6.3.2.1 step 12, 6.3.3 step 6: the EUKey under the KEK or, as the change requests have it in 6.3.1
 * and 6.3.3, under what hangs on the password alone. */
static void deliver(struct cpns_request *r, bool triggered)
{
	static const uint8_t status = CPNS_SUCCESS;
	bool fresh = r->server->rules->response_freshness;
	const uint8_t *rand_pne = cpns_msg_at(r->msg, CPNS_RAND_PNE);
	struct cpns_msg reply;
	struct cpns_under_kek under;
	uint8_t eukey[CPNS_HASH], key[CPNS_HASH], wrapped[CPNS_WRAPPED], tag[CPNS_TAG];

	cpns_msg_begin(&reply, CPNS_RESPONSE, r->msg->transaction);
	cpns_request_create_key(r, eukey);
	if (fresh || triggered || r->server->rules->one_kek) {
		cpns_request_put_under_kek(r, eukey, &reply, &under);
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

enum cpns_verdict cpns_request_for_itself(struct cpns_request *r)
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
	if (!cpns_request_admit(r, checked, &verdict))
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
