#include "sim/study/slo.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

#include "sim/study/parse.h"
#include "sim/study/precision.h"
#include "sim/study/stats.h"
#include "sim/study/twins.h"

#define EXAMPLE                                                                                             \
	"write, for instance, assignment.latency.p99<=2s or assignment.failure-share<=0.1%%" /* in a format \
											      */

void sim_slo_free(struct sim_slo *slo)
{
	if (slo == NULL)
		return;
	g_free(slo->text);
	g_free(slo->metric);
	g_free(slo->statistic);
	g_free(slo);
}

/* The unit says what it is: a number alone, or a share, is of unit 1. */
static bool parse_limit(const char *text, struct sim_slo *slo)
{
	g_autofree char *r1 = NULL, *r2 = NULL, *r3 = NULL, *r4 = NULL, *r5 = NULL;
	sim_time duration;
	int64_t octets;

	if (sim_parse_factor(text, &slo->limit, &r1) || sim_parse_share(text, &slo->limit, &r2)) {
		slo->unit = "1";
	} else if (sim_parse_duration(text, &duration, &r3)) {
		slo->limit = (double)duration / 1e9;
		slo->unit = "s";
	} else if (sim_parse_frequency(text, &slo->limit, &r4)) {
		slo->unit = "1/s";
	} else if (sim_parse_size(text, &octets, &r5)) {
		slo->limit = (double)octets;
		slo->unit = "B";
	}
	return slo->unit != NULL;
}

struct sim_slo *sim_slo_parse(const char *text, char **reason)
{
	const char *sign = strpbrk(text, "<>");
	struct sim_slo *slo = g_new0(struct sim_slo, 1);

	slo->text = g_strdup(text);
	if (sign == NULL || sign[1] != '=') {
		*reason = g_strdup_printf("\"%s\" has no <= or >=: " EXAMPLE, text);
		sim_slo_free(slo);
		return NULL;
	}
	g_autofree char *name = g_strstrip(g_strndup(text, (gsize)(sign - text)));
	g_autofree char *limit = g_strstrip(g_strdup(sign + 2));

	slo->at_most = *sign == '<';
	if (!sim_metric_split(name, &slo->metric, &slo->statistic))
		*reason = g_strdup_printf("\"%s\" is not the name of a metric: " EXAMPLE, name);
	else if (!parse_limit(limit, slo))
		*reason = g_strdup_printf("\"%s\" is no limit: " EXAMPLE, limit);
	else
		return slo;
	sim_slo_free(slo);
	return NULL;
}

static const struct sim_row *find(const struct sim_record *record, const char *metric, const char *statistic)
{
	const struct sim_row key = {"all", "all", metric, statistic, "", 0};

	return sim_record_find(record, &key);
}

const struct sim_row *sim_slo_row(const struct sim_record *record, const char *metric, const char *statistic)
{
	const struct sim_row *row = find(record, metric, statistic != NULL ? statistic : "total");

	return row != NULL || statistic != NULL ? row : find(record, metric, "mean");
}

/* Has the metric any row of that run? */
static bool is_known(const struct sim_record *record, const char *metric)
{
	for (guint i = 0; i < record->rows->len; i++)
		if (strcmp(g_array_index(record->rows, struct sim_row, i).metric, metric) == 0)
			return true;
	return false;
}

static double score_of(const struct sim_slo *slo, double mean)
{
	double x = MAX(mean, 1e-12), limit = MAX(slo->limit, 1e-12);

	return slo->at_most ? log(x / limit) : log(limit / x);
}

static struct sim_capacity_look look_at(const struct sim_slo *slo, const double *values, size_t n, bool deterministic,
					double error_pass, double error_fail)
{
	bool varies = false;

	for (size_t i = 1; i < n; i++)
		varies = varies || values[i] != values[0];
	double mean = varies ? gsl_stats_mean(values, 1, n) : values[0];
	double standard = varies ? sqrt(gsl_stats_variance(values, 1, n) / (double)n) : 0;
	double beyond = slo->at_most ? mean - slo->limit : slo->limit - mean; /* > 0: does not meet it */
	double pass = n >= 2 ? sim_student_factor_at(n, 1 - 2 * error_pass) * standard : 0;
	double fail = n >= 2 ? sim_student_factor_at(n, 1 - 2 * error_fail) * standard : 0;
	struct sim_capacity_look look = {SIM_CAPACITY_UNSURE, score_of(slo, mean)};

	if (!deterministic && n < SIM_ENOUGH_REPLICATIONS)
		return look;
	if (beyond + pass <= 0)
		look.judgement = SIM_CAPACITY_PASSES;
	else if (beyond - fail > 0)
		look.judgement = SIM_CAPACITY_FAILS;
	return look;
}

/* All have to pass, one is enough to fail. */
static void join(struct sim_capacity_look *all, const struct sim_capacity_look *one)
{
	if (all->judgement == SIM_CAPACITY_FAILS || one->judgement == SIM_CAPACITY_FAILS)
		all->judgement = SIM_CAPACITY_FAILS;
	else if (one->judgement == SIM_CAPACITY_UNSURE)
		all->judgement = SIM_CAPACITY_UNSURE;
	all->score = isnan(all->score) ? one->score : MAX(all->score, one->score);
}

/* The values of the first n replications; false if one has none. */
static bool take_values(const struct sim_slo *slo, const struct sim_cell *cell, guint n, double *values)
{
	for (guint i = 0; i < n; i++) {
		const struct sim_job *job = g_ptr_array_index(cell->jobs, i);
		const struct sim_row *row =
		    job->state == SIM_JOB_FINISHED ? sim_slo_row(&job->record, slo->metric, slo->statistic) : NULL;

		if (row == NULL)
			return false;
		values[i] = row->value;
	}
	return true;
}

/* Of what a scenario has not, no run has anything. */
static bool check_all(const GPtrArray *slos, const struct sim_cell *cell, GError **error)
{
	g_autoptr(GPtrArray) finished = sim_cell_finished(cell);

	if (cell->number > 0 || finished->len == 0)
		return true;
	for (guint k = 0; k < slos->len; k++) {
		const struct sim_slo *slo = g_ptr_array_index(slos, k);
		bool known = false;

		for (guint i = 0; i < finished->len && !known; i++)
			known =
			    is_known(&((const struct sim_job *)g_ptr_array_index(finished, i))->record, slo->metric);
		if (known)
			continue;
		g_set_error(error, SIM_SCENARIO_ERROR, 0,
			    "--slo '%s': runs of this scenario have no such metric: ask for another, or for another "
			    "scenario",
			    slo->text);
		return false;
	}
	return true;
}

bool sim_slo_judge(const GPtrArray *slos, const struct sim_cell *cell, guint n, double error,
		   struct sim_capacity_look *look, GError **error_out)
{
	g_autofree double *values = g_new(double, n);
	bool deterministic = sim_cell_is_deterministic(cell);

	if (!check_all(slos, cell, error_out))
		return false;
	*look = (struct sim_capacity_look){SIM_CAPACITY_PASSES, NAN};
	for (guint k = 0; k < slos->len; k++) {
		const struct sim_slo *slo = g_ptr_array_index(slos, k);
		struct sim_capacity_look one = {SIM_CAPACITY_FAILS, NAN};

		if (take_values(slo, cell, n, values))
			one = look_at(slo, values, n, deterministic, error, error / slos->len);
		join(look, &one);
	}
	return true;
}
