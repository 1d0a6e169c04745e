#include "sim/study/results.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "sim/study/cells.h"
#include "sim/study/journal.h"
#include "sim/study/manifest.h"
#include "sim/study/status.h"

#define MANIFEST "manifest.json"
#define RUNS "runs.csv"
#define SUMMARY "summary.csv"
#define CDF "cdf.csv"
#define SERIES "series.csv"

/* The manifest last: as long as it stands, the folder is ours to remove from. */
static const char *const own_files[] = {
    RUNS,         SUMMARY,        CDF,           SERIES,  SIM_STATUS_FILE, SIM_JOURNAL_FILE, "compare.csv",
    "claims.csv", "capacity.csv", "report.html", MANIFEST};

/* What `report` and `export` have made of the results, in folders of their own. */
static const struct {
	const char *folder, *suffixes[4];
} own_folders[] = {{"plots", {".svg", ".gp", ".dat", NULL}}, {"omnetpp", {".sca", ".vec", NULL}}};

static bool is_empty(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

	return dir != NULL && g_dir_read_name(dir) == NULL;
}

static bool has_suffix(const char *name, const char *const *suffixes)
{
	while (*suffixes != NULL && !g_str_has_suffix(name, *suffixes))
		suffixes++;
	return *suffixes != NULL;
}

/* What is of another kind stays, and with it the folder. */
static void remove_own_folder(const char *folder, const char *name, const char *const *suffixes)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *file;

	while (dir != NULL && (file = g_dir_read_name(dir)) != NULL) {
		g_autofree char *inside = g_build_filename(path, file, NULL);

		if (has_suffix(file, suffixes))
			g_remove(inside);
	}
	g_rmdir(path);
}

static bool remove_own_files(const char *folder, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(own_folders); i++)
		remove_own_folder(folder, own_folders[i].folder, own_folders[i].suffixes);
	for (size_t i = 0; i < G_N_ELEMENTS(own_files); i++) {
		g_autofree char *path = g_build_filename(folder, own_files[i], NULL);

		if (g_remove(path) != 0 && errno != ENOENT) {
			g_set_error(error, G_FILE_ERROR, 0, "%s: cannot be removed: %s", path, g_strerror(errno));
			return false;
		}
	}
	return true;
}

bool sim_results_held(const char *folder)
{
	g_autofree char *manifest = g_build_filename(folder, MANIFEST, NULL);

	return sim_manifest_is_ours(manifest);
}

/* The folder itself is what is locked: however its holder ends, nothing is left behind. */
static bool lock_folder(const char *folder, int *lock, GError **error)
{
	*lock = g_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (*lock < 0 || flock(*lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	bool held = errno == EWOULDBLOCK;

	close(*lock);
	*lock = -1;
	if (held)
		g_set_error(error, SIM_SCENARIO_ERROR, 0,
			    "%s: another program is writing its results there: wait for its end, which status.json "
			    "tells, or choose another folder with -o",
			    folder);
	return !held;
}

bool sim_results_claim(const char *folder, bool force, bool resume, int *lock, GError **error)
{
	*lock = -1;
	if (g_file_test(folder, G_FILE_TEST_EXISTS) && !g_file_test(folder, G_FILE_TEST_IS_DIR)) {
		g_set_error(error, SIM_SCENARIO_ERROR, 0, "%s: is not a folder: choose another one with -o", folder);
		return false;
	}
	if (!g_file_test(folder, G_FILE_TEST_EXISTS) && g_mkdir_with_parents(folder, 0777) != 0) {
		g_set_error(error, G_FILE_ERROR, 0, "%s: cannot be created: %s", folder, g_strerror(errno));
		return false;
	}
	if (!lock_folder(folder, lock, error))
		return false;
	if (is_empty(folder))
		return true;
	if (!force && !resume) {
		g_set_error(
		    error, SIM_SCENARIO_ERROR, 0,
		    "%s: is not empty: choose another folder with -o, replace its results with --force, or continue "
		    "them with --resume",
		    folder);
		return false;
	}
	if (!sim_results_held(folder)) {
		g_set_error(error, SIM_SCENARIO_ERROR, 0,
			    "%s: is not empty and holds no results of ours, so --%s leaves it alone: choose another "
			    "folder with -o",
			    folder, force ? "force" : "resume");
		return false;
	}
	return !force || remove_own_files(folder, error);
}

/* The columns that say which run it is. */
static void add_run(GString *out, const struct sim_job *job)
{
	sim_cells_text(out, sim_cell_config(job->cell));
	sim_cells_text(out, sim_cell_iteration(job->cell));
	sim_cells_count(out, job->replication);
	sim_cells_count(out, job->run);
}

GString *sim_results_runs_csv(const struct sim_campaign *campaign)
{
	GString *out = g_string_new("config,iteration,replication,run,module,flow,metric,statistic,value,unit\n");

	for (guint i = 0; i < campaign->jobs->len; i++) {
		const struct sim_job *job = g_ptr_array_index(campaign->jobs, i);

		for (guint k = 0; job->state == SIM_JOB_FINISHED && k < job->record.rows->len; k++) {
			const struct sim_row *row = &g_array_index(job->record.rows, struct sim_row, k);

			add_run(out, job);
			sim_cells_text(out, row->module);
			sim_cells_text(out, row->flow);
			sim_cells_text(out, row->metric);
			sim_cells_text(out, row->statistic);
			sim_cells_number(out, row->value);
			sim_cells_last(out, row->unit);
			g_string_append_c(out, '\n');
		}
	}
	return out;
}

static void add_points(GString *out, const struct sim_job *job, const GArray *points, bool statistic)
{
	for (guint k = 0; k < points->len; k++) {
		const struct sim_point *point = &g_array_index(points, struct sim_point, k);

		add_run(out, job);
		sim_cells_text(out, point->module);
		sim_cells_text(out, point->flow);
		sim_cells_text(out, point->metric);
		if (statistic)
			sim_cells_text(out, point->statistic);
		sim_cells_number(out, point->x);
		sim_cells_number(out, point->value);
		sim_cells_last(out, point->unit);
		g_string_append_c(out, '\n');
	}
}

GString *sim_results_cdf_csv(const struct sim_campaign *campaign)
{
	GString *out = g_string_new("config,iteration,replication,run,module,flow,metric,share,value,unit\n");

	for (guint i = 0; i < campaign->jobs->len; i++) {
		const struct sim_job *job = g_ptr_array_index(campaign->jobs, i);

		if (job->state == SIM_JOB_FINISHED)
			add_points(out, job, job->record.quantiles, false);
	}
	return out;
}

GString *sim_results_series_csv(const struct sim_campaign *campaign)
{
	GString *out =
	    g_string_new("config,iteration,replication,run,module,flow,metric,statistic,time,value,unit\n");

	for (guint i = 0; i < campaign->jobs->len; i++) {
		const struct sim_job *job = g_ptr_array_index(campaign->jobs, i);

		if (job->state == SIM_JOB_FINISHED)
			add_points(out, job, job->record.series, true);
	}
	return out;
}

GString *sim_results_summary_csv(const struct sim_campaign *campaign, const GArray *summary)
{
	GString *out = g_string_new(
	    "config,iteration,module,flow,metric,statistic,estimate,low,high,confidence,n,method,unit,verdict\n");

	for (guint i = 0; i < summary->len; i++) {
		const struct sim_summary_row *row = &g_array_index(summary, struct sim_summary_row, i);
		const struct sim_cell *cell = g_ptr_array_index(campaign->cells, row->cell);
		const struct sim_estimate *e = &row->estimate;

		sim_cells_text(out, sim_cell_config(cell));
		sim_cells_text(out, sim_cell_iteration(cell));
		sim_cells_text(out, row->module);
		sim_cells_text(out, row->flow);
		sim_cells_text(out, row->metric);
		sim_cells_text(out, row->statistic);
		sim_cells_number(out, e->mean);
		if (e->interval) {
			sim_cells_number(out, e->low);
			sim_cells_number(out, e->high);
		} else {
			g_string_append(out, ",,");
		}
		sim_cells_number(out, SIM_CONFIDENCE);
		sim_cells_count(out, e->n);
		sim_cells_text(out, e->method);
		sim_cells_text(out, row->unit);
		sim_cells_last(out, e->verdict);
		g_string_append_c(out, '\n');
	}
	return out;
}

static bool write_text(const char *folder, const char *name, const char *text, gsize length, GError **error)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	return g_file_set_contents(path, text, (gssize)length, error);
}

/* Without a point there is no file. */
static bool write_curves(const char *folder, const char *name, const GString *text, GError **error)
{
	const char *head_end = strchr(text->str, '\n');

	if (head_end[1] != '\0')
		return write_text(folder, name, text->str, text->len, error);
	g_autofree char *path = g_build_filename(folder, name, NULL);

	g_remove(path);
	return true;
}

static bool write_tables(const char *folder, const struct sim_campaign *campaign, const GArray *summary,
			 GError **error)
{
	g_autoptr(GString) runs = sim_results_runs_csv(campaign);
	g_autoptr(GString) table = sim_results_summary_csv(campaign, summary);
	g_autoptr(GString) cdf = sim_results_cdf_csv(campaign), series = sim_results_series_csv(campaign);

	return write_text(folder, RUNS, runs->str, runs->len, error) &&
	       write_text(folder, SUMMARY, table->str, table->len, error) && write_curves(folder, CDF, cdf, error) &&
	       write_curves(folder, SERIES, series, error);
}

bool sim_results_write(const char *folder, const struct sim_campaign *campaign, const GArray *summary,
		       const struct sim_account *account, GError **error)
{
	if (summary != NULL && !write_tables(folder, campaign, summary, error))
		return false;
	g_autofree char *manifest = sim_manifest_print(campaign, account);

	return write_text(folder, MANIFEST, manifest, strlen(manifest), error);
}
