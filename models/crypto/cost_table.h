/* How a table of device classes is read. Private to crypto/ and its tests; everybody else asks cost.h. */
#ifndef CPNS_CRYPTO_COST_TABLE_H
#define CPNS_CRYPTO_COST_TABLE_H

#include <glib.h>

/* The profiles (struct cost_profile) of the CSV text `text`, in its order: each class has a row for each operation,
 * each figure a basis, a source and low <= typical <= high. The caller's to unref; or NULL, and *error names `name`,
 * the line and the reason. */
GPtrArray *cost_table_read(const char *name, const char *text, GError **error);

#endif
