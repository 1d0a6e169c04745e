/* The messages of EUKey assignment, as octets. The change requests name messages and some fields, but no encoding:
 * header, types, tags and lengths are this project's choice.
 *
 *   header  version 1 | type 1 | flags 1 | transaction id 4 | length of what follows 2     (9 octets, big-endian)
 *   field   tag 1 | length 2 | value                                                       (any number of them)
 *
 * One table says which fields a message must and may have; encoding, decoding, printing and sizes all walk it. Fields
 * stand in ascending order of their tags, so a message has exactly one encoding. */
#ifndef CPNS_PROTOCOL_MSG_H
#define CPNS_PROTOCOL_MSG_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/protocol/env.h"

#define CPNS_HEADER 9
#define CPNS_ID_MAX 255        /* octets of a User ID, an Entity ID, a realm */
#define CPNS_SET_MAX 2000      /* EUKeys in a set that travels whole */
#define CPNS_MESSAGE_MAX 65000 /* no message of these flows is longer */
#define CPNS_SEALED 60         /* sealed password: nonce 12, padded password 32, tag 16 */
#define CPNS_PASSWORD_MAX 31   /* octets of a password: one of the 32 is its length */
#define CPNS_HASH_PARAMS 21    /* algorithm 1, iterations 4, salt 16 */

/* Message types, as on the wire: EUKey assignment from 1, step 0 from 32, EUKey use from 48. */
enum cpns_type {
	CPNS_ID_PWD_REGISTRATION_REQUEST = 1, /* 6.3.1 step 2 */
	CPNS_ID_PWD_REGISTRATION_RESPONSE,    /* 6.3.1 step 4 */
	CPNS_SUBSCRIPTION_REQUEST,            /* 6.3.2.1 step 1: Subscription & Registration Request */
	CPNS_SUBSCRIPTION_RESPONSE,           /* 6.3.2.1 step 3 */
	CPNS_INSTALLATION_REQUEST,            /* 6.3.2.1 step 4: ID & Password Installation Request */
	CPNS_INSTALLATION_RESPONSE,           /* 6.3.2.1 step 6 */
	CPNS_TRIGGER,                         /* 6.3.2.1 step 7: EUKeyAssignmentTrigger */
	CPNS_REQUEST,              /* EUKeyAssignmentRequest of an entity for itself: 6.3.1, 6.3.2.1, 6.3.3 */
	CPNS_RESPONSE,             /* EUKeyAssignmentResponse to it */
	CPNS_REQUEST_FOR_PNE,      /* EUKeyAssignmentRequest of a PN GW for a PNE: 6.3.2.2 step 1 */
	CPNS_RESPONSE_FOR_PNE,     /* 6.3.2.2 step 5 */
	CPNS_NOTIFICATION,         /* 6.3.2.2 step 6: EUKeyAssignmentNotification */
	CPNS_NOTIFICATION_ACK,     /* ours: EUKeyAssignmentNotificationAck */
	CPNS_INSTALLATION_TRIGGER, /* ours, for C254: 6.3.2.1 steps 4 and 7 in one */
	CPNS_DISCOVERY_REQUEST,    /* ours, for C274: who is there, on the PAN? */
	CPNS_DISCOVERY_RESPONSE,

	/* Step 0 on the WAN leg: bootstrapping (3GPP TS 33.220, Ub), then a session with the CPNS Server (Ua) */
	CPNS_BOOTSTRAP_REQUEST = 32, /* PN GW: who asks */
	CPNS_BOOTSTRAP_CHALLENGE,    /* RAND and AUTN */
	CPNS_BOOTSTRAP_ANSWER,       /* RES */
	CPNS_BOOTSTRAP_RESULT,       /* B-TID and lifetime */
	CPNS_SESSION_REQUEST,        /* PN GW: proves that it holds Ks_NAF */
	CPNS_SESSION_RESPONSE,       /* so does the server */
	/* Step 0 on the PAN leg, 6.3.2.1 only: pairing */
	CPNS_PAIRING_REQUEST,      /* PN GW: commitment to its nonce */
	CPNS_PAIRING_RESPONSE,     /* PNE: its nonce */
	CPNS_PAIRING_OPENING,      /* PN GW: its nonce */
	CPNS_PAIRING_CONFIRMATION, /* PNE: proves the session key */

	/* Use of an EUKey: an entity authenticates towards the CPNS Server, through the PN GW */
	CPNS_USE_REQUEST = 48,
	CPNS_USE_CHALLENGE,
	CPNS_USE_PROOF,
	CPNS_USE_RESULT,
	CPNS_TYPES,
};

/* Fields, in the order of their tags; the tag of a field is its number here plus one. */
enum cpns_field {
	CPNS_USER_ID,
	CPNS_ENTITY_ID,
	CPNS_GW_ID,
	CPNS_STATUS,      /* 1 octet, enum cpns_status */
	CPNS_RAND_PNE,    /* 16: the requester's nonce (RAND_PNE of the change requests; cnonce of a digest) */
	CPNS_RAND_SERVER, /* 16 */
	CPNS_RAND_T,      /* 16: counter 8, random 8 */
	CPNS_RAND_N,      /* 16 */
	CPNS_NONCE,       /* 16: the server's nonce of a digest challenge */
	CPNS_REALM,
	CPNS_ALGORITHM,     /* 1 octet: 1 = SHA-256 */
	CPNS_DIGEST,        /* 32: digest response (RFC 7616), raw */
	CPNS_PASSWORD_HASH, /* 32: the hashed password of 6.3.2.2, as the change requests have it */
	CPNS_AUTH_DATA,     /* 16: T_trg, T_req, T_rsp or T_ack */
	CPNS_ENC_PASSWORD,  /* 60: sealed password */
	CPNS_HASH_PARAMS_F, /* 21: how the PNE is to hash it */
	CPNS_SUBSCRIPTION_INFO,
	CPNS_ENC_EUKEY,     /* 40: AES-KW of the EUKey */
	CPNS_EUKEY,         /* 32: in the response of 6.3.2.2 only */
	CPNS_TEMPORARY_KEY, /* 16 to 64 */
	CPNS_KEY_COUNT,     /* 4 */
	CPNS_KEY_INDEX,     /* 4 */
	CPNS_COUNTER,       /* 8 */
	CPNS_RAND_GW,       /* 16: the PN GW's nonce of step 0 */
	CPNS_B_TID,         /* 16: names a bootstrapping session */
	CPNS_COMMITMENT,    /* 32 */
	CPNS_LIFETIME,      /* 8: of a session, nanoseconds */
	CPNS_EUKEY_SET,     /* n times 32, n <= CPNS_SET_MAX: a whole EUKey set */
	CPNS_RETRY_AFTER,   /* 8: beside status 10, nanoseconds */
	CPNS_MODE,          /* 1 octet, enum cpns_mode: of the sender of a discovery */
	CPNS_FIELDS,
};

/* Operating modes of a device (6.3.3 step 1), as Entity Discovery tells them. */
enum cpns_mode {
	CPNS_MODE_PNE = 1,
	CPNS_MODE_GATEWAY = 2,
};

enum cpns_status {
	CPNS_SUCCESS = 0,
	CPNS_CHALLENGE = 1,
	CPNS_UNKNOWN_USER = 2, /* never sent: unknown users are answered as a wrong password is (no oracle) */
	CPNS_AUTHENTICATION_FAILED = 3,
	CPNS_UNKNOWN_ENTITY = 4,
	CPNS_NOT_OWNER = 5,
	CPNS_REPLAY = 6,
	CPNS_MALFORMED_STATUS = 7,
	CPNS_LOCKED_OUT = 8,
	CPNS_NO_TEMPORARY_KEY = 9,
	CPNS_SERVER_BUSY = 10,
	CPNS_STALE_NONCE = 11,
	CPNS_SESSION_EXPIRED = 12, /* ours: the WAN leg has no session; step 0 again */
	CPNS_STATUSES,
};

/* A message: the octets of its fields lie in the buffer it was decoded from, or where its maker keeps them. Most
 * fields are absent in most messages: which are there says `has`, and the others are never written. */
struct cpns_msg {
	enum cpns_type type;
	uint32_t transaction;
	uint32_t has;                          /* 1 << number of each field that is there */
	struct cpns_octets field[CPNS_FIELDS]; /* undefined where absent: cpns_msg_set, cpns_msg_get */
};

/* Begins a message without fields, as one that is all zero but for these two is. */
static inline void cpns_msg_begin(struct cpns_msg *msg, enum cpns_type type, uint32_t transaction)
{
	msg->type = type;
	msg->transaction = transaction;
	msg->has = 0;
}

/* Sets a field to octets that stay where they are. */
static inline void cpns_msg_set(struct cpns_msg *msg, enum cpns_field field, const void *at, size_t n)
{
	msg->has |= UINT32_C(1) << field;
	msg->field[field] = (struct cpns_octets){(const uint8_t *)at, n};
}

static inline bool cpns_msg_has(const struct cpns_msg *msg, enum cpns_field field)
{
	return msg->has >> field & 1;
}

/* The octets of a field: {NULL, 0} where it is absent. */
static inline struct cpns_octets cpns_msg_get(const struct cpns_msg *msg, enum cpns_field field)
{
	return cpns_msg_has(msg, field) ? msg->field[field] : (struct cpns_octets){NULL, 0};
}

/* Where the octets of a field are, which must be present (asserted). */
static inline const uint8_t *cpns_msg_at(const struct cpns_msg *msg, enum cpns_field field)
{
	assert(cpns_msg_has(msg, field));
	return msg->field[field].at;
}

/* Reads buf[0..n). False, with *msg undefined, unless it is exactly one well-formed message: known version and type,
 * no flags, every field known, in order, of a legal length, none twice, none missing, no octet left over. */
bool cpns_msg_decode(struct cpns_msg *msg, const uint8_t *buf, size_t n);

/* Writes *msg to out[0..CPNS_MESSAGE_MAX) and returns its length. A field that is missing, not of this message or of
 * an illegal length is our own mistake: asserted. */
size_t cpns_msg_encode(const struct cpns_msg *msg, uint8_t out[CPNS_MESSAGE_MAX]);

/* The one octet of a status field, which must be present (asserted). */
enum cpns_status cpns_msg_status(const struct cpns_msg *msg);

/* A big-endian number from a field of 4 or 8 octets, which must be present (asserted). */
uint64_t cpns_msg_number(const struct cpns_msg *msg, enum cpns_field field);

/* Does the field hold exactly these octets? */
bool cpns_msg_equal(const struct cpns_msg *msg, enum cpns_field field, struct cpns_octets octets);

/* The name that CPNS gives to a message, a field; for people. */
const char *cpns_type_name(enum cpns_type type);
const char *cpns_field_name(enum cpns_field field);
const char *cpns_status_text(enum cpns_status status);

/* Writes a one-line description of *msg for people ("EUKeyAssignmentTrigger #7: UserID 18, GWID 5, ..."), cut to fit.
 */
void cpns_msg_print(const struct cpns_msg *msg, char *text, size_t size);

/* Big-endian numbers, as every message has them. */
void cpns_put32(uint8_t out[4], uint32_t x);
void cpns_put64(uint8_t out[8], uint64_t x);
uint32_t cpns_get32(const uint8_t in[4]);
uint64_t cpns_get64(const uint8_t in[8]);

#endif
