/* The answers that a server machine keeps, so that a request that comes twice is answered twice in the same octets
 * and worked on once. Each lives for EXCHANGE_LIFETIME of RFC 7252. */
#ifndef CPNS_PROTOCOL_ANSWERS_H
#define CPNS_PROTOCOL_ANSWERS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/msg.h"
#include "models/protocol/out.h"
#include "models/protocol/verdict.h"

struct cpns_answer;

/* A list of them, newest first; NULL: none. */
typedef struct cpns_answer *cpns_answers;

/* Has this request been answered, or is it being worked on? Then true, with *verdict (CPNS_DUPLICATE with the answer
 * in *out, or CPNS_BUSY). The same request has the same type, transaction, nonce and proof: who only copies a
 * genuine request's transaction gets an answer of his own, and leaves the genuine one's alone. */
bool cpns_answers_again(cpns_answers *answers, int64_t now, const struct cpns_msg *request, struct cpns_out *out,
			enum cpns_verdict *verdict);

/* Keeps the message in *out as the answer to `request`. */
void cpns_answers_keep(cpns_answers *answers, int64_t now, const struct cpns_msg *request, struct cpns_out *out);

/* Forgets all. */
void cpns_answers_clear(cpns_answers *answers);

#endif
