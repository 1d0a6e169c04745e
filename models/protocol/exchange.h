/* One request of ours, kept to be sent again in the same octets until it is answered or given up: retransmission with
 * back-off and jitter, after RFC 7252 section 4.2. */
#ifndef CPNS_PROTOCOL_EXCHANGE_H
#define CPNS_PROTOCOL_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/env.h"
#include "models/protocol/msg.h"
#include "models/protocol/out.h"
#include "models/protocol/rules.h"
#include "models/protocol/verdict.h"

/* Transactions of those that a PN GW begins: about itself, where the answer names no entity and the transaction alone
 * says what it answers; and about a PNE, kept apart from those that the PNE begins itself. */
#define CPNS_OWN_TRANSACTION (UINT32_C(1) << 31)
#define CPNS_GATEWAY_TRANSACTION (UINT32_C(1) << 30)

/* Beside that bit: a request for a PNE by another name than its own. What answers it may name anybody, so it is
 * counted over all PNEs of the PN GW, and known by its transaction. */
#define CPNS_NAMED_TRANSACTION (UINT32_C(1) << 28)

/* Those of EUKey use, which an entity counts apart from those of its assignments. */
#define CPNS_USE_TRANSACTION (UINT32_C(1) << 29)

#define CPNS_EXCHANGE_FEW 128 /* octets: most requests are no longer */

/* It stays where it is from init to clear. */
struct cpns_exchange {
	int64_t deadline;     /* when to send again or give up; CPNS_NEVER: no timer runs */
	int64_t leaves;       /* when the octets sent last left, or will leave, the sender's CPU */
	double timeout;       /* the current timeout before jitter, ns */
	uint32_t transaction; /* on the wire */
	uint32_t number;      /* of this exchange in its context, for addressing draws */
	uint32_t sent;        /* how often, the first time included */
	uint32_t held_off;    /* the transmission that a busy server turned away last; 0: none */
	uint16_t length;
	uint8_t *bytes;                 /* NULL when idle; `few`, or malloc'ed where they are more */
	uint8_t few[CPNS_EXCHANGE_FEW]; /* not written before there is something to keep */
};

/* Makes `ex` idle. cpns_exchange_clear also frees what it keeps. */
void cpns_exchange_init(struct cpns_exchange *ex);
void cpns_exchange_clear(struct cpns_exchange *ex);

/* Begins with *msg (whose transaction is that of the exchange) as the octets to send to `to`, with `timeout` as first
 * timeout; writes them into *out. Whatever was kept before is forgotten. */
void cpns_exchange_begin(struct cpns_exchange *ex, const struct cpns_msg *msg, uint32_t number, int64_t timeout,
			 const struct cpns_rules *rules, const struct cpns_env *env, struct cpns_out *out);

/* Replaces the octets by *msg and sends them as the next repetition: for a trigger, whose RAND_T must be new. */
void cpns_exchange_renew(struct cpns_exchange *ex, const struct cpns_msg *msg, const struct cpns_rules *rules,
			 const struct cpns_env *env, struct cpns_out *out);

/* Writes the kept octets into *out once more without touching the timer: the answer to a duplicate. */
void cpns_exchange_repeat(const struct cpns_exchange *ex, struct cpns_out *out);

/* The timer has run out: sends again, or returns false when all retransmissions are used up. */
bool cpns_exchange_again(struct cpns_exchange *ex, const struct cpns_rules *rules, const struct cpns_env *env,
			 struct cpns_out *out);

/* *msg says that the server is busy (busy.h). Where that is about this exchange, the next transmission waits for the
 * time that the server asks for, times a jitter of its own, uniform in [1, jitter].
 *
 * Anybody can say so: it does no more than the loss of the message would. The sender waits no shorter than the timer
 * that runs, so that nobody makes it use up its retransmissions in a moment; no longer than its longest timeout
 * (times that jitter), which the loss of a transmission may cost too; and that once for each transmission. */
enum cpns_verdict cpns_exchange_hold_off(struct cpns_exchange *ex, int64_t now, const struct cpns_msg *msg,
					 const struct cpns_rules *rules, const struct cpns_env *env);

/* May there be one more transmission? */
bool cpns_exchange_may_repeat(const struct cpns_exchange *ex, const struct cpns_rules *rules);

/* Does this message answer the exchange? */
bool cpns_exchange_matches(const struct cpns_exchange *ex, const struct cpns_msg *msg);

#endif
