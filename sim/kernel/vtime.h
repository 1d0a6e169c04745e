/* Virtual time: a signed count of nanoseconds since the start of the run (292 years). */
#ifndef SIM_KERNEL_VTIME_H
#define SIM_KERNEL_VTIME_H

#include <stdint.h>

typedef int64_t sim_time;

#define SIM_NEVER INT64_MAX
#define SIM_US INT64_C(1000)
#define SIM_MS INT64_C(1000000)
#define SIM_S INT64_C(1000000000)

#endif
