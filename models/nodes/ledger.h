/* The ledger of a run: what is measured. Nodes write into it and never read what it says of others, with one
 * exception: that an assignment has ended (no machine works on it any more) is something only all of them together
 * know.
 *
 * Everything is an integer: counts, octets, nanoseconds. */
#ifndef CPNS_NODES_LEDGER_H
#define CPNS_NODES_LEDGER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "models/nodes/durations.h"
#include "models/protocol/env.h"
#include "models/protocol/verdict.h"
#include "sim/kernel/occupancy.h"
#include "sim/kernel/vtime.h"

enum flow {
	FLOW_PNE_UI,       /* 6.3.1 */
	FLOW_SECURE_PAN,   /* 6.3.2.1 */
	FLOW_INSECURE_PAN, /* 6.3.2.2 */
	FLOW_GATEWAY,      /* 6.3.3 */
	FLOWS,
};

/* The names of the flows, in that order, NULL-terminated: as scenarios and results spell them. */
extern const char *const flow_names[FLOWS + 1];

enum leg {
	LEG_PAN,
	LEG_WAN,
	LEGS,
};

enum node_kind {
	KIND_PNE,
	KIND_GATEWAY,
	KIND_SERVER,
	KINDS,
};

/* Who works on an assignment: a machine with a task or a request of it, or the user who waits to begin. */
enum worker {
	WORKER_USER = 1,
	WORKER_GATEWAY = 2,
	WORKER_PNE = 4,
};

enum assignment_state {
	ASSIGNMENT_OPEN,
	ASSIGNMENT_COMPLETED, /* the key is stored at `ended` */
	ASSIGNMENT_FAILED,    /* nobody has worked on it since `ended` */
};

/* An assignment, or a use of what one has assigned: entered alike, with messages, workers and an end, and counted
 * apart. A use completes when the entity has the server's proof. */
struct assignment {
	sim_time arrival, ended;
	uint32_t device, ordinal; /* the ordinal-th of that device, from 0; of uses from LEDGER_USES */
	uint8_t flow, state, workers;
	bool over; /* nobody works on it any more; work on what comes late does not reopen it */
	bool use;
};

#define LEDGER_USES (UINT32_C(1) << 31)

struct leg_account {
	uint64_t messages, bytes, lost;
	uint64_t duplicated; /* copies that the leg made; they are no messages */
};

/* Room for the presets of a leg and for the device classes: their numbers are below these. */
enum { LEDGER_PRESETS = 8, LEDGER_CLASSES = 16 };

/* What becomes of messages that reach the CPNS Server. Each offered one is served, rejected or shed in the end. */
enum server_count {
	SERVER_OFFERED,   /* messages that reached it */
	SERVER_ADMITTED,  /* of those, the ones that found a worker or room in the queue */
	SERVER_SERVED,    /* messages that a worker has finished */
	SERVER_USEFUL,    /* first answers that left while somebody still worked on what they are about */
	SERVER_DUPLICATE, /* messages taken by a worker that repeat one answered before, or being worked on */
	SERVER_REJECTED,  /* turned away with "server busy" and a time to come again */
	SERVER_SHED,      /* given up without a word */
	SERVER_COUNTS,
};

/* What a radio does with a frame. */
enum way {
	WAY_SENT,
	WAY_RECEIVED,
	WAYS,
};

/* Frames (fragments of messages), and their octets with framing. */
struct air_account {
	uint64_t frames, octets;
};

/* A message that crosses a leg from a node of one kind to one of another, over a link of preset number `preset`. */
struct crossing {
	enum leg leg;
	enum node_kind from, to;
	uint32_t preset;
	struct air_account sent, heard; /* by the two ends */
	bool lost;
};

/* What the nodes of a kind did. All of it is uint64_t, so that accounts add up word by word. */
struct kind_account {
	uint64_t sha256, hmac, keywrap, pbkdf2_iterations, chain_hashes;
	uint64_t chain_goes;             /* calls of a machine that yielded or checked a key of a set */
	uint64_t cpu_ns[LEDGER_CLASSES]; /* by number of the device class */
	struct air_account air[LEGS][LEDGER_PRESETS][WAYS]; /* by number of the leg's preset */
};

/* Work that counts by when it is done: in the observation window. All of it is uint64_t. */
struct work_account {
	struct kind_account kinds[KINDS];
	uint64_t verdicts[CPNS_VERDICT_COUNT]; /* of all machines on all messages */
	uint64_t pending_dropped;              /* pending EUKeys that the server gave up for newer ones */
	uint64_t withheld;                     /* retransmissions that PN GWs had no budget for */
	uint64_t services;                     /* messages that a server worker took */
	uint64_t server[SERVER_COUNTS];
};

/* In place of an assignment's number: none. */
#define NO_ASSIGNMENT UINT32_MAX

struct ledger {
	bool steady;                          /* the window lasts to the end of the run, not of the last assignment */
	sim_time warmup;                      /* what arrives before it does not count */
	GArray *assignments;                  /* of struct assignment, in order of arrival */
	struct leg_account legs[FLOWS][LEGS]; /* of the assignments that count */
	uint64_t attempts[FLOWS];             /* EUKeyAssignmentRequests of those, by their originators */
	uint64_t divergence[FLOWS];           /* entities found to disagree with the server */
	uint64_t refused[FLOWS];              /* uses that the server refused, of those that count */
	uint64_t skipped[FLOWS];              /* wake-ups of devices that were busy */
	struct work_account work;             /* in the window as far as it is known */
	struct work_account later;            /* while no assignment is open, since its end as known so far: joins
					       * the rest when the end moves on */
	bool is_later;                        /* there is something in it */
	uint32_t open;                        /* assignments and uses */
	uint64_t put[LEGS];                   /* messages given to a leg, in the whole run */
	uint64_t lost[LEGS];                  /* of those, lost on it */
	uint64_t made[LEGS];                  /* copies that it made of them */
	uint64_t taken[LEGS];                 /* messages and copies handed over by it */
	uint64_t server[SERVER_COUNTS];       /* in the whole run */
	struct sim_occupancy *queue, *busy;   /* messages waiting for a server worker, busy workers */
	struct sim_occupancy *stalled;    /* workers that wait for the key store while messages wait for a worker */
	struct durations waits, services; /* per message that a worker took since the warm-up, in order
					   * of time; the first work.services of them lie in the window */
	GArray *goes[KINDS];    /* of uint32_t: hashes that each of the chain_goes of a kind took, likewise */
	guint assignments_room; /* of that array */
	sim_time first_arrival, last_end; /* SIM_NEVER and 0: none yet */
};

void ledger_init(struct ledger *ledger, bool steady, sim_time warmup);
void ledger_clear(struct ledger *ledger);

/* A new assignment, with the user at work on it; returns its number. */
uint32_t ledger_start(struct ledger *ledger, uint32_t device, uint32_t ordinal, enum flow flow, sim_time arrival);

/* A use of a key, the k-th of that device from 0; likewise. */
uint32_t ledger_start_use(struct ledger *ledger, uint32_t device, uint32_t k, enum flow flow, sim_time now);

/* The server has refused a use; a device has woken up while it was busy. */
void ledger_refused(struct ledger *ledger, uint32_t use);
void ledger_skipped(struct ledger *ledger, enum flow flow, sim_time now);

struct assignment *ledger_at(const struct ledger *ledger, uint32_t assignment);

/* Does it arrive in the observation window? */
bool ledger_counts(const struct ledger *ledger, uint32_t assignment);

/* The key is (or, after the charge, will be) stored at `at`. Returns true if this completes the assignment. */
bool ledger_stored(struct ledger *ledger, uint32_t assignment, sim_time at);

/* `worker` works on it, or no longer does. When it was the last one the assignment is over; returns true if it has
 * failed by that. */
bool ledger_working(struct ledger *ledger, uint32_t assignment, enum worker worker, bool active, sim_time now);

/* A message of an assignment was given to a leg. Its frames count for both ends when they are sent; nothing is noted
 * of the CPNS Server's, which has no radio. */
void ledger_sent(struct ledger *ledger, uint32_t assignment, const struct crossing *crossing, sim_time now);

/* The leg made a copy of a message of an assignment, to arrive beside it. */
void ledger_duplicated(struct ledger *ledger, uint32_t assignment, enum leg leg);

/* The run is over; `to_the_end`: the window lasts until then, not just to the end of the last assignment. */
void ledger_close(struct ledger *ledger, bool to_the_end);

/* A machine has judged a message. */
void ledger_judged(struct ledger *ledger, enum cpns_verdict verdict, sim_time now);

/* A server worker took a message that had waited, for `service`; `dropped`: pending EUKeys given up by that. */
void ledger_served(struct ledger *ledger, sim_time wait, sim_time service, uint64_t dropped, sim_time now);

/* Up to where the observation window lasts surely. */
sim_time ledger_sure(const struct ledger *ledger, sim_time now);

/* One more of those at the server. */
void ledger_at_server(struct ledger *ledger, enum server_count what, sim_time now);

/* To be called by the server before its queue or workers change at `now`: folds in what surely lies in the window. */
void ledger_settle(struct ledger *ledger, sim_time now);

/* A PN GW has kept a retransmission back. */
void ledger_withheld(struct ledger *ledger, sim_time now);

/* An EUKeyAssignmentRequest left its originator. */
void ledger_asked(struct ledger *ledger, uint32_t assignment);

/* A node of that kind, of device class number `device_class`, performed `ops` for `cpu` of CPU time. */
void ledger_charge(struct ledger *ledger, enum node_kind kind, uint32_t device_class, const struct cpns_ops *ops,
		   sim_time cpu, sim_time now);

/* Adds the account `from` to another. */
void kind_account_add(struct kind_account *to, const struct kind_account *from);

/* CPU time of all classes, ns. */
uint64_t kind_account_cpu(const struct kind_account *account);

#endif
