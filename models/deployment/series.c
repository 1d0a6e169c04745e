/* Of the samples of a run: its time series, and a pilot's sequences of observations. */
#include "models/deployment/series.h"

#include "models/store/contention.h"

/* What became of the assignments of a period. */
struct period {
	uint64_t started, completed, failed; /* in it */
	uint64_t arrived;                    /* of those that started in it: completed until the end of the run */
	unsigned __int128 latency;           /* of these, ns */
};

static struct sim_metric all(const char *name)
{
	return (struct sim_metric){"all", "all", name};
}

static const struct sample *sample_at(const struct sampler *s, guint i)
{
	return &g_array_index(s->samples, struct sample, i);
}

/* Has it ended before the run did? */
static bool has_ended(const struct assignment *a, const struct deployment_result *r)
{
	return a->state != ASSIGNMENT_OPEN && !(r->end == SIM_END_LIMIT && a->ended > r->finish);
}

/* By period; what happens after the last one is left out. */
static struct period *count_periods(const struct deployment_result *r, const struct sampler *s, guint n)
{
	struct period *periods = g_new0(struct period, n + 1);

	for (guint i = 0; i < r->ledger->assignments->len; i++) {
		const struct assignment *a = &g_array_index(r->ledger->assignments, struct assignment, i);
		struct period *from = &periods[MIN(sampler_period_of(s, a->arrival), n)];

		if (a->use)
			continue;
		from->started++;
		if (!has_ended(a, r))
			continue;
		struct period *to = &periods[MIN(sampler_period_of(s, a->ended), n)];

		to->completed += a->state == ASSIGNMENT_COMPLETED;
		to->failed += a->state == ASSIGNMENT_FAILED;
		if (a->state != ASSIGNMENT_COMPLETED)
			continue;
		from->arrived++;
		from->latency += (uint64_t)(a->ended - a->arrival);
	}
	return periods;
}

static void add_rate(struct sim_record *record, const char *name, const struct sample *from, const struct sample *to,
		     uint64_t count)
{
	sim_record_point(record, all(name), "rate", "1/s", to->time,
			 (double)count * 1e9 / (double)(to->time - from->time));
}

static double mean_level(const struct sample *from, const struct sample *to, unsigned __int128 before,
			 unsigned __int128 after)
{
	return (double)(after - before) / (double)(to->time - from->time);
}

static void add_level(struct sim_record *record, const char *name, const struct sample *from, const struct sample *to,
		      unsigned __int128 before, unsigned __int128 after, double of)
{
	sim_record_point(record, all(name), "mean", "1", to->time, mean_level(from, to, before, after) / of);
}

static uint32_t count_locks(const struct deployment_result *r)
{
	uint32_t n = 0;

	while (r->keys != NULL && key_store_account(r->keys, n) != NULL)
		n++;
	return n;
}

static void add_store(struct sim_record *record, const struct sample *from, const struct sample *to, uint32_t locks)
{
	add_level(record, "server.stalled", from, to, from->stalled, to->stalled, 1);
	add_level(record, "store.utilisation", from, to, from->store_held, to->store_held, locks);
	add_level(record, "store.queue", from, to, from->store_queue, to->store_queue, 1);
	add_rate(record, "store.busy", from, to, to->store_busy - from->store_busy);
}

void series_record(const struct deployment_result *r, const struct sampler *s, struct sim_record *record)
{
	guint n = s->samples->len - 1;
	g_autofree struct period *periods = count_periods(r, s, n);
	uint32_t locks = count_locks(r);

	for (guint i = 0; i < n; i++) {
		const struct sample *from = sample_at(s, i), *to = sample_at(s, i + 1);
		const struct period *p = &periods[i];

		add_rate(record, "assignment.started", from, to, p->started);
		add_rate(record, "assignment.completed", from, to, p->completed);
		add_rate(record, "assignment.failed", from, to, p->failed);
		if (p->arrived > 0)
			sim_record_point(record, all("assignment.latency"), "mean", "s", to->time,
					 (double)p->latency / (double)p->arrived / 1e9);
		add_rate(record, "pan.messages", from, to, to->put[LEG_PAN] - from->put[LEG_PAN]);
		add_rate(record, "wan.messages", from, to, to->put[LEG_WAN] - from->put[LEG_WAN]);
		add_rate(record, "server.rejected", from, to, to->rejected - from->rejected);
		add_rate(record, "server.shed", from, to, to->shed - from->shed);
		add_level(record, "server.queue", from, to, from->queue, to->queue, 1);
		add_level(record, "server.utilisation", from, to, from->busy, to->busy, r->blueprint->workers);
		if (locks > 0)
			add_store(record, from, to, locks);
	}
}

/* ---- pilots ---- */

/* In order of arrival. */
static void hand_latencies(const struct deployment_result *r, GPtrArray *sequences, const char *name, bool uses)
{
	struct sim_sequence *sequence = sim_sequences_add(sequences, all(name));

	for (guint i = 0; i < r->ledger->assignments->len; i++) {
		const struct assignment *a = &g_array_index(r->ledger->assignments, struct assignment, i);

		if (a->use == uses && a->state == ASSIGNMENT_COMPLETED && has_ended(a, r))
			sim_sequence_append(sequence, a->arrival, (double)(a->ended - a->arrival));
	}
}

/* In the order in which a worker took the messages. When that was is known to a sample: the end of its period, to be
 * on the safe side. */
static void hand_waits(const struct deployment_result *r, const struct sampler *s, GPtrArray *sequences)
{
	struct sim_sequence *sequence = sim_sequences_add(sequences, all("server.wait"));
	guint k = 0;

	for (guint i = 0; i < r->ledger->waits.n; i++) {
		while (k + 1 < s->samples->len && sample_at(s, k)->served <= i)
			k++;
		sim_sequence_append(sequence, sample_at(s, k)->time, (double)durations_at(&r->ledger->waits, i));
	}
}

struct stay {
	sim_time at, wait;
	uint32_t lock;
	guint number;
};

static int by_time(gconstpointer x, gconstpointer y)
{
	const struct stay *a = x, *b = y;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->lock != b->lock)
		return a->lock < b->lock ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

/* Of all locks together. */
static void hand_visits(const struct deployment_result *r, GPtrArray *sequences)
{
	struct sim_sequence *sequence = sim_sequences_add(sequences, all("store.wait"));
	g_autoptr(GArray) stays = g_array_new(FALSE, FALSE, sizeof(struct stay));
	const struct store_lock_account *account;

	for (uint32_t l = 0; (account = key_store_account(r->keys, l)) != NULL; l++) {
		for (guint i = 0; i < account->visits->len; i++) {
			const struct store_visit *visit = &g_array_index(account->visits, struct store_visit, i);
			struct stay stay = {visit->at, visit->wait, l, i};

			g_array_append_val(stays, stay);
		}
	}
	g_array_sort(stays, by_time);
	for (guint i = 0; i < stays->len; i++) {
		const struct stay *stay = &g_array_index(stays, struct stay, i);

		sim_sequence_append(sequence, stay->at, (double)stay->wait);
	}
}

static void hand_levels(const struct deployment_result *r, const struct sampler *s, GPtrArray *sequences)
{
	struct sim_sequence *queue = sim_sequences_add(sequences, all("server.queue"));
	struct sim_sequence *busy = sim_sequences_add(sequences, all("server.utilisation"));
	struct sim_sequence *store_queue = r->keys != NULL ? sim_sequences_add(sequences, all("store.queue")) : NULL;
	struct sim_sequence *held = r->keys != NULL ? sim_sequences_add(sequences, all("store.utilisation")) : NULL;

	for (guint i = 0; i + 1 < s->samples->len; i++) {
		const struct sample *from = sample_at(s, i), *to = sample_at(s, i + 1);

		sim_sequence_append(queue, from->time, mean_level(from, to, from->queue, to->queue));
		sim_sequence_append(busy, from->time, mean_level(from, to, from->busy, to->busy));
		if (r->keys == NULL)
			continue;
		sim_sequence_append(store_queue, from->time,
				    mean_level(from, to, from->store_queue, to->store_queue));
		sim_sequence_append(held, from->time, mean_level(from, to, from->store_held, to->store_held));
	}
}

static void hand_throughput(const struct deployment_result *r, const struct sampler *s, GPtrArray *sequences)
{
	struct sim_sequence *sequence = sim_sequences_add(sequences, all("assignment.throughput"));
	guint n = s->samples->len - 1;
	g_autofree struct period *periods = count_periods(r, s, n);

	for (guint i = 0; i < n; i++)
		sim_sequence_append(sequence, sample_at(s, i)->time, (double)periods[i].completed);
}

void series_hand_over(const struct deployment_result *r, const struct sampler *s, GPtrArray *sequences)
{
	hand_latencies(r, sequences, "assignment.latency", false);
	hand_throughput(r, s, sequences);
	hand_latencies(r, sequences, "use.latency", true);
	hand_waits(r, s, sequences);
	hand_levels(r, s, sequences);
	if (r->keys != NULL)
		hand_visits(r, sequences);
}
