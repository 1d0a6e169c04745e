/* Queues with closed formulas (sim/study/queueing.h), in front of the CPNS Server's workers. */
#ifndef CPNS_ORACLE_QUEUES_H
#define CPNS_ORACLE_QUEUES_H

#include "models/oracle/oracle.h"

void oracle_add_queues(GPtrArray *cases, const struct oracle_extent *extent);

#endif
