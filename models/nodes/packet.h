/* A protocol message on its way: the octets, and beside them, never in them, what the simulation must know of it. */
#ifndef CPNS_NODES_PACKET_H
#define CPNS_NODES_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/msg.h"
#include "sim/kernel/pool.h"
#include "sim/kernel/vtime.h"

struct packet {
	uint32_t assignment; /* number in the ledger */
	uint32_t device;     /* index: whose assignment that is */
	uint32_t pne;        /* the PNE at its PN GW, for the PAN */
	uint32_t gateway;    /* number of the PN GW, for the WAN */
	uint16_t attempt;    /* how many of its kind the hop it crosses had been given before */
	uint16_t length;
	uint8_t type;
	bool copy;               /* made by a hop, by duplication */
	bool again;              /* an answer that has been given before */
	uint16_t life;           /* of the CPNS Server that made it: how often that had restarted */
	sim_time until;          /* when its originator stops waiting for this attempt; SIM_NEVER: unknown */
	uint8_t *longer;         /* the octets of a long message, g_malloc'ed; or NULL */
	uint8_t bytes[256 - 48]; /* else these */
};
_Static_assert(sizeof(struct packet) == 256, "whole cache lines: what is looked at first is in the first");

struct world;

/* The packets of a run. */
struct packets {
	struct sim_pool *pool;
	struct world *world;
};

void packets_init(struct packets *packets, struct world *world);
void packets_clear(struct packets *packets);

/* A packet with a copy of bytes[0..length), an encoded message; the handle is the caller's to pass on or release. */
uint32_t packet_new(struct packets *packets, uint32_t assignment, const uint8_t *bytes, uint16_t length);

/* Another packet of the same content, marked as a copy; the handle is the caller's. */
uint32_t packet_copy(struct packets *packets, uint32_t handle);
void packet_release(struct packets *packets, uint32_t handle);

struct packet *packet_at(const struct packets *packets, uint32_t handle);
const uint8_t *packet_bytes(const struct packet *packet);

#endif
