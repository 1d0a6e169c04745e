/* The course of a run: its time series, and what a pilot hands over for its warm-up to be found. */
#ifndef CPNS_DEPLOYMENT_SERIES_H
#define CPNS_DEPLOYMENT_SERIES_H

#include "models/deployment/sampler.h"
#include "sim/study/sequence.h"

/* The points of all series, from time 0: a warm-up shows in them. Rates are of what happened in a period; the latency
 * is of those that arrived in it. */
void series_record(const struct deployment_result *result, const struct sampler *sampler, struct sim_record *record);

/* Samples of a pilot: time-weighted values and rates are observed as often as that. */
#define SERIES_PILOT_SAMPLES 2000

/* Adds the sequences of observations of a pilot, which has no warm-up. */
void series_hand_over(const struct deployment_result *result, const struct sampler *sampler, GPtrArray *sequences);

#endif
