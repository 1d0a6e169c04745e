#include "models/oracle/polling.h"

#include <glib.h>
#include <stdbool.h>

struct writer {
	sim_time next, since; /* its next try; when it began to want the lock */
	unsigned tries;       /* since then; all in vain */
	uint64_t round;
};

/* sqliteDefaultBusyCallback of SQLite 3's main.c. */
sim_time polling_sleep(unsigned tries, sim_time timeout)
{
	static const sim_time sleeps[] = {1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100};
	sim_time slept = 0;

	for (unsigned i = 0; i < tries; i++)
		slept += sleeps[MIN(i, G_N_ELEMENTS(sleeps) - 1)] * SIM_MS;
	sim_time next = MIN(sleeps[MIN(tries, G_N_ELEMENTS(sleeps) - 1)] * SIM_MS, timeout - slept);

	return next > 0 ? next : -1;
}

static sim_time draw(const struct polling *p, const struct sim_variate *of, uint64_t writer, uint64_t round)
{
	const struct sim_random random = sim_random_of(p->seed, 0);
	const struct sim_address address = {.entity = writer, .item = round, .purpose = of == &p->hold};
	struct sim_stream stream = sim_stream_at(&random, &address);

	return sim_variate_duration(of, &stream);
}

/* The writer's next wish comes `pause` after `now`; open, that is another writer's. */
static void want(const struct polling *p, GArray *writers, guint i, sim_time now)
{
	struct writer w = {.round = g_array_index(writers, struct writer, i).round + 1};

	w.next = w.since = now + draw(p, &p->pause, i, w.round);
	g_array_index(writers, struct writer, i) = w;
}

static guint earliest(const GArray *writers)
{
	guint best = 0;

	for (guint i = 1; i < writers->len; i++)
		if (g_array_index(writers, struct writer, i).next < g_array_index(writers, struct writer, best).next)
			best = i;
	return best;
}

static int compare(gconstpointer a, gconstpointer b)
{
	sim_time x = *(const sim_time *)a, y = *(const sim_time *)b;

	return (x > y) - (x < y);
}

static void summarise(struct polling_result *r, GArray *waits)
{
	double sum = 0;

	for (guint i = 0; i < waits->len; i++)
		sum += (double)g_array_index(waits, sim_time, i);
	if (waits->len == 0)
		return;
	g_array_sort(waits, compare);
	r->mean = sum / waits->len;
	r->p99 = (double)g_array_index(waits, sim_time, (waits->len * 99 + 99) / 100 - 1);
}

struct polling_result polling_run(const struct polling *p)
{
	g_autoptr(GArray) writers = g_array_new(FALSE, TRUE, sizeof(struct writer));
	g_autoptr(GArray) waits = g_array_new(FALSE, FALSE, sizeof(sim_time));
	struct polling_result r = {0};
	sim_time taken_until = 0; /* the lock */

	/* closed: the writers; open: the source of arrivals in place 0, who are in the places behind it */
	g_array_set_size(writers, MAX(p->writers, 1));
	for (guint i = 0; i < writers->len; i++)
		want(p, writers, i, 0);
	for (;;) {
		guint i = earliest(writers);
		struct writer *w = &g_array_index(writers, struct writer, i), arrived = *w;
		sim_time now = w->next, done = now, sleep = polling_sleep(w->tries, p->timeout);
		bool counts = w->since >= p->warmup;

		if (now >= p->end)
			break;
		if (p->writers == 0 && i == 0) {
			want(p, writers, 0, now);
			g_array_append_val(writers, arrived);
			continue;
		}
		if (now < taken_until && sleep >= 0) {
			r.busy += counts;
			w->tries++;
			w->next += sleep;
			continue;
		}
		if (now < taken_until) {
			r.busy += counts;
			r.timeouts += counts;
		} else {
			sim_time wait = now - w->since;

			/* open: of the round that its arrival had, which no other has */
			done = taken_until = now + draw(p, &p->hold, p->writers == 0 ? 0 : i, w->round);
			r.held += MAX(0, MIN(taken_until, p->end) - MAX(now, p->warmup));
			if (counts && taken_until < p->end) {
				r.written++;
				g_array_append_val(waits, wait);
			}
		}
		if (p->writers == 0)
			g_array_remove_index_fast(writers, i);
		else
			want(p, writers, i, done);
	}
	summarise(&r, waits);
	return r;
}
