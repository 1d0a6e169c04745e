#include "sim/study/queueing.h"

#include <glib.h>
#include <math.h>

double sim_mmc_utilisation(const struct sim_mmc *queue)
{
	return queue->rate * queue->service / queue->workers;
}

/* By way of Erlang B, whose recursion neither overflows nor cancels. */
double sim_mmc_waiting(const struct sim_mmc *queue)
{
	double load = queue->rate * queue->service, utilisation = sim_mmc_utilisation(queue), blocked = 1;

	g_assert(queue->workers >= 1 && utilisation >= 0 && utilisation < 1);
	for (unsigned k = 1; k <= queue->workers; k++)
		blocked = load * blocked / (k + load * blocked);
	return blocked / (1 - utilisation * (1 - blocked));
}

/* At which a queue drains while all workers are busy, less arrivals. */
static double drain_rate(const struct sim_mmc *queue)
{
	return queue->workers / queue->service - queue->rate;
}

double sim_mmc_wait(const struct sim_mmc *queue)
{
	return sim_mmc_waiting(queue) / drain_rate(queue);
}

double sim_mmc_wait_quantile(const struct sim_mmc *queue, double q)
{
	double waiting = sim_mmc_waiting(queue); /* and who waits does so exponentially */

	return waiting <= 1 - q ? 0 : log(waiting / (1 - q)) / drain_rate(queue);
}

double sim_mg1_wait(double rate, double service, double second)
{
	g_assert(rate * service < 1);
	return rate * second / (2 * (1 - rate * service));
}

/* Mean value analysis: who arrives finds the queue as it is on average with one client less. */
double sim_repairman_throughput(unsigned clients, double think, double service)
{
	double queue = 0, throughput = 0;

	g_assert(service > 0);
	for (unsigned n = 1; n <= clients; n++) {
		double response = service * (1 + queue);

		throughput = n / (think + response);
		queue = throughput * response;
	}
	return throughput;
}

double sim_group_commit_throughput(double batch, double flush, double serial)
{
	return batch / (flush + batch * serial);
}

double sim_sharded_capacity(double p, double service)
{
	return 1 / (p * service);
}
