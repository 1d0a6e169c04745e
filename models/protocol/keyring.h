/* The EUKeys that the CPNS Server holds of an entity: the current one, and those that were issued since and await
 * their first use. Each is a single key or a set, in which uses move on from key to key: the server expects key
 * number `next`, and takes any within the window of it, for notifications get lost. A set whose `next` is beyond its
 * end is used up.
 *
 * Where keys are single, a record of the store holds no more than them (cpns_entity); the rest hangs on it. */
#ifndef CPNS_PROTOCOL_KEYRING_H
#define CPNS_PROTOCOL_KEYRING_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/chain.h"
#include "models/protocol/env.h"
#include "models/protocol/rules.h"
#include "models/protocol/store.h"

/* A set and how far it is used; chain NULL: a single key. */
struct cpns_key_set {
	struct cpns_chain *chain;
	uint32_t next;
};

/* What sets take beside the keys. */
struct cpns_keyring {
	uint32_t cells;     /* keys of sets held now */
	uint32_t cells_max; /* most of them ever */
	uint32_t room;      /* for that many pending keys, beyond which all are single */
	struct cpns_key_set current, pending[];
};

/* A new key: pending, or current at once. With `set`, which is taken over, `key` only stands for it. Returns how many
 * pending ones (0 or 1) this pushed out. */
unsigned cpns_keyring_add(struct cpns_entity *entity, bool pending, const uint8_t key[CPNS_HASH],
			  struct cpns_chain *set);

/* The keys that the entity may prove to hold, one after another: the newest pending one first, the current one last;
 * of a set the expected key, then earlier ones. */
struct cpns_candidate {
	/* what is looked for */
	uint32_t named; /* number of the key, if the entity has said it; 0: it has not. A single key is number 1 */
	bool spent;     /* for one who only looks on: also in sets that are used up, and none moves on */
	/* what was found: all zero before the first */
	bool begun, current;
	unsigned slot; /* of the pending ones, if not current */
	uint32_t index;
	uint8_t key[CPNS_HASH];
};

/* The next one, or false: no more. */
bool cpns_keyring_next(const struct cpns_entity *entity, struct cpns_work w, const struct cpns_chain_rules *rules,
		       struct cpns_octets id, struct cpns_candidate *candidate);

/* The entity has proved that it holds this one: it is current from now on, what was issued before it is dropped, and
 * a set moves on. Returns the set, or NULL for a single key. */
const struct cpns_key_set *cpns_keyring_used(struct cpns_entity *entity, const struct cpns_candidate *candidate);

/* What an entity holds, as far as keys go: `eukey` NULL for none, `index` as in a candidate's `named`. */
struct cpns_held {
	struct cpns_octets id;
	const uint8_t *eukey;
	uint32_t index;
};

/* Looks for that key among those that the entity may prove to hold, used up or not; no set moves on by that. True
 * with *found filled in. */
bool cpns_keyring_find(const struct cpns_entity *entity, struct cpns_work w, const struct cpns_chain_rules *rules,
		       const struct cpns_held *held, struct cpns_candidate *found);

/* Do entity and server agree: does the server hold its key, as current or as pending? An entity without a key agrees
 * with a server that has no current one for it. */
bool cpns_keyring_agrees(const struct cpns_entity *entity, struct cpns_work w, const struct cpns_chain_rules *rules,
			 const struct cpns_held *held);

/* Frees everything; part of cpns_entity_clear. */
void cpns_keyring_clear(struct cpns_entity *entity);

/* Does the server hold `eukey` as current or as pending key of the entity? Single keys alone. */
bool cpns_entity_has(const struct cpns_entity *entity, const uint8_t eukey[CPNS_HASH]);

#endif
