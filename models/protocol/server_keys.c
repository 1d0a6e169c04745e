#include "models/protocol/server_request.h"

enum {
	DRAW_RAND_SERVER = 1, /* index of that draw of an exchange */
};

void cpns_request_draw(const struct cpns_request *r, enum cpns_draw what, uint16_t index, uint8_t *out, size_t n)
{
	const struct cpns_env *env = r->server->env;

	env->random(env->host, what, r->msg->transaction, index, out, n);
	r->out->ops.random_octets += (uint32_t)n;
}

/* 6.3.1 step 10, 6.3.2.1 step 11, 6.3.2.2 step 3, 6.3.3 step 5: a single key, or a set that `eukey` stands for. */
void cpns_request_keep_key(const struct cpns_request *r, const uint8_t eukey[CPNS_HASH], struct cpns_chain *set)
{
	if (r->entity->owner_n == 0) /* nobody's yet: stored with the User ID, as the steps say */
		cpns_entity_set_owner(r->entity, r->user->id);
	r->server->keys_issued++;
	r->out->ops.store_writes++;
	r->out->ops.store_octets += (set != NULL ? cpns_chain_cells(set) : 1) * CPNS_HASH;
	r->server->pending_dropped += cpns_keyring_add(r->entity, r->server->rules->two_phase_key, eukey, set);
}

void cpns_request_create_key(const struct cpns_request *r, uint8_t eukey[CPNS_HASH])
{
	cpns_request_draw(r, CPNS_DRAW_KEY, 0, eukey, CPNS_HASH);
	cpns_request_keep_key(r, eukey, NULL);
}

void cpns_request_put_under_kek(const struct cpns_request *r, const uint8_t eukey[CPNS_HASH], struct cpns_msg *reply,
				struct cpns_under_kek *under)
{
	uint8_t kek[CPNS_HASH];

	cpns_request_draw(r, CPNS_DRAW_NONCE, DRAW_RAND_SERVER, under->rand_server, sizeof(under->rand_server));
	cpns_kek(cpns_request_work(r), r->user->pwh, &r->who, cpns_msg_at(r->msg, CPNS_RAND_PNE), under->rand_server,
		 kek);
	cpns_key_wrap(cpns_request_work(r), kek, eukey, under->wrapped);
	cpns_msg_set(reply, CPNS_RAND_SERVER, under->rand_server, sizeof(under->rand_server));
	cpns_msg_set(reply, CPNS_ENC_EUKEY, under->wrapped, sizeof(under->wrapped));
}
