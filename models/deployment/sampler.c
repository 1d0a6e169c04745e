#include "models/deployment/sampler.h"

#include "models/store/contention.h"

void sampler_init(struct sampler *s, sim_time period, guint most)
{
	const struct sample zero = {0};

	g_assert(period > 0);
	*s = (struct sampler){period, most, g_array_new(FALSE, FALSE, sizeof(struct sample))};
	g_array_append_val(s->samples, zero);
}

void sampler_clear(struct sampler *s)
{
	if (s->samples != NULL)
		g_array_unref(s->samples);
	s->samples = NULL;
}

static void look_at_store(struct sample *sample, const struct key_store *keys)
{
	const struct store_lock_account *account;

	for (uint32_t i = 0; keys != NULL && (account = key_store_account(keys, i)) != NULL; i++) {
		sample->store_queue += sim_occupancy_until(account->queue, sample->time);
		sample->store_held += sim_occupancy_until(account->held, sample->time);
		sample->store_busy += account->busy;
	}
}

static void look(struct sampler *s, const struct sampled *what, sim_time now)
{
	const struct ledger *l = what->ledger;
	struct sample sample = {
	    .time = now,
	    .handled = sim_engine_handled(what->engine),
	    .put = {[LEG_PAN] = l->put[LEG_PAN], [LEG_WAN] = l->put[LEG_WAN]},
	    .rejected = l->server[SERVER_REJECTED],
	    .shed = l->server[SERVER_SHED],
	    .served = l->waits.n,
	    .queue = sim_occupancy_until(l->queue, now),
	    .busy = sim_occupancy_until(l->busy, now),
	    .stalled = sim_occupancy_until(l->stalled, now),
	};

	look_at_store(&sample, what->keys);
	g_array_append_val(s->samples, sample);
}

static const struct sample *last(const struct sampler *s)
{
	return &g_array_index(s->samples, struct sample, s->samples->len - 1);
}

void sampler_trim(struct sampler *s)
{
	guint n = s->samples->len;

	while (n > 1 && g_array_index(s->samples, struct sample, n - 2).handled == last(s)->handled)
		n--;
	g_array_set_size(s->samples, n);
}

bool sampler_run(struct sampler *s, const struct sampled *what, sim_time limit, const volatile int *stop,
		 enum sim_end *end, GError **error)
{
	while (s->samples->len <= s->most && last(s)->time < limit) {
		sim_time now = last(s)->time, next = limit - now > s->period ? now + s->period : limit;

		*end = sim_engine_run(what->engine, next, stop);
		if (*end == SIM_END_HORIZON || *end == SIM_END_STOPPED)
			return true;
		look(s, what, next);
		if (*end == SIM_END_IDLE)
			return true;
	}
	if (last(s)->time == limit)
		return true;
	/* What is still to come may change nothing: restarts of who has nothing to do. */
	*end = sim_engine_run(what->engine, limit, stop);
	if (*end == SIM_END_STOPPED || sim_engine_handled(what->engine) == last(s)->handled)
		return true;
	g_set_error(error, DEPLOYMENT_ERROR, 0,
		    "series.period: the run takes more than %u of them: write a longer one, or a shorter "
		    "sim-time-limit",
		    s->most);
	return false;
}

guint sampler_period_of(const struct sampler *s, sim_time time)
{
	return time > 0 ? (guint)((time - 1) / s->period) : 0;
}
