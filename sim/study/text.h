/* Small helpers on text that the parsers of this folder share. */
#ifndef SIM_STUDY_TEXT_H
#define SIM_STUDY_TEXT_H

#include <glib.h>
#include <stdbool.h>

/* Splits at the commas that stand outside of parentheses, braces and "double quotes"; the parts are trimmed, a part
 * that is quoted as a whole loses its quotes. At least one part, perhaps empty. NULL-terminated, the caller's to
 * g_strfreev. */
char **sim_split(const char *text);

/* Does `text` consist of letters, digits and `_ - .` only, and of at least one? */
bool sim_is_name(const char *text);

/* `name(argument)` or `name`: true and both set (the caller's to g_free; *argument NULL without parentheses) when
 * `name` is a name and the parentheses close at the end. */
bool sim_parse_call(const char *text, char **name, char **argument);

#endif
