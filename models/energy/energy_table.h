/* How a table of energy figures is read. Private to energy/ and its tests; everybody else asks energy.h. */
#ifndef CPNS_ENERGY_ENERGY_TABLE_H
#define CPNS_ENERGY_ENERGY_TABLE_H

#include <glib.h>

#include "models/energy/energy.h"

/* The names of the figures, NULL-terminated: of a radio, and of a CPU. */
extern const char *const energy_radio_figures[ENERGY_RADIO_FIGURES + 1];
extern const char *const energy_cpu_figures[2];

/* The names of the parts: of the legs in their order, then of CPUs; NULL-terminated. */
extern const char *const energy_parts[LEGS + 2];

/* Reads the rows of the CSV text `text` into *table, over what is there; `whole`: every preset and every class must
 * have all of its figures. False with *error, which names `name`, the line and the reason. */
bool energy_table_read(struct energy_table *table, const char *name, const char *text, bool whole, GError **error);

/* The names of that part's presets or classes, by their numbers; NULL-terminated. */
const char *const *energy_names(int part);

#endif
