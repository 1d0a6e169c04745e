/* The answers that a server machine keeps, so that a request that comes twice is answered twice in the same octets
 * and worked on once. Each lives for EXCHANGE_LIFETIME of RFC 7252. */
#ifndef CPNS_PROTOCOL_ANSWERS_H
#define CPNS_PROTOCOL_ANSWERS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/msg.h"
#include "models/protocol/out.h"
#include "models/protocol/verdict.h"

struct cpns_answer_chunk;

/* Where a machine keeps all its answers, in order of time: what is over goes in large pieces. */
struct cpns_answer_log {
	struct cpns_answer_chunk **chunks; /* malloc'ed, oldest first */
	uint64_t first;                    /* number of the oldest */
	size_t n;
};

/* All {0} is an empty one. Forgets all answers; then it is empty again. */
void cpns_answer_log_clear(struct cpns_answer_log *log);

/* Forgets all answers; lists of them stay what they are, and are empty. */
void cpns_answer_log_forget(struct cpns_answer_log *log);

/* A list of answers in a log: the place of the newest one; 0: none. */
typedef uint64_t cpns_answers;

/* Has this request been answered, or is it being worked on? Then true, with *verdict (CPNS_DUPLICATE with the answer
 * in *out, or CPNS_BUSY). The same request has the same type, transaction, nonce and proof: who only copies a
 * genuine request's transaction gets an answer of his own, and leaves the genuine one's alone. A refused one has all
 * octets the same: its proof may belong to a genuine request in which something else was changed. */
bool cpns_answers_again(struct cpns_answer_log *log, cpns_answers answers, int64_t now,
			const struct cpns_msg *request, struct cpns_out *out, enum cpns_verdict *verdict);

/* Keeps the message in *out as the answer to `request`, which it may have `refused`. */
void cpns_answers_keep(struct cpns_answer_log *log, cpns_answers *answers, int64_t now,
		       const struct cpns_msg *request, bool refused, struct cpns_out *out);

#endif
