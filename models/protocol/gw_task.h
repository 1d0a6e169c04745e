/* The inside of a PN GW's machine: its tasks. For gw.c and gw_*.c alone. */
#ifndef CPNS_PROTOCOL_GW_TASK_H
#define CPNS_PROTOCOL_GW_TASK_H

#include "models/protocol/bootstrap.h"
#include "models/protocol/exchange.h"
#include "models/protocol/gw.h"
#include "models/protocol/keys.h"
#include "models/protocol/msg.h"
#include "models/protocol/pairing.h"

/* What a task is for. */
enum cpns_gw_goal {
	GOAL_ID_PWD_REGISTRATION,
	GOAL_SUBSCRIPTION_REGISTRATION,
	GOAL_TRIGGER, /* 6.3.2.1 */
	GOAL_ASK_FOR, /* 6.3.2.2 */
	GOAL_ASK,     /* 6.3.3 */
	GOAL_USE,     /* the PN GW's own EUKey, or its owner's password */
	GOAL_DELIVER, /* the next key of a PNE's set */
	GOAL_RELAY,   /* a PNE's request, kept until it is answered, for the WAN leg's session may have expired */
};

/* What it awaits. */
enum cpns_gw_state {
	BOOTSTRAPPING, /* step 0 on the WAN leg, which this task runs for all */
	PAIRING,       /* step 0 on the PAN leg */
	WAITING,       /* the end of step 0 on the WAN leg, which another task runs; or its turn to send */
	REGISTERING,   /* the server's response */
	DISCOVERING,   /* C274: the PNE's Entity ID */
	INSTALLING,    /* 6.3.2.1 step 6; of a merged trigger, the PNE's request */
	TRIGGERING,    /* 6.3.2.1: the PNE's request, to be relayed */
	REQUESTING,    /* 6.3.2.2 step 5 */
	NOTIFYING,     /* 6.3.2.2: the acknowledgement, or, without one, the time that it would have taken */
	ASKING,        /* 6.3.3: for the PN GW itself; `asking` knows the rest */
	USING,         /* the PN GW's own use; `usage` knows the rest */
	RELAYING,      /* the server's response, to be relayed; no timer runs */
};

struct cpns_gw_task {
	/* Zero in a new one */
	enum cpns_gw_goal goal;
	enum cpns_gw_state state;
	struct cpns_bootstrap *bootstrap; /* BOOTSTRAPPING */
	struct cpns_pairing *pairing;     /* PAIRING */
	struct cpns_asking *asking;       /* 6.3.3 */
	uint8_t *held;                    /* GOAL_RELAY: the request */
	uint8_t *named;                   /* 6.3.2.2: what the user calls the PNE, where that is not its Entity ID */
	uint32_t wan_rounds, pan_rounds;  /* of step 0 on each leg, run by this task */
	bool doubted;                     /* has it paired anew for want of an answer? */
	bool has_prk;
	uint8_t password_n, tk_n, user_n, named_n; /* octets of those above and below */

	/* Written when they are needed */
	uint32_t session; /* of the WAN leg, counted, under which it sent last */
	uint32_t index;   /* GOAL_DELIVER: number of the key */
	int64_t wake;     /* WAITING: when to look again, or CPNS_NEVER */
	size_t held_n;
	struct cpns_notice notice; /* NOTIFYING */
	struct cpns_exchange exchange;
	uint8_t prk[CPNS_HASH]; /* of the password: proves triggers; if has_prk */
	uint8_t pwh[CPNS_HASH]; /* 6.3.2.2 with one KEK: opens the response */
	uint8_t password[32];   /* typed by the user; kept until the trigger can be made */
	uint8_t tk[64];         /* 6.3.2.2: Temporary Key, while the acknowledgement is awaited */
	uint8_t rand_n[16];
	uint8_t user[];
};

struct cpns_gw_entity *cpns_gw_entity_at(struct cpns_gw *gw, uint32_t entity);

/* The Entity ID that the PNE's task is about: its own, or what the user calls it. */
struct cpns_octets cpns_gw_called(const struct cpns_gw_entity *e);

/* Is there a task of which nothing is lost if it ends? */
bool cpns_gw_may_be_given_up(const struct cpns_gw_task *task);

/* Is that entity's task in `state`, and does *msg answer what it sent last? */
bool cpns_gw_awaits(const struct cpns_gw_entity *e, enum cpns_gw_state state, const struct cpns_msg *msg);

/* For operations that *out reports. */
struct cpns_work cpns_gw_work(const struct cpns_gw *gw, struct cpns_out *out);

/* Begins a task of that entity, which must have none (asserted) but one that may be given up: a notification may have
 * arrived, and a newer key is wanted by now; a relayed request will come again. */
struct cpns_gw_task *cpns_gw_begin_task(struct cpns_gw *gw, uint32_t entity, enum cpns_gw_goal goal,
					struct cpns_octets user, struct cpns_octets password, struct cpns_out *out);

/* Ends its task, if it has one; if that one runs step 0 on the WAN leg, those that wait look again. */
void cpns_gw_end_task(struct cpns_gw *gw, uint32_t entity, struct cpns_out *out);

/* Step 0 on the WAN leg is over, or its runner is gone: those that wait look again. */
void cpns_gw_wake_waiting(struct cpns_gw *gw, struct cpns_out *out);

/* Ends it as a failure: nothing is sent. */
void cpns_gw_fail(struct cpns_gw *gw, uint32_t entity, struct cpns_out *out);

/* gw_send.c: does the next thing towards the goal; the sessions that it needs are there. */
void cpns_gw_perform(struct cpns_gw *gw, int64_t now, uint32_t entity, struct cpns_out *out);

/* gw_send.c: single steps, for what comes in. A trigger (again: once more, with a RAND_T of its own), and what comes
 * before the first; a notification of a key, and of the next key of a set; who asks in 6.3.3, and who uses the key.
 */
void cpns_gw_send_trigger(struct cpns_gw *gw, uint32_t pne, bool again, struct cpns_out *out);
void cpns_gw_repeat_installing_trigger(struct cpns_gw *gw, uint32_t pne, struct cpns_out *out);
void cpns_gw_send_discovery(struct cpns_gw *gw, uint32_t pne, struct cpns_out *out);
void cpns_gw_begin_trigger(struct cpns_gw *gw, uint32_t pne, struct cpns_out *out);
void cpns_gw_send_notification(struct cpns_gw *gw, uint32_t pne, const uint8_t eukey[CPNS_HASH], uint32_t index,
			       uint64_t counter, struct cpns_out *out);
void cpns_gw_deliver(struct cpns_gw *gw, uint32_t pne, uint32_t index, struct cpns_out *out);
struct cpns_asker cpns_gw_self_asker(struct cpns_gw *gw);
struct cpns_asker cpns_gw_use_asker(struct cpns_gw *gw);

/* gw_session.c: performs it, once step 0 has been done on the legs that the goal needs. */
void cpns_gw_proceed(struct cpns_gw *gw, int64_t now, uint32_t entity, struct cpns_out *out);

/* Has a session that the task needs expired meanwhile? */
bool cpns_gw_lacks_session(const struct cpns_gw *gw, int64_t now, uint32_t entity);

/* What was sent to the PNE under the PAN leg's session has been repeated in vain. The PNE may have started again, and
 * cannot say that it has no session any more: the PN GW gives it up too, once for a task. */
void cpns_gw_doubt_pan(struct cpns_gw *gw, uint32_t pne);

/* The server says that the WAN leg has no session: step 0 again, unless that has happened since the task sent last.
 */
void cpns_gw_session_expired(struct cpns_gw *gw, int64_t now, uint32_t entity, struct cpns_out *out);

/* Messages of step 0, and its timers; on_time returns false when it is given up. */
enum cpns_verdict cpns_gw_take_bootstrap(struct cpns_gw *gw, int64_t now, const struct cpns_msg *msg,
					 uint32_t *entity, struct cpns_out *out);
enum cpns_verdict cpns_gw_take_pairing(struct cpns_gw *gw, int64_t now, uint32_t pne, const struct cpns_msg *msg,
				       struct cpns_out *out);
bool cpns_gw_step_0_on_time(struct cpns_gw *gw, int64_t now, uint32_t entity, struct cpns_out *out);

/* A request of a PNE, of that type, to be relayed to the server when the WAN leg has a session. */
enum cpns_verdict cpns_gw_relay_up(struct cpns_gw *gw, int64_t now, uint32_t pne, enum cpns_type type,
				   const uint8_t *buf, size_t n, struct cpns_out *out);

#endif
