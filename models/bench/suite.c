#include "models/bench/bench.h"

#include <assert.h>

GArray *bench_suite(void)
{
	static void (*const parts[])(GArray * suite) = {
	    bench_add_hold,  bench_add_kernel, bench_add_star,     bench_add_codec, bench_add_crypto,
	    bench_add_chain, bench_add_store,  bench_add_topology, bench_add_flows, bench_add_city,
	};
	GArray *suite = g_array_new(FALSE, FALSE, sizeof(struct bench));

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
		parts[i](suite);
	return suite;
}

const char *bench_name(const char *prefix, const char *rest)
{
	g_autofree char *name = g_strdup_printf("%s.%s", prefix, rest);

	return g_intern_string(name);
}

const char *bench_name_of_size(const char *prefix, uint64_t n)
{
	g_autofree char *name = g_strdup_printf("%s.%" G_GUINT64_FORMAT, prefix, n);

	return g_intern_string(name);
}

void bench_tell(struct bench_outcome *outcome, const char *suffix, const char *unit, double value)
{
	assert(outcome->n_asides < BENCH_ASIDES);
	outcome->asides[outcome->n_asides++] = (struct bench_aside){suffix, unit, value};
}

uint64_t bench_hash_octets(uint64_t before, const uint8_t *at, size_t n)
{
	uint64_t hash = bench_hash(before, n);

	for (size_t i = 0; i < n; i++)
		hash = bench_hash(hash, at[i]);
	return hash;
}
