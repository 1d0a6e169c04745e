/* Classic hold on the kernel as models use it: N entities, one pending event each. A handler touches its entity's
 * state, draws from a stream of its own address a receiver and an exponential delay, and sends one event.
 * usage: bench_hold [-r REPETITIONS] [-e EVENTS] [N...]     prints the median ns/event for each N */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/kernel/engine.h"
#include "sim/kernel/variate.h"

enum { REPETITIONS_MOST = 101, SIZES_MOST = 16 };

static struct sim_random generator;
static const struct sim_variate delay = {.kind = SIM_EXPONENTIAL, .a = 1e9};
static uint32_t n_entities;
static uint64_t left;
static int stop;

struct entity {
	uint32_t number, handled;
};

static bool on_event(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct entity *entity = state;
	struct sim_stream stream = sim_stream_at(
	    &generator, &(struct sim_address){.entity = entity->number, .ordinal = entity->handled++, .purpose = 1});
	uint32_t receiver = (uint32_t)sim_stream_below(&stream, n_entities);
	sim_time at = event->time + sim_variate_duration(&delay, &stream);

	sim_engine_send(engine, entity->number, receiver, at, 0, 0);
	if (--left == 0)
		stop = 1;
	return true;
}

static double hold(uint32_t n, uint64_t events)
{
	struct sim_engine *engine = sim_engine_new();
	struct entity *entities = g_new0(struct entity, n);

	n_entities = n;
	for (uint32_t i = 0; i < n; i++) {
		entities[i].number = i;
		sim_engine_add(engine, on_event, &entities[i]);
	}
	for (uint32_t i = 0; i < n; i++) {
		struct sim_stream stream =
		    sim_stream_at(&generator, &(struct sim_address){.entity = i, .purpose = 2});

		sim_engine_send(engine, i, i, sim_variate_duration(&delay, &stream), 0, 0);
	}
	left = MAX(n, 100000); /* until the set has tuned itself; what is measured is the steady state */
	stop = 0;
	sim_engine_run(engine, SIM_NEVER, &stop);
	uint64_t before = sim_engine_handled(engine);

	left = events;
	stop = 0;
	gint64 start = g_get_monotonic_time();

	sim_engine_run(engine, SIM_NEVER, &stop);
	double ns = (double)(g_get_monotonic_time() - start) * 1e3 / (double)(sim_engine_handled(engine) - before);

	sim_engine_free(engine);
	g_free(entities);
	return ns;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
	uint32_t sizes[SIZES_MOST] = {1000, 100000, 1000000};
	int n_sizes = 3, repetitions = 5, option;
	uint64_t events = 3000000;
	static double ns[SIZES_MOST][REPETITIONS_MOST];

	while ((option = getopt(argc, argv, "r:e:")) != -1) {
		if (option == 'r')
			repetitions = atoi(optarg);
		else if (option == 'e')
			events = strtoull(optarg, NULL, 10);
		else
			return 2;
	}
	if (optind < argc)
		for (n_sizes = 0; optind < argc && n_sizes < SIZES_MOST; optind++)
			sizes[n_sizes++] = (uint32_t)strtoul(argv[optind], NULL, 10);
	generator = sim_random_of(1, 0);
	if (repetitions < 1 || repetitions > REPETITIONS_MOST || events == 0) {
		fprintf(stderr, "bench_hold: 1 to %d repetitions of at least one event\n", REPETITIONS_MOST);
		return 2;
	}
	for (int r = 0; r < repetitions; r++)
		for (int i = 0; i < n_sizes; i++)
			ns[i][r] = hold(sizes[i], events);
	for (int i = 0; i < n_sizes; i++) {
		qsort(ns[i], (size_t)repetitions, sizeof ns[i][0], compare);
		printf("hold %s N=%u ns/event=%.2f min=%.2f max=%.2f\n", sim_event_queue_kind(), sizes[i],
		       ns[i][repetitions / 2], ns[i][0], ns[i][repetitions - 1]);
	}
	return 0;
}
