/* The scenario of whole runs (city.ini), which benchmarks set up to their needs. */
#ifndef CPNS_BENCH_SCENARIO_H
#define CPNS_BENCH_SCENARIO_H

#include "sim/study/scenario.h"

#define BENCH_PNES_PER_GATEWAY 5

/* With so many PN GWs, that flow and that mode of cryptography. The caller's to sim_scenario_free. */
struct sim_scenario *bench_scenario(uint64_t gateways, const char *flow, const char *mode);

#endif
