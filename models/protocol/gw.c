#include "models/protocol/gw.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "models/protocol/busy.h"
#include "models/protocol/gw_task.h"

static struct cpns_work work(const struct cpns_gw *gw, struct cpns_out *out)
{
	return (struct cpns_work){gw->env->crypto, &out->ops};
}

static const struct cpns_gw_task *task_of(const struct cpns_gw *gw, uint32_t entity)
{
	assert(entity == CPNS_GW_SELF || entity < gw->n);
	return entity == CPNS_GW_SELF ? gw->self.task : gw->pnes[entity].task;
}

int cpns_id_compare(struct cpns_octets a, struct cpns_octets b)
{
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return memcmp(a.at, b.at, a.n);
}

void cpns_gw_init(struct cpns_gw *gw, const struct cpns_rules *rules, const struct cpns_env *env,
		  struct cpns_octets id, struct cpns_gw_entity *pnes, uint32_t n)
{
	*gw = (struct cpns_gw){
	    .rules = rules, .env = env, .self = {.id = id}, .pnes = pnes, .n = n, .runner = CPNS_GW_NO_RUNNER};
	cpns_budget_init(&gw->budget);
	for (uint32_t i = 1; i < n; i++)
		assert(cpns_id_compare(pnes[i - 1].id, pnes[i].id) < 0);
}

/* Everything that does not outlive a restart. */
static void forget(struct cpns_gw *gw, struct cpns_gw_entity *e, uint32_t entity)
{
	struct cpns_out unheard;

	cpns_out_init(&unheard);
	cpns_gw_end_task(gw, entity, &unheard);
	cpns_leg_down(&e->pan);
}

void cpns_gw_restart(struct cpns_gw *gw)
{
	forget(gw, &gw->self, CPNS_GW_SELF);
	for (uint32_t i = 0; i < gw->n; i++)
		forget(gw, &gw->pnes[i], i);
	cpns_usage_stop(gw->usage);
	cpns_leg_down(&gw->wan);
}

void cpns_gw_clear(struct cpns_gw *gw)
{
	cpns_gw_restart(gw);
	cpns_usage_free(gw->usage);
	gw->usage = NULL;
	for (uint32_t i = 0; i < gw->n; i++) {
		cpns_delivery_free(gw->pnes[i].set);
		gw->pnes[i].set = NULL;
	}
}

/* The number of the entity with that ID, or false. Mostly it is the PNE that the server was asked for last; a search
 * among all looks at places far apart in memory. */
static bool find(const struct cpns_gw *gw, struct cpns_octets id, uint32_t *entity)
{
	uint32_t low = 0, high = gw->n;

	*entity = CPNS_GW_SELF;
	if (cpns_id_compare(id, gw->self.id) == 0)
		return true;
	if (gw->recent < gw->n && cpns_id_compare(id, gw->pnes[gw->recent].id) == 0) {
		*entity = gw->recent;
		return true;
	}
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = cpns_id_compare(gw->pnes[middle].id, id);

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

void cpns_gw_register(struct cpns_gw *gw, int64_t now, uint32_t for_entity, enum cpns_registration kind,
		      struct cpns_octets user, struct cpns_octets password, struct cpns_out *out)
{
	cpns_gw_begin_task(gw, for_entity,
			   kind == CPNS_ID_PWD_REGISTRATION ? GOAL_ID_PWD_REGISTRATION
							    : GOAL_SUBSCRIPTION_REGISTRATION,
			   user, password, out);
	cpns_gw_proceed(gw, now, for_entity, out);
}

void cpns_gw_trigger(struct cpns_gw *gw, int64_t now, uint32_t pne, struct cpns_octets user,
		     struct cpns_octets password, struct cpns_out *out)
{
	cpns_gw_begin_task(gw, pne, GOAL_TRIGGER, user, password, out);
	cpns_gw_proceed(gw, now, pne, out);
}

void cpns_gw_ask_for(struct cpns_gw *gw, int64_t now, uint32_t pne, struct cpns_octets named, struct cpns_octets user,
		     struct cpns_octets password, struct cpns_out *out)
{
	struct cpns_gw_task *t = cpns_gw_begin_task(gw, pne, GOAL_ASK_FOR, user, password, out);

	if (named.n > 0) {
		assert(named.n <= CPNS_ID_MAX);
		t->named = malloc(named.n);
		if (t->named == NULL)
			abort();
		memcpy(t->named, named.at, named.n);
		t->named_n = (uint8_t)named.n;
	}
	if (gw->rules->discovery)
		cpns_gw_send_discovery(gw, pne, out);
	else
		cpns_gw_proceed(gw, now, pne, out);
}

void cpns_gw_ask(struct cpns_gw *gw, int64_t now, struct cpns_octets user, struct cpns_octets password,
		 struct cpns_out *out)
{
	cpns_gw_begin_task(gw, CPNS_GW_SELF, GOAL_ASK, user, password, out);
	cpns_gw_proceed(gw, now, CPNS_GW_SELF, out);
}

void cpns_gw_use(struct cpns_gw *gw, int64_t now, struct cpns_octets user, struct cpns_octets password,
		 struct cpns_out *out)
{
	cpns_gw_begin_task(gw, CPNS_GW_SELF, GOAL_USE, user, password, out);
	cpns_gw_proceed(gw, now, CPNS_GW_SELF, out);
}

bool cpns_gw_needs_key(const struct cpns_gw *gw)
{
	return gw->usage != NULL && gw->usage->renew;
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
	cpns_kek(work(gw, out), t->pwh, &who, cpns_msg_at(&request, CPNS_RAND_PNE),
		 cpns_msg_at(msg, CPNS_RAND_SERVER), kek);
	if (!cpns_key_unwrap(work(gw, out), kek, cpns_msg_get(msg, CPNS_ENC_EUKEY), eukey))
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
		cpns_delivery_take(&e->set, work(gw, out), gw->rules, e->id, &opened);
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

/* Is that entity's task in `state`, and does *msg answer what it sent last? */
static bool awaits(const struct cpns_gw_entity *e, enum cpns_gw_state state, const struct cpns_msg *msg)
{
	return e->task != NULL && e->task->state == state && cpns_exchange_matches(&e->task->exchange, msg);
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

		if (!awaits(e, REQUESTING, msg) || !cpns_msg_equal(msg, CPNS_ENTITY_ID, cpns_gw_called(e)))
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
	return awaits(&gw->pnes[*entity], REQUESTING, &msg) ? take_for_pne(gw, now, *entity, &msg, out)
							    : CPNS_DUPLICATE;
}

/* 6.3.2.1 step 6; then step 7. */
static enum cpns_verdict take_installed(struct cpns_gw *gw, uint32_t pne, const struct cpns_msg *msg,
					struct cpns_out *out)
{
	struct cpns_gw_entity *e = &gw->pnes[pne];

	if (!awaits(e, INSTALLING, msg) || e->task->has_prk)
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

	if (!awaits(e, DISCOVERING, msg))
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

	if (!awaits(e, NOTIFYING, msg))
		return CPNS_DUPLICATE;
	cpns_ack_proof(work(gw, out), (struct cpns_octets){t->tk, t->tk_n}, e->id, &t->notice, tag);
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
	if (!cpns_msg_equal(&msg, CPNS_ENTITY_ID, gw->pnes[pne].id))
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

/* Sends again, or returns false when the task is to be given up. */
static bool try_again(struct cpns_gw *gw, int64_t now, uint32_t entity, struct cpns_out *out)
{
	struct cpns_asker asker = cpns_gw_self_asker(gw);
	struct cpns_gw_task *t = cpns_gw_entity_at(gw, entity)->task;

	out->pne = entity;
	if (t->state <= WAITING)
		return cpns_gw_step_0_on_time(gw, now, entity, out);
	if (t->state == INSTALLING || t->state == TRIGGERING)
		cpns_gw_doubt_pan(gw, entity);
	if (t->state != NOTIFYING && t->state != DISCOVERING && cpns_gw_lacks_session(gw, now, entity)) {
		cpns_gw_proceed(gw, now, entity, out);
		return true;
	}
	switch (t->state) {
	case TRIGGERING:
		if (!cpns_exchange_may_repeat(&t->exchange, gw->rules))
			return false;
		cpns_gw_send_trigger(gw, entity, true, out);
		return true;
	case NOTIFYING:
		out->to = CPNS_PNE;
		return gw->rules->notification_ack && cpns_exchange_again(&t->exchange, gw->rules, gw->env, out);
	case INSTALLING:
		if (t->has_prk) {
			cpns_gw_repeat_installing_trigger(gw, entity, out);
			return out->to == CPNS_PNE;
		}
		out->to = CPNS_PNE;
		return cpns_exchange_again(&t->exchange, gw->rules, gw->env, out);
	case DISCOVERING:
		out->to = CPNS_PNE;
		return cpns_exchange_again(&t->exchange, gw->rules, gw->env, out);
	case ASKING:
		out->to = CPNS_SERVER;
		return cpns_asking_on_time(t->asking, &asker, out);
	case REGISTERING:
	case REQUESTING:
		out->to = CPNS_SERVER;
		out->asks = t->state == REQUESTING;
		return cpns_exchange_again(&t->exchange, gw->rules, gw->env, out);
	case USING:
		out->to = CPNS_SERVER;
		asker = cpns_gw_use_asker(gw);
		cpns_usage_on_time(gw->usage, &asker, out);
		return gw->usage->use != NULL;
	case BOOTSTRAPPING:
	case PAIRING:
	case WAITING:
	case RELAYING:
		break;
	}
	assert(false && "a state with a timer of its own");
	return false;
}

void cpns_gw_on_time(struct cpns_gw *gw, int64_t now, uint32_t entity, struct cpns_out *out)
{
	if (now >= cpns_gw_deadline(gw, entity) && !try_again(gw, now, entity, out))
		cpns_gw_fail(gw, entity, out);
}

int64_t cpns_gw_deadline(const struct cpns_gw *gw, uint32_t entity)
{
	const struct cpns_gw_task *t = task_of(gw, entity);

	if (t == NULL)
		return CPNS_NEVER;
	switch (t->state) {
	case BOOTSTRAPPING:
		return cpns_bootstrap_deadline(t->bootstrap);
	case PAIRING:
		return cpns_pairing_deadline(t->pairing);
	case WAITING:
		return t->wake;
	case ASKING:
		return cpns_asking_deadline(t->asking);
	case USING:
		return cpns_use_deadline(gw->usage->use);
	case RELAYING:
		return CPNS_NEVER;
	case REGISTERING:
	case DISCOVERING:
	case INSTALLING:
	case TRIGGERING:
	case REQUESTING:
	case NOTIFYING:
		break;
	}
	return t->exchange.deadline;
}

bool cpns_gw_active(const struct cpns_gw *gw, uint32_t entity)
{
	const struct cpns_gw_task *t = task_of(gw, entity);

	return t != NULL && t->state != RELAYING;
}

bool cpns_gw_may_send(struct cpns_gw *gw, const struct cpns_out *out)
{
	return cpns_budget_allows(&gw->budget, gw->rules, out->repeats);
}

bool cpns_gw_keeps_request(const struct cpns_gw *gw, uint32_t pne)
{
	const struct cpns_gw_task *t = task_of(gw, pne);

	return t != NULL && t->goal == GOAL_RELAY;
}

bool cpns_gw_registering(const struct cpns_gw *gw, uint32_t entity)
{
	const struct cpns_gw_task *t = task_of(gw, entity);

	return t != NULL && (t->goal == GOAL_ID_PWD_REGISTRATION || t->goal == GOAL_SUBSCRIPTION_REGISTRATION);
}
