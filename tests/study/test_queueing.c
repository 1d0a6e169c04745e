/* Closed formulas against textbook values, and against brute force: balance equations solved state by state, which
 * know nothing of the formulas. */
#include <glib.h>
#include <math.h>

#include "sim/study/queueing.h"
#include "tests/lib/suite.h"

#define STATES 4000 /* at a utilisation of 0.95 the last has a share of 1e-89 */

static void near(double got, double wanted)
{
	CU_ASSERT_DOUBLE_EQUAL(got, wanted, 1e-9 * fmax(1e-3, fabs(wanted)));
}

/* Shares p[0..n) of a birth-death chain that goes from k to k + 1 at up(k), and back at down(k + 1). */
static void solve(double *p, size_t n, double (*up)(const void *, size_t), double (*down)(const void *, size_t),
		  const void *of)
{
	double sum = p[0] = 1;

	for (size_t k = 1; k < n; k++)
		sum += p[k] = p[k - 1] * up(of, k - 1) / down(of, k);
	for (size_t k = 0; k < n; k++)
		p[k] /= sum;
}

static double arrive(const void *of, size_t k)
{
	(void)k;
	return ((const struct sim_mmc *)of)->rate;
}

static double serve(const void *of, size_t k)
{
	const struct sim_mmc *queue = of;

	return (double)MIN(k, queue->workers) / queue->service;
}

/* Who finds k in the system waits for k - c + 1 services of all workers: the share of waits longer than t. */
static double longer(const struct sim_mmc *queue, const double *p, double t)
{
	double x = t * queue->workers / queue->service, term = exp(-x), below = 0, sum = 0;

	for (size_t k = queue->workers; k < STATES; k++) {
		below += term; /* P(at most k - c services until t) */
		term *= x / (double)(k - queue->workers + 1);
		sum += p[k] * below;
	}
	return sum;
}

static void check_mmc(unsigned workers, double utilisation, double service)
{
	const struct sim_mmc queue = {workers, utilisation * workers / service, service};
	g_autofree double *p = g_new(double, STATES);
	double waiting = 0, length = 0;

	solve(p, STATES, arrive, serve, &queue);
	for (size_t k = workers; k < STATES; k++) {
		waiting += p[k];
		length += p[k] * (double)(k - workers);
	}
	near(sim_mmc_utilisation(&queue), utilisation);
	near(sim_mmc_waiting(&queue), waiting);
	near(sim_mmc_wait(&queue), length / queue.rate); /* Little */
	for (double q = 0.5; q < 1; q = (3 + q) / 4) {
		double t = sim_mmc_wait_quantile(&queue, q);

		if (q > 0.99999)
			break;
		if (t > 0) {
			near(longer(&queue, p, t), 1 - q);
			continue;
		}
		CU_ASSERT(waiting <= 1 - q);
	}
}

static void test_mmc(void)
{
	static const unsigned workers[] = {1, 2, 3, 4, 8, 50};
	static const double utilisations[] = {0.01, 0.3, 0.5, 0.7, 0.9, 0.95};

	for (size_t i = 0; i < G_N_ELEMENTS(workers); i++)
		for (size_t k = 0; k < G_N_ELEMENTS(utilisations); k++)
			check_mmc(workers[i], utilisations[k], k % 2 == 0 ? 0.01 : 3);
}

/* As printed in tables of Erlang C. */
static void test_erlang_c(void)
{
	static const struct {
		unsigned workers;
		double load, waiting;
	} rows[] = {{1, 0.9, 0.9}, {2, 1, 0.33333}, {5, 4, 0.55411}, {10, 8, 0.40918}};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		CU_ASSERT_DOUBLE_EQUAL(sim_mmc_waiting(&(struct sim_mmc){rows[i].workers, rows[i].load, 1}),
				       rows[i].waiting, 0.5e-5);
	/* M/M/1: rho S / (1 - rho), and p99 = ln(100 rho) S / (1 - rho) */
	const struct sim_mmc one = {1, 90, 0.01};

	near(sim_mmc_wait(&one), 0.09);
	near(sim_mmc_wait_quantile(&one, 0.99), log(90) * 0.1);
}

/* M/G/1 with service a or b, each in half of the cases, by what a departure leaves behind: pi P = pi, in which from k
 * there are k - 1 + the arrivals of a service. Solved forwards: column j of P gives pi[j + 1]. */
static double embedded_wait(double rate, double a, double b)
{
	g_autofree double *pi = g_new0(double, STATES), *come = g_new(double, STATES);
	double in_a = exp(-rate * a), in_b = exp(-rate * b), sum = 0, left = 0;
	size_t n = 400;

	for (size_t k = 0; k < STATES; k++) {
		come[k] = (in_a + in_b) / 2; /* P(k arrivals in a service) */
		in_a *= rate * a / (double)(k + 1);
		in_b *= rate * b / (double)(k + 1);
	}
	pi[0] = 1 - rate * (a + b) / 2;
	/* sum of pi from j on that is not yet reached by smaller ones: the form without differences, after Ramaswami
	 */
	for (size_t j = 1; j < n; j++) {
		double beyond = 1, from_zero, flow;

		for (size_t k = 0; k < j; k++)
			beyond -= come[k];
		from_zero = pi[0] * beyond; /* P(at least j come), from 0 as from 1 */
		flow = from_zero;
		for (size_t i = 1; i < j; i++) {
			double more = 1;

			for (size_t k = 0; k < j - i + 1; k++)
				more -= come[k];
			flow += pi[i] * more;
		}
		pi[j] = flow / come[0];
	}
	for (size_t j = 0; j < n; j++) {
		sum += pi[j];
		left += pi[j] * (double)j;
	}
	CU_ASSERT_DOUBLE_EQUAL(sum, 1, 1e-9);
	return left / rate - (a + b) / 2; /* Little, less the service */
}

static void test_mg1(void)
{
	static const double utilisations[] = {0.1, 0.5, 0.8};

	for (size_t i = 0; i < G_N_ELEMENTS(utilisations); i++) {
		double rate = utilisations[i] / 2;

		CU_ASSERT_DOUBLE_EQUAL(sim_mg1_wait(rate, 2, 4), embedded_wait(rate, 2, 2), 1e-6);
		CU_ASSERT_DOUBLE_EQUAL(sim_mg1_wait(rate, 2, (1 + 9) / 2.0), embedded_wait(rate, 1, 3), 1e-6);
		/* M/D/1 waits half as long as M/M/1, whose second moment is twice the square of the mean */
		near(sim_mg1_wait(rate, 2, 8), sim_mmc_wait(&(struct sim_mmc){1, rate, 2}));
		near(2 * sim_mg1_wait(rate, 2, 4), sim_mg1_wait(rate, 2, 8));
	}
}

struct shop {
	size_t clients;
	double think, service;
};

static double fail(const void *of, size_t k)
{
	const struct shop *shop = of;

	return (double)(shop->clients - k) / shop->think;
}

static double repair(const void *of, size_t k)
{
	(void)k;
	return 1 / ((const struct shop *)of)->service;
}

static void test_repairman(void)
{
	for (size_t n = 1; n <= 64; n++) {
		const struct shop shop = {n, 0.1, 0.01};
		double p[65];

		solve(p, n + 1, fail, repair, &shop);
		near(sim_repairman_throughput((unsigned)n, 0.1, 0.01), (1 - p[0]) / 0.01);
	}
	near(sim_repairman_throughput(1, 3, 1), 0.25);
	near(sim_repairman_throughput(5, 0, 0.5), 2);
	near(sim_repairman_throughput(1000, 0.1, 0.01), 100);
}

static void test_group_commit(void)
{
	near(sim_group_commit_throughput(1, 0.002, 0.0005), 400);
	near(sim_group_commit_throughput(16, 0.002, 0.0005), 1600);
	CU_ASSERT_DOUBLE_EQUAL(sim_group_commit_throughput(1e6, 0.002, 0.0005), 2000, 0.01);
}

static void test_sharded(void)
{
	near(sim_sharded_capacity(1, 0.002), 500);
	near(sim_sharded_capacity(0.125, 0.002), 4000); /* 8 shards, evenly */
	near(sim_sharded_capacity(0.4, 0.002), 1250);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"M/M/c against its balance equations", test_mmc},
	    {"Erlang C as printed", test_erlang_c},
	    {"M/G/1 against its departures", test_mg1},
	    {"machine repairman against its balance equations", test_repairman},
	    {"group commit", test_group_commit},
	    {"shards", test_sharded},
	    {0},
	};

	return suite_run("queueing", cases);
}
