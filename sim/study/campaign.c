#include "sim/study/campaign.h"

#include <string.h>

#include "sim/study/filter.h"
#include "sim/study/replicate.h"
#include "sim/study/wall.h"

#define TICK_US (G_USEC_PER_SEC / 5)

/* What the runs of an iteration share: made when the first starts, released when the last has ended. */
struct sim_share_of_iteration {
	GMutex lock;
	void *prepared;
	guint left;     /* runs that have not ended */
	guint first, n; /* its jobs, which stand together */
};

guint sim_campaign_count(const struct sim_campaign *campaign, enum sim_job_state state)
{
	guint n = 0;

	for (guint i = 0; i < campaign->n_jobs; i++)
		n += campaign->jobs[i].state == state;
	return n;
}

static void add_jobs(struct sim_campaign *c, const struct sim_filter *filter)
{
	guint repeat = sim_scenario_repeat(c->scenario), iterations = sim_scenario_iterations(c->scenario);
	GArray *jobs = g_array_new(FALSE, TRUE, sizeof(struct sim_job));

	for (guint i = 0; i < iterations; i++) {
		int64_t seed = sim_value(sim_scenario_values(c->scenario, i), "seed")->count;

		c->shared[i].first = jobs->len;
		for (guint r = 0; r < repeat; r++) {
			struct sim_job job = {.iteration = i, .replication = r, .run = i * repeat + r, .seed = seed};

			if (filter != NULL && !sim_filter_takes(filter, i, r))
				continue;
			g_array_append_val(jobs, job);
			c->shared[i].left++;
		}
		c->shared[i].n = c->shared[i].left;
	}
	c->n_jobs = jobs->len;
	c->jobs = (struct sim_job *)(void *)g_array_free(jobs, FALSE);
}

struct sim_campaign *sim_campaign_new(const struct sim_model *model, const struct sim_scenario *scenario,
				      const char *filter, GError **error)
{
	struct sim_filter *chosen = filter != NULL ? sim_filter_new(scenario, filter, error) : NULL;

	if (filter != NULL && chosen == NULL)
		return NULL;
	struct sim_campaign *c = g_new0(struct sim_campaign, 1);

	c->model = model;
	c->scenario = scenario;
	c->shared = g_new0(struct sim_share_of_iteration, sim_scenario_iterations(scenario));
	for (guint i = 0; i < sim_scenario_iterations(scenario); i++)
		g_mutex_init(&c->shared[i].lock);
	add_jobs(c, chosen);
	sim_filter_free(chosen);
	if (c->n_jobs > 0)
		return c;
	g_set_error(error, SIM_SCENARIO_ERROR, 0, "-r %s takes none of the runs: -q runs lists them",
		    filter != NULL ? filter : "");
	sim_campaign_free(c);
	return NULL;
}

void sim_campaign_free(struct sim_campaign *c)
{
	if (c == NULL)
		return;
	for (guint i = 0; i < c->n_jobs; i++) {
		sim_record_clear(&c->jobs[i].record);
		g_free(c->jobs[i].error);
	}
	for (guint i = 0; i < sim_scenario_iterations(c->scenario); i++) {
		if (c->shared[i].prepared != NULL)
			c->model->release(c->shared[i].prepared);
		g_mutex_clear(&c->shared[i].lock);
	}
	g_free(c->shared);
	g_free(c->jobs);
	g_free(c);
}

bool sim_campaign_prepare(struct sim_campaign *c, GError **error)
{
	for (guint i = 0; i < sim_scenario_iterations(c->scenario); i++) {
		struct sim_share_of_iteration *shared = &c->shared[i];

		if (shared->left == 0)
			continue;
		shared->prepared = c->model->prepare(sim_scenario_values(c->scenario, i), error);
		if (shared->prepared == NULL)
			return false;
		/* only the first is kept: a sweep over a large topology must not hold it once per iteration */
		if (c->jobs[0].iteration != i) {
			c->model->release(shared->prepared);
			shared->prepared = NULL;
		}
	}
	return true;
}

static const void *borrow(struct sim_campaign *c, guint iteration, GError **error)
{
	struct sim_share_of_iteration *shared = &c->shared[iteration];

	g_mutex_lock(&shared->lock);
	if (shared->prepared == NULL)
		shared->prepared = c->model->prepare(sim_scenario_values(c->scenario, iteration), error);
	const void *prepared = shared->prepared;

	g_mutex_unlock(&shared->lock);
	return prepared;
}

static void give_back(struct sim_campaign *c, guint iteration)
{
	struct sim_share_of_iteration *shared = &c->shared[iteration];
	void *unused = NULL;

	g_mutex_lock(&shared->lock);
	if (--shared->left == 0)
		unused = g_steal_pointer(&shared->prepared);
	g_mutex_unlock(&shared->lock);
	if (unused != NULL)
		c->model->release(unused);
}

static int compare_rows(gconstpointer a, gconstpointer b)
{
	const struct sim_row *x = a, *y = b;
	int c = strcmp(x->module, y->module);

	c = c != 0 ? c : strcmp(x->flow, y->flow);
	c = c != 0 ? c : strcmp(x->metric, y->metric);
	return c != 0 ? c : strcmp(x->statistic, y->statistic);
}

static int compare_points(gconstpointer a, gconstpointer b)
{
	const struct sim_point *x = a, *y = b;
	int c = strcmp(x->module, y->module);

	c = c != 0 ? c : strcmp(x->flow, y->flow);
	c = c != 0 ? c : strcmp(x->metric, y->metric);
	c = c != 0 ? c : strcmp(x->statistic, y->statistic);
	return c != 0 ? c : (x->x > y->x) - (x->x < y->x);
}

static void keep_points(GArray *points)
{
	for (guint i = 0; i < points->len; i++) {
		struct sim_point *point = &g_array_index(points, struct sim_point, i);

		point->module = g_intern_string(point->module);
		point->flow = g_intern_string(point->flow);
		point->metric = g_intern_string(point->metric);
		point->statistic = g_intern_string(point->statistic);
		point->unit = g_intern_string(point->unit);
	}
	g_array_sort(points, compare_points);
}

/* What is recorded outlives what the model prepared, and no row is there twice. */
static void keep_rows(struct sim_record *record)
{
	keep_points(record->quantiles);
	keep_points(record->series);
	for (guint i = 0; i < record->rows->len; i++) {
		struct sim_row *row = &g_array_index(record->rows, struct sim_row, i);

		row->module = g_intern_string(row->module);
		row->flow = g_intern_string(row->flow);
		row->metric = g_intern_string(row->metric);
		row->statistic = g_intern_string(row->statistic);
		row->unit = g_intern_string(row->unit);
	}
	g_array_sort(record->rows, compare_rows);
	for (guint i = 1; i < record->rows->len; i++)
		g_assert(compare_rows(&g_array_index(record->rows, struct sim_row, i - 1),
				      &g_array_index(record->rows, struct sim_row, i)) != 0);
}

static void run_job(struct sim_campaign *c, struct sim_job *job)
{
	struct sim_run run = {.random = sim_random_of((uint64_t)job->seed, job->replication), .stop = c->stop};
	const struct sim_values *values = sim_scenario_values(c->scenario, job->iteration);
	g_autoptr(GError) error = NULL;
	int64_t start = sim_wall_ns();
	const void *prepared = borrow(c, job->iteration, &error);

	sim_record_init(&job->record);
	if (prepared == NULL || !sim_replicate(c->model, values, prepared, &run, &job->record, &error)) {
		job->outcome = SIM_JOB_FAILED;
		job->error = g_strdup(error != NULL ? error->message : "unknown reason");
	} else if (strcmp(job->record.ended, "interrupted") == 0) {
		job->outcome = SIM_JOB_INTERRUPTED;
	} else {
		job->outcome = SIM_JOB_FINISHED;
	}
	keep_rows(&job->record);
	job->record.ended = g_intern_string(job->record.ended);
	job->wall_ns = sim_wall_ns() - start;
}

static void work(gpointer data, gpointer user)
{
	struct sim_job *job = data;
	struct sim_campaign *c = user;

	if (*c->stop == 0)
		run_job(c, job);
	give_back(c, job->iteration);
	g_async_queue_push(c->done, job);
}

void sim_campaign_run(struct sim_campaign *c, guint at_once, const volatile int *stop, sim_campaign_tick *tick,
		      void *context)
{
	c->stop = stop;
	c->done = g_async_queue_new();
	GThreadPool *pool = g_thread_pool_new(work, c, (int)at_once, TRUE, NULL);

	for (guint i = 0; i < c->n_jobs; i++)
		g_thread_pool_push(pool, &c->jobs[i], NULL);
	for (guint left = c->n_jobs; left > 0;) {
		struct sim_job *job = g_async_queue_timeout_pop(c->done, TICK_US);

		if (job != NULL) {
			job->state = job->outcome;
			left--;
		}
		tick(context, job);
	}
	g_thread_pool_free(pool, FALSE, TRUE);
	g_clear_pointer(&c->done, g_async_queue_unref);
}

static bool same_fingerprint(const struct sim_job *a, const struct sim_job *b)
{
	return memcmp(a->record.fingerprint.half, b->record.fingerprint.half, sizeof(a->record.fingerprint.half)) ==
	       0;
}

static int by_fingerprint(gconstpointer a, gconstpointer b)
{
	const struct sim_job *x = *(const struct sim_job *const *)a, *y = *(const struct sim_job *const *)b;
	int c = memcmp(x->record.fingerprint.half, y->record.fingerprint.half, sizeof(x->record.fingerprint.half));

	return c != 0 ? c : (x->replication > y->replication) - (x->replication < y->replication);
}

GPtrArray *sim_campaign_finished(const struct sim_campaign *c, guint iteration)
{
	const struct sim_share_of_iteration *shared = &c->shared[iteration];
	GPtrArray *jobs = g_ptr_array_new();

	for (guint i = shared->first; i < shared->first + shared->n; i++)
		if (c->jobs[i].state == SIM_JOB_FINISHED)
			g_ptr_array_add(jobs, &c->jobs[i]);
	return jobs;
}

bool sim_campaign_is_deterministic(const struct sim_campaign *c, guint iteration)
{
	g_autoptr(GPtrArray) jobs = sim_campaign_finished(c, iteration);

	for (guint i = 1; i < jobs->len; i++)
		if (!same_fingerprint(g_ptr_array_index(jobs, 0), g_ptr_array_index(jobs, i)))
			return false;
	return jobs->len >= 2;
}

/* The warning about jobs[from .. to - 1], which have one fingerprint. */
static char *warn_of_twins(const char *where, const GPtrArray *jobs, guint from, guint to)
{
	g_autoptr(GString) list = g_string_new(NULL);

	if (to - from == jobs->len)
		return g_strdup_printf(
		    "%s: all %u replications are the same run (equal fingerprints): nothing in it is "
		    "random, and one replication would do",
		    where, jobs->len);
	for (guint i = from; i < to; i++)
		g_string_append_printf(list, "%s%u", i > from ? ", " : "",
				       ((const struct sim_job *)g_ptr_array_index(jobs, i))->replication);
	return g_strdup_printf("%s: replications %s are the same run (equal fingerprints), but count as independent "
			       "ones",
			       where, list->str);
}

/* The finished jobs of an iteration, twins side by side; groups of twins by their first replication. */
static GPtrArray *group_twins(const struct sim_campaign *c, guint iteration)
{
	g_autoptr(GPtrArray) sorted = sim_campaign_finished(c, iteration), left = g_ptr_array_new();
	GPtrArray *out = g_ptr_array_new();
	g_autoptr(GHashTable) first = g_hash_table_new(NULL, NULL); /* job -> index in `sorted` */

	for (guint i = 0; i < sorted->len; i++)
		g_ptr_array_add(left, g_ptr_array_index(sorted, i));
	g_ptr_array_sort(sorted, by_fingerprint);
	for (guint i = 0; i < sorted->len; i++)
		g_hash_table_insert(first, g_ptr_array_index(sorted, i), GUINT_TO_POINTER(i));
	for (guint i = 0; i < left->len; i++) {
		gpointer job = g_ptr_array_index(left, i);
		guint at = GPOINTER_TO_UINT(g_hash_table_lookup(first, job));

		if (at > 0 && same_fingerprint(job, g_ptr_array_index(sorted, at - 1)))
			continue; /* stands with its elder twin */
		do
			g_ptr_array_add(out, g_ptr_array_index(sorted, at));
		while (++at < sorted->len && same_fingerprint(job, g_ptr_array_index(sorted, at)));
	}
	return out;
}

void sim_campaign_find_twins(const struct sim_campaign *c, GPtrArray *warnings)
{
	for (guint i = 0; i < sim_scenario_iterations(c->scenario); i++) {
		g_autoptr(GPtrArray) jobs = group_twins(c, i);
		const char *name = sim_scenario_iteration(c->scenario, i);
		g_autofree char *where = g_strdup_printf("config %s%s%s", sim_scenario_config(c->scenario),
							 *name != '\0' ? ", iteration " : "", name);

		for (guint from = 0, to; from < jobs->len; from = to) {
			for (to = from + 1; to < jobs->len && same_fingerprint(g_ptr_array_index(jobs, from),
									       g_ptr_array_index(jobs, to));
			     to++)
				;
			if (to - from >= 2)
				g_ptr_array_add(warnings, warn_of_twins(where, jobs, from, to));
		}
	}
}
