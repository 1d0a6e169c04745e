#include "models/protocol/gw_task.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "models/protocol/copy.h"

struct cpns_gw_entity *cpns_gw_entity_at(struct cpns_gw *gw, uint32_t entity)
{
	assert(entity == CPNS_GW_SELF || entity < gw->n);
	return entity == CPNS_GW_SELF ? &gw->self : &gw->pnes[entity];
}

struct cpns_octets cpns_gw_called(const struct cpns_gw_entity *e)
{
	return e->task != NULL && e->task->named != NULL ? (struct cpns_octets){e->task->named, e->task->named_n}
							 : cpns_gw_entity_id(e);
}

/* Step 0 on the WAN leg is over, or its runner is gone: those that wait look again. */
void cpns_gw_wake_waiting(struct cpns_gw *gw, struct cpns_out *out)
{
	gw->runner = CPNS_GW_NO_RUNNER;
	for (uint32_t i = 0; i <= gw->n; i++) {
		struct cpns_gw_task *t = (i < gw->n ? &gw->pnes[i] : &gw->self)->task;

		if (t == NULL || t->state != WAITING)
			continue;
		t->wake = 0;
		out->others = true;
	}
}

void cpns_gw_end_task(struct cpns_gw *gw, uint32_t entity, struct cpns_out *out)
{
	struct cpns_gw_entity *e = cpns_gw_entity_at(gw, entity);
	struct cpns_gw_task *t = e->task;

	if (t == NULL)
		return;
	e->task = NULL;
	if (gw->runner == entity)
		cpns_gw_wake_waiting(gw, out);
	cpns_bootstrap_free(t->bootstrap);
	cpns_pairing_free(t->pairing);
	cpns_exchange_clear(&t->exchange);
	cpns_asking_free(t->asking);
	free(t->held);
	free(t->named);
	free(t);
}

void cpns_gw_fail(struct cpns_gw *gw, uint32_t entity, struct cpns_out *out)
{
	enum cpns_gw_goal goal = cpns_gw_entity_at(gw, entity)->task->goal;

	if (goal == GOAL_ID_PWD_REGISTRATION || goal == GOAL_SUBSCRIPTION_REGISTRATION)
		out->happening = CPNS_REGISTRATION_FAILED;
	out->to = CPNS_NOBODY;
	out->asks = false;
	out->length = 0;
	out->leaves = out->deadline = NULL;
	cpns_gw_end_task(gw, entity, out);
}

bool cpns_gw_may_be_given_up(const struct cpns_gw_task *t)
{
	return t != NULL && (t->goal == GOAL_RELAY || t->goal == GOAL_DELIVER || t->state == NOTIFYING);
}

struct cpns_gw_task *cpns_gw_begin_task(struct cpns_gw *gw, uint32_t entity, enum cpns_gw_goal goal,
					struct cpns_octets user, struct cpns_octets password, struct cpns_out *out)
{
	struct cpns_gw_entity *e = cpns_gw_entity_at(gw, entity);

	if (cpns_gw_may_be_given_up(e->task))
		cpns_gw_end_task(gw, entity, out);
	assert(e->task == NULL && password.n <= CPNS_PASSWORD_MAX && user.n <= CPNS_ID_MAX);
	struct cpns_gw_task *t = malloc(sizeof(*t) + user.n); /* calloc of glibc does not take what was freed last */

	if (t == NULL)
		abort();
	memset(t, 0, offsetof(struct cpns_gw_task, session));
	cpns_exchange_init(&t->exchange);
	t->goal = goal;
	t->user_n = (uint8_t)user.n;
	t->password_n = (uint8_t)password.n;
	cpns_copy(t->user, user.at, user.n);
	cpns_copy(t->password, password.at, password.n);
	e->task = t;
	return t;
}

struct cpns_work cpns_gw_work(const struct cpns_gw *gw, struct cpns_out *out)
{
	return (struct cpns_work){gw->env->crypto, &out->ops};
}

bool cpns_gw_awaits(const struct cpns_gw_entity *e, enum cpns_gw_state state, const struct cpns_msg *msg)
{
	return e->task != NULL && e->task->state == state && cpns_exchange_matches(&e->task->exchange, msg);
}
