/* One direction of a link, or a medium that several senders share: a decision without events of its own. A message is
 * cut into fragments of at most `mtu` octets, each with `overhead` octets of framing and each a loss opportunity of
 * its own; the fragments leave one after the other at `rate`, after whatever was admitted before them; the message
 * arrives one latency after its last fragment has left, or never. What is lost in the air has still used the air. */
#ifndef CPNS_NETWORK_HOP_H
#define CPNS_NETWORK_HOP_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/kernel/stream.h"
#include "sim/kernel/variate.h"
#include "sim/kernel/vtime.h"

/* The figures of a hop; shared by all hops of a profile and never changed during a run. */
struct hop_figures {
	struct sim_variate latency; /* one way, ns; drawn once per message */
	double rate;                /* bit/s; 0: unlimited */
	double loss;                /* per fragment, 0 to 1, independent */
	uint32_t mtu;               /* octets of message in a fragment; 0: unlimited */
	uint32_t overhead;          /* octets of framing per fragment */
	uint32_t preset;            /* number of the preset that they come from, for accounts; no hop reads it */
};

/* The state of a hop: when it is next free to send. */
struct hop {
	sim_time busy_until;
};

/* The fragments of a message of `length` octets. */
uint32_t hop_frames(const struct hop_figures *figures, uint32_t length);

/* Settles the fate of a message of `length` > 0 octets offered at `now`: true and when it arrives, or false when it
 * is lost. *on_air is the octets with framing that it put on the air. The draws are addressed by `where` in the
 * generator of the run; its `part` is set here: the number of the fragment for its loss, 65535 for the latency (more
 * fragments are a mistake: asserted). A constant latency and a loss of 0 or 1 draw nothing. */
bool hop_admit(struct hop *hop, const struct hop_figures *figures, const struct sim_random *random,
	       const struct sim_address *where, sim_time now, uint32_t length, sim_time *arrival, uint64_t *on_air);

#endif
