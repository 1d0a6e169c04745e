#include <string.h>

#include "models/cli/calibrate.h"
#include "models/cli/cli.h"
#include "models/crypto/cost.h"
#include "sim/study/text.h"

#define THREADS_MAX 1024
#define REPEATS_MIN 3

/* What the options say, as it is written. */
struct words {
	char *stores, *threads, *seconds, *form;
};

static const struct calibrate_store *find_store(const char *name)
{
	for (size_t i = 0; i < calibrate_n_stores; i++)
		if (strcmp(calibrate_stores[i].name, name) == 0)
			return &calibrate_stores[i];
	return NULL;
}

static int refuse_store(const char *name)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autoptr(GString) list = g_string_new(NULL);

	for (size_t i = 0; i < calibrate_n_stores; i++) {
		g_ptr_array_add(names, (gpointer)(uintptr_t)calibrate_stores[i].name);
		g_string_append_printf(list, "%s%s", i > 0 ? ", " : "", calibrate_stores[i].name);
	}
	g_ptr_array_add(names, NULL);
	const char *near = sim_nearest(name, (const char *const *)(const void *)names->pdata);

	return cli_refuse("calibrate: --stores: unknown store \"%s\"%s%s%s (there are %s; or `none`)", name,
			  near != NULL ? ": did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "",
			  list->str);
}

static int read_stores(struct calibrate_options *o, const char *text)
{
	if (text == NULL) {
		for (size_t i = 0; i < calibrate_n_stores; i++)
			g_ptr_array_add(o->stores, (gpointer)(uintptr_t)&calibrate_stores[i]);
		return CLI_DONE;
	}
	g_auto(GStrv) names = sim_split(text);

	if (strcmp(text, "none") == 0)
		return CLI_DONE;
	for (guint i = 0; names[i] != NULL; i++) {
		const struct calibrate_store *store = find_store(names[i]);

		if (store == NULL)
			return refuse_store(names[i]);
		if (g_ptr_array_find(o->stores, store, NULL))
			return cli_refuse("calibrate: --stores: %s is there twice", names[i]);
		g_ptr_array_add(o->stores, (gpointer)(uintptr_t)store);
	}
	return CLI_DONE;
}

static int read_threads(struct calibrate_options *o, const char *text)
{
	g_auto(GStrv) parts = sim_split(text != NULL ? text : o->quick ? "1,2" : "1,2,4,8,16");
	guint before = 0;

	for (guint i = 0; parts[i] != NULL; i++) {
		guint64 n;

		if (!g_ascii_string_to_unsigned(parts[i], 10, 1, THREADS_MAX, &n, NULL) || n <= before)
			return cli_refuse("calibrate: --threads=%s: write numbers of threads from 1 to %d, "
					  "ascending: 1,2,4",
					  text, THREADS_MAX);
		before = (guint)n;
		g_array_append_val(o->threads, before);
	}
	return CLI_DONE;
}

static int read_seconds(struct calibrate_options *o, const char *text)
{
	char *end = NULL;

	o->seconds = text != NULL ? g_ascii_strtod(text, &end) : o->quick ? 0.05 : 1;
	if (text == NULL || (end != text && *end == '\0' && o->seconds >= 0.001 && o->seconds <= 3600))
		return CLI_DONE;
	return cli_refuse("calibrate: --seconds=%s: write a number from 0.001 to 3600", text);
}

static int check(struct calibrate_options *o, const struct words *w)
{
	static const char *const forms[] = {"auto", "plain", "json", NULL};

	if (o->repeats < REPEATS_MIN || o->repeats > 1000)
		return cli_refuse("calibrate: --repeats=%d: a spread needs at least %d, and 1000 are enough",
				  o->repeats, REPEATS_MIN);
	if (!sim_is_name(o->class))
		return cli_refuse("calibrate: --class=%s: a name has letters, digits and _ - . only", o->class);
	if (cost_profile_find(o->class) != NULL)
		return cli_refuse("calibrate: --class=%s: there is a device class of that name: choose another",
				  o->class);
	if (*o->folder == '\0' || (o->data != NULL && *o->data == '\0'))
		return cli_refuse("calibrate: %s: the folder's name is empty", *o->folder == '\0' ? "-o" : "--data");
	if (!sim_progress_choose(w->form, o->quiet, stderr, &o->progress)) {
		const char *near = sim_nearest(w->form, forms);

		return cli_refuse("calibrate: --progress=%s: %s%s%swrite auto, plain or json", w->form,
				  near != NULL ? "did you mean " : "", near != NULL ? near : "",
				  near != NULL ? "? " : "");
	}
	return CLI_DONE;
}

static int read_words(struct calibrate_options *o, const struct words *w)
{
	int code;

	o->folder = o->folder != NULL ? o->folder : g_strdup("results/calibration");
	o->class = o->class != NULL ? o->class : g_strdup("measured");
	if ((code = read_stores(o, w->stores)) != CLI_DONE || (code = read_threads(o, w->threads)) != CLI_DONE ||
	    (code = read_seconds(o, w->seconds)) != CLI_DONE)
		return code;
	return check(o, w);
}

int calibrate_options_parse(struct calibrate_options *o, int argc, char **argv)
{
	struct words w = {NULL};
	const GOptionEntry entries[] = {
	    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &o->folder, NULL, NULL},
	    {"stores", 0, 0, G_OPTION_ARG_FILENAME, &w.stores, NULL, NULL},
	    {"threads", 0, 0, G_OPTION_ARG_FILENAME, &w.threads, NULL, NULL},
	    {"seconds", 0, 0, G_OPTION_ARG_FILENAME, &w.seconds, NULL, NULL},
	    {"repeats", 0, 0, G_OPTION_ARG_INT, &o->repeats, NULL, NULL},
	    {"class", 0, 0, G_OPTION_ARG_FILENAME, &o->class, NULL, NULL},
	    {"data", 0, 0, G_OPTION_ARG_FILENAME, &o->data, NULL, NULL},
	    {"quick", 0, 0, G_OPTION_ARG_NONE, &o->quick, NULL, NULL},
	    {"check", 0, 0, G_OPTION_ARG_NONE, &o->check, NULL, NULL},
	    {"force", 0, 0, G_OPTION_ARG_NONE, &o->force, NULL, NULL},
	    {"quiet", 0, 0, G_OPTION_ARG_NONE, &o->quiet, NULL, NULL},
	    {"progress", 0, 0, G_OPTION_ARG_FILENAME, &w.form, NULL, NULL},
	    {NULL},
	};

	*o = (struct calibrate_options){
	    .repeats = REPEATS_MIN, .stores = g_ptr_array_new(), .threads = g_array_new(FALSE, FALSE, sizeof(guint))};
	int code = cli_options(entries, argc, argv, 0, NULL);

	if (code == CLI_DONE)
		code = read_words(o, &w);
	g_free(w.stores);
	g_free(w.threads);
	g_free(w.seconds);
	g_free(w.form);
	return code;
}

void calibrate_options_clear(struct calibrate_options *o)
{
	g_ptr_array_unref(o->stores);
	g_array_unref(o->threads);
	g_free(o->folder);
	g_free(o->data);
	g_free(o->class);
}
