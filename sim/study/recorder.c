#include "sim/study/recorder.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/study/journal.h"
#include "sim/study/recall.h"
#include "sim/study/results.h"
#include "sim/study/status.h"
#include "sim/study/summary.h"
#include "sim/study/twins.h"
#include "sim/study/wall.h"

#define SECOND INT64_C(1000000000)
#define TABLES_NS (20 * SECOND) /* tables of a campaign on its way are not older than this, */
#define TABLES_SHARE 50         /* or than so many times what writing them takes */
#define STATUS_NS SECOND
#define MANY 20 /* failures or warnings that are told one by one */

G_DEFINE_QUARK(sim_recorder_error_quark, sim_recorder_error)

struct sim_recorder {
	struct sim_recorder_options options;
	struct sim_campaign *campaign;
	struct sim_journal *journal;
	GPtrArray *recalls; /* of struct sim_recall: what is remembered */
	struct sim_progress progress;
	GPtrArray *warnings; /* of char *, those already said */
	char *date;
	int64_t started, saved, save_took, told;
	int lock;       /* of the folder, or -1 */
	GError *failed; /* what the journal met */
};

int64_t sim_recorder_wall_ns(const struct sim_recorder *r)
{
	return sim_wall_ns() - r->started;
}

void sim_recorder_warn(struct sim_recorder *r, char *warning)
{
	g_ptr_array_add(r->warnings, warning);
	sim_progress_clear(&r->progress);
	if (r->warnings->len <= MANY)
		fprintf(stderr, "%s: warning: %s\n", r->options.program, warning);
}

static bool save(struct sim_recorder *r, const char *state, const GArray *summary, GError **error)
{
	struct sim_account account = {
	    .state = state,
	    .warnings = r->warnings,
	    .command = r->options.command,
	    .targets = r->options.sought != NULL ? r->options.sought->targets : NULL,
	    .sets = r->options.sets,
	    .seed = r->options.seed,
	    .started = r->date,
	    .wall_ns = sim_recorder_wall_ns(r),
	    .at_once = r->options.at_once,
	};
	int64_t begun = sim_wall_ns();
	bool good = sim_results_write(r->options.folder, r->campaign, summary, &account, error);

	r->saved = sim_wall_ns();
	r->save_took = r->saved - begun;
	return good;
}

/* ---- while it runs ---- */

/* A failure to write shows at the end. */
static void save_now_and_then(struct sim_recorder *r)
{
	int64_t now = sim_wall_ns();

	if (now - r->saved < MAX(TABLES_NS, TABLES_SHARE * r->save_took))
		return;
	g_autoptr(GArray) summary = sim_summarise(r->campaign);

	save(r, "running", summary, NULL);
}

static void tell_status(struct sim_recorder *r, const char *state)
{
	sim_status_write(r->options.folder, r->campaign, state, &r->progress, NULL);
	r->told = sim_wall_ns();
}

/* Runs that cannot be kept need not be begun. */
static bool on_tick(void *context, const struct sim_job *job)
{
	struct sim_recorder *r = context;

	if (job != NULL && job->state != SIM_JOB_WAITING) {
		if (job->state == SIM_JOB_FINISHED && r->failed == NULL)
			sim_journal_add(r->journal, job, &r->failed);
		sim_progress_add(&r->progress, job->record.events, job->state == SIM_JOB_FAILED);
		save_now_and_then(r);
	}
	if (sim_wall_ns() - r->told >= STATUS_NS)
		tell_status(r, "running");
	sim_progress_say(&r->progress);
	return r->failed == NULL;
}

/* Gives the waiting jobs what is remembered of them. */
static bool remember_of(struct sim_recorder *r, struct sim_recall *recall, GError **error)
{
	for (guint i = 0; i < r->campaign->cells->len; i++) {
		const struct sim_cell *cell = g_ptr_array_index(r->campaign->cells, i);

		if (!sim_recall_fits(recall, cell, error))
			return false;
	}
	for (guint i = 0; i < r->campaign->jobs->len; i++) {
		struct sim_job *job = g_ptr_array_index(r->campaign->jobs, i);

		if (job->state == SIM_JOB_WAITING)
			sim_recall_take(recall, job); /* the journal has it from the beginning */
	}
	return true;
}

static bool remember(struct sim_recorder *r, GError **error)
{
	for (guint i = 0; i < r->recalls->len; i++)
		if (!remember_of(r, g_ptr_array_index(r->recalls, i), error))
			return false;
	return true;
}

bool sim_recorder_run(struct sim_recorder *r, GError **error)
{
	if (!remember(r, error))
		return false;
	if (r->options.gather)
		return true;
	sim_progress_extend(&r->progress, sim_campaign_count(r->campaign, SIM_JOB_WAITING));
	sim_campaign_run(r->campaign, r->options.at_once, r->options.stop, on_tick, r);
	if (r->failed == NULL)
		return true;
	g_propagate_error(error, g_steal_pointer(&r->failed));
	return false;
}

bool sim_recorder_interrupted(const struct sim_recorder *r)
{
	return sim_campaign_count(r->campaign, SIM_JOB_WAITING) +
		   sim_campaign_count(r->campaign, SIM_JOB_INTERRUPTED) >
	       0;
}

/* ---- resuming ---- */

static bool no_tick(void *context, const struct sim_job *job)
{
	(void)context;
	(void)job;
	return true;
}

static bool same_rows(const struct sim_record *a, const struct sim_record *b)
{
	bool same = a->rows->len == b->rows->len &&
		    memcmp(a->fingerprint.half, b->fingerprint.half, sizeof(a->fingerprint.half)) == 0;

	for (guint i = 0; same && i < a->rows->len; i++) {
		const struct sim_row *x = &g_array_index(a->rows, struct sim_row, i);
		const struct sim_row *y = &g_array_index(b->rows, struct sim_row, i);

		same = x->module == y->module && x->flow == y->flow && x->metric == y->metric &&
		       x->statistic == y->statistic && x->value == y->value;
	}
	return same;
}

/* Another build continues only what it would have done itself: it repeats the run, and compares. */
static bool repeats(const struct sim_recorder *r, const struct sim_recall *recall, const struct sim_job *job,
		    GError **error)
{
	struct sim_campaign *trial = sim_campaign_new(r->campaign->model);
	struct sim_cell *cell =
	    sim_campaign_add_cell(trial, job->cell->scenario, job->cell->iteration, 0, job->cell->first_run);
	struct sim_job *again = sim_campaign_job(trial, cell, job->replication);

	sim_campaign_run(trial, 1, r->options.stop, no_tick, NULL);
	bool same =
	    again->state != SIM_JOB_FINISHED ? *r->options.stop != 0 : same_rows(&job->record, &again->record);

	if (!same)
		g_set_error(error, SIM_RECORDER_ERROR, SIM_RECORDER_DIFFERS,
			    "%s: run %u does not repeat: its results were made by another build (%s), and this one "
			    "gives others; continue with that build, or begin anew with --force",
			    recall->folder, job->run, recall->build);
	sim_campaign_free(trial);
	return same;
}

static bool check_build(const struct sim_recorder *r, const struct sim_recall *recall, GError **error)
{
	if (sim_recall_same_build(recall))
		return true;
	for (guint i = 0; i < r->campaign->jobs->len; i++) {
		const struct sim_job *job = g_ptr_array_index(r->campaign->jobs, i);

		if (job->state == SIM_JOB_FINISHED && sim_recall_holds(recall, job))
			return repeats(r, recall, job, error);
	}
	return true;
}

static bool recall_folder(struct sim_recorder *r, const char *folder, GError **error)
{
	struct sim_recall *recall = sim_recall_load(folder, error);

	if (recall == NULL)
		return false;
	g_ptr_array_add(r->recalls, recall);
	return remember_of(r, recall, error) && check_build(r, recall, error);
}

/* What stands in the folder itself, and in those that it is to be made from. */
static bool recall_folders(struct sim_recorder *r, GError **error)
{
	if (sim_results_held(r->options.folder) && !recall_folder(r, r->options.folder, error))
		return false;
	for (guint i = 0; r->options.reuse != NULL && r->options.reuse[i] != NULL; i++)
		if (!recall_folder(r, r->options.reuse[i], error))
			return false;
	return true;
}

/* Will the search come to such a run? The variable stands last in the iteration's name. */
static bool is_sought(const struct sim_recorder *r, const struct sim_memory *m)
{
	const char *last = strrchr(m->iteration, ';');
	const char *variable = last != NULL ? last + 1 : m->iteration;
	size_t n = strlen(r->options.sought->variable);

	return strncmp(variable, r->options.sought->variable, n) == 0 && variable[n] == '=' &&
	       strcmp(m->config, sim_scenario_config(sim_campaign_scenario(r->campaign))) == 0;
}

static bool refuse_memory(const struct sim_recall *recall, const struct sim_memory *m, GError **error)
{
	g_set_error(error, SIM_SCENARIO_ERROR, 0,
		    "%s: holds runs of config %s%s%s, which are not in this campaign: --resume continues the same "
		    "campaign, perhaps with more; begin anew with --force, or choose another folder with -o",
		    recall->folder, m->config, *m->iteration != '\0' ? ", iteration " : "", m->iteration);
	return false;
}

static guint greatest_replication(const struct sim_recall *recall)
{
	guint most = 0;

	for (guint i = 0; i < recall->memories->len; i++)
		most = MAX(most, g_array_index(recall->memories, struct sim_memory, i).replication);
	return most;
}

/* Run numbers leave room for so many replications of each cell. */
static bool check_room(const struct sim_recorder *r, const struct sim_recall *recall, GError **error)
{
	guint room = sim_scenario_stride(sim_campaign_scenario(r->campaign)), most = greatest_replication(recall);

	if (most < room)
		return true;
	g_set_error(
	    error, SIM_SCENARIO_ERROR, 0,
	    "%s: holds replication %u, and here are %u at most, counted from 0: set repeat, or with a precision "
	    "precision.max-replications, to %u or more, so that nothing is lost; or begin anew with --force, or "
	    "choose another folder with -o",
	    recall->folder, most, room, most + 1);
	return false;
}

/* Adds the runs that a folder has beyond those that were asked for. */
static bool ask_for_all(struct sim_recorder *r, const struct sim_recall *recall, GError **error)
{
	for (guint i = 0; i < recall->memories->len; i++) {
		const struct sim_memory *m = &g_array_index(recall->memories, struct sim_memory, i);
		struct sim_cell *cell = sim_campaign_find(r->campaign, m->config, m->iteration);

		if (m->record.rows == NULL)
			continue; /* taken */
		if (cell == NULL)
			return refuse_memory(recall, m, error);
		sim_campaign_job(r->campaign, cell, m->replication);
	}
	return true;
}

static bool check_sought(const struct sim_recorder *r, const struct sim_recall *recall, GError **error)
{
	for (guint i = 0; i < recall->memories->len; i++) {
		const struct sim_memory *m = &g_array_index(recall->memories, struct sim_memory, i);

		if (m->record.rows != NULL && !is_sought(r, m))
			return refuse_memory(recall, m, error);
	}
	return true;
}

static bool recall_all(struct sim_recorder *r, GError **error)
{
	if (!recall_folders(r, error))
		return false;
	for (guint i = 0; i < r->recalls->len; i++) {
		const struct sim_recall *recall = g_ptr_array_index(r->recalls, i);

		if (r->options.sought != NULL ? !check_sought(r, recall, error)
					      : !check_room(r, recall, error) || !ask_for_all(r, recall, error))
			return false;
	}
	return remember(r, error);
}

/* ---- begin and end ---- */

static void recall_free(gpointer recall)
{
	sim_recall_free(recall);
}

/* What cells that are yet to come will take; NULL: nothing. */
static const GArray *later(const struct sim_recorder *r)
{
	if (r->options.sought == NULL || r->recalls->len == 0)
		return NULL;
	return ((const struct sim_recall *)g_ptr_array_index(r->recalls, 0))->memories;
}

/* With `force`, the folder is emptied before others are read. */
static bool spares_sources(const struct sim_recorder_options *options, GError **error)
{
	GStatBuf own, other;

	for (guint i = 0; options->reuse != NULL && options->reuse[i] != NULL; i++) {
		if (g_stat(options->folder, &own) != 0 || g_stat(options->reuse[i], &other) != 0 ||
		    own.st_dev != other.st_dev || own.st_ino != other.st_ino)
			continue;
		g_set_error(error, SIM_SCENARIO_ERROR, 0,
			    "%s: results cannot be gathered into the folder that they come from: choose another one "
			    "with -o",
			    options->reuse[i]);
		return false;
	}
	return true;
}

struct sim_recorder *sim_recorder_open(const struct sim_recorder_options *options, struct sim_campaign *campaign,
				       GError **error)
{
	struct sim_recorder *r = g_new0(struct sim_recorder, 1);

	r->options = *options;
	r->campaign = campaign;
	r->warnings = g_ptr_array_new_with_free_func(g_free);
	r->recalls = g_ptr_array_new_with_free_func(recall_free);
	r->date = sim_wall_date();
	r->lock = -1;
	r->started = r->told = sim_wall_ns();
	if (spares_sources(options, error) &&
	    sim_results_claim(options->folder, options->force, options->resume, &r->lock, error) &&
	    recall_all(r, error) && save(r, "running", NULL, error))
		r->journal = sim_journal_start(options->folder, campaign, later(r), error);
	if (r->journal == NULL) {
		sim_recorder_free(r);
		return NULL;
	}
	r->progress = sim_progress_start(options->progress, stderr, 0);
	tell_status(r, "running");
	return r;
}

void sim_recorder_free(struct sim_recorder *r)
{
	if (r == NULL)
		return;
	sim_journal_close(r->journal);
	if (r->lock >= 0)
		close(r->lock);
	g_ptr_array_unref(r->recalls);
	g_ptr_array_unref(r->warnings);
	g_clear_error(&r->failed);
	g_free(r->date);
	g_free(r);
}

static void tell_failures(const struct sim_recorder *r)
{
	const struct sim_campaign *c = r->campaign;
	guint told = 0, failed = sim_campaign_count(c, SIM_JOB_FAILED);

	for (guint i = 0; i < c->jobs->len && told < MANY; i++) {
		const struct sim_job *job = g_ptr_array_index(c->jobs, i);
		const char *iteration = sim_cell_iteration(job->cell);

		if (job->state != SIM_JOB_FAILED)
			continue;
		fprintf(stderr, "%s: run %u (%s%sreplication %u) failed: %s\n", r->options.program, job->run,
			iteration, *iteration != '\0' ? ", " : "", job->replication, job->error);
		told++;
	}
	if (failed > told)
		fprintf(stderr, "%s: %u more failed; manifest.json lists them\n", r->options.program, failed - told);
}

static void collect_warnings(struct sim_recorder *r)
{
	const struct sim_campaign *c = r->campaign;
	g_autoptr(GPtrArray) twins = g_ptr_array_new();
	guint failed = sim_campaign_count(c, SIM_JOB_FAILED);
	guint unfinished = sim_campaign_count(c, SIM_JOB_WAITING) + sim_campaign_count(c, SIM_JOB_INTERRUPTED);

	if (unfinished > 0 && r->options.gather)
		sim_recorder_warn(
		    r, g_strdup_printf("%u of %u runs are missing: no folder holds them; run with --resume "
				       "adds them",
				       unfinished, c->jobs->len));
	else if (unfinished > 0)
		sim_recorder_warn(r, g_strdup_printf("interrupted: %u of %u runs are missing; --resume continues",
						     unfinished, c->jobs->len));
	if (failed > 0)
		sim_recorder_warn(r,
				  g_strdup_printf("%u of %u replications failed: the statistics are about the others",
						  failed, c->jobs->len));
	sim_twins_find(c, twins);
	for (guint i = 0; i < twins->len; i++)
		sim_recorder_warn(r, g_ptr_array_index(twins, i));
}

bool sim_recorder_close(struct sim_recorder *r, const GArray *summary, GError **error)
{
	const char *state = sim_recorder_interrupted(r) ? "interrupted" : "finished";

	sim_progress_end(&r->progress);
	tell_failures(r);
	collect_warnings(r);
	if (!save(r, state, summary, error))
		return false;
	tell_status(r, state);
	if (!sim_recorder_interrupted(r))
		sim_journal_remove(r->options.folder);
	if (r->warnings->len > MANY)
		fprintf(stderr, "%s: %u more warnings; manifest.json lists them\n", r->options.program,
			r->warnings->len - MANY);
	return true;
}
