/* Numbers for people: "412.3 ± 12.1 ms". */
#ifndef SIM_STUDY_HUMAN_H
#define SIM_STUDY_HUMAN_H

#include "sim/study/stats.h"

/* `unit` is that of the record ("s", "B", "1/s", ...), or "%" for a share. The caller's to g_free. */
char *human_estimate(const struct sim_estimate *estimate, const char *unit);

#endif
