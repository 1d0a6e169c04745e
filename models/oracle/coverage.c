#include "models/oracle/coverage.h"

#include <glib.h>

#include "sim/kernel/stream.h"
#include "sim/kernel/variate.h"
#include "sim/study/stats.h"

#define FALSE_ALARM 0.001

struct oracle_coverage oracle_coverage(uint64_t seed, size_t intervals, size_t n)
{
	/* so far from 0 that none is ever cut off there */
	static const struct sim_variate normal = {.kind = SIM_NORMAL, .a = 1000, .b = 1};
	const struct sim_random random = sim_random_of(seed, n);
	struct oracle_coverage c = {.intervals = intervals};
	g_autofree double *values = g_new(double, n);

	for (size_t i = 0; i < intervals; i++) {
		for (size_t k = 0; k < n; k++) {
			const struct sim_address address = {.entity = i, .item = k};
			struct sim_stream stream = sim_stream_at(&random, &address);

			values[k] = sim_variate_draw(&normal, &stream);
		}
		struct sim_estimate e = sim_estimate_mean(values, n, false);

		c.covered += e.low <= normal.a && normal.a <= e.high;
	}
	c.least = sim_binomial_quantile(intervals, SIM_CONFIDENCE, FALSE_ALARM / 2);
	c.most = sim_binomial_quantile(intervals, SIM_CONFIDENCE, 1 - FALSE_ALARM / 2);
	return c;
}
