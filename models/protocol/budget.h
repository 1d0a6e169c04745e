/* A budget for retransmissions: what a PN GW lets through to the CPNS Server, of its own and of its PNEs', so that a
 * server in trouble is not asked ever more often (as in Finagle's and gRPC's clients, and in "Site Reliability
 * Engineering", O'Reilly 2016, chapter 21).
 *
 * A bucket of tokens: each message that is sent for the first time adds the share that the rules allow, and each
 * retransmission takes one whole. It begins with one, so that a lone PNE can repeat itself once, and holds ten at
 * most, so that a long calm does not pay for a storm: after n first messages there have been no more than
 * 1 + share * n retransmissions. */
#ifndef CPNS_PROTOCOL_BUDGET_H
#define CPNS_PROTOCOL_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/rules.h"

struct cpns_budget {
	uint32_t left; /* in millionths of a token */
};

void cpns_budget_init(struct cpns_budget *budget);

/* A message is about to be sent; false: it is a retransmission for which nothing is left, and is not to be. Always
 * true where the rules set no budget. */
bool cpns_budget_allows(struct cpns_budget *budget, const struct cpns_rules *rules, bool repeats);

#endif
