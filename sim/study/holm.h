/* Several comparisons at once: of twenty differences that are none, one is "significant" at 95 %. */
#ifndef SIM_STUDY_HOLM_H
#define SIM_STUDY_HOLM_H

#include <stddef.h>

/* Holm's step-down procedure (Scand. J. Statist. 6, 1979, 65): adjusted[i] <= alpha are the differences that can be
 * claimed together, with a probability of at most alpha that any of these claims is wrong, however the comparisons
 * depend on each other. A p of NAN is no comparison: it stays NAN, and does not count. The arrays may be the same. */
void sim_holm(const double *p, double *adjusted, size_t n);

#endif
