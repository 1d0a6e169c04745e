#include "models/protocol/gw.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "models/protocol/gw_task.h"

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
	*gw = (struct cpns_gw){.rules = rules,
			       .env = env,
			       .self = cpns_gw_entity_of(id, NULL),
			       .pnes = pnes,
			       .n = n,
			       .runner = CPNS_GW_NO_RUNNER};
	cpns_budget_init(&gw->budget);
	for (uint32_t i = 1; i < n; i++)
		assert(cpns_id_compare(cpns_gw_entity_id(&pnes[i - 1]), cpns_gw_entity_id(&pnes[i])) < 0);
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
