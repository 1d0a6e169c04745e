/* Looks at a run at the end of every period, so that its course can be told: the engine is run in pieces, up to the
 * end of one period after the other. That makes no event, changes no fingerprint, and makes no run longer. */
#ifndef CPNS_DEPLOYMENT_SAMPLER_H
#define CPNS_DEPLOYMENT_SAMPLER_H

#include "models/deployment/deployment.h"

/* What has been counted from time 0 up to `time`, that included; integrals in ns. */
struct sample {
	sim_time time;
	uint64_t handled; /* events */
	uint64_t put[LEGS], rejected, shed, served;
	unsigned __int128 queue, busy, stalled;    /* of the CPNS Server */
	unsigned __int128 store_queue, store_held; /* of all locks of the key store */
	uint64_t store_busy;
};

struct sampler {
	sim_time period;
	guint most;      /* samples, that of time 0 not counted */
	GArray *samples; /* of struct sample: of time 0, then of the end of each period; the last period may end
			  * early, with the run */
};

void sampler_init(struct sampler *sampler, sim_time period, guint most);
void sampler_clear(struct sampler *sampler);

/* What is looked at. */
struct sampled {
	struct sim_engine *engine;
	const struct ledger *ledger;
	const struct key_store *keys; /* NULL: there is none */
};

/* sim_engine_run, with samples on the way. Where nothing is left to do, the samples end with the period in which
 * something last happened. False with *error where that takes more than `most` periods; *end is set then, too. */
bool sampler_run(struct sampler *sampler, const struct sampled *what, sim_time limit, const volatile int *stop,
		 enum sim_end *end, GError **error);

/* The run has ended by itself, if only with restarts that change nothing still to come: forgets the periods after the
 * last one in which something happened. */
void sampler_trim(struct sampler *sampler);

/* Which period a time lies in, from 0; the times up to its end belong to a period, and 0 to the first. */
guint sampler_period_of(const struct sampler *sampler, sim_time time);

#endif
