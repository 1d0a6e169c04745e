#include "models/crypto/crypto.h"

#include <stddef.h>

#include "models/crypto/body.h"

void cpns_crypto_free(struct cpns_crypto *crypto)
{
	if (crypto == NULL)
		return;
	struct crypto_body *body = crypto->self;

	body->free(body);
}

int64_t cpns_crypto_wall_ns(const struct cpns_crypto *crypto)
{
	const struct crypto_body *body = crypto->self;

	return body->wall_ns;
}
