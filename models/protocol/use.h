/* The use of an EUKey by the entity that holds it: it authenticates towards the CPNS Server (and the server towards
 * it) through the PN GW, in UseRequest, UseChallenge, UseProof and UseResult. The change requests assign EUKeys and
 * say nothing of what for: all of this is the project's choice.
 *
 * A PN GW without an EUKey authenticates by its owner's User ID and password instead (C281): by digest. */
#ifndef CPNS_PROTOCOL_USE_H
#define CPNS_PROTOCOL_USE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/asking.h"
#include "models/protocol/env.h"
#include "models/protocol/msg.h"
#include "models/protocol/out.h"
#include "models/protocol/rules.h"
#include "models/protocol/verdict.h"

struct cpns_use;

/* Begins with an EUKey: number `index` of a set, or 0 where the entity knows of none. asker->exchanges counts
 * exchanges of uses alone. The caller's to free. */
struct cpns_use *cpns_use_by_key(const struct cpns_asker *asker, const uint8_t eukey[CPNS_HASH], uint32_t index,
				 struct cpns_out *out);

/* Begins with the owner's User ID and password. The caller's to free. */
struct cpns_use *cpns_use_by_password(const struct cpns_asker *asker, struct cpns_octets user,
				      struct cpns_octets password, struct cpns_out *out);

void cpns_use_free(struct cpns_use *use);

/* What has become of it. */
struct cpns_use_result {
	bool over;    /* by success (ACCEPTED) or by a refusal (REFUSED) */
	bool used_up; /* after success: that was the last key of a set */
	bool unknown; /* after a refusal: the server knows of no such key */
};

/* Takes a UseChallenge or UseResult. */
enum cpns_verdict cpns_use_on_message(struct cpns_use *use, const struct cpns_asker *asker,
				      const struct cpns_msg *msg, struct cpns_use_result *result,
				      struct cpns_out *out);

/* The deadline has come: sends again, or returns false when it is given up. */
bool cpns_use_on_time(struct cpns_use *use, const struct cpns_asker *asker, struct cpns_out *out);
int64_t cpns_use_deadline(const struct cpns_use *use);

/* What an entity that uses its key, or has one of a set, keeps beside it; others have none. */
struct cpns_usage {
	struct cpns_use *use; /* under way, or NULL */
	uint32_t exchanges;   /* begun so far */
	uint32_t index;       /* which key of a set is held; 0: a single one, or not known */
	bool renew;           /* a new key is due: the set is used up, or the server knows of no such key */
};

/* *at, made where there is none yet; and its end. NULL: nothing. */
struct cpns_usage *cpns_usage_of(struct cpns_usage **at);
void cpns_usage_free(struct cpns_usage *usage);

/* Gives the use under way up, if there is one. NULL: nothing. */
void cpns_usage_stop(struct cpns_usage *usage);

/* A key has been stored: number `index` of a set, or 0. A later key of a set changes nothing in that a new set is
 * due. NULL: nothing. */
void cpns_usage_key(struct cpns_usage *usage, uint32_t index);

/* Takes a UseChallenge or UseResult for the use under way, of an entity that by now holds `eukey` (NULL: none); tells
 * the host in out->happening when it is over. */
enum cpns_verdict cpns_usage_on_message(struct cpns_usage *usage, const struct cpns_asker *asker,
					const struct cpns_msg *msg, const uint8_t *eukey, struct cpns_out *out);

/* The deadline of the use under way has come: sends again or gives it up. */
/* *msg says that the server is busy. */
enum cpns_verdict cpns_usage_hold_off(struct cpns_usage *usage, const struct cpns_asker *asker, int64_t now,
				      const struct cpns_msg *msg);

void cpns_usage_on_time(struct cpns_usage *usage, const struct cpns_asker *asker, struct cpns_out *out);

#endif
