#include "sim/study/results.h"

#include <csv.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "sim/study/manifest.h"

#define MANIFEST "manifest.json"
#define RUNS "runs.csv"
#define SUMMARY "summary.csv"

static const char *const own_files[] = {RUNS, SUMMARY, MANIFEST};

static bool is_empty(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

	return dir != NULL && g_dir_read_name(dir) == NULL;
}

static bool remove_own_files(const char *folder, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(own_files); i++) {
		g_autofree char *path = g_build_filename(folder, own_files[i], NULL);

		if (g_remove(path) != 0 && errno != ENOENT) {
			g_set_error(error, G_FILE_ERROR, 0, "%s: cannot be removed: %s", path, g_strerror(errno));
			return false;
		}
	}
	return true;
}

bool sim_results_claim(const char *folder, bool force, GError **error)
{
	g_autofree char *manifest = g_build_filename(folder, MANIFEST, NULL);

	if (g_file_test(folder, G_FILE_TEST_EXISTS) && !g_file_test(folder, G_FILE_TEST_IS_DIR)) {
		g_set_error(error, SIM_SCENARIO_ERROR, 0, "%s: is not a folder: choose another one with -o", folder);
		return false;
	}
	if (!g_file_test(folder, G_FILE_TEST_EXISTS) && g_mkdir_with_parents(folder, 0777) != 0) {
		g_set_error(error, G_FILE_ERROR, 0, "%s: cannot be created: %s", folder, g_strerror(errno));
		return false;
	}
	if (is_empty(folder))
		return true;
	if (!force) {
		g_set_error(error, SIM_SCENARIO_ERROR, 0,
			    "%s: is not empty: choose another folder with -o, or replace its results with --force",
			    folder);
		return false;
	}
	if (!sim_manifest_is_ours(manifest)) {
		g_set_error(
		    error, SIM_SCENARIO_ERROR, 0,
		    "%s: is not empty and holds no results of ours, so --force leaves it alone: choose another "
		    "folder with -o",
		    folder);
		return false;
	}
	return remove_own_files(folder, error);
}

/* libcsv's writer quotes whatever it is given, so it is given what needs it. */
static void add_text(GString *out, const char *text)
{
	size_t n = strlen(text);

	if (strpbrk(text, ",\"\r\n") == NULL && !g_str_has_prefix(text, " ") && !g_str_has_suffix(text, " ")) {
		g_string_append(out, text);
		return;
	}
	size_t room = csv_write(NULL, 0, text, n), at = out->len;

	g_string_set_size(out, at + room);
	csv_write(out->str + at, room, text, n);
}

static void add_field(GString *out, const char *text)
{
	add_text(out, text);
	g_string_append_c(out, ',');
}

static void add_number(GString *out, double number)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	add_field(out, g_ascii_formatd(text, sizeof(text), "%.17g", number));
}

static void add_count(GString *out, guint64 count)
{
	g_string_append_printf(out, "%" G_GUINT64_FORMAT ",", count);
}

GString *sim_results_runs_csv(const struct sim_campaign *campaign)
{
	GString *out = g_string_new("config,iteration,replication,run,module,flow,metric,statistic,value,unit\n");

	for (guint i = 0; i < campaign->n_jobs; i++) {
		const struct sim_job *job = &campaign->jobs[i];

		for (guint k = 0; job->state == SIM_JOB_FINISHED && k < job->record.rows->len; k++) {
			const struct sim_row *row = &g_array_index(job->record.rows, struct sim_row, k);

			add_field(out, sim_scenario_config(campaign->scenario));
			add_field(out, sim_scenario_iteration(campaign->scenario, job->iteration));
			add_count(out, job->replication);
			add_count(out, job->run);
			add_field(out, row->module);
			add_field(out, row->flow);
			add_field(out, row->metric);
			add_field(out, row->statistic);
			add_number(out, row->value);
			add_text(out, row->unit);
			g_string_append_c(out, '\n');
		}
	}
	return out;
}

GString *sim_results_summary_csv(const struct sim_campaign *campaign, const GArray *summary)
{
	GString *out = g_string_new(
	    "config,iteration,module,flow,metric,statistic,estimate,low,high,confidence,n,method,unit,verdict\n");

	for (guint i = 0; i < summary->len; i++) {
		const struct sim_summary_row *row = &g_array_index(summary, struct sim_summary_row, i);
		const struct sim_estimate *e = &row->estimate;

		add_field(out, sim_scenario_config(campaign->scenario));
		add_field(out, sim_scenario_iteration(campaign->scenario, row->iteration));
		add_field(out, row->module);
		add_field(out, row->flow);
		add_field(out, row->metric);
		add_field(out, row->statistic);
		add_number(out, e->mean);
		if (e->interval) {
			add_number(out, e->low);
			add_number(out, e->high);
		} else {
			g_string_append(out, ",,");
		}
		add_number(out, SIM_CONFIDENCE);
		add_count(out, e->n);
		add_field(out, e->method);
		add_field(out, row->unit);
		add_text(out, e->verdict);
		g_string_append_c(out, '\n');
	}
	return out;
}

static bool write_text(const char *folder, const char *name, const char *text, gsize length, GError **error)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	return g_file_set_contents(path, text, (gssize)length, error);
}

static bool write_tables(const char *folder, const struct sim_campaign *campaign, const GArray *summary,
			 GError **error)
{
	g_autoptr(GString) runs = sim_results_runs_csv(campaign);
	g_autoptr(GString) table = sim_results_summary_csv(campaign, summary);

	return write_text(folder, RUNS, runs->str, runs->len, error) &&
	       write_text(folder, SUMMARY, table->str, table->len, error);
}

bool sim_results_write(const char *folder, const struct sim_campaign *campaign, const GArray *summary,
		       const struct sim_account *account, GError **error)
{
	if (summary != NULL && !write_tables(folder, campaign, summary, error))
		return false;
	g_autofree char *manifest = sim_manifest_print(campaign, account);

	return write_text(folder, MANIFEST, manifest, strlen(manifest), error);
}
