#include "models/protocol/server.h"

#include "models/protocol/answers.h"
#include "models/protocol/keys.h"
#include "models/protocol/msg.h"
#include "models/protocol/server_request.h"

struct cpns_work cpns_request_work(const struct cpns_request *r)
{
	return (struct cpns_work){r->server->env->crypto, &r->out->ops};
}

/* A verifier that is cold is where the store keeps it, but costs what hashing the password does. */
void cpns_request_user(struct cpns_request *r)
{
	const struct cpns_store *store = r->server->store;

	r->out->ops.store_reads++;
	r->user = store->user(store->self, r->who.user, false);
	if (r->user == NULL || !r->user->cold)
		return;
	r->user->cold = false;
	if (r->server->rules->stretched_password)
		r->out->ops.pbkdf2_iterations += r->server->rules->iterations;
}

const uint8_t *cpns_request_prk(struct cpns_request *r)
{
	if (!r->has_prk)
		cpns_prk(cpns_request_work(r), r->user->pwh, r->prk);
	r->has_prk = true;
	return r->prk;
}

void cpns_server_init(struct cpns_server *server, const struct cpns_rules *rules, const struct cpns_env *env,
		      const struct cpns_store *store)
{
	*server = (struct cpns_server){.rules = rules, .env = env, .store = store};
}

void cpns_server_restart(struct cpns_server *server)
{
	cpns_answer_log_forget(&server->answers);
}

void cpns_server_clear(struct cpns_server *server)
{
	cpns_answer_log_clear(&server->answers);
}

void cpns_entity_clear(struct cpns_entity *entity)
{
	cpns_keyring_clear(entity);
}

static bool refuses(const struct cpns_msg *reply)
{
	return cpns_msg_has(reply, CPNS_STATUS) && cpns_msg_status(reply) > CPNS_CHALLENGE;
}

void cpns_request_answer(const struct cpns_request *r, struct cpns_msg *reply, bool keep)
{
	cpns_msg_set(reply, CPNS_ENTITY_ID, r->who.entity.at, r->who.entity.n);
	r->out->length = (uint16_t)cpns_msg_encode(reply, r->out->bytes);
	r->out->to = CPNS_GATEWAY;
	if (r->entity != NULL && keep)
		cpns_answers_keep(&r->server->answers, &r->entity->answers, r->now, r->msg, refuses(reply), r->out);
}

/* Requests need a session on the WAN leg, but for the PN GW's own: in 6.3.3 the server is authenticated by TLS. */
static bool lacks_session(const struct cpns_request *r)
{
	struct cpns_octets self = r->from->id;

	return r->server->rules->run_step_0 && cpns_leg_key(&r->from->leg, r->server->rules, r->now) == NULL &&
	       !(self.n > 0 && cpns_msg_equal(r->msg, CPNS_ENTITY_ID, self));
}

typedef enum cpns_verdict step_fn(struct cpns_request *r);

/* What the server does with a message. It has no states: an entry per type; one without is out of place. */
static step_fn *const steps[CPNS_TYPES] = {
    [CPNS_ID_PWD_REGISTRATION_REQUEST] = cpns_request_registration,
    [CPNS_SUBSCRIPTION_REQUEST] = cpns_request_registration,
    [CPNS_REQUEST] = cpns_request_for_itself,
    [CPNS_REQUEST_FOR_PNE] = cpns_request_for_pne,
    [CPNS_USE_REQUEST] = cpns_request_use,
    [CPNS_USE_PROOF] = cpns_request_use,
    [CPNS_BOOTSTRAP_REQUEST] = cpns_request_step_0,
    [CPNS_BOOTSTRAP_ANSWER] = cpns_request_step_0,
    [CPNS_SESSION_REQUEST] = cpns_request_step_0,
};

enum cpns_verdict cpns_server_on_message(struct cpns_server *server, int64_t now, struct cpns_session *from,
					 const uint8_t *buf, size_t n, struct cpns_out *out)
{
	struct cpns_msg msg;
	enum cpns_verdict verdict;

	if (!cpns_msg_decode(&msg, buf, n))
		return CPNS_MALFORMED;
	if (steps[msg.type] == NULL)
		return CPNS_OUT_OF_PLACE;
	struct cpns_request r = {.server = server, .now = now, .from = from, .msg = &msg, .out = out};

	r.who = (struct cpns_names){cpns_msg_get(&msg, CPNS_USER_ID), cpns_msg_get(&msg, CPNS_ENTITY_ID)};
	if (r.who.entity.at != NULL) {
		out->ops.store_reads++;
		r.entity = server->store->entity(server->store->self, r.who.entity, false);
		if (r.entity != NULL &&
		    cpns_answers_again(&server->answers, r.entity->answers, now, &msg, out, &verdict))
			return verdict;
		if (lacks_session(&r)) {
			cpns_request_refuse(&r, CPNS_SESSION_EXPIRED, false);
			return CPNS_NO_SESSION;
		}
	}
	return steps[msg.type](&r);
}
