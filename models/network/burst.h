/* Losses that come in bursts: a Gilbert-Elliott chain (Gilbert 1960, Elliott 1963) in which everything is lost in the
 * bad state and nothing in the good one. It advances in time, one step after the other, whether anything is sent or
 * not, so that sparse traffic sees bursts of wall-clock length. With p and r the probabilities per step of turning
 * bad and of turning good again, a loss L in bursts of B steps on average takes r = 1/B and p = L / (B (1 - L)).
 *
 * Any time can be looked at by itself, however long the hop was idle, and nothing is kept per hop. For a chain of two
 * states is one that is renewed in each step with probability q = p + r, bad with probability L whatever it was
 * before, and that otherwise stays as it is: (1 - q) + q L = 1 - r is the probability of staying bad. (Where p + r >
 * 1, bursts shorter than those that chance makes, it turns over where it would stay: q = 2 - p - r, bad with
 * probability (1 - r) / q.) Whether a step renews it depends on no other step, so time is cut into blocks of steps,
 * and a block's renewals have their draws at an address of their own. What is asked of the hop, by whom and how
 * often, moves none. */
#ifndef CPNS_NETWORK_BURST_H
#define CPNS_NETWORK_BURST_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/kernel/stream.h"
#include "sim/kernel/vtime.h"

struct burst {
	sim_time step;  /* ns; 0: there are no bursts */
	uint64_t block; /* steps */
	double spread;  /* 1 / log(1 - q): from a uniform number's logarithm to the steps between two renewals */
	double loss;    /* L: at time 0, the first renewal, the chain is bad with this probability */
	double bad;     /* at every other renewal */
	bool turns;     /* between renewals it turns over with each step instead of staying */
};

/* Can a share `loss` of the steps be lost in bursts of `mean` steps on average? Not if p would have to be more than
 * 1: loss > mean / (mean + 1), but for a loss of 1, which is one burst. A mean of 1 stands for independent losses, of
 * any share. */
bool burst_possible(double loss, double mean);

/* For a possible pair of them and a step of that many ns > 0 (both asserted). Without loss, with nothing but loss and
 * for a mean of 1 the result has no bursts. */
struct burst burst_of(double loss, double mean, sim_time step);

/* Is the chain bad at `at`? It must have bursts (asserted). `own` addresses it; its `item` is set here. */
bool burst_bad(const struct burst *burst, const struct sim_random *random, const struct sim_address *own,
	       sim_time at);

#endif
