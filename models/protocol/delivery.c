#include "models/protocol/delivery.h"

#include <stdlib.h>
#include <string.h>

bool cpns_delivery_complete(const struct cpns_rules *rules, const struct cpns_msg *response)
{
	const struct cpns_msg *msg = response;
	uint32_t n = rules->chain.length;

	if (!cpns_msg_has(msg, CPNS_TEMPORARY_KEY) || !cpns_msg_has(msg, CPNS_KEY_INDEX) ||
	    !cpns_msg_has(msg, CPNS_COUNTER))
		return false;
	bool single = rules->one_kek ? cpns_msg_has(msg, CPNS_RAND_SERVER) && cpns_msg_has(msg, CPNS_ENC_EUKEY) &&
					   !cpns_msg_has(msg, CPNS_EUKEY)
				     : cpns_msg_has(msg, CPNS_EUKEY);

	if (n <= 1)
		return single;
	if (!cpns_msg_has(msg, CPNS_KEY_COUNT) || cpns_msg_number(msg, CPNS_KEY_COUNT) != n)
		return false;
	if (cpns_msg_has(msg, CPNS_EUKEY_SET))
		return !rules->one_kek && !cpns_msg_has(msg, CPNS_EUKEY) &&
		       cpns_msg_get(msg, CPNS_EUKEY_SET).n == (size_t)n * CPNS_HASH;
	return single && !rules->chain.independent;
}

void cpns_delivery_take(struct cpns_delivery **at, struct cpns_work w, const struct cpns_rules *rules,
			struct cpns_octets entity, const struct cpns_msg *response)
{
	struct cpns_octets tk = cpns_msg_get(response, CPNS_TEMPORARY_KEY);
	const struct cpns_chain_rules *chain = &rules->chain;

	if (*at == NULL)
		*at = calloc(1, sizeof(**at));
	if (*at == NULL)
		abort();
	struct cpns_delivery *d = *at;

	cpns_chain_free(d->chain);
	d->chain = cpns_msg_has(response, CPNS_EUKEY_SET)
		       ? cpns_chain_from_keys(chain, chain->length, cpns_msg_at(response, CPNS_EUKEY_SET))
		       : cpns_chain_from_seed(w, chain, entity, chain->length, cpns_msg_at(response, CPNS_EUKEY));
	memcpy(d->tk, tk.at, tk.n);
	d->tk_n = tk.n;
	d->counter = cpns_msg_number(response, CPNS_COUNTER);
	d->delivered = 0;
	if (cpns_chain_cells(d->chain) > d->cells_max)
		d->cells_max = cpns_chain_cells(d->chain);
}

void cpns_delivery_free(struct cpns_delivery *delivery)
{
	if (delivery != NULL)
		cpns_chain_free(delivery->chain);
	free(delivery);
}

uint32_t cpns_delivery_asked(const struct cpns_delivery *delivery, const struct cpns_rules *rules,
			     const struct cpns_msg *result)
{
	if (delivery == NULL || cpns_msg_status(result) != CPNS_SUCCESS || !cpns_msg_has(result, CPNS_KEY_INDEX))
		return 0;
	uint64_t asked = cpns_msg_number(result, CPNS_KEY_INDEX);

	if (asked <= delivery->delivered || asked > cpns_chain_length(delivery->chain))
		return 0;
	/* The server takes a key up to `window` behind the one that it expects, and expects the one after that then.
	 */
	return asked - delivery->delivered <= (uint64_t)rules->chain.window + 1 ? (uint32_t)asked : 0;
}
