/* Records of key stores: pending sets come and go as in the protocol, and nothing but a record is read as one. */
#include <string.h>

#include "models/keystore/record.h"
#include "tests/lib/suite.h"

/* n keys whose octets are all `first`, `first` + 1, ... */
static const uint8_t *keys(uint8_t first, uint32_t n)
{
	static uint8_t octets[4 * CPNS_HASH];

	for (uint32_t i = 0; i < n; i++)
		memset(octets + i * CPNS_HASH, first + (int)i, CPNS_HASH);
	return octets;
}

/* Is the next pending set of n keys, beginning with `first`? */
static bool next_is(const struct keystore_entity *e, guint *at, uint8_t first, uint32_t n)
{
	struct cpns_octets set;

	return keystore_next_set(e, at, &set) && set.n == (size_t)n * CPNS_HASH &&
	       memcmp(set.at, keys(first, n), set.n) == 0;
}

static bool no_more(const struct keystore_entity *e, guint *at)
{
	struct cpns_octets set;

	return !keystore_next_set(e, at, &set);
}

static void test_pending(void)
{
	struct keystore_entity e;
	guint at = 0;

	keystore_entity_init(&e);
	keystore_entity_add(&e, keys(10, 1), 1, 3);
	keystore_entity_add(&e, keys(20, 4), 4, 3);
	keystore_entity_add(&e, keys(30, 1), 1, 3);
	CU_ASSERT(next_is(&e, &at, 10, 1) && next_is(&e, &at, 20, 4) && next_is(&e, &at, 30, 1) && no_more(&e, &at));
	keystore_entity_add(&e, keys(40, 2), 2, 3); /* the oldest goes */
	at = 0;
	CU_ASSERT(next_is(&e, &at, 20, 4) && next_is(&e, &at, 30, 1) && next_is(&e, &at, 40, 2) && no_more(&e, &at));
	CU_ASSERT_FALSE(keystore_entity_confirm(&e, keys(10, 1)));
	CU_ASSERT_FALSE(keystore_entity_confirm(&e, keys(21, 1))); /* a set goes by its first key */
	CU_ASSERT_EQUAL(e.current->len, 0);
	CU_ASSERT_TRUE(keystore_entity_confirm(&e, keys(30, 1)));
	CU_ASSERT(e.current->len == CPNS_HASH && memcmp(e.current->data, keys(30, 1), CPNS_HASH) == 0);
	at = 0;
	CU_ASSERT(next_is(&e, &at, 40, 2) && no_more(&e, &at)); /* what was issued since stays */
	keystore_entity_add(&e, keys(50, 1), 1, 1);
	at = 0;
	CU_ASSERT(next_is(&e, &at, 50, 1) && no_more(&e, &at));
	keystore_entity_clear(&e);
}

static void test_rows(void)
{
	struct keystore_entity e, back;
	GByteArray *row = g_byte_array_new();

	keystore_entity_init(&e);
	keystore_entity_init(&back);
	keystore_entity_encode(&e, row);
	CU_ASSERT_TRUE(keystore_entity_decode(&back, (struct cpns_octets){row->data, row->len}));
	keystore_set_octets(e.owner, (struct cpns_octets){(const uint8_t *)"a\0b", 3});
	keystore_set_octets(e.tk, (struct cpns_octets){keys(1, 1), 16});
	keystore_entity_add(&e, keys(10, 3), 3, 8);
	CU_ASSERT_TRUE(keystore_entity_confirm(&e, keys(10, 1)));
	keystore_entity_add(&e, keys(20, 1), 1, 8);
	keystore_entity_encode(&e, row);
	CU_ASSERT_TRUE(keystore_entity_decode(&back, (struct cpns_octets){row->data, row->len}));
	CU_ASSERT(back.owner->len == 3 && memcmp(back.owner->data, "a\0b", 3) == 0 && back.tk->len == 16);
	CU_ASSERT(back.current->len == e.current->len &&
		  memcmp(back.current->data, e.current->data, e.current->len) == 0);
	CU_ASSERT(back.pending->len == e.pending->len &&
		  memcmp(back.pending->data, e.pending->data, e.pending->len) == 0);
	for (guint n = 0; n < row->len; n++) {
		uint8_t *part = g_memdup2(row->data, n); /* so that a read beyond its end is seen */

		CU_ASSERT_FALSE(keystore_entity_decode(&back, (struct cpns_octets){part, n}));
		g_free(part);
	}
	g_byte_array_append(row, keys(0, 1), 1);
	CU_ASSERT_FALSE(keystore_entity_decode(&back, (struct cpns_octets){row->data, row->len}));
	g_byte_array_unref(row);
	keystore_entity_clear(&e);
	keystore_entity_clear(&back);
}

static void test_faults(void)
{
	static const uint8_t none[4] = {0, 0, 0, 0}, huge[4] = {0xff, 0xff, 0xff, 0xff};
	struct keystore_entity e;

	keystore_entity_init(&e);
	CU_ASSERT_PTR_NULL(keystore_entity_fault(&e));
	keystore_set_octets(e.current, (struct cpns_octets){keys(1, 1), CPNS_HASH - 1});
	CU_ASSERT_PTR_NOT_NULL(keystore_entity_fault(&e));
	keystore_set_octets(e.current, (struct cpns_octets){NULL, 0});
	keystore_set_octets(e.pending, (struct cpns_octets){none, 4});
	CU_ASSERT_PTR_NOT_NULL(keystore_entity_fault(&e)); /* a set without keys */
	keystore_set_octets(e.pending, (struct cpns_octets){huge, 4});
	CU_ASSERT_PTR_NOT_NULL(keystore_entity_fault(&e));
	keystore_set_octets(e.pending, (struct cpns_octets){NULL, 0});
	g_byte_array_set_size(e.owner, KEYSTORE_ID_MAX + 1);
	CU_ASSERT_PTR_NOT_NULL(keystore_entity_fault(&e));
	keystore_entity_clear(&e);
}

static void test_users(void)
{
	struct keystore_user user = {.registrations = 0x01020304}, back = {0};
	uint8_t row[KEYSTORE_USER_ROW];

	memcpy(user.pwh, keys(7, 1), CPNS_HASH);
	keystore_user_encode(&user, row);
	CU_ASSERT_TRUE(keystore_user_decode(&back, (struct cpns_octets){row, sizeof row}));
	CU_ASSERT(memcmp(back.pwh, user.pwh, CPNS_HASH) == 0 && back.registrations == user.registrations);
	CU_ASSERT_FALSE(keystore_user_decode(&back, (struct cpns_octets){row, sizeof row - 1}));
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"pending sets", test_pending},
	    {"rows", test_rows},
	    {"what is no record", test_faults},
	    {"users", test_users},
	    {0},
	};

	return suite_run("records of key stores", cases);
}
