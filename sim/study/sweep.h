/* Iteration variables: `${name=1,2,4..32 step 4}` declares one in a value, `${name}` refers to it. `${name=a,b,c !
 * other}` declares one that goes along with another: it has its first value where that has its first, and so on. */
#ifndef SIM_STUDY_SWEEP_H
#define SIM_STUDY_SWEEP_H

#include <glib.h>
#include <stdbool.h>

struct sweep_variable {
	char *name;
	GPtrArray *values; /* of char *, as they stand in the text that replaces the variable */
	int leader;        /* the variable that it goes along with, which comes before it; -1: none */
};

#define SWEEP_MAX_VALUES 100000

/* A list of variables; g_ptr_array_unref. */
GPtrArray *sweep_new(void);

/* Adds the variables that `text` declares. False with *reason, the rest of a sentence, if one has no name, no values,
 * a name that is taken, nothing to go along with or not as many values, or if the braces do not match. */
bool sweep_declare(GPtrArray *variables, const char *text, char **reason);

/* `text` with each variable replaced by its chosen value: chosen[i] of variable i. NULL with *reason for a reference
 * to a variable that is not in the list. */
char *sweep_replace(const GPtrArray *variables, const guint *chosen, const char *text, char **reason);

/* How many combinations there are (1 without variables), at most G_MAXUINT; and which one is number `index`: the
 * first variable is the slowest. */
guint64 sweep_size(const GPtrArray *variables);
void sweep_choose(const GPtrArray *variables, guint index, guint *chosen);

#endif
