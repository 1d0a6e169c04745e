/* What the PN GW sends towards the goal of a task: one function for each kind of message that it begins with. */
#include <assert.h>
#include <string.h>

#include "models/protocol/gw_task.h"

static struct cpns_names names(const struct cpns_gw_entity *e)
{
	return (struct cpns_names){{e->task->user, e->task->user_n}, cpns_gw_called(e)};
}

static void draw(const struct cpns_gw *gw, const struct cpns_gw_entity *e, uint16_t index, uint8_t *out, size_t n,
		 struct cpns_out *cost)
{
	gw->env->random(gw->env->host, CPNS_DRAW_NONCE, e->exchanges, index, out, n);
	cost->ops.random_octets += (uint32_t)n;
}

static void seal_password(const struct cpns_gw *gw, const struct cpns_gw_entity *e, const uint8_t *session,
			  uint8_t sealed[CPNS_SEALED], struct cpns_out *out)
{
	const struct cpns_gw_task *t = e->task;
	uint8_t nonce[12];

	draw(gw, e, 0, nonce, sizeof(nonce), out);
	cpns_password_seal(cpns_gw_work(gw, out), session, nonce, (struct cpns_octets){t->password, t->password_n},
			   sealed);
}

/* 6.3.1 step 2, 6.3.2.1 step 1. Without a session on the WAN leg there is nothing to seal under: not sent (C249). */
static void send_registration(struct cpns_gw *gw, int64_t now, uint32_t entity, struct cpns_out *out)
{
	struct cpns_gw_entity *e = cpns_gw_entity_at(gw, entity);
	struct cpns_gw_task *t = e->task;
	const uint8_t *session = cpns_leg_key(&gw->wan, gw->rules, now);
	uint32_t transaction = CPNS_OWN_TRANSACTION | ++gw->own_transactions;
	struct cpns_msg msg;
	uint8_t sealed[CPNS_SEALED];

	if (session == NULL) {
		cpns_gw_fail(gw, entity, out);
		return;
	}
	e->exchanges++;
	seal_password(gw, e, session, sealed, out);
	cpns_msg_begin(
	    &msg, t->goal == GOAL_ID_PWD_REGISTRATION ? CPNS_ID_PWD_REGISTRATION_REQUEST : CPNS_SUBSCRIPTION_REQUEST,
	    transaction);
	cpns_msg_set(&msg, CPNS_USER_ID, t->user, t->user_n);
	cpns_msg_set(&msg, CPNS_ENC_PASSWORD, sealed, sizeof(sealed));
	t->state = REGISTERING;
	cpns_exchange_begin(&t->exchange, &msg, e->exchanges, gw->rules->timeout, gw->rules, gw->env, out);
	out->to = CPNS_SERVER;
}

/* What an installation holds beside the User ID: the password, and the parameters by which both ends must hash alike.
 */
struct installation {
	uint8_t sealed[CPNS_SEALED], params[CPNS_HASH_PARAMS];
};

static void put_installation(struct cpns_gw *gw, const struct cpns_gw_entity *e, const uint8_t *session,
			     struct cpns_msg *msg, struct installation *in, struct cpns_out *out)
{
	const struct cpns_rules *rules = gw->rules;
	const struct cpns_gw_task *t = e->task;

	memset(in->params, 0, sizeof(in->params));
	in->params[0] = rules->stretched_password;
	if (rules->stretched_password) {
		cpns_put32(in->params + 1, rules->iterations);
		cpns_password_salt(cpns_gw_work(gw, out), rules->realm, (struct cpns_octets){t->user, t->user_n},
				   in->params + 5);
	}
	seal_password(gw, e, session, in->sealed, out);
	cpns_msg_set(msg, CPNS_USER_ID, t->user, t->user_n);
	cpns_msg_set(msg, CPNS_ENC_PASSWORD, in->sealed, sizeof(in->sealed));
	cpns_msg_set(msg, CPNS_HASH_PARAMS_F, in->params, sizeof(in->params));
}

/* What a trigger holds beside the User ID. Each, a repeated one too, has a RAND_T of its own, for the PNE takes none
 * twice; `index` is that of its draw. */
struct trigger {
	uint8_t rand_t[16], tag[CPNS_TAG];
};

static void put_trigger(struct cpns_gw *gw, struct cpns_gw_entity *e, uint16_t index, struct cpns_msg *msg,
			struct trigger *trigger, struct cpns_out *out)
{
	struct cpns_names who = names(e);

	cpns_put64(trigger->rand_t, ++e->trigger_counter);
	draw(gw, e, index, trigger->rand_t + 8, 8, out);
	cpns_trigger_proof(cpns_gw_work(gw, out), e->task->prk, &who, cpns_gw_entity_id(&gw->self), trigger->rand_t,
			   trigger->tag);
	cpns_msg_set(msg, CPNS_USER_ID, e->task->user, e->task->user_n);
	cpns_msg_set(msg, CPNS_GW_ID, gw->self.id, gw->self.id_n);
	cpns_msg_set(msg, CPNS_RAND_T, trigger->rand_t, sizeof(trigger->rand_t));
	cpns_msg_set(msg, CPNS_AUTH_DATA, trigger->tag, sizeof(trigger->tag));
}

/* 6.3.2.1 step 4. */
static void send_installation(struct cpns_gw *gw, uint32_t pne, const uint8_t *session, struct cpns_out *out)
{
	const struct cpns_rules *rules = gw->rules;
	struct cpns_gw_entity *e = cpns_gw_entity_at(gw, pne);
	struct cpns_gw_task *t = e->task;
	struct installation installation;
	struct cpns_msg msg;

	cpns_msg_begin(&msg, CPNS_INSTALLATION_REQUEST, CPNS_GATEWAY_TRANSACTION | ++e->exchanges);
	put_installation(gw, e, session, &msg, &installation, out);
	t->state = INSTALLING;
	cpns_exchange_begin(&t->exchange, &msg, e->exchanges, rules->installation_timeout, rules, gw->env, out);
	out->to = CPNS_PNE;
	out->pne = pne;
}

/* 6.3.2.1 step 7. */
void cpns_gw_send_trigger(struct cpns_gw *gw, uint32_t pne, bool again, struct cpns_out *out)
{
	struct cpns_gw_entity *e = cpns_gw_entity_at(gw, pne);
	struct cpns_gw_task *t = e->task;
	struct trigger trigger;
	struct cpns_msg msg;

	cpns_msg_begin(&msg, CPNS_TRIGGER, again ? t->exchange.transaction : CPNS_GATEWAY_TRANSACTION | e->exchanges);
	put_trigger(gw, e, (uint16_t)(again ? t->exchange.sent : 0), &msg, &trigger, out);
	t->state = TRIGGERING;
	if (again)
		cpns_exchange_renew(&t->exchange, &msg, gw->rules, gw->env, out);
	else
		cpns_exchange_begin(&t->exchange, &msg, e->exchanges, gw->rules->timeout, gw->rules, gw->env, out);
	out->to = CPNS_PNE;
	out->pne = pne;
}

/* The typed password becomes the key that proves triggers. */
static void make_prk(struct cpns_gw *gw, struct cpns_gw_task *t, struct cpns_out *out)
{
	uint8_t pwh[CPNS_HASH];

	cpns_password_hash(cpns_gw_work(gw, out), gw->rules, (struct cpns_octets){t->user, t->user_n},
			   (struct cpns_octets){t->password, t->password_n}, pwh);
	cpns_prk(cpns_gw_work(gw, out), pwh, t->prk);
	t->has_prk = true;
}

void cpns_gw_begin_trigger(struct cpns_gw *gw, uint32_t pne, struct cpns_out *out)
{
	struct cpns_gw_entity *e = cpns_gw_entity_at(gw, pne);

	e->exchanges++;
	make_prk(gw, e->task, out);
	cpns_gw_send_trigger(gw, pne, false, out);
}

/* C254: steps 4 and 7 in one, sealed for this session; again, if the PAN leg's session had to be made anew. */
static void send_installing_trigger(struct cpns_gw *gw, uint32_t pne, const uint8_t *session, struct cpns_out *out)
{
	const struct cpns_rules *rules = gw->rules;
	struct cpns_gw_entity *e = cpns_gw_entity_at(gw, pne);
	struct cpns_gw_task *t = e->task;
	bool again = t->has_prk;
	struct installation installation;
	struct trigger trigger;
	struct cpns_msg msg;

	e->exchanges++;
	if (!again)
		make_prk(gw, t, out);
	cpns_msg_begin(&msg, CPNS_INSTALLATION_TRIGGER,
		       again ? t->exchange.transaction : CPNS_GATEWAY_TRANSACTION | e->exchanges);
	put_installation(gw, e, session, &msg, &installation, out);
	put_trigger(gw, e, (uint16_t)(t->exchange.sent + 1), &msg, &trigger, out);
	t->state = INSTALLING;
	if (again)
		cpns_exchange_renew(&t->exchange, &msg, rules, gw->env, out);
	else
		cpns_exchange_begin(&t->exchange, &msg, e->exchanges, rules->installation_timeout, rules, gw->env,
				    out);
	out->to = CPNS_PNE;
	out->pne = pne;
}

/* The same installation, which the PNE knows again, with a RAND_T of its own; nothing, if it has been sent often
 * enough.
 */
void cpns_gw_repeat_installing_trigger(struct cpns_gw *gw, uint32_t pne, struct cpns_out *out)
{
	struct cpns_gw_entity *e = cpns_gw_entity_at(gw, pne);
	struct cpns_exchange *exchange = &e->task->exchange;
	struct trigger trigger;
	struct cpns_msg msg;

	if (!cpns_exchange_may_repeat(exchange, gw->rules))
		return;
	bool ours = cpns_msg_decode(&msg, exchange->bytes, exchange->length);

	assert(ours);
	put_trigger(gw, e, (uint16_t)(exchange->sent + 1), &msg, &trigger, out);
	cpns_exchange_renew(exchange, &msg, gw->rules, gw->env, out);
	out->to = CPNS_PNE;
	out->pne = pne;
}

/* C274. */
void cpns_gw_send_discovery(struct cpns_gw *gw, uint32_t pne, struct cpns_out *out)
{
	static const uint8_t mode = CPNS_MODE_GATEWAY;
	struct cpns_gw_entity *e = cpns_gw_entity_at(gw, pne);
	struct cpns_gw_task *t = e->task;
	struct cpns_msg msg;

	cpns_msg_begin(&msg, CPNS_DISCOVERY_REQUEST, CPNS_GATEWAY_TRANSACTION | ++e->exchanges);
	cpns_msg_set(&msg, CPNS_GW_ID, gw->self.id, gw->self.id_n);
	cpns_msg_set(&msg, CPNS_MODE, &mode, 1);
	t->state = DISCOVERING;
	cpns_exchange_begin(&t->exchange, &msg, e->exchanges, gw->rules->timeout, gw->rules, gw->env, out);
	out->to = CPNS_PNE;
	out->pne = pne;
}

/* 6.3.2.1 from step 4 or 7; or once more, after the PAN leg's session had to be made anew. */
static void install_or_trigger(struct cpns_gw *gw, int64_t now, uint32_t pne, struct cpns_out *out)
{
	struct cpns_gw_entity *e = cpns_gw_entity_at(gw, pne);
	const uint8_t *session = cpns_leg_key(&e->pan, gw->rules, now);
	bool merged = gw->rules->merged_trigger && !e->installed;

	if (e->task->has_prk && !cpns_exchange_may_repeat(&e->task->exchange, gw->rules))
		cpns_gw_fail(gw, pne, out);
	else if (merged && session != NULL)
		send_installing_trigger(gw, pne, session, out);
	else if (e->task->has_prk && !merged)
		cpns_gw_send_trigger(gw, pne, true, out);
	else if (e->installed)
		cpns_gw_begin_trigger(gw, pne, out);
	else if (session != NULL)
		send_installation(gw, pne, session, out);
	else
		cpns_gw_fail(gw, pne, out);
}

/* KeyCount, where a set is wanted. */
static struct cpns_octets count_of(const struct cpns_gw *gw, uint8_t octets[4])
{
	cpns_put32(octets, gw->rules->chain.length > 1 ? gw->rules->chain.length : 1);
	return (struct cpns_octets){octets, 4};
}

/* 6.3.2.2 step 1: the user is proved by a MAC, or by the hashed password as the change requests have it. */
static void ask_for(struct cpns_gw *gw, uint32_t pne, struct cpns_out *out)
{
	struct cpns_gw_entity *e = cpns_gw_entity_at(gw, pne);
	struct cpns_gw_task *t = e->task;
	struct cpns_names who = names(e);
	struct cpns_msg msg;
	uint8_t pwh[CPNS_HASH], rand[16], tag[CPNS_TAG], count[4];
	struct cpns_octets keys = count_of(gw, count);
	uint32_t number = ++e->exchanges;

	gw->recent = pne;
	if (t->named != NULL)
		number = CPNS_NAMED_TRANSACTION | ++gw->own_transactions;
	cpns_msg_begin(&msg, CPNS_REQUEST_FOR_PNE, CPNS_GATEWAY_TRANSACTION | number);
	if (gw->rules->chain.length > 1)
		cpns_msg_set(&msg, CPNS_KEY_COUNT, keys.at, keys.n);
	cpns_password_hash(cpns_gw_work(gw, out), gw->rules, who.user,
			   (struct cpns_octets){t->password, t->password_n}, pwh);
	cpns_msg_set(&msg, CPNS_USER_ID, t->user, t->user_n);
	cpns_msg_set(&msg, CPNS_ENTITY_ID, who.entity.at, who.entity.n);
	if (gw->rules->one_kek)
		memcpy(t->pwh, pwh, sizeof(pwh));
	if (gw->rules->mac_proof || gw->rules->one_kek) {
		draw(gw, e, 0, rand, sizeof(rand), out);
		cpns_msg_set(&msg, CPNS_RAND_PNE, rand, sizeof(rand));
	}
	if (gw->rules->mac_proof) {
		cpns_prk(cpns_gw_work(gw, out), pwh, t->prk);
		cpns_request_proof(cpns_gw_work(gw, out), t->prk, &who, rand, keys, tag);
		cpns_msg_set(&msg, CPNS_AUTH_DATA, tag, sizeof(tag));
	} else {
		cpns_msg_set(&msg, CPNS_PASSWORD_HASH, pwh, sizeof(pwh));
	}
	t->state = REQUESTING;
	cpns_exchange_begin(&t->exchange, &msg, e->exchanges, gw->rules->timeout, gw->rules, gw->env, out);
	out->to = CPNS_SERVER;
	out->asks = true;
}

/* The same octets again, after the WAN leg's session had to be made anew. */
static void ask_for_again(struct cpns_gw *gw, uint32_t pne, struct cpns_out *out)
{
	struct cpns_gw_task *t = gw->pnes[pne].task;

	t->state = REQUESTING;
	out->to = CPNS_SERVER;
	out->asks = cpns_exchange_again(&t->exchange, gw->rules, gw->env, out);
	if (!out->asks)
		cpns_gw_fail(gw, pne, out);
}

/* A PNE's request, held until now. */
static void relay_held(struct cpns_gw *gw, uint32_t pne, struct cpns_out *out)
{
	struct cpns_gw_task *t = gw->pnes[pne].task;

	t->state = RELAYING;
	memcpy(out->bytes, t->held, t->held_n);
	out->length = (uint16_t)t->held_n;
	out->to = CPNS_SERVER;
	out->pne = pne;
}

struct cpns_asker cpns_gw_self_asker(struct cpns_gw *gw)
{
	return (struct cpns_asker){gw->rules, gw->env, cpns_gw_entity_id(&gw->self), &gw->self.exchanges};
}

/* 6.3.3 steps 1 to 3. */
static void ask(struct cpns_gw *gw, struct cpns_out *out)
{
	struct cpns_asker asker = cpns_gw_self_asker(gw);
	struct cpns_gw_task *t = gw->self.task;

	t->state = ASKING;
	t->asking = cpns_asking_by_user(&asker, (struct cpns_octets){t->user, t->user_n},
					(struct cpns_octets){t->password, t->password_n}, out);
	out->to = CPNS_SERVER;
}

/* 6.3.2.2 step 6: a key and a counter of its own for each notification. */
void cpns_gw_send_notification(struct cpns_gw *gw, uint32_t pne, const uint8_t eukey[CPNS_HASH], uint32_t index,
			       uint64_t counter, struct cpns_out *out)
{
	struct cpns_gw_entity *e = cpns_gw_entity_at(gw, pne);
	struct cpns_gw_task *t = e->task;
	struct cpns_msg msg;
	uint8_t key[CPNS_HASH], wrapped[CPNS_WRAPPED], numbers[12];

	cpns_msg_begin(&msg, CPNS_NOTIFICATION, CPNS_GATEWAY_TRANSACTION | ++e->exchanges);
	t->notice = (struct cpns_notice){0};
	if (gw->rules->notification_freshness) {
		draw(gw, e, 0, t->rand_n, sizeof(t->rand_n), out);
		t->notice = (struct cpns_notice){t->rand_n, index, counter};
		cpns_put32(numbers, index);
		cpns_put64(numbers + 4, counter);
		cpns_msg_set(&msg, CPNS_RAND_N, t->rand_n, sizeof(t->rand_n));
		cpns_msg_set(&msg, CPNS_KEY_INDEX, numbers, 4);
		cpns_msg_set(&msg, CPNS_COUNTER, numbers + 4, 8);
	}
	struct cpns_octets id = cpns_gw_called(e);

	cpns_notification_key(cpns_gw_work(gw, out), (struct cpns_octets){t->tk, t->tk_n}, id, &t->notice, key);
	cpns_key_wrap(cpns_gw_work(gw, out), key, eukey, wrapped);
	cpns_msg_set(&msg, CPNS_ENTITY_ID, id.at, id.n);
	cpns_msg_set(&msg, CPNS_ENC_EUKEY, wrapped, sizeof(wrapped));
	t->state = NOTIFYING;
	cpns_exchange_begin(&t->exchange, &msg, e->exchanges, gw->rules->timeout, gw->rules, gw->env, out);
	out->to = CPNS_PNE;
	out->pne = pne;
}

/* Key number `index` of the PNE's set goes out. */
void cpns_gw_deliver(struct cpns_gw *gw, uint32_t pne, uint32_t index, struct cpns_out *out)
{
	struct cpns_gw_entity *e = cpns_gw_entity_at(gw, pne);
	struct cpns_delivery *set = e->set;
	uint8_t eukey[CPNS_HASH];

	memcpy(e->task->tk, set->tk, set->tk_n);
	e->task->tk_n = (uint8_t)set->tk_n;
	set->delivered = index;
	cpns_chain_key(set->chain, cpns_gw_work(gw, out), cpns_gw_entity_id(e), index, eukey);
	cpns_gw_send_notification(gw, pne, eukey, index, set->counter + index - 1, out);
}

struct cpns_asker cpns_gw_use_asker(struct cpns_gw *gw)
{
	return (struct cpns_asker){gw->rules, gw->env, cpns_gw_entity_id(&gw->self), &gw->usage->exchanges};
}

/* The PN GW's own key, or its owner's password. */
static void begin_use(struct cpns_gw *gw, struct cpns_out *out)
{
	struct cpns_gw_task *t = gw->self.task;
	struct cpns_usage *usage = cpns_usage_of(&gw->usage);
	struct cpns_asker asker = cpns_gw_use_asker(gw);

	t->state = USING;
	usage->use = gw->keyed ? cpns_use_by_key(&asker, gw->eukey, 0, out)
			       : cpns_use_by_password(&asker, (struct cpns_octets){t->user, t->user_n},
						      (struct cpns_octets){t->password, t->password_n}, out);
	out->to = CPNS_SERVER;
}

void cpns_gw_perform(struct cpns_gw *gw, int64_t now, uint32_t entity, struct cpns_out *out)
{
	struct cpns_gw_task *t = cpns_gw_entity_at(gw, entity)->task;

	switch (t->goal) {
	case GOAL_ID_PWD_REGISTRATION:
	case GOAL_SUBSCRIPTION_REGISTRATION:
		send_registration(gw, now, entity, out);
		break;
	case GOAL_TRIGGER:
		install_or_trigger(gw, now, entity, out);
		break;
	case GOAL_ASK_FOR:
		if (t->exchange.bytes == NULL)
			ask_for(gw, entity, out);
		else
			ask_for_again(gw, entity, out);
		break;
	case GOAL_ASK:
		ask(gw, out);
		break;
	case GOAL_USE:
		begin_use(gw, out);
		break;
	case GOAL_DELIVER:
		cpns_gw_deliver(gw, entity, t->index, out);
		break;
	case GOAL_RELAY:
		relay_held(gw, entity, out);
		break;
	}
}
