/* What it costs to write a message as octets, and to read it: each type with the fields that it has in an assignment
 * by the hardened profile, names of 18, 8 and 5 octets. */
#include <assert.h>
#include <string.h>

#include "models/bench/bench.h"
#include "models/protocol/msg.h"

enum {
	MANY = 100000,
	FEW = 10,
	FIELD_MOST = 64, /* octets of a field here */
};

#define F(name) (UINT32_C(1) << CPNS_##name)

struct codec_kind {
	enum cpns_type type;
	const char *name;
	uint32_t has;
};

static const struct codec_kind kinds[] = {
    {CPNS_ID_PWD_REGISTRATION_REQUEST, "registration-request", F(USER_ID) | F(ENC_PASSWORD)},
    {CPNS_ID_PWD_REGISTRATION_RESPONSE, "registration-response", F(STATUS)},
    {CPNS_SUBSCRIPTION_REQUEST, "subscription-request", F(USER_ID) | F(ENC_PASSWORD) | F(SUBSCRIPTION_INFO)},
    {CPNS_SUBSCRIPTION_RESPONSE, "subscription-response", F(STATUS)},
    {CPNS_INSTALLATION_REQUEST, "installation-request", F(USER_ID) | F(ENC_PASSWORD) | F(HASH_PARAMS_F)},
    {CPNS_INSTALLATION_RESPONSE, "installation-response", F(ENTITY_ID) | F(STATUS)},
    {CPNS_TRIGGER, "trigger", F(USER_ID) | F(GW_ID) | F(RAND_T) | F(AUTH_DATA)},
    {CPNS_REQUEST, "request", F(USER_ID) | F(ENTITY_ID) | F(RAND_PNE) | F(RAND_T) | F(AUTH_DATA)},
    {CPNS_RESPONSE, "response", F(ENTITY_ID) | F(STATUS) | F(RAND_SERVER) | F(AUTH_DATA) | F(ENC_EUKEY)},
    {CPNS_REQUEST_FOR_PNE, "request-for-pne", F(USER_ID) | F(ENTITY_ID) | F(RAND_PNE) | F(AUTH_DATA)},
    {CPNS_RESPONSE_FOR_PNE, "response-for-pne",
     F(ENTITY_ID) | F(STATUS) | F(EUKEY) | F(TEMPORARY_KEY) | F(KEY_INDEX) | F(COUNTER)},
    {CPNS_NOTIFICATION, "notification", F(ENTITY_ID) | F(RAND_N) | F(ENC_EUKEY) | F(KEY_INDEX) | F(COUNTER)},
    {CPNS_NOTIFICATION_ACK, "notification-ack", F(ENTITY_ID) | F(AUTH_DATA) | F(COUNTER)},
    {CPNS_INSTALLATION_TRIGGER, "installation-trigger",
     F(USER_ID) | F(GW_ID) | F(RAND_T) | F(AUTH_DATA) | F(ENC_PASSWORD) | F(HASH_PARAMS_F)},
    {CPNS_DISCOVERY_REQUEST, "discovery-request", F(GW_ID) | F(MODE)},
    {CPNS_DISCOVERY_RESPONSE, "discovery-response", F(ENTITY_ID) | F(MODE)},
    {CPNS_BOOTSTRAP_REQUEST, "bootstrap-request", F(GW_ID) | F(RAND_GW)},
    {CPNS_BOOTSTRAP_CHALLENGE, "bootstrap-challenge", F(RAND_SERVER) | F(AUTH_DATA)},
    {CPNS_BOOTSTRAP_ANSWER, "bootstrap-answer", F(GW_ID) | F(AUTH_DATA)},
    {CPNS_BOOTSTRAP_RESULT, "bootstrap-result", F(STATUS) | F(B_TID) | F(LIFETIME)},
    {CPNS_SESSION_REQUEST, "session-request", F(RAND_GW) | F(B_TID) | F(AUTH_DATA)},
    {CPNS_SESSION_RESPONSE, "session-response", F(STATUS) | F(AUTH_DATA) | F(LIFETIME)},
    {CPNS_PAIRING_REQUEST, "pairing-request", F(GW_ID) | F(COMMITMENT)},
    {CPNS_PAIRING_RESPONSE, "pairing-response", F(ENTITY_ID) | F(RAND_PNE)},
    {CPNS_PAIRING_OPENING, "pairing-opening", F(RAND_GW) | F(AUTH_DATA)},
    {CPNS_PAIRING_CONFIRMATION, "pairing-confirmation", F(ENTITY_ID) | F(AUTH_DATA)},
    {CPNS_USE_REQUEST, "use-request", F(ENTITY_ID)},
    {CPNS_USE_CHALLENGE, "use-challenge", F(ENTITY_ID) | F(NONCE)},
    {CPNS_USE_PROOF, "use-proof", F(ENTITY_ID) | F(NONCE) | F(RAND_PNE) | F(AUTH_DATA)},
    {CPNS_USE_RESULT, "use-result", F(ENTITY_ID) | F(STATUS) | F(AUTH_DATA)},
};

/* Octets of the fields that are used. */
static const uint8_t lengths[CPNS_FIELDS] = {
    [CPNS_USER_ID] = 18,
    [CPNS_ENTITY_ID] = 8,
    [CPNS_GW_ID] = 5,
    [CPNS_STATUS] = 1,
    [CPNS_RAND_PNE] = 16,
    [CPNS_RAND_SERVER] = 16,
    [CPNS_RAND_T] = 16,
    [CPNS_RAND_N] = 16,
    [CPNS_NONCE] = 16,
    [CPNS_AUTH_DATA] = 16,
    [CPNS_ENC_PASSWORD] = CPNS_SEALED,
    [CPNS_HASH_PARAMS_F] = CPNS_HASH_PARAMS,
    [CPNS_SUBSCRIPTION_INFO] = 40,
    [CPNS_ENC_EUKEY] = CPNS_WRAPPED,
    [CPNS_EUKEY] = CPNS_HASH,
    [CPNS_TEMPORARY_KEY] = 16,
    [CPNS_KEY_INDEX] = 4,
    [CPNS_COUNTER] = 8,
    [CPNS_RAND_GW] = 16,
    [CPNS_B_TID] = 16,
    [CPNS_COMMITMENT] = 32,
    [CPNS_LIFETIME] = 8,
    [CPNS_MODE] = 1,
};

struct codec {
	struct cpns_msg msg;
	uint64_t times, sum;
	size_t n;
	uint8_t values[CPNS_FIELDS][FIELD_MOST], octets[CPNS_MESSAGE_MAX];
};

static void *set_up(const struct bench *bench, uint64_t size, uint64_t seed)
{
	const struct codec_kind *kind = bench->variant;
	struct codec *c = g_new0(struct codec, 1);

	c->times = size;
	cpns_msg_begin(&c->msg, kind->type, (uint32_t)(seed ^ seed >> 32));
	for (unsigned f = 0; f < CPNS_FIELDS; f++) {
		if ((kind->has >> f & 1) == 0)
			continue;
		for (size_t i = 0; i < FIELD_MOST; i++)
			c->values[f][i] = (uint8_t)(7 * f + i);
		cpns_msg_set(&c->msg, f, c->values[f], lengths[f]);
	}
	c->n = cpns_msg_encode(&c->msg, c->octets);
	return c;
}

static void encode(void *task)
{
	struct codec *c = task;

	for (uint64_t i = 0; i < c->times; i++) {
		c->msg.transaction++;
		c->n = cpns_msg_encode(&c->msg, c->octets);
		c->sum += c->octets[c->n - 1];
	}
}

static void decode(void *task)
{
	struct codec *c = task;

	for (uint64_t i = 0; i < c->times; i++) {
		bool sound = cpns_msg_decode(&c->msg, c->octets, c->n);

		c->sum += sound && c->msg.type == (enum cpns_type)c->octets[1];
		__asm__ volatile("" ::: "memory");
	}
}

static void finish(void *task, struct bench_outcome *outcome)
{
	struct codec *c = task;

	outcome->work = c->times;
	outcome->hash = bench_hash(bench_hash_octets(c->msg.has, c->octets, c->n), c->sum);
	g_free(c);
}

static void add(GArray *suite, const char *prefix, const struct codec_kind *kind, const char *what,
		void (*work)(void *task))
{
	const struct bench bench = {
	    .name = bench_name(prefix, kind->name),
	    .unit = "ns",
	    .what = what,
	    .size = MANY,
	    .tiny = FEW,
	    .variant = kind,
	    .set_up = set_up,
	    .work = work,
	    .finish = finish,
	};

	g_array_append_val(suite, bench);
}

void bench_add_codec(GArray *suite)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		add(suite, "protocol.encode", &kinds[i], "a message is written as octets", encode);
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		add(suite, "protocol.decode", &kinds[i], "octets are read as a message, and judged", decode);
}
