/* What a body of keystore.h provides: its library behind nine functions. Private to keystore/.
 *
 * A transaction is between begin and end, on one session, and sees its own changes. get_* outside of one are looks of
 * their own; put_* stand in one. They return false with *error, or with no error set for "there is none". */
#ifndef CPNS_KEYSTORE_BODY_H
#define CPNS_KEYSTORE_BODY_H

#include "models/keystore/keystore.h"

/* Each begins a body's own struct. */
struct keystore {
	struct keystore_options options; /* folder and passphrase are copies */
};

struct keystore_session {
	struct keystore *store;
	struct keystore_entity scratch;
	uint64_t busy;
	bool inside; /* a transaction */
};

struct keystore_body {
	const char *name;
	size_t store_size, session_size;
	char *(*library)(void);
	char *(*flags)(const struct keystore *store);
	/* The options have been checked as far as they do not depend on the body; the folder exists. */
	bool (*open)(struct keystore *store, GError **error);
	void (*close)(struct keystore *store); /* also after an open that failed */
	bool (*start)(struct keystore_session *session, GError **error);
	void (*stop)(struct keystore_session *session); /* also after a start that failed */
	/* `id`: the one record that it is about; n == 0: any */
	bool (*begin)(struct keystore_session *session, struct cpns_octets id, GError **error);
	bool (*end)(struct keystore_session *session, bool keep, GError **error);
	bool (*get_user)(struct keystore_session *session, struct cpns_octets id, struct keystore_user *user,
			 GError **error);
	bool (*get_entity)(struct keystore_session *session, struct cpns_octets id, struct keystore_entity *entity,
			   GError **error);
	bool (*put_user)(struct keystore_session *session, struct cpns_octets id, const struct keystore_user *user,
			 GError **error);
	bool (*put_entity)(struct keystore_session *session, struct cpns_octets id,
			   const struct keystore_entity *entity, GError **error);
	/* Every record, those of users checked and not told. */
	int64_t (*each)(struct keystore_session *session,
			void (*take)(void *data, struct cpns_octets id, const struct keystore_entity *entity),
			void *data, GError **error);
	bool (*check)(struct keystore_session *session, GError **error); /* NULL: the library has none */
};

extern const struct keystore_body keystore_body;

/* "FOLDER/NAME", the caller's to g_free. */
char *keystore_path(const struct keystore *store, const char *name);

#endif
