#include "models/protocol/use_keys.h"

#include <string.h>

#include "models/protocol/input.h"
#include "models/protocol/msg.h"

void cpns_chain_hash(struct cpns_work w, struct cpns_octets entity, const uint8_t from[CPNS_HASH],
		     uint8_t to[CPNS_HASH])
{
	struct cpns_input in;
	uint8_t key[CPNS_HASH];

	memcpy(key, from, CPNS_HASH);
	cpns_input_begin(&in);
	cpns_input_add(&in, CPNS_LABEL("CPNS-CHAIN-1"));
	cpns_input_lp(&in, entity);
	cpns_hmac(w, CPNS_ARRAY(key), cpns_input_octets(&in), to);
	w.ops->hmac--;
	w.ops->chain_hashes++;
}

static void begin_use(struct cpns_input *in, struct cpns_octets label, const struct cpns_use_context *use)
{
	cpns_input_begin(in);
	cpns_input_add(in, label);
	cpns_input_lp(in, use->entity);
	cpns_input_add(in, (struct cpns_octets){use->nonce, 16});
	cpns_input_add(in, (struct cpns_octets){use->rand, 16});
}

void cpns_use_proof(struct cpns_work w, const uint8_t eukey[CPNS_HASH], const struct cpns_use_context *use,
		    uint8_t tag[CPNS_TAG])
{
	struct cpns_input in;
	uint8_t index[4];

	begin_use(&in, CPNS_LABEL("CPNS-USE-P"), use);
	cpns_put32(index, use->index);
	if (use->index != 0)
		cpns_input_add(&in, CPNS_ARRAY(index));
	cpns_hmac_tag(w, eukey, &in, tag);
}

void cpns_use_result_proof(struct cpns_work w, const uint8_t key[CPNS_HASH], const struct cpns_use_context *use,
			   uint8_t status, struct cpns_octets key_index, struct cpns_octets key_count,
			   uint8_t tag[CPNS_TAG])
{
	struct cpns_input in;

	begin_use(&in, CPNS_LABEL("CPNS-USE-R"), use);
	cpns_input_add(&in, (struct cpns_octets){&status, 1});
	cpns_input_add(&in, key_index);
	cpns_input_add(&in, key_count);
	cpns_hmac_tag(w, key, &in, tag);
}
