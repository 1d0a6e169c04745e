/* The inside of a deployment: every node of a replication and what they lie on. For build.c, balance.c and
 * deployment.c alone.
 *
 * Millions of PNEs are a matter of octets. What a PNE takes after a storm in which every device takes its key
 * (models/bench/city.ini, 5 PNEs to a PN GW: a fifth of its PN GW and user included; sizes times counts):
 *
 *   topology                   29   of a PN GW and its user; a generated PNE is forgotten once its flow is known
 *   devices, users' state      48   32 and 4 a device, 24 a user
 *   engine, links, places      48   16 an entity, 96 a link
 *   households                176   832 for one of 5 PNEs (64 + 12 + 8 each), and their IDs
 *   PNEs at rest              118   80, and 32 or 16 of a secret; 80 of an account in 6.3.2.1
 *   the server's records      165   112 an entity, 56 a user, and tables of 8 a place
 *   answers kept for 247 s     74   166 each
 *   ledger                     53   32 an assignment, 8 a message at the server
 *   the process               ~10   as a whole: libraries, pools of what is under way
 *
 * That is 721 of the 733 that /usr/bin/time -v says for 1 000 000 (real mode). It was 1 213 while all PNEs stayed up,
 * records had room for two keys, and results were made with all nodes still there. What is not done: a household
 * could lie down too, and would have to be built again for each assignment. */
#ifndef CPNS_DEPLOYMENT_PARTS_H
#define CPNS_DEPLOYMENT_PARTS_H

#include "models/crypto/crypto.h"
#include "models/deployment/deployment.h"
#include "models/deployment/sampler.h"
#include "models/nodes/gw_node.h"
#include "models/nodes/pan_medium.h"
#include "models/nodes/pne_node.h"
#include "models/nodes/server_node.h"
#include "models/nodes/user_node.h"
#include "models/nodes/waking.h"
#include "models/nodes/workload_node.h"
#include "models/store/memory.h"
#include "sim/kernel/arena.h"

struct up;

/* A PNE that takes part, built when something first happens to it: what lasts of it. Its node is there while it is up
 * (nodes_up.c). */
struct member {
	const struct cpns_entity *record; /* what the server knows of it */
	uint32_t assignment;              /* of its node, while it is not up */
	bool up;
	union {
		struct up *node;           /* if it is up */
		struct cpns_pne_rest rest; /* if not */
	};
	uint8_t secret[]; /* what its PAN is secured by, CPNS_HASH octets, or its Temporary Key; or none */
};

/* The nodes of PNEs that are up, and those for others. */
struct nodes_up {
	struct up *first, *last; /* who has been up the longest comes first */
	struct up *free;
};

/* A PN GW and its PAN, built when something first happens to one of them or to a PNE there. In one piece of memory,
 * from a cache line on; an assignment touches as few of them as can be. */
struct household {
	struct gw_node gw;
	struct pan_medium medium;
	uint8_t wan_secret[CPNS_HASH];
	const struct cpns_entity *record; /* what the server knows of the PN GW */
	const struct cpns_user *owner;    /* and of its user; NULL: nobody has asked for it here yet */
	struct member **members;          /* by PNE, those that take part; NULL: nothing has happened to it yet */
};

struct deployment {
	const struct blueprint *blueprint;
	struct topology *drawn; /* NULL where the blueprint has a fixed one */
	const struct topology *topology;
	struct world world;
	struct sim_arena *memory; /* households, members and records lie in it; NULL: the run is over */
	uint64_t cells[KINDS];    /* of sets, counted when it is */
	struct cpns_crypto *crypto;
	struct memory_store *store;
	enum sim_end end;
	uint64_t draws;         /* blocks of random words, since the topology was there */
	sim_time warmup;        /* 0: none */
	struct sampler sampler; /* no samples: nobody asks for any */

	struct workload_node workload, surge;
	struct server_node server;
	struct user_context users;
	struct user_node *user_nodes;

	struct nodes_up up;
	char *cut; /* memory for members, of which so much is left */
	gsize cut_left;

	/* By device. */
	uint32_t n_devices;
	struct waking *wakings; /* NULL: keys are not used */
	/* By PN GW. */
	struct household **households; /* NULL: nothing has happened there yet */
	struct server_link *links;
	uint32_t *gateway_entity;
	uint32_t *first_device; /* the PN GW if it takes part, then its PNEs */
};

/* build.c: gives every node its place in the engine, and builds each when something first happens to it; blueprint,
 * topology, world, crypto and store are there. */
void deployment_build(struct deployment *d);

/* Has a device built, as far as that has not happened yet. */
void deployment_build_device(struct deployment *d, uint32_t device);

/* How many PNEs of that PN GW take part. */
uint32_t deployment_n_pnes(const struct deployment *d, uint32_t gateway);

/* nodes_up.c */

/* The node of a PNE that is at rest, in its place in the engine, as it was before. Lets others lie down, so that no
 * PNE's node may be in use when this is called. */
struct pne_node *nodes_up_get(struct deployment *d, struct member *member, uint32_t device, struct cpns_octets id,
			      const struct cost_profile *profile);

/* The node of a PNE, if it is up; or NULL. */
struct pne_node *nodes_up_of(const struct member *member);

/* balance.c: what was still pending when a run was drained. */
struct in_flight {
	struct deployment *d;
	uint64_t on[LEGS];  /* messages */
	uint64_t at_server; /* messages that wait there or are in service */
	uint64_t others;    /* events that are neither those nor restarts */
};

/* A visitor for sim_engine_drain, with a struct in_flight: counts messages in flight, releases packets. */
void balance_visit(void *in_flight, const struct sim_event *event);

/* After the drain, with the window's end known: do all accounts balance? */
bool balance_check(struct deployment *d, const struct in_flight *flight, GError **error);

#endif
