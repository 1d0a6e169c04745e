/* What the two bodies have in common: where their struct cpns_crypto lives and how it is freed. Private to crypto/.
 */
#ifndef CPNS_CRYPTO_BODY_H
#define CPNS_CRYPTO_BODY_H

#include <stdint.h>

#include "models/protocol/env.h"

/* Begins the state of a body; `self` of the struct within points here. */
struct crypto_body {
	struct cpns_crypto functions;
	void (*free)(struct crypto_body *body); /* frees the body, this struct included */
	int64_t wall_ns;
};

#endif
