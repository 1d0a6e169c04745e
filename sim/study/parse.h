/* Parsers of single values that only this folder needs; the others, and what they promise, are in param.h. */
#ifndef SIM_STUDY_PARSE_H
#define SIM_STUDY_PARSE_H

#include "sim/study/param.h"

bool sim_parse_factor(const char *text, double *number, char **reason);
bool sim_parse_count(const char *text, int64_t *count, char **reason);

/* What a distribution is of: a duration in nanoseconds, or a plain number. */
enum sim_dist { SIM_DIST_DURATION, SIM_DIST_COUNT, SIM_DISTS };

/* *file (the caller's to g_free) is set for `empirical(file)` alone: the caller has to add the variate's table. */
bool sim_parse_dist(const char *text, enum sim_dist dist, struct sim_variate *variate, char **file, char **reason);

/* One value of such a distribution. */
bool sim_parse_element(const char *text, enum sim_dist dist, double *value, char **reason);

/* *mix is the caller's to sim_mix_clear. */
bool sim_parse_mix(const char *text, struct sim_mix *mix, char **reason);
void sim_mix_clear(struct sim_mix *mix);

#endif
