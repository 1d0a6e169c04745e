/* MSER-5: where the warm-up of a sequence of observations ends (White, Cobb and Spratt, A comparison of five
 * steady-state truncation heuristics for simulation, WSC 2000; recommended for automation by Hoad, Robinson and
 * Davies, J. Oper. Res. Soc. 61, 2010).
 *
 * Of the means Z of batches of 5 it takes away those first d of k for which sum (Z_j - mean)^2 / (k - d)^2 over the
 * rest is least, over d up to k/2: what is left has the most certain mean. */
#ifndef SIM_STUDY_MSER5_H
#define SIM_STUDY_MSER5_H

#include <stddef.h>

#define SIM_MSER5_BATCH 5
#define SIM_MSER5_LEAST 50 /* values; fewer say nothing */

enum sim_mser5_verdict {
	SIM_MSER5_OK,
	SIM_MSER5_TOO_FEW,   /* fewer values than SIM_MSER5_LEAST */
	SIM_MSER5_TOO_SHORT, /* the minimum lies at the half: the sequence may not have settled at all */
};

/* Sets *cut to how many of the first values belong to the warm-up, a multiple of 5 (0 unless SIM_MSER5_OK). Of equal
 * minima the earliest counts. Values that do not fill the last batch are left out. O(n). */
enum sim_mser5_verdict sim_mser5(const double *values, size_t n, size_t *cut);

#endif
