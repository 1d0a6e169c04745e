/* A report of a result folder, from its files alone: figures by gnuplot, and a page of HTML that needs nothing beside
 * itself. The same files make the same bytes. */
#ifndef SIM_STUDY_REPORT_H
#define SIM_STUDY_REPORT_H

#include "sim/study/archive.h"
#include "sim/study/model.h"

/* What went wrong at run time: gnuplot is missing or failed, a file cannot be written. */
#define SIM_REPORT_ERROR sim_report_error_quark()
GQuark sim_report_error_quark(void);

/* Writes report.html and plots/NAME.svg, .gp, .dat to the folder, which is made if it is missing, and removes figures
 * of an earlier report from there. False with *error: SIM_SCENARIO_ERROR when the archive is of another model,
 * SIM_REPORT_ERROR otherwise. */
bool sim_report_write(const struct sim_archive *archive, const struct sim_model *model, const char *folder,
		      GError **error);

#endif
