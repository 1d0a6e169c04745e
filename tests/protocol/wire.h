/* Two PNEs, their PN GW and a CPNS Server on a wire in virtual time: a host of the machines without a simulator. Work
 * is free unless a test says otherwise; nothing is lost, repeated or damaged unless a test says so. Everything that
 * was sent is kept, with what its receiver made of it. */
#ifndef TESTS_PROTOCOL_WIRE_H
#define TESTS_PROTOCOL_WIRE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/protocol/gw.h"
#include "models/protocol/pne.h"
#include "models/protocol/server.h"
#include "models/store/memory.h"

#define WIRE_MS(x) (INT64_C(1000000) * (x))
#define WIRE_S(x) (INT64_C(1000000000) * (x))

enum wire_node { WIRE_PNE, WIRE_PNE2, WIRE_GW, WIRE_SERVER, WIRE_NODES };

/* Who sends to whom. */
enum wire_leg {
	WIRE_P_G, /* PNE to PN GW, over the PAN */
	WIRE_G_P,
	WIRE_G_S, /* PN GW to server, over the WAN */
	WIRE_S_G,
	WIRE_LEGS,
};

enum wire_action {
	WIRE_LOSE,
	WIRE_REPEAT,  /* arrives twice, `argument` ns apart */
	WIRE_DELAY,   /* arrives `argument` ns later */
	WIRE_CORRUPT, /* octet number `argument` is changed; a negative one counts from the end */
	WIRE_CUT,     /* all after the first `argument` octets is missing */
};

/* Does it to the k-th message (from 1) of that type on that leg, or to each one with k == 0. Type 0 is any type. */
struct wire_hook {
	enum wire_leg leg;
	enum cpns_type type;
	unsigned k;
	enum wire_action action;
	int64_t argument;
	unsigned seen;
};

/* One message on one leg, in the order of sending. */
enum { WIRE_LONGEST = 2048 }; /* octets: sets of EUKeys are kept short here */

struct wire_message {
	enum wire_leg leg;
	uint32_t pne; /* which PNE it is from, to or about; CPNS_GW_SELF for none */
	int64_t sent_at, arrives_at;
	bool lost, copy /* by a hook */, forged /* by wire_inject */, handled;
	size_t n;
	uint8_t bytes[WIRE_LONGEST];
	struct cpns_msg msg; /* decoded from bytes; type 0 if it is not well-formed */
	int cause; /* index of the message that was being handled when this was sent; -1: a start or a timer */
	bool asks;
	/* What the receiver made of it. */
	enum cpns_verdict verdict;
	struct cpns_ops ops;
	int answer; /* index of the message sent in return; -1: none */
};

/* A draw of randomness. */
struct wire_draw {
	enum wire_node node;
	uint32_t about; /* server: the PNE or PN GW that the message is from */
	enum cpns_draw what;
	uint32_t exchange;
	uint16_t index;
};

struct wire_host {
	struct wire *wire;
	enum wire_node node;
};

struct wire {
	struct cpns_rules rules; /* may be changed before the first message */
	struct cpns_crypto *crypto;
	struct wire_host hosts[WIRE_NODES];
	struct cpns_env env[WIRE_NODES];

	struct cpns_pne pne[2];
	struct cpns_pne_account accounts[2]; /* of those that wire_install provided with one */
	struct cpns_gw_entity entities[2];
	struct cpns_gw gw;
	struct memory_store *store;
	struct cpns_server server;
	struct cpns_user *alice;       /* the server's records */
	struct cpns_entity *record[3]; /* of the PNEs and, last, the PN GW */
	struct cpns_session session;   /* of the PN GW at the server */

	int64_t now, latency[WIRE_LEGS];
	uint8_t damage;           /* by which WIRE_CORRUPT changes an octet; 0x40 unless a test says otherwise */
	int64_t work[WIRE_NODES]; /* time that a call of a machine with any cryptography in it takes */
	GArray *messages;         /* of struct wire_message */
	GArray *flying;           /* of int: those not yet arrived */
	GArray *hooks, *draws;
	bool unlike_draws; /* as a real generator: one whose address has been used before gives other octets */
	int cause;
	int64_t work_until;

	/* What happened */
	unsigned stored[WIRE_NODES], registered, registration_failed;
	unsigned used[WIRE_NODES], refused[WIRE_NODES]; /* uses of keys: succeeded, refused by the server */
	int64_t stored_at, stored_when[WIRE_NODES];     /* by anyone, by each: the last time */
	unsigned same_draws;                            /* draws whose address had been used before */
	int64_t deadlines[3]; /* of the PN GW's tasks, before the call of a machine that is under way */
	struct cpns_ops ops[WIRE_NODES];
};

/* All wires from now on: "real" or "counted", the body of the cryptography (OpenSSL, the stand-in); or "at-rest",
 * counted, and a PNE that has nothing under way lies down and gets up before it is called. The stories are the same
 * with each. */
void wire_mode(const char *mode);

enum wire_profile { WIRE_LITERAL, WIRE_HARDENED };

/* Secrets on both legs, which are their sessions unless rules.run_step_0 is set; alice known to the server, owner of
 * all three entities; both PNEs have a Temporary Key; nobody is keyed or installed. Timeouts 2 s, back-off 2, no
 * jitter, 4 retransmissions; latencies 10 ms and 50 ms. */
void wire_init(struct wire *w, enum wire_profile profile, bool challenge);
void wire_clear(struct wire *w);

/* Makes the record of the server as if alice had chosen another password; a user of that name without one is unknown.
 */
void wire_know(struct wire *w, const char *password);
struct cpns_octets wire_octets(const char *text);

/* Puts a user's ID and password in place in the PNE, as an installation long ago would have. */
void wire_install(struct wire *w, enum wire_node pne, const char *user, const char *password);

/* What users do. */
void wire_start(struct wire *w, enum wire_node pne, const char *user, const char *password); /* 6.3.1 */
void wire_trigger(struct wire *w, enum wire_node pne, const char *user, const char *password);
void wire_ask_for(struct wire *w, enum wire_node pne, const char *user, const char *password);
/* ... who types `named` as its Entity ID; "": its own. */
void wire_ask_for_named(struct wire *w, enum wire_node pne, const char *named, const char *user,
			const char *password);
void wire_ask(struct wire *w, const char *user, const char *password); /* 6.3.3 */
/* An entity uses its key; user and password are for a PN GW without one (C281). */
void wire_use(struct wire *w, enum wire_node node, const char *user, const char *password);
void wire_register(struct wire *w, uint32_t for_entity, enum cpns_registration kind, const char *user,
		   const char *password);

/* The session of the leg is gone at that end, a PNE or the server, before its time; a PNE or the PN GW starts again.
 */
void wire_expire(struct wire *w, enum wire_node node);
void wire_restart(struct wire *w, enum wire_node node);

void wire_hook(struct wire *w, enum wire_leg leg, enum cpns_type type, unsigned k, enum wire_action action,
	       int64_t argument);

/* An attacker, or a network with a memory, puts octets on a leg now. */
void wire_inject(struct wire *w, enum wire_leg leg, uint32_t pne, const uint8_t *bytes, size_t n);
void wire_replay(struct wire *w, const struct wire_message *m);

/* Until nothing flies and no timer runs; until virtual time `end`. */
void wire_run(struct wire *w);
void wire_run_until(struct wire *w, int64_t end);

/* Everything sent so far, and the k-th (from 1) of a type on a leg, or NULL; how many there are (type 0: any). */
const struct wire_message *wire_at(const struct wire *w, int index);
const struct wire_message *wire_find(const struct wire *w, enum wire_leg leg, enum cpns_type type, unsigned k);
unsigned wire_count(const struct wire *w, enum wire_leg leg, enum cpns_type type);

/* Status of a response-like message, or -1. */
int wire_status(const struct wire_message *m);

/* The key of the session on a leg as its end at that node has it, or NULL: the WAN leg at PN GW and server; the PAN
 * leg at a PNE, and to that PNE at the PN GW. */
const uint8_t *wire_wan(const struct wire *w, enum wire_node node);
const uint8_t *wire_pan(const struct wire *w, enum wire_node node, enum wire_node pne);

/* Does a node hold a key; does the server hold that very key as current, as pending? */
bool wire_keyed(const struct wire *w, enum wire_node node);
const uint8_t *wire_key(const struct wire *w, enum wire_node node);
bool wire_current(const struct wire *w, enum wire_node node);
bool wire_pending(const struct wire *w, enum wire_node node);

/* The server holds a current key that the entity does not hold, or the entity one that the server does not hold. */
bool wire_diverged(const struct wire *w, enum wire_node node);

/* Proofs of alice for any of the entities that did not verify. */
unsigned wire_failures(const struct wire *w);

/* Is any timer running, any task or request under way? */
bool wire_idle(const struct wire *w);

/* No cryptography at all: neither hashes nor blocks nor random octets. Looks into the store are none. */
bool wire_no_cryptography(const struct cpns_ops *ops);

/* Prints all that was sent, for whoever looks into a failure. */
void wire_print(const struct wire *w);

#endif
