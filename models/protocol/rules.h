/* The rules that every machine of a deployment follows: the switches of a security profile, and the timers. */
#ifndef CPNS_PROTOCOL_RULES_H
#define CPNS_PROTOCOL_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/env.h"

/* The change requests define no lifetime; duplicates are known for EXCHANGE_LIFETIME of RFC 7252 section 4.8.2. */
#define CPNS_EXCHANGE_LIFETIME (INT64_C(247) * 1000000000)

/* "No timer is running." */
#define CPNS_NEVER INT64_MAX

/* How a holder of an EUKey set yields its keys (section 8 of the protocol's description: time against memory). */
enum cpns_chain_strategy {
	CPNS_STORE_ALL,  /* every key */
	CPNS_SEED_ONLY,  /* the one key that all others follow from by hashing */
	CPNS_CHECKPOINT, /* every `spacing`-th key, and those between two of them */
	CPNS_PEBBLE,     /* log2 n keys, which move on as keys are issued */
};

/* What the EUKey sets of 6.3.2.2 are like (step 3: "one EUKey or a set"). All other flows assign single keys. */
struct cpns_chain_rules {
	uint32_t length; /* EUKeys in a set; 0 and 1: a single random key */
	bool
	    independent; /* random keys, nothing to each other; else a hash chain, K_(i-1) = F(K_i) with K_n random */
	bool unsafe;     /* a chain the other way round, K_(i+1) = F(K_i): who steals a key has all later ones */
	bool carry_set;  /* all keys travel to the PN GW; else the one that the others follow from */
	enum cpns_chain_strategy strategy;
	uint32_t spacing; /* of CPNS_CHECKPOINT, > 0 */
	uint32_t window;  /* how far key index and expectation may lie apart, for lost notifications */
};

struct cpns_rules {
	/* Switches. The literal profile, which does what the change requests say and nothing more, has them all off.
	 */
	bool stretched_password; /* password-hash: PBKDF2 instead of SHA-256(UserID:realm:password) */
	bool mac_proof;          /* proof: T_req in every flow instead of digest, hashed password or RAND_PNE alone */
	bool response_freshness; /* 6.3.1, 6.3.3: EUKey under the KEK instead of K_wrap; T_rsp in all relayed flows */
	bool ownership_check;    /* 6.3.2.x: status 5 for another user's entity */
	bool notification_ack;   /* 6.3.2.2: acknowledged and retransmitted */
	bool notification_freshness; /* 6.3.2.2: Counter, RAND_N and a key of their own */
	bool two_phase_key;          /* pending until its first use, then current */

	struct cpns_chain_rules chain;

	bool challenge; /* 6.3.1, 6.3.3: a digest challenge round first */

	/* What reviewers of 6.3 asked for, and did not get. */
	bool
	    merged_trigger; /* C254: an installation carries the trigger, and the request answers it (steps 6 to 8) */
	bool one_kek;       /* C247: the EUKey under the KEK in every flow, on the WAN leg of 6.3.2.2 too */
	bool discovery;     /* C274: in 6.3.2.2 the PN GW first asks the PNE for its Entity ID */

	bool run_step_0;          /* false: sessions exist at the start and do not expire */
	int64_t session_lifetime; /* of those that step 0 makes, ns */
	uint32_t lockout; /* failed proofs of one user for one entity after which there are no more; 0: never */

	struct cpns_octets realm;
	uint32_t iterations; /* of PBKDF2 */

	int64_t timeout;              /* first timeout of a request, ns */
	int64_t installation_timeout; /* first timeout of the Installation Request, whose receiver hashes first, ns */
	double backoff;               /* factor from one timeout to the next, >= 1 */
	double jitter;                /* each timeout is multiplied by a uniform factor in [1, jitter] */
	uint32_t retries;             /* retransmissions before giving up */
	bool retry_limited;           /* a PN GW lets only so many through to the server (budget.h) */
	uint32_t retry_budget;        /* millionths of the first messages, 1000000 at most; valid if retry_limited */
};

#endif
