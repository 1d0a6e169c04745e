/* LMDB: one memory-mapped tree, one writer at a time behind a mutex that is a queue, readers on snapshots of their
 * own without a lock. A session is a read transaction that is renewed for each look. */
#include <errno.h>
#include <lmdb.h>
#include <string.h>
#include <sys/statvfs.h>

#include "models/keystore/body.h"

#define ROOM (UINT64_C(1) << 30)   /* octets of the map, where options say nothing */
#define MARGIN (UINT64_C(1) << 20) /* octets; less than a commit may need is a full disc */

struct lmdb {
	struct keystore store;
	MDB_env *env;
	MDB_dbi users, entities;
};

struct session {
	struct keystore_session session;
	MDB_txn *reader, *writer; /* writer: NULL outside of a transaction */
	GByteArray *row;
};

static struct lmdb *lmdb_of(const struct keystore_session *session)
{
	return (struct lmdb *)session->store;
}

/* LMDB calls a write that fell short an input/output error, for which a full disc is the usual reason. */
static bool disc_is_full(const char *folder)
{
	struct statvfs s;

	return statvfs(folder, &s) == 0 && s.f_bavail * s.f_frsize < MARGIN;
}

/* False, with what the library says of `code`. */
static bool fail(const struct keystore *store, int code, const char *doing, GError **error)
{
	if (code == EIO && disc_is_full(store->options.folder))
		code = ENOSPC;
	bool space = code == MDB_MAP_FULL || code == ENOSPC || code == EFBIG || code == EDQUOT;

	g_set_error(error, KEYSTORE_ERROR, space ? KEYSTORE_ERROR_SPACE : KEYSTORE_ERROR_FAILED, "%s: cannot %s: %s",
		    store->options.folder, doing, mdb_strerror(code));
	return false;
}

static int open_tables(struct lmdb *lmdb)
{
	MDB_txn *txn;
	int code = mdb_txn_begin(lmdb->env, NULL, 0, &txn);

	if (code != 0)
		return code;
	if ((code = mdb_dbi_open(txn, "users", MDB_CREATE, &lmdb->users)) == 0 &&
	    (code = mdb_dbi_open(txn, "entities", MDB_CREATE, &lmdb->entities)) == 0)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return code;
}

static bool lmdb_open(struct keystore *store, GError **error)
{
	struct lmdb *lmdb = (struct lmdb *)store;
	const struct keystore_options *o = &store->options;
	unsigned flags = MDB_NOTLS | (o->durability == KEYSTORE_FULL ? 0 : MDB_NOMETASYNC);
	int code, dead;

	if ((code = mdb_env_create(&lmdb->env)) != 0 || (code = mdb_env_set_maxdbs(lmdb->env, 2)) != 0 ||
	    (code = mdb_env_set_mapsize(lmdb->env, o->size_max > 0 ? o->size_max : ROOM)) != 0 ||
	    (code = mdb_env_open(lmdb->env, o->folder, flags, 0600)) != 0)
		return fail(store, code, "be opened", error);
	/* Readers that were killed would keep old pages from being used again. */
	if ((code = mdb_reader_check(lmdb->env, &dead)) != 0 || (code = open_tables(lmdb)) != 0)
		return fail(store, code, "be opened", error);
	return true;
}

static void lmdb_close(struct keystore *store)
{
	struct lmdb *lmdb = (struct lmdb *)store;

	if (lmdb->env != NULL)
		mdb_env_close(lmdb->env);
}

static bool lmdb_start(struct keystore_session *session, GError **error)
{
	struct session *s = (struct session *)session;
	int code = mdb_txn_begin(lmdb_of(session)->env, NULL, MDB_RDONLY, &s->reader);

	s->row = g_byte_array_new();
	if (code != 0)
		return fail(session->store, code, "be read", error);
	mdb_txn_reset(s->reader);
	return true;
}

static void lmdb_stop(struct keystore_session *session)
{
	struct session *s = (struct session *)session;

	mdb_txn_abort(s->writer);
	mdb_txn_abort(s->reader);
	if (s->row->data != NULL)
		explicit_bzero(s->row->data, s->row->len);
	g_byte_array_unref(s->row);
}

static bool lmdb_begin(struct keystore_session *session, struct cpns_octets id, GError **error)
{
	struct session *s = (struct session *)session;
	int code = mdb_txn_begin(lmdb_of(session)->env, NULL, 0, &s->writer);

	(void)id;
	return code == 0 || fail(session->store, code, "be locked for writing", error);
}

static bool lmdb_end(struct keystore_session *session, bool keep, GError **error)
{
	struct session *s = (struct session *)session;
	int code = 0;

	if (keep)
		code = mdb_txn_commit(s->writer);
	else
		mdb_txn_abort(s->writer);
	s->writer = NULL;
	return code == 0 || fail(session->store, code, "be written", error);
}

/* The transaction that a look goes through: the writer's, or the reader renewed, which look_end gives back. */
static MDB_txn *look(struct session *s, GError **error)
{
	int code = s->writer == NULL ? mdb_txn_renew(s->reader) : 0;

	if (code == 0)
		return s->writer != NULL ? s->writer : s->reader;
	fail(s->session.store, code, "be read", error);
	return NULL;
}

static void look_end(struct session *s)
{
	if (s->writer == NULL)
		mdb_txn_reset(s->reader);
}

static MDB_val value_of(struct cpns_octets octets)
{
	return (MDB_val){octets.n, (void *)(uintptr_t)octets.at};
}

static struct cpns_octets octets_of(MDB_val value)
{
	return (struct cpns_octets){value.mv_data, value.mv_size};
}

static bool damaged(const struct keystore *store, GError **error)
{
	g_set_error(error, KEYSTORE_ERROR, KEYSTORE_ERROR_FAILED, "%s: a record is damaged", store->options.folder);
	return false;
}

/* Looks the row of that ID up, and decodes it while it is the map's; false without *error: there is none. */
static bool get(struct session *s, MDB_dbi table, struct cpns_octets id,
		bool (*decode)(void *record, struct cpns_octets row), void *record, GError **error)
{
	MDB_txn *txn = look(s, error);
	MDB_val key = value_of(id), data;

	if (txn == NULL)
		return false;
	int code = mdb_get(txn, table, &key, &data);
	bool got = code == 0 && decode(record, octets_of(data));

	look_end(s);
	if (code == 0)
		return got || damaged(s->session.store, error);
	return code != MDB_NOTFOUND && fail(s->session.store, code, "be read", error);
}

static bool decode_user(void *user, struct cpns_octets row)
{
	return keystore_user_decode(user, row);
}

static bool decode_entity(void *entity, struct cpns_octets row)
{
	return keystore_entity_decode(entity, row);
}

static bool lmdb_get_user(struct keystore_session *session, struct cpns_octets id, struct keystore_user *user,
			  GError **error)
{
	return get((struct session *)session, lmdb_of(session)->users, id, decode_user, user, error);
}

static bool lmdb_get_entity(struct keystore_session *session, struct cpns_octets id, struct keystore_entity *entity,
			    GError **error)
{
	return get((struct session *)session, lmdb_of(session)->entities, id, decode_entity, entity, error);
}

static bool put(struct session *s, MDB_dbi table, struct cpns_octets id, struct cpns_octets row, GError **error)
{
	MDB_val key = value_of(id), data = value_of(row);
	int code = mdb_put(s->writer, table, &key, &data, 0);

	return code == 0 || fail(s->session.store, code, "be written", error);
}

static bool lmdb_put_user(struct keystore_session *session, struct cpns_octets id, const struct keystore_user *user,
			  GError **error)
{
	uint8_t row[KEYSTORE_USER_ROW];

	keystore_user_encode(user, row);
	return put((struct session *)session, lmdb_of(session)->users, id, (struct cpns_octets){row, sizeof row},
		   error);
}

static bool lmdb_put_entity(struct keystore_session *session, struct cpns_octets id,
			    const struct keystore_entity *entity, GError **error)
{
	struct session *s = (struct session *)session;

	keystore_entity_encode(entity, s->row);
	return put(s, lmdb_of(session)->entities, id, (struct cpns_octets){s->row->data, s->row->len}, error);
}

/* Reads every row of a table: `take` NULL for users. How many, or -1 with *error. */
static int64_t walk(struct session *s, MDB_txn *txn, MDB_dbi table,
		    void (*take)(void *data, struct cpns_octets id, const struct keystore_entity *entity), void *data,
		    GError **error)
{
	struct keystore_entity *entity = &s->session.scratch;
	struct keystore_user user;
	MDB_val key, row;
	MDB_cursor *cursor;
	int64_t n = 0;
	bool sound = true;
	int code = mdb_cursor_open(txn, table, &cursor);

	if (code != 0)
		return fail(s->session.store, code, "be read", error), -1;
	while (sound && (code = mdb_cursor_get(cursor, &key, &row, MDB_NEXT)) == 0) {
		sound = take == NULL ? keystore_user_decode(&user, octets_of(row))
				     : keystore_entity_decode(entity, octets_of(row));
		if (!sound)
			damaged(s->session.store, error);
		else if (take != NULL)
			take(data, octets_of(key), entity);
		n++;
	}
	mdb_cursor_close(cursor);
	if (sound && code != MDB_NOTFOUND)
		sound = fail(s->session.store, code, "be read", error);
	return sound ? n : -1;
}

static int64_t lmdb_each(struct keystore_session *session,
			 void (*take)(void *data, struct cpns_octets id, const struct keystore_entity *entity),
			 void *data, GError **error)
{
	struct session *s = (struct session *)session;
	MDB_txn *txn = look(s, error);
	int64_t n = -1;

	if (txn == NULL)
		return -1;
	if (walk(s, txn, lmdb_of(session)->users, NULL, NULL, error) >= 0)
		n = walk(s, txn, lmdb_of(session)->entities, take, data, error);
	look_end(s);
	return n;
}

static char *lmdb_library(void)
{
	int major, minor, patch;

	mdb_version(&major, &minor, &patch);
	return g_strdup_printf("LMDB %d.%d.%d", major, minor, patch);
}

static char *lmdb_flags(const struct keystore *store)
{
	return g_strdup(store->options.durability == KEYSTORE_FULL ? "MDB_NOTLS" : "MDB_NOTLS MDB_NOMETASYNC");
}

const struct keystore_body keystore_body = {
    .name = "lmdb",
    .store_size = sizeof(struct lmdb),
    .session_size = sizeof(struct session),
    .library = lmdb_library,
    .flags = lmdb_flags,
    .open = lmdb_open,
    .close = lmdb_close,
    .start = lmdb_start,
    .stop = lmdb_stop,
    .begin = lmdb_begin,
    .end = lmdb_end,
    .get_user = lmdb_get_user,
    .get_entity = lmdb_get_entity,
    .put_user = lmdb_put_user,
    .put_entity = lmdb_put_entity,
    .each = lmdb_each,
};
