/* Known-answer vectors: of the cryptography (FIPS 180-4, RFC 4231, RFC 7914, RFC 3394, the GCM specification), and of
 * what the protocol derives with it, which were checked with a second implementation. */
#ifndef CPNS_ORACLE_KNOWN_ANSWERS_H
#define CPNS_ORACLE_KNOWN_ANSWERS_H

#include <glib.h>

#include "models/protocol/env.h"

struct oracle_answer {
	const char *name;
	const char *expected; /* in hexadecimal digits */
	char *found;
};

/* All of them, with that cryptography: an array of struct oracle_answer; g_array_unref. */
GArray *oracle_known_answers(const struct cpns_crypto *crypto);

#endif
