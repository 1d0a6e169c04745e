/* The lines of CSV files that this program writes: a cell is added behind the others, with its comma. */
#ifndef SIM_STUDY_CELLS_H
#define SIM_STUDY_CELLS_H

#include <glib.h>

/* Quoted where it has to be. */
void sim_cells_text(GString *line, const char *text);

/* With 17 significant digits; an empty cell of NAN, a number that does not exist. */
void sim_cells_number(GString *line, double number);
void sim_cells_count(GString *line, guint64 count);

/* The last one of a line, without a comma. */
void sim_cells_last(GString *line, const char *text);

#endif
