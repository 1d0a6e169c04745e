/* The inside of a deployment: every node of a replication and what they lie on. For build.c, balance.c and
 * deployment.c alone. */
#ifndef CPNS_DEPLOYMENT_PARTS_H
#define CPNS_DEPLOYMENT_PARTS_H

#include "models/crypto/crypto.h"
#include "models/deployment/deployment.h"
#include "models/nodes/gw_node.h"
#include "models/nodes/pan_medium.h"
#include "models/nodes/pne_node.h"
#include "models/nodes/server_node.h"
#include "models/nodes/user_node.h"
#include "models/nodes/workload_node.h"
#include "models/store/memory.h"

struct deployment {
	const struct blueprint *blueprint;
	struct topology *drawn; /* NULL where the blueprint has a fixed one */
	const struct topology *topology;
	struct world world;
	struct cpns_crypto *crypto;
	struct memory_store *store;
	enum sim_end end;

	struct workload_node workload;
	struct server_node server;
	struct user_node *user_nodes;
	struct gw_node *gws;
	struct pan_medium *media;
	struct pne_node *pnes;

	/* By device. */
	uint32_t n_devices;
	struct user_device *user_devices;
	/* By PNE; those of a PN GW side by side. */
	struct cpns_gw_entity *known_pnes;
	struct gw_slot *slots;
	uint32_t *pne_entity;
	uint8_t (*pan_sessions)[CPNS_HASH];
	uint8_t (*temporary_keys)[16];
	uint32_t *pne_device;
	/* By PN GW. */
	struct server_link *links;
	uint8_t (*wan_sessions)[CPNS_HASH];
	uint32_t *gateway_entity;
	uint32_t *gateway_device; /* NO_DEVICE where it does not take part */
	/* By user. */
	struct user *users;
	uint8_t (*password_hashes)[CPNS_HASH]; /* of those in place at the start */
};

/* build.c: puts all nodes in place; blueprint, topology, world, crypto and store are there. */
void deployment_build(struct deployment *d);

/* balance.c: what was still pending when a run was drained. */
struct in_flight {
	struct deployment *d;
	uint64_t on[LEGS]; /* messages */
	uint64_t others;   /* events that are neither those nor timers */
};

/* A visitor for sim_engine_drain, with a struct in_flight: counts messages in flight, releases packets. */
void balance_visit(void *in_flight, const struct sim_event *event);

/* After the drain, with the window's end known: do all accounts balance? */
bool balance_check(struct deployment *d, const struct in_flight *flight, GError **error);

#endif
