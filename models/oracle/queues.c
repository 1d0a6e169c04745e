#include "models/oracle/queues.h"

#include "sim/study/queueing.h"

#define SERVICE 1.0 /* seconds, on average, in all cases */
#define THINK 10.0

static const double utilisations[] = {0.5, 0.7, 0.9};

static void expect_mean_wait(struct oracle_case *c, double wait)
{
	oracle_expect(c, (struct oracle_check){"mean wait", "server.wait", "mean", "s", wait});
}

static void expect_waiting(struct oracle_case *c, double share)
{
	oracle_expect(c, (struct oracle_check){"who waits", "server.waited", "mean", "%", share});
}

static void expect_utilisation(struct oracle_case *c, double share)
{
	oracle_expect(c, (struct oracle_check){"utilisation", "server.utilisation", "mean", "%", share});
}

static void add_mmc(GPtrArray *cases, const struct oracle_extent *extent, unsigned workers, double utilisation)
{
	const struct sim_mmc queue = {workers, utilisation * workers / SERVICE, SERVICE};
	struct oracle_case *c = oracle_add(cases, extent, "M/M/%u at %g", workers, utilisation);

	oracle_open(c, extent, queue.rate);
	oracle_set(c, "server.workers = %u", workers);
	oracle_set(c, "server.service = exponential(%gs)", SERVICE);
	expect_mean_wait(c, sim_mmc_wait(&queue));
	oracle_expect(
	    c, (struct oracle_check){"p99 of wait", "server.wait", "p99", "s", sim_mmc_wait_quantile(&queue, 0.99)});
	expect_waiting(c, sim_mmc_waiting(&queue));
	expect_utilisation(c, utilisation);
}

/* A distribution of the service, with the mean of all cases. */
struct service {
	const char *name, *value;
	double second; /* E[S^2] in units of the squared mean */
};

static void add_mg1(GPtrArray *cases, const struct oracle_extent *extent, const struct service *service,
		    double utilisation)
{
	double rate = utilisation / SERVICE;
	struct oracle_case *c = oracle_add(cases, extent, "%s at %g", service->name, utilisation);

	oracle_open(c, extent, rate);
	oracle_set(c, "server.service = %s", service->value);
	expect_mean_wait(c, sim_mg1_wait(rate, SERVICE, service->second * SERVICE * SERVICE));
	expect_waiting(c, utilisation); /* of one worker, whatever the service */
	expect_utilisation(c, utilisation);
}

/* Machine repairman: the server is the repairman. */
static void add_repairman(GPtrArray *cases, const struct oracle_extent *extent, unsigned clients)
{
	double rate = sim_repairman_throughput(clients, THINK, SERVICE);
	struct oracle_case *c = oracle_add(cases, extent, "M/M/1//%u", clients);

	oracle_closed(c, extent, clients, THINK, rate);
	oracle_set(c, "server.service = exponential(%gs)", SERVICE);
	/* assignment.throughput is of those that arrive in the window: what is on its way at its end is missing there
	 */
	oracle_expect(
	    c, (struct oracle_check){"throughput", "server.service", "count", "1/s", rate, extent->customers / rate});
}

void oracle_add_queues(GPtrArray *cases, const struct oracle_extent *extent)
{
	static const unsigned workers[] = {1, 2, 4, 8};
	static const unsigned clients[] = {1, 2, 4, 8, 16, 32, 64};
	static const struct service services[] = {
	    {"M/D/1", "1s", 1},
	    {"M/G/1, uniform", "uniform(0s,2s)", 4 / 3.0},
	    {"M/G/1, lognormal", "lognormal(1s,1.5s)", 1 + 1.5 * 1.5},
	};

	for (size_t u = 0; u < G_N_ELEMENTS(utilisations); u++) {
		struct oracle_extent longer = *extent;

		if (utilisations[u] > extent->busiest)
			continue;
		if (utilisations[u] > 0.8) /* the busier, the longer a queue remembers how it was */
			longer.customers *= 3;
		for (size_t i = 0; i < G_N_ELEMENTS(workers); i++)
			add_mmc(cases, &longer, workers[i], utilisations[u]);
		for (size_t i = 0; i < G_N_ELEMENTS(services); i++)
			add_mg1(cases, &longer, &services[i], utilisations[u]);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(clients); i++)
		add_repairman(cases, extent, clients[i]);
}
