/* Real key stores: what a CPNS Server would keep its users and EUKeys in, behind one interface, so that they can be
 * measured and compared (cpns-sim calibrate). A program links one body: SQLite, SQLCipher (which exports the symbols
 * of SQLite, so the two never meet in one process), LMDB, or a hash table of the process under locks.
 *
 * A store is opened once and shared by threads; each thread has a session of its own, which is a connection of the
 * library. Looks see whole transactions. A change is one transaction of its own; when it returns true, it survives
 * the end of the process at any moment (not in the hash table), and with KEYSTORE_FULL that of the machine.
 *
 * What fails sets a GError of KEYSTORE_ERROR, whose text names the file and the reason, and leaves the store as it
 * was. The store holds real keys: files are for their owner alone, and only SQLCipher's are encrypted. */
#ifndef CPNS_KEYSTORE_KEYSTORE_H
#define CPNS_KEYSTORE_KEYSTORE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "models/keystore/record.h"

enum keystore_durability {
	KEYSTORE_FULL,   /* an acknowledged change survives a power cut: each commit is flushed */
	KEYSTORE_NORMAL, /* a power cut may take the last ones, but leaves a sound store (SQLite: synchronous =
			  * NORMAL; LMDB: MDB_NOMETASYNC) */
};

enum keystore_error {
	KEYSTORE_ERROR_FAILED, /* the library's reason is in the text */
	KEYSTORE_ERROR_ABSENT, /* no such user, entity, or pending key */
	KEYSTORE_ERROR_BUSY,   /* the lock was not to be had in time: try again */
	KEYSTORE_ERROR_SPACE,  /* the disc, or the room that options leave, is full */
	KEYSTORE_ERROR_LOCKED, /* the passphrase is wrong, or missing, or the file is not encrypted */
	KEYSTORE_ERROR_OPTION, /* this body has no such option, or not that value */
};

#define KEYSTORE_ERROR keystore_error_quark()
GQuark keystore_error_quark(void);

struct keystore_options {
	const char *folder; /* holds the store, created if its parent is there; NULL for the hash table alone */
	enum keystore_durability durability;
	struct cpns_octets passphrase; /* SQLCipher alone, where it must not be empty; copied */
	unsigned shards;               /* locks of the hash table, each over its share of IDs; else 0 */
	unsigned timeout_ms;           /* SQLite: how long a session polls for the write lock */
	unsigned checkpoint;           /* SQLite: pages of WAL after which a commit moves them; 0: its 1 000 */
	unsigned pending_max;          /* pending sets that an entity keeps, the oldest goes first; at least 1 */
	uint64_t size_max;             /* octets that the store may take; 0: 1 GiB in LMDB, no bound elsewhere */
};

/* What a caller that wants nothing special begins with: full durability, 5 s, 8 pending sets as in the protocol. */
extern const struct keystore_options keystore_defaults;

struct keystore;
struct keystore_session;

/* "sqlite", "sqlcipher", "lmdb", "memory": the body that is linked. */
const char *keystore_name(void);

/* "SQLite 3.40.1": the library that is linked at run time. The caller's to g_free. */
char *keystore_library(void);

/* The flags that matter for what is measured: "journal_mode=WAL synchronous=FULL ...". The caller's to g_free. */
char *keystore_flags(const struct keystore *store);

/* Opens or creates a store; a folder belongs to one process's store at a time only where the library says so: SQLite
 * and LMDB let several in. NULL with *error. */
struct keystore *keystore_open(const struct keystore_options *options, GError **error);

/* All sessions must be freed before. NULL is allowed. */
void keystore_close(struct keystore *store);

/* A session for one thread at a time. SQLCipher derives its key here, which takes some 50 ms. */
struct keystore_session *keystore_session_new(struct keystore *store, GError **error);
void keystore_session_free(struct keystore_session *session);

/* Looks. The record's buffers are overwritten; on failure what they hold is undefined. */
bool keystore_get_user(struct keystore_session *session, struct cpns_octets id, struct keystore_user *user,
		       GError **error);
bool keystore_get_entity(struct keystore_session *session, struct cpns_octets id, struct keystore_entity *entity,
			 GError **error);

/* Provisioning and registration: puts the whole record in place of what there was. */
bool keystore_put_user(struct keystore_session *session, struct cpns_octets id, const struct keystore_user *user,
		       GError **error);
bool keystore_put_entity(struct keystore_session *session, struct cpns_octets id,
			 const struct keystore_entity *entity, GError **error);

/* Several changes in one transaction: those of this session between the two calls, which must not be nested
 * (asserted). Unless `keep`, and when either fails, none of them has happened; in the hash table, which only locks,
 * they have. */
bool keystore_begin(struct keystore_session *session, GError **error);
bool keystore_end(struct keystore_session *session, bool keep, GError **error);

/* EUKey insert: an entity gets a new pending set of n >= 1 keys of CPNS_HASH octets (6.3.1 step 10); the set beyond
 * options.pending_max is dropped. */
bool keystore_insert(struct keystore_session *session, struct cpns_octets id, const uint8_t *keys, uint32_t n,
		     GError **error);

/* The entity has proved that it holds the pending set that begins with `key`: it becomes current, and those issued
 * before it go. */
bool keystore_confirm(struct keystore_session *session, struct cpns_octets id, const uint8_t key[CPNS_HASH],
		      GError **error);

/* Calls `take` for each entity, in no particular order, and returns how many there are; -1 with *error. `take` must
 * not use the session. */
int64_t keystore_each(struct keystore_session *session,
		      void (*take)(void *data, struct cpns_octets id, const struct keystore_entity *entity),
		      void *data, GError **error);

/* The library's own check of its files, where it has one, then every record. */
bool keystore_check(struct keystore_session *session, GError **error);

/* How often this session has found the write lock taken (SQLite polls, by its own schedule), so far. */
uint64_t keystore_busy(const struct keystore_session *session);

#endif
