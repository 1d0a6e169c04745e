/* cpns-store-sqlite, cpns-store-sqlcipher, cpns-store-lmdb, cpns-store-memory: a key store behind pipes, for cpns-sim
 * calibrate and for tests. A request a line on standard input, an answer a line on standard output:
 *
 *   library                    ok NAME VERSION
 *   flags                      ok FLAGS
 *   user ID                    ok PWH REGISTRATIONS
 *   entity ID                  ok OWNER TK CURRENT PENDING     (- : empty; pending sets with commas between)
 *   put-user ID PWH            ok
 *   put-entity ID OWNER TK     ok        a new entity without EUKeys
 *   insert ID KEYS             ok
 *   confirm ID KEY             ok
 *   entities                   a line `entity ID OWNER TK CURRENT PENDING` for each, then: ok HOW-MANY
 *   check                      ok
 *   fill ENTITIES              ok
 *   load THREADS ENTITIES WARMUP-MS MS LEAST SEED
 *                              ok ns=NS assignments=N busy=N timeouts=N looks=N look-mean=NS look-p50=NS ...
 * insert-max=NS
 *
 * or `error KIND: MESSAGE`, KIND one of failed, absent, busy, space, locked, option, request. Octets are hexadecimal,
 * IDs as in a URI. An answer `ok` to a change is its acknowledgement. Ends with its input. Exit codes: 0 done; 1 the
 * store cannot be opened; 2 the command line is wrong. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "models/keystore/load.h"

#define THREADS_MAX 1024
#define ENTITIES_MAX 10000000

static const char *const kinds[] = {
    [KEYSTORE_ERROR_FAILED] = "failed", [KEYSTORE_ERROR_ABSENT] = "absent", [KEYSTORE_ERROR_BUSY] = "busy",
    [KEYSTORE_ERROR_SPACE] = "space",   [KEYSTORE_ERROR_LOCKED] = "locked", [KEYSTORE_ERROR_OPTION] = "option",
};

struct server {
	struct keystore *store;
	struct keystore_session *session;
	struct keystore_entity entity;
	GByteArray *keys;
};

/* A mistake in a request. */
#define REQUEST_ERROR g_quark_from_static_string("request")

static bool refuse(GError **error, const char *reason)
{
	g_set_error_literal(error, REQUEST_ERROR, 0, reason);
	return false;
}

static bool read_hex(const char *text, GByteArray *out, GError **error)
{
	size_t n = strlen(text);

	g_byte_array_set_size(out, 0);
	if (strcmp(text, "-") == 0)
		return true;
	for (size_t i = 0; i + 1 < n; i += 2) {
		int high = g_ascii_xdigit_value(text[i]), low = g_ascii_xdigit_value(text[i + 1]);

		if (high < 0 || low < 0)
			return refuse(error, "not hexadecimal");
		uint8_t octet = (uint8_t)(high << 4 | low);

		g_byte_array_append(out, &octet, 1);
	}
	return n % 2 == 0 || refuse(error, "half an octet");
}

static bool read_keys(const char *text, GByteArray *out, GError **error)
{
	return read_hex(text, out, error) &&
	       ((out->len > 0 && out->len % CPNS_HASH == 0) || refuse(error, "not of whole EUKeys of 32 octets"));
}

static bool read_count(const char *text, guint64 least, guint64 most, guint64 *count, GError **error)
{
	return g_ascii_string_to_unsigned(text, 10, least, most, count, NULL) ||
	       refuse(error, "not a number in range");
}

static void print_hex(const uint8_t *at, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		putchar(digits[at[i] >> 4]);
		putchar(digits[at[i] & 15]);
	}
	if (n == 0)
		putchar('-');
}

static void print_entity(const struct keystore_entity *entity)
{
	const GByteArray *const parts[] = {entity->owner, entity->tk, entity->current};
	struct cpns_octets set;
	guint at = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		putchar(' ');
		print_hex(parts[i]->data, parts[i]->len);
	}
	putchar(' ');
	if (entity->pending->len == 0)
		putchar('-');
	while (keystore_next_set(entity, &at, &set)) {
		print_hex(set.at, set.n);
		if (at < entity->pending->len)
			putchar(',');
	}
}

/* Requests: words[0] is the name, words[1] the ID where there is one. Each prints its answer or says why not. */

static struct cpns_octets octets_of(GBytes *bytes)
{
	gsize n;
	const uint8_t *at = g_bytes_get_data(bytes, &n);

	return (struct cpns_octets){at, n};
}

static bool do_library(struct server *s, char **words, GError **error)
{
	g_autofree char *library = keystore_library();

	(void)s;
	(void)words;
	(void)error;
	printf("ok %s\n", library);
	return true;
}

static bool do_flags(struct server *s, char **words, GError **error)
{
	g_autofree char *flags = keystore_flags(s->store);

	(void)words;
	(void)error;
	printf("ok %s\n", flags);
	return true;
}

static bool do_user(struct server *s, struct cpns_octets id, char **words, GError **error)
{
	struct keystore_user user;

	(void)words;
	if (!keystore_get_user(s->session, id, &user, error))
		return false;
	fputs("ok ", stdout);
	print_hex(user.pwh, sizeof user.pwh);
	printf(" %u\n", user.registrations);
	return true;
}

static bool do_entity(struct server *s, struct cpns_octets id, char **words, GError **error)
{
	(void)words;
	if (!keystore_get_entity(s->session, id, &s->entity, error))
		return false;
	fputs("ok", stdout);
	print_entity(&s->entity);
	putchar('\n');
	return true;
}

static bool done(bool done)
{
	if (done)
		puts("ok");
	return done;
}

static bool do_put_user(struct server *s, struct cpns_octets id, char **words, GError **error)
{
	struct keystore_user user = {.registrations = 1};

	if (!read_keys(words[2], s->keys, error))
		return false;
	if (s->keys->len != sizeof user.pwh)
		return refuse(error, "not 32 octets");
	memcpy(user.pwh, s->keys->data, sizeof user.pwh);
	return done(keystore_put_user(s->session, id, &user, error));
}

static bool do_put_entity(struct server *s, struct cpns_octets id, char **words, GError **error)
{
	g_byte_array_set_size(s->entity.current, 0);
	g_byte_array_set_size(s->entity.pending, 0);
	return read_hex(words[2], s->entity.owner, error) && read_hex(words[3], s->entity.tk, error) &&
	       done(keystore_put_entity(s->session, id, &s->entity, error));
}

static bool do_insert(struct server *s, struct cpns_octets id, char **words, GError **error)
{
	return read_keys(words[2], s->keys, error) &&
	       done(keystore_insert(s->session, id, s->keys->data, s->keys->len / CPNS_HASH, error));
}

static bool do_confirm(struct server *s, struct cpns_octets id, char **words, GError **error)
{
	return read_keys(words[2], s->keys, error) && done(keystore_confirm(s->session, id, s->keys->data, error));
}

static void print_row(void *data, struct cpns_octets id, const struct keystore_entity *entity)
{
	g_autofree char *name = g_uri_escape_bytes(id.at, id.n, NULL);

	(void)data;
	printf("entity %s", name);
	print_entity(entity);
	putchar('\n');
}

static bool do_entities(struct server *s, char **words, GError **error)
{
	int64_t n = keystore_each(s->session, print_row, NULL, error);

	(void)words;
	if (n >= 0)
		printf("ok %" G_GINT64_FORMAT "\n", n);
	return n >= 0;
}

static bool do_check(struct server *s, char **words, GError **error)
{
	(void)words;
	return done(keystore_check(s->session, error));
}

static bool do_fill(struct server *s, char **words, GError **error)
{
	guint64 entities;

	return read_count(words[1], 1, ENTITIES_MAX, &entities, error) &&
	       done(keystore_fill(s->store, (unsigned)entities, error));
}

static void print_times(const char *kind, const struct keystore_times *times)
{
	char mean[G_ASCII_DTOSTR_BUF_SIZE];

	printf(" %ss=%" G_GUINT64_FORMAT " %s-mean=%s %s-p50=%" G_GINT64_FORMAT " %s-p99=%" G_GINT64_FORMAT
	       " %s-max=%" G_GINT64_FORMAT,
	       kind, times->n, kind, g_ascii_formatd(mean, sizeof mean, "%.1f", times->mean), kind, times->p50, kind,
	       times->p99, kind, times->max);
}

static bool do_load(struct server *s, char **words, GError **error)
{
	guint64 threads, entities, warmup_ms, ms, least, seed;
	struct keystore_measure m;

	if (!read_count(words[1], 1, THREADS_MAX, &threads, error) ||
	    !read_count(words[2], 1, ENTITIES_MAX, &entities, error) ||
	    !read_count(words[3], 0, 3600000, &warmup_ms, error) || !read_count(words[4], 1, 3600000, &ms, error) ||

	    !read_count(words[5], 0, G_MAXINT, &least, error) || !read_count(words[6], 0, G_MAXINT64, &seed, error))
		return false;
	struct keystore_load load = {.threads = (unsigned)threads,
				     .entities = (unsigned)entities,
				     .warmup_ns = (int64_t)warmup_ms * 1000000,
				     .ns = (int64_t)ms * 1000000,
				     .least = (unsigned)least,
				     .seed = seed};

	if (!keystore_measure(s->store, &load, &m, error))
		return false;
	printf("ok ns=%" G_GINT64_FORMAT " assignments=%" G_GUINT64_FORMAT " busy=%" G_GUINT64_FORMAT
	       " timeouts=%" G_GUINT64_FORMAT,
	       m.ns, m.assignments, m.busy, m.timeouts);
	print_times("look", &m.looks);
	print_times("insert", &m.inserts);
	putchar('\n');
	return true;
}

static const struct request {
	const char *name;
	guint words; /* the name included */
	bool (*plain)(struct server *s, char **words, GError **error);
	bool (*about)(struct server *s, struct cpns_octets id, char **words, GError **error); /* the ID in words[1] */
} requests[] = {
    {"library", 1, do_library, NULL}, {"flags", 1, do_flags, NULL},       {"user", 2, NULL, do_user},
    {"entity", 2, NULL, do_entity},   {"put-user", 3, NULL, do_put_user}, {"put-entity", 4, NULL, do_put_entity},
    {"insert", 3, NULL, do_insert},   {"confirm", 3, NULL, do_confirm},   {"entities", 1, do_entities, NULL},
    {"check", 1, do_check, NULL},     {"fill", 2, do_fill, NULL},         {"load", 7, do_load, NULL},
};

static bool perform(struct server *s, const struct request *request, char **words, GError **error)
{
	if (g_strv_length(words) != request->words)
		return refuse(error, "another number of words");
	if (request->plain != NULL)
		return request->plain(s, words, error);
	g_autoptr(GBytes) id = g_uri_unescape_bytes(words[1], -1, NULL, error);

	return id != NULL && request->about(s, octets_of(id), words, error);
}

static void answer(struct server *s, char *line)
{
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) words = g_strsplit(g_strchomp(line), " ", -1);
	const struct request *request = NULL;

	for (size_t i = 0; words[0] != NULL && i < G_N_ELEMENTS(requests); i++)
		if (strcmp(words[0], requests[i].name) == 0)
			request = &requests[i];
	if (request == NULL)
		refuse(&error, "unknown request");
	else if (perform(s, request, words, &error))
		return;
	printf("error %s: %s\n", error->domain == KEYSTORE_ERROR ? kinds[error->code] : "request", error->message);
}

static void serve(struct keystore *store, struct keystore_session *session)
{
	struct server s = {.store = store, .session = session, .keys = g_byte_array_new()};
	char *line = NULL;
	size_t room = 0;

	keystore_entity_init(&s.entity);
	while (getline(&line, &room, stdin) >= 0) {
		answer(&s, line);
		if (fflush(stdout) != 0)
			break;
	}
	free(line);
	g_byte_array_unref(s.keys);
	keystore_entity_clear(&s.entity);
}

/* The command line */

static int usage(const char *reason)
{
	fprintf(stderr, "cpns-store-%s: %s (--help says more)\n", keystore_name(), reason);
	return 2;
}

struct words {
	char *durability, *passphrase_file, **rest;
	gint64 shards, timeout, checkpoint, pending, size;
};

static bool parse(struct words *w, int *argc, char ***argv, GError **error)
{
	const GOptionEntry entries[] = {
	    {"durability", 0, 0, G_OPTION_ARG_STRING, &w->durability, "full or normal", "WORD"},
	    {"passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &w->passphrase_file,
	     "SQLCipher: its first line is the passphrase", "FILE"},
	    {"shards", 0, 0, G_OPTION_ARG_INT64, &w->shards, "memory: locks, each over its share of IDs", "N"},
	    {"timeout", 0, 0, G_OPTION_ARG_INT64, &w->timeout, "SQLite: how long to poll for its lock", "MS"},
	    {"checkpoint", 0, 0, G_OPTION_ARG_INT64, &w->checkpoint, "SQLite: pages of write-ahead log", "N"},
	    {"pending", 0, 0, G_OPTION_ARG_INT64, &w->pending, "pending sets that an entity keeps", "N"},
	    {"size", 0, 0, G_OPTION_ARG_INT64, &w->size, "octets that the store may take", "N"},
	    {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &w->rest, NULL, "[FOLDER]"},
	    {NULL},
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);

	g_option_context_set_summary(
	    context, "A key store behind pipes: requests on standard input, answers on standard output.");
	g_option_context_add_main_entries(context, entries, NULL);
	return g_option_context_parse(context, argc, argv, error);
}

static bool in_range(gint64 value, gint64 most)
{
	return value >= 0 && value <= most;
}

/* NULL, or what is wrong. */
static const char *read_options(const struct words *w, struct keystore_options *o)
{
	if (w->rest != NULL && w->rest[1] != NULL)
		return "one folder at a time";
	if (w->durability != NULL && strcmp(w->durability, "full") != 0 && strcmp(w->durability, "normal") != 0)
		return "--durability: write full or normal";
	if (!in_range(w->shards, 65536) || !in_range(w->timeout, G_MAXINT) || !in_range(w->checkpoint, G_MAXINT) ||
	    !in_range(w->pending, G_MAXINT) || !in_range(w->size, G_MAXINT64))
		return "a number is out of range";
	o->folder = w->rest != NULL ? w->rest[0] : NULL;
	o->durability = w->durability == NULL || strcmp(w->durability, "full") == 0 ? KEYSTORE_FULL : KEYSTORE_NORMAL;
	o->shards = (unsigned)w->shards;
	o->timeout_ms = (unsigned)w->timeout;
	o->checkpoint = (unsigned)w->checkpoint;
	o->pending_max = (unsigned)w->pending;
	o->size_max = (uint64_t)w->size;
	return NULL;
}

/* The file's first line without its end; false, having said why. */
static bool read_passphrase(const char *path, char **text)
{
	g_autoptr(GError) error = NULL;

	if (!g_file_get_contents(path, text, NULL, &error)) {
		fprintf(stderr, "cpns-store-%s: --passphrase-file: %s\n", keystore_name(), error->message);
		return false;
	}
	(*text)[strcspn(*text, "\r\n")] = '\0';
	return true;
}

static int open_and_serve(const struct keystore_options *options)
{
	g_autoptr(GError) error = NULL;
	struct keystore *store = keystore_open(options, &error);
	struct keystore_session *session = store != NULL ? keystore_session_new(store, &error) : NULL;

	if (session != NULL)
		serve(store, session);
	else
		fprintf(stderr, "cpns-store-%s: %s\n", keystore_name(), error->message);
	keystore_session_free(session);
	keystore_close(store);
	if (session != NULL)
		return 0;
	return g_error_matches(error, KEYSTORE_ERROR, KEYSTORE_ERROR_OPTION) ? 2 : 1;
}

int main(int argc, char **argv)
{
	struct words w = {.timeout = keystore_defaults.timeout_ms, .pending = keystore_defaults.pending_max};
	struct keystore_options options = keystore_defaults;
	g_autoptr(GError) error = NULL;
	char *passphrase = NULL;
	int code;

	umask(077);               /* keys are for their owner alone */
	signal(SIGXFSZ, SIG_IGN); /* a bound on the size of files is an error like any other */
	const char *wrong = !parse(&w, &argc, &argv, &error) ? error->message : read_options(&w, &options);

	if (wrong != NULL) {
		code = usage(wrong);
	} else if (w.passphrase_file != NULL && !read_passphrase(w.passphrase_file, &passphrase)) {
		code = 1;
	} else {
		if (passphrase != NULL)
			options.passphrase = (struct cpns_octets){(const uint8_t *)passphrase, strlen(passphrase)};
		code = open_and_serve(&options);
	}
	if (passphrase != NULL)
		explicit_bzero(passphrase, strlen(passphrase));
	g_free(passphrase);
	g_free(w.durability);
	g_free(w.passphrase_file);
	g_strfreev(w.rest);
	return code;
}
