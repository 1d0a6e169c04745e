/* Parsers of single values that only this folder needs; the others, and what they promise, are in param.h. */
#ifndef SIM_STUDY_PARSE_H
#define SIM_STUDY_PARSE_H

#include "sim/study/param.h"

bool sim_parse_factor(const char *text, double *number, char **reason);
bool sim_parse_count(const char *text, int64_t *count, char **reason);
bool sim_parse_count_dist(const char *text, struct sim_variate *variate, char **reason);

/* *mix is the caller's to sim_mix_clear. */
bool sim_parse_mix(const char *text, struct sim_mix *mix, char **reason);
void sim_mix_clear(struct sim_mix *mix);

#endif
