#include "models/store/memory.h"

#include <assert.h>
#include <glib.h>
#include <string.h>

/* A record begins with its key, so that the key can point into it. */
struct user_record {
	struct cpns_octets id;
	uint8_t *copy; /* of the ID, where the server machine created the record */
	struct cpns_user user;
};

struct entity_record {
	struct cpns_octets id;
	uint8_t *copy;
	struct cpns_entity entity;
};

struct memory_store {
	struct cpns_store interface;
	GHashTable *users, *entities; /* struct cpns_octets * -> record */
	GHashTable *failures;         /* struct failures_record *, its own key; NULL until there is one */
};

/* FNV-1a. */
static guint octets_hash(gconstpointer key)
{
	const struct cpns_octets *id = key;
	guint32 hash = 2166136261u;

	for (size_t i = 0; i < id->n; i++)
		hash = (hash ^ id->at[i]) * 16777619u;
	return hash;
}

static gboolean octets_equal(gconstpointer a, gconstpointer b)
{
	const struct cpns_octets *x = a, *y = b;

	return x->n == y->n && memcmp(x->at, y->at, x->n) == 0;
}

static void user_record_free(gpointer data)
{
	struct user_record *record = data;

	g_free(record->copy);
	g_free(record);
}

static void entity_record_free(gpointer data)
{
	struct entity_record *record = data;

	cpns_entity_clear(&record->entity);
	g_free(record->copy);
	g_free(record);
}

struct cpns_user *memory_store_add_user(struct memory_store *store, struct cpns_octets id)
{
	struct user_record *record = g_new0(struct user_record, 1);

	record->id = record->user.id = id;
	gboolean is_new = g_hash_table_insert(store->users, &record->id, record);

	assert(is_new);
	(void)is_new;
	return &record->user;
}

struct cpns_entity *memory_store_add_entity(struct memory_store *store, struct cpns_octets id)
{
	struct entity_record *record = g_new0(struct entity_record, 1);

	record->id = id;
	gboolean is_new = g_hash_table_insert(store->entities, &record->id, record);

	assert(is_new);
	(void)is_new;
	return &record->entity;
}

static struct cpns_user *find_user(void *self, struct cpns_octets id, bool create)
{
	struct memory_store *store = self;
	struct user_record *record = g_hash_table_lookup(store->users, &id);

	if (record != NULL)
		return &record->user;
	if (!create)
		return NULL;
	uint8_t *copy = g_memdup2(id.at, id.n);
	struct cpns_user *user = memory_store_add_user(store, (struct cpns_octets){copy, id.n});

	record = g_hash_table_lookup(store->users, &id);
	record->copy = copy;
	return user;
}

static struct cpns_entity *find_entity(void *self, struct cpns_octets id, bool create)
{
	struct memory_store *store = self;
	struct entity_record *record = g_hash_table_lookup(store->entities, &id);

	if (record != NULL)
		return &record->entity;
	if (!create)
		return NULL;
	uint8_t *copy = g_memdup2(id.at, id.n);
	struct cpns_entity *entity = memory_store_add_entity(store, (struct cpns_octets){copy, id.n});

	record = g_hash_table_lookup(store->entities, &id);
	record->copy = copy;
	return entity;
}

/* Owns the octets of both names, which stand behind it. */
struct failures_record {
	struct cpns_names who;
	struct cpns_failures failures;
	uint8_t names[];
};

static guint names_hash(gconstpointer key)
{
	const struct failures_record *record = key;

	return octets_hash(&record->who.user) * 31 + octets_hash(&record->who.entity);
}

static gboolean names_equal(gconstpointer a, gconstpointer b)
{
	const struct failures_record *x = a, *y = b;

	return octets_equal(&x->who.user, &y->who.user) && octets_equal(&x->who.entity, &y->who.entity);
}

static struct cpns_failures *find_failures(void *self, const struct cpns_names *who, bool create)
{
	struct memory_store *store = self;
	struct failures_record wanted = {.who = *who};
	struct failures_record *record =
	    store->failures != NULL ? g_hash_table_lookup(store->failures, &wanted) : NULL;

	if (record != NULL)
		return &record->failures;
	if (!create)
		return NULL;
	if (store->failures == NULL)
		store->failures = g_hash_table_new_full(names_hash, names_equal, g_free, NULL);
	record = g_malloc0(sizeof(*record) + who->user.n + who->entity.n);
	memcpy(record->names, who->user.at, who->user.n);
	memcpy(record->names + who->user.n, who->entity.at, who->entity.n);
	record->who.user = (struct cpns_octets){record->names, who->user.n};
	record->who.entity = (struct cpns_octets){record->names + who->user.n, who->entity.n};
	g_hash_table_add(store->failures, record);
	return &record->failures;
}

struct memory_store *memory_store_new(void)
{
	struct memory_store *store = g_new0(struct memory_store, 1);

	store->users = g_hash_table_new_full(octets_hash, octets_equal, NULL, user_record_free);
	store->entities = g_hash_table_new_full(octets_hash, octets_equal, NULL, entity_record_free);
	store->interface = (struct cpns_store){store, find_user, find_entity, find_failures};
	return store;
}

void memory_store_free(struct memory_store *store)
{
	if (store == NULL)
		return;
	g_hash_table_unref(store->users);
	g_hash_table_unref(store->entities);
	if (store->failures != NULL)
		g_hash_table_unref(store->failures);
	g_free(store);
}

const struct cpns_store *memory_store_interface(const struct memory_store *store)
{
	return &store->interface;
}
