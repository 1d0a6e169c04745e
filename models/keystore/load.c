#include "models/keystore/load.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/kernel/stream.h"

#define BATCH 1000 /* entities provisioned in a transaction */
#define TK 16      /* octets of a Temporary Key */

enum purpose { FILL = 1, ASSIGN };

struct id {
	char text[24];
};

static struct cpns_octets octets_of(const struct id *id)
{
	return (struct cpns_octets){(const uint8_t *)id->text, strlen(id->text)};
}

static struct id user_id(unsigned number)
{
	struct id id;

	snprintf(id.text, sizeof id.text, "user:%07u", number);
	return id;
}

static struct id entity_id(unsigned number)
{
	struct id id;

	snprintf(id.text, sizeof id.text, "pne:%07u.%u", number / KEYSTORE_ENTITIES_EACH,
		 number % KEYSTORE_ENTITIES_EACH);
	return id;
}

/* Provisioning */

static bool fill_one(struct keystore_session *session, struct sim_stream *stream, struct keystore_entity *entity,
		     unsigned number, GError **error)
{
	struct id owner = user_id(number / KEYSTORE_ENTITIES_EACH), id = entity_id(number);
	struct keystore_user user = {.registrations = 1};
	uint8_t octets[2 * CPNS_HASH + TK];

	sim_stream_bytes(stream, user.pwh, sizeof user.pwh);
	sim_stream_bytes(stream, octets, sizeof octets);
	keystore_set_octets(entity->owner, octets_of(&owner));
	keystore_set_octets(entity->tk, (struct cpns_octets){octets, TK});
	keystore_set_octets(entity->current, (struct cpns_octets){octets + TK, CPNS_HASH});
	g_byte_array_set_size(entity->pending, 0);
	keystore_entity_add(entity, octets + TK + CPNS_HASH, 1, 1);
	return (number % KEYSTORE_ENTITIES_EACH != 0 ||
		keystore_put_user(session, octets_of(&owner), &user, error)) &&
	       keystore_put_entity(session, octets_of(&id), entity, error);
}

bool keystore_fill(struct keystore *store, unsigned entities, GError **error)
{
	struct keystore_session *session = keystore_session_new(store, error);
	struct sim_stream stream = sim_stream_at(&(struct sim_random){0}, &(struct sim_address){.purpose = FILL});
	struct keystore_entity entity;
	bool done = session != NULL;

	keystore_entity_init(&entity);
	for (unsigned i = 0; done && i < entities; i++) {
		done = (i % BATCH != 0 || keystore_begin(session, error)) &&
		       fill_one(session, &stream, &entity, i, error);
		if (done && (i % BATCH == BATCH - 1 || i == entities - 1))
			done = keystore_end(session, true, error);
	}
	keystore_entity_clear(&entity);
	keystore_session_free(session);
	return done;
}

/* Measuring */

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* What the threads of a measurement share. They begin together, once all are connected. */
struct run {
	const struct keystore_load *load;
	pthread_mutex_t lock;
	pthread_cond_t go;
	bool started, called_off;
	int64_t from, until;
	unsigned ended; /* assignments; atomic */
};

struct worker {
	struct run *run;
	struct keystore_session *session;
	unsigned number;
	pthread_t thread;
	GArray *looks, *inserts; /* of int64_t, ns */
	uint64_t assignments, timeouts;
	int64_t last; /* when one that was measured ended */
	GError *error;
};

static void wait_for_start(struct run *run)
{
	pthread_mutex_lock(&run->lock);
	while (!run->started)
		pthread_cond_wait(&run->go, &run->lock);
	pthread_mutex_unlock(&run->lock);
}

/* Is what ends now measured? */
static bool measured(const struct run *run, int64_t now)
{
	return now >= run->from &&
	       (now < run->until || __atomic_load_n(&run->ended, __ATOMIC_RELAXED) < run->load->least);
}

static bool is_over(const struct run *run, int64_t now)
{
	return now >= run->from && !measured(run, now);
}

/* An operation has ended: how long it took, if it is measured. Returns when it ended. */
static int64_t note(const struct worker *w, GArray *times, int64_t since)
{
	int64_t now = now_ns(), took = now - since;

	if (measured(w->run, now))
		g_array_append_val(times, took);
	return now;
}

/* Until the store has it, as the protocol's peer would ask again; false when it fails for good. */
static bool insert(struct worker *w, const struct id *id, const uint8_t key[CPNS_HASH])
{
	while (!keystore_insert(w->session, octets_of(id), key, 1, &w->error)) {
		if (!g_error_matches(w->error, KEYSTORE_ERROR, KEYSTORE_ERROR_BUSY))
			return false;
		g_clear_error(&w->error);
		w->timeouts++;
		if (is_over(w->run, now_ns()))
			break;
	}
	return true;
}

static bool assign(struct worker *w, struct sim_stream *stream, struct keystore_entity *entity)
{
	unsigned number = (unsigned)sim_stream_below(stream, w->run->load->entities);
	struct id owner = user_id(number / KEYSTORE_ENTITIES_EACH), id = entity_id(number);
	struct keystore_user user;
	uint8_t key[CPNS_HASH];

	sim_stream_bytes(stream, key, sizeof key);
	int64_t at = now_ns();

	for (int i = 0; i < KEYSTORE_MIX_USER_LOOKS; i++, at = note(w, w->looks, at))
		if (!keystore_get_user(w->session, octets_of(&owner), &user, &w->error))
			return false;
	for (int i = 0; i < KEYSTORE_MIX_ENTITY_LOOKS; i++, at = note(w, w->looks, at))
		if (!keystore_get_entity(w->session, octets_of(&id), entity, &w->error))
			return false;
	for (int i = 0; i < KEYSTORE_MIX_INSERTS; i++, at = note(w, w->inserts, at))
		if (!insert(w, &id, key))
			return false;
	if (measured(w->run, at)) {
		__atomic_fetch_add(&w->run->ended, 1, __ATOMIC_RELAXED);
		w->assignments++;
		w->last = at;
	}
	return !is_over(w->run, at);
}

static void *work(void *data)
{
	struct worker *w = data;
	struct sim_random random = sim_random_of(w->run->load->seed, 0);
	struct sim_stream stream =
	    sim_stream_at(&random, &(struct sim_address){.entity = w->number, .purpose = ASSIGN});
	struct keystore_entity entity;

	keystore_entity_init(&entity);
	wait_for_start(w->run);
	while (!w->run->called_off && assign(w, &stream, &entity))
		continue;
	keystore_entity_clear(&entity);
	return NULL;
}

static int compare(gconstpointer a, gconstpointer b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Quantile q of n is the ceil(q n)-th smallest. */
static struct keystore_times times_of(GArray *ns)
{
	struct keystore_times times = {.n = ns->len};
	double sum = 0;

	if (ns->len == 0)
		return times;
	g_array_sort(ns, compare);
	for (guint i = 0; i < ns->len; i++)
		sum += (double)g_array_index(ns, int64_t, i);
	times.mean = sum / ns->len;
	times.p50 = g_array_index(ns, int64_t, (ns->len + 1) / 2 - 1);
	times.p99 = g_array_index(ns, int64_t, ((guint64)ns->len * 99 + 99) / 100 - 1);
	times.max = g_array_index(ns, int64_t, ns->len - 1);
	return times;
}

/* `all` are connected; if not, those that wait have nothing to do. */
static void start(struct run *run, bool all)
{
	pthread_mutex_lock(&run->lock);
	run->from = now_ns() + run->load->warmup_ns;
	run->until = run->from + run->load->ns;
	run->called_off = !all;
	run->started = true;
	pthread_cond_broadcast(&run->go);
	pthread_mutex_unlock(&run->lock);
}

/* Adds up what the workers have seen. The first that failed speaks for all. */
static bool sum_up(const struct run *run, const struct worker *workers, unsigned n, struct keystore_measure *measure,
		   GError **error)
{
	int64_t last = run->until;

	g_autoptr(GArray) looks = g_array_new(FALSE, FALSE, sizeof(int64_t));
	g_autoptr(GArray) inserts = g_array_new(FALSE, FALSE, sizeof(int64_t));

	*measure = (struct keystore_measure){0};
	for (unsigned i = 0; i < n; i++) {
		const struct worker *w = &workers[i];

		if (w->error != NULL)
			return g_propagate_error(error, g_error_copy(w->error)), false;
		last = MAX(last, w->last);
		measure->assignments += w->assignments;
		measure->timeouts += w->timeouts;
		measure->busy += keystore_busy(w->session);
		g_array_append_vals(looks, w->looks->data, w->looks->len);
		g_array_append_vals(inserts, w->inserts->data, w->inserts->len);
	}
	measure->ns = last - run->from;
	measure->looks = times_of(looks);
	measure->inserts = times_of(inserts);
	return true;
}

static void worker_clear(struct worker *w)
{
	keystore_session_free(w->session);
	g_array_unref(w->looks);
	g_array_unref(w->inserts);
	g_clear_error(&w->error);
}

/* Connects and starts a thread, which waits. */
static bool worker_start(struct worker *w, struct keystore *store, GError **error)
{
	w->looks = g_array_new(FALSE, FALSE, sizeof(int64_t));
	w->inserts = g_array_new(FALSE, FALSE, sizeof(int64_t));
	w->session = keystore_session_new(store, error);
	if (w->session == NULL)
		return false;
	int code = pthread_create(&w->thread, NULL, work, w);

	if (code != 0)
		g_set_error(error, KEYSTORE_ERROR, KEYSTORE_ERROR_FAILED, "no thread: %s", g_strerror(code));
	return code == 0;
}

bool keystore_measure(struct keystore *store, const struct keystore_load *load, struct keystore_measure *measure,
		      GError **error)
{
	struct run run = {.load = load, .lock = PTHREAD_MUTEX_INITIALIZER, .go = PTHREAD_COND_INITIALIZER};
	struct worker *workers = g_new0(struct worker, load->threads);
	unsigned started = 0, made = 0;
	bool done = true;

	for (; done && made < load->threads; made++) {
		workers[made].run = &run;
		workers[made].number = made;
		done = worker_start(&workers[made], store, error);
		started += done;
	}
	start(&run, done);
	for (unsigned i = 0; i < started; i++)
		pthread_join(workers[i].thread, NULL);
	done = done && sum_up(&run, workers, started, measure, error);
	for (unsigned i = 0; i < made; i++)
		worker_clear(&workers[i]);
	g_free(workers);
	return done;
}
