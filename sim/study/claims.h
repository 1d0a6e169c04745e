/* What a comparison states: of each couple (comparison.h) the differences in the model's headline metrics, and which
 * of all these hold together (holm.h). */
#ifndef SIM_STUDY_CLAIMS_H
#define SIM_STUDY_CLAIMS_H

#include "sim/study/comparison.h"
#include "sim/study/summary.h"

struct sim_claim {
	const struct sim_headline *what;
	const struct sim_couple *couple; /* one of the claims' couples */
	const char *flow, *unit;         /* interned; unit: of the metric in results */
	struct sim_paired paired;
	double adjusted; /* paired.p, by Holm's procedure over all claims */
};

struct sim_claims {
	GArray *couples; /* of struct sim_couple */
	GArray *claims;  /* of struct sim_claim: by couple, flow (`all` first) and line of the headline */
};

/* All that the campaign and the summary lend has to outlive the claims. Of all flows together; and, where the
 * campaign has a single iteration, of each flow that the first config has, if there are several. */
struct sim_claims *sim_claims_new(const struct sim_campaign *campaign, const GArray *summary);
void sim_claims_free(struct sim_claims *claims);

/* Is it a difference that may be claimed together with all others, at SIM_CONFIDENCE? */
bool sim_claim_holds(double adjusted);

/* The text of claims.csv; g_string_free. */
GString *sim_claims_csv(const struct sim_claims *claims);

#endif
