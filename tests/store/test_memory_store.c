/* The key store in memory: records by ID, each in its place for as long as the store lives. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/store/memory.h"
#include "tests/lib/suite.h"

static struct cpns_octets text(const char *s)
{
	return (struct cpns_octets){(const uint8_t *)s, strlen(s)};
}

static bool zero(const void *at, size_t n)
{
	const uint8_t *octet = at;

	while (n > 0 && *octet == 0)
		n--, octet++;
	return n == 0;
}

static bool is_new_entity(const struct cpns_entity *entity, const char *id)
{
	struct cpns_entity rest = *entity;

	if (entity->id_n != strlen(id) || memcmp(entity->id, id, entity->id_n) != 0)
		return false;
	rest.id = NULL;
	rest.id_n = 0;
	return zero(&rest, sizeof rest);
}

static void test_empty(void)
{
	struct memory_store *store = memory_store_new();
	const struct cpns_store *s = memory_store_interface(store);

	CU_ASSERT_PTR_NULL(s->user(s->self, text("alice"), false));
	CU_ASSERT_PTR_NULL(s->entity(s->self, text("pne:0001"), false));
	CU_ASSERT_PTR_NULL(s->user(s->self, text("alice"), false)); /* looking creates nothing */
	CU_ASSERT_PTR_EQUAL(s, memory_store_interface(store));
	memory_store_free(store);
	memory_store_free(NULL);
}

/* A new user record knows its ID and nothing else. */
static bool is_new_user(const struct cpns_user *user, const char *id)
{
	struct cpns_user rest = *user;

	memset(&rest.id, 0, sizeof rest.id);
	return user->id.n == strlen(id) && memcmp(user->id.at, id, user->id.n) == 0 && zero(&rest, sizeof rest);
}

/* What provisioning puts in place is found again, and is neither a user of another name nor an entity. */
static void test_provisioned(void)
{
	struct memory_store *store = memory_store_new();
	const struct cpns_store *s = memory_store_interface(store);
	struct cpns_user *alice = memory_store_add_user(store, text("alice"));
	struct cpns_entity *pne = memory_store_add_entity(store, text("pne:0001"));

	CU_ASSERT_TRUE(is_new_user(alice, "alice"));
	CU_ASSERT_TRUE(is_new_entity(pne, "pne:0001"));
	CU_ASSERT_PTR_EQUAL(s->user(s->self, text("alice"), false), alice);
	CU_ASSERT_PTR_EQUAL(s->user(s->self, text("alice"), true), alice);
	CU_ASSERT_PTR_EQUAL(s->entity(s->self, text("pne:0001"), false), pne);
	CU_ASSERT_PTR_EQUAL(s->entity(s->self, text("pne:0001"), true), pne);
	CU_ASSERT_PTR_NULL(s->entity(s->self, text("alice"), false));
	CU_ASSERT_PTR_NULL(s->user(s->self, text("pne:0001"), false));
	CU_ASSERT_PTR_NULL(s->user(s->self, text("alic"), false));
	CU_ASSERT_PTR_NULL(s->user(s->self, text("alicf"), false));
	CU_ASSERT_PTR_NULL(s->user(s->self, text("alice2"), false));
	memory_store_free(store);
}

/* IDs are octets: zeros count, and so does length. */
static void test_octets(void)
{
	static const uint8_t zeros[4] = {0, 0, 0, 0}, high[2] = {0xff, 0x80};
	struct memory_store *store = memory_store_new();
	const struct cpns_store *s = memory_store_interface(store);
	struct cpns_user *found[5];

	for (size_t n = 1; n <= 4; n++)
		found[n] = s->user(s->self, (struct cpns_octets){zeros, n}, true);
	for (size_t n = 1; n <= 4; n++) {
		CU_ASSERT_PTR_EQUAL(s->user(s->self, (struct cpns_octets){zeros, n}, false), found[n]);
		for (size_t m = 1; m < n; m++)
			CU_ASSERT_PTR_NOT_EQUAL(found[n], found[m]);
	}
	CU_ASSERT_PTR_NULL(s->user(s->self, (struct cpns_octets){high, 2}, false));
	CU_ASSERT_PTR_NOT_NULL(s->user(s->self, (struct cpns_octets){high, 2}, true));
	CU_ASSERT_PTR_NULL(s->user(s->self, (struct cpns_octets){high, 1}, false));
	memory_store_free(store);
}

/* A record that the server creates keeps its own copy of the ID: the message that it stood in is gone soon. */
static void test_created(void)
{
	struct memory_store *store = memory_store_new();
	const struct cpns_store *s = memory_store_interface(store);
	char *id = strdup("pne:0001"), *name = strdup("alice");
	struct cpns_entity *entity = s->entity(s->self, text(id), true);
	struct cpns_user *user = s->user(s->self, text(name), true);

	CU_ASSERT_TRUE(is_new_entity(entity, "pne:0001"));
	CU_ASSERT_TRUE(is_new_user(user, "alice"));
	memset(id, 'x', strlen(id));
	memset(name, 'x', strlen(name));
	CU_ASSERT_TRUE(is_new_user(user, "alice")); /* the store keeps its own copy */
	CU_ASSERT_PTR_NULL(s->entity(s->self, text("xxxxxxxx"), false));
	free(id);
	free(name);
	CU_ASSERT_PTR_EQUAL(s->entity(s->self, text("pne:0001"), false), entity);
	CU_ASSERT_PTR_EQUAL(s->user(s->self, text("alice"), false), user);
	memory_store_free(store);
}

/* Thousands more move no record and change nothing in it, nor does room that is made when `at` are there. */
static void fill(unsigned at, uint32_t room)
{
	enum { MANY = 20000 };
	struct memory_store *store = memory_store_new();
	const struct cpns_store *s = memory_store_interface(store);
	struct cpns_entity **entities = calloc(MANY, sizeof(struct cpns_entity *));
	struct cpns_user **users = calloc(MANY, sizeof(struct cpns_user *));
	char id[20];

	for (unsigned i = 0; i < MANY; i++) {
		snprintf(id, sizeof id, "n:%u", i);
		if (i == at)
			memory_store_reserve(store, room, room);
		entities[i] = s->entity(s->self, text(id), true);
		entities[i]->notice_counter = i;
		users[i] = s->user(s->self, text(id), true);
		users[i]->registrations = i;
	}
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(id, sizeof id, "n:%u", i);
		struct cpns_entity *entity = s->entity(s->self, text(id), false);
		struct cpns_user *user = s->user(s->self, text(id), false);

		if (entity != entities[i] || user != users[i] || entity->notice_counter != i ||
		    user->registrations != i)
			CU_FAIL("a record has moved or changed");
	}
	free(entities);
	free(users);
	memory_store_free(store);
}

static void test_many(void)
{
	fill(0, 0);
}

/* As much as is needed, less, and less than there is. */
static void test_reserved(void)
{
	fill(0, 20000);
	fill(0, 17);
	fill(10000, 30000);
	fill(10000, 5000);
}

/* Among so many IDs of one length several have the same 32 bits of hash: the octets decide. */
static void test_same_hash(void)
{
	enum { MANY = 200000 };
	struct memory_store *store = memory_store_new();
	const struct cpns_store *s = memory_store_interface(store);
	unsigned wrong = 0;
	char id[20];

	for (int round = 0; round < 2; round++)
		for (unsigned i = 0; i < MANY; i++) {
			snprintf(id, sizeof id, "%08x%08x", i * 2654435761u, i * i);
			struct cpns_user *user = s->user(s->self, text(id), round == 0);

			if (round == 0)
				user->registrations += i + 1;
			wrong += user->registrations != i + 1;
		}
	CU_ASSERT_EQUAL(wrong, 0);
	memory_store_free(store);
}

/* A new entity's record is all zero, and asking for memory changes nothing, whether the entity is there or not. */
static void test_new(void)
{
	struct memory_store *store = memory_store_new();
	const struct cpns_store *s = memory_store_interface(store);
	bool fine = true;

	for (unsigned i = 1; i <= 1000; i++) {
		char id[20];

		snprintf(id, sizeof id, "n:%u", i);
		memory_store_fetch_id(store, text(id));
		fine = fine && s->entity(s->self, text(id), false) == NULL;
		struct cpns_entity *entity = s->entity(s->self, text(id), true);

		fine = fine && is_new_entity(entity, id);
		memset(entity->room, 1, sizeof entity->room);
		memory_store_fetch_id(store, text(id));
		fine = fine && s->entity(s->self, text(id), false) == entity;
	}
	CU_ASSERT_TRUE(fine);
	memory_store_free(store);
}

/* Two stores know nothing of each other. */
static void test_two(void)
{
	struct memory_store *one = memory_store_new(), *two = memory_store_new();
	const struct cpns_store *s = memory_store_interface(two);

	memory_store_add_user(one, text("alice"));
	CU_ASSERT_PTR_NULL(s->user(s->self, text("alice"), false));
	memory_store_free(one);
	CU_ASSERT_PTR_NOT_NULL(s->user(s->self, text("alice"), true));
	memory_store_free(two);
}

/* What the server keeps in a record goes with the store: a leak checker sees the rest. */
static void test_kept_keys(void)
{
	struct memory_store *store = memory_store_new();
	struct cpns_entity *entity = memory_store_add_entity(store, text("pne:0001"));

	entity->keys = calloc(2, sizeof *entity->keys);
	entity->apart = true;
	entity->n_pending = 2;
	memory_store_free(store);

	struct cpns_entity alone = {.n_pending = 1, .apart = true};

	alone.keys = calloc(1, sizeof *alone.keys);
	cpns_entity_clear(&alone);
	CU_ASSERT_FALSE(alone.apart);
	CU_ASSERT_EQUAL(alone.n_pending, 0);
	cpns_entity_clear(&alone);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"empty", test_empty},
	    {"provisioned records", test_provisioned},
	    {"IDs are octets", test_octets},
	    {"created records", test_created},
	    {"many records", test_many},
	    {"room made at once", test_reserved},
	    {"many records of the same hash", test_same_hash},
	    {"new entities", test_new},
	    {"two stores", test_two},
	    {"keys kept in a record", test_kept_keys},
	    {0},
	};

	return suite_run("memory store", cases);
}
