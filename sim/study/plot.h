/* The figures that a result folder has data for: the model's plots (model.h), and those of compare.csv. */
#ifndef SIM_STUDY_PLOT_H
#define SIM_STUDY_PLOT_H

#include "sim/study/archive.h"
#include "sim/study/figure.h"
#include "sim/study/model.h"

/* At most that many figures are made of one line of a plot, and of comparisons; what is left out is told. */
#define PLOT_MOST_FIGURES 4

/* Of struct figure, in the order of the model's plots; g_ptr_array_unref. Adds to `notes` (of char *) a sentence for
 * what is not drawn. */
GPtrArray *plots_make(const struct sim_archive *archive, const struct sim_model *model, GPtrArray *notes);

#endif
