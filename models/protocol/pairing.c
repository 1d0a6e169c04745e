#include "models/protocol/pairing.h"

#include <stdlib.h>
#include <string.h>

#include "models/protocol/exchange.h"
#include "models/protocol/session_keys.h"

struct cpns_pairing {
	enum cpns_type awaited;
	struct cpns_exchange exchange;
	uint32_t bit;
	uint8_t rand_gw[16], key[CPNS_HASH];
	int64_t opened; /* when the Opening was made */
};

struct cpns_paired {
	uint32_t request, opening; /* transactions; opening: once it has been confirmed */
	bool confirmed;
	int64_t leaves; /* when the answer sent last leaves the CPU */
	uint8_t commitment[CPNS_HASH], rand_pne[16], opening_tag[CPNS_TAG], confirmation[CPNS_TAG];
	size_t gateway_n;
	uint8_t gateway[CPNS_ID_MAX];
};

static struct cpns_work work(const struct cpns_pairer *who, struct cpns_out *out)
{
	return (struct cpns_work){who->env->crypto, &out->ops};
}

/* Indices of draws: the PNE counts its pairings apart from its requests, which draw with index 0. */
enum { DRAW_GATEWAY = 0, DRAW_PNE = 1 };

static void draw(const struct cpns_pairer *who, uint16_t index, uint8_t rand[16], struct cpns_out *out)
{
	who->env->random(who->env->host, CPNS_DRAW_NONCE, *who->exchanges, index, rand, 16);
	out->ops.random_octets += 16;
}

static int64_t expiry(const struct cpns_pairer *who, int64_t from)
{
	int64_t lifetime = who->rules->session_lifetime;

	return from < CPNS_NEVER - lifetime ? from + lifetime : CPNS_NEVER;
}

/* ---- the PN GW's side ---- */

static void send(struct cpns_pairing *p, const struct cpns_pairer *who, struct cpns_msg *msg, enum cpns_type awaited,
		 struct cpns_out *out)
{
	msg->transaction = p->bit | *who->exchanges;
	p->awaited = awaited;
	cpns_exchange_begin(&p->exchange, msg, *who->exchanges, who->rules->timeout, who->rules, who->env, out);
	out->to = CPNS_PNE;
}

struct cpns_pairing *cpns_pairing_begin(const struct cpns_pairer *who, uint32_t bit, struct cpns_out *out)
{
	struct cpns_pairing *p = calloc(1, sizeof(*p));
	struct cpns_msg msg = {.type = CPNS_PAIRING_REQUEST};
	uint8_t commitment[CPNS_HASH];

	if (p == NULL)
		abort();
	p->bit = bit;
	cpns_exchange_init(&p->exchange);
	++*who->exchanges;
	draw(who, DRAW_GATEWAY, p->rand_gw, out);
	cpns_pairing_commitment(work(who, out), who->gateway, p->rand_gw, commitment);
	cpns_msg_set(&msg, CPNS_GW_ID, who->gateway.at, who->gateway.n);
	cpns_msg_set(&msg, CPNS_COMMITMENT, commitment, sizeof(commitment));
	send(p, who, &msg, CPNS_PAIRING_RESPONSE, out);
	return p;
}

void cpns_pairing_free(struct cpns_pairing *p)
{
	if (p == NULL)
		return;
	cpns_exchange_clear(&p->exchange);
	free(p);
}

static enum cpns_verdict open_nonce(struct cpns_pairing *p, const struct cpns_pairer *who, int64_t now,
				    const struct cpns_msg *msg, const struct cpns_leg *leg, struct cpns_out *out)
{
	struct cpns_msg opening = {.type = CPNS_PAIRING_OPENING};
	uint8_t tag[CPNS_TAG];

	cpns_pairing_key(work(who, out), leg->secret, who->gateway, who->pne, p->rand_gw,
			 cpns_msg_at(msg, CPNS_RAND_PNE), p->key);
	cpns_pairing_opening_proof(work(who, out), p->key, tag);
	++*who->exchanges;
	cpns_msg_set(&opening, CPNS_RAND_GW, p->rand_gw, 16);
	cpns_msg_set(&opening, CPNS_AUTH_DATA, tag, sizeof(tag));
	p->opened = now;
	send(p, who, &opening, CPNS_PAIRING_CONFIRMATION, out);
	return CPNS_ACCEPTED;
}

enum cpns_verdict cpns_pairing_on_message(struct cpns_pairing *p, const struct cpns_pairer *who, int64_t now,
					  const struct cpns_msg *msg, struct cpns_leg *leg, bool *over,
					  struct cpns_out *out)
{
	uint8_t tag[CPNS_TAG];

	*over = false;
	if (msg->type != p->awaited || !cpns_exchange_matches(&p->exchange, msg))
		return CPNS_DUPLICATE;
	if (msg->type == CPNS_PAIRING_RESPONSE)
		return open_nonce(p, who, now, msg, leg, out);
	cpns_pairing_confirmation_proof(work(who, out), p->key, tag);
	if (!cpns_same(tag, cpns_msg_at(msg, CPNS_AUTH_DATA), CPNS_TAG))
		return CPNS_BAD_PROOF;
	cpns_leg_up(leg, p->key, expiry(who, p->opened));
	*over = true;
	return CPNS_ACCEPTED;
}

bool cpns_pairing_in_vain(const struct cpns_pairing *p)
{
	return p->awaited == CPNS_PAIRING_CONFIRMATION && p->exchange.sent > 1;
}

bool cpns_pairing_on_time(struct cpns_pairing *p, const struct cpns_pairer *who, struct cpns_out *out)
{
	out->to = CPNS_PNE;
	return cpns_exchange_again(&p->exchange, who->rules, who->env, out);
}

int64_t cpns_pairing_deadline(const struct cpns_pairing *p)
{
	return p->exchange.deadline;
}

/* ---- the PNE's side ---- */

static void reply(const struct cpns_pairer *who, enum cpns_type type, uint32_t transaction, enum cpns_field field,
		  const uint8_t *value, struct cpns_paired *paired, struct cpns_out *out)
{
	struct cpns_msg msg = {.type = type, .transaction = transaction};

	cpns_msg_set(&msg, CPNS_ENTITY_ID, who->pne.at, who->pne.n);
	cpns_msg_set(&msg, field, value, 16);
	out->length = (uint16_t)cpns_msg_encode(&msg, out->bytes);
	out->to = CPNS_GATEWAY;
	out->leaves = &paired->leaves;
}

static enum cpns_verdict answer_request(struct cpns_paired **paired, const struct cpns_pairer *who, int64_t now,
					const struct cpns_msg *msg, struct cpns_out *out)
{
	struct cpns_octets gateway = cpns_msg_get(msg, CPNS_GW_ID);
	struct cpns_paired *p = *paired;
	bool again = p != NULL && p->request == msg->transaction &&
		     memcmp(p->commitment, cpns_msg_at(msg, CPNS_COMMITMENT), CPNS_HASH) == 0;

	if (again && now < p->leaves)
		return CPNS_BUSY;
	if (!again) {
		if (p == NULL)
			p = *paired = malloc(sizeof(*p));
		if (p == NULL)
			abort();
		*p = (struct cpns_paired){.request = msg->transaction, .gateway_n = gateway.n};
		memcpy(p->commitment, cpns_msg_at(msg, CPNS_COMMITMENT), CPNS_HASH);
		memcpy(p->gateway, gateway.at, gateway.n);
		++*who->exchanges;
		draw(who, DRAW_PNE, p->rand_pne, out);
	}
	reply(who, CPNS_PAIRING_RESPONSE, p->request, CPNS_RAND_PNE, p->rand_pne, p, out);
	return again ? CPNS_DUPLICATE : CPNS_ACCEPTED;
}

static enum cpns_verdict answer_opening(struct cpns_paired *p, const struct cpns_pairer *who, int64_t now,
					const struct cpns_msg *msg, struct cpns_leg *leg, struct cpns_out *out)
{
	const uint8_t *rand_gw = cpns_msg_at(msg, CPNS_RAND_GW), *proof = cpns_msg_at(msg, CPNS_AUTH_DATA);
	uint8_t commitment[CPNS_HASH], key[CPNS_HASH], tag[CPNS_TAG];

	if (p == NULL)
		return CPNS_OUT_OF_PLACE;
	if (p->confirmed) {
		if (p->opening != msg->transaction || memcmp(p->opening_tag, proof, CPNS_TAG) != 0)
			return CPNS_REPLAYED;
		if (now < p->leaves)
			return CPNS_BUSY;
		reply(who, CPNS_PAIRING_CONFIRMATION, p->opening, CPNS_AUTH_DATA, p->confirmation, p, out);
		return CPNS_DUPLICATE;
	}
	struct cpns_octets gateway = {p->gateway, p->gateway_n};

	cpns_pairing_commitment(work(who, out), gateway, rand_gw, commitment);
	if (!cpns_same(commitment, p->commitment, CPNS_HASH))
		return CPNS_BAD_PROOF;
	cpns_pairing_key(work(who, out), leg->secret, gateway, who->pne, rand_gw, p->rand_pne, key);
	cpns_pairing_opening_proof(work(who, out), key, tag);
	if (!cpns_same(tag, proof, CPNS_TAG))
		return CPNS_BAD_PROOF;
	cpns_pairing_confirmation_proof(work(who, out), key, p->confirmation);
	p->confirmed = true;
	p->opening = msg->transaction;
	memcpy(p->opening_tag, tag, CPNS_TAG);
	cpns_leg_up(leg, key, expiry(who, now));
	reply(who, CPNS_PAIRING_CONFIRMATION, p->opening, CPNS_AUTH_DATA, p->confirmation, p, out);
	return CPNS_ACCEPTED;
}

enum cpns_verdict cpns_pairing_answer(struct cpns_paired **paired, const struct cpns_pairer *who, int64_t now,
				      const struct cpns_msg *msg, struct cpns_leg *leg, struct cpns_out *out)
{
	if (leg->secret == NULL)
		return CPNS_NO_SESSION;
	if (msg->type == CPNS_PAIRING_REQUEST)
		return answer_request(paired, who, now, msg, out);
	return answer_opening(*paired, who, now, msg, leg, out);
}
