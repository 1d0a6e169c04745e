/* A star of devices, PN GWs and one server: what a request and its answer cost the kernel, without any protocol. The
 * same model was written for other simulators, so its figures can be compared.
 *
 * PN GWs have 100 devices each. A device starts uniformly within the first 60 s and does 10 transactions one after
 * the other: a request to the server through its PN GW, and the response. PAN: 1 Mb/s, 256 octets (2.048 ms), latency
 * 5 to 30 ms, loss 2 %. WAN: 10 Mb/s, 40 +- 5 ms, loss 0.5 %. Each link, and each direction of it, sends one message
 * after the other. The server has 8 workers and one queue, first come first served; its service is exponential with
 * the mean that loads it to 70 % over the 60 s. A device sends again after 1, 2, 4, ... s, five times in all; its
 * timers are never withdrawn, but let go when they come too late.
 *
 * To be expected: retransmissions in 1 / (0.98^2 0.995^2) - 1 = 5.17 % of the transactions, 6.25 events for each with
 * the timers that came too late, a mean response of 174 to 178 ms. */
#include <assert.h>
#include <glib.h>
#include <stdlib.h>

#include "models/bench/bench.h"
#include "sim/kernel/engine.h"
#include "sim/kernel/memory.h"
#include "sim/kernel/variate.h"

enum {
	DEVICES_PER_GATEWAY = 100,
	TRANSACTIONS = 10,
	TRIES = 5,
	WORKERS = 8,
	QUEUE_LEAST = 64,
};

static const sim_time START_WITHIN = 60 * SIM_S, FIRST_TIMEOUT = SIM_S;
static const double LOAD = 0.7;

/* A link in one direction. */
struct link {
	sim_time serialisation, latency; /* of a message; at least */
	uint64_t spread;                 /* of the latency, less than 2^32 */
	uint64_t loss;                   /* as a share of 2^32 */
};

static const struct link pan = {2048 * SIM_US, 5 * SIM_MS, 25 * (uint64_t)SIM_MS, (UINT64_C(1) << 32) / 50};
static const struct link wan = {204800, 35 * SIM_MS, 10 * (uint64_t)SIM_MS, (UINT64_C(1) << 32) / 200};

enum kind { START, TIMER, RESPONSE, REQUEST_UP, RESPONSE_DOWN, REQUEST, SERVED };

/* What draws are for. */
enum purpose { PAN_UP, FIRST, GATEWAY, SERVER };

/* A message, as it is carried in an event: which transaction of which device, and which attempt at it. */
struct message {
	uint32_t device;
	unsigned transaction, attempt;
};

struct device {
	struct star *star;
	sim_time busy_until; /* its side of the PAN link */
	sim_time since;      /* when the transaction was begun */
	uint32_t number;
	uint16_t transaction, attempt;
};

struct gateway {
	struct star *star;
	sim_time busy_until; /* its side of the WAN link */
	uint32_t number;
	struct sim_stream luck;
	sim_time down[DEVICES_PER_GATEWAY]; /* until when its side of each PAN link is busy */
};

struct server {
	struct star *star;
	uint32_t number, busy;
	sim_time *down;  /* until when its side of each WAN link is busy */
	uint32_t *queue; /* messages that wait: a ring */
	uint64_t first, behind, mask;
	struct sim_stream luck;
};

struct star {
	struct sim_engine *engine;
	struct sim_random random;
	struct sim_variate service;
	struct device *devices;
	struct gateway *gateways;
	struct server server;
	uint32_t n_devices, n_gateways;
	uint64_t done, failed, retransmissions, too_late;
	sim_time response; /* all of them together */
};

static inline uint32_t pack(struct message m)
{
	return m.device << 7 | m.transaction << 3 | m.attempt;
}

static inline struct message unpack(uint32_t payload)
{
	return (struct message){payload >> 7, payload >> 3 & 15, payload & 7};
}

/* Devices draw for each message anew; who has many of them draws in turn from a stream of its own. */
static inline struct sim_stream stream_of(const struct star *star, struct message m, enum purpose purpose)
{
	return sim_stream_at(&star->random, &(struct sim_address){.entity = m.device,
								  .ordinal = m.transaction,
								  .attempt = (uint16_t)m.attempt,
								  .purpose = (uint8_t)purpose});
}

/* Puts a message on a link that is busy until *busy_until. Returns when it arrives, or SIM_NEVER. One word says both
 * whether it is lost, by its upper half, and how long it takes, by the lower one. */
static inline sim_time transmit(const struct link *link, sim_time now, sim_time *busy_until, uint64_t luck)
{
	sim_time end = MAX(now, *busy_until) + link->serialisation;

	*busy_until = end;
	if (luck >> 32 < link->loss)
		return SIM_NEVER;
	return end + link->latency + (sim_time)((luck & UINT32_MAX) * link->spread >> 32);
}

/* ---- devices ---- */

static void ask(struct device *d, struct sim_engine *engine, sim_time now)
{
	struct star *star = d->star;
	const struct message m = {d->number, d->transaction, d->attempt};
	struct sim_stream luck = stream_of(star, m, PAN_UP);
	sim_time arrival = transmit(&pan, now, &d->busy_until, sim_stream_bits(&luck));

	if (arrival != SIM_NEVER)
		sim_engine_send(engine, d->number, star->n_devices + d->number / DEVICES_PER_GATEWAY, arrival,
				REQUEST_UP, pack(m));
	sim_engine_send(engine, d->number, d->number, now + (FIRST_TIMEOUT << d->attempt), TIMER, pack(m));
}

static void begin(struct device *d, struct sim_engine *engine, sim_time now)
{
	d->attempt = 0;
	d->since = now;
	ask(d, engine, now);
}

static void go_on(struct device *d, struct sim_engine *engine, sim_time now)
{
	if (++d->transaction < TRANSACTIONS)
		begin(d, engine, now);
}

static bool on_timer(struct device *d, struct sim_engine *engine, sim_time now, struct message m)
{
	if (d->transaction != m.transaction || d->attempt != m.attempt) {
		d->star->too_late++;
		return false;
	}
	if (d->attempt + 1 < TRIES) {
		d->attempt++;
		d->star->retransmissions++;
		ask(d, engine, now);
	} else {
		d->star->failed++;
		go_on(d, engine, now);
	}
	return true;
}

static bool on_device(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct device *d = state;
	struct message m = unpack(event->payload);

	if (event->kind == TIMER)
		return on_timer(d, engine, event->time, m);
	if (event->kind == START) {
		begin(d, engine, event->time);
	} else if (d->transaction == m.transaction) {
		d->star->done++;
		d->star->response += event->time - d->since;
		go_on(d, engine, event->time);
	}
	return true;
}

/* ---- PN GWs ---- */

static bool on_gateway(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct gateway *g = state;
	struct message m = unpack(event->payload);
	bool up = event->kind == REQUEST_UP;
	sim_time *busy_until = up ? &g->busy_until : &g->down[m.device % DEVICES_PER_GATEWAY];
	sim_time arrival = transmit(up ? &wan : &pan, event->time, busy_until, sim_stream_bits(&g->luck));

	if (arrival != SIM_NEVER)
		sim_engine_send(engine, g->number, up ? g->star->server.number : m.device, arrival,
				up ? REQUEST : RESPONSE, event->payload);
	return true;
}

static void fetch_gateway(const void *state, const struct sim_coming *coming)
{
	const struct gateway *g = state;

	__asm__ volatile(""); /* or the compiler drops calls of a function that only prefetches */
	__builtin_prefetch(&g->down[unpack(coming->payload).device % DEVICES_PER_GATEWAY], 1);
}

/* ---- the server ---- */

static void serve(struct server *s, struct sim_engine *engine, sim_time now, uint32_t payload)
{
	sim_engine_send(engine, s->number, s->number, now + sim_variate_duration(&s->star->service, &s->luck), SERVED,
			payload);
}

static void wait_in_line(struct server *s, uint32_t payload)
{
	if (s->behind - s->first > s->mask) {
		uint64_t n = s->mask + 1;

		s->queue = g_renew(uint32_t, s->queue, 2 * n);
		for (uint64_t i = 0; i < n; i++) /* what stood at i stands at i or i + n, by its turn */
			s->queue[n + i] = s->queue[i];
		s->mask = 2 * n - 1;
	}
	s->queue[s->behind++ & s->mask] = payload;
}

static void answer(struct server *s, struct sim_engine *engine, sim_time now, uint32_t payload)
{
	uint32_t gateway = unpack(payload).device / DEVICES_PER_GATEWAY;
	sim_time arrival = transmit(&wan, now, &s->down[gateway], sim_stream_bits(&s->luck));

	if (arrival != SIM_NEVER)
		sim_engine_send(engine, s->number, s->star->n_devices + gateway, arrival, RESPONSE_DOWN, payload);
}

static bool on_server(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct server *s = state;

	if (event->kind == SERVED) {
		answer(s, engine, event->time, event->payload);
		if (s->first != s->behind)
			serve(s, engine, event->time, s->queue[s->first++ & s->mask]);
		else
			s->busy--;
	} else if (s->busy < WORKERS) {
		s->busy++;
		serve(s, engine, event->time, event->payload);
	} else {
		wait_in_line(s, event->payload);
	}
	return true;
}

/* ---- the whole ---- */

static void add_devices(struct star *star)
{
	for (uint32_t i = 0; i < star->n_devices; i++) {
		star->devices[i] = (struct device){.star = star, .number = i};
		sim_engine_add(star->engine, on_device, &star->devices[i]);
	}
}

static void add_gateways(struct star *star)
{
	for (uint32_t i = 0; i < star->n_gateways; i++) {
		star->gateways[i] = (struct gateway){
		    .star = star,
		    .luck = stream_of(star, (struct message){.device = i}, GATEWAY),
		};
		star->gateways[i].number = sim_engine_add(star->engine, on_gateway, &star->gateways[i]);
	}
	sim_engine_fetch_with(star->engine, on_gateway, fetch_gateway);
}

static void add_server(struct star *star)
{
	star->server = (struct server){
	    .star = star,
	    .down = g_new0(sim_time, star->n_gateways),
	    .queue = g_new(uint32_t, QUEUE_LEAST),
	    .mask = QUEUE_LEAST - 1,
	    .luck = stream_of(star, (struct message){0}, SERVER),
	};
	star->server.number = sim_engine_add(star->engine, on_server, &star->server);
}

static void start_devices(struct star *star)
{
	for (uint32_t i = 0; i < star->n_devices; i++) {
		struct sim_stream stream = stream_of(star, (struct message){.device = i}, FIRST);

		sim_engine_send(star->engine, i, i, (sim_time)sim_stream_below(&stream, (uint64_t)START_WITHIN),
				START, 0);
	}
}

static void *set_up(const struct bench *bench, uint64_t size, uint64_t seed)
{
	struct star *star = g_new0(struct star, 1);
	double transactions = (double)(size * TRANSACTIONS);

	(void)bench;
	assert(size % DEVICES_PER_GATEWAY == 0 && size < UINT64_C(1) << 25);
	star->engine = sim_engine_new();
	star->random = sim_random_of(seed, 0);
	star->service =
	    (struct sim_variate){.kind = SIM_EXPONENTIAL, .a = LOAD * WORKERS * (double)START_WITHIN / transactions};
	star->n_devices = (uint32_t)size;
	star->n_gateways = (uint32_t)size / DEVICES_PER_GATEWAY;
	star->devices = sim_memory_grow(NULL, 0, star->n_devices * sizeof *star->devices);
	star->gateways = sim_memory_grow(NULL, 0, star->n_gateways * sizeof *star->gateways);
	add_devices(star);
	add_gateways(star);
	add_server(star);
	start_devices(star);
	return star;
}

static void work(void *task)
{
	struct star *star = task;

	sim_engine_run(star->engine, SIM_NEVER, NULL);
}

static void tell(const struct star *star, struct bench_outcome *outcome)
{
	uint64_t transactions = star->done + star->failed, events = sim_engine_handled(star->engine) + star->too_late;
	uint64_t hash = bench_hash_fingerprint(0, sim_engine_fingerprint(star->engine));

	hash = bench_hash(bench_hash(hash, events), star->retransmissions);
	outcome->work = transactions;
	outcome->hash = bench_hash(bench_hash(hash, star->failed), (uint64_t)star->response);
	outcome->things = star->n_devices;
	bench_tell(outcome, "events", "events/transaction", (double)events / (double)transactions);
	bench_tell(outcome, "retransmissions", "1/transaction", (double)star->retransmissions / (double)transactions);
	bench_tell(outcome, "response", "s", (double)star->response / (double)star->done / (double)SIM_S);
}

static void finish(void *task, struct bench_outcome *outcome)
{
	struct star *star = task;

	tell(star, outcome);
	sim_engine_free(star->engine);
	g_free(star->server.queue);
	g_free(star->server.down);
	free(star->gateways);
	free(star->devices);
	g_free(star);
}

void bench_add_star(GArray *suite)
{
	static const uint32_t sizes[] = {10000, 100000, 1000000};

	for (uint32_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		const struct bench bench = {
		    .name = bench_name_of_size("kernel.star", sizes[i]),
		    .unit = "transactions/s",
		    .what = "so many devices ask one server through PN GWs and lossy links",
		    .thing = "device",
		    .size = sizes[i],
		    .tiny = (i + 1) * DEVICES_PER_GATEWAY,
		    .set_up = set_up,
		    .work = work,
		    .finish = finish,
		};

		g_array_append_val(suite, bench);
	}
}
