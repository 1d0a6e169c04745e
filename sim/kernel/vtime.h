/* Virtual time: a signed count of nanoseconds since the start of the run (292 years). */
#ifndef SIM_KERNEL_VTIME_H
#define SIM_KERNEL_VTIME_H

#include <stdint.h>

typedef int64_t sim_time;

#define SIM_NEVER INT64_MAX

/* No event happens this late: 73 years. A run that comes here has lost its way, and ends. Durations are at most this
 * long too, so that a time and three durations can be added without overflow. */
#define SIM_HORIZON (INT64_C(1) << 61)

#define SIM_US INT64_C(1000)
#define SIM_MS INT64_C(1000000)
#define SIM_S INT64_C(1000000000)

#endif
