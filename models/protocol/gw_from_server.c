#include "models/protocol/gw.h"

#include <assert.h>
#include <string.h>

#include "models/protocol/busy.h"
#include "models/protocol/gw_task.h"

/* The number of the entity with that ID, or false. Mostly it is the PNE that the server was asked for last; a search
 * among all looks at places far apart in memory. */
static bool find(const struct cpns_gw *gw, struct cpns_octets id, uint32_t *entity)
{
	uint32_t low = 0, high = gw->n;

	if (gw->recent < gw->n && cpns_id_compare(id, cpns_gw_entity_id(&gw->pnes[gw->recent])) == 0) {
		*entity = gw->recent;
		return true;
	}
	*entity = CPNS_GW_SELF;
	if (cpns_id_compare(id, cpns_gw_entity_id(&gw->self)) == 0)
		return true;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = cpns_id_compare(cpns_gw_entity_id(&gw->pnes[middle]), id);

		if (order == 0) {
			*entity = middle;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* The server has turned away what the task sent last. */
static enum cpns_verdict hold_off(struct cpns_gw *gw, int64_t now, uint32_t entity, const struct cpns_msg *msg)
{
	return cpns_exchange_hold_off(&cpns_gw_entity_at(gw, entity)->task->exchange, now, msg, gw->rules, gw->env);
}

static enum cpns_verdict take_registered(struct cpns_gw *gw, int64_t now, uint32_t entity, const struct cpns_msg *msg,
					 struct cpns_out *out)
{
	bool success = cpns_msg_status(msg) == CPNS_SUCCESS;

	if (cpns_busy_says(msg))
		return hold_off(gw, now, entity, msg);
	if (gw->rules->run_step_0 && cpns_msg_status(msg) == CPNS_SESSION_EXPIRED) {
		cpns_gw_session_expired(gw, now, entity, out);
		return CPNS_REFUSED;
	}
	cpns_gw_end_task(gw, entity, out);
	out->happening = success ? CPNS_REGISTERED : CPNS_REGISTRATION_FAILED;
	return success ? CPNS_ACCEPTED : CPNS_REFUSED;
}

/* 6.3.1 step 4, 6.3.2.1 step 3: the response names no entity, its transaction alone says which registration it
 * answers. */
static enum cpns_verdict find_registration(struct cpns_gw *gw, int64_t now, const struct cpns_msg *msg,
					   uint32_t *entity, struct cpns_out *out)
{
	for (uint32_t i = 0; i <= gw->n; i++) {
		uint32_t number = i < gw->n ? i : CPNS_GW_SELF;
		struct cpns_gw_entity *e = cpns_gw_entity_at(gw, number);

		if (e->task != NULL && e->task->state == REGISTERING &&
		    cpns_exchange_matches(&e->task->exchange, msg)) {
			*entity = number;
			return take_registered(gw, now, number, msg, out);
		}
	}
	return CPNS_DUPLICATE;
}

/* C247: what came under the KEK of the request is in *opened as if it had come in the clear. False: the wrong KEK. */
static bool open_eukey(struct cpns_gw *gw, const struct cpns_gw_entity *e, const struct cpns_msg *msg,
		       uint8_t eukey[CPNS_HASH], struct cpns_msg *opened, struct cpns_out *out)
{
	const struct cpns_gw_task *t = e->task;
	struct cpns_names who = {{t->user, t->user_n}, cpns_gw_called(e)};
	struct cpns_msg request;
	uint8_t kek[CPNS_HASH];

	*opened = *msg;
	if (!gw->rules->one_kek)
		return true;
	bool ours = cpns_msg_decode(&request, t->exchange.bytes, t->exchange.length);

	assert(ours);
	cpns_kek(cpns_gw_work(gw, out), t->pwh, &who, cpns_msg_at(&request, CPNS_RAND_PNE),
		 cpns_msg_at(msg, CPNS_RAND_SERVER), kek);
	if (!cpns_key_unwrap(cpns_gw_work(gw, out), kek, cpns_msg_get(msg, CPNS_ENC_EUKEY), eukey))
		return false;
	cpns_msg_set(opened, CPNS_EUKEY, eukey, CPNS_HASH);
	return true;
}

/* 6.3.2.2 step 5: the Temporary Key and the EUKey, or a set of them, have come. */
static enum cpns_verdict take_for_pne(struct cpns_gw *gw, int64_t now, uint32_t pne, const struct cpns_msg *msg,
				      struct cpns_out *out)
{
	struct cpns_gw_entity *e = cpns_gw_entity_at(gw, pne);
	struct cpns_octets tk = cpns_msg_get(msg, CPNS_TEMPORARY_KEY);
	struct cpns_msg opened;
	uint8_t eukey[CPNS_HASH];

	if (cpns_busy_says(msg))
		return hold_off(gw, now, pne, msg);
	if (gw->rules->run_step_0 && cpns_msg_status(msg) == CPNS_SESSION_EXPIRED) {
		cpns_gw_session_expired(gw, now, pne, out);
		return CPNS_REFUSED;
	}
	if (cpns_msg_status(msg) != CPNS_SUCCESS) {
		cpns_gw_end_task(gw, pne, out);
		return CPNS_REFUSED;
	}
	if (!cpns_delivery_complete(gw->rules, msg))
		return CPNS_MALFORMED;
	if (!open_eukey(gw, e, msg, eukey, &opened, out))
		return CPNS_BAD_KEY;
	if (gw->rules->chain.length > 1) {
		cpns_delivery_take(&e->set, cpns_gw_work(gw, out), gw->rules, cpns_gw_entity_id(e), &opened);
		cpns_gw_deliver(gw, pne, 1, out);
		return CPNS_ACCEPTED;
	}
	memcpy(e->task->tk, tk.at, tk.n);
	e->task->tk_n = (uint8_t)tk.n;
	cpns_gw_send_notification(gw, pne, cpns_msg_at(&opened, CPNS_EUKEY),
				  (uint32_t)cpns_msg_number(msg, CPNS_KEY_INDEX), cpns_msg_number(msg, CPNS_COUNTER),
				  out);
	return CPNS_ACCEPTED;
}

/* 6.3.3 step 7: decrypt and store; or answer the challenge that comes first. */
static enum cpns_verdict take_own_response(struct cpns_gw *gw, int64_t now, const struct cpns_msg *msg,
					   struct cpns_out *out)
{
	struct cpns_asker asker = cpns_gw_self_asker(gw);
	bool over;

	if (cpns_busy_says(msg))
		return cpns_asking_hold_off(gw->self.task->asking, &asker, now, msg);
	enum cpns_verdict verdict =
	    cpns_asking_on_response(gw->self.task->asking, &asker, msg, gw->eukey, &over, out);

	if (out->length > 0)
		out->to = CPNS_SERVER;
	if (!over)
		return verdict;
	cpns_gw_end_task(gw, CPNS_GW_SELF, out);
	if (verdict == CPNS_ACCEPTED) {
		gw->keyed = true;
		cpns_usage_key(gw->usage, 0);
		out->happening = CPNS_KEY_STORED;
	}
	return verdict;
}

static enum cpns_verdict relay(enum cpns_peer to, uint32_t pne, struct cpns_out *out)
{
	out->relay = true;
	out->to = to;
	out->pne = pne;
	return CPNS_ACCEPTED;
}

static bool has_status(const struct cpns_msg *msg, enum cpns_status status)
{
	return cpns_msg_has(msg, CPNS_STATUS) && cpns_msg_status(msg) == status;
}

/* To the PNE, unless it is the WAN leg that the server refuses. */
static enum cpns_verdict relay_down(struct cpns_gw *gw, int64_t now, uint32_t pne, const struct cpns_msg *msg,
				    struct cpns_out *out)
{
	const struct cpns_gw_task *t = gw->pnes[pne].task;
	bool held = t != NULL && t->state == RELAYING && cpns_get32(t->held + 3) == msg->transaction;

	if (gw->rules->run_step_0 && has_status(msg, CPNS_SESSION_EXPIRED)) {
		if (held)
			cpns_gw_session_expired(gw, now, pne, out);
		return CPNS_REFUSED;
	}
	if (held)
		cpns_gw_end_task(gw, pne, out);
	return relay(CPNS_PNE, pne, out);
}

/* 6.3.1 step 12, 6.3.2.1 step 13. */
static enum cpns_verdict take_response(struct cpns_gw *gw, int64_t now, uint32_t pne, const struct cpns_msg *msg,
				       struct cpns_out *out)
{
	if (has_status(msg, CPNS_AUTHENTICATION_FAILED))
		gw->pnes[pne].installed = false; /* the user's password is another one by now: steps 4 to 6 again */
	return relay_down(gw, now, pne, msg, out);
}

/* A PNE's use of its key. What says that a key of a set has been used, asks for the next one, which goes out as soon
 * as this message has, unless the PNE is about to get a newer set. */
static enum cpns_verdict take_use(struct cpns_gw *gw, int64_t now, uint32_t pne, const struct cpns_msg *msg,
				  struct cpns_out *out)
{
	static const struct cpns_octets nobody;
	struct cpns_gw_entity *e = &gw->pnes[pne];
	enum cpns_verdict verdict = relay_down(gw, now, pne, msg, out);
	uint32_t index = msg->type == CPNS_USE_RESULT ? cpns_delivery_asked(e->set, gw->rules, msg) : 0;

	if (index == 0 || (e->task != NULL && !cpns_gw_may_be_given_up(e->task)))
		return verdict;
	struct cpns_gw_task *t = cpns_gw_begin_task(gw, pne, GOAL_DELIVER, nobody, nobody, out);

	t->index = index;
	t->state = WAITING;
	t->wake = now;
	out->happening = CPNS_DELIVERING;
	return verdict;
}

static enum cpns_verdict take_own_use(struct cpns_gw *gw, int64_t now, const struct cpns_msg *msg,
				      struct cpns_out *out)
{
	if (gw->self.task == NULL || gw->self.task->state != USING)
		return CPNS_OUT_OF_PLACE;
	struct cpns_asker asker = cpns_gw_use_asker(gw);

	if (cpns_busy_says(msg))
		return cpns_usage_hold_off(gw->usage, &asker, now, msg);
	enum cpns_verdict verdict = cpns_usage_on_message(gw->usage, &asker, msg, gw->keyed ? gw->eukey : NULL, out);

	if (out->length > 0)
		out->to = CPNS_SERVER;
	if (gw->usage->use == NULL)
		cpns_gw_end_task(gw, CPNS_GW_SELF, out);
	return verdict;
}

/* Who was meant by a request under another name; the response has that name. */
static enum cpns_verdict find_named(struct cpns_gw *gw, int64_t now, const struct cpns_msg *msg, uint32_t *entity,
				    struct cpns_out *out)
{
	for (uint32_t i = 0; i < gw->n; i++) {
		const struct cpns_gw_entity *e = &gw->pnes[i];

		if (!cpns_gw_awaits(e, REQUESTING, msg) || !cpns_msg_equal(msg, CPNS_ENTITY_ID, cpns_gw_called(e)))
			continue;
		*entity = i;
		return take_for_pne(gw, now, i, msg, out);
	}
	return CPNS_DUPLICATE;
}

enum cpns_verdict cpns_gw_from_server(struct cpns_gw *gw, int64_t now, const uint8_t *buf, size_t n, uint32_t *entity,
				      struct cpns_out *out)
{
	struct cpns_msg msg;

	*entity = CPNS_GW_SELF;
	if (!cpns_msg_decode(&msg, buf, n))
		return CPNS_MALFORMED;
	if (msg.type == CPNS_ID_PWD_REGISTRATION_RESPONSE || msg.type == CPNS_SUBSCRIPTION_RESPONSE)
		return find_registration(gw, now, &msg, entity, out);
	if (msg.type == CPNS_BOOTSTRAP_CHALLENGE || msg.type == CPNS_BOOTSTRAP_RESULT ||
	    msg.type == CPNS_SESSION_RESPONSE)
		return cpns_gw_take_bootstrap(gw, now, &msg, entity, out);
	if (!cpns_msg_has(&msg, CPNS_ENTITY_ID))
		return CPNS_OUT_OF_PLACE;
	if (msg.type == CPNS_RESPONSE_FOR_PNE && (msg.transaction & CPNS_NAMED_TRANSACTION) != 0)
		return find_named(gw, now, &msg, entity, out);
	if (!find(gw, cpns_msg_get(&msg, CPNS_ENTITY_ID), entity))
		return CPNS_NOT_FOR_US;
	if (msg.type == CPNS_RESPONSE && *entity != CPNS_GW_SELF)
		return take_response(gw, now, *entity, &msg, out);
	if (msg.type == CPNS_RESPONSE)
		return gw->self.task != NULL && gw->self.task->state == ASKING ? take_own_response(gw, now, &msg, out)
									       : CPNS_OUT_OF_PLACE;
	if (msg.type == CPNS_USE_CHALLENGE || msg.type == CPNS_USE_RESULT)
		return *entity == CPNS_GW_SELF ? take_own_use(gw, now, &msg, out)
					       : take_use(gw, now, *entity, &msg, out);
	if (msg.type != CPNS_RESPONSE_FOR_PNE || *entity == CPNS_GW_SELF)
		return CPNS_OUT_OF_PLACE;
	return cpns_gw_awaits(&gw->pnes[*entity], REQUESTING, &msg) ? take_for_pne(gw, now, *entity, &msg, out)
								    : CPNS_DUPLICATE;
}
