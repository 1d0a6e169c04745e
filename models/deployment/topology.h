/* Who is there: PN GWs, their PNEs, and the CPNS Users who own them; drawn anew for each replication, or read from a
 * CSV file. PN GWs, and the PNEs of each, stand in ascending order of their IDs, whatever the order of a file's rows.
 */
#ifndef CPNS_DEPLOYMENT_TOPOLOGY_H
#define CPNS_DEPLOYMENT_TOPOLOGY_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "models/nodes/world.h"
#include "models/protocol/env.h"
#include "sim/kernel/stream.h"
#include "sim/kernel/variate.h"

struct topology_gateway {
	struct cpns_octets id;
	uint64_t number; /* stable, the address of its draws */
	uint32_t user;   /* index of its owner */
	uint32_t first_pne, n_pnes;
	bool smartcard;
	const char *pan, *wan;    /* presets, or NULL: the scenario's */
	const char *device_class; /* of its CPU, or NULL: the scenario's */
};

struct topology_pne {
	struct cpns_octets id;
	uint64_t number;
	uint32_t user;
	bool ui;     /* has a user interface */
	bool secure; /* its PAN is sufficiently secure */
	bool inside; /* the PNE part of a device that is its PN GW too: there is no PAN between them */
	const char *device_class;
};

struct topology {
	struct user *users; /* passwords depend on the ID alone */
	struct topology_gateway *gateways;
	struct topology_pne *pnes; /* those of a PN GW side by side; NULL: forgotten */
	uint32_t n_users, n_gateways, n_pnes;
	const char *server_class; /* or NULL: the scenario's */
	GStringChunk *text;       /* what the pointers above point into */
	GStringChunk *pne_ids;    /* the IDs of `pnes` do, if they were generated; else NULL */
};

/* What a generated topology is drawn from. */
struct topology_shape {
	uint32_t gateways;
	struct sim_variate pnes_per_gateway; /* rounded to nearest, drawn anew while < 0 */
	double ui, secure, smartcard;        /* shares, per PNE, per PN GW, per PN GW */
	uint32_t pnes_max;                   /* a PN GW that draws more is an error of the scenario */
};

/* A new one, drawn from the topology's stream of that replication; or NULL with *error when a number is beyond
 * bounds. PN GW k is "gw:%05u", its PNE i "%05u.%02u", its owner "%05u@cpns.example". */
struct topology *topology_generate(const struct topology_shape *shape, const struct sim_random *random,
				   GError **error);

/* Reads the text of the CSV file `path` (columns id, type, parent, user, ui, secure, smartcard, mode, pan, wan,
 * class). NULL with SIM_SCENARIO_ERROR, which names file, line and column. */
struct topology *topology_parse(const char *path, const char *text, gsize n, GError **error);

void topology_free(struct topology *topology);

/* Forgets the PNEs of a generated topology, once it is known which flow each takes part in: their numbers, users and
 * IDs can be made again, and the rest is the same for all. */
void topology_forget_pnes(struct topology *topology);

/* The ID of PNE number i of PN GW number g in a generated one: its length; it ends with '\0'. */
enum { TOPOLOGY_PNE_ID = 24 };
gsize topology_pne_id(char id[TOPOLOGY_PNE_ID], uint32_t g, uint32_t i);

#define TOPOLOGY_ERROR topology_error_quark()
GQuark topology_error_quark(void);

/* Appends a user with that ID (in `text` already) to an array of struct user. Shared by the two makers. */
void topology_add_user(GArray *users, GStringChunk *text, const char *id);

#endif
