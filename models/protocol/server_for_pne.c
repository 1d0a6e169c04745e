#include <stdlib.h>
#include <string.h>

#include "models/protocol/server_request.h"

/* Requests of a PN GW for a PNE: 6.3.2.2. */

/* Index 1: the only key of a set of one (a chain counts from 1). */
static const uint32_t KEY_INDEX = 1;

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

	cpns_request_draw(r, CPNS_DRAW_KEY, 0, eukey, CPNS_HASH);
	if (!rules->independent)
		return cpns_chain_from_seed(cpns_request_work(r), rules, r->who.entity, n, eukey);
	uint8_t *keys = malloc((size_t)n * CPNS_HASH);

	if (keys == NULL)
		abort();
	memcpy(keys, eukey, CPNS_HASH);
	for (uint32_t i = 1; i < n; i++)
		cpns_request_draw(r, CPNS_DRAW_KEY, (uint16_t)i, keys + (size_t)i * CPNS_HASH, CPNS_HASH);
	struct cpns_chain *set = cpns_chain_from_keys(rules, n, keys);

	free(keys);
	return set;
}

/* What the PN GW makes keys of: in the clear, as the change requests have it, or under the KEK. */
static void put_eukey(const struct cpns_request *r, const uint8_t eukey[CPNS_HASH], struct cpns_msg *reply,
		      struct cpns_under_kek *under)
{
	if (r->server->rules->one_kek)
		cpns_request_put_under_kek(r, eukey, reply, under);
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
	cpns_msg_set(reply, CPNS_TEMPORARY_KEY, r->entity->tk, r->entity->tk_n);
	cpns_msg_set(reply, CPNS_KEY_INDEX, index, sizeof(index));
	cpns_msg_set(reply, CPNS_COUNTER, counter, sizeof(counter));
	cpns_request_answer(r, reply, true);
}

static void deliver_for_pne(const struct cpns_request *r)
{
	struct cpns_under_kek under;
	struct cpns_msg reply;
	uint8_t eukey[CPNS_HASH];

	cpns_msg_begin(&reply, CPNS_RESPONSE_FOR_PNE, r->msg->transaction);
	cpns_request_create_key(r, eukey);
	put_eukey(r, eukey, &reply, &under);
	answer_for_pne(r, &reply, 1);
}

/* A set travels whole, or as the one key that all others follow from. */
static void deliver_set_for_pne(const struct cpns_request *r, uint32_t n)
{
	struct cpns_under_kek under;
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
	cpns_request_keep_key(r, eukey, set);
	answer_for_pne(r, &reply, n);
	free(keys);
}

enum cpns_verdict cpns_request_for_pne(struct cpns_request *r)
{
	enum cpns_verdict verdict;

	if (!cpns_request_admit(r, r->server->rules->ownership_check, &verdict))
		return verdict;
	cpns_request_forgive(r);
	if (r->entity->tk_n == 0)
		return cpns_request_refuse(r, CPNS_NO_TEMPORARY_KEY, true);
	if (key_count(r) > 1)
		deliver_set_for_pne(r, key_count(r));
	else
		deliver_for_pne(r);
	return CPNS_ACCEPTED;
}
