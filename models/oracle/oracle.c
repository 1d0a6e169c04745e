#include "models/oracle/oracle.h"

#include <stdarg.h>

#include "models/oracle/queues.h"
#include "models/oracle/stores.h"

#define GATEWAYS 4000
#define FALSE_ALARM 0.001

const struct oracle_extent oracle_quick = {
    .replications = 5, .warmup = 1000, .customers = 5000, .busiest = 0.8, .seed = 1};
const struct oracle_extent oracle_full = {
    .replications = 10, .warmup = 3000, .customers = 20000, .busiest = 1, .seed = 1};

static void case_free(gpointer data)
{
	struct oracle_case *c = data;

	g_free(c->name);
	g_string_free(c->scenario, TRUE);
	g_array_unref(c->checks);
	g_free(c);
}

void oracle_set(struct oracle_case *c, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_string_append_vprintf(c->scenario, format, arguments);
	va_end(arguments);
	g_string_append_c(c->scenario, '\n');
}

struct oracle_case *oracle_add(GPtrArray *cases, const struct oracle_extent *extent, const char *format, ...)
{
	struct oracle_case *c = g_new0(struct oracle_case, 1);
	va_list arguments;

	va_start(arguments, format);
	c->name = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	c->scenario = g_string_new("[General]\n"
				   "study = steady-state\n"
				   "topology = generated\n"
				   "flow = gateway\n"
				   "wan.profile = ideal\n"
				   "protocol.mutual-authentication = done\n"
				   "protocol.digest = single-round\n"
				   "protocol.timeout = 1h\n" /* nobody waits that long: no message goes twice */
				   "protocol.retries = 0\n"
				   "crypto.mode = counted\n"
				   "crypto.gateway = free\n"
				   "crypto.server = free\n");
	c->checks = g_array_new(FALSE, FALSE, sizeof(struct oracle_check));
	oracle_set(c, "seed = %ld", extent->seed + (long)cases->len);
	oracle_set(c, "repeat = %u", extent->replications);
	g_ptr_array_add(cases, c);
	return c;
}

static void observe(struct oracle_case *c, const struct oracle_extent *extent, double rate)
{
	oracle_set(c, "warmup = %.9fs", extent->warmup / rate);
	oracle_set(c, "sim-time-limit = %.9fs", (extent->warmup + extent->customers) / rate);
}

void oracle_open(struct oracle_case *c, const struct oracle_extent *extent, double rate)
{
	oracle_set(c, "gateways = %d", GATEWAYS);
	oracle_set(c, "workload.arrivals = poisson(%.17g/s)", rate);
	observe(c, extent, rate);
}

void oracle_closed(struct oracle_case *c, const struct oracle_extent *extent, unsigned clients, double think,
		   double rate)
{
	oracle_set(c, "gateways = %u", clients);
	oracle_set(c, "workload.arrivals = closed(exponential(%.9fs))", think);
	observe(c, extent, rate);
}

void oracle_expect(struct oracle_case *c, struct oracle_check check)
{
	g_array_append_val(c->checks, check);
}

GPtrArray *oracle_cases(const struct oracle_extent *extent)
{
	GPtrArray *cases = g_ptr_array_new_with_free_func(case_free);

	oracle_add_queues(cases, extent);
	oracle_add_stores(cases, extent);
	return cases;
}

struct sim_estimate oracle_measured(const struct oracle_check *check, const struct sim_estimate *estimate)
{
	struct sim_estimate e = *estimate;
	double per = check->per > 0 ? check->per : 1;

	e.mean /= per;
	e.low /= per;
	e.high /= per;
	return e;
}

enum oracle_verdict oracle_judge(const struct sim_estimate *e, double expected, size_t n)
{
	if (expected >= e->low && expected <= e->high)
		return ORACLE_OK;
	if (e->n < 2)
		return ORACLE_WRONG;
	double wider = sim_student_factor_at(e->n, 1 - FALSE_ALARM / (double)n) / sim_student_factor(e->n);
	double off = expected < e->mean ? e->mean - expected : expected - e->mean;

	return off <= wider * (e->high - e->low) / 2 ? ORACLE_MISSED : ORACLE_WRONG;
}

size_t oracle_misses_allowed(size_t n, size_t sets)
{
	return sim_binomial_quantile(n, 1 - SIM_CONFIDENCE, 1 - FALSE_ALARM / (double)sets);
}
