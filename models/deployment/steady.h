/* What a steady-state study takes for granted, held against what happened. */
#ifndef CPNS_DEPLOYMENT_STEADY_H
#define CPNS_DEPLOYMENT_STEADY_H

#include "models/deployment/deployment.h"

/* NULL, or why there is no steady state, in words for people (a literal). Arrivals that do not wait for answers,
 * workers of the server who are always busy, and from the beginning of the window to its end either a wait for them
 * that grows and grows (its queue has no bound), or a number of open assignments that does: where there are few
 * devices, these bound the server's queue, and what arrives waits for them. What is offered is as much as can be
 * carried, or more, or so near to it that the run shows nothing else. What may be chance is not spoken of: the growth
 * has to be the same in all eighths of the window, and a twentieth of it long (of the number: of what has arrived).
 * Nor are devices that are all the bottleneck there is, with idle workers: assignments that take longer than the
 * window, for good reasons, would look the same. */
const char *steady_fault(const struct deployment_result *result);

#endif
