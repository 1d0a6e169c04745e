/* The stores are programs of their own beside cpns-sim (models/keystore/store_main.c says what they understand): this
 * starts one, has it filled, and has it measured at each number of threads. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models/cli/calibrate.h"
#include "models/cli/cli.h"
#include "models/cli/stop.h"
#include "sim/study/wall.h"

#define ENTITIES 10000 /* PNEs, five to a user */
#define QUICK_ENTITIES 500
#define LEAST 20       /* assignments in a measurement, which takes longer until they have ended */
#define WARMUP 0.1     /* of the measured time */
#define FLUSH 4096     /* octets */
#define FLUSH_ROOM 256 /* as many of them are written over and over */

const struct calibrate_store calibrate_stores[] = {
    {"memory-lock", "cpns-store-memory", {"--shards", "1"}, false, false},
    {"memory-sharded", "cpns-store-memory", {"--shards", "16"}, false, false},
    {"sqlite-wal-normal", "cpns-store-sqlite", {"--durability", "normal"}, true, false},
    {"sqlite-wal-full", "cpns-store-sqlite", {"--durability", "full"}, true, false},
    {"sqlcipher-wal-normal", "cpns-store-sqlcipher", {"--durability", "normal"}, true, true},
    {"sqlcipher-wal-full", "cpns-store-sqlcipher", {"--durability", "full"}, true, true},
    {"lmdb-nometasync", "cpns-store-lmdb", {"--durability", "normal"}, true, false},
    {"lmdb", "cpns-store-lmdb", {"--durability", "full"}, true, false},
};

const size_t calibrate_n_stores = G_N_ELEMENTS(calibrate_stores);

/* A folder for as long as a store is measured. */
struct scratch {
	char *folder, *store, *passphrase;
};

struct child {
	const struct calibrate_store *store;
	char *path;
	GPid pid;
	int in, out, err;
	GString *unread;
	struct sim_progress *progress;
};

static bool fail(GError **error, const char *path, const char *what, const char *reason)
{
	g_set_error(error, G_FILE_ERROR, 0, "%s: %s: %s", path, what, reason);
	return false;
}

/* Scratch */

static bool scratch_start(struct scratch *s, const struct calibrate_options *o, GError **error)
{
	s->folder = g_build_filename(o->data != NULL ? o->data : o->folder, ".calibration-XXXXXX", NULL);
	if (g_mkdtemp_full(s->folder, 0700) == NULL)
		return fail(error, o->data != NULL ? o->data : o->folder, "cannot hold a store", g_strerror(errno));
	s->store = g_build_filename(s->folder, "store", NULL);
	s->passphrase = g_build_filename(s->folder, "passphrase", NULL);
	/* Protects nothing but figures; what derives the key takes as long as with any other. */
	return g_file_set_contents_full(s->passphrase, "calibration of cpns-sim\n", -1, G_FILE_SET_CONTENTS_NONE,
					0600, error);
}

static void remove_files(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		g_remove(path);
	}
	g_rmdir(folder);
}

static void scratch_end(struct scratch *s)
{
	if (s->store != NULL) {
		remove_files(s->store);
		remove_files(s->folder);
	}
	g_free(s->folder);
	g_free(s->store);
	g_free(s->passphrase);
}

/* The program behind its pipes */

static char *path_of_program(const char *name)
{
	g_autofree char *own = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = own != NULL ? g_path_get_dirname(own) : g_strdup(".");

	return g_build_filename(folder, name, NULL);
}

/* Ctrl-C at a terminal is for all of its processes: what becomes of this one is for us to say. */
static void leave_signals_to_us(void *nothing)
{
	(void)nothing;
	signal(SIGINT, SIG_IGN);
}

static bool child_start(struct child *c, const struct scratch *scratch, GError **error)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	GError *failure = NULL;

	g_ptr_array_add(argv, c->path);
	for (int i = 0; c->store->options[i] != NULL; i++)
		g_ptr_array_add(argv, (gpointer)(uintptr_t)c->store->options[i]);
	if (c->store->encrypted) {
		g_ptr_array_add(argv, (gpointer)(uintptr_t) "--passphrase-file");
		g_ptr_array_add(argv, scratch->passphrase);
	}
	g_ptr_array_add(argv, (gpointer)(uintptr_t) "--pending"); /* rows do not grow while they are measured */
	g_ptr_array_add(argv, (gpointer)(uintptr_t) "1");
	if (c->store->on_disc)
		g_ptr_array_add(argv, scratch->store);
	g_ptr_array_add(argv, NULL);
	if (g_spawn_async_with_pipes(NULL, (char **)argv->pdata, NULL, G_SPAWN_DO_NOT_REAP_CHILD, leave_signals_to_us,
				     NULL, &c->pid, &c->in, &c->out, &c->err, &failure))
		return true;
	g_set_error(error, G_FILE_ERROR, 0, "%s: cannot be started: %s (it belongs beside cpns-sim: build all)",
		    c->path, failure->message);
	g_error_free(failure);
	return false;
}

/* What it said before it ended by itself. */
static bool last_words(struct child *c, GError **error)
{
	char words[1000];
	ssize_t n = read(c->err, words, sizeof words - 1);

	words[MAX(n, 0)] = '\0';
	g_strchomp(words);
	return fail(error, c->store->name, "the store has ended", *words != '\0' ? words : "it does not say why");
}

/* Waits for octets of an answer; false with *error, or with none when interrupted. */
static bool read_some(struct child *c, GError **error)
{
	char buffer[4096];

	while (cli_stop_signal == 0) {
		struct pollfd end = {.fd = c->out, .events = POLLIN};
		int ready = poll(&end, 1, 100);
		ssize_t n = ready > 0 ? read(c->out, buffer, sizeof buffer) : -1;

		sim_progress_say(c->progress);
		if (n == 0)
			return last_words(c, error);
		if (n > 0) {
			g_string_append_len(c->unread, buffer, n);
			return true;
		}
	}
	return false;
}

/* The answer behind its "ok ", the caller's to g_free; NULL with *error, or with none when interrupted. */
static char *ask(struct child *c, const char *request, GError **error)
{
	g_autofree char *line = g_strdup_printf("%s\n", request);
	const char *end;

	if (write(c->in, line, strlen(line)) < 0 && errno == EPIPE)
		return last_words(c, error), NULL;
	while ((end = strchr(c->unread->str, '\n')) == NULL)
		if (!read_some(c, error))
			return NULL;
	g_autofree char *answer = g_strndup(c->unread->str, (gsize)(end - c->unread->str));

	g_string_truncate(c->unread, 0);
	if (g_str_has_prefix(answer, "ok"))
		return g_strdup(answer + (answer[2] == ' ' ? 3 : 2));
	fail(error, c->store->name, request, answer);
	return NULL;
}

/* It ends with its input; one that is at work is not waited for. */
static void child_end(struct child *c)
{
	if (c->pid != 0) {
		close(c->in);
		if (cli_stop_signal != 0)
			kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
		close(c->out);
		close(c->err);
	}
	g_string_free(c->unread, TRUE);
	g_free(c->path);
}

/* Measuring */

static const char *const words[CALIBRATE_FIGURES] = {
    [CALIBRATE_ASSIGNMENTS] = "assignments", [CALIBRATE_BUSY] = "busy",
    [CALIBRATE_TIMEOUTS] = "timeouts",       [CALIBRATE_LOOK_MEAN] = "look-mean",
    [CALIBRATE_LOOK_P50] = "look-p50",       [CALIBRATE_LOOK_P99] = "look-p99",
    [CALIBRATE_LOOK_MAX] = "look-max",       [CALIBRATE_INSERT_MEAN] = "insert-mean",
    [CALIBRATE_INSERT_P50] = "insert-p50",   [CALIBRATE_INSERT_P99] = "insert-p99",
    [CALIBRATE_INSERT_MAX] = "insert-max",
};

static double word_of(char *const *answer, const char *name)
{
	size_t n = strlen(name);

	for (int i = 0; answer[i] != NULL; i++)
		if (strncmp(answer[i], name, n) == 0 && answer[i][n] == '=')
			return g_ascii_strtod(answer[i] + n + 1, NULL);
	g_error("a store's program does not tell %s: it is of another version", name);
}

static void note(struct calibrate_point *point, guint repeat, const char *answer)
{
	g_auto(GStrv) parts = g_strsplit(answer, " ", -1);

	for (int f = 0; f < CALIBRATE_FIGURES; f++)
		if (words[f] != NULL)
			point->figures[f][repeat] = word_of(parts, words[f]);
	point->figures[CALIBRATE_THROUGHPUT][repeat] =
	    point->figures[CALIBRATE_ASSIGNMENTS][repeat] / word_of(parts, "ns") * 1e9;
}

static void points_start(struct calibrate_curve *curve, const struct calibrate_options *o)
{
	curve->points = g_array_new(FALSE, TRUE, sizeof(struct calibrate_point));
	g_array_set_size(curve->points, o->threads->len);
	for (guint i = 0; i < o->threads->len; i++) {
		struct calibrate_point *point = &g_array_index(curve->points, struct calibrate_point, i);

		point->threads = g_array_index(o->threads, guint, i);
		for (int f = 0; f < CALIBRATE_FIGURES; f++)
			point->figures[f] = g_new0(double, (gsize)o->repeats);
	}
}

/* All numbers of threads take their turn in each repetition. */
static bool measure_points(struct calibrate_curve *curve, struct child *c, const struct calibrate_options *o,
			   GError **error)
{
	for (guint i = 0; i < (guint)o->repeats * curve->points->len; i++) {
		guint repeat = i / curve->points->len;
		struct calibrate_point *point =
		    &g_array_index(curve->points, struct calibrate_point, i % curve->points->len);
		g_autofree char *request =
		    g_strdup_printf("load %u %u %.0f %.0f %d %u", point->threads, curve->entities,
				    o->seconds * WARMUP * 1000, MAX(o->seconds * 1000, 1), LEAST, i + 1);
		g_autofree char *answer = ask(c, request, error);

		if (answer == NULL)
			return false;
		note(point, repeat, answer);
		sim_progress_add(c->progress, 0, false);
	}
	for (guint i = 0; i < curve->points->len; i++) {
		struct calibrate_point *point = &g_array_index(curve->points, struct calibrate_point, i);

		for (int f = 0; f < CALIBRATE_FIGURES; f++)
			point->spread[f] = calibrate_spread_of(point->figures[f], (guint)o->repeats);
	}
	return true;
}

static bool measure(struct calibrate_curve *curve, struct child *c, const struct calibrate_options *o, GError **error)
{
	g_autofree char *fill = g_strdup_printf("fill %u", curve->entities), *filled = NULL;

	curve->library = ask(c, "library", error);
	if (curve->library == NULL || (curve->flags = ask(c, "flags", error)) == NULL ||
	    (filled = ask(c, fill, error)) == NULL)
		return false;
	sim_progress_add(c->progress, 0, false);
	return measure_points(curve, c, o, error);
}

guint calibrate_store_steps(const struct calibrate_options *o)
{
	return 1 + (guint)o->repeats * o->threads->len;
}

bool calibrate_store_measure(struct calibrate_curve *curve, const struct calibrate_store *store,
			     const struct calibrate_options *o, struct sim_progress *progress, GError **error)
{
	struct scratch scratch = {NULL};
	struct child c = {.store = store,
			  .path = path_of_program(store->program),
			  .unread = g_string_new(NULL),
			  .progress = progress};

	*curve = (struct calibrate_curve){.store = store, .entities = o->quick ? QUICK_ENTITIES : ENTITIES};
	points_start(curve, o);
	bool done =
	    scratch_start(&scratch, o, error) && child_start(&c, &scratch, error) && measure(curve, &c, o, error);

	child_end(&c);
	scratch_end(&scratch);
	return done;
}

void calibrate_curve_clear(struct calibrate_curve *curve)
{
	for (guint i = 0; i < curve->points->len; i++)
		for (int f = 0; f < CALIBRATE_FIGURES; f++)
			g_free(g_array_index(curve->points, struct calibrate_point, i).figures[f]);
	g_array_unref(curve->points);
	g_free(curve->library);
	g_free(curve->flags);
}

/* Flushes, as a write-ahead log has them: 4 KiB into a file that is long enough already. */
bool calibrate_flush_measure(struct calibrate_flush *flush, const char *data, guint n, GError **error)
{
	g_autofree char *path = g_build_filename(data, ".calibration-XXXXXX", NULL);
	g_autofree char *room = g_malloc0(FLUSH * FLUSH_ROOM);
	g_autofree double *ns = g_new(double, n);
	int file = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
	bool done = file >= 0 && write(file, room, FLUSH * FLUSH_ROOM) == FLUSH * FLUSH_ROOM && fsync(file) == 0;

	memset(room, 1, FLUSH);
	for (guint i = 0; done && i < n; i++) {
		int64_t since = sim_wall_ns();

		done = pwrite(file, room, FLUSH, (off_t)(i % FLUSH_ROOM) * FLUSH) == FLUSH && fdatasync(file) == 0;
		ns[i] = (double)(sim_wall_ns() - since);
	}
	if (!done)
		fail(error, data, "cannot be flushed to", g_strerror(errno));
	if (file >= 0) {
		close(file);
		g_remove(path);
	}
	if (!done)
		return false;
	calibrate_spread_of(ns, n); /* sorts */
	*flush = (struct calibrate_flush){ns[(n + 1) / 2 - 1], ns[(n * 99 + 99) / 100 - 1]};
	return true;
}
