#include "models/cli/calibrate.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "models/cli/cli.h"
#include "models/cli/stop.h"

#define ROUNDS 11   /* of cryptography */
#define ROUND_MS 10 /* CPU time of each of its operations in each */
#define FLUSHES 200
#define BUSY 0.5 /* of the cores, by others, is too much */

/* The files that will be written, the caller's to unref. */
static GPtrArray *files_of(const struct calibrate_options *o)
{
	GPtrArray *files = g_ptr_array_new_with_free_func(g_free);

	g_ptr_array_add(files, g_build_filename(o->folder, CALIBRATE_DEVICES, NULL));
	g_ptr_array_add(files, g_build_filename(o->folder, CALIBRATE_OPERATIONS_FILE, NULL));
	for (guint i = 0; i < o->stores->len; i++) {
		g_autofree char *name = calibrate_store_file(o->stores->pdata[i]);

		g_ptr_array_add(files, g_build_filename(o->folder, name, NULL));
	}
	return files;
}

/* Makes the folders. CLI_DONE, or what to exit with, having said why. */
static int claim(const struct calibrate_options *o)
{
	g_autoptr(GPtrArray) files = files_of(o);
	const char *const folders[] = {o->folder, o->data};

	for (guint i = 0; !o->force && i < files->len; i++)
		if (g_file_test(files->pdata[i], G_FILE_TEST_EXISTS))
			return cli_refuse(
			    "calibrate: %s: is there already: choose another folder with -o, or replace "
			    "it with --force",
			    (const char *)files->pdata[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(folders) && folders[i] != NULL; i++)
		if (g_mkdir_with_parents(folders[i], 0777) != 0) {
			cli_refuse("calibrate: %s: cannot be created: %s", folders[i], g_strerror(errno));
			return CLI_FAILED;
		}
	return CLI_DONE;
}

/* "161 ns", "1.2 ms" */
static const char *duration(char text[32], double ns)
{
	static const char *const names[] = {"ns", "us", "ms", "s"};
	size_t i = 0;

	for (; ns >= 999.5 && i + 1 < G_N_ELEMENTS(names); i++)
		ns /= 1000;
	g_snprintf(text, 32, "%.3g %s", ns, names[i]);
	return text;
}

static void print_crypto(const struct calibrate_options *o, const struct calibrate_machine *m,
			 const struct calibrate_crypto *crypto)
{
	char text[4][32];

	printf("%s, %u cores, %s\n\n", m->cpu, m->cores, m->kernel);
	printf("  %-24s %8s  %10s  %-23s  %10s\n", "operation", "octets", "each", "least to greatest", "charged");
	for (int i = 0; i < CALIBRATE_OPERATIONS; i++) {
		const struct calibrate_operation *op = &crypto->operations[i];
		g_autofree char *range =
		    g_strdup_printf("%s to %s", duration(text[1], op->ns.min), duration(text[2], op->ns.max));

		printf("  %-24s %8u  %10s  %-23s  %10s\n", op->name, op->octets, duration(text[0], op->ns.median),
		       range, duration(text[3], calibrate_charged(crypto, op)));
	}
	printf("\nclass %s: SHA-256 compression %s, PBKDF2 iteration %s, AES-256 block %s\n", o->class,
	       duration(text[0], crypto->units[CALIBRATE_COMPRESSION].median),
	       duration(text[1], crypto->units[CALIBRATE_PBKDF2_ITERATION].median),
	       duration(text[2], crypto->units[CALIBRATE_AES_BLOCK].median));
}

static void print_flush(const struct calibrate_machine *m, const struct calibrate_flush *flush)
{
	char text[2][32];

	printf("flush of 4 KiB (%s): %s, p99 %s\n\n", m->file_system, duration(text[0], flush->p50),
	       duration(text[1], flush->p99));
	printf("  %-21s %7s  %13s  %-17s  %9s %9s  %9s %9s  %6s\n", "store", "threads", "assignments/s",
	       "least to greatest", "look p50", "p99", "insert p50", "p99", "busy");
}

static void print_curve(const struct calibrate_options *o, const struct calibrate_curve *curve)
{
	for (guint i = 0; i < curve->points->len; i++) {
		const struct calibrate_point *p = &g_array_index(curve->points, struct calibrate_point, i);
		const struct calibrate_spread *throughput = &p->spread[CALIBRATE_THROUGHPUT];
		g_autofree char *range = g_strdup_printf("%.0f to %.0f", throughput->min, throughput->max);
		double busy = 0;
		char text[4][32];

		for (int r = 0; r < o->repeats; r++)
			busy += p->figures[CALIBRATE_BUSY][r];
		printf("  %-21s %7u  %13.0f  %-17s  %9s %9s  %10s %9s  %6.0f\n", i == 0 ? curve->store->name : "",
		       p->threads, throughput->median, range, duration(text[0], p->spread[CALIBRATE_LOOK_P50].median),
		       duration(text[1], p->spread[CALIBRATE_LOOK_P99].median),
		       duration(text[2], p->spread[CALIBRATE_INSERT_P50].median),
		       duration(text[3], p->spread[CALIBRATE_INSERT_P99].median), busy);
	}
	fflush(stdout);
}

/* False with *error, or with none when it was interrupted. */
static bool do_crypto(const struct calibrate_options *o, const struct calibrate_machine *m,
		      struct sim_progress *progress, GError **error)
{
	struct calibrate_crypto crypto = {0};

	if (!calibrate_crypto_measure(&crypto, o->quick ? 3 : ROUNDS, o->quick ? 1 : ROUND_MS, progress) ||
	    !calibrate_write_crypto(o, m, &crypto, error))
		return false;
	sim_progress_clear(progress);
	if (!o->quiet)
		print_crypto(o, m, &crypto);
	return true;
}

static bool do_store(const struct calibrate_options *o, const struct calibrate_machine *m,
		     const struct calibrate_store *store, const struct calibrate_flush *flush,
		     struct sim_progress *progress, GError **error)
{
	struct calibrate_curve curve;
	bool done = calibrate_store_measure(&curve, store, o, progress, error) &&
		    calibrate_write_curve(o, m, &curve, flush, error);

	if (done && !o->quiet) {
		sim_progress_clear(progress);
		print_curve(o, &curve);
	}
	calibrate_curve_clear(&curve);
	return done;
}

static bool do_all(const struct calibrate_options *o, const struct calibrate_machine *m,
		   struct sim_progress *progress, GError **error)
{
	const char *data = o->data != NULL ? o->data : o->folder;
	struct calibrate_flush flush;

	if (!do_crypto(o, m, progress, error))
		return false;
	if (o->stores->len == 0)
		return true;
	if (!calibrate_flush_measure(&flush, data, o->quick ? 20 : FLUSHES, error))
		return false;
	if (!o->quiet)
		print_flush(m, &flush);
	for (guint i = 0; i < o->stores->len; i++)
		if (!do_store(o, m, o->stores->pdata[i], &flush, progress, error))
			return false;
	return true;
}

/* Figures of stores are of real time. */
static void warn_of_load(const struct calibrate_machine *m)
{
	if (m->load > m->cores * BUSY)
		fprintf(stderr,
			CLI_NAME
			": warning: %.1f threads wanted to run here in the last minute, on %u cores: what stores "
			"take is measured in real time, so repeat this when the machine has nothing else to do\n",
			m->load, m->cores);
}

static int calibrate(const struct calibrate_options *o)
{
	struct calibrate_machine machine = calibrate_machine_of(o->data != NULL ? o->data : o->folder);
	struct sim_progress progress = sim_progress_start(
	    o->progress, stderr, (o->quick ? 3 : ROUNDS) + o->stores->len * calibrate_store_steps(o));
	g_autoptr(GError) error = NULL;

	progress.noun = "measurements";
	warn_of_load(&machine);
	cli_catch_signals();
	signal(SIGPIPE, SIG_IGN); /* a store that has ended is told of, and is not our end */
	bool done = do_all(o, &machine, &progress, &error);

	sim_progress_end(&progress);
	calibrate_machine_clear(&machine);
	if (error != NULL) {
		cli_refuse("calibrate: %s", error->message);
		return CLI_FAILED;
	}
	if (!done) {
		fprintf(stderr, CLI_NAME ": interrupted: what was finished is in %s\n", o->folder);
		return 128 + cli_stop_signal;
	}
	if (!o->quiet)
		printf("\nResults: %s/" CALIBRATE_DEVICES ", " CALIBRATE_OPERATIONS_FILE "%s\n", o->folder,
		       o->stores->len > 0 ? ", store-*.csv" : "");
	return CLI_DONE;
}

int cli_calibrate(int argc, char **argv, const struct sim_model *model)
{
	struct calibrate_options options;
	int code = calibrate_options_parse(&options, argc, argv);

	(void)model;
	if (code == CLI_DONE && options.check)
		code = calibrate_check(&options);
	else if (code == CLI_DONE && (code = claim(&options)) == CLI_DONE)
		code = calibrate(&options);
	calibrate_options_clear(&options);
	return code;
}
