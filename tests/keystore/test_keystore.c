/* A key store as its header promises it, whichever body is linked. */
#include <glib/gstdio.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/keystore/load.h"
#include "tests/lib/suite.h"

#define PASSPHRASE "open sesame"

static bool is(const char *name)
{
	return strcmp(keystore_name(), name) == 0;
}

static struct cpns_octets text(const char *s)
{
	return (struct cpns_octets){(const uint8_t *)s, strlen(s)};
}

/* A store in a new folder. */
struct place {
	char *folder;
	struct keystore_options options;
	struct keystore *store;
	struct keystore_session *session;
	struct keystore_entity entity;
};

static void open_again(struct place *p)
{
	p->store = keystore_open(&p->options, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p->store);
	p->session = keystore_session_new(p->store, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p->session);
}

static struct place place_new(void)
{
	struct place p = {.folder = g_dir_make_tmp("cpns-keystore-XXXXXX", NULL), .options = keystore_defaults};

	if (is("memory"))
		p.options.shards = 4;
	else
		p.options.folder = p.folder;
	if (is("sqlcipher"))
		p.options.passphrase = text(PASSPHRASE);
	keystore_entity_init(&p.entity);
	return p;
}

static struct place start(void)
{
	struct place p = place_new();

	open_again(&p);
	return p;
}

static void leave(struct place *p)
{
	keystore_session_free(p->session);
	keystore_close(p->store);
	p->session = NULL;
	p->store = NULL;
}

static void remove_folder(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		g_remove(path);
	}
	g_rmdir(folder);
}

static void finish(struct place *p)
{
	leave(p);
	keystore_entity_clear(&p->entity);
	remove_folder(p->folder);
	g_free(p->folder);
}

/* n keys, unlike those of any other `name`. */
static const uint8_t *keys(unsigned name, uint32_t n)
{
	static _Thread_local uint8_t octets[KEYSTORE_SET_MAX * CPNS_HASH];

	for (uint32_t i = 0; i < n * CPNS_HASH; i++)
		octets[i] = (uint8_t)(name >> i % 4 * 8 ^ i / 4 ^ 0x9d);
	return octets;
}

static void put(struct place *p, const char *id)
{
	struct keystore_entity e;

	keystore_entity_init(&e);
	keystore_set_octets(e.owner, text("alice"));
	keystore_set_octets(e.tk, (struct cpns_octets){keys(99, 1), 16});
	CU_ASSERT_TRUE(keystore_put_entity(p->session, text(id), &e, NULL));
	keystore_entity_clear(&e);
}

static bool holds_current(struct place *p, const char *id, unsigned name, uint32_t n)
{
	return keystore_get_entity(p->session, text(id), &p->entity, NULL) &&
	       p->entity.current->len == n * CPNS_HASH &&
	       memcmp(p->entity.current->data, keys(name, n), n * CPNS_HASH) == 0;
}

static unsigned pending(struct place *p, const char *id)
{
	struct cpns_octets set;
	unsigned n = 0;
	guint at = 0;

	CU_ASSERT_TRUE(keystore_get_entity(p->session, text(id), &p->entity, NULL));
	while (keystore_next_set(&p->entity, &at, &set))
		n++;
	return n;
}

static bool failed_with(GError **error, enum keystore_error code)
{
	bool right = g_error_matches(*error, KEYSTORE_ERROR, (int)code);

	if (!right)
		printf("\n    another error: %s\n", *error != NULL ? (*error)->message : "none");
	g_clear_error(error);
	return right;
}

static void test_users(void)
{
	struct place p = start();
	struct keystore_user user = {.registrations = 3}, back;
	GError *error = NULL;

	CU_ASSERT_FALSE(keystore_get_user(p.session, text("alice"), &back, &error));
	CU_ASSERT_TRUE(failed_with(&error, KEYSTORE_ERROR_ABSENT));
	memcpy(user.pwh, keys(1, 1), CPNS_HASH);
	CU_ASSERT_TRUE(keystore_put_user(p.session, text("alice"), &user, NULL));
	user.registrations = UINT32_MAX;
	CU_ASSERT_TRUE(keystore_put_user(p.session, text("alice"), &user, NULL)); /* in its place */
	CU_ASSERT_TRUE(keystore_get_user(p.session, text("alice"), &back, NULL));
	CU_ASSERT(back.registrations == UINT32_MAX && memcmp(back.pwh, user.pwh, CPNS_HASH) == 0);
	CU_ASSERT_FALSE(keystore_get_user(p.session, text("alic"), &back, NULL));
	CU_ASSERT_FALSE(keystore_get_entity(p.session, text("alice"), &p.entity, NULL));
	CU_ASSERT_TRUE(keystore_check(p.session, NULL));
	finish(&p);
}

/* The story of an entity's keys, and what it leaves for the next start. */
static void test_keys(void)
{
	struct place p = start();
	GError *error = NULL;

	CU_ASSERT_FALSE(keystore_insert(p.session, text("pne:1"), keys(1, 1), 1, &error));
	CU_ASSERT_TRUE(failed_with(&error, KEYSTORE_ERROR_ABSENT));
	put(&p, "pne:1");
	CU_ASSERT_EQUAL(pending(&p, "pne:1"), 0);
	CU_ASSERT(p.entity.owner->len == 5 && p.entity.tk->len == 16 && p.entity.current->len == 0);
	CU_ASSERT_TRUE(keystore_insert(p.session, text("pne:1"), keys(1, 1), 1, NULL));
	CU_ASSERT_TRUE(keystore_insert(p.session, text("pne:1"), keys(2, 3), 3, NULL));
	CU_ASSERT_TRUE(keystore_insert(p.session, text("pne:1"), keys(3, 1), 1, NULL));
	CU_ASSERT_EQUAL(pending(&p, "pne:1"), 3);
	CU_ASSERT_TRUE(keystore_confirm(p.session, text("pne:1"), keys(2, 1), NULL));
	CU_ASSERT_TRUE(holds_current(&p, "pne:1", 2, 3));
	CU_ASSERT_EQUAL(pending(&p, "pne:1"), 1);
	CU_ASSERT_FALSE(keystore_confirm(p.session, text("pne:1"), keys(1, 1), &error));
	CU_ASSERT_TRUE(failed_with(&error, KEYSTORE_ERROR_ABSENT));
	CU_ASSERT_TRUE(holds_current(&p, "pne:1", 2, 3)); /* a change that failed changed nothing */
	for (unsigned i = 0; i < 20; i++)
		CU_ASSERT_TRUE(keystore_insert(p.session, text("pne:1"), keys(i, 1), 1, NULL));
	CU_ASSERT_EQUAL(pending(&p, "pne:1"), 8);
	if (!is("memory")) {
		leave(&p);
		open_again(&p);
		CU_ASSERT_TRUE(holds_current(&p, "pne:1", 2, 3));
		CU_ASSERT_EQUAL(pending(&p, "pne:1"), 8);
		CU_ASSERT(memcmp(p.entity.pending->data + 4, keys(12, 1), CPNS_HASH) == 0);
	}
	CU_ASSERT_TRUE(keystore_check(p.session, NULL));
	finish(&p);
}

/* A row grows with its set, up to the greatest one, and shrinks again. */
static void test_sets(void)
{
	static const uint32_t sizes[] = {1, 2, 30, 31, 127, 500, KEYSTORE_SET_MAX, 1};
	struct place p = start();

	put(&p, "pne:1");
	for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
		CU_ASSERT_TRUE(keystore_insert(p.session, text("pne:1"), keys(i, sizes[i]), sizes[i], NULL));
		CU_ASSERT_TRUE(keystore_confirm(p.session, text("pne:1"), keys(i, 1), NULL));
		CU_ASSERT_TRUE(holds_current(&p, "pne:1", i, sizes[i]));
	}
	CU_ASSERT_FALSE(keystore_insert(p.session, text("pne:1"), keys(1, 1), 0, NULL));
	CU_ASSERT_FALSE(keystore_insert(p.session, text("pne:1"), keys(1, 1), KEYSTORE_SET_MAX + 1, NULL));
	CU_ASSERT_EQUAL(pending(&p, "pne:1"), 0);
	CU_ASSERT_TRUE(keystore_check(p.session, NULL));
	finish(&p);
}

/* IDs are octets, 1 to 255 of them. */
static void test_ids(void)
{
	struct place p = start();
	uint8_t octets[KEYSTORE_ID_MAX + 1] = {0};
	struct keystore_user user = {0}, back;
	const size_t lengths[] = {1, 2, 3, KEYSTORE_ID_MAX};

	for (uint32_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
		user.registrations = i;
		CU_ASSERT_TRUE(keystore_put_user(p.session, (struct cpns_octets){octets, lengths[i]}, &user, NULL));
	}
	for (uint32_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
		CU_ASSERT_TRUE(keystore_get_user(p.session, (struct cpns_octets){octets, lengths[i]}, &back, NULL));
		CU_ASSERT_EQUAL(back.registrations, i);
	}
	octets[1] = 0xff;
	CU_ASSERT_FALSE(keystore_get_user(p.session, (struct cpns_octets){octets, 2}, &back, NULL));
	CU_ASSERT_FALSE(keystore_put_user(p.session, (struct cpns_octets){octets, 0}, &user, NULL));
	CU_ASSERT_FALSE(keystore_put_user(p.session, (struct cpns_octets){octets, sizeof octets}, &user, NULL));
	CU_ASSERT_FALSE(keystore_get_entity(p.session, (struct cpns_octets){octets, 0}, &p.entity, NULL));
	finish(&p);
}

static void count(void *data, struct cpns_octets id, const struct keystore_entity *entity)
{
	unsigned *n = data;

	CU_ASSERT(id.n == 5 && memcmp(id.at, "pne:", 4) == 0);
	CU_ASSERT(entity->owner->len == 5);
	++*n;
}

/* Several changes at once, all or none; meanwhile others see what was before. */
static void test_transactions(void)
{
	struct place p = start();
	struct keystore_session *other = keystore_session_new(p.store, NULL);
	unsigned n = 0;

	put(&p, "pne:1");
	CU_ASSERT_TRUE(keystore_begin(p.session, NULL));
	put(&p, "pne:2");
	CU_ASSERT_TRUE(keystore_insert(p.session, text("pne:1"), keys(1, 1), 1, NULL));
	CU_ASSERT_EQUAL(pending(&p, "pne:1"), 1);
	if (!is("memory")) {
		CU_ASSERT_FALSE(keystore_get_entity(other, text("pne:2"), &p.entity, NULL));
		CU_ASSERT_TRUE(keystore_end(p.session, false, NULL));
		CU_ASSERT_EQUAL(pending(&p, "pne:1"), 0);
		CU_ASSERT_TRUE(keystore_begin(p.session, NULL));
		put(&p, "pne:2");
	}
	CU_ASSERT_TRUE(keystore_end(p.session, true, NULL));
	CU_ASSERT_TRUE(keystore_get_entity(other, text("pne:2"), &p.entity, NULL));
	CU_ASSERT_EQUAL(keystore_each(other, count, &n, NULL), 2);
	CU_ASSERT_EQUAL(n, 2);
	keystore_session_free(other);
	finish(&p);
}

/* SQLite polls for its lock and gives up in the end; the one that holds it has lost nothing. */
static void test_busy(void)
{
	struct place p = place_new();
	GError *error = NULL;

	p.options.timeout_ms = 4;
	open_again(&p);
	struct keystore_session *other = keystore_session_new(p.store, NULL);

	put(&p, "pne:1");
	if (is("sqlite") || is("sqlcipher")) {
		CU_ASSERT_TRUE(keystore_begin(p.session, NULL));
		CU_ASSERT_TRUE(keystore_insert(p.session, text("pne:1"), keys(1, 1), 1, NULL));
		CU_ASSERT_FALSE(keystore_insert(other, text("pne:1"), keys(2, 1), 1, &error));
		CU_ASSERT_TRUE(failed_with(&error, KEYSTORE_ERROR_BUSY));
		CU_ASSERT_EQUAL(keystore_busy(other), 4); /* after 1, 2 and 1 ms, and once more */
		CU_ASSERT_TRUE(keystore_end(p.session, true, NULL));
	} else {
		CU_ASSERT_EQUAL(keystore_busy(other), 0);
	}
	CU_ASSERT_TRUE(keystore_insert(other, text("pne:1"), keys(2, 1), 1, NULL));
	keystore_session_free(other);
	finish(&p);
}

/* Threads that insert for entities of their own and for a common one: nothing is lost. */
enum { THREADS = 4 };

/* More where they cost nothing: ThreadSanitizer does not see what GLib does to a row, but lost keys can be counted.
 */
static unsigned rounds(void)
{
	return is("memory") ? 500 : 25;
}

struct worker {
	struct place *place;
	pthread_t thread;
	unsigned number;
	bool done;
};

static void *work(void *data)
{
	struct worker *w = data;
	struct keystore_session *session = keystore_session_new(w->place->store, NULL);
	char id[] = "pne:0";
	uint8_t key[CPNS_HASH];

	id[4] = (char)('0' + w->number);
	w->done = session != NULL;
	for (unsigned i = 0; w->done && i < rounds(); i++) {
		memcpy(key, keys(w->number << 16 | i, 1), sizeof key);
		w->done = keystore_insert(session, text(id), key, 1, NULL) &&
			  keystore_confirm(session, text(id), key, NULL) &&
			  keystore_insert(session, text("pne:x"), key, 1, NULL);
	}
	keystore_session_free(session);
	return NULL;
}

static void test_threads(void)
{
	struct place p = place_new();
	struct worker workers[THREADS];

	p.options.pending_max = THREADS * rounds() + 1;
	p.options.timeout_ms = 120000;
	p.options.durability = KEYSTORE_NORMAL;
	open_again(&p);
	put(&p, "pne:x");
	for (unsigned i = 0; i < THREADS; i++) {
		char id[] = "pne:0";

		id[4] = (char)('0' + i);
		put(&p, id);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){.place = &p, .number = i};
		CU_ASSERT_EQUAL_FATAL(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		char id[] = "pne:0";

		id[4] = (char)('0' + i);
		pthread_join(workers[i].thread, NULL);
		CU_ASSERT_TRUE(workers[i].done);
		CU_ASSERT_TRUE(holds_current(&p, id, i << 16 | (rounds() - 1), 1));
		CU_ASSERT_EQUAL(pending(&p, id), 0);
	}
	CU_ASSERT_EQUAL(pending(&p, "pne:x"), THREADS * rounds());
	CU_ASSERT_TRUE(keystore_check(p.session, NULL));
	finish(&p);
}

static void name_of(char id[16], unsigned number)
{
	snprintf(id, 16, "pne:%05u", number);
}

/* Puts entities with a current set of 100 keys each until one is refused; how many were taken. */
static unsigned put_many(struct place *p, GError **error)
{
	unsigned n = 0;
	bool taken;

	do {
		char id[16];
		struct keystore_entity e;

		keystore_entity_init(&e);
		keystore_entity_add(&e, keys(n, 100), 100, 1);
		keystore_entity_confirm(&e, keys(n, 1));
		name_of(id, n);
		taken = keystore_put_entity(p->session, text(id), &e, error);
		keystore_entity_clear(&e);
		n += taken;
	} while (taken && n < 1000);
	return n;
}

/* Where room ends, a change is refused, and what was acknowledged stays. */
static void test_space(void)
{
	struct place p = place_new();
	GError *error = NULL;

	if (is("memory"))
		return finish(&p);
	p.options.size_max = 256 * 1024;
	open_again(&p);
	unsigned kept = put_many(&p, &error);

	CU_ASSERT_TRUE(failed_with(&error, KEYSTORE_ERROR_SPACE));
	CU_ASSERT(kept > 20 && kept < 82);
	leave(&p);
	open_again(&p);
	for (unsigned i = 0; i < kept; i++) {
		char id[16];

		name_of(id, i);
		CU_ASSERT_TRUE(holds_current(&p, id, i, 100));
	}
	CU_ASSERT_TRUE(keystore_check(p.session, NULL));
	finish(&p);
}

static bool refuses(struct keystore_options options, enum keystore_error code)
{
	GError *error = NULL;
	struct keystore *store = keystore_open(&options, &error);
	struct keystore_session *session = store != NULL ? keystore_session_new(store, &error) : NULL;
	bool refused = session == NULL;

	keystore_session_free(session);
	keystore_close(store);
	return refused && failed_with(&error, code);
}

static void test_options(void)
{
	struct place p = place_new();
	struct keystore_options o = p.options;

	o.pending_max = 0;
	CU_ASSERT_TRUE(refuses(o, KEYSTORE_ERROR_OPTION));
	o = p.options;
	o.shards = is("memory") ? 0 : 1;
	CU_ASSERT_TRUE(refuses(o, KEYSTORE_ERROR_OPTION));
	o = p.options;
	o.folder = is("memory") ? p.folder : NULL;
	CU_ASSERT_TRUE(refuses(o, KEYSTORE_ERROR_OPTION));
	o = p.options;
	o.passphrase = text(is("sqlcipher") ? "" : "needless");
	CU_ASSERT_TRUE(refuses(o, KEYSTORE_ERROR_OPTION));
	if (!is("memory")) {
		g_autofree char *nowhere = g_build_filename(p.folder, "no", "where", NULL);

		o = p.options;
		o.folder = nowhere;
		CU_ASSERT_TRUE(refuses(o, KEYSTORE_ERROR_FAILED));
	}
	open_again(&p);
	g_autofree char *library = keystore_library(), *flags = keystore_flags(p.store);

	CU_ASSERT(strpbrk(library, "0123456789") != NULL && *flags != '\0');
	finish(&p);
}

/* Encryption */

/* How many of the files of a folder hold these octets; `files`, unless NULL, how many there are. */
static unsigned files_with(const char *folder, const void *octets, size_t n, unsigned *files)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;
	unsigned found = 0;

	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL), *data = NULL;
		gsize length;

		CU_ASSERT_TRUE(g_file_get_contents(path, &data, &length, NULL));
		found += memmem(data, length, octets, n) != NULL;
		if (files != NULL)
			++*files;
	}
	return found;
}

/* In how many files of the folder something shows that should be secret: raw keys, a part of one, their hex in both
 * cases, IDs, names of tables. */
static unsigned shown(const struct place *p)
{
	const uint8_t *key = keys(7, 1);
	char hex[2 * CPNS_HASH + 1], upper[2 * CPNS_HASH + 1];
	unsigned n = files_with(p->folder, key, CPNS_HASH, NULL) + files_with(p->folder, key + 11, 8, NULL) +
		     files_with(p->folder, keys(99, 1), 16, NULL);

	for (int i = 0; i < CPNS_HASH; i++) {
		snprintf(hex + 2 * i, 3, "%02x", key[i]);
		snprintf(upper + 2 * i, 3, "%02X", key[i]);
	}
	n += files_with(p->folder, hex, sizeof hex - 1, NULL) + files_with(p->folder, upper, sizeof upper - 1, NULL);
	return n + files_with(p->folder, "pne:1", 5, NULL) + files_with(p->folder, "alice", 5, NULL) +
	       files_with(p->folder, "entities", 8, NULL) +
	       files_with(p->folder, PASSPHRASE, strlen(PASSPHRASE), NULL);
}

/* What a thief of the files sees, while the store is in use and afterwards: in SQLCipher nothing, elsewhere all,
 * which shows that the search can find something. */
static void test_secrets(void)
{
	struct place p = start();
	unsigned files = 0;

	put(&p, "pne:1");
	CU_ASSERT_TRUE(keystore_insert(p.session, text("pne:1"), keys(7, 1), 1, NULL));
	CU_ASSERT_TRUE(keystore_insert(p.session, text("pne:1"), keys(7, 40), 40, NULL));
	CU_ASSERT_TRUE(is("memory") == (files_with(p.folder, "", 0, &files) == 0));
	CU_ASSERT(files == (is("memory") ? 0 : is("lmdb") ? 2 : 3)); /* SQL: file, log, index of the log */
	CU_ASSERT_TRUE((is("memory") || is("sqlcipher")) == (shown(&p) == 0));
	leave(&p);
	CU_ASSERT_TRUE((is("memory") || is("sqlcipher")) == (shown(&p) == 0));
	open_again(&p);
	finish(&p);
}

static void copy_files(const char *folder, const char *copy)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *from = g_build_filename(folder, name, NULL),
				*to = g_build_filename(copy, name, NULL);
		g_autofree char *data = NULL;
		gsize n;

		CU_ASSERT_TRUE(g_file_get_contents(from, &data, &n, NULL) &&
			       g_file_set_contents(to, data, (gssize)n, NULL));
	}
}

/* Wrong passphrases, tried on what a killed process leaves (a log that is not in the file yet): refused each time,
 * and with the right one everything is there. */
static void test_wrong_passphrase(void)
{
	static const char *const wrong[] = {"open Sesame", "open sesam", "open sesame ", "x"};
	struct place p = place_new(), thief = place_new();

	if (is("memory")) {
		finish(&thief);
		return finish(&p);
	}
	open_again(&p);
	put(&p, "pne:1");
	CU_ASSERT_TRUE(keystore_insert(p.session, text("pne:1"), keys(1, 1), 1, NULL));
	leave(&p);
	open_again(&p);
	CU_ASSERT_TRUE(keystore_insert(p.session, text("pne:1"), keys(2, 1), 1, NULL));
	copy_files(p.folder, thief.folder);
	finish(&p);
	for (size_t i = 0; is("sqlcipher") && i < G_N_ELEMENTS(wrong); i++) {
		struct keystore_options o = thief.options;

		o.passphrase = text(wrong[i]);
		CU_ASSERT_TRUE(refuses(o, KEYSTORE_ERROR_LOCKED));
	}
	open_again(&thief);
	CU_ASSERT_EQUAL(pending(&thief, "pne:1"), 2);
	CU_ASSERT_TRUE(keystore_confirm(thief.session, text("pne:1"), keys(2, 1), NULL));
	CU_ASSERT_TRUE(holds_current(&thief, "pne:1", 2, 1));
	CU_ASSERT_TRUE(keystore_check(thief.session, NULL));
	finish(&thief);
}

static void test_other_files(void)
{
	static const char plain[100] = "SQLite format 3";
	struct place p = place_new();
	g_autofree char *path = g_build_filename(p.folder, "keys.db", NULL), *data = NULL;
	gsize n;

	if (!is("sqlite") && !is("sqlcipher"))
		return finish(&p);
	CU_ASSERT_TRUE(
	    g_file_set_contents(path, "These are 100 octets of somebody's diary, and no database at all.", 65, NULL));
	CU_ASSERT_TRUE(refuses(p.options, KEYSTORE_ERROR_LOCKED));
	CU_ASSERT_TRUE(g_file_get_contents(path, &data, &n, NULL));
	CU_ASSERT(n == 65 && g_str_has_prefix(data, "These are"));
	if (is("sqlcipher")) {
		CU_ASSERT_TRUE(g_file_set_contents(path, plain, sizeof plain, NULL));
		CU_ASSERT_TRUE(refuses(p.options, KEYSTORE_ERROR_LOCKED));
	}
	finish(&p);
}

/* The load that calibration puts on a store: what it counts adds up, and it does not harm the store. */
static void test_load(void)
{
	struct place p = place_new();
	struct keystore_measure m;
	struct keystore_load load = {.threads = 3, .entities = 50, .ns = 1000000, .least = 20, .seed = 1};

	p.options.pending_max = 1;
	p.options.timeout_ms = 120000;
	p.options.durability = KEYSTORE_NORMAL;
	open_again(&p);
	CU_ASSERT_TRUE(keystore_fill(p.store, 50, NULL));
	CU_ASSERT_TRUE(keystore_measure(p.store, &load, &m, NULL));
	CU_ASSERT(m.assignments >= 20 && m.ns >= load.ns);
	CU_ASSERT(m.assignments <= m.inserts.n && m.inserts.n <= m.assignments + load.threads);
	CU_ASSERT(m.looks.n >= 2 * m.assignments - load.threads && m.looks.n <= 2 * (m.assignments + load.threads));
	CU_ASSERT(m.inserts.p50 <= m.inserts.p99 && m.inserts.p99 <= m.inserts.max && m.timeouts == 0);
	CU_ASSERT_EQUAL(pending(&p, "pne:0000009.4"), 1);
	CU_ASSERT_EQUAL(p.entity.current->len, CPNS_HASH);
	CU_ASSERT_TRUE(keystore_check(p.session, NULL));
	finish(&p);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"users", test_users},
	    {"keys of an entity", test_keys},
	    {"sets of all sizes", test_sets},
	    {"IDs are octets", test_ids},
	    {"transactions", test_transactions},
	    {"a lock that is taken", test_busy},
	    {"threads", test_threads},
	    {"the end of room", test_space},
	    {"options", test_options},
	    {"secrets in files", test_secrets},
	    {"wrong passphrases", test_wrong_passphrase},
	    {"files that are no stores", test_other_files},
	    {"load", test_load},
	    {0},
	};

	return suite_run(keystore_name(), cases);
}
