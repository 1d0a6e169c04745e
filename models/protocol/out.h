/* What a machine hands back to its host after each call: at most one message to send, what happened, and what it
 * cost. */
#ifndef CPNS_PROTOCOL_OUT_H
#define CPNS_PROTOCOL_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/env.h"
#include "models/protocol/msg.h"

enum cpns_peer {
	CPNS_NOBODY, /* no message */
	CPNS_SERVER,
	CPNS_GATEWAY,
	CPNS_PNE, /* the one with number out.pne at this PN GW */
};

/* What a host may want to know. A refusal or an exhausted retry shows as a machine that is no longer active. */
enum cpns_happening {
	CPNS_NOTHING,
	CPNS_KEY_STORED, /* this entity now holds the EUKey of its assignment */
	CPNS_REGISTERED, /* this PN GW's user is registered */
	CPNS_REGISTRATION_FAILED,
	CPNS_USED,        /* the use under way has succeeded */
	CPNS_USE_REFUSED, /* the server has refused it */
	CPNS_DELIVERING,  /* this PN GW begins to deliver the next key of a set, on behalf of what came in */
};

struct cpns_out {
	struct cpns_ops ops;
	enum cpns_happening happening;
	enum cpns_peer to;
	uint32_t pne;
	bool others;       /* deadlines of other entities of this PN GW have changed too: ask for them all */
	bool relay;        /* forward the octets that came in; `bytes` is not used */
	bool repeats;      /* the message has been sent before */
	bool asks;         /* the message is an EUKeyAssignmentRequest sent by its originator */
	uint16_t length;   /* of bytes; 0 with `relay` */
	int64_t *leaves;   /* set by cpns_out_left to the time at which the work is done; NULL: nobody waits for it */
	int64_t *deadline; /* set by cpns_out_left to that time plus `wait`: when the machine wants to run next */
	int64_t wait;
	uint8_t bytes[CPNS_MESSAGE_MAX];
};

/* An empty one: all but `bytes` zero. */
void cpns_out_init(struct cpns_out *out);

/* To be called once after each call of a machine, with the time at which the work that it reported is done and its
 * message has left: timers start then, never before. */
void cpns_out_left(struct cpns_out *out, int64_t ready);

#endif
