/* SQLite and, with KEYSTORE_CIPHER, SQLCipher: the same calls of two libraries that export the same symbols, so this
 * file is compiled once for each. Write-ahead log; a session is a connection with its statements prepared. The calls
 * are those that SQLite 3.15 has, which is what SQLCipher 3.4 is made from. */
#ifdef KEYSTORE_CIPHER
#define SQLITE_HAS_CODEC 1 /* sqlite3.h declares sqlite3_key only then */
#endif
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "models/keystore/body.h"

#ifdef KEYSTORE_CIPHER
enum { CIPHER = 1 };
#else
enum { CIPHER = 0 };
#endif

#define FILE_NAME "keys.db"
#define MAGIC "SQLite format 3" /* and a zero: how a file that is not encrypted begins */

/* PRAGMA application_id: "CPNS". Whatever has another one is somebody else's. */
#define APPLICATION_ID "1129336403"

enum statement {
	BEGIN,
	KEEP,
	DROP,
	GET_USER,
	GET_ENTITY,
	SET_USER,
	ADD_USER,
	SET_ENTITY,
	ADD_ENTITY,
	EACH_USER,
	EACH_ENTITY,
	STATEMENTS,
};

static const char *const statements[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE", /* the write lock first: what is read will be written */
    [KEEP] = "COMMIT",
    [DROP] = "ROLLBACK",
    [GET_USER] = "SELECT pwh, registrations FROM users WHERE id = ?1",
    [GET_ENTITY] = "SELECT owner, tk, eukeys, pending FROM entities WHERE id = ?1",
    [SET_USER] = "UPDATE users SET pwh = ?2, registrations = ?3 WHERE id = ?1",
    [ADD_USER] = "INSERT INTO users VALUES (?1, ?2, ?3)",
    [SET_ENTITY] = "UPDATE entities SET owner = ?2, tk = ?3, eukeys = ?4, pending = ?5 WHERE id = ?1",
    [ADD_ENTITY] = "INSERT INTO entities VALUES (?1, ?2, ?3, ?4, ?5)",
    [EACH_USER] = "SELECT pwh, registrations, id FROM users",
    [EACH_ENTITY] = "SELECT owner, tk, eukeys, pending, id FROM entities",
};

/* Rows of entities grow with their sets, which tables without rowids are not made for. */
static const char schema[] = "CREATE TABLE IF NOT EXISTS users (id BLOB PRIMARY KEY NOT NULL, pwh BLOB NOT NULL,"
			     " registrations INTEGER NOT NULL) WITHOUT ROWID;"
			     "CREATE TABLE IF NOT EXISTS entities (id BLOB PRIMARY KEY NOT NULL, owner BLOB NOT NULL,"
			     " tk BLOB NOT NULL, eukeys BLOB NOT NULL, pending BLOB NOT NULL);"
			     "PRAGMA application_id = " APPLICATION_ID ";";

struct sql {
	struct keystore store;
	char *path;
};

struct session {
	struct keystore_session session;
	sqlite3 *db;
	sqlite3_stmt *prepared[STATEMENTS];
};

static const char *path_of(const struct session *s)
{
	return ((const struct sql *)s->session.store)->path;
}

static bool no_room(int reason)
{
	return reason == ENOSPC || reason == EFBIG || reason == EDQUOT;
}

/* Why the system refused, where that is what failed; 0: it did not, or nobody knows. The library forgets it where it
 * has rolled back since, but nothing sets errno to 0 but us. */
static int system_reason(sqlite3 *db)
{
	int code = sqlite3_errcode(db) & 0xff, reason = sqlite3_system_errno(db);

	if (code != SQLITE_IOERR && code != SQLITE_CANTOPEN && code != SQLITE_FULL)
		return 0;
	return reason != 0 ? reason : errno;
}

static enum keystore_error kind_of(sqlite3 *db)
{
	int code = sqlite3_errcode(db) & 0xff;

	switch (code) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return KEYSTORE_ERROR_BUSY;
	case SQLITE_FULL:
		return KEYSTORE_ERROR_SPACE;
	case SQLITE_NOTADB:
		return KEYSTORE_ERROR_LOCKED;
	default:
		return code == SQLITE_IOERR && no_room(system_reason(db)) ? KEYSTORE_ERROR_SPACE
									  : KEYSTORE_ERROR_FAILED;
	}
}

/* False, with what the library says of its last call. */
static bool fail(const struct session *s, const char *doing, GError **error)
{
	int reason = system_reason(s->db); /* before anything else sets errno */
	enum keystore_error kind = kind_of(s->db);

	if (kind == KEYSTORE_ERROR_LOCKED)
		g_set_error(error, KEYSTORE_ERROR, kind, "%s: %s", path_of(s),
			    CIPHER ? "the passphrase is wrong, or this is no SQLCipher store"
				   : "is encrypted, or no SQLite database");
	else
		g_set_error(error, KEYSTORE_ERROR, kind, "%s: cannot %s: %s%s%s", path_of(s), doing,
			    sqlite3_errmsg(s->db), reason != 0 ? ": " : "", reason != 0 ? g_strerror(reason) : "");
	return false;
}

/* The schedule of sqlite3_busy_timeout (main.c of SQLite), by hand so as to count how often it is asked. */
static int poll_lock(void *data, int before)
{
	static const uint8_t delays_ms[] = {1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100};
	const int last = G_N_ELEMENTS(delays_ms) - 1;
	struct session *s = data;
	int64_t so_far = 0, delay = delays_ms[MIN(before, last)];

	s->session.busy++;
	for (int i = 0; i < MIN(before, last); i++)
		so_far += delays_ms[i];
	if (before > last)
		so_far += (int64_t)(before - last) * delays_ms[last];
	delay = MIN(delay, (int64_t)s->session.store->options.timeout_ms - so_far);
	if (delay <= 0)
		return 0;
	usleep((useconds_t)(delay * 1000));
	return 1;
}

static bool run(struct session *s, const char *sql, const char *doing, GError **error)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK || fail(s, doing, error);
}

/* The first column of the only row that `sql` gives, the caller's to g_free; NULL with *error. */
static char *ask(struct session *s, const char *sql, const char *doing, GError **error)
{
	sqlite3_stmt *statement = NULL;
	char *answer = NULL;

	if (sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0) != NULL)
		answer = g_strdup((const char *)sqlite3_column_text(statement, 0));
	else
		fail(s, doing, error);
	sqlite3_finalize(statement);
	return answer;
}

/* What the library's own messages would not say so clearly. */
static bool check_file(const char *path, GError **error)
{
	char head[sizeof MAGIC] = "";
	FILE *file = fopen(path, "rb");

	if (file == NULL)
		return true; /* a new store, or the library will say why not */
	size_t n = fread(head, 1, sizeof head, file);

	fclose(file);
	if (!CIPHER || n < sizeof head || memcmp(head, MAGIC, sizeof head) != 0)
		return true;
	g_set_error(error, KEYSTORE_ERROR, KEYSTORE_ERROR_LOCKED, "%s: is a plain SQLite file, not encrypted", path);
	return false;
}

static bool sql_open(struct keystore *store, GError **error)
{
	struct sql *sql = (struct sql *)store;

	sql->path = keystore_path(store, FILE_NAME);
	return check_file(sql->path, error);
}

static void sql_close(struct keystore *store)
{
	g_free(((struct sql *)store)->path);
}

static bool unlock(struct session *s, GError **error)
{
#ifdef KEYSTORE_CIPHER
	struct cpns_octets passphrase = s->session.store->options.passphrase;

	if (sqlite3_key(s->db, passphrase.at, (int)passphrase.n) != SQLITE_OK)
		return fail(s, "take the passphrase", error);
#endif
	return run(s, "PRAGMA temp_store = MEMORY", "be opened", error); /* nothing in clear beside the store */
}

/* A new file gets its tables; one of somebody else is left alone. */
static bool make_tables(struct session *s, GError **error)
{
	g_autofree char *id = ask(s, "PRAGMA application_id", "be read", error);

	if (id == NULL)
		return false;
	if (strcmp(id, APPLICATION_ID) == 0)
		return true;
	g_autofree char *tables = ask(s, "SELECT count(*) FROM sqlite_master", "be read", error);

	if (tables == NULL)
		return false;
	if (strcmp(id, "0") != 0 || strcmp(tables, "0") != 0) {
		/* Not so if another session has been faster. */
		g_autofree char *now = ask(s, "PRAGMA application_id", "be read", error);

		if (now != NULL && strcmp(now, APPLICATION_ID) == 0)
			return true;
		g_clear_error(error);
		g_set_error(error, KEYSTORE_ERROR, KEYSTORE_ERROR_FAILED,
			    "%s: is a database, but no key store of ours", path_of(s));
		return false;
	}
	g_autofree char *mode = ask(s, "PRAGMA journal_mode = WAL", "be created", error);

	if (mode == NULL)
		return false;
	if (!run(s, statements[BEGIN], "be created", error))
		return false;
	bool made = run(s, schema, "be created", error) && run(s, statements[KEEP], "be created", error);

	if (!made && !sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, statements[DROP], NULL, NULL, NULL);
	return made;
}

static bool adjust(struct session *s, GError **error)
{
	const struct keystore_options *o = &s->session.store->options;
	g_autofree char *mode = ask(s, "PRAGMA journal_mode = WAL", "be opened", error);

	if (mode == NULL)
		return false;
	if (strcmp(mode, "wal") != 0) {
		g_set_error(error, KEYSTORE_ERROR, KEYSTORE_ERROR_FAILED, "%s: cannot have a write-ahead log here",
			    path_of(s));
		return false;
	}
	g_autofree char *size = ask(s, "PRAGMA page_size", "be opened", error);

	if (size == NULL)
		return false;
	guint64 pages = o->size_max > 0 ? MAX(o->size_max / g_ascii_strtoull(size, NULL, 10), 1) : 0;
	g_autofree char *bound =
	    g_strdup_printf("PRAGMA max_page_count = %" G_GUINT64_FORMAT, MIN(pages, 1073741823));
	g_autofree char *checkpoint = g_strdup_printf("PRAGMA wal_autocheckpoint = %u", o->checkpoint);

	return run(s, o->durability == KEYSTORE_FULL ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL",
		   "be opened", error) &&
	       (pages == 0 || run(s, bound, "be opened", error)) &&
	       (o->checkpoint == 0 || run(s, checkpoint, "be opened", error));
}

static bool prepare(struct session *s, GError **error)
{
	for (int i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v2(s->db, statements[i], -1, &s->prepared[i], NULL) != SQLITE_OK)
			return fail(s, "be used", error);
	return true;
}

/* Where several open a new store at once, the library finds some of its locks taken without asking the busy handler:
 * then all is tried again, by the same schedule. */
static bool set_up(struct session *s, GError **error)
{
	GError *failure = NULL;

	for (int before = 0; !(make_tables(s, &failure) && adjust(s, &failure)); before++) {
		if (!g_error_matches(failure, KEYSTORE_ERROR, KEYSTORE_ERROR_BUSY) || !poll_lock(s, before))
			return g_propagate_error(error, failure), false;
		g_clear_error(&failure);
	}
	s->session.busy = 0; /* what was in the way of opening is no one's count */
	return true;
}

static bool sql_start(struct keystore_session *session, GError **error)
{
	struct session *s = (struct session *)session;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX; /* one thread a session */

	if (sqlite3_open_v2(path_of(s), &s->db, flags, NULL) != SQLITE_OK)
		return fail(s, "be opened", error);
	sqlite3_busy_handler(s->db, poll_lock, s);
	return unlock(s, error) && set_up(s, error) && prepare(s, error);
}

static void sql_stop(struct keystore_session *session)
{
	struct session *s = (struct session *)session;

	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(s->prepared[i]);
	sqlite3_close(s->db);
}

/* Runs a statement that gives no row. */
static bool perform(struct session *s, enum statement which, const char *doing, GError **error)
{
	errno = 0;
	bool done = sqlite3_step(s->prepared[which]) == SQLITE_DONE || fail(s, doing, error);

	sqlite3_reset(s->prepared[which]);
	sqlite3_clear_bindings(s->prepared[which]);
	return done;
}

static bool sql_begin(struct keystore_session *session, struct cpns_octets id, GError **error)
{
	(void)id;
	return perform((struct session *)session, BEGIN, "be locked for writing", error);
}

static bool sql_end(struct keystore_session *session, bool keep, GError **error)
{
	struct session *s = (struct session *)session;
	bool done = !keep || perform(s, KEEP, "be written", error);

	if (!(keep && done) && !sqlite3_get_autocommit(s->db)) /* some failures have rolled back already */
		perform(s, DROP, "be rolled back", NULL);
	return done;
}

static bool bind(struct session *s, enum statement which, int at, struct cpns_octets octets)
{
	return sqlite3_bind_blob(s->prepared[which], at, octets.n > 0 ? (const void *)octets.at : "", (int)octets.n,
				 SQLITE_STATIC) == SQLITE_OK;
}

static struct cpns_octets column(struct session *s, enum statement which, int at)
{
	const uint8_t *octets = sqlite3_column_blob(s->prepared[which], at); /* before its length: it may convert */

	return (struct cpns_octets){octets, (size_t)sqlite3_column_bytes(s->prepared[which], at)};
}

static bool damaged(const struct session *s, GError **error)
{
	g_set_error(error, KEYSTORE_ERROR, KEYSTORE_ERROR_FAILED, "%s: a record is damaged", path_of(s));
	return false;
}

static bool read_user(struct session *s, enum statement which, struct keystore_user *user, GError **error)
{
	struct cpns_octets pwh = column(s, which, 0);

	if (pwh.n != sizeof user->pwh)
		return damaged(s, error);
	memcpy(user->pwh, pwh.at, sizeof user->pwh);
	user->registrations = (uint32_t)sqlite3_column_int64(s->prepared[which], 1);
	return true;
}

static bool read_entity(struct session *s, enum statement which, struct keystore_entity *entity, GError **error)
{
	GByteArray *const parts[] = {entity->owner, entity->tk, entity->current, entity->pending};

	for (int i = 0; i < (int)G_N_ELEMENTS(parts); i++)
		keystore_set_octets(parts[i], column(s, which, i));
	return keystore_entity_fault(entity) == NULL || damaged(s, error);
}

/* The row of that ID, to be read before the statement is reset. */
static bool look(struct session *s, enum statement which, struct cpns_octets id, GError **error)
{
	int code = bind(s, which, 1, id) ? sqlite3_step(s->prepared[which]) : SQLITE_NOMEM;

	return code == SQLITE_ROW || (code != SQLITE_DONE && fail(s, "be read", error));
}

static bool sql_get_user(struct keystore_session *session, struct cpns_octets id, struct keystore_user *user,
			 GError **error)
{
	struct session *s = (struct session *)session;
	bool got = look(s, GET_USER, id, error) && read_user(s, GET_USER, user, error);

	sqlite3_reset(s->prepared[GET_USER]);
	return got;
}

static bool sql_get_entity(struct keystore_session *session, struct cpns_octets id, struct keystore_entity *entity,
			   GError **error)
{
	struct session *s = (struct session *)session;
	bool got = look(s, GET_ENTITY, id, error) && read_entity(s, GET_ENTITY, entity, error);

	sqlite3_reset(s->prepared[GET_ENTITY]);
	return got;
}

static bool put_user(struct session *s, enum statement which, struct cpns_octets id, const struct keystore_user *user,
		     GError **error)
{
	bool bound = bind(s, which, 1, id) && bind(s, which, 2, (struct cpns_octets){user->pwh, sizeof user->pwh}) &&
		     sqlite3_bind_int64(s->prepared[which], 3, user->registrations) == SQLITE_OK;

	return (bound || fail(s, "be written", error)) && perform(s, which, "be written", error);
}

static bool sql_put_user(struct keystore_session *session, struct cpns_octets id, const struct keystore_user *user,
			 GError **error)
{
	struct session *s = (struct session *)session;

	return put_user(s, SET_USER, id, user, error) &&
	       (sqlite3_changes(s->db) > 0 || put_user(s, ADD_USER, id, user, error));
}

static bool put_entity(struct session *s, enum statement which, struct cpns_octets id,
		       const struct keystore_entity *entity, GError **error)
{
	const GByteArray *const parts[] = {entity->owner, entity->tk, entity->current, entity->pending};
	bool bound = bind(s, which, 1, id);

	for (int i = 0; i < (int)G_N_ELEMENTS(parts); i++)
		bound = bound && bind(s, which, i + 2, (struct cpns_octets){parts[i]->data, parts[i]->len});
	return (bound || fail(s, "be written", error)) && perform(s, which, "be written", error);
}

static bool sql_put_entity(struct keystore_session *session, struct cpns_octets id,
			   const struct keystore_entity *entity, GError **error)
{
	struct session *s = (struct session *)session;

	return put_entity(s, SET_ENTITY, id, entity, error) &&
	       (sqlite3_changes(s->db) > 0 || put_entity(s, ADD_ENTITY, id, entity, error));
}

/* Steps through all rows and reads each: `take` NULL for users. How many, or -1 with *error. */
static int64_t walk(struct session *s, enum statement which,
		    void (*take)(void *data, struct cpns_octets id, const struct keystore_entity *entity), void *data,
		    GError **error)
{
	struct keystore_user user;
	int64_t n = 0;
	bool sound = true;
	int code;

	while (sound && (code = sqlite3_step(s->prepared[which])) != SQLITE_DONE) {
		sound = code == SQLITE_ROW || fail(s, "be read", error);
		sound = sound && (take == NULL ? read_user(s, which, &user, error)
					       : read_entity(s, which, &s->session.scratch, error));
		if (sound && take != NULL)
			take(data, column(s, which, 4), &s->session.scratch);
		n++;
	}
	sqlite3_reset(s->prepared[which]);
	return sound ? n : -1;
}

static int64_t sql_each(struct keystore_session *session,
			void (*take)(void *data, struct cpns_octets id, const struct keystore_entity *entity),
			void *data, GError **error)
{
	struct session *s = (struct session *)session;

	return walk(s, EACH_USER, NULL, NULL, error) < 0 ? -1 : walk(s, EACH_ENTITY, take, data, error);
}

static bool sql_check(struct keystore_session *session, GError **error)
{
	struct session *s = (struct session *)session;
	g_autofree char *verdict = ask(s, "PRAGMA integrity_check", "be checked", error);

	if (verdict == NULL || strcmp(verdict, "ok") == 0)
		return verdict != NULL;
	g_set_error(error, KEYSTORE_ERROR, KEYSTORE_ERROR_FAILED, "%s: is damaged: %s", path_of(s), verdict);
	return false;
}

static char *sql_library(void)
{
#ifdef KEYSTORE_CIPHER
	struct session s = {0};
	char *version = NULL;

	if (sqlite3_open(":memory:", &s.db) == SQLITE_OK)
		version = ask(&s, "PRAGMA cipher_version", "say its version", NULL);
	sqlite3_close(s.db);
	char *library = g_strdup_printf("SQLCipher %s (SQLite %s)", version != NULL ? version : "of no known version",
					sqlite3_libversion());

	g_free(version);
	return library;
#else
	return g_strdup_printf("SQLite %s", sqlite3_libversion());
#endif
}

static char *sql_flags(const struct keystore *store)
{
	const struct keystore_options *o = &store->options;

	return g_strdup_printf("journal_mode=WAL synchronous=%s wal_autocheckpoint=%u busy_timeout=%ums",
			       o->durability == KEYSTORE_FULL ? "FULL" : "NORMAL",
			       o->checkpoint > 0 ? o->checkpoint : 1000, o->timeout_ms);
}

const struct keystore_body keystore_body = {
    .name = CIPHER ? "sqlcipher" : "sqlite",
    .store_size = sizeof(struct sql),
    .session_size = sizeof(struct session),
    .library = sql_library,
    .flags = sql_flags,
    .open = sql_open,
    .close = sql_close,
    .start = sql_start,
    .stop = sql_stop,
    .begin = sql_begin,
    .end = sql_end,
    .get_user = sql_get_user,
    .get_entity = sql_get_entity,
    .put_user = sql_put_user,
    .put_entity = sql_put_entity,
    .each = sql_each,
    .check = sql_check,
};
