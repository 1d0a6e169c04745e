/* Closed formulas of queues and locks: what a run of the same system has to measure. Rates are per second, times are
 * in seconds; `service` is a mean, and a worker's rate is its inverse.
 *
 * Sources: Gross, Shortle, Thompson and Harris, Fundamentals of Queueing Theory (Erlang C, Pollaczek-Khinchine,
 * machine repair); Reiser and Lavenberg, JACM 27 (1980) 313 (mean value analysis). */
#ifndef SIM_STUDY_QUEUEING_H
#define SIM_STUDY_QUEUEING_H

/* M/M/c: Poisson arrivals of `rate`, c workers, exponential service, one queue. */
struct sim_mmc {
	unsigned workers; /* >= 1 */
	double rate, service;
};

/* rate x service / workers. The formulas below hold below 1, which is asserted. */
double sim_mmc_utilisation(const struct sim_mmc *queue);

/* Erlang C: the share of arrivals that find all workers busy. */
double sim_mmc_waiting(const struct sim_mmc *queue);

/* The mean wait in the queue, and its quantile q (FIFO): 0 where so many need not wait. */
double sim_mmc_wait(const struct sim_mmc *queue);
double sim_mmc_wait_quantile(const struct sim_mmc *queue, double q);

/* M/G/1, Pollaczek-Khinchine: the mean wait for one worker, or one lock, that is held for `service` on average;
 * `second` is E[S^2], in square seconds. Of a constant service, M/D/1, it is the square of `service`. rate x service
 * < 1 is asserted. */
double sim_mg1_wait(double rate, double service, double second);

/* M/M/1//N, the machine repairman: each of `clients` thinks for `think` on average (exponentially), then holds the
 * one lock for `service` (exponentially). How often that happens per second. service > 0 is asserted. */
double sim_repairman_throughput(unsigned clients, double think, double service);

/* Group commit: `batch` transactions, each with `serial` work of its own, share one `flush`. Transactions per second;
 * it grows with the batch towards 1 / serial. Of n clients that do not think the batch is at most n. */
double sim_group_commit_throughput(double batch, double flush, double serial);

/* Locks side by side, of which the hottest takes the share p of all work (0 < p <= 1): transactions per second at
 * which that one is always held. With a share of 1/K each these are K locks' worth; with any skew less. */
double sim_sharded_capacity(double p, double service);

#endif
