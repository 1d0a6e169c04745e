/* The PNE: asks for its EUKey (6.3.1), is installed and triggered (6.3.2.1), or is notified of it (6.3.2.2).
 *
 * The machine does no I/O: octets and the time come in, at most one message for its PN GW goes out, and `deadline`
 * says when it wants to run next. While idle it holds no more than its names and keys. */
#ifndef CPNS_PROTOCOL_PNE_H
#define CPNS_PROTOCOL_PNE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/asking.h"
#include "models/protocol/env.h"
#include "models/protocol/leg.h"
#include "models/protocol/out.h"
#include "models/protocol/rules.h"
#include "models/protocol/use.h"
#include "models/protocol/verdict.h"

struct cpns_paired;
struct cpns_pne_notice; /* what tells a notification that has no Counter (6.3.2.2) */

/* User and password hash in the Secure Storage (6.3.2.1). The PNE's own, but where a host with millions of them lends
 * the memory. */
struct cpns_pne_account {
	int64_t answer_leaves;   /* when the answer to the installation that put it here leaves the CPU */
	int64_t forged_at;       /* when the last of `forged` triggers came, none of which was proved */
	struct cpns_octets user; /* User ID, which goes with the memory: lent or own */
	uint8_t seal[12];        /* nonce of that installation: tells a duplicate */
	uint8_t forged;
	uint8_t pwh[CPNS_HASH];
};

/* First what every assignment touches, then what those of 6.3.2.2 do, at last what pairing does: a PNE is seldom in
 * the cache when something happens to it. */
struct cpns_pne {
	struct cpns_asking *asking;     /* the request under way, or NULL */
	struct cpns_usage *usage;       /* of the EUKey, once it is used or of a set; or NULL */
	const struct cpns_rules *rules; /* lent */
	const struct cpns_env *env;     /* lent */
	struct cpns_octets id;          /* Entity ID, lent */
	struct cpns_leg pan;            /* to the PN GW */
	struct cpns_pne_account *account;
	uint64_t trigger_counter; /* of the RAND_T accepted last */
	uint32_t exchanges;       /* begun so far by this PNE */
	bool keyed;
	bool account_lent;
	uint8_t eukey[CPNS_HASH];       /* valid if keyed */
	uint8_t ack_tag[CPNS_TAG];      /* proof in the acknowledgement of the notification accepted last, to answer a
					 * duplicate without computing it anew */
	uint64_t notice_counter;        /* of that notification */
	int64_t ack_leaves;             /* when its acknowledgement leaves the CPU */
	struct cpns_pne_notice *notice; /* that one, where it is acknowledged and has no Counter; or NULL */
	struct cpns_octets tk;          /* Temporary Key from manufacture, lent; n == 0: none */
	struct cpns_paired *paired;     /* the pairing begun last, or NULL */
	uint32_t pairings;              /* begun so far with it */
};

/* What is left of a PNE that has nothing under way: a host with millions of them keeps this in place of a machine. As
 * it has been either installed and triggered or notified, one of the two takes the place of both. */
struct cpns_pne_rest {
	uint32_t exchanges;
	bool keyed, notified, account_lent;
	uint8_t eukey[CPNS_HASH];
	union {
		struct {
			struct cpns_pne_account *account;
			uint64_t trigger_counter;
		} triggers;
		struct {
			uint64_t counter;
			uint8_t ack_tag[CPNS_TAG];
		} notices; /* if notified */
	} by;
};

/* A PNE that holds no key. What is lent must outlive it. */
void cpns_pne_init(struct cpns_pne *pne, const struct cpns_rules *rules, const struct cpns_env *env,
		   struct cpns_octets id);
void cpns_pne_clear(struct cpns_pne *pne);

/* The PNE starts again: the request under way and the session are gone; keys, counters and the account are kept. */
void cpns_pne_restart(struct cpns_pne *pne);

/* Moves what it holds to *rest and returns true; the machine is gone then, as after cpns_pne_clear. False where there
 * is more than that, such as a request under way: nothing happens. */
bool cpns_pne_lie_down(struct cpns_pne *pne, int64_t now, struct cpns_pne_rest *rest);

/* Moves it back to a new machine of the same PNE, which continues as if it had never been away. All 0: a new PNE. */
void cpns_pne_get_up(struct cpns_pne *pne, const struct cpns_pne_rest *rest);

/* The end of a PNE that is at rest. */
void cpns_pne_rest_clear(struct cpns_pne_rest *rest);

/* Puts a user's ID and password hash in place without messages, as an installation long ago would have; in *account,
 * which is lent as the ID is. */
void cpns_pne_provision(struct cpns_pne *pne, struct cpns_pne_account *account, struct cpns_octets user,
			const uint8_t pwh[CPNS_HASH]);

/* 6.3.1 steps 5 to 7: the user has typed ID and password and asks for a key. A request under way is given up. */
void cpns_pne_start(struct cpns_pne *pne, int64_t now, struct cpns_octets user, struct cpns_octets password,
		    struct cpns_out *out);

/* Authenticates with the EUKey that it holds; it must hold one, and no other use may be under way (asserted). Ends in
 * the happening CPNS_USED or CPNS_USE_REFUSED, or is given up. */
void cpns_pne_use(struct cpns_pne *pne, int64_t now, struct cpns_out *out);

/* Is a use under way? Is a new key due before the next one: is there none, is its set used up, did the server refuse
 * it? */
bool cpns_pne_using(const struct cpns_pne *pne);
bool cpns_pne_needs_key(const struct cpns_pne *pne);

/* Will cpns_pne_on_time, called now, go on with the use (and not with the request)? */
bool cpns_pne_use_is_due(const struct cpns_pne *pne, int64_t now);

/* A message from the PN GW. */
enum cpns_verdict cpns_pne_on_message(struct cpns_pne *pne, int64_t now, const uint8_t *buf, size_t n,
				      struct cpns_out *out);

/* The time `cpns_pne_deadline` has come: sends again, or gives up. Does nothing if it has not. */
void cpns_pne_on_time(struct cpns_pne *pne, int64_t now, struct cpns_out *out);

/* When the machine wants to run next, or CPNS_NEVER. */
int64_t cpns_pne_deadline(const struct cpns_pne *pne);

/* Is a request under way? */
bool cpns_pne_active(const struct cpns_pne *pne);

#endif
