/* Which combinations of iteration variables a sweep takes:
 *
 *   constraint = ${workers} <= ${shards} && ${rate} != 100/s
 *
 * Comparisons (< <= > >= == !=) of values as scenarios hold them: numbers with their units, which + - * / combine
 * where that makes sense, or words, which are only equal or not. Comparisons are joined by && and ||, and grouped by
 * parentheses. */
#ifndef SIM_STUDY_CONSTRAINT_H
#define SIM_STUDY_CONSTRAINT_H

#include <stdbool.h>

/* Does it hold? `text` has its variables replaced. False with *reason, the rest of a sentence, the caller's to
 * g_free, if it cannot be understood. */
bool sim_constraint_judge(const char *text, bool *holds, char **reason);

#endif
