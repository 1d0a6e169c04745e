#include "sim/study/report.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "sim/study/param.h"
#include "sim/study/plot.h"
#include "sim/study/report_parts.h"

#define PAGE "report.html"
#define PLOTS "plots"

G_DEFINE_QUARK(sim_report_error_quark, sim_report_error)

static bool write_file(const char *folder, const char *name, const char *suffix, const char *text, GError **error)
{
	g_autofree char *file = g_strconcat(name, suffix, NULL);
	g_autofree char *path = g_build_filename(folder, file, NULL);
	g_autoptr(GError) reason = NULL;

	if (g_file_set_contents(path, text, -1, &reason))
		return true;
	g_set_error(error, SIM_REPORT_ERROR, 0, "%s: cannot be written: %s", path, reason->message);
	return false;
}

static bool make_folder(const char *folder, GError **error)
{
	if (g_mkdir_with_parents(folder, 0777) == 0)
		return true;
	g_set_error(error, SIM_REPORT_ERROR, 0, "%s: cannot be created: %s", folder, g_strerror(errno));
	return false;
}

/* ---- figures ---- */

static void remove_file(const char *folder, const char *name, gsize n, const char *suffix)
{
	g_autofree char *file = g_strdup_printf("%.*s%s", (int)n, name, suffix);
	g_autofree char *path = g_build_filename(folder, file, NULL);

	g_unlink(path);
}

/* The figures of an earlier report: those whose script is ours. */
static void remove_figures(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL), *text = NULL;

		if (!g_str_has_suffix(name, ".gp") || !g_file_get_contents(path, &text, NULL, NULL) ||
		    !g_str_has_prefix(text, FIGURE_SCRIPT_MARK))
			continue;
		remove_file(folder, name, strlen(name) - 3, ".svg");
		remove_file(folder, name, strlen(name) - 3, ".dat");
		remove_file(folder, name, strlen(name) - 3, ".gp");
	}
}

/* Its first lines, on one. */
static char *squeeze(const char *text)
{
	g_autofree char *copy = g_strstrip(g_strdup(text));

	if (strlen(copy) > 300)
		copy[300] = '\0';
	return g_strdelimit(g_utf8_make_valid(copy, -1), "\r\n", ' ');
}

static bool run_gnuplot(const char *folder, const char *script, GError **error)
{
	char name[] = "gnuplot", settings[] = "--default-settings";
	char *arguments[] = {name, settings, (char *)(guintptr)script, NULL};
	g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "LC_ALL", "C.UTF-8", TRUE);
	g_autofree char *out = NULL, *err = NULL;
	g_autoptr(GError) reason = NULL;
	int status;

	if (!g_spawn_sync(folder, arguments, environment, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err, &status,
			  &reason)) {
		g_set_error(
		    error, SIM_REPORT_ERROR, 0,
		    "gnuplot cannot be started: %s: install it (Debian's package gnuplot-nox), or add it to PATH",
		    reason->message);
		return false;
	}
	if (g_spawn_check_wait_status(status, &reason))
		return true;
	g_autofree char *said = squeeze(err);

	g_set_error(error, SIM_REPORT_ERROR, 0, "%s" G_DIR_SEPARATOR_S "%s: gnuplot failed (%s): %s", folder, script,
		    reason->message, *said != '\0' ? said : "it said nothing");
	return false;
}

static bool draw(struct reporter *r, const char *folder, const struct figure *f, GError **error)
{
	g_autofree char *data = figure_print_data(f), *script = figure_print_script(f);
	g_autofree char *name = g_strconcat(f->name, ".gp", NULL), *image = g_strconcat(f->name, ".svg", NULL);
	g_autofree char *path = g_build_filename(folder, image, NULL);
	g_autoptr(GError) reason = NULL;
	char *svg;
	gsize n;

	if (!write_file(folder, f->name, ".dat", data, error) || !write_file(folder, f->name, ".gp", script, error) ||
	    !run_gnuplot(folder, name, error))
		return false;
	if (!g_file_get_contents(path, &svg, &n, &reason)) {
		g_set_error(error, SIM_REPORT_ERROR, 0, "%s: gnuplot did not write it: %s", path, reason->message);
		return false;
	}
	g_ptr_array_add(r->svgs, g_bytes_new_take(svg, n));
	return true;
}

static bool draw_all(struct reporter *r, const char *folder, GError **error)
{
	g_autofree char *plots = g_build_filename(folder, PLOTS, NULL);

	if (!make_folder(plots, error))
		return false;
	remove_figures(plots);
	for (guint i = 0; i < r->figures->len; i++)
		if (!draw(r, plots, r->figures->pdata[i], error))
			return false;
	return true;
}

bool sim_report_write(const struct sim_archive *archive, const struct sim_model *model, const char *folder,
		      GError **error)
{
	if (strcmp(archive->model, model->name) != 0) {
		g_set_error(error, SIM_SCENARIO_ERROR, 0,
			    "%s" G_DIR_SEPARATOR_S
			    "manifest.json: model: is %s, not %s: report it with the program that "
			    "ran it",
			    archive->folder, archive->model, model->name);
		return false;
	}
	struct reporter r = {
	    .archive = archive,
	    .model = model,
	    .factors = factors_find(archive),
	    .notes = g_ptr_array_new_with_free_func(g_free),
	    .svgs = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref),
	};

	r.cases = cases_find(archive, r.factors);
	r.figures = plots_make(archive, model, r.notes);
	bool fine = draw_all(&r, folder, error);
	g_autofree char *page = fine ? report_page(&r) : NULL;

	fine = fine && write_file(folder, PAGE, "", page, error);
	g_ptr_array_unref(r.factors);
	g_ptr_array_unref(r.cases);
	g_ptr_array_unref(r.figures);
	g_ptr_array_unref(r.svgs);
	g_ptr_array_unref(r.notes);
	return fine;
}
