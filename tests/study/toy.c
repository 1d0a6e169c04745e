#include "tests/study/toy.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

struct toy {
	int64_t customers;
	struct sim_variate service;
	sim_time gap;
	bool random, twins;
	sim_time pause;
	char *fail; /* ",0,3,": replications that fail */
};

static bool arrivals_are_poisson(const struct sim_values *v)
{
	return sim_value_is(v, "arrivals", "poisson");
}

static bool study_is_endless(const struct sim_values *v)
{
	return sim_value_is(v, "study", "steady-state") || arrivals_are_poisson(v);
}

static bool place_is_made(const struct sim_values *v)
{
	return sim_value(v, "place")->set && strcmp(sim_value(v, "place")->text, "made") == 0;
}

static const char *const arrival_words[] = {"storm", "poisson", "regular", NULL};
static const char *const luck_words[] = {"random", "none", "twins", NULL};

static const struct sim_param params[] = {
    {.name = "sim-time-limit",
     .type = SIM_DURATION,
     .fallback = "",
     .help = "end of the run",
     .required = "study is steady-state or arrivals is poisson",
     .must = study_is_endless},
    {.name = "place", .type = SIM_TEXT, .fallback = "made", .help = "made, or a file"},
    {.name = "customers",
     .type = SIM_COUNT,
     .fallback = "",
     .min = 1,
     .max = 1000000,
     .help = "how many come",
     .required = "place is made",
     .readable = place_is_made,
     .condition = "place is made"},
    {.name = "arrivals",
     .type = SIM_CALL,
     .fallback = "",
     .words = arrival_words,
     .required = "always",
     .help = "how they come"},
    {.name = "rate",
     .type = SIM_FREQUENCY,
     .fallback = "10/s",
     .readable = arrivals_are_poisson,
     .condition = "arrivals is poisson",
     .help = "how many come per second"},
    {.name = "service.time", .type = SIM_DURATION_DIST, .fallback = "40ms", .help = "of one customer"},
    {.name = "luck", .type = SIM_WORD, .fallback = "random", .words = luck_words, .help = "is anything random?"},
    {.name = "queue-limit", .type = SIM_COUNT, .fallback = "none", .help = "of the queue"},
    {.name = "share", .type = SIM_SHARE, .fallback = "0%", .help = "a share"},
    {.name = "factor", .type = SIM_FACTOR, .fallback = "1.5", .min = 1, .max = INFINITY, .help = "a factor"},
    {.name = "size", .type = SIM_SIZE, .fallback = "256B", .help = "a size"},
    {.name = "speed", .type = SIM_BITRATE, .fallback = "250kbit/s", .help = "a rate"},
    {.name = "group", .type = SIM_COUNT_DIST, .fallback = "3", .help = "a number"},
    {.name = "profile", .type = SIM_MIX, .fallback = "ble", .help = "a mix"},
    {.name = "pause", .type = SIM_DURATION, .fallback = "0s", .help = "wall time that a run wastes"},
    {.name = "fail", .type = SIM_TEXT, .fallback = "none", .help = "replications that fail, as ,0,3,"},
};

static void *prepare(const struct sim_values *values, GError **error)
{
	const char *place = sim_value(values, "place")->text;

	if (!place_is_made(values)) {
		g_autofree char *path = sim_value_path(values, "place");

		sim_value_complain(values, "place", error, "%s: cannot be read (it is %s)", path, place);
		return NULL;
	}
	struct toy *toy = g_new0(struct toy, 1);

	toy->customers = sim_value(values, "customers")->count;
	toy->service = sim_value(values, "service.time")->variate;
	toy->gap = 50 * SIM_MS;
	toy->random = !sim_value_is(values, "luck", "none");
	toy->twins = sim_value_is(values, "luck", "twins");
	toy->pause = sim_value(values, "pause")->duration;
	toy->fail = g_strdup(sim_value(values, "fail")->text);
	return toy;
}

static void release(void *prepared)
{
	struct toy *toy = prepared;

	g_free(toy->fail);
	g_free(toy);
}

/* An hour or more cannot be stopped. */
static bool waste_time(sim_time pause, const volatile int *stop)
{
	static const int deaf;

	if (pause >= 3600 * SIM_S)
		stop = &deaf;
	for (; pause > 0 && *stop == 0; pause -= 5 * SIM_MS)
		usleep(5000);
	return *stop == 0;
}

static void report(struct sim_record *record, const char *flow, sim_time *waits, size_t n, sim_time end)
{
	struct sim_metric wait = {"all", flow, "wait"}, served = {"all", flow, "served"};
	struct sim_metric bytes = {"desk", flow, "bytes"}, rate = {"all", flow, "throughput"};

	sim_record_counter(record, served, n, "1");
	sim_record_counter(record, bytes, 100 * n, "B");
	sim_record_share(record, rate, (double)n * 1e9, (double)end, "1/s");
	sim_record_tally(record, wait, waits, n);
	sim_record_quantiles(record, wait, waits, n);
}

static void serve(const struct toy *toy, const struct sim_run *run, struct sim_record *record)
{
	uint64_t replication = run->random.key[0][1];
	struct sim_random random = sim_random_of(run->random.key[0][0], toy->twins ? replication / 2 : replication);
	struct sim_address address = {.entity = 1};
	struct sim_stream stream = sim_stream_at(&random, &address);
	g_autofree sim_time *waits = g_new0(sim_time, (gsize)toy->customers);
	sim_time wait = 0;

	for (int64_t i = 0; i < toy->customers; i++) {
		double u = toy->random ? sim_stream_unit(&stream) : 0.5;
		sim_time service = (sim_time)(2 * u * toy->service.a);
		struct sim_event event = {.time = i * toy->gap + wait, .seq = (uint32_t)i, .receiver = 1};

		waits[i] = wait;
		sim_fingerprint_add(&record->fingerprint, &event);
		wait = MAX(0, wait + service - toy->gap);
	}
	record->events = (uint64_t)toy->customers;
	record->pending_max = 1;
	report(record, "all", waits, (size_t)toy->customers, toy->customers * toy->gap);
	report(record, "north", waits, (size_t)toy->customers / 2, toy->customers * toy->gap);
	report(record, "south", waits, (size_t)toy->customers / 4, toy->customers * toy->gap);
}

static bool run_toy(const void *prepared, const struct sim_run *run, struct sim_record *record, GError **error)
{
	const struct toy *toy = prepared;
	g_autofree char *mark = g_strdup_printf(",%" G_GUINT64_FORMAT ",", run->random.key[0][1]);

	record->ended = waste_time(toy->pause, run->stop) ? "nothing left to do" : "interrupted";
	serve(toy, run, record);
	if (strstr(toy->fail, mark) == NULL && strcmp(toy->fail, "all") != 0)
		return true;
	g_set_error(error, SIM_SCENARIO_ERROR, 0, "the accounts of %s do not balance", mark);
	return false;
}

static const char *const *libraries(void)
{
	static const char *const lines[] = {"Toys 1.0", NULL};

	return lines;
}

static const struct sim_headline headline[] = {
    {"customers served", "all", "served", "total", NULL, NULL, NULL, NULL},
    {"wait, mean", "all", "wait", "mean", NULL, NULL, "longer", "shorter"},
    {"wait, p90", "all", "wait", "p90", NULL, NULL, NULL, NULL},
    {"throughput", "all", "throughput", "mean", NULL, NULL, "higher", "lower"},
    {"bytes per customer", "desk", "bytes", "total", "served", NULL, NULL, NULL},
    {"absent", "all", "absent", "mean", NULL, NULL, NULL, NULL},
    {NULL},
};

#define END                            \
	{                              \
		NULL, NULL, NULL, NULL \
	}

static const struct sim_plot plots[] = {
    {"wait",
     "Wait",
     SIM_PLOT_SWEEP,
     "wait",
     NULL,
     "customers",
     {{"mean", "all", "wait", "mean"}, {"p90", "all", "wait", "p90"}, END}},
    {"wait-cdf", "Wait", SIM_PLOT_CDF, "wait", NULL, NULL, {{"wait", "all", "wait", NULL}, END}},
    {"queue-time", "Queue", SIM_PLOT_SERIES, "customers", NULL, NULL, {{"queue", "all", "queue", "mean"}, END}},
    {NULL, NULL, SIM_PLOT_SWEEP, NULL, NULL, NULL, {END}},
};

static const struct sim_known_metric metrics[] = {
    {"served", SIM_METRIC_TOTAL, "1"}, {"throughput", SIM_METRIC_MEAN, "1/s"},
    {"wait", SIM_METRIC_TALLY, "s"},   {"lost", SIM_METRIC_TOTAL, "1"}, /* which nobody ever is */
    {NULL, SIM_METRIC_TOTAL, NULL},
};

const struct sim_model toy_model = {
    .name = "toy",
    .params = params,
    .n_params = G_N_ELEMENTS(params),
    .metrics = metrics,
    .prepare = prepare,
    .release = release,
    .run = run_toy,
    .libraries = libraries,
    .headline = headline,
    .goodput = "throughput",
    .latency = "wait.mean",
    .plots = plots,
    .begun = "served",
    .censored = "lost",
};
