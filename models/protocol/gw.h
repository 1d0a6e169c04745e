/* The PN GW: relays between its PAN and the CPNS Server (6.3.1, EUKey use), registers its user, installs and triggers
 * (6.3.2.1), asks for and notifies (6.3.2.2) its PNEs, delivers their EUKey sets key by key, asks for its own EUKey
 * (6.3.3) and uses it.
 *
 * Relaying is by the Entity ID in the message and needs no state; where the WAN leg has sessions that expire, a
 * request is kept until it is answered, and waits while there is none. Everything else is a task, at most one for
 * each PNE and one for the PN GW itself (number CPNS_GW_SELF); tasks for different entities run side by side. */
#ifndef CPNS_PROTOCOL_GW_H
#define CPNS_PROTOCOL_GW_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/asking.h"
#include "models/protocol/budget.h"
#include "models/protocol/delivery.h"
#include "models/protocol/env.h"
#include "models/protocol/leg.h"
#include "models/protocol/out.h"
#include "models/protocol/rules.h"
#include "models/protocol/use.h"
#include "models/protocol/verdict.h"

#define CPNS_GW_SELF UINT32_MAX
#define CPNS_GW_NO_RUNNER (UINT32_MAX - 1)

struct cpns_gw_task;

/* What a PN GW holds of one PNE in its PAN, or of itself. */
struct cpns_gw_entity {
	const uint8_t *id;        /* Entity ID, lent, of id_n octets: see the functions below */
	struct cpns_leg pan;      /* to the PNE */
	uint64_t trigger_counter; /* of the RAND_T made last */
	uint32_t exchanges;       /* begun so far for this entity */
	uint32_t relayed[2];      /* transactions of its requests relayed last: for a key, and of a use */
	uint8_t id_n;
	bool installed;            /* the PNE holds its user's ID and password */
	struct cpns_gw_task *task; /* under way, or NULL */
	struct cpns_delivery *set; /* of EUKeys, being delivered; or NULL */
};

static inline struct cpns_octets cpns_gw_entity_id(const struct cpns_gw_entity *entity)
{
	return (struct cpns_octets){entity->id, entity->id_n};
}

/* One of that Entity ID that nothing has happened to; `secret` is that of its leg. */
static inline struct cpns_gw_entity cpns_gw_entity_of(struct cpns_octets id, const uint8_t *secret)
{
	assert(id.n <= UINT8_MAX);
	return (struct cpns_gw_entity){.id = id.at, .id_n = (uint8_t)id.n, .pan = {.secret = secret}};
}

struct cpns_gw {
	const struct cpns_rules *rules; /* lent */
	const struct cpns_env *env;     /* lent */
	struct cpns_leg wan;            /* to the CPNS Server */
	uint32_t sessions;              /* that step 0 has made on it so far */
	uint32_t runner;                /* the entity whose task runs step 0 on it, for all; or CPNS_GW_NO_RUNNER */
	struct cpns_gw_entity self;
	struct cpns_gw_entity *pnes; /* lent, in ascending order of Entity ID (length, then octets) */
	uint32_t n;
	uint32_t recent;           /* the PNE that the server was asked for last */
	uint32_t own_transactions; /* used so far for registrations and step 0 */
	struct cpns_usage *usage;  /* of its own EUKey, once it is used; or NULL */
	struct cpns_budget budget; /* of retransmissions to the server */
	bool keyed;
	uint8_t eukey[CPNS_HASH]; /* valid if keyed */
};

/* A PN GW with the PNEs pnes[0..n), whose ids and sessions are set. What is lent must outlive it. */
void cpns_gw_init(struct cpns_gw *gw, const struct cpns_rules *rules, const struct cpns_env *env,
		  struct cpns_octets id, struct cpns_gw_entity *pnes, uint32_t n);
/* Ends all tasks and sessions. */
void cpns_gw_clear(struct cpns_gw *gw);

/* The PN GW starts again: tasks and sessions are gone; keys, counters and what is known of PNEs are kept. Relaying
 * needs no more. */
void cpns_gw_restart(struct cpns_gw *gw);

/* Orders Entity IDs as `pnes` must be: negative, zero or positive. */
int cpns_id_compare(struct cpns_octets a, struct cpns_octets b);

/* How a user's registration is spelled. */
enum cpns_registration {
	CPNS_ID_PWD_REGISTRATION,       /* 6.3.1 step 2, and before 6.3.2.2 and 6.3.3 */
	CPNS_SUBSCRIPTION_REGISTRATION, /* 6.3.2.1 step 1 */
};

/* Registers a user, on behalf of the assignment of entity `for_entity` (a PNE's number or CPNS_GW_SELF), which must
 * have no task (asserted) but one that cpns_gw_trigger would give up. Ends in the happening CPNS_REGISTERED or
 * CPNS_REGISTRATION_FAILED. */
void cpns_gw_register(struct cpns_gw *gw, int64_t now, uint32_t for_entity, enum cpns_registration kind,
		      struct cpns_octets user, struct cpns_octets password, struct cpns_out *out);

/* The PN GW's user has typed ID and password for a PNE without UI on a secure PAN: 6.3.2.1 from step 4 if the PNE is
 * not installed, from step 7 otherwise. `pne` must have no task (asserted), but for a notification that is not
 * acknowledged yet, the delivery of a key, or a request that is kept: that one is given up. */
void cpns_gw_trigger(struct cpns_gw *gw, int64_t now, uint32_t pne, struct cpns_octets user,
		     struct cpns_octets password, struct cpns_out *out);

/* The same on a PAN that is not secure: 6.3.2.2 from step 1. `named` is the Entity ID that the user has typed for it,
 * if that is another than its own; n == 0: its own. What comes for another goes to this PNE all the same, for it is
 * the one that the user stands in front of. */
void cpns_gw_ask_for(struct cpns_gw *gw, int64_t now, uint32_t pne, struct cpns_octets named, struct cpns_octets user,
		     struct cpns_octets password, struct cpns_out *out);

/* The user asks for the PN GW's own EUKey (6.3.3); it must have no task of its own (asserted). */
void cpns_gw_ask(struct cpns_gw *gw, int64_t now, struct cpns_octets user, struct cpns_octets password,
		 struct cpns_out *out);

/* Authenticates the PN GW itself: with its EUKey or, while it has none, with its owner's User ID and password (C281).
 * It must have no task of its own (asserted). Ends in the happening CPNS_USED or CPNS_USE_REFUSED, or is given up. */
void cpns_gw_use(struct cpns_gw *gw, int64_t now, struct cpns_octets user, struct cpns_octets password,
		 struct cpns_out *out);

/* Has the server refused its EUKey? */
bool cpns_gw_needs_key(const struct cpns_gw *gw);

/* A message from PNE number `pne` over the PAN. */
enum cpns_verdict cpns_gw_from_pne(struct cpns_gw *gw, int64_t now, uint32_t pne, const uint8_t *buf, size_t n,
				   struct cpns_out *out);

/* A message from the CPNS Server over the WAN. *entity says whom it is about, as far as it was understood: a PNE's
 * number or CPNS_GW_SELF. */
enum cpns_verdict cpns_gw_from_server(struct cpns_gw *gw, int64_t now, const uint8_t *buf, size_t n, uint32_t *entity,
				      struct cpns_out *out);

/* The deadline of that entity's task has come: sends again, or gives up. Does nothing if it has not. */
void cpns_gw_on_time(struct cpns_gw *gw, int64_t now, uint32_t entity, struct cpns_out *out);

/* To be asked once before a message to the server is sent that the machine has put into *out; false: it is a
 * retransmission beyond the budget, and is not to be sent. Its timer runs as if it had been lost. */
bool cpns_gw_may_send(struct cpns_gw *gw, const struct cpns_out *out);

/* Does it keep a request of that PNE, to be relayed, or relayed and not answered yet? */
bool cpns_gw_keeps_request(const struct cpns_gw *gw, uint32_t pne);

/* Is a registration under way on behalf of that entity? */
bool cpns_gw_registering(const struct cpns_gw *gw, uint32_t entity);

/* When the task of that entity wants to run next, or CPNS_NEVER; whether it has one. */
int64_t cpns_gw_deadline(const struct cpns_gw *gw, uint32_t entity);
bool cpns_gw_active(const struct cpns_gw *gw, uint32_t entity);

#endif
