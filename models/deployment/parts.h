/* The inside of a deployment: every node of a replication and what they lie on. For build.c, balance.c and
 * deployment.c alone. */
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

/* A PNE that takes part, built when something first happens to it. Members lie one after the other in that order:
 * those that are at work at the same time share their pages, and each is written for the first time when it is
 * needed. */
struct member {
	struct pne_node node;
	uint8_t secret[CPNS_HASH];        /* what its PAN is secured by, or its Temporary Key */
	const struct cpns_entity *record; /* what the server knows of it */
};

enum {
	CACHE_LINE = 64,
	MEMBERS = 256, /* in a block; they never move */
};

/* A PN GW and its PAN, built when something first happens to one of them or to a PNE there. In one piece of memory;
 * an assignment touches as few lines of it as can be. */
struct household {
	_Alignas(CACHE_LINE) struct gw_node gw;
	struct pan_medium medium;
	uint8_t wan_secret[CPNS_HASH];
	const struct cpns_entity *record; /* what the server knows of the PN GW */
	const struct cpns_user *owner;    /* and of its user; NULL: nobody has asked for it here yet */
	/* By PNE, those that take part. */
	struct cpns_gw_entity *known;
	struct member **members; /* NULL: nothing has happened to it yet */
	struct gw_slot *slots;
};

struct deployment {
	const struct blueprint *blueprint;
	struct topology *drawn; /* NULL where the blueprint has a fixed one */
	const struct topology *topology;
	struct world world;
	struct sim_arena *memory; /* households, members and records lie in it */
	struct cpns_crypto *crypto;
	struct memory_store *store;
	enum sim_end end;
	uint64_t draws;         /* blocks of random words, since the topology was there */
	sim_time warmup;        /* 0: none */
	struct sampler sampler; /* no samples: nobody asks for any */

	struct workload_node workload, surge;
	struct server_node server;
	struct user_node *user_nodes;

	struct cpns_pne_account *accounts;
	uint32_t accounts_left; /* room for so many more */

	/* In order of building. */
	uint32_t n_members;
	GPtrArray *member_blocks; /* of MEMBERS each, in `memory` */

	/* By device. */
	uint32_t n_devices;
	struct user_device *user_devices;
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

/* Number k of those built so far. */
static inline struct member *deployment_member(const struct deployment *d, uint32_t k)
{
	return (struct member *)g_ptr_array_index(d->member_blocks, k / MEMBERS) + k % MEMBERS;
}

/* Has a device built, as far as that has not happened yet. */
void deployment_build_device(struct deployment *d, uint32_t device);

/* How many PNEs of that PN GW take part. */
uint32_t deployment_n_pnes(const struct deployment *d, uint32_t gateway);

/* balance.c: what was still pending when a run was drained. */
struct in_flight {
	struct deployment *d;
	uint64_t on[LEGS];  /* messages */
	uint64_t at_server; /* messages that wait there or are in service */
	uint64_t others;    /* events that are neither those nor timers */
};

/* A visitor for sim_engine_drain, with a struct in_flight: counts messages in flight, releases packets. */
void balance_visit(void *in_flight, const struct sim_event *event);

/* After the drain, with the window's end known: do all accounts balance? */
bool balance_check(struct deployment *d, const struct in_flight *flight, GError **error);

#endif
