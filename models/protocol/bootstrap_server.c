#include <stdlib.h>
#include <string.h>

#include "models/protocol/bootstrap.h"
#include "models/protocol/session_keys.h"

struct cpns_bootstrapped {
	bool answered; /* RES was right: Ks may be used */
	uint8_t rand[16], ks[CPNS_HASH];
};

/* A message while it is served. */
struct serving {
	const struct cpns_rules *rules;
	const struct cpns_env *env;
	struct cpns_session *from;
	int64_t now;
	const struct cpns_msg *msg;
	struct cpns_msg *reply;
	struct cpns_bootstrap_values *values;
	struct cpns_work work;
};

void cpns_session_clear(struct cpns_session *session)
{
	cpns_leg_down(&session->leg);
	free(session->bootstrapped);
	session->bootstrapped = NULL;
	session->answers = 0;
}

static void set_status(struct serving *s, enum cpns_status status)
{
	s->values->status = (uint8_t)status;
	cpns_msg_set(s->reply, CPNS_STATUS, &s->values->status, 1);
}

static void set_lifetime(struct serving *s)
{
	cpns_put64(s->values->lifetime, (uint64_t)s->rules->session_lifetime);
	cpns_msg_set(s->reply, CPNS_LIFETIME, s->values->lifetime, 8);
}

/* A new bootstrapping takes the place of the one before; the session that there is stays until the new one is made.
 */
static enum cpns_verdict challenge(struct serving *s)
{
	struct cpns_bootstrapped *b = s->from->bootstrapped;

	if (s->from->leg.secret == NULL) /* no subscriber of that name */
		return CPNS_NO_SESSION;
	if (b == NULL)
		b = s->from->bootstrapped = malloc(sizeof(*b));
	if (b == NULL)
		abort();
	b->answered = false;
	s->env->random(s->env->host, CPNS_DRAW_NONCE, s->msg->transaction, 0, b->rand, 16);
	s->work.ops->random_octets += 16;
	s->work.ops->store_reads++;
	cpns_aka_autn(s->work, s->from->leg.secret, s->from->id, b->rand, s->values->tag);
	memcpy(s->values->rand, b->rand, 16);
	s->reply->type = CPNS_BOOTSTRAP_CHALLENGE;
	cpns_msg_set(s->reply, CPNS_RAND_SERVER, s->values->rand, 16);
	cpns_msg_set(s->reply, CPNS_AUTH_DATA, s->values->tag, CPNS_TAG);
	return CPNS_ACCEPTED;
}

static enum cpns_verdict check_answer(struct serving *s)
{
	struct cpns_bootstrapped *b = s->from->bootstrapped;
	uint8_t res[CPNS_TAG];

	s->reply->type = CPNS_BOOTSTRAP_RESULT;
	if (b == NULL || b->answered) {
		set_status(s, CPNS_SESSION_EXPIRED);
		return CPNS_REPLAYED;
	}
	cpns_aka_res(s->work, s->from->leg.secret, s->from->id, b->rand, res);
	if (!cpns_same(res, cpns_msg_at(s->msg, CPNS_AUTH_DATA), CPNS_TAG)) {
		set_status(s, CPNS_AUTHENTICATION_FAILED);
		return CPNS_BAD_PROOF;
	}
	cpns_aka_ks(s->work, s->from->leg.secret, s->from->id, b->rand, b->ks);
	b->answered = true;
	memcpy(s->values->rand, b->rand, 16);
	set_status(s, CPNS_SUCCESS);
	cpns_msg_set(s->reply, CPNS_B_TID, s->values->rand, 16);
	set_lifetime(s);
	return CPNS_ACCEPTED;
}

static enum cpns_verdict open_session(struct serving *s)
{
	const struct cpns_msg *msg = s->msg;
	struct cpns_bootstrapped *b = s->from->bootstrapped;
	uint8_t ks_naf[CPNS_HASH], tag[CPNS_TAG];

	s->reply->type = CPNS_SESSION_RESPONSE;
	if (b == NULL || !b->answered || !cpns_same(b->rand, cpns_msg_at(msg, CPNS_B_TID), 16)) {
		set_status(s, CPNS_SESSION_EXPIRED);
		return CPNS_REPLAYED;
	}
	cpns_ks_naf(s->work, b->ks, b->rand, s->from->id, s->rules->realm, ks_naf);
	cpns_session_request_proof(s->work, ks_naf, b->rand, cpns_msg_at(msg, CPNS_RAND_GW), tag);
	if (!cpns_same(tag, cpns_msg_at(msg, CPNS_AUTH_DATA), CPNS_TAG)) {
		set_status(s, CPNS_AUTHENTICATION_FAILED);
		return CPNS_BAD_PROOF;
	}
	int64_t lifetime = s->rules->session_lifetime;

	cpns_leg_up(&s->from->leg, ks_naf, s->now < CPNS_NEVER - lifetime ? s->now + lifetime : CPNS_NEVER);
	s->work.ops->store_writes++;
	set_status(s, CPNS_SUCCESS);
	set_lifetime(s);
	cpns_session_response_proof(s->work, ks_naf, b->rand, cpns_msg_at(msg, CPNS_RAND_GW), s->values->lifetime,
				    s->values->tag);
	cpns_msg_set(s->reply, CPNS_AUTH_DATA, s->values->tag, CPNS_TAG);
	/* A bootstrapping serves one session: a copy of this request from another day opens none. */
	free(b);
	s->from->bootstrapped = NULL;
	return CPNS_ACCEPTED;
}

enum cpns_verdict cpns_bootstrap_serve(const struct cpns_rules *rules, const struct cpns_env *env,
				       struct cpns_session *from, int64_t now, const struct cpns_msg *msg,
				       struct cpns_msg *reply, struct cpns_bootstrap_values *values,
				       struct cpns_ops *ops)
{
	struct serving s = {rules, env, from, now, msg, reply, values, {env->crypto, ops}};
	struct cpns_octets named = cpns_msg_get(msg, CPNS_GW_ID);

	if (named.at != NULL && !cpns_msg_equal(msg, CPNS_GW_ID, from->id))
		return CPNS_NOT_FOR_US;
	if (msg->type == CPNS_BOOTSTRAP_REQUEST)
		return challenge(&s);
	return msg->type == CPNS_BOOTSTRAP_ANSWER ? check_answer(&s) : open_session(&s);
}
