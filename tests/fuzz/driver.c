/* Runs a fuzz target on each file that is named, and on each file of a folder that is named: what libFuzzer does with
 * a corpus, for compilers without it. A violation ends the process. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/target.h"

static unsigned ran;

static void run_file(const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	gsize n;

	if (!g_file_get_contents(path, &text, &n, &error)) {
		fprintf(stderr, "%s\n", error->message);
		exit(1);
	}
	printf("%s\n", path);
	fflush(stdout);                      /* the last one named is the one that failed */
	uint8_t *exact = g_memdup2(text, n); /* without the terminator: a sanitizer sees looks beyond the end */

	LLVMFuzzerTestOneInput(exact, n);
	g_free(exact);
	ran++;
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const char *const *)a, *(const char *const *)b);
}

static void run_folder(const char *path)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);

	for (const char *name; folder != NULL && (name = g_dir_read_name(folder)) != NULL;)
		g_ptr_array_add(names, g_build_filename(path, name, NULL));
	g_ptr_array_sort(names, by_name);
	for (guint i = 0; i < names->len; i++)
		run_file(g_ptr_array_index(names, i));
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (g_file_test(argv[i], G_FILE_TEST_IS_DIR))
			run_folder(argv[i]);
		else
			run_file(argv[i]);
	}
	printf("%u inputs\n", ran);
	return ran > 0 ? 0 : 1;
}
