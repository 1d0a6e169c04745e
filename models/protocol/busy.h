/* "Server busy" (status 10): a server that is overloaded turns a message away at once, without working on it, and
 * says when to come again: the optional field RetryAfter of every answer that has a status.
 *
 * It cannot be proved, for the server has not looked at the request. So it never ends one, and the sender heeds it
 * only as far as a loss would go (cpns_exchange_hold_off). */
#ifndef CPNS_PROTOCOL_BUSY_H
#define CPNS_PROTOCOL_BUSY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/protocol/msg.h"
#include "models/protocol/out.h"

/* The server's side: turns buf[0..n) away, with the answer in *out. False, with nothing said, where it is no message
 * that has an answer. */
bool cpns_busy_answer(const uint8_t *buf, size_t n, int64_t retry_after, struct cpns_out *out);

/* The sender's side: does *msg turn something away? For how long, ns; 0 where it does not say, INT64_MAX at most. */
bool cpns_busy_says(const struct cpns_msg *msg);
int64_t cpns_busy_retry_after(const struct cpns_msg *msg);

#endif
