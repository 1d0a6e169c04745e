/* What the nodes of a run share: the engine, the generator, the rules, the packets in flight, and the ledger that
 * they write into. Nodes influence each other by events. What else of this changes is for the machine that is being
 * called (`drawing`), for the results alone (most of the ledger, `diverged`, `agrees`), or the ledger's account of
 * who works on an assignment, by which its end is known: that one belongs to the household of a PN GW, which must
 * stay in one piece where a run is cut along WAN links. */
#ifndef CPNS_NODES_WORLD_H
#define CPNS_NODES_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "models/nodes/hop_counts.h"
#include "models/nodes/ledger.h"
#include "models/nodes/packet.h"
#include "models/protocol/env.h"
#include "models/protocol/out.h"
#include "models/protocol/rules.h"
#include "sim/kernel/engine.h"
#include "sim/kernel/stream.h"
#include "sim/kernel/variate.h"

/* What draws are for; with the fields of struct sim_address they are unique (see the functions that use them). */
enum purpose {
	PURPOSE_TOPOLOGY = 1,
	PURPOSE_ARRIVAL,
	PURPOSE_PROTOCOL, /* nonces, keys, jitter: `type` is enum cpns_draw */
	PURPOSE_PAN_UP,
	PURPOSE_PAN_DOWN,
	PURPOSE_WAN_UP,
	PURPOSE_WAN_DOWN,
	PURPOSE_SERVICE,
	PURPOSE_PAN_SESSION,
	PURPOSE_WAN_SESSION,
	PURPOSE_TEMPORARY_KEY,
	PURPOSE_SERVER_SECRET,
	PURPOSE_RESTART,
	PURPOSE_PAN_MEDIUM, /* bursts and outages of a PAN */
	PURPOSE_WAN_UP_HOP, /* bursts of a way of a WAN link */
	PURPOSE_WAN_DOWN_HOP,
	PURPOSE_WAN_LINK, /* outages of both ways */
	PURPOSE_WAKING,
	PURPOSE_STORE_READ,
	PURPOSE_STORE_WRITE,
	PURPOSE_STORE_FLUSH,
	PURPOSE_TYPING,
	PURPOSE_SURGE,
};

/* Kinds of events, of all nodes. The payload is a packet, an assignment or a number of the receiver's own. */
enum node_event {
	EVENT_ARRIVAL = 1,    /* user: an assignment for device `payload` is wanted */
	EVENT_NEXT,           /* workload: the next arrival is due */
	EVENT_START,          /* PN GW, PNE: the user begins assignment `payload` */
	EVENT_REGISTER,       /* PN GW: the user registers for assignment `payload` first */
	EVENT_REGISTERED,     /* user: that went well */
	EVENT_NOT_REGISTERED, /* user: that failed */
	EVENT_ENDED,          /* user: the assignment of device `payload` has completed or failed */
	EVENT_TIMER,          /* PN GW, PNE: a deadline has come */
	EVENT_RESTART,        /* PN GW, PNE, CPNS Server: it restarts */
	EVENT_SEND_UP,        /* PAN: a packet from a PNE */
	EVENT_SEND_DOWN,      /* PAN: a packet from the PN GW */
	EVENT_FROM_PAN,       /* PN GW, PNE: a packet has arrived over the PAN */
	EVENT_LEAVE,          /* PN GW: a packet is ready for the WAN */
	EVENT_FROM_WAN,       /* PN GW, CPNS Server: a packet has arrived over the WAN */
	EVENT_DONE,           /* CPNS Server: a worker has finished, with packet `payload` or none */
	EVENT_WAKE,           /* PN GW, PNE: device `payload` wakes up to use its key */
	EVENT_WANTS_USE,      /* user: device `payload` is awake and has a key to use */
	EVENT_WANTS_KEY,      /* user: device `payload` is awake and has none to use */
	EVENT_USE,            /* PN GW, PNE: begin use `payload` */
	EVENT_INSIDE,         /* PN GW, PNE: a packet has come from the other part of the same device */
	EVENT_COMPUTED,       /* CPNS Server: the work of number `payload` is computed, and goes to the key store */
	EVENT_TYPE_AGAIN,     /* user: types the Entity ID for assignment `payload` anew */
};

/* A device that takes part: a PNE or a PN GW, and where it hangs. Half a cache line: there may be millions, and every
 * event looks at one. */
struct device {
	uint64_t number;  /* its stable number in the topology: the address of its draws */
	uint32_t user;    /* index of the user who acts in its flow */
	uint32_t gateway; /* index of its PN GW; its own if it is one */
	uint32_t pne;     /* its number at that PN GW; CPNS_GW_SELF if it is a PN GW */
	uint32_t entity;  /* in the engine */
	uint32_t counts;  /* of its messages at hops; 0: none (hop_counts.h) */
	uint8_t flow;     /* enum flow */
	bool diverged;    /* counted already */
	bool agrees;      /* with the server, when last judged; no machine was called about it since */
};
_Static_assert(sizeof(struct device) == 32, "none lies in two cache lines");

/* A message that a machine has handled: octets in, what it made of them, and what it says in return. */
struct observation {
	sim_time time;
	enum node_kind kind;
	uint32_t device, gateway; /* whom it is about; the PN GW that it passed, or is */
	const uint8_t *in;
	size_t in_n;
	enum cpns_verdict verdict;
	const struct cpns_out *out;
	const uint8_t *eukey; /* that this machine holds of the device now; NULL: none, or the CPNS Server */
};

/* Somebody who watches a run and changes nothing in it, such as a test. */
struct observer {
	void *self;
	void (*handled)(void *self, const struct observation *seen);
	/* The CPNS Server has drawn a new EUKey, or the secret of a set, for the device of that number. */
	void (*created)(void *self, uint64_t device, const uint8_t key[CPNS_HASH]);
	/* The CPNS Server has restarted: the answers that it has given are forgotten. */
	void (*restarted)(void *self);
};

/* When the nodes of a kind restart (node_restart.h). */
struct node_restarts {
	const struct sim_variate *interval; /* lent */
	struct node_restart *of;            /* by PN GW, by PNE's device, one; NULL: they do not */
};

enum { WORLD_FETCHES = 6 };

struct waking;
struct typing;

/* A CPNS User: what is typed. */
struct user {
	struct cpns_octets id, password;
};

struct world {
	struct sim_engine *engine;
	struct sim_random random;
	const struct cpns_rules *rules;
	struct packets packets;
	struct hop_counts counts;
	struct ledger ledger;
	struct device *devices; /* by index */
	const struct user *users;
	uint32_t first_user_entity;              /* in the engine; the others follow in the order of `users` */
	struct waking *wakings;                  /* by device; NULL: keys are not used */
	const struct sim_variate *wake_interval; /* lent; valid if they are */
	const struct typing *typing;             /* lent; NULL: the PN GW knows the Entity IDs of its PNEs */
	struct node_restarts restarts[KINDS];
	const struct observer *observer; /* lent; NULL: nobody watches */

	/* The one environment of all machines; `drawing` says for whom the machine that is being called draws. */
	struct cpns_env env;
	struct {
		uint64_t entity, item; /* of the addresses of its draws */
	} drawing;

	/* Called when an assignment of a device begins: everything that it will need must be there. */
	void (*begin)(void *context, uint32_t device);
	/* Called when an assignment completes or fails: do its entity and the server agree? */
	void (*judge)(void *context, uint32_t assignment);
	/* Called in WORLD_FETCHES steps before an assignment of a device is wanted: asks for memory that it will
	 * need, each step for what can only be found once the one before is there. Changes nothing. */
	void (*fetch)(void *context, uint32_t device, unsigned step);
	void *context;
};

/* Lets the observer see it, if there is one. */
void world_observe(const struct world *world, const struct observation *seen);

/* To be called before a machine is, about a device (an index): its draws are those of node `node` (a stable number)
 * about that one. */
void world_draws_for(struct world *world, uint64_t node, uint32_t device);

/* The user who acts for that device, as an entity. */
uint32_t world_user_of(const struct world *world, uint32_t device);

/* The environment's generator: struct cpns_env's `random`, with the world as host. */
void world_random(void *host, enum cpns_draw what, uint32_t exchange, uint16_t index, uint8_t *out, size_t n);

/* A new assignment, with the user at work on it (ledger_start); the k-th use of a key (ledger_start_use). */
uint32_t world_begin(struct world *world, uint32_t device, uint32_t ordinal);
uint32_t world_begin_use(struct world *world, uint32_t device, uint32_t k);

/* `worker` works on an assignment (NO_ASSIGNMENT: nothing is done) or no longer does; when that makes it fail, judges
 * and tells the user. `sender`: the entity that calls. */
void world_working(struct world *world, uint32_t assignment, enum worker worker, bool active, uint32_t sender);

/* The key of an assignment is stored at `at`; when that completes it, judges and tells the user. */
void world_stored(struct world *world, uint32_t assignment, sim_time at, uint32_t sender);

#endif
