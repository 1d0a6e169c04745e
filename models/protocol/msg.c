#include "models/protocol/msg.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { VERSION = 1, FIELD_HEADER = 3 };

/* One row a field: its name, and the lengths that it may have. */
static const struct {
	const char *name;
	uint16_t min, max;
} fields[CPNS_FIELDS] = {
    [CPNS_USER_ID] = {"UserID", 1, CPNS_ID_MAX},
    [CPNS_ENTITY_ID] = {"EntityID", 1, CPNS_ID_MAX},
    [CPNS_GW_ID] = {"GWID", 1, CPNS_ID_MAX},
    [CPNS_STATUS] = {"Status", 1, 1},
    [CPNS_RAND_PNE] = {"RAND_PNE", 16, 16},
    [CPNS_RAND_SERVER] = {"RAND_Server", 16, 16},
    [CPNS_RAND_T] = {"RAND_T", 16, 16},
    [CPNS_RAND_N] = {"RAND_N", 16, 16},
    [CPNS_NONCE] = {"Nonce", 16, 16},
    [CPNS_REALM] = {"Realm", 1, CPNS_ID_MAX},
    [CPNS_ALGORITHM] = {"Algorithm", 1, 1},
    [CPNS_DIGEST] = {"Digest", 32, 32},
    [CPNS_PASSWORD_HASH] = {"PasswordHash", 32, 32},
    [CPNS_AUTH_DATA] = {"AuthData", 16, 16},
    [CPNS_ENC_PASSWORD] = {"EncPassword", CPNS_SEALED, CPNS_SEALED},
    [CPNS_HASH_PARAMS_F] = {"HashParams", CPNS_HASH_PARAMS, CPNS_HASH_PARAMS},
    [CPNS_SUBSCRIPTION_INFO] = {"SubscriptionInfo", 0, 255},
    [CPNS_ENC_EUKEY] = {"EncEUKey", CPNS_WRAPPED, CPNS_WRAPPED},
    [CPNS_EUKEY] = {"EUKey", CPNS_HASH, CPNS_HASH},
    [CPNS_TEMPORARY_KEY] = {"TemporaryKey", 16, 64},
    [CPNS_KEY_COUNT] = {"KeyCount", 4, 4},
    [CPNS_KEY_INDEX] = {"KeyIndex", 4, 4},
    [CPNS_COUNTER] = {"Counter", 8, 8},
};

#define F(name) (1u << CPNS_##name)

/* One row a message: its name, the fields that it must have and those that it may have. */
static const struct {
	const char *name;
	uint32_t must, may;
} messages[CPNS_TYPES] = {
    [CPNS_ID_PWD_REGISTRATION_REQUEST] = {"ID_PWD Registration Request", F(USER_ID) | F(ENC_PASSWORD), 0},
    [CPNS_ID_PWD_REGISTRATION_RESPONSE] = {"ID_PWD Registration Response", F(STATUS), 0},
    [CPNS_SUBSCRIPTION_REQUEST] = {"Subscription & Registration Request", F(USER_ID) | F(ENC_PASSWORD),
				   F(SUBSCRIPTION_INFO)},
    [CPNS_SUBSCRIPTION_RESPONSE] = {"Subscription & Registration Response", F(STATUS), 0},
    [CPNS_INSTALLATION_REQUEST] = {"ID & Password Installation Request",
				   F(USER_ID) | F(ENC_PASSWORD) | F(HASH_PARAMS_F), 0},
    [CPNS_INSTALLATION_RESPONSE] = {"ID & Password Installation Response", F(ENTITY_ID) | F(STATUS), 0},
    [CPNS_TRIGGER] = {"EUKeyAssignmentTrigger", F(USER_ID) | F(GW_ID) | F(RAND_T) | F(AUTH_DATA), 0},
    [CPNS_REQUEST] = {"EUKeyAssignmentRequest", F(USER_ID) | F(ENTITY_ID),
		      F(RAND_PNE) | F(RAND_T) | F(NONCE) | F(DIGEST) | F(AUTH_DATA)},
    [CPNS_RESPONSE] = {"EUKeyAssignmentResponse", F(ENTITY_ID) | F(STATUS),
		       F(RAND_SERVER) | F(NONCE) | F(REALM) | F(ALGORITHM) | F(AUTH_DATA) | F(ENC_EUKEY)},
    [CPNS_REQUEST_FOR_PNE] = {"EUKeyAssignmentRequest", F(USER_ID) | F(ENTITY_ID),
			      F(RAND_PNE) | F(PASSWORD_HASH) | F(AUTH_DATA) | F(KEY_COUNT)},
    [CPNS_RESPONSE_FOR_PNE] = {"EUKeyAssignmentResponse", F(ENTITY_ID) | F(STATUS),
			       F(EUKEY) | F(TEMPORARY_KEY) | F(KEY_INDEX) | F(COUNTER)},
    [CPNS_NOTIFICATION] = {"EUKeyAssignmentNotification", F(ENTITY_ID) | F(ENC_EUKEY),
			   F(RAND_N) | F(KEY_INDEX) | F(COUNTER)},
    [CPNS_NOTIFICATION_ACK] = {"EUKeyAssignmentNotificationAck", F(ENTITY_ID) | F(AUTH_DATA), F(COUNTER)},
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

/* Reads one field; returns its whole length, or 0 if it is not in order. `next` is the lowest tag that may follow. */
static size_t decode_field(struct cpns_msg *msg, const uint8_t *at, size_t left, unsigned next)
{
	if (left < FIELD_HEADER || at[0] < next || at[0] > CPNS_FIELDS)
		return 0;
	unsigned field = at[0] - 1u;
	size_t n = get16(at + 1);

	if (n > left - FIELD_HEADER || n < fields[field].min || n > fields[field].max)
		return 0;
	msg->field[field] = (struct cpns_octets){at + FIELD_HEADER, n};
	return FIELD_HEADER + n;
}

bool cpns_msg_decode(struct cpns_msg *msg, const uint8_t *buf, size_t n)
{
	if (n < CPNS_HEADER || buf[0] != VERSION || !known(buf[1]) || buf[2] != 0 ||
	    get16(buf + 7) != n - CPNS_HEADER)
		return false;
	*msg = (struct cpns_msg){.type = buf[1], .transaction = cpns_get32(buf + 3)};
	uint32_t seen = 0;
	unsigned next = 1;

	for (size_t i = CPNS_HEADER, step; i < n; i += step) {
		step = decode_field(msg, buf + i, n - i, next);
		if (step == 0)
			return false;
		seen |= 1u << (buf[i] - 1);
		next = buf[i] + 1u;
	}
	uint32_t must = messages[msg->type].must, may = messages[msg->type].may;

	return (seen & must) == must && (seen & ~(must | may)) == 0;
}

size_t cpns_msg_encode(const struct cpns_msg *msg, uint8_t out[CPNS_MESSAGE_MAX])
{
	assert(known(msg->type));
	uint32_t must = messages[msg->type].must, may = messages[msg->type].may;
	size_t n = CPNS_HEADER;

	for (unsigned i = 0; i < CPNS_FIELDS; i++) {
		const struct cpns_octets *f = &msg->field[i];

		if (f->at == NULL) {
			assert(!(must >> i & 1));
			continue;
		}
		assert((must | may) >> i & 1);
		assert(f->n >= fields[i].min && f->n <= fields[i].max && n + FIELD_HEADER + f->n <= CPNS_MESSAGE_MAX);
		out[n] = (uint8_t)(i + 1);
		put16(out + n + 1, f->n);
		memcpy(out + n + FIELD_HEADER, f->at, f->n);
		n += FIELD_HEADER + f->n;
	}
	out[0] = VERSION;
	out[1] = (uint8_t)msg->type;
	out[2] = 0;
	cpns_put32(out + 3, msg->transaction);
	put16(out + 7, n - CPNS_HEADER);
	return n;
}

void cpns_msg_set(struct cpns_msg *msg, enum cpns_field field, const void *at, size_t n)
{
	msg->field[field] = (struct cpns_octets){at, n};
}

enum cpns_status cpns_msg_status(const struct cpns_msg *msg)
{
	assert(msg->field[CPNS_STATUS].at != NULL);
	return msg->field[CPNS_STATUS].at[0];
}

uint64_t cpns_msg_number(const struct cpns_msg *msg, enum cpns_field field)
{
	const struct cpns_octets *f = &msg->field[field];

	assert(f->at != NULL && (f->n == 4 || f->n == 8));
	return f->n == 4 ? cpns_get32(f->at) : cpns_get64(f->at);
}

bool cpns_msg_equal(const struct cpns_msg *msg, enum cpns_field field, struct cpns_octets octets)
{
	const struct cpns_octets *f = &msg->field[field];

	return f->at != NULL && f->n == octets.n && memcmp(f->at, octets.at, octets.n) == 0;
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
	    "success", "challenge", "unknown user", "authentication failed",     "unknown entity", "not owner",
	    "replay",  "malformed", "locked out",   "temporary key unavailable", "busy",           "stale nonce",
	};

	return status < CPNS_STATUSES ? text[status] : "unknown status";
}

void cpns_msg_print(const struct cpns_msg *msg, char *text, size_t size)
{
	int n = snprintf(text, size, "%s #%u", cpns_type_name(msg->type), msg->transaction);

	for (unsigned i = 0; i < CPNS_FIELDS && n >= 0 && (size_t)n < size; i++)
		if (msg->field[i].at != NULL)
			n += snprintf(text + n, size - (size_t)n, "%s %s %zu", strchr(text, ':') == NULL ? ":" : ",",
				      fields[i].name, msg->field[i].n);
}
