/* The CPNS Server's key store, as the server machine sees it: lent by the host, which decides how it is kept and what
 * a look into it costs. Records do not move while the store lives; the machine changes them in place and reports
 * reads and writes. */
#ifndef CPNS_PROTOCOL_STORE_H
#define CPNS_PROTOCOL_STORE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/answers.h"
#include "models/protocol/env.h"
#include "models/protocol/keys.h"

#define CPNS_PENDING_MAX 8 /* EUKeys that may await their first use */

/* What the server knows of a CPNS User: the record of 6.3.1 step 3. */
struct cpns_user {
	struct cpns_octets id; /* User ID, set by the store; lives as long as the store */
	uint8_t pwh[CPNS_HASH];
	uint32_t registrations; /* by messages so far */
	bool cold;              /* pwh is not at hand: who needs it first pays for making it (cpns_request_user) */
};

struct cpns_keyring;

/* What the server knows of a PNE or PN GW: the record of 6.3.1 step 10. First what every assignment touches, then
 * what some do: records are seldom in the cache when a request comes. */
struct cpns_entity {
	const uint8_t *id, *owner, *tk; /* Entity ID, set by the store; User ID and Temporary Key, lent by it: see the
					 * functions below */
	cpns_answers answers;           /* in the server machine's log */
	struct cpns_keyring *keyring;   /* its sets (keyring.h); NULL: single keys alone */
	uint64_t trigger_counter;       /* of the RAND_T accepted last */
	bool keyed;
	uint8_t n_pending;
	uint8_t id_n, owner_n, tk_n;        /* octets of those above */
	bool apart;                         /* its keys lie in memory of their own */
	union {                             /* if keyed the current one, then the pending ones, oldest first */
		uint8_t room[CPNS_HASH];    /* most have no more than one */
		uint8_t (*keys)[CPNS_HASH]; /* if apart: malloc'ed, freed by cpns_entity_clear */
	};
	uint64_t notice_counter;     /* of the notifications made possible so far */
	uint64_t challenge_used;     /* when the newest challenge was made whose nonce has served; 0: none */
	uint64_t use_challenge_used; /* the same of those before a use, which may overtake them */
};

/* Proofs of one user's password for one entity that did not verify, one after another. */
struct cpns_failures {
	uint32_t n;
	uint32_t registrations; /* of the user when the first of them came: a new registration forgives */
};

struct cpns_store {
	void *self;
	/* The record of that user or entity, or NULL; with `create` a new one instead of NULL, zeroed but for its
	 * ID. */
	struct cpns_user *(*user)(void *self, struct cpns_octets id, bool create);
	struct cpns_entity *(*entity)(void *self, struct cpns_octets id, bool create);
	/* The failures of that user for that entity, whether they exist or not, or NULL; with `create` a new record
	 * instead of NULL, zeroed. */
	struct cpns_failures *(*failures)(void *self, const struct cpns_names *who, bool create);
};

static inline struct cpns_octets cpns_entity_id(const struct cpns_entity *entity)
{
	return (struct cpns_octets){entity->id, entity->id_n};
}

/* Who owns it; n == 0: nobody yet. */
static inline struct cpns_octets cpns_entity_owner(const struct cpns_entity *entity)
{
	return (struct cpns_octets){entity->owner, entity->owner_n};
}

static inline void cpns_entity_set_owner(struct cpns_entity *entity, struct cpns_octets owner)
{
	assert(owner.n <= UINT8_MAX);
	entity->owner = owner.at;
	entity->owner_n = (uint8_t)owner.n;
}

static inline void cpns_entity_set_tk(struct cpns_entity *entity, struct cpns_octets tk)
{
	assert(tk.n <= UINT8_MAX);
	entity->tk = tk.at;
	entity->tk_n = (uint8_t)tk.n;
}

/* Key number k of all of them. */
static inline const uint8_t *cpns_entity_key(const struct cpns_entity *entity, unsigned k)
{
	return entity->apart ? entity->keys[k] : entity->room;
}

/* All keys, the current one first, if there is one; and the pending ones. */
static inline uint8_t (*cpns_entity_keys(struct cpns_entity *entity))[CPNS_HASH]
{
	return entity->apart ? entity->keys : &entity->room;
}

static inline uint8_t (*cpns_entity_pending(struct cpns_entity *entity))[CPNS_HASH]
{
	return cpns_entity_keys(entity) + entity->keyed;
}

/* Frees what the server machine keeps in a record; for the store, when it drops one. */
void cpns_entity_clear(struct cpns_entity *entity);

#endif
