#include "models/protocol/server_request.h"

/* Registration, 6.3.1 steps 2 to 4, 6.3.2.1 steps 1 to 3; and step 0, which comes before it. */

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

enum cpns_verdict cpns_request_registration(struct cpns_request *r)
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

/* Step 0: the answers are kept with the PN GW, for no user and no entity is named yet. */
enum cpns_verdict cpns_request_step_0(struct cpns_request *r)
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
