/* kill NAME ROUNDS SEED PROGRAM [OPTION]...: what a store has acknowledged is there after `kill -9`, octet by octet,
 * and nothing else is. Each round, two processes of PROGRAM (models/keystore/store_main.c) write into one folder, and
 * are killed at a random number of acknowledgements and a random moment after; a third then checks the store and
 * tells every record. Of each writer they must be what its acknowledged changes have made of them, or those and the
 * next one, which was under way. Every eighth round begins with a new folder, so that the making of a store is hit as
 * well.
 *
 * A death of the process needs no disc to be told from one that leaves nothing: the folder is in memory where it can.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/kernel/stream.h"

enum { WRITERS = 2, ENTITIES = 3, CHANGES = 60, SET_MAX = 200, PIPE = 1 << 20, PENDING_MAX = 8, NEW_STORE = 8 };

#define OWNER "616c696365"
#define TK "000102030405060708090a0b0c0d0e0f"

/* What is known of an entity, in hexadecimal digits. */
struct model {
	bool present;
	char *current;      /* NULL: none */
	GPtrArray *pending; /* of char * */
};

struct change {
	enum { CREATE, INSERT, CONFIRM } kind;
	int entity;
	char *keys; /* all of a set to be inserted; the first of one to be confirmed */
};

struct writer {
	struct model entities[ENTITIES];
	GArray *changes; /* of this round, in the order in which they are sent */
	GPid pid;
	int in, out;
	GString *answers;
	guint acknowledged;
};

struct test {
	const char *name;
	char **argv; /* of the program; the last is the folder */
	char *folder;
	struct sim_stream stream;
	struct writer writers[WRITERS];
	guint round, acknowledged, under_way;
};

static void die(const struct test *t, const char *what)
{
	printf("FAIL %s, round %u: %s (the store is left in %s)\n", t->name, t->round, what, t->folder);
	for (int w = 0; w < WRITERS; w++)
		if (t->writers[w].pid > 0)
			kill(t->writers[w].pid, SIGKILL);
	exit(1);
}

/* The model */

static GPtrArray *strings_copy(const GPtrArray *from)
{
	GPtrArray *copy = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < from->len; i++)
		g_ptr_array_add(copy, g_strdup(from->pdata[i]));
	return copy;
}

static void model_set(struct model *m, const struct model *from)
{
	struct model copy = {from->present, g_strdup(from->current), strings_copy(from->pending)};

	g_free(m->current);
	if (m->pending != NULL)
		g_ptr_array_unref(m->pending);
	*m = copy;
}

static void apply(struct model *m, const struct change *c)
{
	if (c->kind == CREATE)
		m->present = true;
	else if (c->kind == INSERT)
		g_ptr_array_add(m->pending, g_strdup(c->keys));
	if (m->pending->len > PENDING_MAX)
		g_ptr_array_remove_index(m->pending, 0);
	for (guint i = 0; c->kind == CONFIRM && i < m->pending->len; i++) {
		if (!g_str_has_prefix(m->pending->pdata[i], c->keys))
			continue;
		g_free(m->current);
		m->current = g_strdup(m->pending->pdata[i]);
		g_ptr_array_remove_range(m->pending, 0, i + 1);
	}
}

/* The line that the program tells of an entity; NULL where there is none. */
static char *line_of(const struct model *m, int writer, int entity)
{
	GString *line = g_string_new(NULL);

	if (!m->present)
		return g_string_free(line, TRUE);
	g_string_printf(line, "entity pne%%3A%d.%d " OWNER " " TK " %s %s", writer, entity,
			m->current != NULL ? m->current : "-", m->pending->len == 0 ? "-" : "");
	for (guint i = 0; i < m->pending->len; i++)
		g_string_append_printf(line, "%s%s", i > 0 ? "," : "", (char *)m->pending->pdata[i]);
	return g_string_free(line, FALSE);
}

/* Changes */

static guint below(struct test *t, guint n)
{
	return (guint)sim_stream_below(&t->stream, n);
}

static char *new_keys(struct test *t)
{
	guint n = below(t, 3) > 0 ? 1 : 2 + below(t, SET_MAX - 1); /* many pages in one change */
	GString *hex = g_string_new(NULL);

	for (guint i = 0; i < n * 4; i++)
		g_string_append_printf(hex, "%016" G_GINT64_MODIFIER "x", sim_stream_bits(&t->stream));
	return g_string_free(hex, FALSE);
}

static struct change new_change(struct test *t, const struct model *models)
{
	struct change c = {.entity = (int)below(t, ENTITIES)};
	const struct model *m = &models[c.entity];

	if (!m->present) {
		c.kind = CREATE;
	} else if (m->pending->len > 0 && below(t, 3) == 0) {
		c.kind = CONFIRM;
		c.keys = g_strndup(m->pending->pdata[below(t, m->pending->len)], 64);
	} else {
		c.kind = INSERT;
		c.keys = new_keys(t);
	}
	return c;
}

static void add_request(GString *out, const struct change *c, int writer)
{
	if (c->kind == CREATE)
		g_string_append_printf(out, "put-entity pne%%3A%d.%d " OWNER " " TK "\n", writer, c->entity);
	else
		g_string_append_printf(out, "%s pne%%3A%d.%d %s\n", c->kind == INSERT ? "insert" : "confirm", writer,
				       c->entity, c->keys);
}

/* Makes a round's changes; each supposes that those before have happened. Returns the requests. */
static GString *make_changes(struct test *t, int number)
{
	struct writer *w = &t->writers[number];
	struct model after[ENTITIES] = {0};
	GString *requests = g_string_new(NULL);

	for (int e = 0; e < ENTITIES; e++)
		model_set(&after[e], &w->entities[e]);
	for (int i = 0; i < CHANGES; i++) {
		struct change c = new_change(t, after);

		apply(&after[c.entity], &c);
		g_array_append_val(w->changes, c);
		add_request(requests, &c, number);
	}
	for (int e = 0; e < ENTITIES; e++) {
		g_free(after[e].current);
		g_ptr_array_unref(after[e].pending);
	}
	return requests;
}

/* Processes */

static void start(struct test *t, struct writer *w)
{
	g_autoptr(GError) error = NULL;

	if (!g_spawn_async_with_pipes(NULL, t->argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &w->pid, &w->in,
				      &w->out, NULL, &error))
		die(t, error->message);
	if (fcntl(w->in, F_SETPIPE_SZ, PIPE) < 0)
		die(t, "a pipe cannot be made larger");
}

static void send_all(struct test *t, const struct writer *w, const GString *text)
{
	for (gsize sent = 0;
	     sent < text->len;) { /* at most 60 x 12.8 kB, less than the pipe holds: never waits for the other end */
		ssize_t n = write(w->in, text->str + sent, text->len - sent);

		if (n < 0 && errno != EINTR)
			die(t, "a writer has ended by itself");
		sent += n > 0 ? (gsize)n : 0;
	}
}

/* Takes what is there, or waits for something; false at the end. */
static bool read_some(struct writer *w)
{
	char buffer[4096];
	ssize_t n = read(w->out, buffer, sizeof buffer);

	if (n > 0)
		g_string_append_len(w->answers, buffer, n);
	return n > 0 || (n < 0 && errno == EINTR);
}

static guint lines(const GString *text)
{
	guint n = 0;

	for (gsize i = 0; i < text->len; i++)
		n += text->str[i] == '\n';
	return n;
}

static guint acknowledged(const struct test *t)
{
	guint n = 0;

	for (int w = 0; w < WRITERS; w++)
		n += lines(t->writers[w].answers);
	return n;
}

/* Until so many acknowledgements have come, from whomever, or all. */
static void await(struct test *t, guint wanted)
{
	guint all = 0;

	for (int w = 0; w < WRITERS; w++)
		all += t->writers[w].changes->len;
	while (acknowledged(t) < MIN(wanted, all)) {
		struct pollfd ends[WRITERS];

		for (int w = 0; w < WRITERS; w++)
			ends[w] = (struct pollfd){.fd = t->writers[w].out, .events = POLLIN};
		if (poll(ends, WRITERS, -1) < 0 && errno != EINTR)
			die(t, "poll");
		for (int w = 0; w < WRITERS; w++)
			if (ends[w].revents != 0 && !read_some(&t->writers[w]))
				die(t, "a writer has ended by itself");
	}
}

static void end(struct test *t, struct writer *w, int signal_number)
{
	int status;

	close(w->in);
	if (signal_number != 0)
		kill(w->pid, signal_number);
	while (read_some(w))
		continue;
	close(w->out);
	while (waitpid(w->pid, &status, 0) < 0)
		continue;
	w->pid = 0;
	if (signal_number != 0 ? !WIFSIGNALED(status) : status != 0)
		die(t, signal_number != 0 ? "a writer has ended by itself" : "the store cannot be opened again");
}

/* Verification */

/* Are the writer's entities as the lines tell? */
static bool fits(const struct writer *w, int number, char *const *told)
{
	int present = 0, count = 0;
	g_autofree char *prefix = g_strdup_printf("entity pne%%3A%d.", number);

	for (int i = 0; told[i] != NULL; i++)
		count += g_str_has_prefix(told[i], prefix);
	for (int e = 0; e < ENTITIES; e++) {
		g_autofree char *line = line_of(&w->entities[e], number, e);

		present += line != NULL;
		if (line != NULL && !g_strv_contains((const char *const *)(void *)(uintptr_t)told, line))
			return false;
	}
	return count == present;
}

static void count_acknowledged(struct test *t, struct writer *w)
{
	g_auto(GStrv) answers = g_strsplit(w->answers->str, "\n", -1);

	w->acknowledged = lines(w->answers);
	for (guint i = 0; i < w->acknowledged; i++)
		if (strcmp(answers[i], "ok") != 0)
			die(t, answers[i]);
}

static void verify(struct test *t)
{
	struct writer checker = {.answers = g_string_new(NULL)};
	GString *requests = g_string_new("check\nentities\n");
	guint told_of = 0;

	start(t, &checker);
	send_all(t, &checker, requests);
	g_string_free(requests, TRUE);
	end(t, &checker, 0);
	g_auto(GStrv) told = g_strsplit(checker.answers->str, "\n", -1);

	if (told[0] == NULL || strcmp(told[0], "ok") != 0)
		die(t, told[0] != NULL ? told[0] : "no answer");
	for (int i = 0; i < WRITERS; i++) {
		struct writer *w = &t->writers[i];
		guint done = 0;

		for (; done < w->acknowledged; done++) {
			const struct change *c = &g_array_index(w->changes, struct change, done);

			apply(&w->entities[c->entity], c);
		}
		t->acknowledged += done;
		if (!fits(w, i, told) && done < w->changes->len) {
			const struct change *c = &g_array_index(w->changes, struct change, done);

			apply(&w->entities[c->entity], c);
			t->under_way++;
		}
		if (!fits(w, i, told))
			die(t, "what was acknowledged is not what is there");
		for (int e = 0; e < ENTITIES; e++)
			told_of += w->entities[e].present;
	}
	if (g_strv_length(told) != told_of + 3) /* check, each entity, the count, the end of the last line */
		die(t, "there are entities that nobody wrote");
	g_string_free(checker.answers, TRUE);
}

/* Rounds */

static void forget_round(struct writer *w)
{
	for (guint i = 0; i < w->changes->len; i++)
		g_free(g_array_index(w->changes, struct change, i).keys);
	g_array_set_size(w->changes, 0);
	g_string_set_size(w->answers, 0);
}

static void remove_files(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		g_remove(path);
	}
}

static void new_store(struct test *t)
{
	struct model nothing = {.pending = g_ptr_array_new_with_free_func(g_free)};

	remove_files(t->folder);
	for (int w = 0; w < WRITERS; w++)
		for (int e = 0; e < ENTITIES; e++)
			model_set(&t->writers[w].entities[e], &nothing);
	g_ptr_array_unref(nothing.pending);
}

static void one_round(struct test *t)
{
	bool fresh = t->round % NEW_STORE == 0;

	if (fresh)
		new_store(t);
	for (int w = 0; w < WRITERS; w++) {
		GString *requests = make_changes(t, w);

		start(t, &t->writers[w]);
		send_all(t, &t->writers[w], requests);
		g_string_free(requests, TRUE);
	}
	guint wanted = fresh ? below(t, 4) : below(t, WRITERS * CHANGES * 3 / 4);

	await(t, wanted);
	usleep(below(t, wanted == 0 ? 20000 : 400)); /* any moment will do */
	for (int w = 0; w < WRITERS; w++)
		kill(t->writers[w].pid, SIGKILL);
	for (int w = 0; w < WRITERS; w++) {
		end(t, &t->writers[w], SIGKILL);
		count_acknowledged(t, &t->writers[w]);
	}
	verify(t);
	for (int w = 0; w < WRITERS; w++)
		forget_round(&t->writers[w]);
}

static char *new_folder(void)
{
	char *folder = g_strdup("/dev/shm/cpns-kill-XXXXXX");

	if (g_mkdtemp(folder) != NULL)
		return folder;
	g_free(folder);
	return g_dir_make_tmp("cpns-kill-XXXXXX", NULL);
}

static void run(struct test *t, guint rounds)
{
	for (int w = 0; w < WRITERS; w++) {
		t->writers[w].changes = g_array_new(FALSE, FALSE, sizeof(struct change));
		t->writers[w].answers = g_string_new(NULL);
	}
	for (t->round = 0; t->round < rounds; t->round++)
		one_round(t);
	printf("ok %s: %u rounds, %u processes killed, %u changes acknowledged, %u under way kept\n", t->name, rounds,
	       rounds * WRITERS, t->acknowledged, t->under_way);
	new_store(t);
	for (int w = 0; w < WRITERS; w++) {
		for (int e = 0; e < ENTITIES; e++)
			g_ptr_array_unref(t->writers[w].entities[e].pending);
		g_array_unref(t->writers[w].changes);
		g_string_free(t->writers[w].answers, TRUE);
	}
	g_rmdir(t->folder);
}

int main(int argc, char **argv)
{
	if (argc < 5) {
		fputs("usage: kill NAME ROUNDS SEED PROGRAM [OPTION]...\n", stderr);
		return 2;
	}
	struct test t = {.name = argv[1], .folder = new_folder()};

	signal(SIGPIPE, SIG_IGN);
	struct sim_random random = sim_random_of(strtoull(argv[3], NULL, 10), 0);

	t.stream = sim_stream_at(&random, &(struct sim_address){0});
	t.argv = g_new0(char *, (gsize)argc - 2);
	memcpy(t.argv, argv + 4, ((gsize)argc - 4) * sizeof *argv);
	t.argv[argc - 4] = t.folder;
	run(&t, (guint)strtoul(argv[2], NULL, 10));
	g_free(t.argv);
	g_free(t.folder);
	return 0;
}
