#include "sim/study/campaign.h"

#include <string.h>

#include "sim/study/filter.h"
#include "sim/study/replicate.h"
#include "sim/study/wall.h"

#define TICK_US (G_USEC_PER_SEC / 5)

/* ---- cells and jobs ---- */

const char *sim_cell_config(const struct sim_cell *cell)
{
	return sim_scenario_config(cell->scenario);
}

const char *sim_cell_iteration(const struct sim_cell *cell)
{
	return sim_scenario_iteration(cell->scenario, cell->iteration);
}

const struct sim_values *sim_cell_values(const struct sim_cell *cell)
{
	return sim_scenario_values(cell->scenario, cell->iteration);
}

const struct sim_scenario *sim_campaign_scenario(const struct sim_campaign *campaign)
{
	return ((const struct sim_cell *)g_ptr_array_index(campaign->cells, 0))->scenario;
}

guint sim_cell_count(const struct sim_cell *cell, enum sim_job_state state)
{
	guint n = 0;

	for (guint i = 0; i < cell->jobs->len; i++)
		n += ((const struct sim_job *)g_ptr_array_index(cell->jobs, i))->state == state;
	return n;
}

guint sim_campaign_count(const struct sim_campaign *campaign, enum sim_job_state state)
{
	guint n = 0;

	for (guint i = 0; i < campaign->cells->len; i++)
		n += sim_cell_count(g_ptr_array_index(campaign->cells, i), state);
	return n;
}

static void job_free(gpointer data)
{
	struct sim_job *job = data;

	sim_record_clear(&job->record);
	g_free(job->error);
	g_free(job);
}

struct sim_campaign *sim_campaign_new(const struct sim_model *model)
{
	struct sim_campaign *c = g_new0(struct sim_campaign, 1);

	c->model = model;
	c->cells = g_ptr_array_new();
	c->jobs = g_ptr_array_new();
	return c;
}

static void cell_free(const struct sim_campaign *c, struct sim_cell *cell)
{
	if (cell->prepared != NULL)
		c->model->release(cell->prepared);
	g_mutex_clear(&cell->lock);
	g_ptr_array_unref(cell->jobs);
	g_free(cell);
}

void sim_campaign_free(struct sim_campaign *c)
{
	if (c == NULL)
		return;
	for (guint i = 0; i < c->cells->len; i++)
		cell_free(c, g_ptr_array_index(c->cells, i));
	g_ptr_array_unref(c->cells);
	g_ptr_array_unref(c->jobs);
	g_free(c);
}

static struct sim_cell *add_cell(struct sim_campaign *c, const struct sim_scenario *scenario, guint iteration,
				 guint first_run)
{
	struct sim_cell *cell = g_new0(struct sim_cell, 1);

	cell->scenario = scenario;
	cell->iteration = iteration;
	cell->number = c->cells->len;
	cell->first_run = first_run;
	cell->jobs = g_ptr_array_new_with_free_func(job_free);
	g_mutex_init(&cell->lock);
	g_ptr_array_add(c->cells, cell);
	return cell;
}

/* The list of all jobs after cells or jobs have come. */
static void list_jobs(struct sim_campaign *c)
{
	g_ptr_array_set_size(c->jobs, 0);
	for (guint i = 0; i < c->cells->len; i++)
		g_ptr_array_extend(c->jobs, ((const struct sim_cell *)g_ptr_array_index(c->cells, i))->jobs, NULL,
				   NULL);
}

/* Where the replication stands among the cell's jobs, or would stand. */
static guint place_of(const struct sim_cell *cell, guint replication)
{
	guint i = 0;

	while (i < cell->jobs->len &&
	       ((const struct sim_job *)g_ptr_array_index(cell->jobs, i))->replication < replication)
		i++;
	return i;
}

static struct sim_job *add_job(struct sim_cell *cell, guint place, guint replication)
{
	struct sim_job *job = g_new0(struct sim_job, 1);

	job->cell = cell;
	job->replication = replication;
	job->run = cell->first_run + replication;
	job->seed = sim_value(sim_cell_values(cell), "seed")->count;
	sim_record_init(&job->record);
	g_ptr_array_insert(cell->jobs, (int)place, job);
	cell->left++;
	return job;
}

struct sim_job *sim_campaign_job(struct sim_campaign *c, struct sim_cell *cell, guint replication)
{
	guint place = place_of(cell, replication);
	struct sim_job *job = place < cell->jobs->len ? g_ptr_array_index(cell->jobs, place) : NULL;

	if (job != NULL && job->replication == replication)
		return job;
	job = add_job(cell, place, replication);
	list_jobs(c);
	return job;
}

void sim_campaign_extend(struct sim_campaign *c, struct sim_cell *cell, guint n)
{
	for (guint r = 0, place = 0; r < n; r++, place++) {
		const struct sim_job *job = place < cell->jobs->len ? g_ptr_array_index(cell->jobs, place) : NULL;

		if (job == NULL || job->replication != r)
			add_job(cell, place, r);
	}
	list_jobs(c);
}

struct sim_cell *sim_campaign_add_cell(struct sim_campaign *c, const struct sim_scenario *scenario, guint iteration,
				       guint n, guint first_run)
{
	struct sim_cell *cell = add_cell(c, scenario, iteration, first_run);

	sim_campaign_extend(c, cell, n);
	return cell;
}

bool sim_campaign_add(struct sim_campaign *c, const struct sim_scenario *scenario, const char *filter,
		      guint first_run, GError **error)
{
	struct sim_filter *chosen = filter != NULL ? sim_filter_new(scenario, filter, error) : NULL;
	guint repeat = sim_scenario_repeat(scenario), stride = sim_scenario_stride(scenario), before = c->jobs->len;

	if (filter != NULL && chosen == NULL)
		return false;
	for (guint i = 0; i < sim_scenario_iterations(scenario); i++) {
		struct sim_cell *cell = add_cell(c, scenario, i, first_run + i * stride);

		for (guint r = 0; r < repeat; r++)
			if (chosen == NULL || sim_filter_takes(chosen, i, r))
				add_job(cell, cell->jobs->len, r);
	}
	sim_filter_free(chosen);
	list_jobs(c);
	if (c->jobs->len > before)
		return true;
	g_set_error(error, SIM_SCENARIO_ERROR, 0, "-r %s takes none of the runs: -q runs lists them",
		    filter != NULL ? filter : "");
	return false;
}

void sim_campaign_keep_shard(struct sim_campaign *c, guint k, guint n)
{
	g_assert(1 <= k && k <= n);
	for (guint i = 0; i < c->jobs->len; i++) {
		struct sim_job *job = g_ptr_array_index(c->jobs, i);

		if (job->state != SIM_JOB_WAITING || i % n == k - 1)
			continue;
		job->cell->left--;
		g_ptr_array_remove(job->cell->jobs, job);
	}
	list_jobs(c);
}

struct sim_cell *sim_campaign_find(const struct sim_campaign *c, const char *config, const char *iteration)
{
	for (guint i = 0; i < c->cells->len; i++) {
		struct sim_cell *cell = g_ptr_array_index(c->cells, i);

		if (strcmp(sim_cell_config(cell), config) == 0 && strcmp(sim_cell_iteration(cell), iteration) == 0)
			return cell;
	}
	return NULL;
}

void sim_campaign_restore(struct sim_job *job, struct sim_record *record)
{
	g_assert(job->state == SIM_JOB_WAITING);
	sim_record_clear(&job->record);
	job->record = *record;
	*record = (struct sim_record){0};
	job->state = SIM_JOB_FINISHED;
	job->cell->left--;
}

GPtrArray *sim_cell_finished(const struct sim_cell *cell)
{
	GPtrArray *jobs = g_ptr_array_new();

	for (guint i = 0; i < cell->jobs->len; i++) {
		struct sim_job *job = g_ptr_array_index(cell->jobs, i);

		if (job->state == SIM_JOB_FINISHED)
			g_ptr_array_add(jobs, job);
	}
	return jobs;
}

/* ---- what the runs of a cell share ---- */

bool sim_campaign_prepare(struct sim_campaign *c, GError **error)
{
	bool keep = true; /* only the first: a sweep over a large topology must not hold it once per cell */

	for (guint i = 0; i < c->cells->len; i++) {
		struct sim_cell *cell = g_ptr_array_index(c->cells, i);

		if (cell->looked_at || cell->left == 0)
			continue;
		cell->prepared = c->model->prepare(sim_cell_values(cell), error);
		if (cell->prepared == NULL)
			return false;
		cell->looked_at = true;
		if (!keep)
			c->model->release(g_steal_pointer(&cell->prepared));
		keep = false;
	}
	return true;
}

static const void *borrow(const struct sim_campaign *c, struct sim_cell *cell, GError **error)
{
	g_mutex_lock(&cell->lock);
	if (cell->prepared == NULL)
		cell->prepared = c->model->prepare(sim_cell_values(cell), error);
	const void *prepared = cell->prepared;

	g_mutex_unlock(&cell->lock);
	return prepared;
}

static void give_back(const struct sim_campaign *c, struct sim_cell *cell)
{
	void *unused = NULL;

	g_mutex_lock(&cell->lock);
	if (--cell->left == 0)
		unused = g_steal_pointer(&cell->prepared);
	g_mutex_unlock(&cell->lock);
	if (unused != NULL)
		c->model->release(unused);
}

/* ---- running ---- */

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
	for (guint i = 0; i < record->cuts->len; i++) {
		struct sim_cut *cut = &g_array_index(record->cuts, struct sim_cut, i);

		cut->module = g_intern_string(cut->module);
		cut->flow = g_intern_string(cut->flow);
		cut->metric = g_intern_string(cut->metric);
	}
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
	g_array_sort(record->rows, sim_row_compare);
	for (guint i = 1; i < record->rows->len; i++)
		g_assert(sim_row_compare(&g_array_index(record->rows, struct sim_row, i - 1),
					 &g_array_index(record->rows, struct sim_row, i)) != 0);
}

static void run_job(struct sim_campaign *c, struct sim_job *job)
{
	struct sim_run run = {.random = sim_random_of((uint64_t)job->seed, job->replication), .stop = c->stop};
	g_autoptr(GError) error = NULL;
	int64_t start = sim_wall_ns();
	const void *prepared = borrow(c, job->cell, &error);

	if (prepared == NULL ||
	    !sim_replicate(c->model, sim_cell_values(job->cell), prepared, &run, &job->record, &error)) {
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

	if (*c->stop == 0 && g_atomic_int_get(&c->enough) == 0)
		run_job(c, job);
	give_back(c, job->cell);
	g_async_queue_push(c->done, job);
}

void sim_campaign_run(struct sim_campaign *c, guint at_once, const volatile int *stop, sim_campaign_tick *tick,
		      void *context)
{
	c->stop = stop;
	c->done = g_async_queue_new();
	g_atomic_int_set(&c->enough, 0);
	GThreadPool *pool = g_thread_pool_new(work, c, (int)at_once, TRUE, NULL);

	guint left = 0;

	for (guint i = 0; i < c->jobs->len; i++) {
		struct sim_job *job = g_ptr_array_index(c->jobs, i);

		if (job->state != SIM_JOB_WAITING)
			continue;
		g_thread_pool_push(pool, job, NULL);
		left++;
	}
	while (left > 0) {
		struct sim_job *job = g_async_queue_timeout_pop(c->done, TICK_US);

		if (job != NULL) {
			job->state = job->outcome;
			left--;
		}
		if (!tick(context, job))
			g_atomic_int_set(&c->enough, 1);
	}
	g_thread_pool_free(pool, FALSE, TRUE);
	g_clear_pointer(&c->done, g_async_queue_unref);
}
