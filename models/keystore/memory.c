/* The hash table of the process: each shard a table of users, a table of entities and one lock over both. Records are
 * kept as one octet string each (record.h), so that a look copies it out under the lock and no more. */
#include <pthread.h>
#include <string.h>

#include "models/keystore/body.h"

struct record {
	struct cpns_octets id; /* its octets stand behind the record */
	GByteArray *row;
	uint8_t octets[];
};

struct shard {
	pthread_mutex_t lock;
	GHashTable *users, *entities; /* struct record, its own key */
};

struct memory {
	struct keystore store;
	struct shard *shards;
};

struct session {
	struct keystore_session session;
	struct shard *locked; /* by the transaction, which is about one record */
	bool all_locked;
};

static guint hash_of(gconstpointer key)
{
	const struct record *record = key;
	guint hash = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < record->id.n; i++)
		hash = (hash ^ record->id.at[i]) * 16777619u;
	return hash;
}

static gboolean same(gconstpointer a, gconstpointer b)
{
	const struct record *x = a, *y = b;

	return x->id.n == y->id.n && memcmp(x->id.at, y->id.at, x->id.n) == 0;
}

static void record_free(gpointer data)
{
	struct record *record = data;

	explicit_bzero(record->row->data, record->row->len);
	g_byte_array_unref(record->row);
	g_free(record);
}

static bool memory_open(struct keystore *store, GError **error)
{
	struct memory *memory = (struct memory *)store;

	(void)error;
	memory->shards = g_new0(struct shard, store->options.shards);
	for (unsigned i = 0; i < store->options.shards; i++) {
		pthread_mutex_init(&memory->shards[i].lock, NULL);
		memory->shards[i].users = g_hash_table_new_full(hash_of, same, record_free, NULL);
		memory->shards[i].entities = g_hash_table_new_full(hash_of, same, record_free, NULL);
	}
	return true;
}

static void memory_close(struct keystore *store)
{
	struct memory *memory = (struct memory *)store;

	for (unsigned i = 0; i < store->options.shards; i++) {
		g_hash_table_unref(memory->shards[i].users);
		g_hash_table_unref(memory->shards[i].entities);
		pthread_mutex_destroy(&memory->shards[i].lock);
	}
	g_free(memory->shards);
}

static bool memory_start(struct keystore_session *session, GError **error)
{
	(void)session;
	(void)error;
	return true;
}

static void memory_stop(struct keystore_session *session)
{
	(void)session;
}

/* By the upper bits: the table within a shard goes by the lower ones. */
static struct shard *shard_of(struct keystore_session *session, struct cpns_octets id)
{
	struct memory *memory = (struct memory *)session->store;
	struct record wanted = {.id = id};

	return &memory->shards[((uint64_t)(hash_of(&wanted) * 2654435769u) * session->store->options.shards) >> 32];
}

static bool memory_begin(struct keystore_session *session, struct cpns_octets id, GError **error)
{
	struct session *s = (struct session *)session;
	struct memory *memory = (struct memory *)session->store;

	(void)error;
	s->all_locked = id.n == 0;
	if (!s->all_locked) {
		s->locked = shard_of(session, id);
		pthread_mutex_lock(&s->locked->lock);
	}
	for (unsigned i = 0; s->all_locked && i < session->store->options.shards; i++)
		pthread_mutex_lock(
		    &memory->shards[i].lock); /* in order, so that two sessions cannot wait for each other */
	return true;
}

static bool memory_end(struct keystore_session *session, bool keep, GError **error)
{
	struct session *s = (struct session *)session;
	struct memory *memory = (struct memory *)session->store;

	(void)keep;
	(void)error;
	for (unsigned i = 0; s->all_locked && i < session->store->options.shards; i++)
		pthread_mutex_unlock(&memory->shards[i].lock);
	if (!s->all_locked)
		pthread_mutex_unlock(&s->locked->lock);
	s->locked = NULL;
	s->all_locked = false;
	return true;
}

/* The shard of a record, locked by this look unless by the transaction around it. */
static struct shard *look(struct keystore_session *session, struct cpns_octets id)
{
	struct session *s = (struct session *)session;
	struct shard *shard = shard_of(session, id);

	if (!s->all_locked && s->locked != shard)
		pthread_mutex_lock(&shard->lock);
	return shard;
}

static void look_end(struct keystore_session *session, struct shard *shard)
{
	struct session *s = (struct session *)session;

	if (!s->all_locked && s->locked != shard)
		pthread_mutex_unlock(&shard->lock);
}

static bool memory_get_user(struct keystore_session *session, struct cpns_octets id, struct keystore_user *user,
			    GError **error)
{
	struct shard *shard = look(session, id);
	const struct record *record = g_hash_table_lookup(shard->users, &(struct record){.id = id});

	(void)error;
	if (record != NULL)
		keystore_user_decode(user, (struct cpns_octets){record->row->data, record->row->len});
	look_end(session, shard);
	return record != NULL;
}

static bool memory_get_entity(struct keystore_session *session, struct cpns_octets id, struct keystore_entity *entity,
			      GError **error)
{
	struct shard *shard = look(session, id);
	const struct record *record = g_hash_table_lookup(shard->entities, &(struct record){.id = id});

	(void)error;
	if (record != NULL)
		keystore_entity_decode(entity, (struct cpns_octets){record->row->data, record->row->len});
	look_end(session, shard);
	return record != NULL;
}

/* The row of that ID, made where there is none. */
static GByteArray *row_of(GHashTable *table, struct cpns_octets id)
{
	struct record *record = g_hash_table_lookup(table, &(struct record){.id = id});

	if (record == NULL) {
		record = g_malloc(sizeof *record + id.n);
		memcpy(record->octets, id.at, id.n);
		record->id = (struct cpns_octets){record->octets, id.n};
		record->row = g_byte_array_new();
		g_hash_table_add(table, record);
	}
	return record->row;
}

static bool memory_put_user(struct keystore_session *session, struct cpns_octets id, const struct keystore_user *user,
			    GError **error)
{
	uint8_t row[KEYSTORE_USER_ROW];

	(void)error;
	keystore_user_encode(user, row);
	keystore_set_octets(row_of(shard_of(session, id)->users, id), (struct cpns_octets){row, sizeof row});
	return true;
}

static bool memory_put_entity(struct keystore_session *session, struct cpns_octets id,
			      const struct keystore_entity *entity, GError **error)
{
	(void)error;
	keystore_entity_encode(entity, row_of(shard_of(session, id)->entities, id));
	return true;
}

static int64_t memory_each(struct keystore_session *session,
			   void (*take)(void *data, struct cpns_octets id, const struct keystore_entity *entity),
			   void *data, GError **error)
{
	struct memory *memory = (struct memory *)session->store;
	int64_t n = 0;

	(void)error;
	for (unsigned i = 0; i < session->store->options.shards; i++) {
		GHashTableIter iterator;
		gpointer key;

		pthread_mutex_lock(&memory->shards[i].lock);
		g_hash_table_iter_init(&iterator, memory->shards[i].entities);
		for (; g_hash_table_iter_next(&iterator, &key, NULL); n++) {
			const struct record *record = key;

			keystore_entity_decode(&session->scratch,
					       (struct cpns_octets){record->row->data, record->row->len});
			take(data, record->id, &session->scratch);
		}
		pthread_mutex_unlock(&memory->shards[i].lock);
	}
	return n;
}

static char *memory_library(void)
{
	return g_strdup_printf("GLib %u.%u.%u", glib_major_version, glib_minor_version, glib_micro_version);
}

static char *memory_flags(const struct keystore *store)
{
	return g_strdup_printf("shards=%u pthread_mutex", store->options.shards);
}

const struct keystore_body keystore_body = {
    .name = "memory",
    .store_size = sizeof(struct memory),
    .session_size = sizeof(struct session),
    .library = memory_library,
    .flags = memory_flags,
    .open = memory_open,
    .close = memory_close,
    .start = memory_start,
    .stop = memory_stop,
    .begin = memory_begin,
    .end = memory_end,
    .get_user = memory_get_user,
    .get_entity = memory_get_entity,
    .put_user = memory_put_user,
    .put_entity = memory_put_entity,
    .each = memory_each,
};
