#include "models/protocol/answers.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "models/protocol/rules.h"

/* A place in a log: the chunk's number from 1 on, and behind it the offset within. */
enum { PLACE_BITS = 16, CHUNK = 1 << PLACE_BITS };

struct cpns_answer_chunk {
	int64_t expires; /* when the newest answer in it does */
	size_t filled;   /* octets of `at` */
	_Alignas(8) uint8_t at[CHUNK];
};

/* What tells a request from another of its type and transaction: its nonce and its proof, zero where it has none. */
struct mark {
	uint8_t rand[16], proof[16];
};

struct answer {
	cpns_answers before; /* the answer that was kept before it in its list */
	int64_t leaves;      /* when it leaves the server; a duplicate that comes earlier is dropped */
	int64_t expires;     /* when it is forgotten */
	uint32_t transaction;
	uint16_t length;
	uint16_t whole; /* octets of the request, if it was refused; else 0 */
	uint8_t type;   /* of the request */
	struct mark mark;
	uint8_t bytes[]; /* the answer; then those of the request */
};

/* The first 16 octets of the first of these fields that the message has. */
static void copy_first(uint8_t to[16], const struct cpns_msg *msg, const enum cpns_field *field, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (cpns_msg_has(msg, field[i])) {
			memcpy(to, cpns_msg_at(msg, field[i]), 16);
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
	if (cpns_msg_has(msg, CPNS_ENC_PASSWORD)) /* a registration: the tag of the sealed password */
		memcpy(mark.proof, cpns_msg_at(msg, CPNS_ENC_PASSWORD) + CPNS_SEALED - 16, 16);
	return mark;
}

/* Is the request, whose mark is the same, the one that was answered? A message has exactly one encoding. */
static bool is_whole(const struct answer *a, const struct cpns_msg *request)
{
	uint8_t bytes[CPNS_MESSAGE_MAX];

	return a->whole == 0 ||
	       (cpns_msg_encode(request, bytes) == a->whole && memcmp(bytes, a->bytes + a->length, a->whole) == 0);
}

/* The answer at a place, or NULL where it has been forgotten. */
static struct answer *answer_at(const struct cpns_answer_log *log, cpns_answers place)
{
	uint64_t number = place >> PLACE_BITS;

	if (place == 0 || number - 1 < log->first)
		return NULL;
	return (void *)(log->chunks[number - 1 - log->first]->at + place % CHUNK);
}

/* Gives the chunks back in which all answers have expired. */
static void forget(struct cpns_answer_log *log, int64_t now)
{
	size_t over = 0;

	while (over < log->n && log->chunks[over]->expires <= now)
		free(log->chunks[over++]);
	if (over == 0)
		return;
	log->first += over;
	log->n -= over;
	memmove(log->chunks, log->chunks + over, log->n * sizeof(log->chunks[0]));
}

void cpns_answer_log_forget(struct cpns_answer_log *log)
{
	forget(log, INT64_MAX);
}

void cpns_answer_log_clear(struct cpns_answer_log *log)
{
	forget(log, INT64_MAX);
	free(log->chunks);
	*log = (struct cpns_answer_log){0};
}

static void add_chunk(struct cpns_answer_log *log)
{
	if ((log->n & (log->n - 1)) == 0) { /* a power of two: full */
		void *grown = realloc(log->chunks, (log->n == 0 ? 1 : 2 * log->n) * sizeof(log->chunks[0]));

		if (grown == NULL)
			abort();
		log->chunks = grown;
	}
	struct cpns_answer_chunk *chunk = malloc(sizeof(*chunk));

	if (chunk == NULL)
		abort();
	chunk->filled = 0;
	log->chunks[log->n++] = chunk;
}

/* Room for an answer of `n` octets, and its place. */
static struct answer *answer_new(struct cpns_answer_log *log, size_t n, int64_t expires, cpns_answers *place)
{
	size_t size = (offsetof(struct answer, bytes) + n + 7) / 8 * 8;

	assert(size <= CHUNK);
	if (log->n == 0 || CHUNK - log->chunks[log->n - 1]->filled < size)
		add_chunk(log);
	struct cpns_answer_chunk *chunk = log->chunks[log->n - 1];

	struct answer *a = (void *)(chunk->at + chunk->filled);

	*place = (log->first + log->n) << PLACE_BITS | chunk->filled;
	chunk->filled += size;
	chunk->expires = expires;
	return a;
}

bool cpns_answers_again(struct cpns_answer_log *log, cpns_answers answers, int64_t now,
			const struct cpns_msg *request, struct cpns_out *out, enum cpns_verdict *verdict)
{
	struct mark mark = mark_of(request);

	/* Newest first, and all live equally long: behind the first that has expired, all have. */
	for (struct answer *a = answer_at(log, answers); a != NULL && a->expires > now;
	     a = answer_at(log, a->before)) {
		if (a->type != request->type || a->transaction != request->transaction ||
		    memcmp(&a->mark, &mark, sizeof(mark)) != 0 || !is_whole(a, request))
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

void cpns_answers_keep(struct cpns_answer_log *log, cpns_answers *answers, int64_t now,
		       const struct cpns_msg *request, bool refused, struct cpns_out *out)
{
	uint8_t whole[CPNS_MESSAGE_MAX];
	size_t n = refused ? cpns_msg_encode(request, whole) : 0;
	int64_t expires = now + CPNS_EXCHANGE_LIFETIME;
	cpns_answers place;

	forget(log, now);
	struct answer *a = answer_new(log, out->length + n, expires, &place);

	a->before = *answers; /* one by one: the padding behind the last is the answer's */
	a->leaves = 0;
	a->expires = expires;
	a->transaction = request->transaction;
	a->length = out->length;
	a->whole = (uint16_t)n;
	a->type = (uint8_t)request->type;
	a->mark = mark_of(request);
	memcpy(a->bytes, out->bytes, out->length);
	if (refused)
		memcpy(a->bytes + a->length, whole, n);
	*answers = place;
	out->leaves = &a->leaves;
}
