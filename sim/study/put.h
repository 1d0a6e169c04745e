/* Members of the JSON objects that this program writes: put_KIND adds a name and its value to the object that the
 * builder stands in. */
#ifndef SIM_STUDY_PUT_H
#define SIM_STUDY_PUT_H

#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdint.h>

void put_text(JsonBuilder *b, const char *name, const char *text);
void put_count(JsonBuilder *b, const char *name, int64_t count);
void put_number(JsonBuilder *b, const char *name, double number);
void put_flag(JsonBuilder *b, const char *name, bool flag);

#endif
