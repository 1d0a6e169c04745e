/* One direction of a link, or a medium that several senders share: a decision without events of its own. A message is
 * cut into fragments of at most `mtu` octets, each with `overhead` octets of framing and each a loss opportunity of
 * its own at the time when it has left; the fragments leave one after the other at `rate`, after whatever was
 * admitted before them; the message arrives one latency after its last fragment has left, or never. What is lost in
 * the air has still used the air.
 *
 * A hop can have faults: messages that arrive twice, that are held back so that later ones overtake them, that find
 * too many waiting, or that begin to be sent during an outage. */
#ifndef CPNS_NETWORK_HOP_H
#define CPNS_NETWORK_HOP_H

#include <stdbool.h>
#include <stdint.h>

#include "models/network/burst.h"
#include "models/network/outage.h"
#include "sim/kernel/stream.h"
#include "sim/kernel/variate.h"
#include "sim/kernel/vtime.h"

/* All 0: none. */
struct hop_faults {
	double duplication;                  /* share of the messages that arrive which arrive once more */
	double reordering;                   /* share of those which are held back */
	struct sim_variate reordering_delay; /* for how long, beyond the latency; ns */
	bool queue_limited;
	uint32_t queue_limit; /* messages that may wait for the transmitter; the next one is lost */
	struct outage_figures outages;
};

/* The figures of a hop; shared by all hops of a profile and never changed during a run. */
struct hop_figures {
	struct sim_variate latency; /* one way, ns; drawn once per message */
	double rate;                /* bit/s; 0: unlimited */
	double loss;                /* per fragment, 0 to 1 */
	uint32_t mtu;               /* octets of message in a fragment; 0: unlimited */
	uint32_t overhead;          /* octets of framing per fragment */
	uint32_t preset;            /* number of the preset that they come from, for accounts; no hop reads it */
	struct burst burst;         /* losses come in bursts, or independent */
	struct hop_faults faults;
};

/* The step of a chain of bursts on a hop of these figures: how long a full fragment takes to leave; 1 ms where rate
 * or MTU are unlimited. */
sim_time hop_step(const struct hop_figures *figures);

/* The state of a hop; all 0 at time 0. */
struct hop {
	sim_time busy_until;       /* when it is next free to send */
	struct hop_memory *memory; /* of outages and of who waits; made when there is something to remember */
};

void hop_clear(struct hop *hop);

/* Added to the purpose of a message's draws: those of its duplication and reordering. */
#define HOP_FAULTS 0x80

/* Where the draws for a message lie in the generator of the run. */
struct hop_draws {
	const struct sim_random *random;
	struct sim_address message; /* of the message at this hop; `part` is set here, `purpose` < HOP_FAULTS */
	uint8_t own;                /* purpose of the draws about the hop itself, which is message.entity's */
	uint8_t link;               /* of those about the link that it is one way of: its outages */
};

/* What becomes of a message. */
struct hop_fate {
	bool arrives, arrives_again;
	sim_time arrival, second_arrival; /* if it does */
	uint32_t frames;                  /* put on the air; 0: found too many waiting */
	uint64_t octets;                  /* the same, framing included */
	uint32_t heard_frames;            /* of those, what gets through, even if it is not all */
	uint64_t heard_octets;
};

/* Settles the fate of a message of `length` > 0 octets offered at `now`, which must not lie before the time of the
 * message before. Draws: of the message, at the number of the fragment for its independent loss, at part 65535 for
 * the latency (more fragments are a mistake: asserted); with HOP_FAULTS, at part 0 whether it arrives again and that
 * copy's latency, at part 1 whether it is held back and for how long; of the hop, part 0 for bursts and 1 for
 * outages. A constant latency and shares of 0 draw nothing; a copy is not held back. */
struct hop_fate hop_admit(struct hop *hop, const struct hop_figures *figures, const struct hop_draws *draws,
			  sim_time now, uint32_t length);

#endif
