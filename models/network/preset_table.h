/* How a table of link presets is read. Private to network/ and its tests; everybody else asks preset.h. */
#ifndef CPNS_NETWORK_PRESET_TABLE_H
#define CPNS_NETWORK_PRESET_TABLE_H

#include <glib.h>

#include "models/network/preset.h"

struct preset_entry {
	enum link_leg leg;
	struct link_preset preset;
};

/* The presets (struct preset_entry) of the CSV text `text`, in its order: each has every figure exactly once for each
 * direction, with a basis, a source and a note. The caller's to unref; or NULL, and *error names `name`, the line and
 * the reason. */
GPtrArray *preset_table_read(const char *name, const char *text, GError **error);

#endif
