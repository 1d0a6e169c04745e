/* Messages as octets: round trips, the sizes of the catalogue, and what must not be taken for a message. The octets
 * of the tests are put together here, not by the encoder that is tested. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/protocol/msg.h"
#include "tests/lib/suite.h"

#define F(name) (1u << CPNS_##name)

/* What the catalogue says of each message: the fields it must and may have, and its size with a User ID of 18, an
 * Entity ID of 8 and a GWID of 5 octets where the catalogue gives one, for the fields in `measured`. */
static const struct {
	enum cpns_type type;
	const char *what;
	uint32_t must, may, measured;
	size_t size;
} catalogue[] = {
    {CPNS_ID_PWD_REGISTRATION_REQUEST, "ID_PWD Registration Request", F(USER_ID) | F(ENC_PASSWORD), 0, 0, 0},
    {CPNS_ID_PWD_REGISTRATION_RESPONSE, "ID_PWD Registration Response", F(STATUS), F(RETRY_AFTER), 0, 0},
    {CPNS_SUBSCRIPTION_REQUEST, "Subscription & Registration Request", F(USER_ID) | F(ENC_PASSWORD),
     F(SUBSCRIPTION_INFO), 0, 0},
    {CPNS_SUBSCRIPTION_RESPONSE, "Subscription & Registration Response", F(STATUS), F(RETRY_AFTER), 0, 0},
    /* 93 without HashParams, which became mandatory: 24 more */
    {CPNS_INSTALLATION_REQUEST, "Installation Request", F(USER_ID) | F(ENC_PASSWORD) | F(HASH_PARAMS_F), 0,
     F(USER_ID) | F(ENC_PASSWORD) | F(HASH_PARAMS_F), 117},
    {CPNS_INSTALLATION_RESPONSE, "Installation Response", F(ENTITY_ID) | F(STATUS), 0, 0, 0},
    {CPNS_TRIGGER, "Trigger", F(USER_ID) | F(GW_ID) | F(RAND_T) | F(AUTH_DATA), 0,
     F(USER_ID) | F(GW_ID) | F(RAND_T) | F(AUTH_DATA), 76},
    {CPNS_REQUEST, "Request 6.3.2.1", F(USER_ID) | F(ENTITY_ID),
     F(RAND_PNE) | F(RAND_T) | F(NONCE) | F(DIGEST) | F(AUTH_DATA),
     F(USER_ID) | F(ENTITY_ID) | F(RAND_PNE) | F(RAND_T) | F(AUTH_DATA), 98},
    {CPNS_RESPONSE, "Response 6.3.2.1", F(ENTITY_ID) | F(STATUS),
     F(RAND_SERVER) | F(NONCE) | F(REALM) | F(ALGORITHM) | F(AUTH_DATA) | F(ENC_EUKEY) | F(RETRY_AFTER),
     F(ENTITY_ID) | F(STATUS) | F(RAND_SERVER) | F(AUTH_DATA) | F(ENC_EUKEY), 105},
    {CPNS_RESPONSE, "Response 6.3.1 literal", F(ENTITY_ID) | F(STATUS),
     F(RAND_SERVER) | F(NONCE) | F(REALM) | F(ALGORITHM) | F(AUTH_DATA) | F(ENC_EUKEY) | F(RETRY_AFTER),
     F(ENTITY_ID) | F(STATUS) | F(ENC_EUKEY), 67},
    {CPNS_REQUEST_FOR_PNE, "Request 6.3.2.2", F(USER_ID) | F(ENTITY_ID),
     F(RAND_PNE) | F(PASSWORD_HASH) | F(AUTH_DATA) | F(KEY_COUNT), 0, 0},
    {CPNS_RESPONSE_FOR_PNE, "Response 6.3.2.2", F(ENTITY_ID) | F(STATUS),
     F(EUKEY) | F(TEMPORARY_KEY) | F(KEY_COUNT) | F(KEY_INDEX) | F(COUNTER) | F(EUKEY_SET) | F(RETRY_AFTER) |
	 F(RAND_SERVER) | F(ENC_EUKEY),
     F(ENTITY_ID) | F(STATUS) | F(RAND_SERVER) | F(ENC_EUKEY) | F(TEMPORARY_KEY) | F(KEY_INDEX) | F(COUNTER), 123},
    {CPNS_NOTIFICATION, "Notification", F(ENTITY_ID) | F(ENC_EUKEY), F(RAND_N) | F(KEY_INDEX) | F(COUNTER),
     F(ENTITY_ID) | F(ENC_EUKEY) | F(RAND_N) | F(KEY_INDEX) | F(COUNTER), 100},
    {CPNS_NOTIFICATION_ACK, "NotificationAck", F(ENTITY_ID) | F(AUTH_DATA), F(COUNTER),
     F(ENTITY_ID) | F(AUTH_DATA) | F(COUNTER), 50},
    /* an installation, and of a trigger what it has not: 8 + 19 + 19 */
    {CPNS_INSTALLATION_TRIGGER, "Installation & Trigger Request",
     F(USER_ID) | F(GW_ID) | F(RAND_T) | F(AUTH_DATA) | F(ENC_PASSWORD) | F(HASH_PARAMS_F), 0,
     F(USER_ID) | F(GW_ID) | F(RAND_T) | F(AUTH_DATA) | F(ENC_PASSWORD) | F(HASH_PARAMS_F), 163},
    {CPNS_DISCOVERY_REQUEST, "Entity Discovery Request", F(GW_ID) | F(MODE), 0, F(GW_ID) | F(MODE), 21},
    {CPNS_DISCOVERY_RESPONSE, "Entity Discovery Response", F(ENTITY_ID) | F(MODE), 0, F(ENTITY_ID) | F(MODE), 24},
    {CPNS_BOOTSTRAP_REQUEST, "Bootstrapping Request", F(GW_ID) | F(RAND_GW), 0, 0, 0},
    {CPNS_BOOTSTRAP_CHALLENGE, "Bootstrapping Challenge", F(RAND_SERVER) | F(AUTH_DATA), 0, 0, 0},
    {CPNS_BOOTSTRAP_ANSWER, "Bootstrapping Answer", F(GW_ID) | F(AUTH_DATA), 0, 0, 0},
    {CPNS_BOOTSTRAP_RESULT, "Bootstrapping Result", F(STATUS), F(B_TID) | F(LIFETIME) | F(RETRY_AFTER), 0, 0},
    {CPNS_SESSION_REQUEST, "Session Request", F(RAND_GW) | F(B_TID) | F(AUTH_DATA), 0, 0, 0},
    {CPNS_SESSION_RESPONSE, "Session Response", F(STATUS), F(AUTH_DATA) | F(LIFETIME) | F(RETRY_AFTER), 0, 0},
    {CPNS_PAIRING_REQUEST, "Pairing Request", F(GW_ID) | F(COMMITMENT), 0, 0, 0},
    {CPNS_PAIRING_RESPONSE, "Pairing Response", F(ENTITY_ID) | F(RAND_PNE), 0, 0, 0},
    {CPNS_PAIRING_OPENING, "Pairing Opening", F(RAND_GW) | F(AUTH_DATA), 0, 0, 0},
    {CPNS_PAIRING_CONFIRMATION, "Pairing Confirmation", F(ENTITY_ID) | F(AUTH_DATA), 0, 0, 0},
    {CPNS_USE_REQUEST, "UseRequest", F(ENTITY_ID), F(USER_ID), 0, 0},
    {CPNS_USE_CHALLENGE, "UseChallenge", F(ENTITY_ID) | F(NONCE), F(REALM) | F(ALGORITHM), 0, 0},
    {CPNS_USE_PROOF, "UseProof", F(ENTITY_ID) | F(NONCE) | F(RAND_PNE),
     F(USER_ID) | F(KEY_INDEX) | F(AUTH_DATA) | F(DIGEST), 0, 0},
    {CPNS_USE_RESULT, "UseResult", F(ENTITY_ID) | F(STATUS),
     F(AUTH_DATA) | F(KEY_INDEX) | F(KEY_COUNT) | F(RETRY_AFTER), 0, 0},
};

/* Legal lengths of each field; a value of the measured length is made up from the field's number. */
static const struct {
	uint16_t min, max, typical, unit; /* multiples of `unit`, where it is not 0 */
} lengths[CPNS_FIELDS] = {
    [CPNS_USER_ID] = {1, 255, 18, 0},
    [CPNS_ENTITY_ID] = {1, 255, 8, 0},
    [CPNS_GW_ID] = {1, 255, 5, 0},
    [CPNS_STATUS] = {1, 1, 1, 0},
    [CPNS_RAND_PNE] = {16, 16, 16, 0},
    [CPNS_RAND_SERVER] = {16, 16, 16, 0},
    [CPNS_RAND_T] = {16, 16, 16, 0},
    [CPNS_RAND_N] = {16, 16, 16, 0},
    [CPNS_NONCE] = {16, 16, 16, 0},
    [CPNS_REALM] = {1, 255, 12, 0},
    [CPNS_ALGORITHM] = {1, 1, 1, 0},
    [CPNS_DIGEST] = {32, 32, 32, 0},
    [CPNS_PASSWORD_HASH] = {32, 32, 32, 0},
    [CPNS_AUTH_DATA] = {16, 16, 16, 0},
    [CPNS_ENC_PASSWORD] = {60, 60, 60, 0},
    [CPNS_HASH_PARAMS_F] = {21, 21, 21, 0},
    [CPNS_SUBSCRIPTION_INFO] = {0, 255, 40, 0},
    [CPNS_ENC_EUKEY] = {40, 40, 40, 0},
    [CPNS_EUKEY] = {32, 32, 32, 0},
    [CPNS_TEMPORARY_KEY] = {16, 64, 16, 0},
    [CPNS_KEY_COUNT] = {4, 4, 4, 0},
    [CPNS_KEY_INDEX] = {4, 4, 4, 0},
    [CPNS_COUNTER] = {8, 8, 8, 0},
    [CPNS_RAND_GW] = {16, 16, 16, 0},
    [CPNS_B_TID] = {16, 16, 16, 0},
    [CPNS_COMMITMENT] = {32, 32, 32, 0},
    [CPNS_LIFETIME] = {8, 8, 8, 0},
    [CPNS_EUKEY_SET] = {32, 64000, 96, 32},
    [CPNS_RETRY_AFTER] = {8, 8, 8, 0},
    [CPNS_MODE] = {1, 1, 1, 0},
};

enum { ROWS = sizeof catalogue / sizeof *catalogue, BIG = CPNS_MESSAGE_MAX };

static uint8_t value[CPNS_FIELDS][64000];

static void make_values(void)
{
	for (size_t f = 0; f < CPNS_FIELDS; f++)
		for (size_t i = 0; i < sizeof value[f]; i++)
			value[f][i] = (uint8_t)(7 * f + i);
}

/* Octets of our own making. */
struct raw {
	size_t n;
	uint8_t at[BIG];
};

static void raw_head(struct raw *raw, unsigned type, uint32_t transaction)
{
	const uint8_t head[CPNS_HEADER] = {1,
					   (uint8_t)type,
					   0,
					   (uint8_t)(transaction >> 24),
					   (uint8_t)(transaction >> 16),
					   (uint8_t)(transaction >> 8),
					   (uint8_t)transaction};

	memcpy(raw->at, head, sizeof head);
	raw->n = sizeof head;
}

static void raw_field(struct raw *raw, unsigned field, size_t n)
{
	uint8_t *at = raw->at + raw->n;

	at[0] = (uint8_t)(field + 1);
	at[1] = (uint8_t)(n >> 8);
	at[2] = (uint8_t)n;
	memcpy(at + 3, value[field < CPNS_FIELDS ? field : 0], n);
	raw->n += 3 + n;
}

static void raw_end(struct raw *raw)
{
	raw->at[7] = (uint8_t)((raw->n - CPNS_HEADER) >> 8);
	raw->at[8] = (uint8_t)(raw->n - CPNS_HEADER);
}

static struct raw raw_of(enum cpns_type type, uint32_t fields)
{
	struct raw raw;

	raw_head(&raw, type, 0x01020304);
	for (unsigned f = 0; f < CPNS_FIELDS; f++)
		if (fields & 1u << f)
			raw_field(&raw, f, lengths[f].typical);
	raw_end(&raw);
	return raw;
}

/* From a copy of its own, exactly as long: a sanitizer sees every look beyond it. */
static bool decodes(const uint8_t *at, size_t n)
{
	uint8_t *copy = malloc(n != 0 ? n : 1);
	struct cpns_msg msg;

	if (n != 0)
		memcpy(copy, at, n);
	bool well_formed = cpns_msg_decode(&msg, copy, n);

	if (well_formed) { /* then it is the one encoding of what was read */
		uint8_t again[CPNS_MESSAGE_MAX];
		char text[200];
		size_t length = cpns_msg_encode(&msg, again);

		CU_ASSERT_EQUAL(length, n);
		CU_ASSERT_EQUAL(memcmp(again, copy, n), 0);
		cpns_msg_print(&msg, text, sizeof text);
		CU_ASSERT_TRUE(strlen(text) < sizeof text);
	}
	free(copy);
	return well_formed;
}

static void test_round_trips(void)
{
	for (size_t i = 0; i < ROWS; i++) {
		const uint32_t sets[] = {catalogue[i].must, catalogue[i].must | catalogue[i].may};

		for (size_t k = 0; k < 2; k++) {
			struct raw raw = raw_of(catalogue[i].type, sets[k]);
			struct cpns_msg msg = {.type = catalogue[i].type, .transaction = 0x01020304}, found;
			uint8_t out[CPNS_MESSAGE_MAX];

			for (unsigned f = 0; f < CPNS_FIELDS; f++)
				if (sets[k] & 1u << f)
					cpns_msg_set(&msg, (enum cpns_field)f, value[f], lengths[f].typical);
			size_t n = cpns_msg_encode(&msg, out);

			CU_ASSERT_EQUAL_FATAL(n, raw.n);
			CU_ASSERT_EQUAL(memcmp(out, raw.at, n), 0);
			CU_ASSERT_TRUE_FATAL(cpns_msg_decode(&found, out, n));
			CU_ASSERT_EQUAL(found.type, catalogue[i].type);
			CU_ASSERT_EQUAL(found.transaction, 0x01020304);
			for (unsigned f = 0; f < CPNS_FIELDS; f++) {
				CU_ASSERT_EQUAL(cpns_msg_has(&found, f), (sets[k] >> f & 1u) != 0);
				if (cpns_msg_has(&found, f))
					CU_ASSERT_TRUE(
					    cpns_msg_equal(&found, (enum cpns_field)f, cpns_msg_get(&msg, f)));
			}
		}
	}
}

static void test_sizes(void)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (catalogue[i].size == 0)
			continue;
		struct cpns_msg msg = {.type = catalogue[i].type, .transaction = 1};
		uint8_t out[CPNS_MESSAGE_MAX];

		for (unsigned f = 0; f < CPNS_FIELDS; f++)
			if (catalogue[i].measured & 1u << f)
				cpns_msg_set(&msg, (enum cpns_field)f, value[f], lengths[f].typical);
		if (cpns_msg_encode(&msg, out) != catalogue[i].size) {
			printf("\n    %s: not %zu octets\n", catalogue[i].what, catalogue[i].size);
			CU_FAIL("size of a message");
		}
	}
}

/* Each field once with every length around the legal ones. */
static void test_field_lengths(void)
{
	for (unsigned f = 0; f < CPNS_FIELDS; f++) {
		size_t row = 0;

		while (row < ROWS && !((catalogue[row].must | catalogue[row].may) & 1u << f))
			row++;
		CU_ASSERT_TRUE_FATAL(row < ROWS);
		for (size_t n = 0; n < 300; n++) {
			struct raw raw;
			bool legal = n >= lengths[f].min && n <= lengths[f].max &&
				     (lengths[f].unit == 0 || n % lengths[f].unit == 0);

			raw_head(&raw, catalogue[row].type, 1);
			for (unsigned other = 0; other < CPNS_FIELDS; other++)
				if (other == f || catalogue[row].must & 1u << other)
					raw_field(&raw, other, other == f ? n : lengths[other].typical);
			raw_end(&raw);
			if (decodes(raw.at, raw.n) != legal) {
				printf("\n    %s of %zu octets\n", cpns_field_name((enum cpns_field)f), n);
				CU_FAIL("length of a field");
			}
		}
	}
}

/* Which fields a message may have and which it must: each left out, each other one added. */
static void test_fields(void)
{
	for (size_t i = 0; i < ROWS; i++)
		for (unsigned f = 0; f < CPNS_FIELDS; f++) {
			uint32_t field = 1u << f, must = catalogue[i].must, may = catalogue[i].may;
			struct raw without = raw_of(catalogue[i].type, (must | may) & ~field);
			struct raw with = raw_of(catalogue[i].type, must | field);

			if (decodes(without.at, without.n) == (bool)(must & field) ||
			    decodes(with.at, with.n) != (bool)((must | may) & field)) {
				printf("\n    %s: %s\n", catalogue[i].what, cpns_field_name((enum cpns_field)f));
				CU_FAIL("field of a message");
			}
		}
}

/* A well-formed Installation Response: transaction 7, entity "pne", status 0. */
#define HEAD(type, length) 1, type, 0, 0, 0, 0, 7, 0, length
#define ENTITY 2, 0, 3, 'p', 'n', 'e'
#define STATUS(x) 4, 0, 1, x

static void test_malformed(void)
{
	static const struct {
		const char *why;
		uint8_t octets[64];
		size_t n;
		bool legal;
	} cases[] = {
	    {"in order", {HEAD(6, 10), ENTITY, STATUS(0)}, 19, true},
	    {"a status nobody knows is a refusal, not a malformed message",
	     {HEAD(6, 10), ENTITY, STATUS(99)},
	     19,
	     true},
	    {"nothing at all", {0}, 0, false},
	    {"a header cut short", {HEAD(6, 10)}, 8, false},
	    {"a header alone", {HEAD(6, 0)}, 9, false},
	    {"version 0", {0, 6, 0, 0, 0, 0, 7, 0, 10, ENTITY, STATUS(0)}, 19, false},
	    {"version 2", {2, 6, 0, 0, 0, 0, 7, 0, 10, ENTITY, STATUS(0)}, 19, false},
	    {"type 0", {HEAD(0, 10), ENTITY, STATUS(0)}, 19, false},
	    {"a type between those that there are", {HEAD(31, 10), ENTITY, STATUS(0)}, 19, false},
	    {"a type beyond the last", {HEAD(52, 10), ENTITY, STATUS(0)}, 19, false},
	    {"type 255", {HEAD(255, 10), ENTITY, STATUS(0)}, 19, false},
	    {"a flag", {1, 6, 1, 0, 0, 0, 7, 0, 10, ENTITY, STATUS(0)}, 19, false},
	    {"the highest flag", {1, 6, 128, 0, 0, 0, 7, 0, 10, ENTITY, STATUS(0)}, 19, false},
	    {"length says less than there is", {HEAD(6, 9), ENTITY, STATUS(0)}, 19, false},
	    {"length says more than there is", {HEAD(6, 11), ENTITY, STATUS(0)}, 19, false},
	    {"length with its high octet set", {1, 6, 0, 0, 0, 0, 7, 1, 10, ENTITY, STATUS(0)}, 19, false},
	    {"an octet left over, not counted", {HEAD(6, 10), ENTITY, STATUS(0), 0}, 20, false},
	    {"an octet left over, counted", {HEAD(6, 11), ENTITY, STATUS(0), 0}, 20, false},
	    {"half a field header left over", {HEAD(6, 12), ENTITY, STATUS(0), 5, 0}, 21, false},
	    {"no entity", {HEAD(6, 4), STATUS(0)}, 13, false},
	    {"no status", {HEAD(6, 6), ENTITY}, 15, false},
	    {"fields out of order", {HEAD(6, 10), STATUS(0), ENTITY}, 19, false},
	    {"a field twice", {HEAD(6, 14), ENTITY, STATUS(0), STATUS(0)}, 23, false},
	    {"the first field twice", {HEAD(6, 16), ENTITY, ENTITY, STATUS(0)}, 25, false},
	    {"tag 0", {HEAD(6, 14), 0, 0, 1, 0, ENTITY, STATUS(0)}, 23, false},
	    {"a tag beyond the last", {HEAD(6, 14), ENTITY, STATUS(0), 31, 0, 1, 0}, 23, false},
	    {"tag 255", {HEAD(6, 14), ENTITY, STATUS(0), 255, 0, 1, 0}, 23, false},
	    {"a known field of another message", {HEAD(6, 14), ENTITY, STATUS(0), 11, 0, 1, 1}, 23, false},
	    {"a field that reaches beyond the end", {HEAD(6, 10), ENTITY, 4, 0, 2, 0}, 19, false},
	    {"a field that swallows the next one", {HEAD(6, 10), 2, 0, 7, 'p', 'n', 'e', STATUS(0)}, 19, false},
	    {"a field of 65535 octets", {HEAD(6, 10), 2, 255, 255, 'p', 'n', 'e', STATUS(0)}, 19, false},
	    {"an empty entity", {HEAD(6, 7), 2, 0, 0, STATUS(0)}, 16, false},
	    {"an empty status", {HEAD(6, 9), ENTITY, 4, 0, 0}, 18, false},
	    {"a status of two octets", {HEAD(6, 11), ENTITY, 4, 0, 2, 0, 0}, 20, false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (decodes(cases[i].octets, cases[i].n) != cases[i].legal) {
			printf("\n    %s\n", cases[i].why);
			CU_FAIL("malformed message");
		}
}

/* A message cut anywhere is none; one with any octet changed is another well-formed message or none. */
static void test_damage(void)
{
	for (size_t i = 0; i < ROWS; i++) {
		struct raw raw = raw_of(catalogue[i].type, catalogue[i].must | catalogue[i].may);

		for (size_t n = 0; n < raw.n; n++)
			CU_ASSERT_FALSE(decodes(raw.at, n));
		for (size_t at = 0; at < raw.n; at++)
			for (unsigned change = 1; change < 256; change++) {
				raw.at[at] ^= (uint8_t)change;
				decodes(raw.at, raw.n); /* its own checks are enough */
				raw.at[at] ^= (uint8_t)change;
			}
		CU_ASSERT_TRUE(decodes(raw.at, raw.n));
	}
}

/* The longest of all messages still fits what the encoder writes to. */
static void test_longest(void)
{
	for (size_t i = 0; i < ROWS; i++) {
		struct raw raw;

		raw_head(&raw, catalogue[i].type, UINT32_MAX);
		for (unsigned f = 0; f < CPNS_FIELDS; f++)
			if ((catalogue[i].must | catalogue[i].may) & 1u << f)
				raw_field(&raw, f, lengths[f].max);
		raw_end(&raw);
		CU_ASSERT_TRUE(raw.n <= CPNS_MESSAGE_MAX);
		CU_ASSERT_TRUE(decodes(raw.at, raw.n));
	}
}

static void test_numbers(void)
{
	static const uint8_t in[8] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
	uint8_t out[8];

	CU_ASSERT_EQUAL(cpns_get32(in), 0x01234567);
	CU_ASSERT_EQUAL(cpns_get32(in + 4), 0x89abcdef);
	CU_ASSERT_EQUAL(cpns_get64(in), 0x0123456789abcdef);
	cpns_put32(out, 0x89abcdef);
	CU_ASSERT_EQUAL(memcmp(out, in + 4, 4), 0);
	cpns_put64(out, 0x0123456789abcdef);
	CU_ASSERT_EQUAL(memcmp(out, in, 8), 0);
}

/* A field equals the same octets alone; one that is absent equals nothing, not even no octets. */
static void test_equal(void)
{
	static const uint8_t id[] = {'p', 'n', 'e'}, other[] = {'p', 'n', 'f'};
	struct cpns_msg msg = {.type = CPNS_INSTALLATION_RESPONSE};

	cpns_msg_set(&msg, CPNS_ENTITY_ID, id, sizeof id);
	CU_ASSERT_TRUE(cpns_msg_equal(&msg, CPNS_ENTITY_ID, (struct cpns_octets){id, 3}));
	CU_ASSERT_FALSE(cpns_msg_equal(&msg, CPNS_ENTITY_ID, (struct cpns_octets){other, 3}));
	CU_ASSERT_FALSE(cpns_msg_equal(&msg, CPNS_ENTITY_ID, (struct cpns_octets){id, 2}));
	CU_ASSERT_FALSE(cpns_msg_equal(&msg, CPNS_USER_ID, (struct cpns_octets){id, 3}));
	CU_ASSERT_FALSE(cpns_msg_equal(&msg, CPNS_USER_ID, (struct cpns_octets){id, 0}));
}

/* What a message does not have reads as nothing, whatever lies in its memory. */
static void test_absent(void)
{
	struct cpns_msg msg;

	memset(&msg, 0xee, sizeof msg);
	cpns_msg_begin(&msg, CPNS_USE_REQUEST, 7);
	CU_ASSERT_TRUE(msg.type == CPNS_USE_REQUEST && msg.transaction == 7);
	for (unsigned f = 0; f < CPNS_FIELDS; f++) {
		CU_ASSERT_FALSE(cpns_msg_has(&msg, f));
		CU_ASSERT_TRUE(cpns_msg_get(&msg, f).at == NULL && cpns_msg_get(&msg, f).n == 0);
	}
	cpns_msg_set(&msg, CPNS_EUKEY_SET, value[0], 32);
	for (unsigned f = 0; f < CPNS_FIELDS; f++)
		CU_ASSERT_EQUAL(cpns_msg_has(&msg, f), f == CPNS_EUKEY_SET);
	CU_ASSERT_TRUE(cpns_msg_at(&msg, CPNS_EUKEY_SET) == value[0] && cpns_msg_get(&msg, CPNS_EUKEY_SET).n == 32);
}

/* Texts for people exist for everything and never overrun. */
static void test_texts(void)
{
	struct raw raw = raw_of(CPNS_TRIGGER, F(USER_ID) | F(GW_ID) | F(RAND_T) | F(AUTH_DATA));
	struct cpns_msg msg;
	char text[200], small[8];

	for (unsigned f = 0; f < CPNS_FIELDS; f++)
		CU_ASSERT_TRUE(strlen(cpns_field_name((enum cpns_field)f)) > 0);
	for (unsigned s = 0; s < CPNS_STATUSES; s++)
		CU_ASSERT_TRUE(strlen(cpns_status_text((enum cpns_status)s)) > 0);
	CU_ASSERT_STRING_EQUAL(cpns_field_name(CPNS_RAND_PNE), "RAND_PNE");
	CU_ASSERT_STRING_EQUAL(cpns_field_name(CPNS_FIELDS), "unknown field");
	CU_ASSERT_STRING_EQUAL(cpns_status_text(CPNS_NOT_OWNER), "not owner");
	CU_ASSERT_STRING_EQUAL(cpns_status_text(CPNS_STATUSES), "unknown status");
	CU_ASSERT_STRING_EQUAL(cpns_status_text((enum cpns_status)255), "unknown status");
	CU_ASSERT_STRING_EQUAL(cpns_type_name(CPNS_NOTIFICATION), "EUKeyAssignmentNotification");
	for (unsigned type = 0; type < 256; type++) {
		bool known = false;

		for (size_t i = 0; i < ROWS; i++)
			known = known || catalogue[i].type == type;
		CU_ASSERT_EQUAL(strcmp(cpns_type_name((enum cpns_type)type), "unknown message") != 0, known);
	}
	CU_ASSERT_TRUE_FATAL(cpns_msg_decode(&msg, raw.at, raw.n));
	cpns_msg_print(&msg, text, sizeof text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "EUKeyAssignmentTrigger"));
	for (size_t n = 1; n <= sizeof small; n++) {
		memset(small, 'x', sizeof small);
		cpns_msg_print(&msg, small, n);
		CU_ASSERT_EQUAL(strlen(small), n - 1);
		CU_ASSERT_EQUAL(memcmp(small, text, n - 1), 0);
	}
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"every message there and back", test_round_trips},
	    {"sizes of the catalogue", test_sizes},
	    {"lengths of fields", test_field_lengths},
	    {"fields of messages", test_fields},
	    {"malformed, with the reason", test_malformed},
	    {"every truncation and every changed octet", test_damage},
	    {"the longest messages", test_longest},
	    {"equal fields", test_equal},
	    {"absent fields", test_absent},
	    {"numbers", test_numbers},
	    {"texts", test_texts},
	    {0},
	};

	make_values();
	return suite_run("msg", cases);
}
