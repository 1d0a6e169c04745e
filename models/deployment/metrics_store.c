/* From the accounts of the key store to rows. */
#include "models/deployment/deployment.h"
#include "models/store/contention.h"

/* What was seen at one lock, or at all of them. */
struct sight {
	GArray *waits, *holds, *batches; /* of sim_time, and of int64_t */
	uint64_t busy, timeouts, flushes, visits;
	unsigned __int128 queue, held; /* integrals over the window, ns */
	uint64_t queue_max, held_max;  /* at any one lock */
	uint32_t locks;
};

static struct sight sight_new(void)
{
	return (struct sight){.waits = g_array_new(FALSE, FALSE, sizeof(sim_time)),
			      .holds = g_array_new(FALSE, FALSE, sizeof(sim_time)),
			      .batches = g_array_new(FALSE, FALSE, sizeof(int64_t))};
}

static void sight_clear(struct sight *sight)
{
	g_array_unref(sight->waits);
	g_array_unref(sight->holds);
	g_array_unref(sight->batches);
}

static void see_visit(struct sight *sight, const struct store_visit *visit)
{
	int64_t batch = visit->batch;

	sight->visits++;
	sight->busy += visit->busy;
	sight->timeouts += visit->timed_out;
	sight->flushes += visit->flushes;
	g_array_append_val(sight->waits, visit->wait);
	if (!visit->timed_out)
		g_array_append_val(sight->holds, visit->hold);
	if (batch > 0)
		g_array_append_val(sight->batches, batch);
}

/* Visits count by when they end: up to `finish`, where the window does. */
static void see(struct sight *sight, const struct store_lock_account *account, sim_time finish)
{
	for (guint i = 0; i < account->visits->len; i++) {
		const struct store_visit *visit = &g_array_index(account->visits, struct store_visit, i);

		if (visit->at > finish)
			break;
		see_visit(sight, visit);
	}
	sight->queue += sim_occupancy_integral(account->queue);
	sight->held += sim_occupancy_integral(account->held);
	sight->queue_max = MAX(sight->queue_max, sim_occupancy_max(account->queue));
	sight->held_max = MAX(sight->held_max, sim_occupancy_max(account->held));
	sight->locks++;
}

static void record_sight(struct sim_record *record, const char *module, const struct sight *s, sim_time window)
{
	const struct {
		const char *name;
		uint64_t total;
	} counters[] = {{"store.busy", s->busy}, {"store.timeouts", s->timeouts}, {"store.flushes", s->flushes}};

	sim_record_tally(record, (struct sim_metric){module, "all", "store.wait"},
			 (sim_time *)(gpointer)s->waits->data, s->waits->len);
	sim_record_tally(record, (struct sim_metric){module, "all", "store.hold"},
			 (sim_time *)(gpointer)s->holds->data, s->holds->len);
	sim_record_tally_of(record, (struct sim_metric){module, "all", "store.batch"},
			    (int64_t *)(gpointer)s->batches->data, s->batches->len, "1");
	sim_record_weighted(record, (struct sim_metric){module, "all", "store.utilisation"}, s->held, window,
			    1.0 / s->locks, s->held_max * s->locks, "1");
	sim_record_weighted(record, (struct sim_metric){module, "all", "store.queue"}, s->queue, window, 1,
			    s->queue_max, "1");
	for (gsize i = 0; i < G_N_ELEMENTS(counters); i++)
		sim_record_counter(record, (struct sim_metric){module, "all", counters[i].name}, counters[i].total,
				   "1");
	sim_record_share(record, (struct sim_metric){module, "all", "store.busy-share"}, (double)s->busy,
			 (double)s->visits, "1");
}

void metrics_record_store(const struct deployment_result *r, struct sim_record *record)
{
	const struct store_lock_account *account;
	sim_time window = r->finish - r->begin;
	uint64_t most = 0;

	if (r->keys == NULL)
		return;
	struct sight all = sight_new();
	bool sharded = key_store_account(r->keys, 1) != NULL;

	for (uint32_t i = 0; (account = key_store_account(r->keys, i)) != NULL; i++) {
		struct sight one = sight_new();
		g_autofree char *module = g_strdup_printf("store.shard[%u]", i);

		see(&all, account, r->finish);
		if (sharded) {
			see(&one, account, r->finish);
			record_sight(record, g_intern_string(module), &one, window);
		}
		most = MAX(most, one.visits);
		sight_clear(&one);
	}
	record_sight(record, "all", &all, window);
	if (sharded) /* of the shard with the most visits, as a multiple of the mean */
		sim_record_share(record, (struct sim_metric){"all", "all", "store.shard-skew"},
				 (double)most * all.locks, (double)all.visits, "1");
	sight_clear(&all);
}
