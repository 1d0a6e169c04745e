#include "models/store/memory.h"

#include <assert.h>
#include <glib.h>
#include <string.h>

#include "sim/kernel/memory.h"

enum { BLOCK = 256 }; /* records; they never move */

/* Records by ID: open addressing with linear probing. Most looks that miss, and all those at other records on the
 * way, end in the table itself, by the hash. */
struct table {
	size_t record; /* octets of one */
	struct cpns_octets (*id)(const void *record);
	GPtrArray *blocks; /* of BLOCK records each */
	struct slot {
		uint32_t hash, number; /* number of the record, from 1; 0: free */
	} * slots;
	uint32_t n_slots, n; /* n_slots: a power of two; n: records */
};

struct memory_store {
	struct cpns_store interface;
	void *(*take)(void *memory, size_t n); /* where records lie; NULL: each block by itself */
	void *memory;
	struct table users, entities;
	GHashTable *failures; /* struct failures_record *, its own key; NULL until there is one */
	GPtrArray *ids;       /* copies of those of records that the server machine created */
};

static struct cpns_octets id_of_user(const void *record)
{
	return ((const struct cpns_user *)record)->id;
}

static struct cpns_octets id_of_entity(const void *record)
{
	return cpns_entity_id(record);
}

static void table_init(struct table *t, size_t record, struct cpns_octets (*id)(const void *record), bool lent)
{
	*t = (struct table){.record = record,
			    .id = id,
			    .blocks = g_ptr_array_new_with_free_func(lent ? NULL : g_free),
			    .n_slots = 16};
	t->slots = g_new0(struct slot, t->n_slots);
}

static void table_clear(struct table *t)
{
	g_ptr_array_unref(t->blocks);
	g_free(t->slots);
}

/* Both halves of a product: each bit of either factor reaches the lower ones, by which a table is entered. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
	unsigned __int128 product = (unsigned __int128)(hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);

	return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

/* Eight octets at a time; the last ones overlap those before where there are eight. Where a record lies in its table
 * changes nothing else, so the machine's order of octets will do. */
static uint32_t hash_of(struct cpns_octets id)
{
	uint64_t hash = id.n, word = 0;

	for (size_t i = 0; i + sizeof word <= id.n; i += sizeof word) {
		memcpy(&word, id.at + i, sizeof word);
		hash = mix(hash, word);
	}
	if (id.n % sizeof word != 0) {
		if (id.n > sizeof word)
			memcpy(&word, id.at + id.n - sizeof word, sizeof word);
		else
			memcpy(&word, id.at, id.n);
		hash = mix(hash, word);
	}
	return (uint32_t)hash;
}

static bool same(struct cpns_octets a, struct cpns_octets b)
{
	return a.n == b.n && memcmp(a.at, b.at, a.n) == 0;
}

static void *record_at(const struct table *t, uint32_t number)
{
	return (char *)g_ptr_array_index(t->blocks, (number - 1) / BLOCK) + (number - 1) % BLOCK * t->record;
}

/* Where the record of that ID is entered, or else the free slot where it would be. */
static struct slot *seek(const struct table *t, struct cpns_octets id, uint32_t hash)
{
	uint32_t i = hash & (t->n_slots - 1);

	for (; t->slots[i].number != 0; i = (i + 1) & (t->n_slots - 1)) {
		if (t->slots[i].hash != hash)
			continue;
		if (same(t->id(record_at(t, t->slots[i].number)), id))
			break;
	}
	return &t->slots[i];
}

static void *table_find(const struct table *t, struct cpns_octets id)
{
	const struct slot *slot = seek(t, id, hash_of(id));

	return slot->number != 0 ? record_at(t, slot->number) : NULL;
}

static void put(struct slot *slots, uint32_t n_slots, struct slot slot)
{
	uint32_t i = slot.hash & (n_slots - 1);

	while (slots[i].number != 0)
		i = (i + 1) & (n_slots - 1);
	slots[i] = slot;
}

/* So many records fit where no more than seven of eight places are taken. */
static uint32_t most(uint32_t n_slots)
{
	return n_slots / 8 * 7;
}

static void resize(struct table *t, uint32_t n_slots)
{
	struct slot *slots = g_new0(struct slot, n_slots);

	for (uint32_t i = 0; i < t->n_slots; i++)
		if (t->slots[i].number != 0)
			put(slots, n_slots, t->slots[i]);
	g_free(t->slots);
	t->slots = slots;
	t->n_slots = n_slots;
}

static void reserve(struct table *t, uint32_t n)
{
	uint32_t n_slots = t->n_slots;

	assert(n <= 1U << 30);
	while (most(n_slots) < n)
		n_slots *= 2;
	if (n_slots > t->n_slots)
		resize(t, n_slots);
}

void memory_store_reserve(struct memory_store *store, uint32_t users, uint32_t entities)
{
	reserve(&store->users, users);
	reserve(&store->entities, entities);
}

/* Room for a block of records of that size. Zeros come when they are needed. */
static void *block_new(const struct memory_store *store, size_t record)
{
	return store->take != NULL ? store->take(store->memory, BLOCK * record) : g_malloc_n(BLOCK, record);
}

/* A new record, zeroed. */
static void *table_add(const struct memory_store *store, struct table *t, struct cpns_octets id)
{
	uint32_t hash = hash_of(id);

	if (t->n >= most(t->n_slots))
		resize(t, 2 * t->n_slots);
	if (t->n % BLOCK == 0)
		g_ptr_array_add(t->blocks, block_new(store, t->record));
	struct slot *slot = seek(t, id, hash);

	assert(slot->number == 0);
	*slot = (struct slot){hash, ++t->n};
	char *record = record_at(t, t->n);

	sim_memory_fetch(record + t->record, t->record); /* for the next one, unless the block is full */
	return memset(record, 0, t->record);
}

struct cpns_user *memory_store_add_user(struct memory_store *store, struct cpns_octets id)
{
	struct cpns_user *user = table_add(store, &store->users, id);

	user->id = id;
	return user;
}

struct cpns_entity *memory_store_add_entity(struct memory_store *store, struct cpns_octets id)
{
	struct cpns_entity *entity = table_add(store, &store->entities, id);

	assert(id.n <= UINT8_MAX);
	entity->id = id.at;
	entity->id_n = (uint8_t)id.n;
	return entity;
}

/* A function that only prefetches is one without effect to the compiler, which drops its calls: the empty instruction
 * makes it one that it must not drop. */
void memory_store_fetch_id(const struct memory_store *store, struct cpns_octets id)
{
	__asm__ volatile("");
	__builtin_prefetch(&store->entities.slots[hash_of(id) & (store->entities.n_slots - 1)]);
}

static struct cpns_octets copy_of(struct memory_store *store, struct cpns_octets id)
{
	g_ptr_array_add(store->ids, g_memdup2(id.at, id.n));
	return (struct cpns_octets){g_ptr_array_index(store->ids, store->ids->len - 1), id.n};
}

static struct cpns_user *find_user(void *self, struct cpns_octets id, bool create)
{
	struct memory_store *store = self;
	struct cpns_user *user = table_find(&store->users, id);

	return user != NULL || !create ? user : memory_store_add_user(store, copy_of(store, id));
}

static struct cpns_entity *find_entity(void *self, struct cpns_octets id, bool create)
{
	struct memory_store *store = self;
	struct cpns_entity *entity = table_find(&store->entities, id);

	return entity != NULL || !create ? entity : memory_store_add_entity(store, copy_of(store, id));
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

	return hash_of(record->who.user) * 31 + hash_of(record->who.entity);
}

static gboolean names_equal(gconstpointer a, gconstpointer b)
{
	const struct failures_record *x = a, *y = b;

	return same(x->who.user, y->who.user) && same(x->who.entity, y->who.entity);
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

struct memory_store *memory_store_new_in(void *(*take)(void *memory, size_t n), void *memory)
{
	struct memory_store *store = g_new0(struct memory_store, 1);

	store->take = take;
	store->memory = memory;
	table_init(&store->users, sizeof(struct cpns_user), id_of_user, take != NULL);
	table_init(&store->entities, sizeof(struct cpns_entity), id_of_entity, take != NULL);
	store->ids = g_ptr_array_new_with_free_func(g_free);
	store->interface = (struct cpns_store){store, find_user, find_entity, find_failures};
	return store;
}

struct memory_store *memory_store_new(void)
{
	return memory_store_new_in(NULL, NULL);
}

void memory_store_free(struct memory_store *store)
{
	if (store == NULL)
		return;
	for (uint32_t i = 1; i <= store->entities.n; i++) {
		cpns_entity_clear(record_at(&store->entities, i));
	}
	table_clear(&store->users);
	table_clear(&store->entities);
	g_ptr_array_unref(store->ids);
	if (store->failures != NULL)
		g_hash_table_unref(store->failures);
	g_free(store);
}

const struct cpns_store *memory_store_interface(const struct memory_store *store)
{
	return &store->interface;
}
