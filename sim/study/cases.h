/* The cases of a result folder: each config with each of its iterations, as far as there are results. */
#ifndef SIM_STUDY_CASES_H
#define SIM_STUDY_CASES_H

#include "sim/study/factor.h"
#include "sim/study/model.h"
#include "sim/study/stats.h"

struct archive_case {
	const char *config, *iteration;
	char *label;     /* "Config, a=1, b=2": what tells it from the others; "" if there is no other */
	GPtrArray *runs; /* of const struct sim_archive_run: the finished ones, at least one */
	guint at;        /* of its iteration in the archive */
};

/* Of struct archive_case, in the order of the runs, or by value where a value was sought; g_ptr_array_unref. */
GPtrArray *cases_find(const struct sim_archive *archive, const GPtrArray *factors);

/* The value of a headline in a case and a flow, with its interval; false where there is none. *unit is the one to
 * show it in. */
bool case_headline(const struct sim_archive *archive, const struct archive_case *c, const struct sim_headline *line,
		   const char *flow, struct sim_estimate *estimate, const char **unit);

/* The flows that a case has estimates of, `all` first; of const char *, g_ptr_array_unref. */
GPtrArray *case_flows(const struct sim_archive *archive, const struct archive_case *c);

#endif
