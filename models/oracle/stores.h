/* Key stores whose answer is known: a lock is a queue, clients that think are a machine repairman's, and what
 * SQLite's polling does a brute-force program tells (polling.h). */
#ifndef CPNS_ORACLE_STORES_H
#define CPNS_ORACLE_STORES_H

#include "models/oracle/oracle.h"

void oracle_add_stores(GPtrArray *cases, const struct oracle_extent *extent);

#endif
