/* What the kernel's services cost one by one: events between two entities, timers, streams, variates. */
#include <glib.h>
#include <string.h>

#include "models/bench/bench.h"
#include "sim/kernel/engine.h"
#include "sim/kernel/variate.h"

enum {
	MANY = 1000000,
	FEW = 1000,
};

/* ---- events ---- */

struct events {
	struct sim_engine *engine;
	uint64_t left, done;
	uint32_t timer; /* 0: none is set */
};

static void *set_up_events(const struct bench *bench, uint64_t size, uint64_t seed)
{
	struct events *e = g_new0(struct events, 1);

	(void)seed; /* nothing is drawn */
	e->engine = sim_engine_new();
	e->left = size;
	for (int i = 0; i < 2; i++)
		sim_engine_add(e->engine, *(sim_handler *const *)bench->variant, e);
	sim_engine_send(e->engine, 0, 0, 0, 0, 0);
	return e;
}

static void run_events(void *task)
{
	struct events *e = task;

	sim_engine_run(e->engine, SIM_NEVER, NULL);
}

static void end_events(void *task, struct bench_outcome *outcome)
{
	struct events *e = task;

	outcome->work = e->done;
	outcome->hash = bench_hash_fingerprint(e->done, sim_engine_fingerprint(e->engine));
	sim_engine_free(e->engine);
	g_free(e);
}

/* Two entities that answer each other. */
static bool on_message(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct events *e = state;

	e->done++;
	if (--e->left > 0)
		sim_engine_send_message(engine, event->receiver, 1 - event->receiver, event->time + SIM_MS, 0, 0, 1,
					100);
	return true;
}

/* Every millisecond a timer of a second is set, and the one before it withdrawn. */
static bool on_tick(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	enum { TICK, TIMER };
	struct events *e = state;

	if (event->kind == TIMER)
		return true;
	if (e->timer != 0)
		sim_engine_withdraw_timer(engine, e->timer);
	e->timer = sim_engine_set_timer(engine, 0, event->time + SIM_S, TIMER, 0);
	e->done++;
	if (--e->left > 0)
		sim_engine_send(engine, 0, 0, event->time + SIM_MS, TICK, 0);
	return true;
}

/* ---- draws ---- */

struct draws {
	struct sim_random random;
	struct sim_variate variate;
	struct sim_empirical *table;
	void (*draw)(struct draws *draws);
	uint64_t n, hash;
};

/* What is drawn, and how. */
struct draw_kind {
	const char *name, *what;
	void (*draw)(struct draws *draws);
	struct sim_variate variate;
};

static void *set_up_draws(const struct bench *bench, uint64_t size, uint64_t seed)
{
	static const double values[] = {1e6, 2e6, 5e6, 1e7, 2e7, 5e7, 1e8, 2e8}, weights[] = {1, 2, 3, 4, 4, 3, 2, 1};
	const struct draw_kind *kind = bench->variant;
	struct draws *d = g_new0(struct draws, 1);

	d->random = sim_random_of(seed, 0);
	d->table = sim_empirical_new(values, weights, G_N_ELEMENTS(values));
	d->variate = kind->variate;
	d->variate.table = d->table;
	d->draw = kind->draw;
	d->n = size;
	return d;
}

static void run_draws(void *task)
{
	struct draws *d = task;

	d->draw(d);
}

static void end_draws(void *task, struct bench_outcome *outcome)
{
	struct draws *d = task;

	outcome->work = d->n;
	outcome->hash = bench_hash(0, d->hash);
	sim_empirical_free(d->table);
	g_free(d);
}

static void draw_addressed(struct draws *d)
{
	for (uint64_t i = 0; i < d->n; i++) {
		struct sim_stream stream =
		    sim_stream_at(&d->random, &(struct sim_address){.entity = i, .purpose = 1});

		d->hash ^= sim_stream_bits(&stream);
	}
}

static void draw_words(struct draws *d)
{
	struct sim_stream stream = sim_stream_at(&d->random, &(struct sim_address){.purpose = 1});

	for (uint64_t i = 0; i < d->n; i++)
		d->hash ^= sim_stream_bits(&stream);
}

static void draw_nonces(struct draws *d)
{
	for (uint64_t i = 0; i < d->n; i++) {
		struct sim_stream stream =
		    sim_stream_at(&d->random, &(struct sim_address){.entity = i, .purpose = 1});
		uint64_t nonce[2];

		sim_stream_bytes(&stream, (uint8_t *)nonce, sizeof nonce);
		d->hash ^= GUINT64_FROM_LE(nonce[0]) + GUINT64_FROM_LE(nonce[1]);
	}
}

static void draw_durations(struct draws *d)
{
	struct sim_stream stream = sim_stream_at(&d->random, &(struct sim_address){.purpose = 1});

	for (uint64_t i = 0; i < d->n; i++)
		d->hash += (uint64_t)sim_variate_duration(&d->variate, &stream);
}

static const struct draw_kind draw_kinds[] = {
    {"stream.address", "the first word of a stream of its own address", draw_addressed, {0}},
    {"stream.word", "one more word of a stream", draw_words, {0}},
    {"stream.nonce", "16 octets of a stream of its own address", draw_nonces, {0}},
    {"variate.constant", "a duration", draw_durations, {SIM_CONSTANT, 1e7, 0, 0, NULL}},
    {"variate.uniform", "a duration", draw_durations, {SIM_UNIFORM, 1e7, 2e7, 0, NULL}},
    {"variate.exponential", "a duration", draw_durations, {SIM_EXPONENTIAL, 1e7, 0, 0, NULL}},
    {"variate.normal",
     "a duration, of mean 2 and standard deviation 1",
     draw_durations,
     {SIM_NORMAL, 2e7, 1e7, 0, NULL}},
    {"variate.lognormal", "a duration", draw_durations, {SIM_LOGNORMAL, 1e7, 1e7, 0, NULL}},
    {"variate.pareto", "a duration", draw_durations, {SIM_PARETO, 1e7, 1.5, 1e9, NULL}},
    {"variate.weibull", "a duration", draw_durations, {SIM_WEIBULL, 1e7, 1.5, 0, NULL}},
    {"variate.empirical", "a duration out of 8", draw_durations, {SIM_EMPIRICAL, 0, 0, 0, NULL}},
};

static void add_draw(GArray *suite, const struct draw_kind *kind)
{
	const struct bench bench = {
	    .name = bench_name("kernel", kind->name),
	    .unit = "ns",
	    .what = kind->what,
	    .size = MANY,
	    .tiny = FEW,
	    .variant = kind,
	    .set_up = set_up_draws,
	    .work = run_draws,
	    .finish = end_draws,
	};

	g_array_append_val(suite, bench);
}

void bench_add_kernel(GArray *suite)
{
	static sim_handler *const messages = on_message, *const ticks = on_tick;
	const struct bench events[] = {
	    {"kernel.message", "ns", "two entities answer each other", NULL, MANY, FEW, &messages, set_up_events,
	     run_events, end_events},
	    {"kernel.timer", "ns", "a timer is set, and withdrawn later", NULL, MANY, FEW, &ticks, set_up_events,
	     run_events, end_events},
	};

	g_array_append_vals(suite, events, G_N_ELEMENTS(events));
	for (size_t i = 0; i < G_N_ELEMENTS(draw_kinds); i++)
		add_draw(suite, &draw_kinds[i]);
}
