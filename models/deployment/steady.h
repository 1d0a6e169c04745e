/* What a steady-state study takes for granted, held against what happened. */
#ifndef CPNS_DEPLOYMENT_STEADY_H
#define CPNS_DEPLOYMENT_STEADY_H

#include "models/deployment/deployment.h"

/* NULL, or why there is no steady state, in words for people (a literal): arrivals that do not wait for answers, a
 * queue without a bound, workers that are always busy, and from the beginning of the window to its end a wait that
 * grows and grows. The offered load is 1 or more then, or so near to it that the run shows nothing else. What may be
 * chance is not spoken of: the growth has to be the same in all eighths of the window, and a twentieth of it long. */
const char *steady_fault(const struct deployment_result *result);

#endif
