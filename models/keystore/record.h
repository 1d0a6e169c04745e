/* What a key store keeps of a user and of a PNE or PN GW: the records of 6.3.1 steps 3 and 10. Buffers grow with the
 * sets of EUKeys that they hold and are used again from one look to the next. */
#ifndef CPNS_KEYSTORE_RECORD_H
#define CPNS_KEYSTORE_RECORD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/env.h"

#define KEYSTORE_ID_MAX 255   /* octets of an ID; at least one */
#define KEYSTORE_SET_MAX 2000 /* EUKeys of a set */

struct keystore_user {
	uint8_t pwh[CPNS_HASH]; /* of the password */
	uint32_t registrations;
};

struct keystore_entity {
	GByteArray *owner;   /* User ID; empty: nobody yet */
	GByteArray *tk;      /* Temporary Key; empty: none is known */
	GByteArray *current; /* the current set: its EUKeys one after another; empty: none */
	GByteArray *pending; /* sets, oldest first: of each its number of keys (4 octets, big-endian), then they */
};

void keystore_entity_init(struct keystore_entity *entity);
void keystore_entity_clear(struct keystore_entity *entity); /* keys are wiped */

/* Puts octets in place of those that a buffer held. */
void keystore_set_octets(GByteArray *buffer, struct cpns_octets octets);

/* Are all lengths such as this header says? NULL, or what is wrong. */
const char *keystore_entity_fault(const struct keystore_entity *entity);

/* The pending sets, one after another: *at begins at 0; false: no more. */
bool keystore_next_set(const struct keystore_entity *entity, guint *at, struct cpns_octets *keys);

/* Adds a pending set; the oldest goes when there are more than `pending_max`. */
void keystore_entity_add(struct keystore_entity *entity, const uint8_t *keys, uint32_t n, unsigned pending_max);

/* The pending set that begins with `key` becomes current; it and older ones are pending no more. False: none does. */
bool keystore_entity_confirm(struct keystore_entity *entity, const uint8_t key[CPNS_HASH]);

/* Records as one octet string, for stores that know no columns: 2 octets of length and the octets for owner and
 * Temporary Key, 4 octets and the octets for current and pending; lengths are big-endian. A user: pwh, then
 * registrations (4 octets). Encoding replaces `row`; decoding says false to anything else. */
void keystore_entity_encode(const struct keystore_entity *entity, GByteArray *row);
bool keystore_entity_decode(struct keystore_entity *entity, struct cpns_octets row);
#define KEYSTORE_USER_ROW (CPNS_HASH + 4)
void keystore_user_encode(const struct keystore_user *user, uint8_t row[KEYSTORE_USER_ROW]);
bool keystore_user_decode(struct keystore_user *user, struct cpns_octets row);

#endif
