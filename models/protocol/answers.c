#include "models/protocol/answers.h"

#include <stdlib.h>
#include <string.h>

#include "models/protocol/rules.h"

/* What tells a request from another of its type and transaction: its nonce and its proof, zero where it has none. */
struct mark {
	uint8_t rand[16], proof[16];
};

struct cpns_answer {
	struct cpns_answer *next;
	int64_t leaves;  /* when it leaves the server; a duplicate that comes earlier is dropped */
	int64_t expires; /* when it is forgotten */
	uint32_t transaction;
	uint16_t length;
	uint8_t type; /* of the request */
	struct mark mark;
	uint8_t bytes[];
};

/* The first 16 octets of the first of these fields that the message has. */
static void copy_first(uint8_t to[16], const struct cpns_msg *msg, const enum cpns_field *field, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (msg->field[field[i]].at != NULL) {
			memcpy(to, msg->field[field[i]].at, 16);
			return;
		}
}

static struct mark mark_of(const struct cpns_msg *msg)
{
	static const enum cpns_field rands[] = {CPNS_RAND_PNE, CPNS_RAND_GW};
	static const enum cpns_field proofs[] = {CPNS_AUTH_DATA, CPNS_DIGEST, CPNS_PASSWORD_HASH};
	struct mark mark = {0};

	copy_first(mark.rand, msg, rands, sizeof(rands) / sizeof(rands[0]));
	copy_first(mark.proof, msg, proofs, sizeof(proofs) / sizeof(proofs[0]));
	return mark;
}

/* Answers are newest first, and all live equally long: behind the first that has expired, all have. */
static void forget(cpns_answers *answers, int64_t now)
{
	struct cpns_answer **at = answers;

	while (*at != NULL && (*at)->expires > now)
		at = &(*at)->next;
	while (*at != NULL) {
		struct cpns_answer *a = *at;

		*at = a->next;
		free(a);
	}
}

bool cpns_answers_again(cpns_answers *answers, int64_t now, const struct cpns_msg *request, struct cpns_out *out,
			enum cpns_verdict *verdict)
{
	struct mark mark = mark_of(request);

	forget(answers, now);
	for (struct cpns_answer *a = *answers; a != NULL; a = a->next) {
		if (a->type != request->type || a->transaction != request->transaction ||
		    memcmp(&a->mark, &mark, sizeof(mark)) != 0)
			continue;
		*verdict = now < a->leaves ? CPNS_BUSY : CPNS_DUPLICATE;
		if (*verdict == CPNS_DUPLICATE) {
			memcpy(out->bytes, a->bytes, a->length);
			out->length = a->length;
			out->to = CPNS_GATEWAY;
			out->leaves = &a->leaves;
		}
		return true;
	}
	return false;
}

void cpns_answers_keep(cpns_answers *answers, int64_t now, const struct cpns_msg *request, struct cpns_out *out)
{
	forget(answers, now);
	struct cpns_answer *a = malloc(sizeof(*a) + out->length);

	if (a == NULL)
		abort();
	*a = (struct cpns_answer){
	    .next = *answers,
	    .expires = now + CPNS_EXCHANGE_LIFETIME,
	    .transaction = request->transaction,
	    .length = out->length,
	    .type = (uint8_t)request->type,
	    .mark = mark_of(request),
	};
	memcpy(a->bytes, out->bytes, out->length);
	*answers = a;
	out->leaves = &a->leaves;
}

void cpns_answers_clear(cpns_answers *answers)
{
	forget(answers, INT64_MAX);
}
