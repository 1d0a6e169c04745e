#include "models/protocol/use.h"

#include <stdlib.h>
#include <string.h>

#include "models/protocol/exchange.h"
#include "models/protocol/use_keys.h"

struct cpns_use {
	bool proving; /* the proof is out; before that, the challenge is awaited */
	struct cpns_exchange exchange;
	uint8_t eukey[CPNS_HASH]; /* or, with a user, the password hash */
	uint32_t index;
	uint8_t nonce[16], rand[16];
	uint32_t rounds; /* challenges asked for */
	size_t user_n;   /* 0: by the EUKey */
	uint8_t user[];
};

static struct cpns_work work(const struct cpns_asker *asker, struct cpns_out *out)
{
	return (struct cpns_work){asker->env->crypto, &out->ops};
}

static struct cpns_use_context context(const struct cpns_use *use, const struct cpns_asker *asker)
{
	return (struct cpns_use_context){asker->id, use->nonce, use->rand, use->index};
}

static void send(struct cpns_use *use, const struct cpns_asker *asker, struct cpns_msg *msg, struct cpns_out *out)
{
	cpns_msg_set(msg, CPNS_ENTITY_ID, asker->id.at, asker->id.n);
	if (use->user_n > 0)
		cpns_msg_set(msg, CPNS_USER_ID, use->user, use->user_n);
	cpns_exchange_begin(&use->exchange, msg, msg->transaction, asker->rules->timeout, asker->rules, asker->env,
			    out);
}

static void send_request(struct cpns_use *use, const struct cpns_asker *asker, struct cpns_out *out)
{
	struct cpns_msg msg;

	use->proving = false;
	use->rounds++;
	cpns_msg_begin(&msg, CPNS_USE_REQUEST, CPNS_USE_TRANSACTION | ++*asker->exchanges);
	send(use, asker, &msg, out);
}

static struct cpns_use *use_new(struct cpns_octets user)
{
	struct cpns_use *use = calloc(1, sizeof(*use) + user.n);

	if (use == NULL)
		abort();
	if (user.n > 0)
		memcpy(use->user, user.at, user.n);
	use->user_n = user.n;
	cpns_exchange_init(&use->exchange);
	return use;
}

struct cpns_use *cpns_use_by_key(const struct cpns_asker *asker, const uint8_t eukey[CPNS_HASH], uint32_t index,
				 struct cpns_out *out)
{
	struct cpns_use *use = use_new((struct cpns_octets){0});

	memcpy(use->eukey, eukey, CPNS_HASH);
	use->index = index;
	send_request(use, asker, out);
	return use;
}

struct cpns_use *cpns_use_by_password(const struct cpns_asker *asker, struct cpns_octets user,
				      struct cpns_octets password, struct cpns_out *out)
{
	struct cpns_use *use = use_new(user);

	cpns_password_hash(work(asker, out), asker->rules, user, password, use->eukey);
	send_request(use, asker, out);
	return use;
}

void cpns_use_free(struct cpns_use *use)
{
	if (use == NULL)
		return;
	cpns_exchange_clear(&use->exchange);
	free(use);
}

static struct cpns_names names(const struct cpns_use *use, const struct cpns_asker *asker)
{
	return (struct cpns_names){{use->user, use->user_n}, asker->id};
}

/* The server's nonce has come: the proof. */
static enum cpns_verdict prove(struct cpns_use *use, const struct cpns_asker *asker, const struct cpns_msg *msg,
			       struct cpns_out *out)
{
	struct cpns_msg proof;
	struct cpns_names who = names(use, asker);
	uint8_t octets[CPNS_HASH], index[4];

	cpns_msg_begin(&proof, CPNS_USE_PROOF, CPNS_USE_TRANSACTION | ++*asker->exchanges);
	memcpy(use->nonce, cpns_msg_at(msg, CPNS_NONCE), 16);
	asker->env->random(asker->env->host, CPNS_DRAW_NONCE, proof.transaction, 0, use->rand, 16);
	out->ops.random_octets += 16;
	struct cpns_use_context c = context(use, asker);

	cpns_msg_set(&proof, CPNS_NONCE, use->nonce, 16);
	cpns_msg_set(&proof, CPNS_RAND_PNE, use->rand, 16);
	if (use->user_n > 0) {
		cpns_use_digest(work(asker, out), asker->rules, use->eukey, &who, cpns_msg_get(msg, CPNS_NONCE),
				use->rand, octets);
		cpns_msg_set(&proof, CPNS_DIGEST, octets, CPNS_HASH);
	} else {
		cpns_use_proof(work(asker, out), use->eukey, &c, octets);
		cpns_msg_set(&proof, CPNS_AUTH_DATA, octets, CPNS_TAG);
	}
	cpns_put32(index, use->index);
	if (use->index != 0)
		cpns_msg_set(&proof, CPNS_KEY_INDEX, index, sizeof(index));
	use->proving = true;
	send(use, asker, &proof, out);
	return CPNS_ACCEPTED;
}

/* Is it from somebody who holds the same key, about this use? */
static bool is_genuine(const struct cpns_use *use, const struct cpns_asker *asker, const struct cpns_msg *msg,
		       struct cpns_out *out)
{
	struct cpns_use_context c = context(use, asker);
	uint8_t key[CPNS_HASH], prk[CPNS_HASH], tag[CPNS_TAG];

	if (!cpns_msg_has(msg, CPNS_AUTH_DATA))
		return false;
	memcpy(key, use->eukey, CPNS_HASH);
	if (use->user_n > 0) {
		cpns_prk(work(asker, out), use->eukey, prk);
		cpns_subkey(work(asker, out), prk, "rsp", key);
	}
	cpns_use_result_proof(work(asker, out), key, &c, (uint8_t)cpns_msg_status(msg),
			      cpns_msg_get(msg, CPNS_KEY_INDEX), cpns_msg_get(msg, CPNS_KEY_COUNT), tag);
	return cpns_same(tag, cpns_msg_at(msg, CPNS_AUTH_DATA), CPNS_TAG);
}

/* A refusal cannot be proved: as a rule it says that the server has no such key. When it has only lost the nonce, or
 * given another since, the entity begins anew, as often as it would repeat a request. */
static enum cpns_verdict take_refusal(struct cpns_use *use, const struct cpns_asker *asker, enum cpns_status status,
				      struct cpns_use_result *result, struct cpns_out *out)
{
	if ((status == CPNS_STALE_NONCE || status == CPNS_REPLAY) && use->rounds <= asker->rules->retries)
		send_request(use, asker, out);
	else
		result->over = true;
	result->unknown = status == CPNS_AUTHENTICATION_FAILED || status == CPNS_UNKNOWN_ENTITY;
	return CPNS_REFUSED;
}

static enum cpns_verdict take_result(struct cpns_use *use, const struct cpns_asker *asker, const struct cpns_msg *msg,
				     struct cpns_use_result *result, struct cpns_out *out)
{

	if (cpns_msg_status(msg) != CPNS_SUCCESS)
		return take_refusal(use, asker, cpns_msg_status(msg), result, out);
	if (!use->proving)
		return CPNS_OUT_OF_PLACE;
	if (cpns_msg_has(msg, CPNS_KEY_INDEX) != cpns_msg_has(msg, CPNS_KEY_COUNT))
		return CPNS_MALFORMED;
	if (!is_genuine(use, asker, msg, out))
		return CPNS_BAD_PROOF;
	result->over = true;
	result->used_up = cpns_msg_has(msg, CPNS_KEY_INDEX) &&
			  cpns_msg_number(msg, CPNS_KEY_INDEX) > cpns_msg_number(msg, CPNS_KEY_COUNT);
	return CPNS_ACCEPTED;
}

enum cpns_verdict cpns_use_on_message(struct cpns_use *use, const struct cpns_asker *asker,
				      const struct cpns_msg *msg, struct cpns_use_result *result,
				      struct cpns_out *out)
{
	*result = (struct cpns_use_result){0};
	if (!cpns_exchange_matches(&use->exchange, msg))
		return CPNS_DUPLICATE;
	if (msg->type == CPNS_USE_RESULT)
		return take_result(use, asker, msg, result, out);
	return use->proving ? CPNS_OUT_OF_PLACE : prove(use, asker, msg, out);
}

bool cpns_use_on_time(struct cpns_use *use, const struct cpns_asker *asker, struct cpns_out *out)
{
	return cpns_exchange_again(&use->exchange, asker->rules, asker->env, out);
}

int64_t cpns_use_deadline(const struct cpns_use *use)
{
	return use->exchange.deadline;
}

static bool is_of(const struct cpns_use *use, const uint8_t eukey[CPNS_HASH])
{
	return use->user_n == 0 && cpns_same(use->eukey, eukey, CPNS_HASH);
}

/* ---- the entity's side of it ---- */

struct cpns_usage *cpns_usage_of(struct cpns_usage **at)
{
	if (*at == NULL)
		*at = calloc(1, sizeof(**at));
	if (*at == NULL)
		abort();
	return *at;
}

void cpns_usage_stop(struct cpns_usage *usage)
{
	if (usage == NULL)
		return;
	cpns_use_free(usage->use);
	usage->use = NULL;
}

void cpns_usage_free(struct cpns_usage *usage)
{
	cpns_usage_stop(usage);
	free(usage);
}

void cpns_usage_key(struct cpns_usage *usage, uint32_t index)
{
	if (usage == NULL)
		return;
	usage->index = index;
	usage->renew = usage->renew && index > 1;
}

enum cpns_verdict cpns_usage_on_message(struct cpns_usage *usage, const struct cpns_asker *asker,
					const struct cpns_msg *msg, const uint8_t *eukey, struct cpns_out *out)
{
	struct cpns_use_result result;

	if (usage == NULL || usage->use == NULL)
		return CPNS_OUT_OF_PLACE;
	enum cpns_verdict verdict = cpns_use_on_message(usage->use, asker, msg, &result, out);

	if (!result.over)
		return verdict;
	out->happening = verdict == CPNS_ACCEPTED ? CPNS_USED : CPNS_USE_REFUSED;
	/* a key that has come meanwhile is not the one that this is about, but a later one is of the same set */
	if (eukey != NULL && is_of(usage->use, eukey))
		usage->renew = result.unknown || result.used_up || (usage->renew && verdict != CPNS_ACCEPTED);
	else if (usage->index > 1 && result.used_up)
		usage->renew = true;
	cpns_usage_stop(usage);
	return verdict;
}

enum cpns_verdict cpns_usage_hold_off(struct cpns_usage *usage, const struct cpns_asker *asker, int64_t now,
				      const struct cpns_msg *msg)
{
	if (usage == NULL || usage->use == NULL)
		return CPNS_OUT_OF_PLACE;
	return cpns_exchange_hold_off(&usage->use->exchange, now, msg, asker->rules, asker->env);
}

void cpns_usage_on_time(struct cpns_usage *usage, const struct cpns_asker *asker, struct cpns_out *out)
{
	if (!cpns_use_on_time(usage->use, asker, out))
		cpns_usage_stop(usage);
}
