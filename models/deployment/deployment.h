/* A deployment: the nodes of one replication, built from a blueprint and a topology, run, and settled. */
#ifndef CPNS_DEPLOYMENT_DEPLOYMENT_H
#define CPNS_DEPLOYMENT_DEPLOYMENT_H

#include <glib.h>

#include "models/deployment/blueprint.h"
#include "models/nodes/world.h"
#include "sim/kernel/engine.h"
#include "sim/study/model.h"
#include "sim/study/record.h"

struct deployment;

/* All nodes of one replication in place, nothing begun. NULL with *error. The caller's to free. */
struct deployment *deployment_new(const struct blueprint *blueprint, const struct sim_random *random, GError **error);

/* The same for a run: with its warm-up in place of the blueprint's. A pilot has its cryptography counted, whatever
 * the blueprint says: the timeline is the same in both modes, and half of the time is saved. */
struct deployment *deployment_new_of(const struct blueprint *blueprint, const struct sim_run *run, GError **error);
void deployment_free(struct deployment *deployment);

/* Lets somebody watch the run; before it. */
void deployment_observe(struct deployment *deployment, const struct observer *observer);

/* The devices that take part, by index: valid as long as the deployment. */
const struct device *deployment_devices(const struct deployment *deployment, uint32_t *n);

/* Runs it to its end (once), drains what is still pending, and checks that its accounts balance: false with *error
 * names the balance that does not. */
bool deployment_run(struct deployment *deployment, const volatile int *stop, GError **error);

/* After the run: everything that was measured. */
void deployment_record(const struct deployment *deployment, struct sim_record *record);

/* After a pilot: how it ended, and the observations that sim_run wants. */
void deployment_hand_over(const struct deployment *deployment, struct sim_record *record, GPtrArray *sequences);

/* After the run: how it ended, the observation window, and what metrics.c reads. */
struct deployment_result {
	enum sim_end end;
	sim_time begin, finish; /* of the observation window; both 0: nothing arrived */
	const struct ledger *ledger;
	const struct blueprint *blueprint;
	const struct key_store *keys; /* NULL: it takes no time */
	bool takes_part[FLOWS];
	uint64_t keys_issued;  /* by the server, for whatever assignment; a set counts once */
	uint64_t cells[KINDS]; /* keys of sets that holders of that kind held at most */
};
struct deployment_result deployment_result(const struct deployment *deployment);

/* Turns a result into rows (metrics.c). */
void metrics_record(const struct deployment_result *result, struct sim_record *record);

/* What there can be of module and flow `all` (metrics_known.c), up to a row without name. */
extern const struct sim_known_metric metrics_known[];

/* The key store's part of that (metrics_store.c). */
void metrics_record_store(const struct deployment_result *result, struct sim_record *record);

#define DEPLOYMENT_ERROR deployment_error_quark()
GQuark deployment_error_quark(void);

#endif
