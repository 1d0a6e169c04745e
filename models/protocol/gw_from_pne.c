#include "models/protocol/gw.h"

#include <assert.h>

#include "models/protocol/gw_task.h"

/* 6.3.2.1 step 6; then step 7. */
static enum cpns_verdict take_installed(struct cpns_gw *gw, uint32_t pne, const struct cpns_msg *msg,
					struct cpns_out *out)
{
	struct cpns_gw_entity *e = &gw->pnes[pne];

	if (!cpns_gw_awaits(e, INSTALLING, msg) || e->task->has_prk)
		return CPNS_DUPLICATE;
	if (cpns_msg_status(msg) != CPNS_SUCCESS) {
		cpns_gw_end_task(gw, pne, out);
		return CPNS_REFUSED;
	}
	e->installed = true;
	cpns_gw_begin_trigger(gw, pne, out);
	return CPNS_ACCEPTED;
}

/* 6.3.1 steps 7 and 8, 6.3.2.1 steps 8 and 9. The request that a trigger asked for shows that the trigger has
 * arrived. */
static enum cpns_verdict take_request(struct cpns_gw *gw, int64_t now, uint32_t pne, const struct cpns_msg *msg,
				      const uint8_t *buf, size_t n, struct cpns_out *out)
{
	const struct cpns_gw_task *t = gw->pnes[pne].task;

	/* The PAN leg's session may have expired since the trigger went out, and be under repair. */
	if (t != NULL && t->goal == GOAL_TRIGGER && t->has_prk && cpns_exchange_matches(&t->exchange, msg)) {
		if (gw->rules->merged_trigger)
			gw->pnes[pne].installed = true;
		cpns_gw_end_task(gw, pne, out);
	}
	return cpns_gw_relay_up(gw, now, pne, msg->type, buf, n, out);
}

/* C274: the PNE says who it is; it is the one that is expected there. Then step 1. */
static enum cpns_verdict take_discovered(struct cpns_gw *gw, int64_t now, uint32_t pne, const struct cpns_msg *msg,
					 struct cpns_out *out)
{
	const struct cpns_gw_entity *e = &gw->pnes[pne];

	if (!cpns_gw_awaits(e, DISCOVERING, msg))
		return CPNS_DUPLICATE;
	cpns_exchange_clear(&e->task->exchange);
	cpns_gw_proceed(gw, now, pne, out);
	return CPNS_ACCEPTED;
}

/* The acknowledgement of 6.3.2.2 step 6 (ours). */
static enum cpns_verdict take_ack(struct cpns_gw *gw, uint32_t pne, const struct cpns_msg *msg, struct cpns_out *out)
{
	struct cpns_gw_entity *e = &gw->pnes[pne];
	const struct cpns_gw_task *t = e->task;
	uint8_t tag[CPNS_TAG];

	if (!cpns_gw_awaits(e, NOTIFYING, msg))
		return CPNS_DUPLICATE;
	cpns_ack_proof(cpns_gw_work(gw, out), (struct cpns_octets){t->tk, t->tk_n}, cpns_gw_entity_id(e), &t->notice,
		       tag);
	if (!cpns_same(tag, cpns_msg_at(msg, CPNS_AUTH_DATA), CPNS_TAG))
		return CPNS_BAD_PROOF;
	cpns_gw_end_task(gw, pne, out);
	return CPNS_ACCEPTED;
}

enum cpns_verdict cpns_gw_from_pne(struct cpns_gw *gw, int64_t now, uint32_t pne, const uint8_t *buf, size_t n,
				   struct cpns_out *out)
{
	struct cpns_msg msg;

	assert(pne < gw->n);
	if (!cpns_msg_decode(&msg, buf, n))
		return CPNS_MALFORMED;
	if (!cpns_msg_has(&msg, CPNS_ENTITY_ID))
		return CPNS_OUT_OF_PLACE;
	if (!cpns_msg_equal(&msg, CPNS_ENTITY_ID, cpns_gw_entity_id(&gw->pnes[pne])))
		return CPNS_NOT_FOR_US;
	if (msg.type == CPNS_REQUEST)
		return take_request(gw, now, pne, &msg, buf, n, out);
	if (msg.type == CPNS_USE_REQUEST || msg.type == CPNS_USE_PROOF)
		return cpns_gw_relay_up(gw, now, pne, msg.type, buf, n, out);
	if (msg.type == CPNS_PAIRING_RESPONSE || msg.type == CPNS_PAIRING_CONFIRMATION)
		return cpns_gw_take_pairing(gw, now, pne, &msg, out);
	if (msg.type == CPNS_INSTALLATION_RESPONSE)
		return take_installed(gw, pne, &msg, out);
	if (msg.type == CPNS_DISCOVERY_RESPONSE)
		return take_discovered(gw, now, pne, &msg, out);
	if (msg.type == CPNS_NOTIFICATION_ACK && gw->rules->notification_ack)
		return take_ack(gw, pne, &msg, out);
	return CPNS_OUT_OF_PLACE;
}
