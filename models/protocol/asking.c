#include "models/protocol/asking.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "models/protocol/copy.h"
#include "models/protocol/exchange.h"
#include "models/protocol/keys.h"

struct cpns_asking {
	bool triggered;  /* 6.3.2.1, where nobody challenges and the KEK is always used */
	bool proving;    /* the proof is out; before that, the challenge is awaited */
	uint8_t fresh_n; /* octets of `fresh`: 16, or 0 where there is none */
	uint8_t user_n;
	uint32_t rounds; /* challenge rounds begun */
	struct cpns_exchange exchange;
	uint8_t pwh[CPNS_HASH];
	uint8_t rand_pne[16]; /* once it is proving */
	uint8_t fresh[16];    /* RAND_T of the trigger, or the server's nonce */
	uint8_t user[];
};

static struct cpns_work work(const struct cpns_asker *asker, struct cpns_out *out)
{
	return (struct cpns_work){asker->env->crypto, &out->ops};
}

static struct cpns_names names(const struct cpns_asking *a, const struct cpns_asker *asker)
{
	return (struct cpns_names){{a->user, a->user_n}, asker->id};
}

static struct cpns_asking *asking_new(struct cpns_octets user)
{
	assert(user.n <= CPNS_ID_MAX);
	struct cpns_asking *a = malloc(sizeof(*a) + user.n);

	if (a == NULL)
		abort();
	a->triggered = a->proving = false;
	a->fresh_n = 0;
	a->user_n = (uint8_t)user.n;
	a->rounds = 0;
	cpns_exchange_init(&a->exchange);
	cpns_copy(a->user, user.at, user.n);
	return a;
}

void cpns_asking_free(struct cpns_asking *a)
{
	if (a == NULL)
		return;
	cpns_exchange_clear(&a->exchange);
	free(a);
}

/* Sends the request that *msg becomes with the fields that every request has. */
static void send_request(struct cpns_asking *a, const struct cpns_asker *asker, struct cpns_msg *msg,
			 struct cpns_out *out)
{
	cpns_msg_set(msg, CPNS_USER_ID, a->user, a->user_n);
	cpns_msg_set(msg, CPNS_ENTITY_ID, asker->id.at, asker->id.n);
	cpns_exchange_begin(&a->exchange, msg, *asker->exchanges, asker->rules->timeout, asker->rules, asker->env,
			    out);
	out->asks = true;
}

/* A request with the proof that the rules ask for, over RAND_PNE and what the other side made fresh. */
static void send_proof(struct cpns_asking *a, const struct cpns_asker *asker, uint32_t transaction,
		       struct cpns_out *out)
{
	const struct cpns_rules *rules = asker->rules;
	struct cpns_octets fresh = {a->fresh, a->fresh_n};
	struct cpns_names who = names(a, asker);
	struct cpns_msg msg;
	uint8_t prk[CPNS_HASH], proof[CPNS_HASH];

	cpns_msg_begin(&msg, CPNS_REQUEST, transaction);
	asker->env->random(asker->env->host, CPNS_DRAW_NONCE, *asker->exchanges, 0, a->rand_pne, 16);
	out->ops.random_octets += 16;
	cpns_msg_set(&msg, CPNS_RAND_PNE, a->rand_pne, 16);
	if (rules->mac_proof) {
		cpns_prk(work(asker, out), a->pwh, prk);
		cpns_request_proof(work(asker, out), prk, &who, a->rand_pne, fresh, proof);
		cpns_msg_set(&msg, CPNS_AUTH_DATA, proof, CPNS_TAG);
	} else if (!a->triggered) {
		cpns_digest(work(asker, out), rules, a->pwh, &who, fresh, a->rand_pne, proof);
		cpns_msg_set(&msg, CPNS_DIGEST, proof, CPNS_HASH);
	}
	if (a->triggered && rules->mac_proof)
		cpns_msg_set(&msg, CPNS_RAND_T, a->fresh, 16);
	if (!a->triggered && a->fresh_n > 0)
		cpns_msg_set(&msg, CPNS_NONCE, a->fresh, 16);
	a->proving = true;
	send_request(a, asker, &msg, out);
}

/* Without credentials where the server challenges first, with them otherwise. */
static void send_first(struct cpns_asking *a, const struct cpns_asker *asker, struct cpns_out *out)
{
	struct cpns_msg msg;

	cpns_msg_begin(&msg, CPNS_REQUEST, ++*asker->exchanges);
	a->proving = false;
	a->fresh_n = 0;
	a->rounds++;
	if (asker->rules->challenge)
		send_request(a, asker, &msg, out);
	else
		send_proof(a, asker, msg.transaction, out);
}

struct cpns_asking *cpns_asking_by_user(const struct cpns_asker *asker, struct cpns_octets user,
					struct cpns_octets password, struct cpns_out *out)
{
	struct cpns_asking *a = asking_new(user);

	cpns_password_hash(work(asker, out), asker->rules, user, password, a->pwh);
	send_first(a, asker, out);
	return a;
}

struct cpns_asking *cpns_asking_by_trigger(const struct cpns_asker *asker, struct cpns_octets user,
					   const uint8_t pwh[CPNS_HASH], uint32_t transaction,
					   const uint8_t rand_t[16], struct cpns_out *out)
{
	struct cpns_asking *a = asking_new(user);

	a->triggered = true;
	memcpy(a->pwh, pwh, CPNS_HASH);
	memcpy(a->fresh, rand_t, 16);
	a->fresh_n = 16;
	++*asker->exchanges;
	send_proof(a, asker, transaction, out);
	return a;
}

/* Statuses that the server may have to decide on before it has authenticated the user: it then holds no password that
 * the requester would accept a proof from. All others prove that they are the server's. */
static bool unprovable(enum cpns_status status)
{
	return status == CPNS_AUTHENTICATION_FAILED || status == CPNS_MALFORMED_STATUS || status == CPNS_LOCKED_OUT;
}

/* The server's nonce has come: the request again, with proof. */
static enum cpns_verdict answer_challenge(struct cpns_asking *a, const struct cpns_asker *asker,
					  const struct cpns_msg *msg, bool *over, struct cpns_out *out)
{
	if (cpns_msg_status(msg) != CPNS_CHALLENGE) {
		if (asker->rules->response_freshness && !unprovable(cpns_msg_status(msg)))
			return CPNS_BAD_PROOF; /* nothing has been asked yet that it could be proved for */
		*over = true;
		return CPNS_REFUSED;
	}
	if (!cpns_msg_has(msg, CPNS_NONCE))
		return CPNS_MALFORMED;
	memcpy(a->fresh, cpns_msg_at(msg, CPNS_NONCE), 16);
	a->fresh_n = 16;
	++*asker->exchanges;
	send_proof(a, asker, *asker->exchanges, out);
	return CPNS_ACCEPTED;
}

/* Is the response from a server that knows the password, and an answer to this request? */
static bool response_is_genuine(struct cpns_asking *a, const struct cpns_asker *asker, const struct cpns_msg *msg,
				struct cpns_out *out)
{
	struct cpns_names who = names(a, asker);
	uint8_t prk[CPNS_HASH], tag[CPNS_TAG];

	if (!cpns_msg_has(msg, CPNS_AUTH_DATA))
		return false;
	cpns_prk(work(asker, out), a->pwh, prk);
	cpns_response_proof(work(asker, out), prk, &who, a->rand_pne, cpns_msg_get(msg, CPNS_RAND_SERVER),
			    (uint8_t)cpns_msg_status(msg), cpns_msg_get(msg, CPNS_ENC_EUKEY), tag);
	return cpns_same(tag, cpns_msg_at(msg, CPNS_AUTH_DATA), CPNS_TAG);
}

static enum cpns_verdict take_refusal(struct cpns_asking *a, const struct cpns_asker *asker,
				      const struct cpns_msg *msg, bool *over, struct cpns_out *out)
{
	enum cpns_status status = cpns_msg_status(msg);

	if (asker->rules->response_freshness && !unprovable(status) && !response_is_genuine(a, asker, msg, out))
		return CPNS_BAD_PROOF;
	if (status == CPNS_STALE_NONCE && !a->triggered && a->rounds <= asker->rules->retries)
		send_first(a, asker, out);
	else
		*over = true;
	return CPNS_REFUSED;
}

/* The key that wraps the EUKey: the KEK in 6.3.2.1 and where the rules ask for it or for freshness, K_wrap otherwise.
 */
static bool unwrap(struct cpns_asking *a, const struct cpns_asker *asker, const struct cpns_msg *msg,
		   uint8_t eukey[CPNS_HASH], struct cpns_out *out)
{
	struct cpns_names who = names(a, asker);
	uint8_t prk[CPNS_HASH], key[CPNS_HASH];

	if (cpns_msg_has(msg, CPNS_RAND_SERVER)) {
		cpns_kek(work(asker, out), a->pwh, &who, a->rand_pne, cpns_msg_at(msg, CPNS_RAND_SERVER), key);
	} else {
		cpns_prk(work(asker, out), a->pwh, prk);
		cpns_wrap_key(work(asker, out), prk, &who, key);
	}
	return cpns_key_unwrap(work(asker, out), key, cpns_msg_get(msg, CPNS_ENC_EUKEY), eukey);
}

enum cpns_verdict cpns_asking_on_response(struct cpns_asking *a, const struct cpns_asker *asker,
					  const struct cpns_msg *msg, uint8_t eukey[CPNS_HASH], bool *over,
					  struct cpns_out *out)
{
	bool fresh = asker->rules->response_freshness;
	bool kek = fresh || a->triggered || asker->rules->one_kek;

	*over = false;
	if (!cpns_asking_matches(a, msg))
		return CPNS_DUPLICATE;
	if (!a->proving)
		return answer_challenge(a, asker, msg, over, out);
	if (cpns_msg_status(msg) != CPNS_SUCCESS)
		return take_refusal(a, asker, msg, over, out);
	if (!cpns_msg_has(msg, CPNS_ENC_EUKEY) || cpns_msg_has(msg, CPNS_RAND_SERVER) != kek)
		return CPNS_MALFORMED;
	if (fresh && !response_is_genuine(a, asker, msg, out))
		return CPNS_BAD_PROOF;
	if (!unwrap(a, asker, msg, eukey, out))
		return CPNS_BAD_KEY;
	*over = true;
	return CPNS_ACCEPTED;
}

enum cpns_verdict cpns_asking_hold_off(struct cpns_asking *a, const struct cpns_asker *asker, int64_t now,
				       const struct cpns_msg *msg)
{
	return cpns_exchange_hold_off(&a->exchange, now, msg, asker->rules, asker->env);
}

bool cpns_asking_on_time(struct cpns_asking *a, const struct cpns_asker *asker, struct cpns_out *out)
{
	out->asks = cpns_exchange_again(&a->exchange, asker->rules, asker->env, out);
	return out->asks;
}

void cpns_asking_resend(struct cpns_asking *a, struct cpns_out *out)
{
	cpns_exchange_repeat(&a->exchange, out);
	out->leaves = &a->exchange.leaves;
	out->asks = true;
}

bool cpns_asking_matches(const struct cpns_asking *a, const struct cpns_msg *msg)
{
	return cpns_exchange_matches(&a->exchange, msg);
}

int64_t cpns_asking_leaves(const struct cpns_asking *a)
{
	return a->exchange.leaves;
}

int64_t cpns_asking_deadline(const struct cpns_asking *a)
{
	return a->exchange.deadline;
}
