/* What a CPNS User types as a PNE's Entity ID in 6.3.2.2 (comment C274), and how he goes wrong: one character, picked
 * uniformly among letters and digits, becomes another one of its class (digit, small letter, capital), each as
 * likely. The ID that comes of it may be nobody's, another PNE's of the same user, or somebody else's.
 *
 * Draws are addressed by device, assignment and try: no other device and no loss moves them. */
#ifndef CPNS_NODES_TYPING_H
#define CPNS_NODES_TYPING_H

#include "models/nodes/world.h"
#include "models/protocol/msg.h"

/* How users type: shared by a run. */
struct typing {
	double typo;              /* share of typed Entity IDs with a typo */
	uint32_t tries;           /* of an assignment, > 0; after that many typos the user gives up */
	struct sim_variate pause; /* from the end of what a typo has led to, to the next try */
};

/* Does try number `try` (from 1) at that assignment go wrong? Then typed[0..id.n) is what stands there; otherwise it
 * is left alone. An ID without letters and digits is always typed right. */
bool typing_slips(const struct world *world, uint32_t assignment, uint32_t try, struct cpns_octets id,
		  uint8_t typed[CPNS_ID_MAX]);

/* How long it takes the user to type again after try number `try`. */
sim_time typing_pause(const struct world *world, uint32_t assignment, uint32_t try);

#endif
