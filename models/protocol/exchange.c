#include "models/protocol/exchange.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "models/protocol/busy.h"

/* Ten years: no timer of a study is longer, and sums with a time of day stay far from overflow. */
static const double LONGEST_WAIT = 3.15e17;

void cpns_exchange_init(struct cpns_exchange *ex)
{
	memset(ex, 0, offsetof(struct cpns_exchange, few));
	ex->deadline = CPNS_NEVER;
}

static void drop(struct cpns_exchange *ex)
{
	if (ex->length > sizeof(ex->few))
		free(ex->bytes);
	ex->bytes = NULL;
	ex->length = 0;
}

void cpns_exchange_clear(struct cpns_exchange *ex)
{
	drop(ex);
	cpns_exchange_init(ex);
}

/* What draws of jitter about a transmission are for: its timeout, or the time that a busy server asks for. */
enum { JITTER_TIMEOUT = 0, JITTER_BUSY = 0x8000 };

/* Uniform in [1, jitter], addressed by exchange and repetition. */
static double jitter(const struct cpns_exchange *ex, unsigned what, const struct cpns_rules *rules,
		     const struct cpns_env *env)
{
	uint8_t random[8];

	if (rules->jitter <= 1)
		return 1;
	env->random(env->host, CPNS_DRAW_JITTER, ex->number, (uint16_t)(what | ex->sent), random, sizeof(random));
	return 1 + (rules->jitter - 1) * ((double)(cpns_get64(random) >> 11) * 0x1p-53);
}

/* The message in *out is sent; lets the timer start when it has left. */
static void transmit(struct cpns_exchange *ex, const struct cpns_rules *rules, const struct cpns_env *env,
		     struct cpns_out *out)
{
	double wait = ex->timeout * jitter(ex, JITTER_TIMEOUT, rules, env);

	ex->sent++;
	ex->timeout = ex->timeout * rules->backoff < LONGEST_WAIT ? ex->timeout * rules->backoff : LONGEST_WAIT;
	out->wait = (int64_t)(wait < LONGEST_WAIT ? wait + 0.5 : LONGEST_WAIT);
	out->deadline = &ex->deadline;
	out->leaves = &ex->leaves;
}

/* Writes the message into *out, and keeps it. */
static void keep(struct cpns_exchange *ex, const struct cpns_msg *msg, struct cpns_out *out)
{
	size_t n = cpns_msg_encode(msg, out->bytes);

	drop(ex);
	out->length = ex->length = (uint16_t)n;
	ex->bytes = n <= sizeof(ex->few) ? ex->few : malloc(n);
	if (ex->bytes == NULL)
		abort();
	memcpy(ex->bytes, out->bytes, n);
}

void cpns_exchange_begin(struct cpns_exchange *ex, const struct cpns_msg *msg, uint32_t number, int64_t timeout,
			 const struct cpns_rules *rules, const struct cpns_env *env, struct cpns_out *out)
{
	keep(ex, msg, out);
	ex->transaction = msg->transaction;
	ex->number = number;
	ex->sent = 0;
	ex->held_off = 0;
	ex->timeout = (double)timeout;
	transmit(ex, rules, env, out);
}

void cpns_exchange_renew(struct cpns_exchange *ex, const struct cpns_msg *msg, const struct cpns_rules *rules,
			 const struct cpns_env *env, struct cpns_out *out)
{
	keep(ex, msg, out);
	transmit(ex, rules, env, out);
}

void cpns_exchange_repeat(const struct cpns_exchange *ex, struct cpns_out *out)
{
	assert(ex->bytes != NULL);
	memcpy(out->bytes, ex->bytes, ex->length);
	out->length = ex->length;
}

bool cpns_exchange_may_repeat(const struct cpns_exchange *ex, const struct cpns_rules *rules)
{
	return ex->sent <= rules->retries;
}

bool cpns_exchange_again(struct cpns_exchange *ex, const struct cpns_rules *rules, const struct cpns_env *env,
			 struct cpns_out *out)
{
	if (!cpns_exchange_may_repeat(ex, rules))
		return false;
	cpns_exchange_repeat(ex, out);
	out->repeats = true;
	transmit(ex, rules, env, out);
	return true;
}

/* The longest of its timeouts, before jitter: that of the last transmission. */
static double longest_timeout(const struct cpns_exchange *ex, const struct cpns_rules *rules)
{
	double timeout = ex->timeout;

	for (uint32_t i = ex->sent; i < rules->retries && timeout < LONGEST_WAIT; i++)
		timeout *= rules->backoff;
	return timeout < LONGEST_WAIT ? timeout : LONGEST_WAIT;
}

enum cpns_verdict cpns_exchange_hold_off(struct cpns_exchange *ex, int64_t now, const struct cpns_msg *msg,
					 const struct cpns_rules *rules, const struct cpns_env *env)
{
	if (!cpns_exchange_matches(ex, msg))
		return CPNS_DUPLICATE;
	if (ex->held_off == ex->sent || !cpns_exchange_may_repeat(ex, rules))
		return CPNS_REFUSED;
	double asked = (double)cpns_busy_retry_after(msg), longest = longest_timeout(ex, rules);
	double wait = (asked < longest ? asked : longest) * jitter(ex, JITTER_BUSY, rules, env);
	int64_t until = now + (int64_t)(wait < LONGEST_WAIT ? wait + 0.5 : LONGEST_WAIT);

	ex->held_off = ex->sent;
	if (until > ex->deadline)
		ex->deadline = until;
	return CPNS_REFUSED;
}

bool cpns_exchange_matches(const struct cpns_exchange *ex, const struct cpns_msg *msg)
{
	return ex->bytes != NULL && ex->transaction == msg->transaction;
}
