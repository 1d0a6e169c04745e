#include "models/protocol/delivery.h"

#include <stdlib.h>
#include <string.h>

bool cpns_delivery_complete(const struct cpns_rules *rules, const struct cpns_msg *response)
{
	const struct cpns_octets *field = response->field, *set = &field[CPNS_EUKEY_SET];
	uint32_t n = rules->chain.length;

	if (field[CPNS_TEMPORARY_KEY].at == NULL || field[CPNS_KEY_INDEX].at == NULL ||
	    field[CPNS_COUNTER].at == NULL)
		return false;
	if (n <= 1)
		return field[CPNS_EUKEY].at != NULL;
	if (field[CPNS_KEY_COUNT].at == NULL || cpns_msg_number(response, CPNS_KEY_COUNT) != n)
		return false;
	if (set->at != NULL)
		return field[CPNS_EUKEY].at == NULL && set->n == (size_t)n * CPNS_HASH;
	return field[CPNS_EUKEY].at != NULL && !rules->chain.independent;
}

void cpns_delivery_take(struct cpns_delivery **at, struct cpns_work w, const struct cpns_rules *rules,
			struct cpns_octets entity, const struct cpns_msg *response)
{
	const struct cpns_octets *field = response->field, *tk = &field[CPNS_TEMPORARY_KEY];
	const struct cpns_chain_rules *chain = &rules->chain;

	if (*at == NULL)
		*at = calloc(1, sizeof(**at));
	if (*at == NULL)
		abort();
	struct cpns_delivery *d = *at;

	cpns_chain_free(d->chain);
	d->chain = field[CPNS_EUKEY_SET].at != NULL
		       ? cpns_chain_from_keys(chain, chain->length, field[CPNS_EUKEY_SET].at)
		       : cpns_chain_from_seed(w, chain, entity, chain->length, field[CPNS_EUKEY].at);
	memcpy(d->tk, tk->at, tk->n);
	d->tk_n = tk->n;
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
	if (delivery == NULL || cpns_msg_status(result) != CPNS_SUCCESS || result->field[CPNS_KEY_INDEX].at == NULL)
		return 0;
	uint64_t asked = cpns_msg_number(result, CPNS_KEY_INDEX);

	if (asked <= delivery->delivered || asked > cpns_chain_length(delivery->chain))
		return 0;
	/* The server takes a key up to `window` behind the one that it expects, and expects the one after that then.
	 */
	return asked - delivery->delivered <= (uint64_t)rules->chain.window + 1 ? (uint32_t)asked : 0;
}
