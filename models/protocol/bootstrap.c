#include "models/protocol/bootstrap.h"

#include <stdlib.h>
#include <string.h>

#include "models/protocol/busy.h"
#include "models/protocol/exchange.h"
#include "models/protocol/session_keys.h"

struct cpns_bootstrap {
	enum cpns_type awaited;
	struct cpns_exchange exchange;
	uint8_t rand[16];    /* of the challenge: the B-TID */
	uint8_t rand_gw[16]; /* of the Session Request */
	uint8_t ks[CPNS_HASH], ks_naf[CPNS_HASH];
	int64_t asked; /* when the Session Request was made */
};

static struct cpns_work work(const struct cpns_bootstrapper *who, struct cpns_out *out)
{
	return (struct cpns_work){who->env->crypto, &out->ops};
}

static void draw(const struct cpns_bootstrapper *who, uint8_t rand[16], struct cpns_out *out)
{
	who->env->random(who->env->host, CPNS_DRAW_NONCE, *who->exchanges, 0, rand, 16);
	out->ops.random_octets += 16;
}

/* Begins the next exchange with *msg; its answer is `awaited`. */
static void send(struct cpns_bootstrap *b, const struct cpns_bootstrapper *who, struct cpns_msg *msg,
		 enum cpns_type awaited, struct cpns_out *out)
{
	msg->transaction = CPNS_OWN_TRANSACTION | ++*who->transactions;
	b->awaited = awaited;
	cpns_exchange_begin(&b->exchange, msg, *who->exchanges, who->rules->timeout, who->rules, who->env, out);
	out->to = CPNS_SERVER;
}

struct cpns_bootstrap *cpns_bootstrap_begin(const struct cpns_bootstrapper *who, struct cpns_out *out)
{
	struct cpns_bootstrap *b = calloc(1, sizeof(*b));
	struct cpns_msg msg = {.type = CPNS_BOOTSTRAP_REQUEST};
	uint8_t rand_gw[16];

	if (b == NULL)
		abort();
	cpns_exchange_init(&b->exchange);
	++*who->exchanges;
	draw(who, rand_gw, out);
	cpns_msg_set(&msg, CPNS_GW_ID, who->id.at, who->id.n);
	cpns_msg_set(&msg, CPNS_RAND_GW, rand_gw, sizeof(rand_gw));
	send(b, who, &msg, CPNS_BOOTSTRAP_CHALLENGE, out);
	return b;
}

void cpns_bootstrap_free(struct cpns_bootstrap *b)
{
	if (b == NULL)
		return;
	cpns_exchange_clear(&b->exchange);
	free(b);
}

/* Is the challenge from a network that holds K? Then show that so does the card. */
static enum cpns_verdict take_challenge(struct cpns_bootstrap *b, const struct cpns_bootstrapper *who,
					const struct cpns_msg *msg, struct cpns_out *out)
{
	struct cpns_msg answer = {.type = CPNS_BOOTSTRAP_ANSWER};
	const uint8_t *rand = cpns_msg_at(msg, CPNS_RAND_SERVER);
	uint8_t autn[CPNS_TAG], res[CPNS_TAG];

	cpns_aka_autn(work(who, out), who->secret, who->id, rand, autn);
	if (!cpns_same(autn, cpns_msg_at(msg, CPNS_AUTH_DATA), CPNS_TAG))
		return CPNS_BAD_PROOF;
	memcpy(b->rand, rand, 16);
	cpns_aka_res(work(who, out), who->secret, who->id, rand, res);
	cpns_aka_ks(work(who, out), who->secret, who->id, rand, b->ks);
	++*who->exchanges;
	cpns_msg_set(&answer, CPNS_GW_ID, who->id.at, who->id.n);
	cpns_msg_set(&answer, CPNS_AUTH_DATA, res, sizeof(res));
	send(b, who, &answer, CPNS_BOOTSTRAP_RESULT, out);
	return CPNS_ACCEPTED;
}

/* Bootstrapped: a session is asked for, under the key for this server. */
static enum cpns_verdict take_result(struct cpns_bootstrap *b, const struct cpns_bootstrapper *who, int64_t now,
				     const struct cpns_msg *msg, bool *over, struct cpns_out *out)
{
	struct cpns_msg request = {.type = CPNS_SESSION_REQUEST};
	uint8_t tag[CPNS_TAG];

	if (cpns_msg_status(msg) != CPNS_SUCCESS) {
		*over = true;
		return CPNS_REFUSED;
	}
	if (!cpns_msg_has(msg, CPNS_B_TID) || !cpns_msg_has(msg, CPNS_LIFETIME))
		return CPNS_MALFORMED;
	if (!cpns_msg_equal(msg, CPNS_B_TID, (struct cpns_octets){b->rand, 16}))
		return CPNS_BAD_PROOF;
	cpns_ks_naf(work(who, out), b->ks, b->rand, who->id, who->rules->realm, b->ks_naf);
	++*who->exchanges;
	draw(who, b->rand_gw, out);
	cpns_session_request_proof(work(who, out), b->ks_naf, b->rand, b->rand_gw, tag);
	cpns_msg_set(&request, CPNS_RAND_GW, b->rand_gw, 16);
	cpns_msg_set(&request, CPNS_B_TID, b->rand, 16);
	cpns_msg_set(&request, CPNS_AUTH_DATA, tag, sizeof(tag));
	b->asked = now;
	send(b, who, &request, CPNS_SESSION_RESPONSE, out);
	return CPNS_ACCEPTED;
}

/* The server holds the key too: the leg is up. */
static enum cpns_verdict take_session(struct cpns_bootstrap *b, const struct cpns_bootstrapper *who,
				      const struct cpns_msg *msg, struct cpns_leg *leg, bool *over,
				      struct cpns_out *out)
{
	const uint8_t *lifetime = cpns_msg_get(msg, CPNS_LIFETIME).at;
	uint8_t tag[CPNS_TAG];

	if (cpns_msg_status(msg) != CPNS_SUCCESS) {
		*over = true;
		return CPNS_REFUSED;
	}
	if (lifetime == NULL || !cpns_msg_has(msg, CPNS_AUTH_DATA))
		return CPNS_MALFORMED;
	cpns_session_response_proof(work(who, out), b->ks_naf, b->rand, b->rand_gw, lifetime, tag);
	if (!cpns_same(tag, cpns_msg_at(msg, CPNS_AUTH_DATA), CPNS_TAG))
		return CPNS_BAD_PROOF;
	uint64_t ns = cpns_get64(lifetime), longest = (uint64_t)(CPNS_NEVER - b->asked);

	cpns_leg_up(leg, b->ks_naf, ns < longest ? b->asked + (int64_t)ns : CPNS_NEVER);
	*over = true;
	return CPNS_ACCEPTED;
}

enum cpns_verdict cpns_bootstrap_on_message(struct cpns_bootstrap *b, const struct cpns_bootstrapper *who,
					    int64_t now, const struct cpns_msg *msg, struct cpns_leg *leg, bool *over,
					    struct cpns_out *out)
{
	*over = false;
	if (cpns_busy_says(msg))
		return cpns_exchange_hold_off(&b->exchange, now, msg, who->rules, who->env);
	if (msg->type != b->awaited || !cpns_exchange_matches(&b->exchange, msg))
		return CPNS_DUPLICATE;
	if (msg->type == CPNS_BOOTSTRAP_CHALLENGE)
		return take_challenge(b, who, msg, out);
	if (msg->type == CPNS_BOOTSTRAP_RESULT)
		return take_result(b, who, now, msg, over, out);
	return take_session(b, who, msg, leg, over, out);
}

bool cpns_bootstrap_on_time(struct cpns_bootstrap *b, const struct cpns_bootstrapper *who, struct cpns_out *out)
{
	out->to = CPNS_SERVER;
	return cpns_exchange_again(&b->exchange, who->rules, who->env, out);
}

int64_t cpns_bootstrap_deadline(const struct cpns_bootstrap *b)
{
	return b->exchange.deadline;
}
