#include "models/keystore/keystore.h"

#include <assert.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "models/keystore/body.h"

const struct keystore_options keystore_defaults = {.timeout_ms = 5000, .pending_max = 8};

G_DEFINE_QUARK(keystore - error - quark, keystore_error)

const char *keystore_name(void)
{
	return keystore_body.name;
}

char *keystore_library(void)
{
	return keystore_body.library();
}

char *keystore_flags(const struct keystore *store)
{
	return keystore_body.flags(store);
}

char *keystore_path(const struct keystore *store, const char *name)
{
	return g_build_filename(store->options.folder, name, NULL);
}

static bool refuse(GError **error, const char *reason)
{
	g_set_error(error, KEYSTORE_ERROR, KEYSTORE_ERROR_OPTION, "%s: %s", keystore_body.name, reason);
	return false;
}

/* What each body has or has not. */
static bool check_options(const struct keystore_options *o, GError **error)
{
	bool memory = strcmp(keystore_body.name, "memory") == 0,
	     cipher = strcmp(keystore_body.name, "sqlcipher") == 0;

	if (o->pending_max < 1)
		return refuse(error, "an entity keeps at least 1 pending set");
	if (memory && o->folder != NULL)
		return refuse(error, "is kept in memory: it has no folder");
	if (!memory && (o->folder == NULL || *o->folder == '\0'))
		return refuse(error, "a folder is missing");
	if (memory != (o->shards > 0))
		return refuse(error, memory ? "needs at least 1 shard" : "has no shards");
	if (cipher && o->passphrase.n == 0)
		return refuse(error, "a passphrase is missing or empty");
	if (!cipher && o->passphrase.n > 0)
		return refuse(error, "is not encrypted: it takes no passphrase");
	return true;
}

static bool make_folder(const char *folder, GError **error)
{
	if (folder == NULL || g_mkdir(folder, 0700) == 0 || errno == EEXIST)
		return true;
	g_set_error(error, KEYSTORE_ERROR, KEYSTORE_ERROR_FAILED, "%s: cannot be created: %s", folder,
		    g_strerror(errno));
	return false;
}

struct keystore *keystore_open(const struct keystore_options *options, GError **error)
{
	if (!check_options(options, error) || !make_folder(options->folder, error))
		return NULL;
	struct keystore *store = g_malloc0(keystore_body.store_size);

	store->options = *options;
	store->options.folder = g_strdup(options->folder);
	store->options.passphrase.at = g_memdup2(options->passphrase.at, options->passphrase.n);
	if (keystore_body.open(store, error))
		return store;
	keystore_close(store);
	return NULL;
}

void keystore_close(struct keystore *store)
{
	if (store == NULL)
		return;
	uint8_t *passphrase = (uint8_t *)(uintptr_t)store->options.passphrase.at;

	keystore_body.close(store);
	if (passphrase != NULL)
		explicit_bzero(passphrase, store->options.passphrase.n);
	g_free(passphrase);
	g_free((char *)(uintptr_t)store->options.folder);
	g_free(store);
}

struct keystore_session *keystore_session_new(struct keystore *store, GError **error)
{
	struct keystore_session *session = g_malloc0(keystore_body.session_size);

	session->store = store;
	keystore_entity_init(&session->scratch);
	if (keystore_body.start(session, error))
		return session;
	keystore_session_free(session);
	return NULL;
}

void keystore_session_free(struct keystore_session *session)
{
	if (session == NULL)
		return;
	keystore_body.stop(session);
	keystore_entity_clear(&session->scratch);
	g_free(session);
}

static bool check_id(struct cpns_octets id, GError **error)
{
	if (id.n >= 1 && id.n <= KEYSTORE_ID_MAX)
		return true;
	g_set_error(error, KEYSTORE_ERROR, KEYSTORE_ERROR_FAILED, "an ID of %zu octets: it must have 1 to %d", id.n,
		    KEYSTORE_ID_MAX);
	return false;
}

/* What was looked for is not there, unless an error says that the look failed. */
static bool found(bool found, const GError *failure, const char *kind, struct cpns_octets id, GError **error)
{
	if (found || failure != NULL)
		return found;
	g_autofree char *text = g_strndup((const char *)id.at, id.n);
	g_autofree char *name = g_strescape(text, NULL);

	g_set_error(error, KEYSTORE_ERROR, KEYSTORE_ERROR_ABSENT, "no %s \"%s\"", kind, name);
	return false;
}

static bool get_entity(struct keystore_session *session, struct cpns_octets id, struct keystore_entity *entity,
		       GError **error)
{
	GError *failure = NULL;
	bool got = found(keystore_body.get_entity(session, id, entity, &failure), failure, "entity", id, error);

	if (failure != NULL)
		g_propagate_error(error, failure);
	return got;
}

bool keystore_get_user(struct keystore_session *session, struct cpns_octets id, struct keystore_user *user,
		       GError **error)
{
	GError *failure = NULL;

	if (!check_id(id, error))
		return false;
	bool got = found(keystore_body.get_user(session, id, user, &failure), failure, "user", id, error);

	if (failure != NULL)
		g_propagate_error(error, failure);
	return got;
}

bool keystore_get_entity(struct keystore_session *session, struct cpns_octets id, struct keystore_entity *entity,
			 GError **error)
{
	return check_id(id, error) && get_entity(session, id, entity, error);
}

bool keystore_begin(struct keystore_session *session, GError **error)
{
	assert(!session->inside);
	session->inside = keystore_body.begin(session, (struct cpns_octets){0}, error);
	return session->inside;
}

bool keystore_end(struct keystore_session *session, bool keep, GError **error)
{
	assert(session->inside);
	session->inside = false;
	return keystore_body.end(session, keep, error);
}

/* A change is a transaction of its own, unless it is part of one. */
static bool enter(struct keystore_session *session, struct cpns_octets id, GError **error)
{
	return session->inside || keystore_body.begin(session, id, error);
}

static bool leave(struct keystore_session *session, bool done, GError **error)
{
	if (session->inside)
		return done;
	return done ? keystore_body.end(session, true, error) : (keystore_body.end(session, false, NULL), false);
}

bool keystore_put_user(struct keystore_session *session, struct cpns_octets id, const struct keystore_user *user,
		       GError **error)
{
	return check_id(id, error) && enter(session, id, error) &&
	       leave(session, keystore_body.put_user(session, id, user, error), error);
}

bool keystore_put_entity(struct keystore_session *session, struct cpns_octets id,
			 const struct keystore_entity *entity, GError **error)
{
	const char *fault = keystore_entity_fault(entity);

	if (fault != NULL) {
		g_set_error(error, KEYSTORE_ERROR, KEYSTORE_ERROR_FAILED, "a record that no store takes: %s", fault);
		return false;
	}
	return check_id(id, error) && enter(session, id, error) &&
	       leave(session, keystore_body.put_entity(session, id, entity, error), error);
}

bool keystore_insert(struct keystore_session *session, struct cpns_octets id, const uint8_t *keys, uint32_t n,
		     GError **error)
{
	struct keystore_entity *entity = &session->scratch;

	if (n < 1 || n > KEYSTORE_SET_MAX) {
		g_set_error(error, KEYSTORE_ERROR, KEYSTORE_ERROR_FAILED, "a set of %u EUKeys: it must have 1 to %d",
			    n, KEYSTORE_SET_MAX);
		return false;
	}
	if (!check_id(id, error) || !enter(session, id, error))
		return false;
	bool done = get_entity(session, id, entity, error);

	if (done) {
		keystore_entity_add(entity, keys, n, session->store->options.pending_max);
		done = keystore_body.put_entity(session, id, entity, error);
	}
	return leave(session, done, error);
}

bool keystore_confirm(struct keystore_session *session, struct cpns_octets id, const uint8_t key[CPNS_HASH],
		      GError **error)
{
	struct keystore_entity *entity = &session->scratch;

	if (!check_id(id, error) || !enter(session, id, error))
		return false;
	bool done = get_entity(session, id, entity, error);

	if (done && !keystore_entity_confirm(entity, key)) {
		g_set_error(error, KEYSTORE_ERROR, KEYSTORE_ERROR_ABSENT, "no such pending EUKey");
		done = false;
	}
	return leave(session, done && keystore_body.put_entity(session, id, entity, error), error);
}

int64_t keystore_each(struct keystore_session *session,
		      void (*take)(void *data, struct cpns_octets id, const struct keystore_entity *entity),
		      void *data, GError **error)
{
	return keystore_body.each(session, take, data, error);
}

static void take_nothing(void *data, struct cpns_octets id, const struct keystore_entity *entity)
{
	(void)data;
	(void)id;
	(void)entity;
}

bool keystore_check(struct keystore_session *session, GError **error)
{
	return (keystore_body.check == NULL || keystore_body.check(session, error)) &&
	       keystore_body.each(session, take_nothing, NULL, error) >= 0;
}

uint64_t keystore_busy(const struct keystore_session *session)
{
	return session->busy;
}
