/* The only clock of the study layer: for progress and provenance, never for anything that a result depends on. */
#ifndef SIM_STUDY_WALL_H
#define SIM_STUDY_WALL_H

#include <stdint.h>

/* Nanoseconds since some fixed moment. */
int64_t sim_wall_ns(void);

/* Now, as "2025-01-31T12:00:00Z"; the caller's to g_free. */
char *sim_wall_date(void);

#endif
