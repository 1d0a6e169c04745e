/* Step 0 at the PN GW: once per leg, when the first task that needs it begins, and again when its session has
 * expired. The task that comes first runs it for all, the others wait. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "models/protocol/gw_task.h"

static bool needs_wan(const struct cpns_gw_task *t)
{
	switch (t->goal) {
	case GOAL_ASK: /* 6.3.3 has no step 0: the server is authenticated by TLS */
	case GOAL_USE:
	case GOAL_DELIVER: /* goes over the PAN alone */
		return false;
	case GOAL_ID_PWD_REGISTRATION:
	case GOAL_SUBSCRIPTION_REGISTRATION:
	case GOAL_TRIGGER:
	case GOAL_ASK_FOR:
	case GOAL_RELAY:
		break;
	}
	return true;
}

static struct cpns_bootstrapper bootstrapper(struct cpns_gw *gw, uint32_t entity)
{
	return (struct cpns_bootstrapper){gw->rules,
					  gw->env,
					  cpns_gw_entity_id(&gw->self),
					  gw->wan.secret,
					  &cpns_gw_entity_at(gw, entity)->exchanges,
					  &gw->own_transactions};
}

static struct cpns_pairer pairer(struct cpns_gw *gw, uint32_t pne)
{
	struct cpns_gw_entity *e = &gw->pnes[pne];

	return (struct cpns_pairer){gw->rules, gw->env, cpns_gw_entity_id(&gw->self), cpns_gw_entity_id(e),
				    &e->exchanges};
}

bool cpns_gw_lacks_session(const struct cpns_gw *gw, int64_t now, uint32_t entity)
{
	const struct cpns_gw_entity *e = entity == CPNS_GW_SELF ? &gw->self : &gw->pnes[entity];
	const struct cpns_gw_task *t = e->task;

	if (!gw->rules->run_step_0)
		return false;
	return (needs_wan(t) && cpns_leg_key(&gw->wan, gw->rules, now) == NULL) ||
	       (t->goal == GOAL_TRIGGER && cpns_leg_key(&e->pan, gw->rules, now) == NULL);
}

static void begin_bootstrap(struct cpns_gw *gw, uint32_t entity, struct cpns_out *out)
{
	struct cpns_bootstrapper who = bootstrapper(gw, entity);
	struct cpns_gw_task *t = cpns_gw_entity_at(gw, entity)->task;

	gw->runner = entity;
	t->wan_rounds++;
	t->state = BOOTSTRAPPING;
	t->bootstrap = cpns_bootstrap_begin(&who, out);
}

static void begin_pairing(struct cpns_gw *gw, uint32_t pne, struct cpns_out *out)
{
	struct cpns_pairer who = pairer(gw, pne);
	struct cpns_gw_task *t = gw->pnes[pne].task;

	t->pan_rounds++;
	t->state = PAIRING;
	t->pairing = cpns_pairing_begin(&who, CPNS_GATEWAY_TRANSACTION, out);
	out->pne = pne;
}

void cpns_gw_proceed(struct cpns_gw *gw, int64_t now, uint32_t entity, struct cpns_out *out)
{
	struct cpns_gw_entity *e = cpns_gw_entity_at(gw, entity);
	struct cpns_gw_task *t = e->task;
	bool wan = needs_wan(t) && cpns_leg_key(&gw->wan, gw->rules, now) == NULL;
	const struct cpns_leg *lacking = wan ? &gw->wan : &e->pan;

	if (!cpns_gw_lacks_session(gw, now, entity)) {
		t->session = gw->sessions;
		cpns_gw_perform(gw, now, entity, out);
	} else if (lacking->secret == NULL || (wan ? t->wan_rounds : t->pan_rounds) > gw->rules->retries) {
		/* nothing to start from; or as often refused, or expired before it served */
		cpns_gw_fail(gw, entity, out);
	} else if (!wan) {
		begin_pairing(gw, entity, out);
	} else if (gw->runner == CPNS_GW_NO_RUNNER) {
		begin_bootstrap(gw, entity, out);
	} else {
		t->state = WAITING;
		t->wake = CPNS_NEVER;
	}
}

void cpns_gw_doubt_pan(struct cpns_gw *gw, uint32_t pne)
{
	struct cpns_gw_entity *e = &gw->pnes[pne];
	struct cpns_gw_task *t = e->task;

	if (!gw->rules->run_step_0 || t->doubted || t->exchange.sent < 2)
		return;
	t->doubted = true;
	cpns_leg_down(&e->pan);
}

void cpns_gw_session_expired(struct cpns_gw *gw, int64_t now, uint32_t entity, struct cpns_out *out)
{
	if (cpns_gw_entity_at(gw, entity)->task->session == gw->sessions)
		cpns_leg_down(&gw->wan);
	cpns_gw_proceed(gw, now, entity, out);
}

static void end_bootstrap(struct cpns_gw *gw, struct cpns_gw_task *t, struct cpns_out *out)
{
	cpns_bootstrap_free(t->bootstrap);
	t->bootstrap = NULL;
	cpns_gw_wake_waiting(gw, out);
}

enum cpns_verdict cpns_gw_take_bootstrap(struct cpns_gw *gw, int64_t now, const struct cpns_msg *msg,
					 uint32_t *entity, struct cpns_out *out)
{
	bool over;

	if (gw->runner == CPNS_GW_NO_RUNNER)
		return CPNS_DUPLICATE;
	*entity = gw->runner;
	struct cpns_bootstrapper who = bootstrapper(gw, *entity);
	struct cpns_gw_task *t = cpns_gw_entity_at(gw, *entity)->task;
	enum cpns_verdict verdict = cpns_bootstrap_on_message(t->bootstrap, &who, now, msg, &gw->wan, &over, out);

	if (!over)
		return verdict;
	end_bootstrap(gw, t, out);
	gw->sessions += verdict == CPNS_ACCEPTED;
	/* A refusal may be about what was damaged or forged: once more from the beginning. */
	cpns_gw_proceed(gw, now, *entity, out);
	return verdict;
}

static void end_pairing(struct cpns_gw *gw, int64_t now, uint32_t pne, struct cpns_out *out)
{
	struct cpns_gw_task *t = gw->pnes[pne].task;

	cpns_pairing_free(t->pairing);
	t->pairing = NULL;
	cpns_gw_proceed(gw, now, pne, out);
}

enum cpns_verdict cpns_gw_take_pairing(struct cpns_gw *gw, int64_t now, uint32_t pne, const struct cpns_msg *msg,
				       struct cpns_out *out)
{
	struct cpns_gw_entity *e = &gw->pnes[pne];
	struct cpns_pairer who = pairer(gw, pne);
	bool over;

	if (e->task == NULL || e->task->state != PAIRING)
		return CPNS_DUPLICATE;
	out->pne = pne;
	enum cpns_verdict verdict = cpns_pairing_on_message(e->task->pairing, &who, now, msg, &e->pan, &over, out);

	if (over)
		end_pairing(gw, now, pne, out);
	return verdict;
}

bool cpns_gw_step_0_on_time(struct cpns_gw *gw, int64_t now, uint32_t entity, struct cpns_out *out)
{
	struct cpns_gw_task *t = cpns_gw_entity_at(gw, entity)->task;

	if (t->state == BOOTSTRAPPING) {
		struct cpns_bootstrapper who = bootstrapper(gw, entity);

		return cpns_bootstrap_on_time(t->bootstrap, &who, out);
	}
	if (t->state == PAIRING) {
		struct cpns_pairer who = pairer(gw, entity);

		if (!cpns_pairing_in_vain(t->pairing))
			return cpns_pairing_on_time(t->pairing, &who, out);
		end_pairing(gw, now, entity, out);
		return true;
	}
	assert(t->state == WAITING);
	cpns_gw_proceed(gw, now, entity, out);
	return true;
}

/* Keeps the request in the task. */
static void hold(struct cpns_gw_task *t, const uint8_t *buf, size_t n)
{
	free(t->held);
	t->held = malloc(n);
	if (t->held == NULL)
		abort();
	memcpy(t->held, buf, n);
	t->held_n = n;
}

/* May the task give way to one that keeps a request of that type? A notification whose key is not wanted any more
 * may; a use is no reason to give it up. */
static bool may_give_way(const struct cpns_gw_task *t, enum cpns_type type)
{
	return t == NULL || t->state == RELAYING || (t->state == NOTIFYING && type == CPNS_REQUEST);
}

enum cpns_verdict cpns_gw_relay_up(struct cpns_gw *gw, int64_t now, uint32_t pne, enum cpns_type type,
				   const uint8_t *buf, size_t n, struct cpns_out *out)
{
	struct cpns_gw_entity *e = &gw->pnes[pne];
	bool up = cpns_leg_key(&gw->wan, gw->rules, now) != NULL;
	uint32_t *last = &e->relayed[type != CPNS_REQUEST], transaction = cpns_get32(buf + 3);

	gw->recent = pne;
	out->repeats = *last == transaction;
	*last = transaction;
	if (gw->rules->run_step_0 && may_give_way(e->task, type)) {
		struct cpns_gw_task *t =
		    cpns_gw_begin_task(gw, pne, GOAL_RELAY, (struct cpns_octets){0}, (struct cpns_octets){0}, out);

		t->state = RELAYING;
		t->session = gw->sessions;
		hold(t, buf, n);
		if (!up) {
			cpns_gw_proceed(gw, now, pne, out);
			return CPNS_ACCEPTED;
		}
	} else if (gw->rules->run_step_0 && !up) {
		if (e->task->goal != GOAL_RELAY || (e->task->held_n == n && memcmp(e->task->held, buf, n) == 0))
			return CPNS_BUSY; /* it waits already, or something else does: it will come again */
		hold(e->task, buf, n);
		return CPNS_ACCEPTED;
	}
	out->relay = true;
	out->to = CPNS_SERVER;
	out->pne = pne;
	return CPNS_ACCEPTED;
}
