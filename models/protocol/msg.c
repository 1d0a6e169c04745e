#include "models/protocol/msg.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "models/protocol/copy.h"

enum { VERSION = 1, FIELD_HEADER = 3, SET_OCTETS_MAX = CPNS_SET_MAX * CPNS_HASH };

/* One row a field: its name, and the lengths that it may have. */
static const struct {
	const char *name;
	uint16_t min, max, unit; /* a multiple of `unit`, a power of two */
} fields[CPNS_FIELDS] = {
    [CPNS_USER_ID] = {"UserID", 1, CPNS_ID_MAX, 1},
    [CPNS_ENTITY_ID] = {"EntityID", 1, CPNS_ID_MAX, 1},
    [CPNS_GW_ID] = {"GWID", 1, CPNS_ID_MAX, 1},
    [CPNS_STATUS] = {"Status", 1, 1, 1},
    [CPNS_RAND_PNE] = {"RAND_PNE", 16, 16, 1},
    [CPNS_RAND_SERVER] = {"RAND_Server", 16, 16, 1},
    [CPNS_RAND_T] = {"RAND_T", 16, 16, 1},
    [CPNS_RAND_N] = {"RAND_N", 16, 16, 1},
    [CPNS_NONCE] = {"Nonce", 16, 16, 1},
    [CPNS_REALM] = {"Realm", 1, CPNS_ID_MAX, 1},
    [CPNS_ALGORITHM] = {"Algorithm", 1, 1, 1},
    [CPNS_DIGEST] = {"Digest", 32, 32, 1},
    [CPNS_PASSWORD_HASH] = {"PasswordHash", 32, 32, 1},
    [CPNS_AUTH_DATA] = {"AuthData", 16, 16, 1},
    [CPNS_ENC_PASSWORD] = {"EncPassword", CPNS_SEALED, CPNS_SEALED, 1},
    [CPNS_HASH_PARAMS_F] = {"HashParams", CPNS_HASH_PARAMS, CPNS_HASH_PARAMS, 1},
    [CPNS_SUBSCRIPTION_INFO] = {"SubscriptionInfo", 0, 255, 1},
    [CPNS_ENC_EUKEY] = {"EncEUKey", CPNS_WRAPPED, CPNS_WRAPPED, 1},
    [CPNS_EUKEY] = {"EUKey", CPNS_HASH, CPNS_HASH, 1},
    [CPNS_TEMPORARY_KEY] = {"TemporaryKey", 16, 64, 1},
    [CPNS_KEY_COUNT] = {"KeyCount", 4, 4, 1},
    [CPNS_KEY_INDEX] = {"KeyIndex", 4, 4, 1},
    [CPNS_COUNTER] = {"Counter", 8, 8, 1},
    [CPNS_RAND_GW] = {"RAND_GW", 16, 16, 1},
    [CPNS_B_TID] = {"B-TID", 16, 16, 1},
    [CPNS_COMMITMENT] = {"Commitment", 32, 32, 1},
    [CPNS_LIFETIME] = {"Lifetime", 8, 8, 1},
    [CPNS_EUKEY_SET] = {"EUKeySet", CPNS_HASH, SET_OCTETS_MAX, CPNS_HASH},
    [CPNS_RETRY_AFTER] = {"RetryAfter", 8, 8, 0},
    [CPNS_MODE] = {"Mode", 1, 1, 1},
};

#define F(name) (1u << CPNS_##name)

/* One row a message: its name, the fields that it must have and those that it may have. */
static const struct {
	const char *name;
	uint32_t must, may;
} messages[CPNS_TYPES] = {
    [CPNS_ID_PWD_REGISTRATION_REQUEST] = {"ID_PWD Registration Request", F(USER_ID) | F(ENC_PASSWORD), 0},
    [CPNS_ID_PWD_REGISTRATION_RESPONSE] = {"ID_PWD Registration Response", F(STATUS), F(RETRY_AFTER)},
    [CPNS_SUBSCRIPTION_REQUEST] = {"Subscription & Registration Request", F(USER_ID) | F(ENC_PASSWORD),
				   F(SUBSCRIPTION_INFO)},
    [CPNS_SUBSCRIPTION_RESPONSE] = {"Subscription & Registration Response", F(STATUS), F(RETRY_AFTER)},
    [CPNS_INSTALLATION_REQUEST] = {"ID & Password Installation Request",
				   F(USER_ID) | F(ENC_PASSWORD) | F(HASH_PARAMS_F), 0},
    [CPNS_INSTALLATION_RESPONSE] = {"ID & Password Installation Response", F(ENTITY_ID) | F(STATUS), 0},
    [CPNS_TRIGGER] = {"EUKeyAssignmentTrigger", F(USER_ID) | F(GW_ID) | F(RAND_T) | F(AUTH_DATA), 0},
    [CPNS_REQUEST] = {"EUKeyAssignmentRequest", F(USER_ID) | F(ENTITY_ID),
		      F(RAND_PNE) | F(RAND_T) | F(NONCE) | F(DIGEST) | F(AUTH_DATA)},
    [CPNS_RESPONSE] = {"EUKeyAssignmentResponse", F(ENTITY_ID) | F(STATUS),
		       F(RAND_SERVER) | F(NONCE) | F(REALM) | F(ALGORITHM) | F(AUTH_DATA) | F(ENC_EUKEY) |
			   F(RETRY_AFTER)},
    [CPNS_REQUEST_FOR_PNE] = {"EUKeyAssignmentRequest", F(USER_ID) | F(ENTITY_ID),
			      F(RAND_PNE) | F(PASSWORD_HASH) | F(AUTH_DATA) | F(KEY_COUNT)},
    [CPNS_RESPONSE_FOR_PNE] = {"EUKeyAssignmentResponse", F(ENTITY_ID) | F(STATUS),
			       F(RAND_SERVER) | F(ENC_EUKEY) | F(EUKEY) | F(TEMPORARY_KEY) | F(KEY_COUNT) |
				   F(KEY_INDEX) | F(COUNTER) | F(EUKEY_SET) | F(RETRY_AFTER)},
    [CPNS_NOTIFICATION] = {"EUKeyAssignmentNotification", F(ENTITY_ID) | F(ENC_EUKEY),
			   F(RAND_N) | F(KEY_INDEX) | F(COUNTER)},
    [CPNS_NOTIFICATION_ACK] = {"EUKeyAssignmentNotificationAck", F(ENTITY_ID) | F(AUTH_DATA), F(COUNTER)},
    [CPNS_INSTALLATION_TRIGGER] = {"Installation & Trigger Request",
				   F(USER_ID) | F(GW_ID) | F(RAND_T) | F(AUTH_DATA) | F(ENC_PASSWORD) |
				       F(HASH_PARAMS_F),
				   0},
    [CPNS_DISCOVERY_REQUEST] = {"Entity Discovery Request", F(GW_ID) | F(MODE), 0},
    [CPNS_DISCOVERY_RESPONSE] = {"Entity Discovery Response", F(ENTITY_ID) | F(MODE), 0},
    [CPNS_BOOTSTRAP_REQUEST] = {"Bootstrapping Request", F(GW_ID) | F(RAND_GW), 0},
    [CPNS_BOOTSTRAP_CHALLENGE] = {"Bootstrapping Challenge", F(RAND_SERVER) | F(AUTH_DATA), 0},
    [CPNS_BOOTSTRAP_ANSWER] = {"Bootstrapping Answer", F(GW_ID) | F(AUTH_DATA), 0},
    [CPNS_BOOTSTRAP_RESULT] = {"Bootstrapping Result", F(STATUS), F(B_TID) | F(LIFETIME) | F(RETRY_AFTER)},
    [CPNS_SESSION_REQUEST] = {"Session Request", F(RAND_GW) | F(B_TID) | F(AUTH_DATA), 0},
    [CPNS_SESSION_RESPONSE] = {"Session Response", F(STATUS), F(AUTH_DATA) | F(LIFETIME) | F(RETRY_AFTER)},
    [CPNS_PAIRING_REQUEST] = {"Pairing Request", F(GW_ID) | F(COMMITMENT), 0},
    [CPNS_PAIRING_RESPONSE] = {"Pairing Response", F(ENTITY_ID) | F(RAND_PNE), 0},
    [CPNS_PAIRING_OPENING] = {"Pairing Opening", F(RAND_GW) | F(AUTH_DATA), 0},
    [CPNS_PAIRING_CONFIRMATION] = {"Pairing Confirmation", F(ENTITY_ID) | F(AUTH_DATA), 0},
    [CPNS_USE_REQUEST] = {"EUKey UseRequest", F(ENTITY_ID), F(USER_ID)},
    [CPNS_USE_CHALLENGE] = {"EUKey UseChallenge", F(ENTITY_ID) | F(NONCE), F(REALM) | F(ALGORITHM)},
    [CPNS_USE_PROOF] = {"EUKey UseProof", F(ENTITY_ID) | F(NONCE) | F(RAND_PNE),
			F(USER_ID) | F(KEY_INDEX) | F(AUTH_DATA) | F(DIGEST)},
    [CPNS_USE_RESULT] = {"EUKey UseResult", F(ENTITY_ID) | F(STATUS),
			 F(AUTH_DATA) | F(KEY_INDEX) | F(KEY_COUNT) | F(RETRY_AFTER)},
};

void cpns_put32(uint8_t out[4], uint32_t x)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(x >> (24 - 8 * i));
}

void cpns_put64(uint8_t out[8], uint64_t x)
{
	cpns_put32(out, (uint32_t)(x >> 32));
	cpns_put32(out + 4, (uint32_t)x);
}

uint32_t cpns_get32(const uint8_t in[4])
{
	return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

uint64_t cpns_get64(const uint8_t in[8])
{
	return (uint64_t)cpns_get32(in) << 32 | cpns_get32(in + 4);
}

/* Most fields have one length alone. */
static bool length_is_legal(unsigned field, size_t n)
{
	size_t min = fields[field].min;

	return n == min || (n > min && n <= fields[field].max && (n & (fields[field].unit - 1u)) == 0);
}

static uint16_t get16(const uint8_t in[2])
{
	return (uint16_t)(in[0] << 8 | in[1]);
}

static void put16(uint8_t out[2], size_t x)
{
	out[0] = (uint8_t)(x >> 8);
	out[1] = (uint8_t)x;
}

static bool known(unsigned type)
{
	return type < CPNS_TYPES && messages[type].name != NULL;
}

/* Has the message the fields that one of its type must have, and no others than it may have? */
static bool is_complete(const struct cpns_msg *msg)
{
	uint32_t must = messages[msg->type].must, may = messages[msg->type].may;

	return (msg->has & must) == must && (msg->has & ~(must | may)) == 0;
}

/* Reads the field that begins `at`, before the message's end; returns where it ends, or NULL if it is not in order.
 */
static const uint8_t *decode_field(struct cpns_msg *msg, const uint8_t *at, const uint8_t *end)
{
	if (end - at < FIELD_HEADER)
		return NULL;
	unsigned field = at[0] - 1u;
	size_t n = get16(at + 1);

	at += FIELD_HEADER;
	/* No field with this tag or a higher one stands before it. */
	if (field >= CPNS_FIELDS || msg->has >> field != 0 || n > (size_t)(end - at) || !length_is_legal(field, n))
		return NULL;
	cpns_msg_set(msg, field, at, n);
	return at + n;
}

bool cpns_msg_decode(struct cpns_msg *msg, const uint8_t *buf, size_t n)
{
	if (n < CPNS_HEADER || buf[0] != VERSION || !known(buf[1]) || buf[2] != 0 ||
	    get16(buf + 7) != n - CPNS_HEADER)
		return false;
	cpns_msg_begin(msg, buf[1], cpns_get32(buf + 3));
	const uint8_t *at = buf + CPNS_HEADER, *end = buf + n;

	while (at != end) {
		at = decode_field(msg, at, end);
		if (at == NULL)
			return false;
	}
	return is_complete(msg);
}

size_t cpns_msg_encode(const struct cpns_msg *msg, uint8_t out[CPNS_MESSAGE_MAX])
{
	assert(known(msg->type) && is_complete(msg));
	uint8_t *at = out + CPNS_HEADER;

	for (uint32_t left = msg->has; left != 0; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);
		struct cpns_octets f = msg->field[i];

		/* so that all of them fit: see the longest message of each type in tests/protocol/test_msg.c */
		assert(length_is_legal(i, f.n));
		*at = (uint8_t)(i + 1);
		put16(at + 1, f.n);
		cpns_copy(at + FIELD_HEADER, f.at, f.n);
		at += FIELD_HEADER + f.n;
	}
	size_t n = (size_t)(at - out);

	out[0] = VERSION;
	out[1] = (uint8_t)msg->type;
	out[2] = 0;
	cpns_put32(out + 3, msg->transaction);
	put16(out + 7, n - CPNS_HEADER);
	return n;
}

enum cpns_status cpns_msg_status(const struct cpns_msg *msg)
{
	return cpns_msg_at(msg, CPNS_STATUS)[0];
}

uint64_t cpns_msg_number(const struct cpns_msg *msg, enum cpns_field field)
{
	struct cpns_octets f = cpns_msg_get(msg, field);

	assert(f.n == 4 || f.n == 8);
	return f.n == 4 ? cpns_get32(f.at) : cpns_get64(f.at);
}

bool cpns_msg_equal(const struct cpns_msg *msg, enum cpns_field field, struct cpns_octets octets)
{
	const struct cpns_octets *f = &msg->field[field];

	return cpns_msg_has(msg, field) && f->n == octets.n && memcmp(f->at, octets.at, octets.n) == 0;
}

const char *cpns_type_name(enum cpns_type type)
{
	return known(type) ? messages[type].name : "unknown message";
}

const char *cpns_field_name(enum cpns_field field)
{
	return field < CPNS_FIELDS ? fields[field].name : "unknown field";
}

const char *cpns_status_text(enum cpns_status status)
{
	static const char *const text[CPNS_STATUSES] = {
	    "success",
	    "challenge",
	    "unknown user",
	    "authentication failed",
	    "unknown entity",
	    "not owner",
	    "replay",
	    "malformed",
	    "locked out",
	    "temporary key unavailable",
	    "busy",
	    "stale nonce",
	    "session expired",
	};

	return status < CPNS_STATUSES ? text[status] : "unknown status";
}

void cpns_msg_print(const struct cpns_msg *msg, char *text, size_t size)
{
	int n = snprintf(text, size, "%s #%u", cpns_type_name(msg->type), msg->transaction);

	for (unsigned i = 0; i < CPNS_FIELDS && (size_t)n < size; i++)
		if (cpns_msg_has(msg, i))
			n += snprintf(text + n, size - (size_t)n, "%s %s %zu", strchr(text, ':') == NULL ? ":" : ",",
				      fields[i].name, msg->field[i].n);
}
